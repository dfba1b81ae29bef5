package replay

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
)

// quietly sends our standard output, which recorded programs inherit, away.
func quietly(t *testing.T) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, fd := range []int{1, 2} {
		saved, err := unix.Dup(fd)
		if err != nil {
			t.Fatal(err)
		}
		unix.CloseOnExec(saved)
		if err := unix.Dup2(int(null.Fd()), fd); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := unix.Dup2(saved, fd); err != nil {
				t.Error(err)
			}
			unix.Close(saved)
		})
	}
}

const redirections = `
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>
int main(void) {
	write(1, "one\n", 4);
	int saved = dup(1), null = open("/dev/null", O_WRONLY);
	dup2(null, 1);
	write(1, "hidden\n", 7);
	write(saved, "two\n", 4);
	int high = fcntl(saved, F_DUPFD_CLOEXEC, 100);
	close(saved);
	write(high, "three\n", 6);
	dup2(high, 1);
	struct iovec v[3] = {{"fo", 2}, {0, 0}, {"ur\n", 3}};
	writev(1, v, 3);
	dup2(2, null);
	dprintf(null, "error %d\n", 5);
	return 7;
}
`

func TestAutopilot(t *testing.T) {
	quietly(t)
	tests := []struct {
		name   string
		source string
		argv   []string
	}{
		{name: "descriptors", source: redirections},
		{name: "handlers", source: handlers},
		{name: "calls", source: manyCalls},
		{name: "list", argv: []string{"ls", "-la", "/etc"}},
		{name: "python", argv: []string{"python3", "-c", "import json; print(json.dumps([x*x for x in range(5000)]))"}},
		{name: "large reads", argv: []string{"sha256sum", "/usr/bin/gdb"}},
		{name: "children", argv: []string{"bash", "-c", "x=$(seq 3); echo $x; exit 3"}},
		{name: "execve", argv: []string{"sh", "-c", "exec echo exec"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			argv := tt.argv
			if tt.source != "" {
				argv = []string{build(t, tt.source)}
			}
			if _, err := exec.LookPath(argv[0]); err != nil {
				t.Skip(err)
			}
			var out, errs bytes.Buffer
			cmd := exec.Command(argv[0], argv[1:]...)
			cmd.Stdout, cmd.Stderr = &out, &errs
			var failed *exec.ExitError
			if err := cmd.Run(); err != nil && !errors.As(err, &failed) {
				t.Fatal(err)
			}
			r := recordProgram(t, 20*time.Millisecond, engine.Options{}, argv...)
			for range 2 {
				var gotOut, gotErrs bytes.Buffer
				res, err := Autopilot(r, &gotOut, &gotErrs)
				if err != nil {
					t.Fatal(err)
				}
				if !res.Ended || res.ExitCode != cmd.ProcessState.ExitCode() {
					t.Errorf("ended %v with %d, natively with %d", res.Ended, res.ExitCode, cmd.ProcessState.ExitCode())
				}
				if gotOut.String() != out.String() || gotErrs.String() != errs.String() {
					t.Errorf("echo %q, %q; natively %q, %q", clip(gotOut), clip(gotErrs), clip(out), clip(errs))
				}
			}
		})
	}
}

func clip(b bytes.Buffer) string { return b.String()[:min(b.Len(), 200)] }

func TestDescriptors(t *testing.T) {
	call := func(nr uint16, result uint64, args ...uint64) event.Syscall {
		s := event.Syscall{NR: nr, Result: result}
		copy(s.Args[:], args)
		return s
	}
	failure := ^uint64(0)
	tests := []struct {
		name  string
		calls []event.Syscall
		write uint64 // descriptor
		want  int    // stream
	}{
		{"as started", nil, 2, 2},
		{"another", nil, 3, 0},
		{"duplicate", []event.Syscall{call(unix.SYS_DUP, 5, 1)}, 5, 1},
		{"failed duplicate", []event.Syscall{call(unix.SYS_DUP, failure, 1)}, failure, 0},
		{"replaced", []event.Syscall{call(unix.SYS_DUP2, 1, 4, 1)}, 1, 0},
		{"swapped", []event.Syscall{call(unix.SYS_DUP3, 1, 2, 1)}, 1, 2},
		{"closed", []event.Syscall{call(unix.SYS_CLOSE, 0, 1)}, 1, 0},
		{"range closed", []event.Syscall{call(unix.SYS_CLOSE_RANGE, 0, 2, 9)}, 2, 0},
		{"range kept", []event.Syscall{call(unix.SYS_CLOSE_RANGE, 0, 3, 9)}, 2, 2},
		{"execve", []event.Syscall{call(unix.SYS_FCNTL, 7, 1, unix.F_DUPFD_CLOEXEC), call(unix.SYS_EXECVE, 0)}, 7, 0},
		{"execve keeps", []event.Syscall{call(unix.SYS_FCNTL, 7, 1, unix.F_DUPFD), call(unix.SYS_EXECVE, 0)}, 7, 1},
		{"close-on-exec set", []event.Syscall{call(unix.SYS_FCNTL, 0, 1, unix.F_SETFD, 1), call(unix.SYS_EXECVE, 0)}, 1, 0},
	}
	for _, tt := range tests {
		d := newDescriptors(1, nil)
		for _, s := range tt.calls {
			d.follow(&s)
		}
		s := call(unix.SYS_WRITE, 4, tt.write)
		if got := d.writesTo(&s); got != tt.want {
			t.Errorf("%s: write to %d goes to stream %d, want %d", tt.name, tt.write, got, tt.want)
		}
	}
}

func TestBackings(t *testing.T) {
	b := backings{{0x1000, 0x9000, 1, 0}}
	b = b.cut(0x3000, 0x4000)
	got := append(b.within(0, 0x2000), b.within(0x3800, 0x5000)...)
	want := backings{{0x1000, 0x2000, 1, 0}, {0x4000, 0x5000, 1, 0x3000}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %#v, want %#v", got, want)
	}
	if moved := b.within(0x8000, 0x9000).moved(0x8000, 0x20000); len(moved) != 1 || moved[0] != (backing{0x20000, 0x21000, 1, 0x7000}) {
		t.Errorf("moved to %#v", moved)
	}
}
