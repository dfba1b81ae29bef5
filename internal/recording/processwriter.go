package recording

import (
	"encoding/binary"
	"fmt"
	"sync"
	"time"
)

const (
	// maxEventChunk is the length at which a chunk of events is closed. Only
	// a single event that is longer makes a longer chunk.
	maxEventChunk = 1 << 20
	// flushDelay bounds how long events wait for more of them, and so what
	// is lost when the recorder is killed.
	flushDelay = 200 * time.Millisecond
	// hurry is how soon a chunk of events must fill for them to come faster
	// than zstd takes them without slowing the program.
	hurry = 30 * time.Millisecond
)

// ProcessWriter writes what belongs to one process.
type ProcessWriter struct {
	w      *Writer
	parent *ProcessWriter // nil for the root
	number uint32
	start  time.Time

	// mu is taken before the Writer's, and a parent's before its child's.
	mu    sync.Mutex
	late  *time.Timer
	ended bool
	end   Trailer // as End was told, or shut found out
	tally

	events    []byte // not yet submitted
	firstTick uint64 // of them
	lastTick  uint64
	wall      time.Time
	eventSeq  uint64 // bytes of events, those waiting included
	snapshots int
}

func newProcessWriter(w *Writer, parent *ProcessWriter, start time.Time) *ProcessWriter {
	p := &ProcessWriter{w: w, parent: parent, start: start}
	p.late = time.AfterFunc(time.Hour, p.handOn)
	p.late.Stop()
	return p
}

// Number is what the recording knows the process by.
func (p *ProcessWriter) Number() int { return int(p.number) }

// begin locks p and reports whether it still takes anything.
func (p *ProcessWriter) begin() error {
	p.mu.Lock()
	switch {
	case p.w.shut.Load():
		return ErrClosed
	case p.ended:
		return fmt.Errorf("process %d: %w", p.number, ErrEnded)
	}
	return p.w.pipe.failed()
}

// AppendEvents adds whole events. It copies b. The ticks are those of the
// first and the last moment that b covers. An event that is malformed ends
// the call; those before it have been added.
func (p *ProcessWriter) AppendEvents(b []byte, firstTick, lastTick uint64) error {
	defer p.mu.Unlock()
	if err := p.begin(); err != nil {
		return err
	}
	from := 0 // events of b up to here are taken
	for at := 0; at < len(b); {
		n, err := p.examine(b[at:])
		if err != nil {
			p.take(b[from:at], firstTick, lastTick)
			return fmt.Errorf("append events: at byte %d: %w", at, err)
		}
		if used := len(p.events) + at - from; used > 0 && used+n > maxEventChunk {
			// Where a chunk ends within what one call brought, its last
			// tick is that of the next event.
			p.take(b[from:at], firstTick, binary.LittleEndian.Uint64(b[at+8:]))
			p.flush()
			from = at
		}
		at += n
	}
	p.take(b[from:], firstTick, lastTick)
	return p.w.pipe.failed()
}

// take adds examined events to the waiting chunk.
func (p *ProcessWriter) take(b []byte, firstTick, lastTick uint64) {
	if len(b) == 0 {
		return
	}
	if len(p.events) == 0 {
		p.events = p.w.pipe.buffer(max(len(b), maxEventChunk))
		p.wall = time.Now()
		p.firstTick = max(firstTick, p.lastTick)
		p.late.Reset(flushDelay)
	}
	p.events = append(p.events, b...)
	p.eventSeq += uint64(len(b))
	p.lastTick = max(p.lastTick, lastTick)
}

// flush submits the waiting events. p is locked.
func (p *ProcessWriter) flush() {
	if len(p.events) == 0 {
		return
	}
	h := header{typ: chunkEvents, process: p.number}
	h.attr[eventsFirstTick] = p.firstTick
	h.attr[eventsLastTick] = p.lastTick
	h.attr[eventsWall] = uint64(p.wall.UnixNano())
	h.attr[eventsOffset] = p.eventSeq - uint64(len(p.events))
	p.w.mu.Lock()
	p.w.pipe.hurry = time.Since(p.wall) < hurry
	p.w.submit(h, p.events)
	p.w.mu.Unlock()
	p.events = nil
}

// handOn is flush for who has not locked p: the timer's goroutine, children.
func (p *ProcessWriter) handOn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
}

// Flush hands everything added so far on to the disk's goroutine, without
// waiting for it. It is called for one otherwise within a fraction of a second.
func (p *ProcessWriter) Flush() error {
	defer p.mu.Unlock()
	if err := p.begin(); err != nil {
		return err
	}
	p.flush()
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.pages.flush()
	return p.w.pipe.failed()
}

// add submits a chunk of JSON behind all of the process's events. p is locked.
func (p *ProcessWriter) add(h header, v any) error {
	content, err := encode(h.typ, v)
	if err != nil {
		return err
	}
	h.process = p.number
	p.flush()
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.submit(h, content)
	return p.w.pipe.failed()
}

// AddSnapshot adds a snapshot of the moment after all of the process's events
// added so far and returns its number within the process, counted from 0. It
// sets s.EventSeq.
func (p *ProcessWriter) AddSnapshot(s *Snapshot) (int, error) {
	defer p.mu.Unlock()
	if err := p.begin(); err != nil {
		return 0, err
	}
	s.EventSeq = p.eventSeq
	h := header{typ: chunkSnapshot}
	h.attr[snapshotIndex] = uint64(p.snapshots)
	h.attr[snapshotTick] = s.Tick
	h.attr[snapshotEvents] = s.EventSeq
	if err := p.add(h, s); err != nil {
		return 0, err
	}
	p.snapshots++
	return p.snapshots - 1, nil
}

// Exec says that the process has executed another program.
func (p *ProcessWriter) Exec(m Image) error {
	defer p.mu.Unlock()
	if err := p.begin(); err != nil {
		return err
	}
	m.setTime(time.Now())
	return p.add(header{typ: chunkExec}, &m)
}

func (m *Image) setTime(t time.Time) {
	if m.At.IsZero() {
		m.At = t
	}
}

// End says how the process ended; it takes nothing more. What is waiting of
// the parent's events goes first where it is older: a recorder that hands on
// what the parent has logged, and calls End before the parent can learn of
// the end, gives every reader the order of what the two did.
func (p *ProcessWriter) End(t Trailer) error {
	if p.parent != nil {
		p.parent.mu.Lock()
		defer p.parent.mu.Unlock()
	}
	defer p.mu.Unlock()
	if err := p.begin(); err != nil {
		return err
	}
	if q := p.parent; q != nil && (len(p.events) == 0 || q.wall.Before(p.wall)) {
		q.flush()
	}
	t.Complete = t.Aborted == ""
	p.close(t)
	if q := p.parent; q != nil {
		q.flush()
	}
	return p.add(header{typ: chunkProcessEnd}, &p.end)
}

// shut makes sure that p takes nothing more.
func (p *ProcessWriter) shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.close(Trailer{})
	}
}

// close submits what is waiting, and completes t. p is locked.
func (p *ProcessWriter) close(t Trailer) {
	p.flush()
	p.late.Stop()
	p.ended = true
	if t.End.IsZero() {
		t.End = time.Now()
	}
	if t.Duration == 0 {
		t.Duration = t.End.Sub(p.start)
	}
	if t.Ticks == 0 {
		t.Ticks = p.lastTick
	}
	if t.Events == nil {
		t.Events = p.tally.events()
	}
	if t.Unreliable == nil {
		t.Unreliable = p.doubts
	}
	p.end = t
}
