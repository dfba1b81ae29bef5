package tracee

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// getpid checks a remote system call and that nothing else shows of it.
func getpid(t *testing.T, tr *Tracee) {
	t.Helper()
	before := regs(t, tr)
	if got, err := tr.RemoteCall(tr.Gadget, unix.SYS_GETPID); err != nil || got != uint64(tr.PID) {
		t.Fatalf("remote getpid is %d, %v, want %d", got, err, tr.PID)
	}
	if after := regs(t, tr); after != before {
		t.Fatalf("registers after a remote system call are\n%+v, were\n%+v", after, before)
	}
}

func TestRemoteSyscall(t *testing.T) {
	tr := guest(t, "exit", "9") // in the event of its execve
	res, err := tr.RemoteSyscall(tr.Gadget, unix.SYS_CLOSE, 500)
	if err != nil || int64(res) != -int64(unix.EBADF) {
		t.Errorf("close of nothing: %d, %v", int64(res), err)
	}
	if _, err := tr.RemoteCall(tr.Gadget, unix.SYS_CLOSE, 500); !errors.Is(err, unix.EBADF) {
		t.Errorf("close of nothing: %v", err)
	}
	getpid(t, tr) // after a remote system call
	addr, err := tr.RemoteCall(tr.Gadget, unix.SYS_MMAP, 0, 1<<20, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS, ^uint64(0), 0)
	must(t, err)
	must(t, tr.WriteMem(addr+1<<20-1, []byte{1}))
	exits(t, tr, 9)
}

func TestRemoteSyscallInEveryStop(t *testing.T) {
	t.Run("signal", func(t *testing.T) {
		tr := guest(t, "raise", "15")
		next(t, tr, 0)
		getpid(t, tr)
		exits(t, tr, 0)
	})
	t.Run("interrupt", func(t *testing.T) {
		tr := guest(t, "spin")
		toStop(t, tr)
		must(t, tr.Cont(0))
		must(t, tr.Interrupt())
		wait(t, tr)
		getpid(t, tr)
	})
	t.Run("system call", func(t *testing.T) {
		tr := guest(t, "exit", "3")
		for range 2 { // the end of execve, the entry of the first system call
			must(t, tr.SyscallCont(0))
			wait(t, tr)
		}
		if _, err := tr.RemoteSyscall(tr.Gadget, unix.SYS_GETPID); !errors.Is(err, ErrState) {
			t.Errorf("remote system call at the entry of another: %v", err)
		}
		must(t, tr.SyscallCont(0))
		wait(t, tr)
		getpid(t, tr)
		exits(t, tr, 3)
	})
	t.Run("interrupted meanwhile", func(t *testing.T) {
		tr := guest(t, "exit", "3")
		must(t, tr.SyscallCont(0)) // to the end of execve
		wait(t, tr)
		must(t, tr.Interrupt())
		getpid(t, tr)
		if s := next(t, tr, 0); s.Kind != Event || s.Event != unix.PTRACE_EVENT_STOP {
			t.Errorf("the interrupt was lost: %v", s)
		}
		exits(t, tr, 3)
	})
	t.Run("after stepping", func(t *testing.T) {
		tr := guest(t, "spin")
		toStop(t, tr)
		for range 5 {
			must(t, tr.Step(0))
			if s := wait(t, tr); s.Signal != int(unix.SIGTRAP) {
				t.Fatalf("%v", s)
			}
			getpid(t, tr)
		}
	})
}

// TestRemoteSyscallRestarts checks that a sleep that was interrupted for a
// remote system call goes on and ends as if nothing had been.
func TestRemoteSyscallRestarts(t *testing.T) {
	for range 3 {
		t.Run("nap", func(t *testing.T) {
			tr := guest(t, "nap", "60")
			toStop(t, tr)
			start := time.Now()
			must(t, tr.Cont(0))
			time.Sleep(20 * time.Millisecond) // now it sleeps
			must(t, tr.Interrupt())
			wait(t, tr)
			getpid(t, tr)
			getpid(t, tr)
			exits(t, tr, 0)
			if d := time.Since(start); d < 60*time.Millisecond {
				t.Errorf("slept %v instead of 60 ms", d)
			}
		})
	}
}

