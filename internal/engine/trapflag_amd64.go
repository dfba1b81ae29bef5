package engine

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/x86"
)

// A guest that sets its own trap flag gets a SIGTRAP behind each instruction
// that begins with the flag set (SDM vol. 3, 19.3.1.4). While guest code runs
// in fragments the CPU's flag is clear: the guest's is part of the registers
// that pass SetGuest and come with a Stop, and as long as it is set Run
// executes one instruction at a time. The CPU's own is set only between a POPF
// that sets it and the NOP behind that in its translation.

// keepTrapFlag takes the guest's trap flag out of registers for the CPU.
func (e *Engine) keepTrapFlag(g *Regs) {
	e.thread.trapFlag = g.Eflags&uint64(x86.TF) != 0
	g.Eflags &^= uint64(x86.TF)
}

// setsTrapFlag reports whether a thread with these host registers has just set
// its trap flag by POPF.
func (e *Engine) setsTrapFlag(regs *Regs) bool {
	if regs.Eflags&uint64(x86.TF) == 0 || e.thread.trapFlag {
		return false
	}
	for back := uint64(1); back <= 2; back++ { // behind the POPF or its NOP
		at := regs.Rip - back
		p := e.codeByte(at)
		if p == nil || *p != opPOPF {
			continue
		}
		if _, u := e.unitAt(at); u != nil {
			inst, ok := e.decode(u.pointAt(at).PC)
			return ok && inst.Spec == x86.POPF
		}
	}
	return false
}

const opPOPF = 0x9d

// steppedFlags corrects what steps by ptrace have made of the trap flag: inst was
// executed so from before, with the CPU's registers regs behind it, the guest's g.
func (e *Engine) steppedFlags(inst *x86.Inst, before, regs, g *Regs) error {
	switch {
	case inst.Spec == x86.POPF:
		// A step behind it sets the flag for good (enable_single_step,
		// arch/x86/kernel/step.c), so it is not in regs.
		return e.popTF(before.Rsp, g)
	case inst.Flow == x86.FlowFar && inst.FlagsWritten&x86.TF != 0: // IRET, by a single step
		g.Eflags = g.Eflags&^uint64(x86.TF) | regs.Eflags&uint64(x86.TF)
	case inst.Spec == x86.PUSHF && !e.thread.trapFlag:
		return e.clearPushedTF(g.Rsp)
	}
	return nil
}

// popTF gives g the trap flag that POPF has found on the stack.
func (e *Engine) popTF(at uint64, g *Regs) error {
	var b [2]byte
	if _, err := e.t.ReadMem(at, b[:]); err != nil {
		return err
	}
	g.Eflags = g.Eflags&^uint64(x86.TF) | uint64(b[1])<<8&uint64(x86.TF)
	return nil
}

// repeated reports whether the trap flag stops between two repetitions of the
// string instruction inst, which began with registers g.
func (e *Engine) repeated(g *Regs, inst *x86.Inst, now *Regs) bool {
	return e.thread.trapFlag && inst.Spec == x86.STRING && inst.Rep != 0 && now.Rcx != g.Rcx
}

// trace is Run while the guest's trap flag is set: it executes one instruction,
// or one repetition.
func (e *Engine) trace() (Stop, error) {
	regs, err := e.t.Regs()
	if err != nil {
		return e.ended(err)
	}
	st := e.locate(&regs)
	if st.place != atBoundary {
		return Stop{}, fmt.Errorf("process %d: to be traced from %#x, which is no boundary", e.t.PID, regs.Rip)
	}
	g := e.guest(&regs, st)
	if inst, ok := e.decode(g.Rip); ok && inst.Flow == x86.FlowSyscall {
		return Stop{Kind: StopSyscall, Regs: g}, nil // its stub may sleep
	}
	stop, err := e.StepGuest(g)
	if err == nil && stop.Kind == 0 {
		stop.Kind = StopTraced
	}
	return stop, err
}

// TrapsBehind reports whether the CPU traps behind the instruction at pc if that
// begins with the trap flag set. The kernel's entries clear it, and what has been
// called by them returns without a trap.
func (e *Engine) TrapsBehind(pc uint64) bool {
	inst, ok := e.DecodeForeign(pc)
	return !ok || inst.Flow != x86.FlowSyscall && inst.Flow != x86.FlowSysenter && inst.Flow != x86.FlowInt
}

// Trap makes the thread take a trap of the trap flag at the guest's registers g,
// for the kernel to note it as the last, and returns its siginfo.
func (e *Engine) Trap(g Regs) (Signal, error) {
	const opNOP = 0x90
	regs, slot := g, e.stubs.slot
	e.mem[slot-e.arena] = opNOP
	regs.Rip, regs.Gs_base, regs.Orig_rax = slot, e.arena, ^uint64(0)
	e.keepTrapFlag(&regs)
	if err := e.t.SetRegs(&regs); err != nil {
		return Signal{}, err
	}
	if err := e.stepHost(); err != nil {
		return Signal{}, err
	}
	info, err := e.t.Siginfo()
	if err == nil && (info.Signo() != int(unix.SIGTRAP) || info.Addr() != slot+1) {
		err = fmt.Errorf("process %d: signal %d at %#x instead of a trap", e.t.PID, info.Signo(), info.Addr())
	}
	info.SetAddr(g.Rip)
	return info, err
}
