package replay

import (
	"errors"
	"fmt"
)

// Backwards is forwards from an earlier moment: the interval between a
// checkpoint and the present is run again, and the last thing found in it is
// the first one backwards. If nothing is found, the interval before it comes
// next.

// found is something that a search was for.
type found struct {
	at  Moment // where to stop
	out Outcome
}

const (
	// manyHits are as many stops as one pass over an interval may make. Where
	// there are more, only the interval's end is looked at closely.
	manyHits = 64
	// nearTicks is how close a checkpoint must be to step back from it.
	nearTicks = 2048
)

// reverseContinue goes back to the last breakpoint, watchpoint and so on
// before the present moment. Interrupted, it stays there.
func (s *Session) reverseContinue(lim Limits) (out Outcome, err error) {
	from, err := s.p.checkpoint()
	if err != nil {
		return out, err
	}
	defer from.freeInto(&err)
	hit, err := s.searchBack(from.moment(), lim)
	if err == nil && hit != nil {
		err = s.arrive(hit, lim.Interrupt)
	}
	switch {
	case errors.Is(err, errInterrupted):
		return Outcome{Reason: AtInterrupt}, s.p.restore(from)
	case err != nil:
		return out, err
	case hit == nil:
		return Outcome{Reason: AtEnd}, s.p.restore(s.points[0])
	}
	return hit.out, nil
}

// searchBack finds the last hit before a moment, nil if there is none. It
// leaves the player anywhere.
func (s *Session) searchBack(until Moment, lim Limits) (*found, error) {
	for {
		i := s.points.before(until)
		for i >= 0 && !s.points[i].moment().Before(until) {
			i--
		}
		if i < 0 {
			return nil, nil
		}
		begin := s.points[i].moment()
		if err := s.p.restore(s.points[i]); err != nil {
			return nil, err
		}
		if hit, err := s.last(until, lim); hit != nil || err != nil {
			return hit, err
		}
		until = begin
	}
}

// arrive goes to what was found.
func (s *Session) arrive(hit *found, interrupt <-chan struct{}) error {
	if err := s.backTo(hit.at, interrupt); err != nil {
		return err
	}
	if hit.out.Reason == AtWatch && hit.out.Before == (Moment{}) {
		_, err := s.reverseStep()
		return err
	}
	if hit.out.Reason == AtSignal || hit.out.Reason == AtSyscallEntry {
		s.p.shown = s.p.at + 1
	}
	return nil
}

// last returns the last hit from the present moment on and before until, nil
// if there is none.
func (s *Session) last(until Moment, lim Limits) (hit *found, err error) {
	start, err := s.p.checkpoint()
	if err != nil {
		return nil, err
	}
	defer start.freeInto(&err)
	s.p.shown = 0
	if s.p.breaks[s.Now().PC] && s.Now().Before(until) {
		hit = &found{s.Now(), Outcome{Reason: AtBreak}}
	}
	for n := 0; ; n++ {
		out, err := s.runUntil(until, lim)
		if err != nil {
			return nil, err
		}
		if out.Reason == AtInterrupt {
			return nil, errInterrupted
		}
		if out.Reason == AtTick || out.Reason == AtEnd || !s.Now().Before(until) && out.Reason != AtWatch {
			return hit, nil
		}
		h := &found{s.Now(), out}
		if out.Reason == AtWatch && out.Before != (Moment{}) {
			h.at = out.Before
		}
		if until.Before(h.at) || h.at == until && out.Reason != AtWatch {
			return hit, nil
		}
		hit = h
		if n < manyHits {
			continue
		}
		span := until.Tick - s.p.tick
		if span < 4*manyHits {
			continue
		}
		return s.lastOfMany(start.moment(), until, hit, lim)
	}
}

