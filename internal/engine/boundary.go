package engine

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/tracee"
)

// Boundary is where ToBoundary brought the guest.
type Boundary struct {
	Regs Regs
	// InSyscall: a signal interrupted a syscall that the kernel would
	// restart. Regs stand behind it, with the kernel's restart code as its
	// result and Orig_rax its number, so that a signal delivered from
	// there finds what it would find in the program itself.
	InSyscall bool
	// Fault, if set, is what the repeated string instruction at PC raises
	// next, from the middle of which it could not be brought to its end. It
	// has to be delivered before all else.
	Fault *Signal
	// Finish, if set, is the result of a syscall that the stub has made and
	// left to us to log; Regs are those before the call.
	Finish *uint64
	// Waits: the instruction at PC needs a page that a userfaultfd is to provide;
	// see ServePages. With InString it is a repeated string instruction.
	Waits, InString bool
	// Partial: a part of the instruction at PC may have been done.
	Partial bool
}

// Returned tells whether the present thread has been stopped just behind a
// syscall of a stub's, its result not looked at yet. The registers are the
// guest's before the call. If it is not to be made again, ToBoundary finishes it.
func (e *Engine) Returned() (before Regs, result uint64, ok bool, err error) {
	regs, err := e.t.Regs()
	if err != nil {
		return Regs{}, 0, false, err
	}
	off := regs.Rip - e.arena - area.Code
	if off >= area.CodeLen || !e.stubs.syscallAt[uint32(off)] || RestartCode(regs.Rax) {
		return Regs{}, 0, false, nil
	}
	st := e.locate(&regs)
	before = e.guest(&regs, st)
	if st.place == inSyscall {
		before.Rip, before.Orig_rax = e.callPC(), ^uint64(0)
	}
	before.Rax = e.Word(area.NR)
	return before, regs.Rax, true, nil
}

// ToBoundary brings the guest, which a signal or an interrupt stopped
// anywhere, to an instruction boundary. Signals that arrive on the way stay
// pending, but for those that no mask holds back: they are queued for
// TakeSignal.
func (e *Engine) ToBoundary() (b Boundary, err error) {
	b, err = e.boundary()
	if err == nil && !b.InSyscall && b.Fault == nil && b.Finish == nil {
		var a awaited
		a, b.Waits, err = e.awaited(&b.Regs)
		b.InString, b.Partial = a.inString, a.inString || a.gathers
	}
	return b, err
}

func (e *Engine) boundary() (b Boundary, err error) {
	regs, err := e.t.Regs()
	if err != nil {
		return Boundary{}, err
	}
	switch st := e.locate(&regs); st.place {
	case inSyscall:
		return Boundary{Regs: e.guest(&regs, st), InSyscall: true}, nil
	case atBoundary, settled, beforeCall, outside:
		if !e.insideString(&regs, st) {
			return Boundary{Regs: e.guest(&regs, st)}, nil
		}
	}
	mask, err := e.t.SigMask()
	if err != nil {
		return Boundary{}, err
	}
	if err := e.t.SetSigMask(^tracee.Synchronous); err != nil {
		return Boundary{}, err
	}
	if b, err = e.toBoundary(); err != nil {
		return Boundary{}, err
	}
	// The stub of rt_sigprocmask may have seen the mask that we set.
	e.SetMask(mask)
	return b, e.t.SetSigMask(mask)
}

func (e *Engine) toBoundary() (Boundary, error) {
	for {
		regs, err := e.t.Regs()
		if err != nil {
			return Boundary{}, err
		}
		st := e.locate(&regs)
		switch st.place {
		case inSyscall:
			return Boundary{Regs: e.guest(&regs, st), InSyscall: true}, nil
		case atBoundary, settled, beforeCall, outside:
			if !e.insideString(&regs, st) {
				return Boundary{Regs: e.guest(&regs, st)}, nil
			}
			if own := e.ownString(&regs, st); own != regs.Rip {
				err = e.leaveString(&regs, st, own)
				break
			}
			if g, waits, err := e.stuck(&regs, st); waits || err != nil {
				return Boundary{Regs: g}, err
			}
			faults, ferr := e.finishString(&regs)
			if ferr != nil {
				return Boundary{}, ferr
			}
			if faults {
				info, ferr := e.t.Siginfo()
				return Boundary{Regs: e.guest(&regs, st), Fault: &info}, ferr
			}
		case afterCall:
			if err = e.finishStub(); errors.Is(err, errFinish) {
				stop := e.finishStop(&regs, st)
				return Boundary{Regs: stop.Regs, Finish: &stop.Result}, nil
			}
		case inside:
			if g, waits, err := e.stuck(&regs, st); waits || err != nil {
				return Boundary{Regs: g}, err
			}
			err = e.stepHost()
		}
		if err != nil {
			return Boundary{}, err
		}
	}
}

