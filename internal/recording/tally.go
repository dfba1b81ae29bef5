package recording

import (
	"fmt"

	"hindsight/internal/event"
)

// maxUnreliable bounds the reasons that a trailer repeats.
const maxUnreliable = 100

// tally sums up events for a trailer.
type tally struct {
	counts [event.NumKinds]KindCount
	doubts []string
}

// examine counts the event at the start of b, and returns its length. A
// recorder brings millions of events a second: the common ones are looked at
// as little as can be.
func (t *tally) examine(b []byte) (int, error) {
	ev, _, err := event.Next(b)
	if err != nil {
		return 0, err
	}
	kind := event.Kind(ev[4])
	if !kind.Valid() {
		return 0, fmt.Errorf("%w: unknown kind %d", event.ErrMalformed, ev[4])
	}
	c := &t.counts[kind]
	c.Count++
	c.Bytes += uint64(len(ev))
	if kind == event.KindUnreliable && len(t.doubts) < maxUnreliable {
		if u, err := event.DecodeUnreliable(ev); err == nil {
			t.doubts = append(t.doubts, u.Text)
		}
	}
	return len(ev), nil
}

func (t *tally) add(o *tally) {
	for k, c := range o.counts {
		t.counts[k].Count += c.Count
		t.counts[k].Bytes += c.Bytes
	}
	room := maxUnreliable - len(t.doubts)
	t.doubts = append(t.doubts, o.doubts[:min(room, len(o.doubts))]...)
}

// events is the tally by names.
func (t *tally) events() map[string]KindCount {
	m := map[string]KindCount{}
	for k, c := range t.counts {
		if c.Count > 0 {
			m[event.Kind(k).String()] = c
		}
	}
	return m
}
