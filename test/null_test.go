package test

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Where the standard output is /dev/null, what a program copies there within
// the kernel is not missed in replay, and not refused.
func TestOutputToNull(t *testing.T) {
	const python = "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil {
		t.Skip("python3 is not installed")
	}
	const program = "import os, sys; sys.exit(os.sendfile(1, os.open(sys.executable, os.O_RDONLY), None, 100) != 100)"
	file := filepath.Join(t.TempDir(), "recording")
	for _, argv := range [][]string{
		{"sh", "-c", `exec "$@" >/dev/null`, "sh", hindsight, "record", "-o", file, "--", python, "-c", program},
		{hindsight, "replay", "--autopilot", file},
	} {
		c := command{argv: argv, dir: "/", timeout: time.Minute}
		if o, err := c.run(); err != nil || o.status != 0 {
			t.Fatalf("%v: status %d, %v\n%s%s", c, o.status, err, o.ours, o.stderr)
		}
	}
}
