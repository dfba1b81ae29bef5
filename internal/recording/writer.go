package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Writer writes a recording. What is added first stands first in the file,
// so what refers to a blob must be added after it. A write error stays: it is
// returned by the calls that follow, and by Close.
type Writer struct {
	root *ProcessWriter
	shut atomic.Bool // Close or Abort was called; set before mu is taken

	mu    sync.Mutex // taken behind those of ProcessWriters
	pipe  *pipeline
	pages pageStore
	procs []*ProcessWriter // by number
}

// Create starts a recording at path, replacing what is there. The file is
// readable at any time from then on. The manifest announces the root.
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
	first, h := seal(nil, header{typ: chunkManifest}, content, codecS2)
	if _, err := f.Write(append(fileHeader(), first...)); err != nil {
		return nil, fmt.Errorf("create recording: %w", err)
	}
	w := &Writer{pipe: newPipeline(f, fileHeaderSize+int64(len(first)))}
	w.pipe.entries = []entry{{fileHeaderSize, h}}
	w.pipe.seq = 1
	w.pages.init(w.pipe)
	if m.Start.IsZero() {
		m.Start = time.Now()
	}
	w.root = newProcessWriter(w, nil, m.Start)
	w.procs = []*ProcessWriter{w.root}
	return w, nil
}

// Root is the root's ProcessWriter.
func (w *Writer) Root() *ProcessWriter { return w.root }

// Process announces a process, whose parent must have been. What is waiting of
// the parent's events goes before it: a recorder that hands on the parent's
// last events first gives every reader the order of what the two did.
func (w *Writer) Process(info Process) (*ProcessWriter, error) {
	if info.Start.IsZero() {
		info.Start = time.Now()
	}
	for i := range info.Images {
		info.Images[i].setTime(info.Start)
	}
	info.End = nil
	parent, err := w.process(info.Parent)
	if err != nil {
		return nil, err
	}
	parent.handOn()

	defer w.mu.Unlock()
	if err := w.begin(); err != nil {
		return nil, err
	}
	info.Number = len(w.procs)
	content, err := encode(chunkProcess, &info)
	if err != nil {
		return nil, err
	}
	p := newProcessWriter(w, parent, info.Start)
	p.number = uint32(info.Number)
	w.procs = append(w.procs, p)
	w.submit(header{typ: chunkProcess, process: p.number}, content)
	return p, w.pipe.failed()
}

// process returns the process of a number.
func (w *Writer) process(n int) (*ProcessWriter, error) {
	defer w.mu.Unlock()
	if err := w.begin(); err != nil {
		return nil, err
	}
	if n < 0 || n >= len(w.procs) {
		return nil, fmt.Errorf("add process to recording: its parent %d: %w", n, ErrNoProcess)
	}
	return w.procs[n], nil
}

// begin locks w and reports whether it still takes anything.
func (w *Writer) begin() error {
	w.mu.Lock()
	if w.shut.Load() {
		return ErrClosed
	}
	return w.pipe.failed()
}

// submit hands a chunk on, and before it the blobs that it may refer to. w is
// locked.
func (w *Writer) submit(h header, content []byte) {
	w.pages.flush()
	w.pipe.submit(h, content)
}

// encode returns the content of a chunk of JSON.
func encode(t chunkType, v any) ([]byte, error) {
	content, err := json.Marshal(v)
	if err == nil && len(content) > maxRaw {
		err = fmt.Errorf("%d bytes exceed the limit of %d", len(content), maxRaw)
	}
	if err != nil {
		return nil, fmt.Errorf("add %v to recording: %w", t, err)
	}
	return content, nil
}

// AddFile adds a file whose content is a blob already added.
func (w *Writer) AddFile(f File) error {
	content, err := encode(chunkFile, f)
	if err != nil {
		return err
	}
	defer w.mu.Unlock()
	if err := w.begin(); err != nil {
		return err
	}
	w.submit(header{typ: chunkFile}, content)
	return w.pipe.failed()
}

// AppendEvents adds events of the root.
func (w *Writer) AppendEvents(b []byte, firstTick, lastTick uint64) error {
	return w.root.AppendEvents(b, firstTick, lastTick)
}

// AddSnapshot adds a snapshot of the root.
func (w *Writer) AddSnapshot(s *Snapshot) (int, error) { return w.root.AddSnapshot(s) }

// Flush hands on what is waiting of the root, and all blobs.
func (w *Writer) Flush() error { return w.root.Flush() }

// Close completes the recording. It ends the root as t says, unless it has
// ended; other processes that have not ended stay without an end.
func (w *Writer) Close(t Trailer) error {
	ended := w.root.End(t)
	err := w.finish("")
	if err == nil && !errors.Is(ended, ErrEnded) {
		err = ended
	}
	return err
}

// Abort ends a recording that could not be completed: what was added stays
// readable, and the reason is kept with it.
func (w *Writer) Abort(reason string) error { return w.finish(reason) }

func (w *Writer) finish(aborted string) error {
	if w.shut.Swap(true) {
		return ErrClosed
	}
	for _, p := range w.processes() {
		p.shut()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	content, err := encode(chunkTrailer, w.total(aborted))
	if err == nil {
		w.submit(header{typ: chunkTrailer}, content)
	}
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

func (w *Writer) processes() []*ProcessWriter {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.procs)
}

// total sums up all processes, which take nothing more.
func (w *Writer) total(aborted string) *Trailer {
	var sum tally
	t := w.root.end
	t.End, t.Ticks, t.Processes = time.Now(), 0, len(w.procs)
	t.Duration = t.End.Sub(w.root.start)
	for _, p := range w.procs {
		sum.add(&p.tally)
		t.Ticks += p.end.Ticks
	}
	t.Events, t.Unreliable = sum.events(), sum.doubts
	t.Complete, t.Aborted = aborted == "", aborted
	return &t
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
		chunk, h := seal(nil, c.h, c.content, codecS2)
		p.put(h, chunk)
	}
	return p.failed()
}
