package record

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// execute makes the call in the tracee, with the guest's own registers but
// for the PC. Where a signal that the guest will see interrupts it, the
// signal is delivered and c.interrupted set.
func (r *recorder) execute(g engine.Regs, c *call) error {
	if err := r.attempt(g, c); err != nil || c.interrupted {
		return err
	}
	again, err := r.metProtection(c.result)
	if err != nil {
		return err
	}
	room, err := r.roomForArguments(c, c.result)
	if err != nil {
		return err
	}
	if again || room {
		if err := r.attempt(g, c); err != nil || c.interrupted {
			return err
		}
	}
	if !r.shutOut(c) {
		return nil
	}
	// A structure, perhaps, points to foreign memory.
	if err := r.openForeign(); err != nil {
		return err
	}
	return r.executeAt(g, g, c)
}

// attempt makes the call once, with spare and foreign memory in place of what
// the kernel may not write.
func (r *recorder) attempt(g engine.Regs, c *call) error {
	native := r.borrow(g, c)
	if err := r.reachForeign(&native, c); err != nil {
		return err
	}
	return r.executeAt(g, native, c)
}

// metProtection reports whether it may have been our protection of code that a
// call's result comes from, and takes that away.
func (r *recorder) metProtection(result uint64) (bool, error) {
	if result != errnoResult(unix.EFAULT) || !r.e.AnyProtected() {
		return false, nil
	}
	return true, r.e.Unprotect(0, ^uint64(0))
}

// executeAt is execute with the registers that the call is made with.
func (r *recorder) executeAt(g, native engine.Regs, c *call) error {
	if c.restarts {
		native.Rax = unix.SYS_RESTART_SYSCALL
	}
	return r.makeCall(g, native, c, during{
		event: func(raw tracee.Stop) (bool, error) {
			return false, fmt.Errorf("process %d: %s: unexpected %v", r.t.PID, c.effect.Name, raw)
		},
		signal: func(raw tracee.Stop) (bool, int, error) { return r.duringCall(raw, g, c) },
	})
}

// during is what is done at the stops on the way of a call. Both report whether
// the call is over; pass is a signal to go on with.
type during struct {
	event  func(raw tracee.Stop) (over bool, err error)
	signal func(raw tracee.Stop) (over bool, pass int, err error)
}

// makeCall makes the call of the registers native for the guest, which stands
// at g, and waits until it is over. If the thread ends in it c.interrupted is
// set.
func (r *recorder) makeCall(g, native engine.Regs, c *call, d during) error {
	if c.yields && c.begun == 0 && !c.partial && r.e.SignalWaits() {
		// The call may wait for it.
		c.interrupted = true
		r.returnLoan(c)
		return r.e.SetGuest(g)
	}
	if err := r.enterGadget(native); err != nil {
		return err
	}
	th, sig := r.th, 0
	th.made = attempt{c: c, g: g, native: native, gadget: r.e.Gadget()}
	for signals := 0; ; {
		if err := r.rejoin(c); err != nil {
			return err
		}
		if err := th.t.Cont(sig); err != nil {
			return err
		}
		raw, err := r.awaitCall(g, c)
		if err != nil {
			return err
		}
		over := false
		sig = 0
		if raw.Ended() {
			c.interrupted = true
			return r.threadDied(th, raw)
		}
		if err := r.logRestart(c); err != nil {
			return err
		}
		again, pass, err := r.followArena(raw)
		if err != nil {
			return err
		}
		if again {
			sig = pass
			continue
		}
		switch {
		case raw.Kind == tracee.Event && raw.Event != unix.PTRACE_EVENT_STOP:
			over, err = d.event(raw)
		case raw.Kind == tracee.SignalDelivery:
			over, sig, err = d.signal(raw)
			if signals++; !over && err == nil && sig == 0 && signals%tracee.Patience == 0 {
				err = r.enterCall()
			}
		}
		if over || err != nil {
			return err
		}
	}
}

// logRestart logs what the kernel has written in a call that it will go on with
// once more, and where no spare memory stands in for the guest's.
func (r *recorder) logRestart(c *call) error {
	if !c.restarts || c.loan != nil {
		return nil
	}
	regs, err := r.t.Regs()
	if err != nil || !engine.RestartBlock(regs.Rax) {
		return err
	}
	return r.logOutputs(c, errnoResult(unix.EINTR))
}

// enterCall brings the thread into the call that it stands before. Signals that
// come faster than it can be resumed would keep it from there.
func (r *recorder) enterCall() error {
	regs, err := r.t.Regs()
	if err != nil || regs.Rip != r.e.Gadget() {
		return err
	}
	undo, err := r.t.Hush()
	if err != nil {
		return err
	}
	for {
		if err := r.t.SyscallCont(0); err != nil {
			return err
		}
		raw, err := r.t.Wait()
		switch {
		case err != nil:
			return err
		case raw.Ended():
			r.t.Keep(raw)
			return nil
		case raw.Kind == tracee.Syscall:
			return undo()
		}
	}
}

