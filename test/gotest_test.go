package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// goTests are packages whose own tests are programs with many threads,
// signals and children.
var goTests = []struct {
	name string
	full bool // make test-full alone runs it
	skip string
}{
	{name: "context"},
	{name: "sync"},
	{name: "sync/atomic", full: true},
	{name: "os/signal", full: true},
	{name: "os/exec", full: true},
	{name: "os", full: true},
	{name: "net", full: true},
	{name: "time", full: true},
	// One copies 3 GiB of shared memory, one is about strace.
	{name: "runtime", full: true, skip: "TestMemmoveOverflow|TestUsingVDSO"},
}

// TestGo records and replays those that pass natively, without those that
// need the go command.
func TestGo(t *testing.T) {
	for _, p := range goTests {
		t.Run(strings.ReplaceAll(p.name, "/", "-"), func(t *testing.T) {
			if p.full && !stressAll {
				t.Skip("takes minutes: only make test-full runs it")
			}
			t.Parallel()
			s := subject{compare: ownInput}
			s.argv = []string{goTestBinary(t, p.name), "-test.short", "-test.skip", p.skip}
			s.dir, s.timeout = filepath.Join(goRoot(t), "src", p.name), 20*time.Minute
			want := s.native(t)
			if want.status != 0 {
				t.Skipf("fails natively with status %d", want.status)
			}
			for range repeat {
				s.inSchedules(t, want)
			}
		})
	}
}

// goRoot returns where Go is installed; its sources may be missing.
func goRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	root := strings.TrimSpace(string(out))
	if _, missing := os.Stat(filepath.Join(root, "src", "sync")); err != nil || missing != nil {
		t.Skipf("Go's sources are not at %q (%v)", root, err)
	}
	return root
}

// goTestBinary builds the test of a package of Go's library.
func goTestBinary(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(cacheDir, "gotest-"+runtime.Version())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	next := fmt.Sprintf("%s.%d", path, os.Getpid())
	cmd := exec.Command("go", "test", "-c", "-o", next, name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
	return path
}
