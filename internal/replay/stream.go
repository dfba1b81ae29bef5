package replay

import (
	"fmt"
	"sort"

	"hindsight/internal/event"
	"hindsight/internal/recording"
)

// stream is the event log as one sequence of bytes, read chunk by chunk.
// Positions are offsets in it, always between two events.
type stream struct {
	r      *recording.Reader
	chunks []recording.ChunkInfo
	cached []cachedChunk // most recently used first
	counts []uint64      // events before each chunk, as far as known
	ahead  *fetch        // of the chunk behind the one read last
}

// fetch is a chunk on its way.
type fetch struct {
	n    int
	done chan struct{}
	b    []byte
	err  error
}

type cachedChunk struct {
	n int
	b []byte
}

// keptChunks is how many chunks stay decompressed.
const keptChunks = 4

func newStream(r *recording.Reader) *stream {
	return &stream{r: r, chunks: r.EventChunks(), counts: []uint64{0}}
}

// end is the position behind the last event.
func (s *stream) end() uint64 { return s.r.EventBytes() }

// chunkAt returns the number of the chunk that holds position at.
func (s *stream) chunkAt(at uint64) int {
	return sort.Search(len(s.chunks), func(i int) bool { return s.chunks[i].StreamOffset > at }) - 1
}

// rest returns the events from position at to the end of their chunk; nothing
// at the end of the log. The bytes must not be changed.
func (s *stream) rest(at uint64) ([]byte, error) {
	if at >= s.end() {
		return nil, nil
	}
	n := s.chunkAt(at)
	b, err := s.chunk(n)
	if err != nil {
		return nil, err
	}
	off := at - s.chunks[n].StreamOffset
	if off >= uint64(len(b)) {
		return nil, fmt.Errorf("no event at byte %d of the log", at)
	}
	return b[off:], nil
}

// next returns the event at position at, nil at the end of the log.
func (s *stream) next(at uint64) ([]byte, error) {
	b, err := s.rest(at)
	if err != nil || b == nil {
		return nil, err
	}
	ev, _, err := event.Next(b)
	return ev, err
}

func (s *stream) chunk(n int) ([]byte, error) {
	for i, c := range s.cached {
		if c.n == n {
			copy(s.cached[1:i+1], s.cached[:i])
			s.cached[0] = c
			return c.b, nil
		}
	}
	b, err := s.fetch(n)
	if err != nil {
		return nil, err
	}
	if len(s.cached) < keptChunks {
		s.cached = append(s.cached, cachedChunk{})
	}
	copy(s.cached[1:], s.cached)
	s.cached[0] = cachedChunk{n, b}
	return b, nil
}

// fetch reads chunk n, and has the next one decompressed meanwhile: mostly it
// is wanted next.
func (s *stream) fetch(n int) ([]byte, error) {
	f := s.ahead
	if f == nil || f.n != n {
		f = s.start(n)
	}
	s.ahead = nil
	if n+1 < len(s.chunks) {
		s.ahead = s.start(n + 1)
	}
	<-f.done
	return f.b, f.err
}

func (s *stream) start(n int) *fetch {
	f := &fetch{n: n, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		f.b, f.err = s.r.EventChunk(n)
	}()
	return f
}

// count counts the events of b.
func count(b []byte) (n uint64, err error) {
	for len(b) > 0 {
		if _, b, err = event.Next(b); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// number returns how many events there are before position at.
func (s *stream) number(at uint64) (uint64, error) {
	if at >= s.end() {
		return s.countTo(len(s.chunks))
	}
	c := s.chunkAt(at)
	before, err := s.countTo(c)
	if err != nil {
		return 0, err
	}
	b, err := s.chunk(c)
	if err != nil {
		return 0, err
	}
	n, err := count(b[:at-s.chunks[c].StreamOffset])
	return before + n, err
}

// countTo returns the number of events in the chunks before c.
func (s *stream) countTo(c int) (uint64, error) {
	for len(s.counts) <= c {
		i := len(s.counts) - 1
		b, err := s.chunk(i)
		if err != nil {
			return 0, err
		}
		n, err := count(b)
		if err != nil {
			return 0, err
		}
		s.counts = append(s.counts, s.counts[i]+n)
	}
	return s.counts[c], nil
}

// lastTick is the tick of the last moment that the log knows.
func (s *stream) lastTick() uint64 {
	if len(s.chunks) == 0 {
		return 0
	}
	return s.chunks[len(s.chunks)-1].LastTick
}
