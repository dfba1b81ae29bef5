package test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A complaint is a command line that must end with one line on stderr, and
// leave nothing behind.
type complaint struct {
	name   string
	args   []string // of hindsight, in a directory of strange files
	nobody bool
	status int
	says   string // a regular expression that the line matches
}

var complaints = []complaint{
	{name: "no-command", args: words(""), status: 2, says: "record, replay, serve, info, ps or events"},
	{name: "unknown-command", args: words("rewind x"), status: 2, says: "rewind"},
	{name: "no-program", args: words("record"), status: 2, says: "which program"},
	{name: "missing", args: words("record -o out ./missing"), status: 125, says: "missing: no such file"},
	{name: "missing-in-path", args: words("record -o out missing"), status: 125, says: "missing: no such program"},
	{name: "directory", args: words("record -o out /tmp"), status: 125, says: "is a directory"},
	{name: "not-executable", args: words("record -o out ./not-executable"), nobody: true, status: 125, says: "not permitted to execute"},
	{name: "text", args: words("record -o out ./text"), status: 125, says: "not a program: neither ELF nor a script"},
	{name: "empty", args: words("record -o out ./empty"), status: 125, says: "not a program"},
	{name: "32-bit", args: words("record -o out ./elf32"), status: 125, says: "32-bit program"},
	{name: "foreign", args: words("record -o out ./elf-arm64"), status: 125, says: "EM_AARCH64: only x86-64"},
	{name: "cut-program", args: words("record -o out ./elf-cut"), status: 125, says: "cut"},
	{name: "broken-program", args: words("record -o out ./elf-broken"), status: 125, says: "elf-broken: .*format"},
	{name: "broken-interpreter", args: words("record -o out ./script"), status: 125, says: "no such|not found"},
	{name: "output-in-missing", args: words("record -o /nonexistent/out true"), status: 125, says: "/nonexistent/out: no such file"},
	{name: "output-is-directory", args: words("record -o /tmp true"), status: 125, says: "is a directory"},
	{name: "output-forbidden", args: words("record -o out true"), nobody: true, status: 125, says: "permission denied"},
	{name: "output-full", args: words("record -o /dev/full true"), status: 125, says: "no space left on device"},

	{name: "info-missing", args: words("info missing"), status: 2, says: "missing: no such file"},
	{name: "info-directory", args: words("info /tmp"), status: 2, says: "not a recording"},
	{name: "info-empty", args: words("info empty"), status: 2, says: "not a recording"},
	{name: "info-text", args: words("info text"), status: 2, says: "not a recording"},
	{name: "info-program", args: words("info /bin/true"), status: 2, says: "not a recording"},
	{name: "info-unreadable", args: words("info unreadable"), nobody: true, status: 2, says: "permission denied|not permitted"},
	{name: "info-newer", args: words("info newer"), status: 2, says: "version|newer"},
	{name: "events-text", args: words("events text"), status: 2, says: "not a recording"},
	{name: "replay-text", args: words("replay --autopilot text"), status: 2, says: "not a recording"},
	{name: "replay-gdb-text", args: words("replay text"), status: 2, says: "not a recording"},
	{name: "serve-text", args: words("serve text"), status: 2, says: "not a recording"},
	{name: "replay-newer", args: words("replay --autopilot newer"), status: 2, says: "version|newer"},
	{name: "replay-no-file", args: words("replay"), status: 2, says: "which recording"},
}

func TestBadInput(t *testing.T) {
	dir := strangeFiles(t)
	before := listing(t, dir)
	for _, c := range complaints {
		t.Run(c.name, func(t *testing.T) {
			cmd := command{argv: append([]string{hindsight}, c.args...), dir: dir, timeout: 20 * time.Second, nobody: c.nobody}
			o, err := cmd.run()
			if err != nil {
				t.Fatal(err)
			}
			says := regexp.MustCompile(c.says)
			if o.status != c.status || len(o.stdout) != 0 || len(o.stderr) != 0 || bytes.Count(o.ours, []byte("\n")) != 1 || !says.Match(o.ours) {
				t.Errorf("status %d, stdout %q, stderr %q%q\nwant status %d and one line of ours that says %q\nto reproduce: %s",
					o.status, o.stdout, o.stderr, o.ours, c.status, c.says, cmd)
			}
			if after := listing(t, dir); !slices.Equal(before, after) {
				t.Errorf("files are now %q, were %q", after, before)
				before = after
			}
		})
	}
}

