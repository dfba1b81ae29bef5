package replay

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/x86"
)

// traceable are the stops before an instruction that is executed for the guest,
// and behind which its trap flag stops it.
var traceable = map[engine.StopKind]bool{
	engine.StopNative: true, engine.StopNondet: true, engine.StopForeign: true,
}

// trapFlag reports whether the guest's trap flag is set.
func trapFlag(g *engine.Regs) bool { return g.Eflags&uint64(x86.TF) != 0 }

// clearTrapFlag is for what runs on the CPU itself.
func clearTrapFlag(g *engine.Regs) { g.Eflags &^= uint64(x86.TF) }

// traceable executes an instruction for a guest whose trap flag is set.
func (p *Player) traceable(stop engine.Stop, lim *Limits) (Outcome, error) {
	before, tick := p.regs, p.tick
	p.trapDue = p.e().TrapsBehind(before.Rip) // unless it raises a signal
	out, err := p.handle(stop, lim)
	if p.tick == tick && p.regs.Rip == before.Rip && p.regs.Rcx == before.Rcx {
		p.trapDue = false // nothing was executed
	}
	return out, err
}

// traced is told that the guest, whose trap flag is set, has executed an
// instruction.
func (p *Player) traced(lim *Limits) (Outcome, error) {
	p.trapDue = true
	if p.breaks[p.regs.Rip] {
		return Outcome{Reason: AtBreak}, nil
	}
	return p.lookAtDebugregs()
}

// trap delivers the trap of the guest's trap flag.
func (p *Player) trap(lim *Limits) (Outcome, error) {
	_, ev, h, err := p.owner()
	if err != nil {
		return Outcome{}, err
	}
	const found = "a trap of the program's trap flag"
	switch {
	case ev == nil:
		p.over = true
		return Outcome{Reason: AtEnd}, nil
	case h.Kind == event.KindExit:
		return p.finish(ev, lim)
	case h.Kind != event.KindSignal || h.Flags&event.FlagSync == 0 || h.Tick != p.tick:
		return Outcome{}, p.diverged(found)
	}
	s, err := event.DecodeSignal(ev)
	if err != nil {
		return Outcome{}, err
	}
	if s.PC != p.regs.Rip || int(s.NR) != int(unix.SIGTRAP) {
		return Outcome{}, p.diverged(found)
	}
	if out, err := p.showSignal(ev, lim); err != nil || out.Reason != 0 {
		return out, err
	}
	return Outcome{}, p.deliver(ev)
}
