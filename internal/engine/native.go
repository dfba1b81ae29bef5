package engine

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/x86"
)

func (e *Engine) decode(pc uint64) (x86.Inst, bool) {
	var b [15]byte
	e.fetched.next()
	inst, err := x86.Decode(b[:e.Fetch(pc, b[:])], pc)
	return inst, err == nil
}

// Decode returns the guest's instruction at pc, if there is one.
func (e *Engine) Decode(pc uint64) (x86.Inst, bool) { return e.decode(pc) }

// StepNative lets the CPU execute the one guest instruction at g.Rip. Kind is
// 0 if it did, StopFault if it raised a signal. Ticks are counted.
func (e *Engine) StepNative(g Regs) (Stop, error) {
	inst, known := e.DecodeForeign(g.Rip)
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
	if known {
		err = e.steppedFlags(&inst, &g, &regs, &after)
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
