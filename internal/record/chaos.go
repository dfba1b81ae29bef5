package record

import (
	"math/rand/v2"
	"time"
)

// schedule decides which thread runs next and for how long. Without chaos the
// threads take turns.
type schedule struct {
	rng *rand.Rand // nil without chaos
}

// slice is how long a thread keeps the baton while others wait for it.
const slice = 4 * time.Millisecond

// wakeAfter is how long it keeps the baton if one waits for it that has blocked,
// and so has a claim to be served soon.
const wakeAfter = time.Millisecond

// Bounds of what chaos chooses. Short slices break up what a program believes
// to be one step, long ones starve the others; a favourite is kept for as long
// as a race may need to show.
const (
	shortestSlice = 50 * time.Microsecond
	longestSlice  = 20 * time.Millisecond
	shortestRule  = 2 * time.Millisecond
	longestRule   = 300 * time.Millisecond
)

func newSchedule(chaos bool, seed uint64) schedule {
	if !chaos {
		return schedule{}
	}
	return schedule{rand.New(rand.NewPCG(seed, 0))}
}

// slice returns how long the next thread may run.
func (s *schedule) slice() time.Duration {
	if s.rng == nil {
		return slice
	}
	return s.between(shortestSlice, longestSlice)
}

// between returns a duration whose order of magnitude is as random as itself.
func (s *schedule) between(least, most time.Duration) time.Duration {
	d := least
	for d < most && s.rng.IntN(3) != 0 {
		d *= 2
	}
	return min(d+time.Duration(s.rng.Int64N(int64(d))), most)
}

// next returns the index of the thread that goes on.
func (s *schedule) next(queue []*thread, now time.Time) int {
	best := 0
	if s.rng == nil {
		return best
	}
	for i, th := range queue {
		if now.After(th.rule) {
			th.priority, th.rule = s.rng.IntN(4), now.Add(s.between(shortestRule, longestRule))
		}
		if th.priority > queue[best].priority {
			best = i
		}
	}
	return best
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