// strangeFiles makes a directory of files that are no programs, or no
// recordings.
func strangeFiles(t *testing.T) string {
	t.Helper()
	// Not t.TempDir: nobody may look into it.
	dir, err := os.MkdirTemp("", "hindsight-strange-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	elf := func(class, machine byte) string {
		return "\x7fELF" + string([]byte{class, 1, 1}) + strings.Repeat("\x00", 9) + "\x02\x00" + string([]byte{machine, 0})
	}
	program, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"text": "hello", "empty": "", "script": "#!/nonexistent/interpreter\n",
		"elf32": elf(1, 3), "elf-arm64": elf(2, 183), "elf-cut": "\x7fELF\x02\x01",
		"elf-broken":     elf(2, 62) + strings.Repeat("\x00", 200),
		"not-executable": string(program), "unreadable": "secret",
		"newer": string(newer(t)),
	}
	modes := map[string]os.FileMode{"not-executable": 0o644, "unreadable": 0}
	for name, content := range files {
		mode, ok := modes[name]
		if !ok {
			mode = 0o755
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	return dir
}

// newer returns a recording whose header tells a version of tomorrow: the
// version is a 32-bit number at offset 8 (docs/format.md).
func newer(t *testing.T) []byte {
	t.Helper()
	p, err := os.ReadFile(recordTrue(t))
	if err != nil {
		t.Fatal(err)
	}
	version := p[8:12]
	binary.LittleEndian.PutUint32(version, binary.LittleEndian.Uint32(version)+1000)
	return p
}

// recordTrue returns a new recording of /bin/true.
func recordTrue(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recording")
	c := command{argv: []string{hindsight, "record", "-o", file, "true"}, dir: "/", timeout: 20 * time.Second}
	if o, err := c.run(); err != nil || o.status != 0 {
		t.Fatalf("record true: status %d, %v\n%s", o.status, err, o.ours)
	}
	return file
}

func listing(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestDamagedRecording cuts a recording and flips bits in it. Whatever is
// wrong with it, there is a clear answer, and nothing is taken for true that
// was not recorded.
func TestDamagedRecording(t *testing.T) {
	src := compile(t, "gcc", filepath.Join(root, "test", "testdata", "programs", "events.c"), "-O2")
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	c := command{argv: []string{src}, dir: dir, timeout: 60 * time.Second}
	recorded, err := c.under("record", "-o", whole).run()
	if err != nil || recorded.status != 0 {
		t.Fatalf("record: status %d, %v\n%s", recorded.status, err, recorded.ours)
	}
	p, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	damaged := filepath.Join(dir, "damaged")
	try := func(t *testing.T, p []byte) {
		t.Helper()
		if err := os.WriteFile(damaged, p, 0o600); err != nil {
			t.Fatal(err)
		}
		c := command{argv: []string{hindsight, "replay", "--autopilot", damaged}, dir: dir, timeout: 60 * time.Second}
		o, err := c.run()
		answered := len(o.ours) > 0 && len(o.stderr) == 0 && slices.Contains([]int{0, 2, 125}, o.status)
		if err != nil || !answered && o.status != 0 || !bytes.HasPrefix(recorded.stdout, o.stdout) {
			t.Errorf("status %d, %v, stdout %q, stderr %q%q", o.status, err, o.stdout, o.stderr, o.ours)
		}
	}
	t.Run("cut", func(t *testing.T) {
		for range 12 {
			try(t, p[:random.IntN(len(p))])
		}
	})
	t.Run("flipped", func(t *testing.T) {
		for range 12 {
			q := bytes.Clone(p)
			q[random.IntN(len(q))] ^= 1 << random.IntN(8)
			try(t, q)
		}
	})
}

// TestDiskFull records to a file system that becomes full.
func TestDiskFull(t *testing.T) {
	argv := []string{"unshare", "-m"}
	if os.Getuid() != 0 {
		argv = []string{"unshare", "-rm"}
	}
	if err := exec.Command(argv[0], append(argv[1:], "mount", "-t", "tmpfs", "none", "/mnt")...).Run(); err != nil {
		t.Skipf("no file system can be mounted: %v", err)
	}
	script := `mount -t tmpfs -o size=16m none /mnt
		"$0" record -o /mnt/rec "$1"; echo "status $?"
		"$0" info /mnt/rec >/dev/null; echo "info $?"
		"$0" replay --autopilot /mnt/rec; echo "replay $?"`
	program := compile(t, "gcc", filepath.Join(root, "test", "testdata", "programs", "flood.c"), "-O2")
	c := command{argv: append(argv, "sh", "-c", script, hindsight, program), dir: "/", timeout: 60 * time.Second}
	o, err := c.run()
	if err != nil {
		t.Fatal(err)
	}
	// The program's line is there twice: it was recorded before the disk was full.
	const want = "begins\nstatus 125\ninfo 0\nbegins\nreplay 0\n"
	if string(o.stdout) != want || bytes.Count(o.ours, []byte("no space left on device")) != 1 {
		t.Errorf("printed %q, want %q\n%s%s", o.stdout, want, o.stderr, o.ours)
	}
}

// TestKilledRecorder kills the recorder: the program ends with it, and what
// was written can be replayed.
func TestKilledRecorder(t *testing.T) {
	program := compile(t, "gcc", filepath.Join(root, "test", "testdata", "programs", "flood.c"), "-O2")
	dir := t.TempDir()
	file := filepath.Join(dir, "recording")
	for range 3 {
		c := command{argv: []string{program}, dir: dir, timeout: 2 * time.Second}
		o, err := c.under("record", "-o", file).run()
		if err == nil || o.status != 137 {
			t.Fatalf("the recorder ended by itself: status %d\n%s", o.status, o.ours)
		}
		time.Sleep(200 * time.Millisecond)
		if left := running(t, program); len(left) != 0 {
			t.Errorf("processes %v outlived the recorder", left)
		}
		replay := command{argv: []string{hindsight, "replay", "--autopilot", file}, dir: dir, timeout: 60 * time.Second}
		o, err = replay.run()
		if err != nil || o.status != 0 || string(o.stdout) != "begins\n" {
			t.Errorf("replay: status %d, %v, stdout %q\n%s", o.status, err, o.stdout, o.ours)
		}
	}
}

// running returns the processes that run a program.
func running(t *testing.T, program string) (pids []string) {
	t.Helper()
	exes, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	for _, exe := range exes {
		if path, err := os.Readlink(exe); err == nil && path == program {
			pids = append(pids, filepath.Base(filepath.Dir(exe)))
		}
	}
	return pids
}
