package tracee

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if guestDir != "" {
		os.RemoveAll(guestDir)
	}
	os.Exit(code)
}

var guestDir string

// guestPath compiles testdata/guest.c once.
var guestPath = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tracee")
	if err != nil {
		return "", err
	}
	guestDir = dir
	path := filepath.Join(dir, "guest")
	out, err := exec.Command("gcc", "-O1", "-Wall", "-Werror", "-o", path, "testdata/guest.c").CombinedOutput()
	if err != nil {
		return "", errors.New(err.Error() + ": " + string(out))
	}
	return path, nil
})

func guestFile(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("gcc is not installed")
	}
	path, err := guestPath()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// tracer locks the test to its thread and checks at its end that it leaves no
// process and no descriptor behind.
func tracer(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	before := openFDs(t)
	t.Cleanup(func() {
		if s, _, err := WaitAny(); !errors.Is(err, ErrGone) {
			t.Errorf("left behind: %v, %v", s, err)
		}
		if after := openFDs(t); after != before {
			t.Errorf("%d open descriptors, were %d", after, before)
		}
		runtime.UnlockOSThread()
	})
}

func openFDs(t *testing.T) int {
	t.Helper()
	es, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range es {
		// The runtime opens its poller (epoll, eventfd) at some time or other.
		if link, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && !strings.HasPrefix(link, "anon_inode:[event") {
			n++
		}
	}
	return n
}

