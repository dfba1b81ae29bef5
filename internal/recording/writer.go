package recording

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"hindsight/internal/event"
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
	// maxUnreliable bounds the reasons that the trailer repeats.
	maxUnreliable = 100
)

// Writer writes a recording. What is added first stands first in the file,
// so what refers to a blob must be added after it. A write error stays: it is
// returned by the calls that follow, and by Close.
type Writer struct {
	mu    sync.Mutex
	pipe  *pipeline
	pages pageStore
	late  *time.Timer
	shut  bool
	start time.Time

	events    []byte // not yet submitted
	firstTick uint64 // of them
	lastTick  uint64
	wall      time.Time
	eventSeq  uint64 // bytes of events, those waiting included
	counts    [event.NumKinds]KindCount
	doubts    []string
	snapshots int
}

// Create starts a recording at path, replacing what is there. The file is
// readable at any time from then on.
func Create(path string, m Manifest) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create recording: %w", err)
	}
	w, err := newWriter(f, m)
	if err != nil {
		f.Close()
		return nil, err
	}
	return w, nil
}

func newWriter(f file, m Manifest) (*Writer, error) {
	m.FormatVersion = Version
	content, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("create recording: manifest: %w", err)
	}
	// The first bytes go out at once and together, so that there is no
	// moment at which the file is there but says nothing.
	first, h := seal(nil, header{typ: chunkManifest}, content, codecZstd)
	if _, err := f.Write(append(fileHeader(), first...)); err != nil {
		return nil, fmt.Errorf("create recording: %w", err)
	}
	w := &Writer{pipe: newPipeline(f, fileHeaderSize+int64(len(first))), start: m.Start}
	w.pipe.entries = []entry{{fileHeaderSize, h}}
	w.pipe.seq = 1
	if w.start.IsZero() {
		w.start = time.Now()
	}
	w.pages.init(w.pipe)
	w.late = time.AfterFunc(time.Hour, w.flushLate)
	w.late.Stop()
	return w, nil
}

// begin locks w and reports whether it still takes anything.
func (w *Writer) begin() error {
	w.mu.Lock()
	if w.shut {
		return ErrClosed
	}
	return w.pipe.failed()
}

// AppendEvents adds whole events. It copies b. The ticks are those of the
// first and the last moment that b covers. An event that is malformed ends
// the call; those before it have been added.
func (w *Writer) AppendEvents(b []byte, firstTick, lastTick uint64) error {
	defer w.mu.Unlock()
	if err := w.begin(); err != nil {
		return err
	}
	from := 0 // events of b up to here are taken
	for at := 0; at < len(b); {
		n, err := w.examine(b[at:])
		if err != nil {
			w.take(b[from:at], firstTick, lastTick)
			return fmt.Errorf("append events: at byte %d: %w", at, err)
		}
		if used := len(w.events) + at - from; used > 0 && used+n > maxEventChunk {
			// Where a chunk ends within what one call brought, its last
			// tick is that of the next event.
			w.take(b[from:at], firstTick, binary.LittleEndian.Uint64(b[at+8:]))
			w.flushEvents()
			from = at
		}
		at += n
	}
	w.take(b[from:], firstTick, lastTick)
	return w.pipe.failed()
}

// examine counts the event at the start of b, and returns its length. A
// recorder brings millions of events a second: the common ones are looked at
// as little as can be.
func (w *Writer) examine(b []byte) (int, error) {
	ev, _, err := event.Next(b)
	if err != nil {
		return 0, err
	}
	kind := event.Kind(ev[4])
	if !kind.Valid() {
		return 0, fmt.Errorf("%w: unknown kind %d", event.ErrMalformed, ev[4])
	}
	w.counts[kind].Count++
	w.counts[kind].Bytes += uint64(len(ev))
	if kind == event.KindUnreliable && len(w.doubts) < maxUnreliable {
		if u, err := event.DecodeUnreliable(ev); err == nil {
			w.doubts = append(w.doubts, u.Text)
		}
	}
	return len(ev), nil
}

// take adds examined events to the waiting chunk.
func (w *Writer) take(b []byte, firstTick, lastTick uint64) {
	if len(b) == 0 {
		return
	}
	if len(w.events) == 0 {
		w.events = w.pipe.buffer(max(len(b), maxEventChunk))
		w.wall = time.Now()
		w.firstTick = max(firstTick, w.lastTick)
		w.late.Reset(flushDelay)
	}
	w.events = append(w.events, b...)
	w.eventSeq += uint64(len(b))
	w.lastTick = max(w.lastTick, lastTick)
}