// SignalWaits reports whether a signal is queued that the guest does not block.
func (e *Engine) SignalWaits() bool {
	unblocked := func(s Signal) bool { return e.Mask()&(1<<(s.Signo()-1)) == 0 }
	return slices.ContainsFunc(e.queue, unblocked) || slices.ContainsFunc(e.t.Deferred, unblocked)
}

// TakeSignal returns a signal that was queued, oldest first.
func (e *Engine) TakeSignal() (Signal, bool) {
	for _, s := range e.t.Deferred {
		e.Queue(s)
	}
	e.t.Deferred = nil
	if len(e.queue) == 0 {
		return Signal{}, false
	}
	s := e.queue[0]
	e.queue = e.queue[1:]
	return s, true
}

// Queue puts a signal taken from the tracee behind those waiting.
func (e *Engine) Queue(s Signal) {
	for i := range e.queue {
		if e.queue[i].MergeTimer(&s) {
			return
		}
	}
	e.queue = append(e.queue, s)
}

// stepHost executes one host instruction. A fault that it raises is dropped:
// the guest instruction is then still to be executed, and raises it again.
func (e *Engine) stepHost() error {
	if err := e.t.Step(0); err != nil {
		return err
	}
	return e.awaitTrap()
}

// awaitTrap waits for the SIGTRAP of a step or of an INT3 of ours, and queues
// the signals from elsewhere that come first.
func (e *Engine) awaitTrap() error {
	undo := func() error { return nil }
	for signals := 0; ; {
		raw, err := e.t.Wait()
		if err != nil {
			return err
		}
		pass := 0
		switch {
		case raw.Ended():
			return fmt.Errorf("process %d: %w", e.t.PID, errEnded{raw})
		case raw.Kind == tracee.SignalDelivery:
			done, p, err := e.sortSignal(raw)
			if done || err != nil {
				return errors.Join(err, undo())
			}
			pass = p
			if signals++; pass == 0 && signals == tracee.Patience {
				if undo, err = e.t.Hush(); err != nil {
					return err
				}
			}
		case raw.Kind != tracee.Group && (raw.Kind != tracee.Event || raw.Event != unix.PTRACE_EVENT_STOP):
			return fmt.Errorf("stepping process %d: unexpected %v", e.t.PID, raw)
		}
		if err := e.t.Step(pass); err != nil {
			return err
		}
	}
}

// sortSignal reports whether a signal is what a step ends with. Others are
// queued, unless they are to be passed on.
func (e *Engine) sortSignal(raw tracee.Stop) (done bool, pass int, err error) {
	info, err := e.t.Siginfo()
	if err != nil {
		return false, 0, err
	}
	if syncSignal(raw.Signal) && info.Code() > 0 {
		return true, 0, e.KeepMask(raw.Signal)
	}
	if e.t.Halts(raw.Signal) {
		return false, raw.Signal, nil
	}
	e.Queue(info)
	return false, 0, nil
}

// errEnded is the end of the tracee while it was being stepped.
type errEnded struct{ raw tracee.Stop }

func (x errEnded) Error() string { return x.raw.String() }

func (x errEnded) Is(target error) bool { return target == tracee.ErrGone }

// AsEnded returns the final stop in an error that says the tracee ended.
func AsEnded(err error) (tracee.Stop, bool) {
	var x errEnded
	if errors.As(err, &x) {
		return x.raw, true
	}
	return tracee.Stop{}, false
}

// unprotectUnder makes a page writable that a stub is writing to, and drops
// the fragments once the stub is through.
func (e *Engine) unprotectUnder(page uint64) error {
	if err := e.mprotect(page, pageSize, e.protected[page]); err != nil {
		return err
	}
	delete(e.protected, page)
	b, err := e.ToBoundary()
	if err != nil {
		return err
	}
	e.drop(page, page+pageSize)
	return e.SetGuest(b.Regs)
}
