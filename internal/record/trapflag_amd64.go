package record

import (
	"encoding/binary"
	"time"

	"hindsight/internal/engine"
	"hindsight/internal/x86"
)

// goOn lets the guest go on behind an instruction that was executed for it, and
// which it came to with registers before.
func (r *recorder) goOn(before *engine.Regs, after engine.Regs) error {
	if before.Eflags&uint64(x86.TF) != 0 && r.e.TrapsBehind(before.Rip) {
		return r.trap(after)
	}
	return r.e.SetGuest(after)
}

// trap delivers the trap of the guest's trap flag. Nothing but this brings a
// thread to us between its instructions, so it looks for who waits, too.
func (r *recorder) trap(g engine.Regs) error {
	info, err := r.e.Trap(g)
	if err != nil {
		return err
	}
	if err := r.deliver(info, engine.Boundary{Regs: g}, true); err != nil {
		return err
	}
	if r.ended != nil || r.th.over || !r.wanted() || time.Now().Before(r.baton.due) {
		return nil
	}
	b, err := r.e.ToBoundary()
	if err != nil {
		return err
	}
	return r.yield(b)
}

// frameTF makes the trap flag in the frame's RFLAGS tf, the guest's. The kernel
// leaves one there when the steps that led here went over a POPF, which it takes
// for the program's own wish (is_setting_trap_flag, arch/x86/kernel/step.c).
func (r *recorder) frameTF(g *engine.Regs, tf uint64) error {
	const rflags = 8 + 40 + 17*8 // return address, ucontext up to the mcontext, 17 registers
	var b [8]byte
	if _, err := r.t.ReadMem(g.Rsp+rflags, b[:]); err != nil {
		return err
	}
	was := binary.LittleEndian.Uint64(b[:])
	if was&uint64(x86.TF) == tf {
		return nil
	}
	binary.LittleEndian.PutUint64(b[:], was&^uint64(x86.TF)|tf)
	return r.t.WriteMem(g.Rsp+rflags, b[:])
}