// TestRemoteSyscallKeepsSignal delivers a signal with its siginfo after remote
// system calls in its signal-delivery-stop.
func TestRemoteSyscallKeepsSignal(t *testing.T) {
	for _, c := range []struct {
		name    string
		restart string
		deliver bool
		want    int64 // result of read
		exit    int
	}{
		{"interrupts", "0", true, -int64(unix.EINTR), 101},
		{"restarts", "1", true, 'x', 101},
		{"suppressed", "0", false, 'x', 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := guest(t, "reader", c.restart)
			fd, _ := toStop(t, tr)
			pipe, err := tr.OpenFD(int(fd))
			must(t, err)
			defer pipe.Close()
			must(t, tr.Cont(0))
			time.Sleep(10 * time.Millisecond) // now it reads
			sendQueued(t, tr.PID, unix.SIGUSR1, 77)
			if s := wait(t, tr); s.Kind != SignalDelivery || s.Signal != int(unix.SIGUSR1) {
				t.Fatalf("%v", s)
			}
			before, err := tr.Siginfo()
			must(t, err)
			getpid(t, tr)
			getpid(t, tr)
			if after, err := tr.Siginfo(); err != nil || after != before {
				t.Errorf("siginfo is % x, %v, was % x", after, err, before)
			}
			sig := 0
			if c.deliver {
				sig = int(unix.SIGUSR1)
			}
			must(t, tr.Cont(sig))
			if c.want > 0 {
				time.Sleep(5 * time.Millisecond)
				_, err := pipe.Write([]byte{byte(c.want)})
				must(t, err)
			}
			if s := wait(t, tr); s.Signal != int(unix.SIGTRAP) {
				t.Fatalf("%v", s)
			}
			if got := int64(regs(t, tr).Rax); got != c.want {
				t.Errorf("read returned %d, want %d", got, c.want)
			}
			exits(t, tr, c.exit)
		})
	}
}

// TestDeferred checks that signals arriving during remote system calls are
// kept, and can be delivered later with what they carry.
func TestDeferred(t *testing.T) {
	tr := guest(t, "reader", "0")
	toStop(t, tr)
	sendQueued(t, tr.PID, unix.SIGUSR1, 77)
	getpid(t, tr)
	if len(tr.Deferred) != 1 || tr.Deferred[0].Signo() != int(unix.SIGUSR1) {
		t.Fatalf("deferred %d signals", len(tr.Deferred))
	}
	must(t, tr.SetSiginfo(&tr.Deferred[0]))
	must(t, tr.Cont(int(unix.SIGUSR1)))
	time.Sleep(10 * time.Millisecond)
	// The handler has run before read, which still waits.
	must(t, tr.Interrupt())
	wait(t, tr)
	sendQueued(t, tr.PID, unix.SIGUSR1, 77)
	next(t, tr, 0)
	if s := next(t, tr, int(unix.SIGUSR1)); s.Signal != int(unix.SIGTRAP) {
		t.Fatalf("%v", s)
	}
	if got := int64(regs(t, tr).Rax); got != -int64(unix.EINTR) {
		t.Errorf("read returned %d", got)
	}
	exits(t, tr, 201)
}

