package engine

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// pinner keeps supervisor and tracee on one CPU while the tracee stops often:
// each stop then costs two context switches instead of two wake-ups of
// another CPU, which in a virtual machine are many times dearer. The tracee
// gets its own affinity back when stops become rare, and before the guest or
// a child could see the change.
type pinner struct {
	mu       sync.Mutex
	tid      int // of the supervisor's thread
	pid      int
	original [2]unix.CPUSet // of the supervisor's thread and the tracee
	pinned   bool
	off      bool // the guest chose its own affinity

	stops atomic.Uint64
	from  time.Time // start of the present burst
	quit  chan struct{}
}

const (
	burst      = 32 // stops that are looked at together
	burstTime  = 10 * time.Millisecond
	lullTime   = 20 * time.Millisecond
	lullStops  = 4
	noAffinity = -1
)

// newPinner starts with both threads free. It must be called on the
// supervisor's thread.
func newPinner(pid int, home *unix.CPUSet) (*pinner, error) {
	p := &pinner{tid: unix.Gettid(), pid: pid, quit: make(chan struct{})}
	for i, t := range [2]int{p.tid, pid} {
		if err := unix.SchedGetaffinity(t, &p.original[i]); err != nil {
			return nil, fmt.Errorf("CPU affinity of %d: %w", t, err)
		}
	}
	if home != nil {
		p.original[0] = *home // another engine may have it pinned
	}
	go p.watch()
	return p, nil
}

// stop is told of each stop of the tracee.
func (p *pinner) stop() {
	if p.stops.Add(1)%burst != 0 {
		return
	}
	now := time.Now()
	if now.Sub(p.from) < burstTime {
		p.set(true)
	}
	p.from = now
}

// watch frees the tracee when stops have become rare.
func (p *pinner) watch() {
	t := time.NewTicker(lullTime)
	defer t.Stop()
	last := uint64(0)
	for {
		select {
		case <-p.quit:
			return
		case <-t.C:
			n := p.stops.Load()
			if n-last < lullStops {
				p.set(false)
			}
			last = n
		}
	}
}

// set pins both threads to the CPU that the caller is on, or frees them. It
// is an optimisation: where the kernel refuses, things stay as they are.
func (p *pinner) set(pin bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pinned == pin || pin && p.off {
		return
	}
	want := p.original
	if pin {
		cpu := currentCPU()
		if cpu == noAffinity || !p.original[1].IsSet(cpu) {
			return
		}
		var one unix.CPUSet
		one.Set(cpu)
		want = [2]unix.CPUSet{one, one}
	}
	for i, t := range [2]int{p.tid, p.pid} {
		// The tracee may be gone.
		_ = unix.SchedSetaffinity(t, &want[i])
	}
	p.pinned = pin
}

// follow goes on with another process, which has been forked from the present
// one at some time.
func (p *pinner) follow(pid int) {
	p.set(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pid = pid
	// It may have been forked while its parent was pinned.
	_ = unix.SchedSetaffinity(pid, &p.original[1])
}

// disable frees both threads for good.
func (p *pinner) disable() {
	p.mu.Lock()
	p.off = true
	p.mu.Unlock()
	p.set(false)
}

func (p *pinner) close() {
	close(p.quit)
	p.set(false)
}

// Unpin gives the tracee the CPU affinity that it has without us, until it
// stops often again.
func (e *Engine) Unpin() { e.pin.set(false) }

// NeverPin is Unpin for good: the guest has chosen its affinity.
func (e *Engine) NeverPin() { e.pin.disable() }