// launch starts a program that ends with the test.
func launch(t *testing.T, argv ...string) *Tracee {
	t.Helper()
	tr, err := Launch(LaunchOptions{Path: argv[0], Argv: argv, Env: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.discard)
	return tr
}

// guest starts the test program up to its first stop().
func guest(t *testing.T, args ...string) *Tracee {
	t.Helper()
	tracer(t)
	tr := launch(t, append([]string{guestFile(t)}, args...)...)
	must(t, tr.FindGadget())
	return tr
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// next resumes the tracee and waits.
func next(t *testing.T, tr *Tracee, sig int) Stop {
	t.Helper()
	must(t, tr.Cont(sig))
	return wait(t, tr)
}

func wait(t *testing.T, tr *Tracee) Stop {
	t.Helper()
	s, err := tr.Wait()
	must(t, err)
	return s
}

// toStop runs the guest to its next stop() and returns the two values.
func toStop(t *testing.T, tr *Tracee) (a int64, b uint64) {
	t.Helper()
	if s := next(t, tr, 0); s.Kind != SignalDelivery || s.Signal != int(unix.SIGTRAP) {
		t.Fatalf("stopped with %v, want a SIGTRAP", s)
	}
	r := regs(t, tr)
	return int64(r.Rax), r.Rdi
}

func regs(t *testing.T, tr *Tracee) Regs {
	t.Helper()
	r, err := tr.Regs()
	must(t, err)
	return r
}

// exits runs the tracee to its end, which must be exit status want.
func exits(t *testing.T, tr *Tracee, want int) {
	t.Helper()
	exitsWith(t, tr, 0, want)
}

func exitsWith(t *testing.T, tr *Tracee, sig, want int) {
	t.Helper()
	if s := next(t, tr, sig); s.Kind != Exited || s.ExitCode != want {
		t.Fatalf("%v, want exit status %d", s, want)
	}
	if _, err := tr.Wait(); !errors.Is(err, ErrGone) {
		t.Fatalf("wait after the end: %v", err)
	}
}

// captured returns what f makes appear on standard output.
func captured(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "stdout")
	must(t, err)
	defer file.Close()
	keep, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	must(t, err)
	must(t, unix.Dup2(int(file.Fd()), 1))
	defer func() {
		must(t, unix.Dup2(keep, 1))
		unix.Close(keep)
	}()
	f()
	b, err := os.ReadFile(file.Name())
	must(t, err)
	return string(b)
}

func TestLaunchRealPrograms(t *testing.T) {
	tracer(t)
	tr := launch(t, "/bin/true")
	if tr.event != unix.PTRACE_EVENT_EXEC {
		t.Errorf("launched into event %d", tr.event)
	}
	exits(t, tr, 0)

	out := captured(t, func() { exits(t, launch(t, "/bin/echo", "a", "", "b c"), 0) })
	if out != "a  b c\n" {
		t.Errorf("echo wrote %q", out)
	}
}

// TestLaunchLooksNormal compares a launched program's view of itself with that
// of one started in the usual way.
func TestLaunchLooksNormal(t *testing.T) {
	guest := guestFile(t)
	tracer(t)
	dir := t.TempDir()
	env := []string{"A=1", "EMPTY=", "B=x y"}
	// A descriptor without close-on-exec is inherited, one with is not.
	inherited, err := unix.Open("/dev/zero", unix.O_RDONLY, 0)
	must(t, err)
	defer unix.Close(inherited)

	want := captured(t, func() {
		pid, err := syscall.ForkExec(guest, []string{"guest", "report", "arg"},
			&syscall.ProcAttr{Dir: dir, Env: env, Files: []uintptr{0, 1, 2}})
		must(t, err)
		if s, err := Wait4(pid); err != nil || s.Kind != Exited {
			t.Fatalf("%v, %v", s, err)
		}
	})
	got := captured(t, func() {
		tr, err := Launch(LaunchOptions{Path: guest, Argv: []string{"guest", "report", "arg"}, Env: env, Dir: dir})
		must(t, err)
		defer tr.discard()
		exits(t, tr, 0)
	})
	// The captured file's name is the one thing that differs.
	drop := func(s string) string {
		var keep []string
		for _, l := range strings.Split(s, "\n") {
			if !strings.HasPrefix(l, "fd 1 ") {
				keep = append(keep, l)
			}
		}
		return strings.Join(keep, "\n")
	}
	if drop(got) != drop(want) {
		t.Errorf("launched program reports\n%s\nwant\n%s", got, want)
	}
	if !strings.Contains(got, "env B=x y\n") || !strings.Contains(got, "/dev/zero") {
		t.Errorf("report lacks what it must have:\n%s", got)
	}
}

func TestLaunchErrors(t *testing.T) {
	tracer(t)
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	must(t, os.WriteFile(text, []byte("\x00not a program"), 0o755))
	for _, c := range []struct {
		path string
		want unix.Errno
	}{
		{"/no/such/program", unix.ENOENT},
		{"", unix.ENOENT},
		{dir, unix.EACCES},
		{text, unix.ENOEXEC},
		{"/etc/passwd", unix.EACCES},
	} {
		tr, err := Launch(LaunchOptions{Path: c.path, Argv: []string{"x"}})
		var ee *ExecError
		if tr != nil || !errors.As(err, &ee) || ee.Errno != c.want || ee.Path != c.path {
			t.Errorf("launch %q: %v, %v, want %v", c.path, tr, err, c.want)
		}
	}
	if _, err := Launch(LaunchOptions{Path: "/bin/true", Argv: []string{"x"}, Dir: "/no/such"}); !errors.Is(err, unix.ENOENT) {
		t.Errorf("launch in a missing directory: %v", err)
	}
}

func TestLaunchRelativeToDir(t *testing.T) {
	guest := guestFile(t)
	tracer(t)
	tr, err := Launch(LaunchOptions{Path: "./guest", Argv: []string{"guest", "exit", "7"}, Dir: filepath.Dir(guest)})
	must(t, err)
	defer tr.discard()
	exits(t, tr, 7)
}

func TestLaunchLargeEnvironment(t *testing.T) {
	guest := guestFile(t)
	tracer(t)
	var env []string
	total := 0
	for i := range 15 {
		env = append(env, "V"+strconv.Itoa(i)+"="+strings.Repeat("x", 100_000))
		total += len(env[i])
	}
	tr, err := Launch(LaunchOptions{Path: guest, Argv: []string{"guest", "length", strconv.Itoa(total)}, Env: env})
	must(t, err)
	defer tr.discard()
	exits(t, tr, 0)

	for range 100 {
		env = append(env, env[0])
	}
	_, err = Launch(LaunchOptions{Path: guest, Argv: []string{"guest"}, Env: env})
	if !errors.Is(err, unix.E2BIG) {
		t.Errorf("launch with 11 MB of environment: %v, want E2BIG", err)
	}
}

func TestLaunchBlank(t *testing.T) {
	tracer(t)
	var first []Mapping
	for range 2 {
		tr, err := LaunchBlank()
		must(t, err)
		defer tr.discard()
		ms, err := tr.Maps()
		must(t, err)
		if first == nil {
			first = ms
		}
		for i, m := range ms {
			if m.Start != first[i].Start || m.Path != first[i].Path {
				t.Errorf("mapping %d is %+v, was %+v", i, m, first[i])
			}
			if m.Start != starterBase && !strings.HasPrefix(m.Path, "[") {
				t.Errorf("unexpected mapping %+v", m)
			}
		}
		empty(t, tr)
	}
	if old, err := setPersonality(queryPersonality); err != nil || old&addrNoRandomize != 0 {
		t.Errorf("own personality is now %#x, %v", old, err)
	}
}

// empty unmaps all of a blank process but the starter and maps new memory.
func empty(t *testing.T, tr *Tracee) {
	t.Helper()
	ms, err := tr.Maps()
	must(t, err)
	for _, m := range ms {
		if m.Start == starterBase || m.Path == "[vsyscall]" {
			continue
		}
		_, err := tr.RemoteCall(tr.Gadget, unix.SYS_MUNMAP, m.Start, m.Len())
		must(t, err)
	}
	const at = 0x7ffff0000000
	_, err = tr.RemoteCall(tr.Gadget, unix.SYS_MMAP, at, 0x2000, unix.PROT_READ,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE, ^uint64(0), 0)
	must(t, err)
	must(t, tr.WriteMem(at, []byte("hello")))
	p := make([]byte, 5)
	if n, err := tr.ReadMem(at, p); n != 5 || string(p) != "hello" {
		t.Errorf("read %q, %v", p, err)
	}
}

func TestRegisters(t *testing.T) {
	tr := guest(t, "spin")
	toStop(t, tr)
	r := regs(t, tr)
	old := r
	r.R15, r.Rbx = 0x1122334455667788, ^uint64(0)
	must(t, tr.SetRegs(&r))
	if got := regs(t, tr); got != r {
		t.Errorf("registers %+v, want %+v", got, r)
	}
	must(t, tr.SetRegs(&old))

	x, err := tr.XState()
	must(t, err)
	if len(x) < 576 { // legacy region and header
		t.Fatalf("extended state has %d bytes", len(x))
	}
	copy(x[160:], bytes.Repeat([]byte{0xa5}, 256)) // XMM0-15
	x[512] |= 3                                    // XSTATE_BV: x87, SSE
	must(t, tr.SetXState(x))
	y, err := tr.XState()
	must(t, err)
	if !bytes.Equal(x[160:416], y[160:416]) || len(x) != len(y) {
		t.Error("extended state is not what was set")
	}
}

func TestMemory(t *testing.T) {
	tr := guest(t, "memory")
	_, p := toStop(t, tr)
	const page = 4096
	buf := make([]byte, 3*page)
	n, err := tr.ReadMem(p, buf)
	if n != 2*page || !errors.Is(err, unix.EFAULT) {
		t.Errorf("read %d bytes, %v, want %d and EFAULT", n, err, 2*page)
	}
	if string(buf[:5]) != "first" || string(buf[page:page+6]) != "hidden" {
		t.Errorf("read %q and %q", buf[:5], buf[page:page+6])
	}
	if n, err := tr.ReadMem(0, buf[:8]); n != 0 || !errors.Is(err, unix.EFAULT) {
		t.Errorf("read at 0: %d, %v", n, err)
	}
	if n, err := tr.ReadMem(p, nil); n != 0 || err != nil {
		t.Errorf("read nothing: %d, %v", n, err)
	}
	if err := tr.WriteMem(p+2*page-2, []byte("abcd")); !errors.Is(err, unix.EFAULT) {
		t.Errorf("write over the end: %v", err)
	}
	text := regs(t, tr).Rip
	must(t, tr.WriteMem(text, []byte{0x90})) // read-only: replaces the instruction's copy
	if n, err := tr.ReadMem(text, buf[:1]); n != 1 || buf[0] != 0x90 {
		t.Errorf("wrote to code, read %#x, %v", buf[0], err)
	}
	must(t, tr.WriteMem(p, []byte("FIRST")))
	must(t, tr.Kill())
	for !wait(t, tr).Ended() {
	}
	if _, err := tr.ReadMem(p, buf); !errors.Is(err, ErrGone) {
		t.Errorf("read of the dead: %v", err)
	}
}

func TestMemoryWritesReachTheProgram(t *testing.T) {
	tr := guest(t, "memory")
	_, p := toStop(t, tr)
	must(t, tr.WriteMem(p, []byte("FIRST")))
	exits(t, tr, 0)
}

func TestStops(t *testing.T) {
	t.Run("exit", func(t *testing.T) { exits(t, guest(t, "exit", "42"), 42) })
	t.Run("signal", func(t *testing.T) {
		tr := guest(t, "raise", "9")
		if s := next(t, tr, 0); s.Kind != Signaled || s.Signal != 9 {
			t.Errorf("%v", s)
		}
	})
	t.Run("delivery", func(t *testing.T) {
		tr := guest(t, "raise", "15")
		s := next(t, tr, 0)
		if s.Kind != SignalDelivery || s.Signal != 15 {
			t.Fatalf("%v", s)
		}
		si, err := tr.Siginfo()
		must(t, err)
		const siTkill, siPID = -6, 16 // siginfo_t of tgkill(2)
		if pid := binary.LittleEndian.Uint32(si[siPID:]); si.Signo() != 15 || si.Code() != siTkill || pid != uint32(tr.PID) {
			t.Errorf("signal %d, code %d, from %d", si.Signo(), si.Code(), pid)
		}
		if s := next(t, tr, 15); s.Kind != Signaled || s.Signal != 15 {
			t.Errorf("%v", s)
		}
	})
	t.Run("suppressed", func(t *testing.T) {
		tr := guest(t, "raise", "15")
		next(t, tr, 0)
		exits(t, tr, 0)
	})
	t.Run("group", func(t *testing.T) {
		tr := guest(t, "raise", "19")
		if s := next(t, tr, 0); s.Kind != SignalDelivery || s.Signal != 19 {
			t.Fatalf("%v", s)
		}
		if s := next(t, tr, 19); s.Kind != Group || s.Signal != 19 {
			t.Fatalf("%v", s)
		}
		must(t, tr.Listen())
		must(t, unix.Kill(tr.PID, unix.SIGCONT))
		if s := wait(t, tr); s.Kind != Event || s.Event != unix.PTRACE_EVENT_STOP {
			t.Fatalf("%v", s)
		}
		if s := next(t, tr, 0); s.Kind != SignalDelivery || s.Signal != int(unix.SIGCONT) {
			t.Fatalf("%v", s)
		}
		exitsWith(t, tr, int(unix.SIGCONT), 0)
	})
	t.Run("system call", func(t *testing.T) {
		tr := guest(t, "exit", "3")
		for range 2 {
			must(t, tr.SyscallCont(0))
			if s := wait(t, tr); s.Kind != Syscall {
				t.Fatalf("%v", s)
			}
		}
		exits(t, tr, 3)
	})
	t.Run("step and interrupt", func(t *testing.T) {
		tr := guest(t, "spin")
		toStop(t, tr)
		before := regs(t, tr).Rip
		must(t, tr.Step(0))
		if s := wait(t, tr); s.Signal != int(unix.SIGTRAP) || s.Kind != SignalDelivery {
			t.Fatalf("%v", s)
		}
		if after := regs(t, tr).Rip; after == before {
			t.Errorf("still at %#x after a step", after)
		}
		must(t, tr.Cont(0))
		if _, err := tr.Regs(); !errors.Is(err, ErrRunning) {
			t.Errorf("registers of a running tracee: %v", err)
		}
		must(t, tr.Interrupt())
		if s := wait(t, tr); s.Kind != Event || s.Event != unix.PTRACE_EVENT_STOP {
			t.Errorf("%v", s)
		}
	})
	t.Run("detach", func(t *testing.T) {
		tr := guest(t, "exit", "5")
		pid := tr.PID
		must(t, tr.Detach(0))
		if err := tr.Cont(0); !errors.Is(err, ErrGone) {
			t.Errorf("continue after detaching: %v", err)
		}
		if s, err := Wait4(pid); err != nil || s.Kind != Exited || s.ExitCode != 5 {
			t.Errorf("%v, %v", s, err)
		}
	})
	t.Run("detach with signal", func(t *testing.T) {
		tr := guest(t, "exit", "5")
		pid := tr.PID
		must(t, tr.Detach(int(unix.SIGTERM)))
		if s, err := Wait4(pid); err != nil || s.Kind != Signaled || s.Signal != int(unix.SIGTERM) {
			t.Errorf("%v, %v", s, err)
		}
	})
}

func TestForeignThread(t *testing.T) {
	tr := guest(t, "spin")
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		_, err := tr.Regs()
		done <- err
	}()
	if err := <-done; !errors.Is(err, ErrThread) {
		t.Errorf("registers from another thread: %v", err)
	}
}

