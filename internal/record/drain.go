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
// x86 stores are seen in order, so what lies below it can be read at any
// time.
type drainer struct {
	mu   sync.Mutex
	r    *recorder
	e    *engine.Engine
	done int // bytes of the buffer that the writer has
	tick uint64
	err  error // the writer's first

	quit chan struct{}
	idle sync.WaitGroup
}

func startDrain(r *recorder) *drainer {
	d := &drainer{r: r, e: r.e, quit: make(chan struct{})}
	if r.w != nil {
		d.idle.Go(d.run)
	}
	return d
}

// run drains now and then, and often while events come fast: then there is
// little left to do when the buffer is full and the tracee has to wait.
func (d *drainer) run() {
	const often, much = time.Millisecond, 128 << 10
	pause := drainEvery
	t := time.NewTimer(pause)
	defer t.Stop()
	for {
		select {
		case <-d.quit:
			return
		case <-t.C:
			d.mu.Lock()
			n := d.move()
			d.mu.Unlock()
			if pause = min(2*pause, drainEvery); n > much {
				pause = often
			}
			t.Reset(pause)
		}
	}
}

// move hands what is new in the buffer to the writer, and returns its length.
// d.mu is held.
func (d *drainer) move() int {
	if d.e == nil {
		return 0 // the engine is still being made
	}
	b := d.e.LogBytes()
	n := len(b) - d.done
	if n == 0 {
		return 0
	}
	now := d.e.Tick()
	if err := d.r.pw.AppendEvents(b[d.done:], d.tick, now); d.err == nil {
		d.err = err
	}
	d.tick, d.done = now, len(b)
	return n
}

func (d *drainer) stop() {
	close(d.quit)
	d.idle.Wait()
}

// drain brings all events up to now to the writer, and empties the log buffer.
// The tracee is stopped.
func (r *recorder) drain() error {
	d := r.drainer
	if r.w == nil || d == nil {
		r.e.ResetLog()
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.move()
	r.e.ResetLog()
	d.done = 0
	return d.err
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
	return r.pw.AppendEvents(ev, r.e.Tick(), r.e.Tick())
}