// lastOfMany is last where hits are many: it begins again so close to the end
// that, as dense as they were, there will be a few.
func (s *Session) lastOfMany(start, until Moment, hit *found, lim Limits) (earlier *found, err error) {
	each := (s.p.tick-start.Tick)/manyHits + 1
	span := until.Tick - s.p.tick
	near := until.Tick - min(each*manyHits/2+1, span/2)
	here, err := s.p.checkpoint()
	if err != nil {
		return nil, err
	}
	defer here.freeInto(&err)
	if err := s.quiet(func() error { return s.runToTick(near, lim.Interrupt) }); err != nil {
		return nil, err
	}
	from := s.Now()
	later, err := s.last(until, lim)
	if later != nil || err != nil {
		return later, err
	}
	if err := s.p.restore(here); err != nil {
		return nil, err
	}
	earlier, err = s.last(from, lim)
	if earlier == nil {
		earlier = hit
	}
	return earlier, err
}

// runUntil runs up to a moment, which counts as AtTick, or to a hit before it.
func (s *Session) runUntil(until Moment, lim Limits) (Outcome, error) {
	if s.p.tick < until.Tick {
		lim.Tick = until.Tick
		out, err := s.p.Run(lim)
		if err != nil || out.Reason != AtTick {
			return out, err
		}
		if s.Now().Before(until) && s.p.breaks[s.Now().PC] {
			return Outcome{Reason: AtBreak}, nil
		}
	}
	if !s.Now().Before(until) {
		return Outcome{Reason: AtTick}, nil
	}
	user := s.p.breaks[until.PC]
	s.p.Break(until.PC)
	lim.Tick, lim.At = until.Tick+1, until
	out, err := s.p.Run(lim)
	if !user {
		s.p.Unbreak(until.PC)
	}
	if err == nil && out.Reason == AtBreak && !s.Now().Before(until) {
		out.Reason = AtTick
	}
	return out, err
}

// reverseStep goes back to the instruction before the present moment, and
// reports whether there is one.
func (s *Session) reverseStep() (bool, error) {
	from := s.Now()
	if !s.points[0].moment().Before(from) {
		return false, nil
	}
	if n := len(s.trail); n < 2 || s.trail[n-1] != from {
		if err := s.retrace(from); err != nil {
			return false, errors.Join(err, s.back(from))
		}
	}
	s.trail = s.trail[:len(s.trail)-1]
	return true, s.back(s.trail[len(s.trail)-1])
}

// retrace finds the moments of the instructions that lead up to the moment
// to: those of its tick, and of the tick before if it is the first there.
func (s *Session) retrace(to Moment) error {
	return s.quiet(func() error {
		if err := s.plantNear(to); err != nil {
			return err
		}
		if err := s.runToTick(to.Tick, nil); err != nil {
			return err
		}
		if !s.Now().Before(to) {
			// Back to the tick before. Ticks of events, such as a
			// signal's, may have no instruction of their own.
			start := s.nearest(Moment{Tick: to.Tick - 1})
			if start == nil {
				start = s.points[0]
			}
			if err := s.p.restore(start); err != nil {
				return err
			}
			if _, err := s.forward(Limits{Tick: to.Tick - 1, First: true}); err != nil {
				return err
			}
		}
		s.trail = append(s.trail[:0], s.Now())
		for s.Now().Before(to) {
			if _, err := s.p.Step(Limits{}); err != nil {
				return err
			}
			if s.Now() == s.trail[len(s.trail)-1] {
				return fmt.Errorf("replay does not get from %v to %v", s.Now(), to)
			}
			s.trail = append(s.trail, s.Now())
		}
		if n := len(s.trail); n < 2 || s.trail[n-1] != to {
			return fmt.Errorf("replay came to %v instead of %v", s.Now(), to)
		}
		return nil
	})
}

// plantNear makes a checkpoint a little before a moment, unless there is one,
// and stays there.
func (s *Session) plantNear(to Moment) error {
	at := Moment{Tick: to.Tick - min(to.Tick, nearTicks)}
	if c := s.nearest(Moment{Tick: to.Tick - min(to.Tick, 1)}); c != nil && !c.moment().Before(at) {
		return s.p.restore(c)
	}
	at.Tick = to.Tick - min(to.Tick, nearTicks/2)
	if err := s.approach(at); err != nil {
		// The beginning is nearer than that.
		if err := s.p.restore(s.points[0]); err != nil {
			return err
		}
	}
	if err := s.runToTick(at.Tick, nil); err != nil {
		return err
	}
	if err := s.dropNear(); err != nil {
		return err
	}
	c, err := s.p.checkpoint()
	s.near = c
	return err
}
