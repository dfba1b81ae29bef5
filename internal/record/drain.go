package record

import (
	"sync"
	"sync/atomic"
	"time"

	"hindsight/internal/engine"
)

// drainEvery bounds how long events stay in the tracee's buffer, and so what
// is lost when the recorder is killed.
const drainEvery = 250 * time.Millisecond

// drainer moves events from the log buffer to the recording while the tracee
// runs. The stubs advance the buffer's end only behind a whole event, and
// x86 stores are seen in order, so what lies below it can be read at any
// time. The writer works on copies, so that a full buffer costs the tracee a
// copy only.
type drainer struct {
	mu   sync.Mutex
	r    *recorder
	e    *engine.Engine
	done int // bytes of the buffer that have been copied
	tick uint64

	full  chan batch // copies for the writer
	spare sync.Pool  // of *[]byte
	quit  chan struct{}
	idle  sync.WaitGroup
	err   atomic.Pointer[error]
}

// batch is a copy of events on its way to the writer.
type batch struct {
	events      []byte
	first, last uint64
	barrier     chan struct{} // closed when all before it is written
}

// maxBatches bounds the copies on their way.
const maxBatches = 4

func startDrain(r *recorder) *drainer {
	d := &drainer{r: r, e: r.e, quit: make(chan struct{}), full: make(chan batch, maxBatches)}
	if r.w != nil {
		d.idle.Go(d.run)
		d.idle.Go(d.write)
	}
	return d
}

// run drains now and then, and often while events come fast: then there is
// little left to copy when the buffer is full and the tracee has to wait.
func (d *drainer) run() {
	const often, much = time.Millisecond, 128 << 10
	pause := drainEvery
	t := time.NewTimer(pause)
	defer t.Stop()
	for {
		select {
		case <-d.quit:
			close(d.full)
			return
		case <-t.C:
			d.mu.Lock()
			n := d.copy()
			d.mu.Unlock()
			if pause = min(2*pause, drainEvery); n > much {
				pause = often
			}
			t.Reset(pause)
		}
	}
}

func (d *drainer) write() {
	for b := range d.full {
		if len(b.events) > 0 {
			if err := d.r.pw.AppendEvents(b.events, b.first, b.last); err != nil {
				d.err.CompareAndSwap(nil, &err)
			}
			d.spare.Put(&b.events)
		}
		if b.barrier != nil {
			close(b.barrier)
		}
	}
}

// copy hands what is new in the buffer to the writer, and returns its length.
// d.mu is held.
func (d *drainer) copy() int {
	if d.e == nil {
		return 0 // the engine is still being made
	}
	b := d.e.LogBytes()
	n := len(b) - d.done
	if n == 0 {
		return 0
	}
	var buf []byte
	if p, ok := d.spare.Get().(*[]byte); ok {
		buf = (*p)[:0]
	}
	now := d.e.Tick()
	d.full <- batch{events: append(buf, b[d.done:]...), first: d.tick, last: now}
	d.tick, d.done = now, len(b)
	return n
}

// failed returns the first error of the writer.
func (d *drainer) failed() error {
	if err := d.err.Load(); err != nil {
		return *err
	}
	return nil
}

// sync waits until all that was drained has reached the writer.
func (d *drainer) sync() error {
	if d.r.w == nil {
		return nil
	}
	b := batch{barrier: make(chan struct{})}
	d.full <- b
	<-b.barrier
	return d.failed()
}

func (d *drainer) stop() {
	close(d.quit)
	d.idle.Wait()
}

// drain empties the log buffer. The tracee is stopped.
func (r *recorder) drain() error {
	d := r.drainer
	if r.w == nil || d == nil {
		r.e.ResetLog()
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.copy()
	r.e.ResetLog()
	d.done = 0
	return d.failed()
}

// commit brings all events up to now to the writer.
func (r *recorder) commit() error {
	if err := r.drain(); err != nil {
		return err
	}
	return r.drainer.sync()
}

// replaceEngine is called when a new image gets a new engine.
func (d *drainer) replaceEngine(e *engine.Engine) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.e, d.done, d.tick = e, 0, e.Tick()
}

// log appends an event behind those in the buffer. The tracee is stopped.
func (r *recorder) log(ev []byte) error {
	if r.w == nil {
		return nil
	}
	if r.e.AppendLog(ev) {
		return nil
	}
	if err := r.drain(); err != nil {
		return err
	}
	if r.e.AppendLog(ev) {
		return nil
	}
	if err := r.drainer.sync(); err != nil {
		return err
	}
	return r.pw.AppendEvents(ev, r.e.Tick(), r.e.Tick())
}
