package test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what gdb prints into the golden sessions")

// masks take out of gdb's output what differs from run to run.
var masks = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`(Thread|process|LWP) [0-9]+(\.[0-9]+)?`), "$1 ID"},
	{regexp.MustCompile(`tick [0-9,]+`), "tick T"},
	{regexp.MustCompile(`event [0-9,]+ of [0-9,]+`), "event E of N"},
	{regexp.MustCompile(`[0-9]+(\.[0-9]+)?%`), "P%"},
	{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+( UTC)?`), "TIME"},
	{regexp.MustCompile(`(\.\.?/)+(sysdeps|nptl|stdio-common|stdlib|string|signal|csu)/[^ ,:]*:[0-9]+`), "LIBC"},
	{regexp.MustCompile(`\b__(\w+)_(avx|evex|sse|erms)\w*`), "__${1}_CPU"},
	{regexp.MustCompile(`0x[0-9a-f]{5,} in (__\w+_CPU)`), "$1"},
	{regexp.MustCompile(`0x[0-9a-f]{5,}`), "ADDR"},
}

// noise are gdb's lines about its own surroundings, and about where libc's
// sources would be.
var noise = regexp.MustCompile(`^warning: |^Reading /.* from remote target|^(ADDR\t)?[0-9]+\t(in )?(\./|\.\./|LIBC)`)

// TestGDB runs the sessions in testdata/gdb: a program, commands for the real
// gdb on its recording, and what gdb prints. The comment of a session may
// have lines "flags: FLAG...", for the compiler, and "cpu: FEATURE...".
func TestGDB(t *testing.T) {
	if _, err := exec.LookPath("gdb"); err != nil {
		t.Skip("gdb is not installed")
	}
	if !replayable() {
		t.Skip("this build cannot replay")
	}
	files, err := filepath.Glob("testdata/gdb/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			runSession(t, file)
		})
	}
}

func runSession(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, feature := range sessionOption(a, "cpu") {
		needCPU(t, feature)
	}
	dir := keepDir(t)
	for _, f := range a.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	recordSession(t, a, dir)
	c := command{
		argv: []string{hindsight, "replay", "recording", "--", "-q", "-batch", "-d", dir,
			"-ex", "set pagination off", "-ex", "set width 0", "-ex", "set trace-commands on", "-x", "commands"},
		dir: dir, timeout: 3 * time.Minute,
	}
	out, status, err := c.runOnTerminal(nil)
	got := mask(out)
	if err != nil || status != 0 {
		t.Errorf("gdb ended with status %d, %v\n%s\nto reproduce: %s", status, err, got, c)
		return
	}
	golden := &a.Files[len(a.Files)-1]
	if golden.Name != "golden" {
		t.Fatalf("%s: the last part is %q, not golden", file, golden.Name)
	}
	if *update {
		golden.Data = got
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(string(golden.Data), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("gdb's output differs (-want +got):\n%sto reproduce: %s", diff, c)
	}
}

// recordSession compiles and records a session's program. Its sources are
// known to gdb by their names alone.
func recordSession(t *testing.T, a *txtar.Archive, dir string) {
	t.Helper()
	args := append([]string{"-g", "-O0", "-ffile-prefix-map=" + dir + "=.", "-o", "program", "program.c"}, sessionOption(a, "flags")...)
	gcc := exec.Command("gcc", args...)
	gcc.Dir = dir
	if out, err := gcc.CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	c := command{argv: []string{"./program"}, dir: dir, timeout: time.Minute}.under("record", "-o", "recording")
	if o, err := c.run(); err != nil || o.status == 125 {
		t.Fatalf("record: status %d, %v\n%s", o.status, err, o.ours)
	}
}

// sessionOption returns the words of a line "NAME: WORD..." in a session's
// comment.
func sessionOption(a *txtar.Archive, name string) []string {
	for line := range bytes.Lines(a.Comment) {
		if words, ok := bytes.CutPrefix(line, []byte(name+":")); ok {
			return strings.Fields(string(words))
		}
	}
	return nil
}

// needCPU skips a test on a CPU without a feature of /proc/cpuinfo.
func needCPU(t *testing.T, feature string) {
	t.Helper()
	p, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(p), " "+feature+" ") {
		t.Skipf("this CPU has no %s", feature)
	}
}

func mask(out []byte) []byte {
	for _, m := range masks {
		out = m.pattern.ReplaceAll(out, []byte(m.by))
	}
	var b bytes.Buffer
	for line := range bytes.Lines(out) {
		if noise.Match(line) {
			continue
		}
		fmt.Fprintf(&b, "%s\n", bytes.TrimRight(line, " \t\r\n"))
	}
	return b.Bytes()
}

// TestGDBOutput looks for what somebody redirects who uses gdb in a script.
func TestGDBOutput(t *testing.T) {
	if _, err := exec.LookPath("gdb"); err != nil {
		t.Skip("gdb is not installed")
	}
	dir := keepDir(t)
	c := command{argv: []string{"/bin/true"}, dir: dir, timeout: time.Minute}
	if o, err := c.under("record", "-o", "recording").run(); err != nil || o.status != 0 {
		t.Fatalf("record: status %d, %v\n%s", o.status, err, o.ours)
	}
	c.argv = []string{hindsight, "replay", "recording", "--", "-batch", "-ex", "goto end", "-ex", "when", "-ex", "goto nowhere"}
	o, err := c.run()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`(?m)^#0 .* in .*_exit`, `(?m)^tick \d+, pc 0x[0-9a-f]+, event \d+ of \d+, 100\.0%`} {
		if !regexp.MustCompile(want).Match(o.stdout) {
			t.Errorf("no %q in:\n%s", want, o.stdout)
		}
	}
	if want := `hindsight: goto nowhere: "nowhere" is no moment`; !strings.Contains(string(o.ours), want) {
		t.Errorf("no %q in:\n%s%s\nto reproduce: %s", want, o.ours, o.stderr, c)
	}
}