// enterGadget puts the thread before the SYSCALL instruction of the calls that
// we make for it.
func (r *recorder) enterGadget(g engine.Regs) error {
	g.Rip = r.e.Gadget()
	return r.e.SetNative(g)
}

// returned reports whether a signal stop is at the INT3 behind that
// instruction.
func (r *recorder) returned(raw tracee.Stop) (engine.Regs, bool, error) {
	regs, err := r.t.Regs()
	return regs, err == nil && raw.Signal == int(unix.SIGTRAP) && regs.Rip == r.e.Gadget()+syscallLen+1, err
}

// shortCall is how long a call may take that the thread does not give up the
// baton for.
const shortCall = 20 * time.Microsecond

// awaitCall waits for the next stop of the thread, which is in a call. If the
// call takes longer, others run meanwhile.
func (r *recorder) awaitCall(g engine.Regs, c *call) (tracee.Stop, error) {
	th := r.th
	if !c.yields {
		return r.e.Wait()
	}
	if r.alone() && !r.wanted() {
		th.blocked = true
		defer func() { th.blocked = false }()
		return r.e.Wait()
	}
	if c.nr != unix.SYS_SCHED_YIELD {
		for start := time.Now(); time.Since(start) < shortCall; {
			if raw, ok, err := th.t.Poll(); err != nil || ok && raw.Kind != tracee.Group {
				return raw, err
			} else if ok {
				if err := th.t.Listen(); err != nil {
					return raw, err
				}
				break
			}
			unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		}
	}
	if !th.t.Listening() {
		if err := r.lockingPI(c); err != nil {
			return tracee.Stop{}, err
		}
	}
	th.at, th.calling = c.within(g), true
	defer func() { th.calling = false }()
	r.release(th, g.Rip)
	raw, err := th.await()
	if err != nil {
		return raw, err
	}
	if raw.Ended() {
		return raw, nil
	}
	return raw, th.acquire()
}

// within returns the registers of a thread that is in the call at g, as a tracer
// sees them: the call would be made again.
func (c *call) within(g engine.Regs) engine.Regs {
	const restartSys = unix.Errno(512) // ERESTARTSYS
	engine.SetResult(&g, errnoResult(restartSys))
	g.Orig_rax = c.nr
	return g
}

// duringCall handles a signal stop while the guest is in a call that we
// make: it reports whether the call is over, and which signal to pass on.
func (r *recorder) duringCall(raw tracee.Stop, g engine.Regs, c *call) (done bool, pass int, err error) {
	regs, returned, err := r.returned(raw)
	if err != nil {
		return false, 0, err
	}
	if returned {
		c.result = regs.Rax
		if err := r.giveBack(c, c.result); err != nil {
			return false, 0, err
		}
		return true, 0, r.e.KeepMask(raw.Signal)
	}
	info, err := r.t.Siginfo()
	if err != nil {
		return false, 0, err
	}
	if r.fateOf(raw.Signal) == fateNothing {
		if !stops(raw.Signal) && regs.Rip == r.e.Gadget()+syscallLen && c.needless(regs.Rax) && !r.e.SignalWaits() {
			// Untraced, the signal would not have interrupted the call.
			c.begun = regs.Rax
			regs.Rip, regs.Rax, regs.Orig_rax = r.e.Gadget(), c.nr, ^uint64(0)
			return false, 0, r.t.SetRegs(&regs)
		}
		return false, r.passed(raw.Signal), nil
	}
	code := regs.Rax
	switch waits := regs.Rip == r.e.Gadget() && c.yields; {
	case waits && c.begun != 0:
		code = c.begun
	case waits && !c.partial:
		return true, 0, r.insteadOf(c, g, info)
	case !waits && (regs.Rip != r.e.Gadget()+syscallLen || !engine.Interrupted(c.nr, code)):
		// The call is over, or has not begun and is short: the signal can
		// wait until it is.
		r.e.Queue(info)
		return false, 0, nil
	}
	if c.partial {
		c.result = errnoResult(unix.EINTR)
		r.e.Queue(info)
		return true, 0, r.giveBack(c, c.result)
	}
	c.interrupted = true
	if err := r.giveBack(c, code); err != nil {
		return false, 0, err
	}
	b := engine.Boundary{Regs: g, InSyscall: true}
	engine.SetResult(&b.Regs, code)
	b.Regs.Orig_rax = c.nr
	return true, 0, r.deliver(info, b, false)
}

// insteadOf delivers a signal before the call c, which would not be over soon,
// has begun.
func (r *recorder) insteadOf(c *call, g engine.Regs, info tracee.Siginfo) error {
	c.interrupted = true
	r.returnLoan(c)
	return r.deliver(info, engine.Boundary{Regs: g}, false)
}
