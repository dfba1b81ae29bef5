package recording

import (
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// file is what a Writer writes to.
type file interface {
	io.WriteCloser
	Truncate(size int64) error
}

// pipeline compresses chunks on several goroutines and writes them in the
// order of submission from one. A chunk takes a slot for each slotSize bytes
// while it is under way; submit waits for them, which bounds memory and slows a
// recorder down to what the disk takes. Only one goroutine may call submit and drain at a time.
type pipeline struct {
	out   file
	slots chan struct{}
	work  chan *job
	order chan *job
	wg    sync.WaitGroup
	spare sync.Pool // of *[]byte

	hurry   bool // events come fast: owned by the caller of submit
	seq     uint64
	err     atomic.Pointer[error]
	size    int64   // of the file up to its last whole chunk; owned by the disk goroutine until drained
	entries []entry // the same
}

// entry is a chunk's place.
type entry struct {
	offset int64
	header
}

type job struct {
	h     header
	raw   []byte
	slots int
	codec uint16
	ready chan struct{}
	chunk []byte
}

func newPipeline(out file, size int64) *pipeline {
	workers := min(runtime.GOMAXPROCS(0), 4)
	p := &pipeline{
		out:   out,
		size:  size,
		slots: make(chan struct{}, maxSlots),
		work:  make(chan *job, maxSlots),
		order: make(chan *job, maxSlots),
	}
	for range workers {
		p.wg.Go(p.compress)
	}
	p.wg.Go(p.write)
	return p
}

const (
	slotSize = pagesPerChunk * PageSize
	maxSlots = 64
)

// slots is how many slots a chunk takes.
func slots(raw []byte) int { return min(1+len(raw)/slotSize, maxSlots) }

// submit takes raw over: the caller must not use it again.
func (p *pipeline) submit(h header, raw []byte) {
	if p.seq >= maxChunks-2 { // the index and the end follow
		err := fmt.Errorf("write recording: it has %d chunks, and can have no more", p.seq)
		p.err.CompareAndSwap(nil, &err)
		return
	}
	h.seq = p.seq
	p.seq++
	for range slots(raw) {
		p.slots <- struct{}{}
	}
	j := &job{h: h, raw: raw, slots: slots(raw), codec: codecZstd, ready: make(chan struct{})}
	if h.typ == chunkPages || h.typ == chunkEvents && p.hurry || len(raw) < minZstd {
		j.codec = codecS2
	}
	p.order <- j
	p.work <- j
}

func (p *pipeline) compress() {
	for j := range p.work {
		if p.failed() == nil {
			j.chunk, j.h = seal(p.buffer(headerSize+compressedLen(len(j.raw))), j.h, j.raw, j.codec)
		}
		p.recycle(j.raw)
		close(j.ready)
	}
}

func (p *pipeline) write() {
	for j := range p.order {
		<-j.ready
		if p.failed() == nil {
			p.put(j.h, j.chunk)
		}
		p.recycle(j.chunk)
		for range j.slots {
			<-p.slots
		}
	}
}

// put writes one chunk. On failure it removes what was written of it, as far
// as the disk lets it, and remembers the error.
func (p *pipeline) put(h header, chunk []byte) {
	if _, err := p.out.Write(chunk); err != nil {
		err = fmt.Errorf("write recording at byte %d: %w", p.size, err)
		p.err.Store(&err)
		// What is left of the chunk if this fails as well is found by its checksum.
		_ = p.out.Truncate(p.size)
		return
	}
	p.entries = append(p.entries, entry{p.size, h})
	p.size += int64(len(chunk))
}

// failed returns the first write error.
func (p *pipeline) failed() error {
	if err := p.err.Load(); err != nil {
		return *err
	}
	return nil
}

// drain waits until all is written. submit may not be called afterwards; size
// and entries then belong to the caller.
func (p *pipeline) drain() error {
	close(p.work)
	close(p.order)
	p.wg.Wait()
	return p.failed()
}

// buffer returns an empty buffer with room for n bytes, if not more.
func (p *pipeline) buffer(n int) []byte {
	if b, ok := p.spare.Get().(*[]byte); ok && cap(*b) >= n {
		return (*b)[:0]
	}
	return make([]byte, 0, n)
}

// keepBuffer bounds what a buffer in the pool may hold on to.
const keepBuffer = 2 * maxEventChunk

func (p *pipeline) recycle(b []byte) {
	if cap(b) >= pagesPerChunk*PageSize && cap(b) <= keepBuffer {
		p.spare.Put(&b)
	}
}
