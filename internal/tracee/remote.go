package tracee

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// GadgetError says that the tracee could not execute the system call
// instruction it was sent to.
type GadgetError struct {
	TID    int
	Gadget uint64
	Info   Siginfo // the signal that came instead
}

func (e *GadgetError) Error() string {
	return fmt.Sprintf("execute system call at %#x in %d: %s (code %d) at %#x", e.Gadget, e.TID,
		unix.SignalName(unix.Signal(e.Info.Signo())), e.Info.Code(), e.Info.Addr())
}

// RemoteSyscall makes the tracee execute system call nr with the SYSCALL
// instruction at gadget, and returns what the kernel returned: an error is a
// small negative number. Afterwards the registers are what they were.
//
// The tracee must be stopped, not at the entry of a system call, nor in a
// vfork or exit event, nor by job control (the stop would end). A system call
// in whose event it stands is ended first, which sets Rax. Signals that
// arrive meanwhile go to Deferred; a stop by job control (Halting) the tracee comes
// back to with Rejoin. The signal of a signal-delivery-stop can
// still be read with Siginfo and delivered with Cont. One thing is lost: the
// temporary signal mask of a sigsuspend (ppoll, pselect...) that the signal
// interrupted.
//
// Stepping would need one stop where this needs two, but the kernel forces the
// step's SIGTRAP upon the tracee: where it is blocked or ignored that resets
// the handler (force_sig_info_to_task).
func (t *Tracee) RemoteSyscall(gadget, nr uint64, args ...uint64) (uint64, error) {
	return t.remote(gadget, nr, args, nil)
}

// RemoteCall is RemoteSyscall with the kernel's error as an error: a unix.Errno
// for errors.Is.
func (t *Tracee) RemoteCall(gadget, nr uint64, args ...uint64) (uint64, error) {
	res, err := t.RemoteSyscall(gadget, nr, args...)
	if err != nil {
		return 0, err
	}
	if e := resultErrno(res); e != 0 {
		return 0, fmt.Errorf("remote system call %d in %d: %w", nr, t.TID, e)
	}
	return res, nil
}

// RseqConfiguration is how a thread is registered for restartable sequences
// (struct ptrace_rseq_configuration); Pointer is 0 for one that is not.
type RseqConfiguration struct {
	Pointer   uint64
	Size      uint32
	Signature uint32
	Flags     uint32
	_         uint32
}

// RseqConfiguration asks for that. It needs Linux 5.13.
func (t *Tracee) RseqConfiguration() (RseqConfiguration, error) {
	var c RseqConfiguration
	if err := t.stopped("read rseq configuration"); err != nil {
		return c, err
	}
	return c, t.wrap("read rseq configuration", ptraceRseq(t.TID, &c))
}

// maxErrno bounds the error results of system calls (linux/err.h, MAX_ERRNO).
const maxErrno = 4095

func resultErrno(res uint64) unix.Errno {
	if n := int64(res); n < 0 && n >= -maxErrno {
		return unix.Errno(-n)
	}
	return 0
}

// isRestart reports whether a result asks for the system call to be restarted:
// one of the values that the kernel keeps from user space (linux/errno.h).
func isRestart(res uint64) bool {
	switch resultErrno(res) {
	case 512, 513, 514, 516: // ERESTARTSYS, -NOINTR, -NOHAND, _RESTARTBLOCK
		return true
	}
	return false
}

// eventFunc handles a ptrace event inside a remote system call. Its error ends
// the call and leaves the tracee in that event.
type eventFunc func(Stop) error

func (t *Tracee) remote(gadget, nr uint64, args []uint64, onEvent eventFunc) (uint64, error) {
	if err := t.leaveStop(); err != nil {
		return 0, err
	}
	saved, err := t.Regs()
	if err != nil {
		return 0, err
	}
	r := remoteCall{t: t, gadget: gadget, onEvent: onEvent, left: t.left, held: t.held}
	res, err := r.run(syscallRegs(saved, gadget, nr, args))
	if err != nil && (t.place == running || t.place == reaped || t.place == atEvent) {
		return 0, err
	}
	return res, errors.Join(err, r.restore(&saved))
}

