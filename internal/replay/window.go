package replay

import (
	"hindsight/internal/event"
)

// window is the part of the event log that is in the tracee's log buffer,
// where the stubs take their events from.
type window struct {
	start, end uint64 // positions in the log
	valid      bool
	// slow are the events ahead that have a moment of their own.
	slow []slowEvent
}

// slowEvent is an event for the supervisor.
type slowEvent struct {
	at     uint64
	kind   event.Kind
	tick   uint64
	moment bool // the guest must be stopped at tick and pc
	pc     uint64
}

// marker decides which syscalls shall stop in the supervisor, though a stub
// could do them. It sees each event of a window once, in order.
type marker func(h event.Header, ev []byte) bool

// These bound the events that are looked at in advance.
const (
	maxWindow   = 1 << 20
	shortWindow = 64 << 10 // for short runs
)

// look makes sure that the next event is in the window, and so has been seen
// by the marker.
func (p *Player) look() error {
	if p.win.valid && p.at < p.win.start+uint64(p.filled) {
		return nil
	}
	return p.fillWindow()
}

// fillWindow gives the tracee the events from the present position on.
func (p *Player) fillWindow() error {
	w := &p.win
	*w = window{start: p.at, end: p.at, valid: true, slow: w.slow[:0]}
	rest, err := p.log.rest(p.at)
	if err != nil {
		return err
	}
	limit := min(p.e().LogCapacity(), maxWindow)
	if p.catch != nil || p.watches != nil {
		limit = min(limit, shortWindow)
	}
	n := 0 // bytes of rest that go to the tracee
	var stops []int
	for n < len(rest) {
		ev, _, err := event.Next(rest[n:])
		if err != nil {
			return err
		}
		if n+len(ev) > limit && n > 0 {
			break
		}
		if kind := event.Kind(ev[4]); kind != event.KindTSC && kind != event.KindInsn {
			h, err := event.ParseHeader(ev)
			if err != nil {
				return err
			}
			if p.stops(h, ev) {
				stops = append(stops, n)
			}
			if err := w.note(h, ev); err != nil {
				return err
			}
			if h.Kind == event.KindExec {
				rest = rest[:n+len(ev)] // behind it is another image
			}
		}
		w.end += uint64(len(ev))
		if len(ev) > limit {
			break // larger than the log buffer: we apply it
		}
		n += len(ev)
	}
	p.filled = n
	p.e().FillLog(rest[:n])
	filled := p.e().LogRest()
	for _, at := range stops {
		if at < n {
			filled[at+flagsAt] |= byte(event.FlagStop)
		}
	}
	return nil
}

// flagsAt is the offset of the flags in an event.
const flagsAt = 5

// note remembers ev if it has a moment of its own. All else that the stubs do
// not take brings the guest to us by itself.
func (w *window) note(h event.Header, ev []byte) error {
	s := slowEvent{at: w.end, kind: h.Kind, tick: h.Tick}
	if err := s.place(h, ev); err != nil {
		return err
	}
	if s.moment {
		w.slow = append(w.slow, s)
	}
	return nil
}

// place fills in the moment of an event that has one.
func (s *slowEvent) place(h event.Header, ev []byte) error {
	switch h.Kind {
	case event.KindSignal:
		e, err := event.DecodeSignal(ev)
		if err != nil {
			return err
		}
		s.moment, s.pc = h.Flags&event.FlagSync == 0, e.PC
	case event.KindCheck:
		e, err := event.DecodeCheck(ev)
		if err != nil {
			return err
		}
		s.moment, s.pc = true, e.PC
	case event.KindCode:
		e, err := event.DecodeCode(ev)
		if err != nil {
			return err
		}
		s.moment, s.pc = true, e.PC
	case event.KindSwitch:
		e, err := event.DecodeSwitch(ev)
		if err != nil {
			return err
		}
		s.moment, s.pc = true, e.PC
	case event.KindThread:
		e, err := event.DecodeThread(ev)
		if err != nil {
			return err
		}
		s.moment, s.pc = e.PC != 0, e.PC
	case event.KindThreadEnd:
		e, err := event.DecodeThreadEnd(ev)
		if err != nil {
			return err
		}
		s.moment, s.pc = e.PC != 0, e.PC
	case event.KindExit:
		e, err := event.DecodeExit(ev)
		if err != nil {
			return err
		}
		s.moment, s.pc = e.Signal != 0, e.PC
	}
	return nil
}

// ahead returns the next event with a moment, if there is one in the window.
func (w *window) ahead(at uint64) (slowEvent, bool) {
	for len(w.slow) > 0 && w.slow[0].at < at {
		w.slow = w.slow[1:]
	}
	if len(w.slow) == 0 {
		return slowEvent{}, false
	}
	return w.slow[0], true
}

// sync finds out which events the stubs have taken.
func (p *Player) sync() {
	if p.win.valid {
		p.at = p.win.start + p.consumed()
	}
}

func (p *Player) consumed() uint64 {
	return uint64(p.filled - len(p.e().LogRest()))
}
