package record

import (
	"sync"
	"time"

	"hindsight/internal/engine"
)

// drainEvery bounds how long events stay in the tracee's buffer, and so what
// is lost when the recorder is killed.
const drainEvery = 250 * time.Millisecond

// drainer moves events from the log buffer to the recording while the tracee
// runs. The stubs advance the buffer's end only behind a whole event, and
// x86 stores are seen in order, so what lies below it can be read at any time.
type drainer struct {
	mu   sync.Mutex
	r    *recorder
	e    *engine.Engine
	done int // bytes of the buffer that are in the recording
	tick uint64
	err  error
	quit chan struct{}
	idle sync.WaitGroup
}

func startDrain(r *recorder) *drainer {
	d := &drainer{r: r, e: r.e, quit: make(chan struct{})}
	if r.w == nil {
		return d
	}
	d.idle.Go(d.run)
	return d
}

func (d *drainer) run() {
	t := time.NewTicker(drainEvery)
	defer t.Stop()
	for {
		select {
		case <-d.quit:
			return
		case <-t.C:
			d.mu.Lock()
			d.copy()
			d.mu.Unlock()
		}
	}
}

// copy hands what is new in the buffer to the writer. d.mu is held.
func (d *drainer) copy() {
	b := d.e.LogBytes()
	if len(b) == d.done || d.err != nil {
		return
	}
	now := d.e.Tick()
	d.err = d.r.w.AppendEvents(b[d.done:], d.tick, now)
	d.tick, d.done = now, len(b)
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
	return d.err
}

// replaceEngine is called when a new image gets a new engine.
func (d *drainer) replaceEngine(e *engine.Engine) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.e, d.done, d.tick = e, 0, 0
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
	return r.w.AppendEvents(ev, r.e.Tick(), r.e.Tick())
}

// flush hands the last events to the writer when the tracee has been let go.
func (d *drainer) flush() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.r.w != nil {
		d.copy()
	}
}
