package test

import (
	"path/filepath"
	"testing"
	"time"
)

// TestIgnoredSignals looks whether a program ignores what hindsight was told to
// ignore, as nohup(1), a shell's & and a service's manager do.
func TestIgnoredSignals(t *testing.T) {
	dir := keepDir(t)
	file := filepath.Join(dir, "recording")
	ignoring := func(argv ...string) command {
		sh := []string{"sh", "-c", `trap "" HUP INT QUIT PIPE TERM TSTP USR1 WINCH; exec "$@"`, "sh"}
		return command{argv: append(sh, argv...), dir: dir, timeout: time.Minute}
	}
	program := []string{"grep", "SigIgn", "/proc/self/status"}
	want, err := ignoring(program...).run()
	if err != nil || want.status != 0 {
		t.Fatalf("native: status %d, %v\n%s", want.status, err, want.stderr)
	}
	for _, c := range []command{
		ignoring(append([]string{hindsight, "record", "-o", file, "--"}, program...)...),
		{argv: []string{hindsight, "replay", "--autopilot", file}, dir: dir, timeout: time.Minute},
	} {
		got, err := c.run()
		if err != nil || got.status != 0 || string(got.stdout) != string(want.stdout) {
			t.Errorf("status %d, %v: %q, want %q\n%s\nto reproduce: %s", got.status, err, got.stdout, want.stdout, got.stderr, c)
		}
	}
}
