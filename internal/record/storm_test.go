package record_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// These tests record programs that a timer interrupts wherever they are:
// the state that a handler sees, and what goes on behind it, must be that of
// the program alone. What depends on time goes to stderr; the replay must
// repeat it to the last bit.

// repeat is how often each program is recorded.
const repeat = 2

var built struct {
	sync.Once
	path string
	err  error
	dir  string
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// hindsight builds the command.
func hindsight(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "hindsight-record-test"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "hindsight")
		cmd := exec.Command("go", "build", "-o", built.path, "hindsight/cmd/hindsight")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// compile compiles a program of testdata with the flags that its first line
// gives.
func compile(t *testing.T, name string) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("gcc is not installed")
	}
	src := filepath.Join("testdata", name+".c")
	text, err := os.ReadFile(src)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	flags, ok := strings.CutPrefix(line, "// flags: ")
	if !ok {
		t.Fatalf("%s does not begin with its flags", src)
	}
	bin := filepath.Join(t.TempDir(), name)
	args := append(strings.Fields(flags), "-o", bin, src)
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc %v: %v\n%s", args, err, out)
	}
	return bin
}

// outcome is what a run shows.
type outcome struct {
	stdout, stderr string
	status         int // as a shell gives it
}

// run runs a command to its end. One that takes too long is killed together
// with what it has started.
func run(t *testing.T, argv ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("%s: %v (%v)\n%s", strings.Join(argv, " "), err, ctx.Err(), &stderr)
	}
	o := outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	if ws := cmd.ProcessState.Sys().(syscall.WaitStatus); ws.Signaled() {
		o.status = 128 + int(ws.Signal())
	}
	return o
}

func TestSignals(t *testing.T) {
	tests := []struct {
		name    string
		program []string
		flags   []string // of record
	}{
		{"storm", []string{"storm", "5", "1000"}, nil},
		{"storm-check", []string{"storm", "5", "1000"}, []string{"--check", "--check-every=1ms"}},
		{"storm-altstack", []string{"storm", "5", "1000", "alt"}, nil},
		{"storm-small-log", []string{"storm", "5", "2000"}, []string{"--log-size=8192"}},
		{"storm-small-cache", []string{"storm", "2", "2000"}, []string{"--cache-size=262144"}},
		{"faults", []string{"faults", "20", "1000"}, nil},
		{"faults-small-log", []string{"faults", "10", "2000"}, []string{"--log-size=8192"}},
		{"escape", []string{"escape", "300"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			argv := append([]string{compile(t, tt.program[0])}, tt.program[1:]...)
			native := run(t, argv...)
			if native.status != 0 {
				t.Fatalf("alone: status %d, %s", native.status, native.stderr)
			}
			for i := range repeat {
				recordAndReplay(t, native, tt.flags, argv)
				if t.Failed() {
					t.Fatalf("time %d", i+1)
				}
			}
		})
	}
}

func recordAndReplay(t *testing.T, native outcome, flags, argv []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recording")
	command := append(append([]string{hindsight(t), "record", "-o", file}, flags...), "--")
	recorded := run(t, append(command, argv...)...)
	if recorded.stdout != native.stdout || recorded.status != 0 {
		t.Errorf("recorded: status %d, stdout %q, want %q; stderr %s", recorded.status, recorded.stdout, native.stdout, recorded.stderr)
		return
	}
	if replayed := run(t, hindsight(t), "replay", "--autopilot", file); replayed != recorded {
		t.Errorf("replayed: %+v\nrecorded: %+v", replayed, recorded)
	}
}
