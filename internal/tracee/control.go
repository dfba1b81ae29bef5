package tracee

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Cont resumes the tracee until its next stop, delivering sig unless it is 0.
// The signal is delivered whatever the kind of stop, with the stop's own
// siginfo if sig is the stop's signal.
func (t *Tracee) Cont(sig int) error { return t.resume("continue", unix.PTRACE_CONT, sig) }

// Step resumes the tracee for one instruction. The stop is a SIGTRAP, which
// the kernel forces: a tracee that blocks or ignores SIGTRAP no longer does.
func (t *Tracee) Step(sig int) error { return t.resume("step", unix.PTRACE_SINGLESTEP, sig) }

// StepWith resumes the tracee by one step that delivers the signal info: a
// handler stops at its first instruction. The signal must not be blocked.
func (t *Tracee) StepWith(info Siginfo) error {
	if err := t.stopped("deliver signal"); err != nil {
		return err
	}
	if t.place != atSignal {
		t.held = &info
		if err := t.redeliver(info.Signo()); err != nil {
			return err
		}
	}
	if err := t.SetSiginfo(&info); err != nil {
		return err
	}
	if err := t.resumeRaw("deliver signal", unix.PTRACE_SINGLESTEP, info.Signo()); err != nil {
		return err
	}
	t.entering = true
	return nil
}

// SyscallCont resumes the tracee up to the next entry or exit of a system call.
func (t *Tracee) SyscallCont(sig int) error {
	return t.resume("continue to system call", unix.PTRACE_SYSCALL, sig)
}

// Listen leaves a tracee stopped by job control stopped, and lets Wait report
// when that ends (as PTRACE_EVENT_STOP).
func (t *Tracee) Listen() error {
	if err := t.request("listen", unix.PTRACE_LISTEN, 0, 0); err != nil {
		return err
	}
	t.place, t.listening, t.halted = running, true, false
	return nil
}

// Rejoin makes a tracee that was resumed, for our purposes, while job control
// had its process stopped, stop once more as soon as it is resumed: with a
// Group if the process still is. What the CPU has raised comes first.
func (t *Tracee) Rejoin() error {
	if !t.halted {
		return nil
	}
	if fault, err := t.FaultPending(); fault || err != nil {
		return err
	}
	return t.Interrupt()
}

// Halts reports whether a signal stops the process.
func (t *Tracee) Halts(sig int) bool { return t.Halting != nil && t.Halting(sig) }

// Halt delivers sig, a signal that stops the process, unless it is 0. With nothing
// executed it makes the tracee stand where Listen is possible, and reports
// whether it does: a SIGCONT may have been faster.
func (t *Tracee) Halt(sig int) (bool, error) {
	if err := t.Interrupt(); err != nil {
		return false, err
	}
	// The kernel looks for traps before signals (get_signal).
	if err := t.resumeRaw("halt", unix.PTRACE_CONT, sig); err != nil {
		return false, err
	}
	s, err := t.waitInner()
	return s.Kind == Group, err
}

// Listening reports whether the tracee was stopped by job control when it was
// last heard of.
func (t *Tracee) Listening() bool { return t.listening || t.kept != nil && t.kept.Kind == Group }

// Interrupt makes a running tracee stop with PTRACE_EVENT_STOP, or a stopped
// one right after it is resumed. It returns at once.
func (t *Tracee) Interrupt() error {
	if t.place == reaped {
		return t.wrap("interrupt", ErrGone)
	}
	return t.wrap("interrupt", ptrace(unix.PTRACE_INTERRUPT, t.TID, 0, 0))
}

// Detach lets the tracee go on untraced, delivering sig unless it is 0.
func (t *Tracee) Detach(sig int) error {
	if err := t.resume("detach", unix.PTRACE_DETACH, sig); err != nil {
		return err
	}
	t.close()
	return nil
}

// Kill sends SIGKILL to the tracee's process. Wait tells when it is dead.
func (t *Tracee) Kill() error {
	if t.place == reaped {
		return t.wrap("kill", ErrGone)
	}
	return t.wrap("kill", unix.Kill(t.PID, unix.SIGKILL))
}

