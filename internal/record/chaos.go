package record

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"hindsight/internal/engine"
)

// schedule decides which thread runs next and for how long. Without chaos the
// threads take turns.
type schedule struct {
	rng *rand.Rand // nil without chaos
	// What chaos chooses from: races differ in what brings them out, so it is
	// more one thing in one run and another in the next.
	slices, phases bounds
	surprises      *engine.Surprises
}

type bounds struct{ least, most time.Duration }

// slice is how long a thread keeps the baton while others wait for it.
const slice = 4 * time.Millisecond

// wakeAfter is how long it keeps the baton if one waits for it that has blocked,
// and so has a claim to be served soon.
const wakeAfter = time.Millisecond

// Short slices break up what a program believes to be one step; in a long phase
// a thread starves for as long as a race may need to show; surprises interrupt
// code that is seldom executed.
var (
	chaosSlices    = [...]bounds{{50 * time.Microsecond, time.Millisecond}, {50 * time.Microsecond, 20 * time.Millisecond}}
	chaosPhases    = [...]bounds{{2 * time.Millisecond, 20 * time.Millisecond}, {2 * time.Millisecond, 500 * time.Millisecond}}
	chaosSurprises = [...]int{0, 2, 4, 16}
)

func newSchedule(chaos bool, seed uint64) (s schedule) {
	if !chaos {
		return s
	}
	s.rng = rand.New(rand.NewPCG(seed, 0))
	s.slices, s.phases = chaosSlices[s.rng.IntN(len(chaosSlices))], chaosPhases[s.rng.IntN(len(chaosPhases))]
	if every := chaosSurprises[s.rng.IntN(len(chaosSurprises))]; every != 0 {
		s.surprises = &engine.Surprises{Rand: s.rng, Every: every}
	}
	return s
}

// slice returns how long the next thread may run.
func (s *schedule) slice() time.Duration {
	if s.rng == nil {
		return slice
	}
	return s.between(s.slices)
}

// anyOf returns a duration of which each order of magnitude is as likely.
func (s *schedule) anyOf(b bounds) time.Duration {
	return time.Duration(float64(b.least) * math.Pow(float64(b.most)/float64(b.least), s.rng.Float64()))
}

// between returns a duration of which short ones are more likely.
func (s *schedule) between(b bounds) time.Duration {
	d := b.least
	for d < b.most && s.rng.IntN(3) != 0 {
		d *= 2
	}
	return min(d+time.Duration(s.rng.Int64N(int64(d))), b.most)
}

// next returns the thread that goes on.
func (s *schedule) next(b *baton, ready []*thread, now time.Time) *thread {
	if s.rng == nil {
		return ready[0]
	}
	best := ready[:0:0]
	for _, th := range ready {
		switch p := s.priority(b, th, now); {
		case len(best) == 0 || p > best[0].priority:
			best = append(best[:0], th)
		case p == best[0].priority:
			best = append(best, th)
		}
	}
	return best[s.rng.IntN(len(best))]
}

// prefers reports whether th, which has the baton, is to keep it before those who
// wait.
func (s *schedule) prefers(b *baton, th *thread, now time.Time) bool {
	if s.rng == nil {
		return false
	}
	own := s.priority(b, th, now)
	return !slices.ContainsFunc(b.queue, func(x *thread) bool { return s.priority(b, x, now) >= own })
}

// priority returns that of a thread. All get new ones when a phase begins.
func (s *schedule) priority(b *baton, th *thread, now time.Time) int {
	if now.After(b.phase) {
		b.phase = now.Add(s.anyOf(s.phases))
	}
	if th.phase != b.phase {
		th.phase, th.priority = b.phase, s.rng.IntN(4)
	}
	return th.priority
}

// keepBack puts th behind the others until the next phase.
func (s *schedule) keepBack(b *baton, th *thread, now time.Time) {
	s.priority(b, th, now)
	th.priority = -1
}

// patience returns for how long a thread with a slice keeps the baton when another
// can go on that has waited for something else.
func (s *schedule) patience(slice time.Duration) time.Duration {
	switch {
	case s.rng == nil:
		return wakeAfter
	case s.rng.IntN(2) == 0:
		return slice / 2
	}
	return slice
}
