package replay

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hindsight/internal/recording"
)

// Session is a replay that goes to any moment, forwards and backwards.
type Session struct {
	p       *Player
	r       *recording.Reader
	points  checkpoints
	near    *checkpoint // close before where the user steps back
	trail   []Moment    // consecutive instructions, up to where the user steps back from
	spacing uint64      // ticks between checkpoints
	catch   func(nr int) bool
	watches []Watch
}

// minSpacing is the least distance of checkpoints made on the way, in ticks:
// much less time to run than a checkpoint takes to make would be a waste.
const minSpacing = 1 << 20

// NewSession opens a replay at the start of a recording. The calling
// goroutine must be locked to its OS thread, and make all calls.
func NewSession(r *recording.Reader) (*Session, error) {
	p, err := Open(r)
	if err != nil {
		return nil, err
	}
	s := &Session{p: p, r: r, spacing: max(p.endTick/(maxCheckpoints/2), minSpacing)}
	if err := s.keep(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends all processes of the session.
func (s *Session) Close() error {
	var err error
	for _, c := range s.points {
		err = errors.Join(err, c.free())
	}
	s.points = nil
	err = errors.Join(err, s.dropNear())
	return errors.Join(err, s.p.Close())
}

func (s *Session) dropNear() error {
	c := s.near
	if c == nil {
		return nil
	}
	s.near = nil
	return c.free()
}

// Now is the present moment.
func (s *Session) Now() Moment { return s.p.Now() }

// Player gives access to the state at the present moment.
func (s *Session) Player() *Player { return s.p }

// keep makes a checkpoint of the present moment.
func (s *Session) keep() error {
	c, err := s.p.checkpoint()
	if err != nil {
		return err
	}
	if err := s.points.add(c); err != nil {
		return err
	}
	return s.points.thin()
}

// forward runs, and leaves checkpoints on the way.
func (s *Session) forward(lim Limits) (Outcome, error) {
	for {
		part := lim
		next := (s.p.tick/s.spacing + 1) * s.spacing
		if lim.Tick == 0 || next < lim.Tick {
			part.Tick = next
		}
		out, err := s.p.Run(part)
		if err != nil || out.Reason != AtTick || part.Tick == lim.Tick {
			return out, err
		}
		if s.p.breaks[s.Now().PC] {
			return Outcome{Reason: AtBreak}, nil
		}
		if i := s.points.before(s.Now()); i < 0 || s.p.tick-s.points[i].tick >= s.spacing/2 {
			if err := s.keep(); err != nil {
				return out, err
			}
		}
	}
}

// quiet runs f without breakpoints.
func (s *Session) quiet(f func() error) error {
	breaks := s.p.breaks
	for pc := range breaks {
		s.p.e().Unbreak(pc)
	}
	s.p.breaks = map[uint64]bool{}
	err := f()
	s.p.breaks = breaks
	s.p.setBreaks()
	return err
}

// nearest returns the last checkpoint at or before m.
func (s *Session) nearest(m Moment) *checkpoint {
	var best *checkpoint
	if i := s.points.before(m); i >= 0 {
		best = s.points[i]
	}
	if n := s.near; n != nil && !m.Before(n.moment()) && (best == nil || best.moment().Before(n.moment())) {
		best = n
	}
	return best
}

// approach brings the player to the latest moment at or before m from which
// m can be reached quickly.
func (s *Session) approach(m Moment) error {
	c := s.nearest(m)
	now := s.Now()
	if !m.Before(now) && (c == nil || !now.Before(c.moment())) {
		return nil
	}
	if c == nil {
		return fmt.Errorf("no checkpoint before %v", m)
	}
	return s.p.restore(c)
}

// errInterrupted says that the user did not want to wait.
var errInterrupted = errors.New("interrupted")

// seekTick goes to the first moment of a tick, or to the end of history if
// that comes first.
func (s *Session) seekTick(tick uint64, interrupt <-chan struct{}) error {
	return s.quiet(func() error {
		// The PC makes it a moment before all others of the tick.
		if err := s.approach(Moment{Tick: tick}); err != nil {
			return err
		}
		return s.runToTick(tick, interrupt)
	})
}

func (s *Session) runToTick(tick uint64, interrupt <-chan struct{}) error {
	return s.runToMoment(Moment{Tick: tick}, interrupt)
}

// runToMoment runs to the first moment of m's tick, or to m where something
// happens there that would move on from it.
func (s *Session) runToMoment(m Moment, interrupt <-chan struct{}) error {
	if s.p.tick >= m.Tick {
		return nil
	}
	out, err := s.forward(Limits{Tick: m.Tick, At: m, Interrupt: interrupt})
	if err == nil && out.Reason == AtInterrupt {
		err = errInterrupted
	}
	return err
}

// seek goes to a moment, and reports whether there is such a moment. If not,
// it is behind where that would be.
func (s *Session) seek(m Moment, interrupt <-chan struct{}) (bool, error) {
	err := s.quiet(func() error {
		if err := s.approach(m); err != nil {
			return err
		}
		if err := s.runToMoment(m, interrupt); err != nil || s.Now().PC == m.PC || s.p.tick != m.Tick {
			return err
		}
		return s.runToPC(m, interrupt)
	})
	now := s.Now()
	return now.Tick == m.Tick && now.PC == m.PC, err
}

// runToPC runs within the tick of m to its PC.
func (s *Session) runToPC(m Moment, interrupt <-chan struct{}) error {
	s.p.Break(m.PC)
	out, err := s.p.Run(Limits{Tick: m.Tick + 1, At: m, Interrupt: interrupt})
	s.p.Unbreak(m.PC)
	if err == nil && out.Reason == AtInterrupt {
		err = errInterrupted
	}
	return err
}

// back returns to a moment that was the present one before.
func (s *Session) back(m Moment) error { return s.backTo(m, nil) }

func (s *Session) backTo(m Moment, interrupt <-chan struct{}) error {
	ok, err := s.seek(m, interrupt)
	if err == nil && !ok {
		err = fmt.Errorf("replay did not find the moment %v again", m)
	}
	return err
}

// Goto goes where a text says: TICK, TICK:PC, N%, start or end.
func (s *Session) Goto(where string, interrupt <-chan struct{}) error {
	from := s.Now()
	err := s.goTo(where, interrupt)
	if errors.Is(err, errInterrupted) {
		return nil
	}
	if err != nil {
		var d *Divergence
		if !errors.As(err, &d) && s.Now() != from {
			err = errors.Join(err, s.back(from))
		}
	}
	return err
}

func (s *Session) goTo(where string, interrupt <-chan struct{}) error {
	switch where = strings.TrimSpace(where); where {
	case "start":
		return s.p.restore(s.points[0])
	case "end":
		return s.seekTick(1<<62, interrupt)
	}
	if n, ok := strings.CutSuffix(where, "%"); ok {
		f, err := strconv.ParseFloat(n, 64)
		if err != nil || f < 0 || f > 100 {
			return fmt.Errorf("%q is no percentage", where)
		}
		return s.seekTick(uint64(f/100*float64(s.p.endTick-1)), interrupt)
	}
	tick, pc, given := strings.Cut(where, ":")
	m := Moment{}
	var err error
	if m.Tick, err = strconv.ParseUint(tick, 0, 64); err != nil {
		return fmt.Errorf("%q is no moment: say TICK, TICK:PC, N%%, start or end", where)
	}
	if !given {
		return s.seekTick(m.Tick, interrupt)
	}
	if m.PC, err = strconv.ParseUint(strings.TrimPrefix(pc, "0x"), 16, 64); err != nil {
		return fmt.Errorf("%q is no address", pc)
	}
	ok, err := s.seek(m, interrupt)
	if err == nil && !ok {
		err = fmt.Errorf("the program is not at %#x in tick %d", m.PC, m.Tick)
	}
	return err
}

// When describes the present moment: tick, event, percent, wall-clock time.
func (s *Session) When() (string, error) {
	now := s.Now()
	n, err := s.p.Event()
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("tick %d, pc %#x, event %d", now.Tick, now.PC, n)
	if total := s.totalEvents(); total > 0 {
		text += fmt.Sprintf(" of %d", total)
	}
	last := max(s.p.endTick-1, 1)
	text += fmt.Sprintf(", %.1f%%", 100*min(1, float64(now.Tick)/float64(last)))
	if wall := s.wall(); !wall.IsZero() {
		text += ", about " + wall.Format(time.DateTime+".000")
	}
	return text, nil
}

func (s *Session) totalEvents() (n uint64) {
	t := s.r.Trailer()
	if t == nil {
		return 0
	}
	for _, k := range t.Events {
		n += k.Count
	}
	return n
}

// wall estimates the wall-clock time of the present moment, from the times at
// which the chunks of events around it were written.
func (s *Session) wall() time.Time {
	chunks := s.p.log.chunks
	if len(chunks) == 0 {
		return s.r.Info().Start
	}
	i := max(s.p.log.chunkAt(min(s.p.at, s.p.log.end()-1)), 0)
	from, c := s.r.Info().Start, chunks[i]
	if i > 0 {
		from = chunks[i-1].Wall
	}
	if c.LastTick <= c.FirstTick || c.Wall.Before(from) {
		return c.Wall
	}
	part := float64(min(max(s.p.tick, c.FirstTick), c.LastTick)-c.FirstTick) / float64(c.LastTick-c.FirstTick)
	return from.Add(time.Duration(part * float64(c.Wall.Sub(from))))
}
