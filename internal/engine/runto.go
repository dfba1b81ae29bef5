package engine

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/tracee"
	"hindsight/internal/x86"
)

// runTo lets the tracee run up to a host address.
func (e *Engine) runTo(host uint64) error {
	old, err := e.poke(host, 0xcc)
	if err != nil {
		return err
	}
	pass := 0
	for {
		if err := e.t.Cont(pass); err != nil {
			return err
		}
		raw, err := e.t.Wait()
		if err != nil {
			return err
		}
		if raw.Ended() {
			return fmt.Errorf("process %d: %w", e.t.PID, errEnded{raw})
		}
		pass = 0
		if raw.Kind != tracee.SignalDelivery {
			continue
		}
		done, p, err := e.sortSignal(raw)
		if err != nil {
			return err
		}
		pass = p
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

// finishStub runs a stub to its end, and leads the tracee back from there.
func (e *Engine) finishStub() error {
	regs, err := e.t.Regs()
	if err != nil {
		return err
	}
	if regs.Rip != e.stubs.done {
		if err := e.runTo(e.stubs.done); err != nil {
			return err
		}
		if regs, err = e.t.Regs(); err != nil {
			return err
		}
	}
	regs.Rip = e.Word(area.Cont) // where the jump there goes
	return e.t.SetRegs(&regs)
}

// insideString reports whether the guest may be in the middle of a repeated
// string instruction, which counts as one.
func (e *Engine) insideString(regs *Regs, st state) bool {
	if st.place == beforeCall {
		return e.inStringStub(regs)
	}
	if st.place != atBoundary || e.thread.trapFlag {
		return false // the trap flag stops at each repetition
	}
	inst, ok := e.decode(st.pc)
	return ok && inst.Rep != 0 && inst.Spec == x86.STRING && regs.Rcx != 0
}

// finishString runs a repeated string instruction to its end, or to a fault,
// and leaves the registers as they are then in regs.
func (e *Engine) finishString(regs *Regs) (faults bool, err error) {
	_, u := e.unitAt(regs.Rip)
	inst, ok := e.decode(u.pointAt(regs.Rip).PC)
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