// leaveStop notes what the stop would lose and ends a system call that the
// tracee is in the middle of.
func (t *Tracee) leaveStop() error {
	const name = "execute remote system call"
	if err := t.stopped(name); err != nil {
		return err
	}
	switch t.place {
	case atSignal:
		si, err := t.Siginfo()
		if err != nil {
			return err
		}
		t.left, t.held = true, &si
	case atTrap:
		t.left = true
	case atSyscall:
		op, err := ptraceSyscallOp(t.TID)
		if err != nil {
			return t.wrap(name, err)
		}
		if op == unix.PTRACE_SYSCALL_INFO_ENTRY {
			return t.wrap(name, fmt.Errorf("%w: system call entry", ErrState))
		}
	case atEvent:
		return t.endEvent(name)
	}
	return nil
}

// endEvent goes from an event inside a system call to that call's end.
func (t *Tracee) endEvent(name string) error {
	switch t.event {
	case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_CLONE, unix.PTRACE_EVENT_EXEC, unix.PTRACE_EVENT_VFORK_DONE:
	default: // a vfork would wait for its child
		return t.wrap(name, fmt.Errorf("%w: event %d", ErrState, t.event))
	}
	if err := t.resumeRaw(name, unix.PTRACE_SYSCALL, 0); err != nil {
		return err
	}
	s, err := t.waitInner()
	if err == nil && s.Kind != Syscall {
		err = t.wrap(name, fmt.Errorf("%w: %v after an event", ErrState, s))
	}
	return err
}

// remoteCall is one remote system call under way.
type remoteCall struct {
	t       *Tracee
	gadget  uint64
	onEvent eventFunc

	left        bool
	held        *Siginfo
	interrupted bool // an Interrupt of the caller's ended on the way
}

// run executes the call that regs prepare, again while signals interrupt it.
func (r *remoteCall) run(regs Regs) (uint64, error) {
	for {
		start := regs
		if err := r.t.SetRegs(&start); err != nil {
			return 0, err
		}
		if err := r.toSyscallStop(); err != nil { // the entry
			return 0, err
		}
		if err := r.toSyscallStop(); err != nil { // the exit
			return 0, err
		}
		end, err := r.t.Regs()
		if err != nil {
			return 0, err
		}
		if !atGadget(&end, r.gadget) {
			return 0, r.t.wrap("remote system call", fmt.Errorf("%w: left the gadget %#x", ErrState, r.gadget))
		}
		if res := syscallResult(&end); !isRestart(res) {
			return res, nil
		}
	}
}

// toSyscallStop resumes the tracee up to a system call stop.
func (r *remoteCall) toSyscallStop() error {
	undo := func() error { return nil }
	sig := 0
	for signals := 0; ; {
		if err := r.t.resumeRaw("execute remote system call", unix.PTRACE_SYSCALL, sig); err != nil {
			return err
		}
		s, err := r.t.waitInner()
		if err != nil {
			return err
		}
		sig = 0
		switch s.Kind {
		case Syscall:
			return undo()
		case SignalDelivery:
			sig, err = r.signal()
			if signals++; err == nil && signals == Patience {
				undo, err = r.t.Hush()
			}
		case Event:
			err = r.event(s)
		}
		if err != nil {
			return err
		}
	}
}

// signal puts a signal aside, or returns it to be passed on.
func (r *remoteCall) signal() (pass int, err error) {
	si, err := r.t.Siginfo()
	if err != nil {
		return 0, err
	}
	if si.fault() {
		return 0, &GadgetError{TID: r.t.TID, Gadget: r.gadget, Info: si}
	}
	if r.t.Halts(si.Signo()) {
		return si.Signo(), nil
	}
	r.t.Deferred = append(r.t.Deferred, si)
	return 0, nil
}

func (r *remoteCall) event(s Stop) error {
	if s.Event == unix.PTRACE_EVENT_STOP {
		r.interrupted = true
		return nil
	}
	if r.onEvent == nil {
		return nil
	}
	return r.onEvent(s)
}

// restore makes the call invisible to the tracee.
func (r *remoteCall) restore(saved *Regs) error {
	if err := r.t.SetRegs(saved); err != nil {
		return err
	}
	r.t.left, r.t.held = r.left, r.held
	if r.interrupted {
		return r.t.Interrupt()
	}
	return nil
}