// TestSignalFromOtherStops delivers signals where the kernel would ignore or
// requeue them.
func TestSignalFromOtherStops(t *testing.T) {
	t.Run("event", func(t *testing.T) {
		tr := guest(t, "exit", "0")
		if s := next(t, tr, int(unix.SIGTERM)); s.Kind != Signaled || s.Signal != int(unix.SIGTERM) {
			t.Errorf("%v", s)
		}
	})
	t.Run("pending already", func(t *testing.T) {
		tr := guest(t, "reader", "0")
		toStop(t, tr)
		sendQueued(t, tr.PID, unix.SIGUSR1, 1)
		getpid(t, tr)
		sendQueued(t, tr.PID, unix.SIGUSR1, 2) // pending while the first is delivered
		must(t, tr.SetSiginfo(&tr.Deferred[0]))
		tr.Deferred = nil
		must(t, tr.Cont(int(unix.SIGUSR1)))
		if len(tr.Deferred) == 0 { // the second one came by itself
			if s := wait(t, tr); s.Signal != int(unix.SIGUSR1) {
				t.Errorf("%v", s)
			}
		}
	})
	t.Run("another PID namespace", func(t *testing.T) {
		childrenInOwnPIDs(t)
		tr := guest(t, "reader", "0")
		toStop(t, tr)
		_, err := tr.RemoteCall(tr.Gadget, unix.SYS_GETPPID)
		must(t, err)
		must(t, tr.Cont(int(unix.SIGUSR1)))
		if n := len(tr.Deferred); n != 0 {
			t.Errorf("%d signals of our own taken for others'", n)
		}
	})
	t.Run("kill", func(t *testing.T) {
		tr := guest(t, "exit", "0")
		if err := tr.Cont(9); err != nil && !errors.Is(err, ErrGone) {
			t.Errorf("%v", err)
		}
		if s := wait(t, tr); s.Kind != Signaled || s.Signal != 9 {
			t.Errorf("%v", s)
		}
	})
}

func TestSigsuspend(t *testing.T) {
	for _, remote := range []bool{false, true} {
		tr := guest(t, "suspend")
		toStop(t, tr)
		must(t, tr.Cont(0))
		time.Sleep(10 * time.Millisecond)
		must(t, unix.Kill(tr.PID, unix.SIGUSR1))
		if s := wait(t, tr); s.Signal != int(unix.SIGUSR1) {
			t.Fatalf("%v", s)
		}
		if mask, err := tr.SigMask(); err != nil || mask != 1<<(unix.SIGUSR1-1) {
			t.Errorf("mask %#x, %v", mask, err)
		}
		if remote {
			getpid(t, tr)
		}
		// With the temporary mask gone the signal is blocked at first; the
		// restarted sigsuspend then stops for it again.
		s := next(t, tr, int(unix.SIGUSR1))
		for n := 0; s.Kind == SignalDelivery && n < 3; n++ {
			s = next(t, tr, s.Signal)
		}
		if s.Kind != Exited || s.ExitCode != 11 {
			t.Errorf("remote system call %v: %v, want exit status 11", remote, s)
		}
	}
}

// TestTrapDisposition checks that remote system calls leave SIGTRAP blocked or
// ignored.
func TestTrapDisposition(t *testing.T) {
	for _, how := range []string{"0", "1"} {
		tr := guest(t, "traps", how)
		if s := next(t, tr, 0); s.Signal != int(unix.SIGUSR1) {
			t.Fatalf("%v", s)
		}
		getpid(t, tr)
		exits(t, tr, 0)
	}
}

func TestBadGadget(t *testing.T) {
	tr := guest(t, "exit", "4")
	must(t, tr.SyscallCont(0)) // to the end of execve
	wait(t, tr)
	for _, at := range []uint64{8, regs(t, tr).Rsp} {
		before := regs(t, tr)
		_, err := tr.RemoteSyscall(at, unix.SYS_GETPID)
		var ge *GadgetError
		if !errors.As(err, &ge) || ge.Gadget != at || ge.Info.Addr() != at || !strings.Contains(err.Error(), "SIGSEGV") {
			t.Errorf("gadget %#x: %v", at, err)
		}
		if after := regs(t, tr); after != before {
			t.Error("registers changed")
		}
	}
	getpid(t, tr)
	exits(t, tr, 4)
}