func TestDeath(t *testing.T) {
	tr := guest(t, "spin")
	must(t, unix.Kill(tr.PID, unix.SIGKILL))
	calls := map[string]func() error{
		"remote":  func() error { _, err := tr.RemoteSyscall(tr.Gadget, unix.SYS_GETPID); return err },
		"fork":    func() error { _, err := tr.Fork(tr.Gadget); return err },
		"cont":    func() error { return tr.Cont(0) },
		"siginfo": func() error { _, err := tr.Siginfo(); return err },
		"mask":    func() error { return tr.SetSigMask(0) },
		"xstate":  func() error { _, err := tr.XState(); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, ErrGone) {
			t.Errorf("%s of a killed tracee: %v", name, err)
		}
	}
	for {
		s := wait(t, tr)
		if s.Kind == Signaled && s.Signal == 9 {
			break
		}
		if s.Kind != Event { // the stop that SIGKILL overtook
			t.Fatalf("%v", s)
		}
	}
	calls["kill"] = tr.Kill
	calls["maps"] = func() error { _, err := tr.Maps(); return err }
	calls["descriptor"] = func() error { _, err := tr.OpenFD(0); return err }
	for name, call := range calls {
		if err := call(); !errors.Is(err, ErrGone) {
			t.Errorf("%s of a reaped tracee: %v", name, err)
		}
	}
}

func TestOpenFD(t *testing.T) {
	tr := guest(t, "files")
	fd, _ := toStop(t, tr)
	f, err := tr.OpenFD(int(fd))
	must(t, err)
	defer f.Close()
	p := make([]byte, 3)
	if _, err := f.Read(p); err != nil || string(p) != "456" {
		t.Errorf("read %q, %v", p, err)
	}
	if _, err := tr.OpenFD(500); !errors.Is(err, unix.EBADF) {
		t.Errorf("open of a closed descriptor: %v", err)
	}
	exits(t, tr, 7) // the offset is shared
}
