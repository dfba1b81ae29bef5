package engine

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/tracee"
	"hindsight/internal/x86"
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
}

// ToBoundary brings the guest, which a signal or an interrupt stopped
// anywhere, to an instruction boundary. Signals that arrive on the way stay
// pending, but for those that no mask holds back: they are queued for
// TakeSignal.
func (e *Engine) ToBoundary() (b Boundary, err error) {
	regs, err := e.t.Regs()
	if err != nil {
		return Boundary{}, err
	}
	switch st := e.locate(&regs); st.place {
	case inSyscall:
		return Boundary{Regs: e.guest(&regs, st), InSyscall: true}, nil
	case atBoundary, beforeCall, outside:
		if !e.insideString(&regs, st) {
			return Boundary{Regs: e.guest(&regs, st)}, nil
		}
	}
	mask, err := e.t.SigMask()
	if err != nil {
		return Boundary{}, err
	}
	if err := e.t.SetSigMask(^synchronous); err != nil {
		return Boundary{}, err
	}
	if b, err = e.toBoundary(); err != nil {
		return Boundary{}, err
	}
	// The stub of rt_sigprocmask may have seen the mask that we set.
	e.SetMask(mask)
	return b, e.t.SetSigMask(mask)
}

// synchronous are the signals that instructions raise: blocking them would
// make them fatal.
const synchronous = uint64(1<<(unix.SIGSEGV-1) | 1<<(unix.SIGBUS-1) | 1<<(unix.SIGFPE-1) | 1<<(unix.SIGILL-1) | 1<<(unix.SIGTRAP-1))

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
		case atBoundary, beforeCall, outside:
			if !e.insideString(&regs, st) {
				return Boundary{Regs: e.guest(&regs, st)}, nil
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
			err = e.stepHost()
		}
		if err != nil {
			return Boundary{}, err
		}
	}
}

// TakeSignal returns a signal that was queued, oldest first.
func (e *Engine) TakeSignal() (Signal, bool) {
	if len(e.t.Deferred) > 0 {
		e.queue = append(e.queue, e.t.Deferred...)
		e.t.Deferred = nil
	}
	if len(e.queue) == 0 {
		return Signal{}, false
	}
	s := e.queue[0]
	e.queue = e.queue[1:]
	return s, true
}

// Queue puts a signal taken from the tracee behind those waiting.
func (e *Engine) Queue(s Signal) { e.queue = append(e.queue, s) }

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
	for {
		raw, err := e.t.Wait()
		if err != nil {
			return err
		}
		switch {
		case raw.Ended():
			return fmt.Errorf("process %d: %w", e.t.PID, errEnded{raw})
		case raw.Kind == tracee.SignalDelivery:
			done, err := e.sortSignal(raw)
			if done || err != nil {
				return err
			}
		case raw.Kind != tracee.Event || raw.Event != unix.PTRACE_EVENT_STOP:
			return fmt.Errorf("stepping process %d: unexpected %v", e.t.PID, raw)
		}
		if err := e.t.Step(0); err != nil {
			return err
		}
	}
}

