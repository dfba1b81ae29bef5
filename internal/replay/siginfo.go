package replay

import "hindsight/internal/event"

// siginfo is that of the signal that comes next at the present moment, or that
// has ended the process. It is nil where there is none, and for SIGKILL, whose
// siginfo nobody sees.
func (p *Player) siginfo() []byte {
	if p.over {
		if p.exit == nil {
			return nil
		}
		return p.exit.Siginfo
	}
	for at := p.at; ; {
		ev, err := p.log.next(at)
		if err != nil || ev == nil {
			return nil // whoever goes on from here is told of an error
		}
		h, err := event.ParseHeader(ev)
		if err != nil {
			return nil
		}
		switch h.Kind {
		case event.KindMem, event.KindNote, event.KindUnreliable, event.KindArena:
			at += uint64(len(ev))
		case event.KindSignal:
			s, err := event.DecodeSignal(ev)
			if err != nil || h.Tick != p.tick || s.PC != p.regs.Rip {
				return nil
			}
			return s.Siginfo[:]
		case event.KindExit:
			x, err := event.DecodeExit(ev)
			if err != nil || p.shown != p.at+1 && (h.Tick != p.tick || x.PC != p.regs.Rip) {
				return nil
			}
			return x.Siginfo
		default:
			return nil
		}
	}
}
