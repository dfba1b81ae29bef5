package engine

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Home is the supervisor's thread, which several engines share. While any of
// them keeps its tracee with it, it stays on one CPU.
type Home struct {
	mu   sync.Mutex
	tid  int
	free unix.CPUSet // where it may run without us
	cpu  int
	pins int
}

// NewHome returns that of the calling thread, which must be locked to its
// goroutine.
func NewHome() (*Home, error) {
	h := &Home{tid: unix.Gettid()}
	if err := unix.SchedGetaffinity(h.tid, &h.free); err != nil {
		return nil, fmt.Errorf("CPU affinity of %d: %w", h.tid, err)
	}
	return h, nil
}

// join keeps the thread, which must be the calling one, on its CPU and returns
// that; noAffinity if nobody knows.
func (h *Home) join() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pins == 0 {
		if h.cpu = currentCPU(); h.cpu == noAffinity {
			return noAffinity
		}
		setAffinity(h.tid, only(h.cpu))
	}
	h.pins++
	return h.cpu
}

// leave undoes a join that has returned a CPU.
func (h *Home) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pins--; h.pins == 0 {
		setAffinity(h.tid, h.free)
	}
}

func only(cpu int) (s unix.CPUSet) {
	s.Set(cpu)
	return s
}

// setAffinity is an optimisation: where the kernel refuses, or the thread is
// gone, things stay as they are.
func setAffinity(tid int, s unix.CPUSet) { _ = unix.SchedSetaffinity(tid, &s) }

// pinner keeps supervisor and tracee on one CPU while the tracee stops often:
// each stop then costs two context switches instead of two wake-ups of
// another CPU, which in a virtual machine are many times dearer. The tracee
// gets its own affinity back when stops become rare, and before the guest or
// a child could see the change.
type pinner struct {
	mu     sync.Mutex
	home   *Home
	pid    int
	own    unix.CPUSet // the tracee's
	pinned bool
	off    bool // the guest chose its own affinity

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

// newPinner is called where a process begins, which means many stops. It must
// be called on the supervisor's thread.
func newPinner(pid int, home *Home) (p *pinner, err error) {
	p = &pinner{home: home, pid: pid, quit: make(chan struct{})}
	if home == nil {
		if p.home, err = NewHome(); err != nil {
			return nil, err
		}
	}
	if err := unix.SchedGetaffinity(pid, &p.own); err != nil {
		return nil, fmt.Errorf("CPU affinity of %d: %w", pid, err)
	}
	p.set(true)
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

// set pins both threads to the CPU that the caller is on, or frees them.
func (p *pinner) set(pin bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.pinned == pin || pin && p.off:
		return
	case !pin:
		setAffinity(p.pid, p.own)
		p.home.leave()
	default:
		cpu := p.home.join()
		if cpu == noAffinity {
			return
		}
		if !p.own.IsSet(cpu) {
			p.home.leave()
			return
		}
		setAffinity(p.pid, only(cpu))
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
	setAffinity(pid, p.own)
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