// sortSignal reports whether a signal is what a step ends with; others are
// queued.
func (e *Engine) sortSignal(raw tracee.Stop) (bool, error) {
	info, err := e.t.Siginfo()
	if err != nil {
		return false, err
	}
	if syncSignal(raw.Signal) && info.Code() > 0 {
		return true, e.KeepMask()
	}
	e.queue = append(e.queue, info)
	return false, nil
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

// runTo lets the tracee run up to a host address.
func (e *Engine) runTo(host uint64) error {
	old, err := e.poke(host, 0xcc)
	if err != nil {
		return err
	}
	for {
		if err := e.t.Cont(0); err != nil {
			return err
		}
		raw, err := e.t.Wait()
		if err != nil {
			return err
		}
		if raw.Ended() {
			return fmt.Errorf("process %d: %w", e.t.PID, errEnded{raw})
		}
		if raw.Kind != tracee.SignalDelivery {
			continue
		}
		done, err := e.sortSignal(raw)
		if err != nil {
			return err
		}
		if !done {
			continue
		}
		regs, err := e.t.Regs()
		if err != nil {
			return err
		}
		if regs.Rip == host+1 {
			regs.Rip = host
			if err := e.t.SetRegs(&regs); err != nil {
				return err
			}
			break
		}
		if again, err := e.faultOnTheWay(raw, &regs); !again {
			_, perr := e.poke(host, old)
			return errors.Join(err, perr)
		}
	}
	_, err = e.poke(host, old)
	return err
}

// faultOnTheWay handles a fault between where runTo started and where it is
// going, and reports whether the tracee can go on. A fault of the guest's own
// is left to recur.
func (e *Engine) faultOnTheWay(raw tracee.Stop, regs *Regs) (bool, error) {
	info, err := e.t.Siginfo()
	if err != nil {
		return false, err
	}
	page := info.Addr() &^ (pageSize - 1)
	prot, ours := e.protected[page]
	if unix.Signal(raw.Signal) == unix.SIGSEGV && ours {
		if err := e.mprotect(page, pageSize, prot); err != nil {
			return false, err
		}
		delete(e.protected, page)
		e.drop(page, page+pageSize)
		return true, nil
	}
	if off := regs.Rip - 1 - e.arena - area.Code; off < area.CodeLen && e.stubs.exits[uint32(off)] == stubFinish {
		return false, errFinish
	}
	if e.locate(regs).place == afterCall {
		return false, fmt.Errorf("process %d: %s in a stub at %#x, address %#x", e.t.PID,
			unix.SignalName(unix.Signal(raw.Signal)), regs.Rip, info.Addr())
	}
	return false, nil
}

// errFinish says that a stub has left its syscall to be logged by us.
var errFinish = errors.New("the stub left its syscall to be logged")

// poke replaces a byte of the engine's code.
func (e *Engine) poke(host uint64, b byte) (byte, error) {
	p := e.codeByte(host)
	if p == nil {
		return 0, fmt.Errorf("no code of ours at %#x", host)
	}
	old := *p
	*p = b
	return old, nil
}

func (e *Engine) codeByte(host uint64) *byte {
	if off := host - e.arena; off < area.Size {
		return &e.mem[off]
	}
	for _, r := range e.regions {
		if off := host - r.base; off < r.size {
			return &r.mem[off]
		}
	}
	return nil
}

// finishStub runs a stub to its end and steps out of it.
func (e *Engine) finishStub() error {
	regs, err := e.t.Regs()
	if err != nil {
		return err
	}
	if regs.Rip != e.stubs.done {
		if err := e.runTo(e.stubs.done); err != nil {
			return err
		}
	}
	return e.stepHost()
}

// insideString reports whether the guest may be in the middle of a repeated
// string instruction, which counts as one.
func (e *Engine) insideString(regs *Regs, st state) bool {
	if st.place != atBoundary {
		return false
	}
	inst, ok := e.decode(st.pc)
	return ok && inst.Rep != 0 && inst.Spec == x86.STRING && regs.Rcx != 0
}

// finishString runs a repeated string instruction to its end, or to a fault,
// and leaves the registers as they are then in regs.
func (e *Engine) finishString(regs *Regs) (faults bool, err error) {
	_, u := e.unitAt(regs.Rip)
	inst, ok := e.decode(pointAt(u, regs.Rip).PC)
	if !ok {
		return false, e.stepHost()
	}
	start := regs.Rip
	if err := e.runTo(start + uint64(inst.Len)); err != nil {
		return false, err
	}
	*regs, err = e.t.Regs()
	return regs.Rip == start, err
}

func (e *Engine) decode(pc uint64) (x86.Inst, bool) {
	var b [15]byte
	e.fetched.reset()
	inst, err := x86.Decode(b[:e.Fetch(pc, b[:])], pc)
	return inst, err == nil
}

// Decode returns the guest's instruction at pc, if there is one.
func (e *Engine) Decode(pc uint64) (x86.Inst, bool) { return e.decode(pc) }

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

// StepNative lets the CPU execute the one guest instruction at g.Rip. Kind is
// 0 if it did, StopFault if it raised a signal. Ticks are counted.
func (e *Engine) StepNative(g Regs) (Stop, error) {
	inst, known := e.decode(g.Rip)
	if err := e.SetNative(g); err != nil {
		return Stop{}, err
	}
	e.stepping = true
	err := e.stepHost()
	e.stepping = false
	if err != nil {
		return Stop{}, err
	}
	info, err := e.t.Siginfo()
	if err != nil {
		return Stop{}, err
	}
	regs, err := e.t.Regs()
	if err != nil {
		return Stop{}, err
	}
	after := e.guest(&regs, state{place: outside, pc: regs.Rip})
	if info.Signo() != int(unix.SIGTRAP) || info.Code() == siKernel {
		return Stop{Kind: StopFault, Regs: after, Signal: info.Signo(), Info: info}, nil
	}
	if known && counts(&inst, after.Rip) {
		e.SetWord(area.Tick, e.Word(area.Tick)+1)
	}
	if known && inst.Spec == x86.PUSHF {
		err = e.clearPushedTF(after.Rsp)
	}
	return Stop{Regs: after}, err
}

// siKernel is the si_code of a signal that the kernel sends by itself, and of
// INT3's.
const siKernel = 0x80

// counts reports whether executing inst, with to the next PC, was a tick.
func counts(inst *x86.Inst, to uint64) bool {
	switch inst.Flow {
	case x86.FlowJmpInd, x86.FlowCallInd, x86.FlowRet, x86.FlowFar:
		return true
	case x86.FlowJmp, x86.FlowJcc, x86.FlowCall, x86.FlowXbegin:
		return to == inst.Target && to <= inst.PC
	}
	return false
}

// clearPushedTF removes the trap flag of the step from what PUSHF stored.
func (e *Engine) clearPushedTF(at uint64) error {
	var b [2]byte
	if _, err := e.t.ReadMem(at, b[:]); err != nil {
		return err
	}
	b[1] &^= byte(x86.TF >> 8)
	return e.t.WriteMem(at, b[:])
}
