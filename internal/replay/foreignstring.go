package replay

import (
	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/x86"
)

// foreignString does what is left of a string instruction that accesses foreign
// memory. For repetitions that load from there the log has what they find, or the
// results of all that was left. Those that only store have nothing in the log,
// unless the supervisor made them.
func (p *Player) foreignString(stop engine.Stop, inst *x86.Inst, lim *Limits) (Outcome, error) {
	for p.regs.Rip == inst.PC {
		mems, ev, h, err := p.owner()
		if err != nil {
			return Outcome{}, err
		}
		n, foreign, loads := p.e().Stretch(&p.regs, inst)
		now := ev != nil && h.Tick == p.tick
		switch {
		case foreign && now && h.Kind == event.KindRegs && p.completes(ev, inst):
			if err := p.applyMems(mems); err != nil {
				return Outcome{}, err
			}
			if err := p.replaceRegs(); err != nil {
				return Outcome{}, err
			}
		case p.faultsHere(ev, h):
			return p.raised(ev, lim)
		case p.raises(ev, h):
			return Outcome{}, nil // its moment is now
		case !loads:
			done, out, err := p.repeat(inst, stop.Info.Addr(), n, lim)
			if !done {
				return out, err
			}
		case ev == nil:
			p.over = true
			return Outcome{Reason: AtEnd}, nil
		case now && h.Kind == event.KindLoads && len(mems) == 0:
			done, out, err := p.repeatLoads(inst, ev, n, lim)
			if !done {
				return out, err
			}
		case h.Kind == event.KindExit:
			stop.Regs = p.regs
			return p.fault(stop, lim)
		default:
			return Outcome{}, p.progress("a string instruction in shared memory")
		}
	}
	return Outcome{}, nil
}

// stringAt does what comes before the signal that a string instruction at the
// guest's PC has raised on the way: its moment is that of the instruction. It
// reports whether there is one.
func (p *Player) stringAt(lim *Limits) (Outcome, bool, error) {
	inst, known := p.e().DecodeForeign(p.regs.Rip)
	if !known || !p.isString(&inst) {
		return Outcome{}, false, nil
	}
	if first, err := p.comesFirst(); first || err != nil {
		return Outcome{}, first, err
	}
	stop := engine.Stop{Regs: p.regs}
	for _, m := range inst.Mems() {
		if addr := engine.Address(&p.regs, &inst, m); p.e().InForeign(addr) {
			stop.Info.SetAddr(addr)
		}
	}
	out, err := p.foreignString(stop, &inst, lim)
	return out, true, err
}

// comesFirst reports whether something happens now, before the instruction: but not
// a signal, which may come in its middle.
func (p *Player) comesFirst() (bool, error) {
	_, ev, h, err := p.owner()
	if err != nil || ev == nil || h.Kind == event.KindSignal {
		return false, err
	}
	s := slowEvent{tick: h.Tick}
	err = s.place(h, ev)
	return s.moment && s.tick == p.tick && s.pc == p.regs.Rip, err
}

// isString reports whether an instruction is a string instruction. Where its code
// is not known the log has it as a whole.
func (p *Player) isString(inst *x86.Inst) bool {
	return inst.Spec == x86.STRING && p.e().Logged(inst.PC, int(inst.Len))
}

// raises reports whether ev is a signal for which the guest has come to its moment,
// in the middle of a string instruction.
func (p *Player) raises(ev []byte, h event.Header) bool {
	if ev == nil || h.Tick != p.tick || h.Kind != event.KindSignal {
		return false
	}
	s, err := event.DecodeSignal(ev)
	return err == nil && s.PC == p.regs.Rip
}

// completes reports whether a Regs event is that of inst: it ends behind it, or
// was stopped there by a fault.
func (p *Player) completes(ev []byte, inst *x86.Inst) bool {
	e, err := event.DecodeRegs(ev)
	if err != nil {
		return false
	}
	rip := engine.UnpackRegs(&e.Regs).Rip
	return rip == inst.PC || rip == inst.Next()
}

// repeat makes n repetitions on what is known of foreign memory. It reports
// whether they were made.
func (p *Player) repeat(inst *x86.Inst, fault, n uint64, lim *Limits) (bool, Outcome, error) {
	g := p.regs
	stop, err := p.e().RepeatString(g, inst, fault, n)
	if err != nil {
		return false, Outcome{}, err
	}
	if stop.Kind != 0 {
		out, err := p.fault(stop, lim)
		return false, out, err
	}
	p.regs = stop.Regs
	if inst.Rep != 0 {
		g.Rcx = n
	}
	for _, a := range engine.Watchable(&g, inst) {
		if a.Kind&x86.Write == 0 {
			continue
		}
		if err := p.e().Mirror(a.Addr, a.Len); err != nil {
			return false, Outcome{}, err
		}
		p.noteWrite(a.Addr, a.Len)
	}
	return true, Outcome{}, p.e().HastenString(&g, inst)
}

// repeatLoads makes repetitions, at most the n that come next, with what they
// found.
func (p *Player) repeatLoads(inst *x86.Inst, ev []byte, n uint64, lim *Limits) (bool, Outcome, error) {
	l, err := event.DecodeLoads(ev)
	if err != nil {
		return false, Outcome{}, err
	}
	length := uint64(len(l.Data))
	for _, m := range inst.Mems() {
		first, size := engine.Address(&p.regs, inst, m), uint64(m.Size)
		if p.regs.Eflags&uint64(x86.DF) != 0 {
			first -= length - size
		}
		if m.Access&x86.Read == 0 || first != l.Addr || length == 0 || length > n*size {
			continue
		}
		if err := p.write(event.Writes(nil).Append(l.Addr, l.Data)); err != nil {
			return false, Outcome{}, err
		}
		done, out, err := p.repeat(inst, l.Addr, length/size, lim)
		if done {
			p.advance(ev)
		}
		return done, out, err
	}
	return false, Outcome{}, p.diverged("another string instruction in shared memory")
}