func (t *Tracee) resume(name string, req, sig int) error {
	if err := t.stopped(name); err != nil {
		return err
	}
	if err := t.prepare(sig); err != nil {
		return err
	}
	return t.resumeRaw(name, req, sig)
}

// prepare brings the tracee into a stop from which it can be resumed with sig.
func (t *Tracee) prepare(sig int) error {
	switch {
	case sig == 0:
		return t.settle()
	case t.place != atSignal:
		return t.redeliver(sig)
	case t.held != nil && t.held.Signo() == sig:
		held := t.held
		t.held = nil
		return t.SetSiginfo(held)
	}
	return nil
}

func (t *Tracee) resumeRaw(name string, req, sig int) error {
	if err := t.meetExit(name); err != nil {
		return err
	}
	if err := t.request(name, req, 0, uintptr(sig)); err != nil {
		return err
	}
	t.place, t.left, t.held = running, false, nil
	return nil
}

// settle brings a tracee that RemoteSyscall took away from the kernel's signal
// code back there if its registers ask for the restart of a system call: only
// that code restarts them.
func (t *Tracee) settle() error {
	if !t.left {
		return nil
	}
	regs, err := t.Regs()
	if err != nil || !restarts(&regs) {
		return err
	}
	if err := t.Interrupt(); err != nil {
		return err
	}
	// The kernel looks for traps before signals (get_signal).
	for t.place != atTrap {
		if err := t.resumeRaw("settle", unix.PTRACE_CONT, 0); err != nil {
			return err
		}
		if _, err := t.waitInner(); err != nil {
			return err
		}
	}
	return t.Rejoin() // this was its stop by job control, perhaps
}

// redeliver brings the tracee into a signal-delivery-stop for sig, because
// only there can a signal be injected with its siginfo.
func (t *Tracee) redeliver(sig int) error {
	held := t.held
	mask, err := t.SigMask()
	if err != nil {
		return err
	}
	// With everything else blocked, sig comes next.
	if err := t.SetSigMask(^(uint64(1) << (sig - 1))); err != nil {
		return err
	}
	if err := t.wrap("signal", t.sendMarked(sig)); err != nil {
		return errors.Join(err, t.SetSigMask(mask))
	}
	interrupted, err := t.awaitOurs(sig)
	if err != nil {
		return err
	}
	if err := t.SetSigMask(mask); err != nil {
		return err
	}
	if interrupted {
		if err := t.Interrupt(); err != nil {
			return err
		}
	}
	if held != nil && held.Signo() == sig {
		return t.SetSiginfo(held)
	}
	return nil
}

// awaitOurs runs the tracee until it is about to receive the sig that we sent.
// It reports whether an Interrupt was swallowed on the way.
func (t *Tracee) awaitOurs(sig int) (interrupted bool, err error) {
	for {
		if err := t.resumeRaw("continue to signal", unix.PTRACE_CONT, 0); err != nil {
			return interrupted, err
		}
		s, err := t.waitInner()
		if err != nil {
			return interrupted, err
		}
		switch s.Kind {
		case SignalDelivery:
			if s.Signal == sig {
				return interrupted, t.keepForeign()
			}
			if err := t.deferSignal(); err != nil {
				return interrupted, err
			}
		case Event:
			interrupted = interrupted || s.Event == unix.PTRACE_EVENT_STOP
		}
	}
}

// keepForeign defers the signal of the stop if it is not the one that
// redeliver sent: a signal that was pending already absorbs another of its
// number.
func (t *Tracee) keepForeign() error {
	si, err := t.Siginfo()
	if err != nil {
		return err
	}
	if !si.marked() {
		t.Deferred = append(t.Deferred, si)
	}
	return nil
}

// deferSignal puts the signal of a signal-delivery-stop aside.
func (t *Tracee) deferSignal() error {
	si, err := t.Siginfo()
	if err != nil {
		return err
	}
	t.Deferred = append(t.Deferred, si)
	return nil
}

// waitInner waits for a stop that the caller of the package does not see. The
// tracee's end is kept for the next Wait.
func (t *Tracee) waitInner() (Stop, error) {
	s, err := t.Wait()
	if err == nil && s.Ended() {
		t.final = &s
		return s, t.wrap("wait", ErrGone)
	}
	return s, err
}
