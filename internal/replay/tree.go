package replay

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"sync"

	"hindsight/internal/engine"
	"hindsight/internal/recording"
)

// Replayed is what came of the replay of one process of a tree.
type Replayed struct {
	Process recording.Process
	Result
	Err error
}

// Tree replays every process of a recording from its start to its end, and
// writes to stdout and stderr what they wrote, in the order of the chunks of
// events that their writes are in. Processes that were not recorded are left
// out; that one diverges does not keep the others from being replayed.
func Tree(r *recording.Reader, stdout, stderr io.Writer) ([]Replayed, error) {
	views, err := replayable(r)
	if err != nil {
		return nil, err
	}
	t := &turnstile{most: runtime.GOMAXPROCS(0)}
	code := engine.NewCodeStore()
	done := make([]Replayed, len(views))
	for i, v := range views {
		m := &runner{t: t, chunks: v.EventChunks(), proceed: make(chan struct{}, 1)}
		m.past = firstOrder(v)
		t.ahead = append(t.ahead, m)
		m.run = func() {
			done[i].Process = v.Info()
			done[i].Result, done[i].Err = autopilot(v, code, stdout, stderr, m)
			m.finish()
		}
	}
	t.settle()
	t.all.Wait()
	slices.SortFunc(done, func(a, b Replayed) int { return cmp.Compare(a.Process.Number, b.Process.Number) })
	return done, nil
}

// replayable lists the views of what can be replayed, in the order in which
// events of theirs first stand in the recording.
func replayable(r *recording.Reader) (views []*recording.Reader, err error) {
	for n, p := range r.Processes() {
		v, err := r.Process(n)
		if err != nil {
			return nil, err
		}
		// A process that was cut off before its first snapshot has no past.
		if n == recording.RootNumber && p.Recorded() || len(v.Snapshots()) > 0 {
			views = append(views, v)
		}
	}
	if len(views) == 0 {
		return nil, fmt.Errorf("no process of it was recorded")
	}
	slices.SortStableFunc(views, func(a, b *recording.Reader) int { return cmp.Compare(firstOrder(a), firstOrder(b)) })
	return views, nil
}

func firstOrder(r *recording.Reader) uint64 {
	if c := r.EventChunks(); len(c) > 0 {
		return c[0].Order
	}
	return math.MaxUint64 // it writes nothing, and nobody waits for it
}

// turnstile lets the processes of a tree write in the order of their chunks:
// a process that is about to replay a write of chunk n waits until all others
// are past their chunks before n.
type turnstile struct {
	mu      sync.Mutex
	ahead   []*runner // not yet started, by their first chunk
	live    []*runner
	running int // of those, the ones that do not wait
	most    int // processes to have alive while any of them runs
	all     sync.WaitGroup
}

// runner is the replay of one process.
type runner struct {
	t       *turnstile
	chunks  []recording.ChunkInfo
	run     func()
	past    uint64 // it has been replayed up to the chunk with this Order
	waiting bool   // for its turn to write in that chunk
	proceed chan struct{}
}

// order returns the Order of the chunk that a position in the log is in.
func (m *runner) order(at uint64) uint64 {
	n, found := slices.BinarySearchFunc(m.chunks, at, func(c recording.ChunkInfo, at uint64) int { return cmp.Compare(c.StreamOffset, at) })
	if !found {
		n--
	}
	return m.chunks[n].Order
}

// reached implements pacer.
func (m *runner) reached(at uint64) {
	order := m.order(at)
	m.t.mu.Lock()
	defer m.t.mu.Unlock()
	if order > m.past {
		m.past = order
		m.t.settleLocked()
	}
}

// turn implements pacer.
func (m *runner) turn(at uint64) {
	order := m.order(at)
	m.t.mu.Lock()
	m.past, m.waiting = order, true
	m.t.running--
	m.t.settleLocked()
	m.t.mu.Unlock()
	<-m.proceed
}

func (m *runner) finish() {
	t := m.t
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live = slices.DeleteFunc(t.live, func(o *runner) bool { return o == m })
	t.running--
	t.settleLocked()
	t.all.Done()
}

func (t *turnstile) settle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settleLocked()
}

// settleLocked lets those go on whose turn has come, and starts processes:
// some at a time, and as many as it takes where all others wait for them.
func (t *turnstile) settleLocked() {
	for _, m := range t.live {
		if m.waiting && t.first(m) {
			m.waiting = false
			t.running++
			m.proceed <- struct{}{}
		}
	}
	for len(t.ahead) > 0 && (t.running == 0 || len(t.live) < t.most) {
		m := t.ahead[0]
		t.ahead = t.ahead[1:]
		t.live = append(t.live, m)
		t.running++
		t.all.Add(1)
		go m.run()
	}
}

// first reports whether no other process can come to an earlier chunk than m
// stands in.
func (t *turnstile) first(m *runner) bool {
	for _, o := range t.live {
		if o.past < m.past {
			return false
		}
	}
	return len(t.ahead) == 0 || t.ahead[0].past > m.past
}
