package engine

import (
	"fmt"

	"hindsight/internal/area"
	"hindsight/internal/x86"
)

// stepString executes the repeated string instruction inst at g.Rip, which may be
// translated in any way: a copy of it in the arena.
func (e *Engine) stepString(g Regs, inst *x86.Inst) (Stop, error) {
	at := e.stubs.slot
	if _, err := e.t.ReadMem(g.Rip, e.mem[at-e.arena:][:inst.Len]); err != nil {
		return Stop{}, err
	}
	regs := g
	regs.Rip, regs.Orig_rax = at, ^uint64(0)
	e.keepTrapFlag(&regs)
	e.SetWord(area.Calling, 0)
	if err := e.t.SetRegs(&regs); err != nil {
		return Stop{}, err
	}
	if err := e.runTo(at + uint64(inst.Len)); err != nil {
		return Stop{}, err
	}
	regs, err := e.t.Regs()
	if err != nil {
		return Stop{}, err
	}
	stop := Stop{Regs: e.guest(&regs, state{place: outside, pc: regs.Rip - at + g.Rip})}
	if regs.Rip != at && regs.Rip != at+uint64(inst.Len) {
		return stop, fmt.Errorf("process %d: a string instruction at %#x has ended at %#x", e.t.PID, g.Rip, regs.Rip)
	}
	if regs.Rip == at {
		stop.Kind = StopFault
		if stop.Info, err = e.t.Siginfo(); err == nil {
			stop.Signal = stop.Info.Signo()
		}
	}
	return stop, err
}

// RepeatString executes n repetitions of the string instruction inst, at which the
// guest stands with registers g, and which accesses foreign memory at fault.
func (e *Engine) RepeatString(g Regs, inst *x86.Inst, fault, n uint64) (Stop, error) {
	part := g
	if inst.Rep != 0 {
		part.Rcx = n
	}
	stop, err := e.StepForeign(part, fault)
	if err != nil || inst.Rep == 0 {
		return stop, err
	}
	compares := inst.FlagsWritten&x86.ZF != 0
	found := compares && stop.Regs.Eflags&uint64(x86.ZF) != 0 == (inst.Rep == 0xf2)
	if stop.Kind == 0 && stop.Regs.Rcx == 0 && n < g.Rcx && !found {
		stop.Regs.Rip = g.Rip
	}
	stop.Regs.Rcx += g.Rcx - n
	return stop, nil
}

// Stretch returns how many repetitions of the string instruction inst, at which
// the guest stands with registers g, access foreign memory in the same way as the
// next does: whether they do so at all, and load from it.
func (e *Engine) Stretch(g *Regs, inst *x86.Inst) (n uint64, foreign, loads bool) {
	if n = 1; inst.Rep != 0 {
		n = g.Rcx
	}
	for _, m := range inst.Mems() {
		addr, size := Address(g, inst, m), uint64(m.Size)
		if len(e.foreignWithin(addr, addr+size)) > 0 {
			foreign = true
			loads = loads || m.Access&x86.Read != 0
		}
		n = min(n, e.alike(addr, size, g.Eflags&uint64(x86.DF) != 0))
	}
	return n, foreign, loads
}

// alike returns how many elements from addr on, upwards or downwards, lie in
// foreign memory, or outside, if the first does. One that lies in both is alone.
func (e *Engine) alike(addr, size uint64, down bool) uint64 {
	start, end := uint64(0), ^uint64(0)
	inside := false
	for _, m := range e.foreignWithin(0, ^uint64(0)) {
		switch {
		case m.End <= addr:
			start = m.End
		case m.Start >= addr+size:
			end = min(end, m.Start)
		case m.Start <= addr && addr+size <= m.End:
			inside = true
			start, end = m.Start, m.End
		default:
			return 1
		}
		if inside {
			break
		}
	}
	if down {
		return (addr-start)/size + 1
	}
	return (end - addr) / size
}

// inStringStub reports whether the guest is in the stub of string instructions,
// with a repeated one that is not over.
func (e *Engine) inStringStub(regs *Regs) bool {
	off := regs.Rip - e.arena - area.Code
	return off < area.CodeLen && e.stubs.strings[0] <= uint32(off) && uint32(off) < e.stubs.strings[1] &&
		e.Word(area.StringKind)&area.StringRepeats != 0 && e.Word(area.Save(x86.RCX)) != 0
}

// ownString returns the host address of the repeated string instruction itself
// that the guest is in, or about to execute.
func (e *Engine) ownString(regs *Regs, st state) uint64 {
	if st.place == beforeCall {
		return e.Word(area.ForeignPlain)
	}
	_, u := e.unitAt(regs.Rip)
	if u == nil {
		return regs.Rip
	}
	return u.Base + uint64(u.Own(uint32(regs.Rip-u.Base)))
}

// leaveString takes the guest to the instruction itself, which faults where it is
// about to access foreign memory.
func (e *Engine) leaveString(regs *Regs, st state, own uint64) error {
	g := e.guest(regs, st)
	g.Rip, g.Gs_base = own, e.arena
	e.keepTrapFlag(&g)
	return e.t.SetRegs(&g)
}
