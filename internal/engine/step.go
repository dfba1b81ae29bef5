package engine

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/tracee"
	"hindsight/internal/x86"
)

// StepGuest executes the one guest instruction at g.Rip, through its
// translation; of a repeated string instruction, if the trap flag is set, one
// repetition. The Stop has Kind 0 and the state behind the instruction, or
// else the reason why the supervisor must execute it, as Run has, with
// nothing executed. A breakpoint at g.Rip is ignored.
func (e *Engine) StepGuest(g Regs) (Stop, error) {
	if err := e.SetGuest(g); err != nil {
		return Stop{}, err
	}
	if e.breaks[g.Rip] != nil {
		e.Unbreak(g.Rip)
		defer e.Break(g.Rip)
	}
	inst, known := e.decode(g.Rip)
	tick := e.Tick()
	for {
		regs, err := e.t.Regs()
		if err != nil {
			return e.ended(err)
		}
		st := e.locate(&regs)
		// Every instruction moves the PC or is a tick.
		if st.place == atBoundary && (st.pc != g.Rip || e.Tick() != tick || e.repeated(&g, &inst, &regs)) {
			stop := Stop{Regs: e.guest(&regs, st)}
			if known {
				err = e.steppedFlags(&inst, &g, &regs, &stop.Regs)
			}
			return stop, err
		}
		stop, again, err := e.stepInside(&regs, st)
		if err != nil {
			return e.ended(err)
		}
		if !again {
			return stop, nil
		}
	}
}

// stepInside executes one host instruction, or a repeated string instruction
// as a whole, and reports whether the guest shall go on.
func (e *Engine) stepInside(regs *Regs, st state) (Stop, bool, error) {
	if p := e.codeByte(regs.Rip); p != nil && *p == 0xcc {
		at := *regs
		at.Rip++
		stop, again, found, err := e.trap(&at)
		if err == nil && !found {
			err = fmt.Errorf("process %d: unknown INT3 of ours at %#x", e.t.PID, regs.Rip)
		}
		return stop, again, err
	}
	if n, ok := e.stubs.repeats[uint32(regs.Rip-e.arena-area.Code)]; ok && regs.Rip-e.arena-area.Code < area.CodeLen {
		return e.runString(regs.Rip + uint64(n))
	}
	if st.place == atBoundary && e.insideString(regs, st) && e.ownString(regs, st) == regs.Rip {
		if inst, ok := e.decode(st.pc); ok {
			return e.runString(regs.Rip + uint64(inst.Len))
		}
	}
	if err := e.t.Step(0); err != nil {
		return Stop{}, false, err
	}
	return e.awaitStep(func() error { return e.t.Step(0) })
}

// runString runs a repeated string instruction up to its end at host.
func (e *Engine) runString(host uint64) (Stop, bool, error) {
	old, err := e.poke(host, 0xcc)
	if err != nil {
		return Stop{}, false, err
	}
	stop, again, err := e.resumeTo(host)
	if p := e.codeByte(host); p != nil && *p == 0xcc {
		*p = old
	}
	return stop, again, err
}

func (e *Engine) resumeTo(host uint64) (Stop, bool, error) {
	if err := e.t.Cont(0); err != nil {
		return Stop{}, false, err
	}
	stop, again, err := e.awaitStep(func() error { return e.t.Cont(0) })
	if !again || err != nil {
		return stop, again, err
	}
	regs, err := e.t.Regs()
	if err == nil && regs.Rip == host+1 {
		regs.Rip = host
		err = e.t.SetRegs(&regs)
	}
	return stop, true, err
}

// awaitStep waits for the SIGTRAP that ends a step. Signals from elsewhere
// are queued, and resume called again; a fault is what it is in Run.
func (e *Engine) awaitStep(resume func() error) (Stop, bool, error) {
	for {
		raw, err := e.t.Wait()
		if err != nil {
			return Stop{}, false, err
		}
		switch {
		case raw.Ended():
			return Stop{Kind: StopEnded, Raw: raw}, false, nil
		case raw.Kind == tracee.SignalDelivery:
			info, err := e.t.Siginfo()
			if err != nil {
				return Stop{}, false, err
			}
			if syncSignal(raw.Signal) && info.Code() > 0 {
				if raw.Signal == int(unix.SIGTRAP) {
					return Stop{}, true, nil
				}
				return e.signalStop(raw)
			}
			e.Queue(info)
		case raw.Kind != tracee.Group && (raw.Kind != tracee.Event || raw.Event != unix.PTRACE_EVENT_STOP):
			return Stop{}, false, fmt.Errorf("stepping process %d: unexpected %v", e.t.PID, raw)
		}
		if err := resume(); err != nil {
			return Stop{}, false, err
		}
	}
}

// Watchable returns the memory that inst, about to execute with registers g,
// will access as far as that follows from them: address, length, and how.
func Watchable(g *Regs, inst *x86.Inst) (out []Access) {
	for _, m := range inst.Mems() {
		a := Access{Addr: Address(g, inst, m), Len: uint64(m.Size), Kind: m.Access, Known: m.Size != 0 && !m.VSIB}
		if inst.Rep != 0 && inst.Spec == x86.STRING {
			a.Len *= g.Rcx
			if g.Eflags&uint64(x86.DF) != 0 {
				a.Addr -= a.Len - uint64(m.Size)
			}
		}
		out = append(out, a)
	}
	return out
}

// Access is one access to memory.
type Access struct {
	Addr, Len uint64
	Kind      x86.Access
	Known     bool // the range is exact
}