// flushEvents submits the waiting events, and before them the blobs that they
// may refer to.
func (w *Writer) flushEvents() {
	w.pages.flush()
	if len(w.events) == 0 {
		return
	}
	h := header{typ: chunkEvents}
	w.pipe.hurry = time.Since(w.wall) < hurry
	h.attr[eventsFirstTick] = w.firstTick
	h.attr[eventsLastTick] = w.lastTick
	h.attr[eventsWall] = uint64(w.wall.UnixNano())
	h.attr[eventsOffset] = w.eventSeq - uint64(len(w.events))
	w.pipe.submit(h, w.events)
	w.events = nil
}

// flushLate runs on a goroutine of the timer's.
func (w *Writer) flushLate() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.shut {
		w.flushEvents()
	}
}

// Flush hands everything added so far on to the disk's goroutine, without
// waiting for it. It is called for one otherwise within a fraction of a second.
func (w *Writer) Flush() error {
	defer w.mu.Unlock()
	if err := w.begin(); err != nil {
		return err
	}
	w.flushEvents()
	return w.pipe.failed()
}

// addJSON submits a chunk of JSON behind everything added before it.
func (w *Writer) addJSON(h header, v any) error {
	content, err := json.Marshal(v)
	if err == nil && len(content) > maxRaw {
		err = fmt.Errorf("%d bytes exceed the limit of %d", len(content), maxRaw)
	}
	if err != nil {
		return fmt.Errorf("add %v to recording: %w", h.typ, err)
	}
	w.flushEvents()
	w.pipe.submit(h, content)
	return w.pipe.failed()
}

// AddFile adds a file whose content is a blob already added.
func (w *Writer) AddFile(f File) error {
	defer w.mu.Unlock()
	if err := w.begin(); err != nil {
		return err
	}
	return w.addJSON(header{typ: chunkFile}, f)
}

// AddSnapshot adds a snapshot of the moment after all events added so far and
// returns its number, counted from 0. It sets s.EventSeq.
func (w *Writer) AddSnapshot(s *Snapshot) (int, error) {
	defer w.mu.Unlock()
	if err := w.begin(); err != nil {
		return 0, err
	}
	s.EventSeq = w.eventSeq
	h := header{typ: chunkSnapshot}
	h.attr[snapshotIndex] = uint64(w.snapshots)
	h.attr[snapshotTick] = s.Tick
	h.attr[snapshotEvents] = s.EventSeq
	if err := w.addJSON(h, s); err != nil {
		return 0, err
	}
	w.snapshots++
	return w.snapshots - 1, nil
}

// Close completes the recording.
func (w *Writer) Close(t Trailer) error {
	t.Complete = true
	return w.finish(t)
}

// Abort ends a recording that could not be completed: what was added stays
// readable, and the reason is kept with it.
func (w *Writer) Abort(reason string) error {
	return w.finish(Trailer{Aborted: reason})
}

func (w *Writer) finish(t Trailer) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shut {
		return ErrClosed
	}
	w.shut = true
	w.late.Stop()
	w.fillIn(&t)
	err := w.addJSON(header{typ: chunkTrailer}, t)
	if drained := w.pipe.drain(); err == nil {
		err = drained
	}
	if err == nil {
		err = w.writeIndex()
	}
	if closed := w.pipe.out.Close(); err == nil && closed != nil {
		err = fmt.Errorf("close recording: %w", closed)
	}
	return err
}

// writeIndex puts the last two chunks behind everything else.
func (w *Writer) writeIndex() error {
	p := w.pipe
	index := header{typ: chunkIndex, seq: p.seq}
	index.attr[indexChunks] = uint64(len(p.entries))
	end := header{typ: chunkEnd, seq: p.seq + 1}
	end.attr[endIndex] = uint64(p.size)
	content := encodeIndex(p.entries)
	if len(content) > maxRaw {
		return nil // a reader rebuilds it
	}
	for _, c := range []struct {
		h       header
		content []byte
	}{{index, content}, {end, nil}} {
		chunk, h := seal(nil, c.h, c.content, codecZstd)
		p.put(h, chunk)
	}
	return p.failed()
}

func (w *Writer) fillIn(t *Trailer) {
	if t.End.IsZero() {
		t.End = time.Now()
	}
	if t.Duration == 0 {
		t.Duration = t.End.Sub(w.start)
	}
	if t.Ticks == 0 {
		t.Ticks = w.lastTick
	}
	if t.Events == nil {
		t.Events = map[string]KindCount{}
		for k, c := range w.counts {
			if c.Count > 0 {
				t.Events[event.Kind(k).String()] = c
			}
		}
	}
	if t.Unreliable == nil {
		t.Unreliable = w.doubts
	}
}