// TestDeathInRemoteSyscall kills the tracee from within.
func TestDeathInRemoteSyscall(t *testing.T) {
	tr := guest(t, "spin")
	if _, err := tr.RemoteSyscall(tr.Gadget, unix.SYS_EXIT_GROUP, 33); !errors.Is(err, ErrGone) {
		t.Errorf("remote exit: %v", err)
	}
	if s := wait(t, tr); s.Kind != Exited || s.ExitCode != 33 {
		t.Errorf("%v", s)
	}
	if _, err := tr.Wait(); !errors.Is(err, ErrGone) {
		t.Errorf("second wait: %v", err)
	}
}

func TestFork(t *testing.T) {
	tr := guest(t, "forks")
	_, value := toStop(t, tr)
	before := regs(t, tr)
	var children []*Tracee
	for range 3 {
		c, err := tr.Fork(tr.Gadget)
		must(t, err)
		defer c.discard()
		children = append(children, c)
		if got := regs(t, c); got != before {
			t.Errorf("child's registers %+v, want %+v", got, before)
		}
		if got := regs(t, tr); got != before {
			t.Errorf("parent's registers %+v, want %+v", got, before)
		}
	}
	must(t, tr.WriteMem(value, []byte{50}))
	for i, c := range children {
		must(t, c.WriteMem(value, []byte{byte(60 + i)}))
		getpid(t, c)
	}
	exits(t, tr, 50) // and wait has found no child
	for i, c := range children {
		exits(t, c, 60+i)
	}
}

// TestForkInSleep checks that parent and child both go on with an interrupted
// system call.
func TestForkInSleep(t *testing.T) {
	tr := guest(t, "nap", "40")
	toStop(t, tr)
	must(t, tr.Cont(0))
	time.Sleep(10 * time.Millisecond)
	must(t, tr.Interrupt())
	wait(t, tr)
	c, err := tr.Fork(tr.Gadget)
	must(t, err)
	defer c.discard()
	exits(t, tr, 0)
	s := next(t, c, 0)
	// The child lacks the parent's restart block: its sleep ends with EINTR.
	if s.Kind != Exited || s.ExitCode != 0 && s.ExitCode != int(unix.EINTR) {
		t.Errorf("%v", s)
	}
}

func TestForkOfBlank(t *testing.T) {
	tracer(t)
	tr, err := LaunchBlank()
	must(t, err)
	defer tr.discard()
	for range 2 {
		c, err := tr.Fork(tr.Gadget)
		must(t, err)
		defer c.discard()
		getpid(t, c)
		tr, c = c, tr // a fork of a fork
	}
}

func TestForkAtBadGadget(t *testing.T) {
	tr := guest(t, "exit", "0")
	c, err := tr.Fork(8)
	var ge *GadgetError
	if c != nil || !errors.As(err, &ge) {
		t.Errorf("%v, %v", c, err)
	}
	exits(t, tr, 0)
}

func BenchmarkRemoteSyscall(b *testing.B) {
	runLocked(func() {
		tr, err := LaunchBlank()
		if err != nil {
			b.Fatal(err)
		}
		defer tr.discard()
		for b.Loop() {
			if _, err := tr.RemoteSyscall(tr.Gadget, unix.SYS_GETPID); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkLaunchTrue(b *testing.B) {
	runLocked(func() {
		for b.Loop() {
			tr, err := Launch(LaunchOptions{Path: "/bin/true", Argv: []string{"true"}})
			if err != nil {
				b.Fatal(err)
			}
			tr.discard()
		}
	})
}

// childrenInOwnPIDs makes the next process that the test starts the first one of a
// new PID namespace.
func childrenInOwnPIDs(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	ours, err := os.Open("/proc/thread-self/ns/pid")
	must(t, err)
	t.Cleanup(func() {
		must(t, unix.Setns(int(ours.Fd()), unix.CLONE_NEWPID))
		must(t, ours.Close())
		runtime.UnlockOSThread()
	})
	if err := unix.Unshare(unix.CLONE_NEWPID); errors.Is(err, unix.EPERM) {
		t.Skip("a PID namespace needs privileges")
	} else {
		must(t, err)
	}
}
