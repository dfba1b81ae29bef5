package replay

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/x86"
)

// insn handles an instruction whose stub found no event for it in the log
// buffer: there may be one behind.
func (p *Player) insn(lim *Limits) (Outcome, error) {
	_, ev, h, err := p.owner()
	if err != nil {
		return Outcome{}, err
	}
	if ev == nil {
		p.over = true
		return Outcome{Reason: AtEnd}, nil
	}
	if p.watches != nil && h.Kind == event.KindSyscall && h.Flags&event.FlagVDSO != 0 && h.Tick == p.tick {
		return Outcome{}, p.vdso(ev)
	}
	switch {
	case h.Tick != p.tick:
	case h.Kind == event.KindSignal && h.Flags&event.FlagSync != 0:
		return p.raised(ev, lim)
	case h.Kind == event.KindRegs:
		return p.nondet(lim) // the vDSO, where it faulted
	}
	return Outcome{}, p.progress("an instruction whose result it does not have")
}

// raised delivers the signal that an instruction has raised while it was
// recorded, such as RDTSC where the program has forbidden itself that.
func (p *Player) raised(ev []byte, lim *Limits) (Outcome, error) {
	s, err := event.DecodeSignal(ev)
	if err != nil {
		return Outcome{}, err
	}
	if s.PC != p.regs.Rip {
		return Outcome{}, p.progress("an instruction that raised no signal")
	}
	if out, err := p.showSignal(ev, lim); err != nil || out.Reason != 0 {
		return out, err
	}
	return Outcome{}, p.deliver(ev)
}

// vdso does what the stub of a vDSO function does: its results, and the
// return to the caller. All registers but RAX stay.
func (p *Player) vdso(ev []byte) error {
	fn, ok := p.e().VDSOAt(p.regs.Rip)
	s, err := event.DecodeSyscall(ev)
	if err != nil {
		return err
	}
	if !ok || engine.VDSOSyscall(fn) != int(s.NR) {
		return p.diverged("another function of the vDSO")
	}
	if err := p.write(s.Writes); err != nil {
		return err
	}
	var b [8]byte
	if _, err := p.ReadMem(p.regs.Rsp, b[:]); err != nil {
		return err
	}
	p.regs.Rax, p.regs.Rip = s.Result, binary.LittleEndian.Uint64(b[:])
	p.regs.Rsp += 8
	p.tick++
	p.advance(ev)
	return nil
}

// native lets the CPU execute an instruction that is not translated.
func (p *Player) native(lim *Limits) (Outcome, error) {
	inst, ok := p.e().Decode(p.regs.Rip)
	if ok && (inst.Flow == x86.FlowInt && inst.Imm == 0x80 || inst.Flow == x86.FlowSysenter) {
		return p.nondet(lim) // a 32-bit system call
	}
	return p.stepNative(lim)
}

func (p *Player) stepNative(lim *Limits) (Outcome, error) {
	stop, err := p.e().StepNative(p.regs)
	if err != nil {
		return Outcome{}, err
	}
	p.tick = p.e().Tick()
	if stop.Kind != 0 {
		if p.e().ForeignFault(&stop.Info) {
			return p.foreign(stop, lim)
		}
		return p.fault(stop, lim)
	}
	p.regs = stop.Regs
	return p.lookAtDebugregs()
}

// nondet takes the results of an instruction from the log: what it wrote,
// and all registers.
func (p *Player) nondet(lim *Limits) (Outcome, error) {
	mems, ev, h, err := p.owner()
	switch {
	case err != nil:
		return Outcome{}, err
	case ev == nil:
		p.over = true
		return Outcome{Reason: AtEnd}, nil
	case h.Kind == event.KindSignal && h.Flags&event.FlagSync != 0:
		return p.stepNative(lim) // it faulted
	case h.Kind != event.KindRegs || h.Tick != p.tick:
		return Outcome{}, p.progress("an instruction whose result it does not have")
	}
	if err := p.applyMems(mems); err != nil {
		return Outcome{}, err
	}
	return Outcome{}, p.replaceRegs()
}

// roomForStack makes room for a stack that the guest has touched below its start,
// and reports whether the guest is to try again.
func (p *Player) roomForStack(stop *engine.Stop) (bool, error) {
	if unix.Signal(stop.Signal) != unix.SIGSEGV {
		return false, nil
	}
	return p.roomForStackTo(stop.Info.Addr())
}

// roomForStackTo makes a stack grow to addr if something of ours is in its way,
// and reports whether it was. The arena has moved by its event.
func (p *Player) roomForStackTo(addr uint64) (bool, error) {
	start, end, ok, err := p.e().InStacksWay(addr)
	if !ok || err != nil {
		return false, err
	}
	if err := p.e().GiveWay(start, end); err != nil {
		return false, err
	}
	p.e().GrowStack(addr)
	return true, nil
}

// fault handles a signal that the instruction at the guest's PC has raised.
func (p *Player) fault(stop engine.Stop, lim *Limits) (Outcome, error) {
	p.regs = stop.Regs
	if out, done, err := p.watched(&stop, lim); done || err != nil {
		return out, err
	}
	_, ev, h, err := p.owner()
	if err != nil {
		return Outcome{}, err
	}
	if again, err := p.roomForStack(&stop); again || err != nil {
		return Outcome{}, err
	}
	found := fmt.Sprintf("%s (code %d, address %#x)", signalName(stop.Signal), stop.Info.Code(), stop.Info.Addr())
	switch {
	case ev == nil:
		p.over = true
		return Outcome{Reason: AtEnd}, nil
	case h.Kind == event.KindExit:
		return p.finish(ev, lim)
	case h.Kind != event.KindSignal || h.Flags&event.FlagSync == 0:
		return Outcome{}, p.diverged(found)
	}
	s, err := event.DecodeSignal(ev)
	if err != nil {
		return Outcome{}, err
	}
	if s.PC != p.regs.Rip || int(s.NR) != stop.Signal || h.Tick != p.tick {
		return Outcome{}, p.diverged(found)
	}
	if out, err := p.showSignal(ev, lim); err != nil || out.Reason != 0 {
		return out, err
	}
	return Outcome{}, p.deliver(ev)
}
