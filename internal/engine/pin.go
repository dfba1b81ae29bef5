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

// enough is how many stops in lullTime are worth being on the supervisor's CPU.
// Processes that share it do not run at the same time.
func (h *Home) enough() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pins > 1 {
		return crowdStops
	}
	return lullStops
}

func only(cpu int) (s unix.CPUSet) {
	s.Set(cpu)
	return s
}

// setAffinity is an optimisation: where the kernel refuses, or the thread is
// gone, things stay as they are.
func setAffinity(tid int, s unix.CPUSet) { _ = unix.SchedSetaffinity(tid, &s) }

// pinner keeps the supervisor and the thread that runs guest code on one CPU
// while there are many stops: each then costs two context switches instead of two
// wake-ups of another CPU, which in a virtual machine are many times dearer.
// Threads get their own affinity back when stops become rare, and before the
// guest or a child could see the change.
type pinner struct {
	mu     sync.Mutex
	home   *Home
	tid    int         // the present thread
	begun  unix.CPUSet // the process's affinity when it began
	pinned bool
	cpu    int                 // where, while pinned
	held   map[int]unix.CPUSet // what the threads there had before, by TID
	off    map[int]bool        // threads whose affinity the guest chooses

	stops atomic.Uint64
	turns atomic.Bool // threads have taken turns since watch looked last
	from  time.Time   // start of the present burst
	quit  chan struct{}
}

const (
	burst      = 32 // stops that are looked at together
	burstTime  = 10 * time.Millisecond
	lullTime   = 20 * time.Millisecond
	lullStops  = 4
	crowdStops = 40 // the same where processes share the supervisor's CPU
	noAffinity = -1
)

// newPinner is called where a process begins, which means many stops. It must
// be called on the supervisor's thread.
func newPinner(pid int, home *Home) (p *pinner, err error) {
	p = &pinner{home: home, tid: pid, held: map[int]unix.CPUSet{}, off: map[int]bool{}, quit: make(chan struct{})}
	if home == nil {
		if p.home, err = NewHome(); err != nil {
			return nil, err
		}
	}
	if err := unix.SchedGetaffinity(pid, &p.begun); err != nil {
		return nil, fmt.Errorf("CPU affinity of %d: %w", pid, err)
	}
	p.pin()
	go p.watch()
	return p, nil
}

// stop is told of each stop of a tracee.
func (p *pinner) stop() {
	if p.stops.Add(1)%burst != 0 {
		return
	}
	now := time.Now()
	if now.Sub(p.from) < burstTime {
		p.pin()
	}
	p.from = now
}

// watch frees the threads when stops have become rare.
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
			if turns := p.turns.Swap(false); !turns && n-last < p.home.enough() {
				p.free()
			}
			last = n
		}
	}
}

// pin brings the present thread to the CPU that the caller is on, and later
// those that become it.
func (p *pinner) pin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pinned {
		return
	}
	if p.cpu = p.home.join(); p.cpu == noAffinity {
		return
	}
	p.pinned = true
	p.hold()
}

// hold brings the present thread to the CPU.
func (p *pinner) hold() {
	if _, held := p.held[p.tid]; held || p.off[p.tid] {
		return
	}
	var own unix.CPUSet
	if unix.SchedGetaffinity(p.tid, &own) != nil || !own.IsSet(p.cpu) {
		return // gone, or kept elsewhere: things stay as they are
	}
	p.held[p.tid] = own
	setAffinity(p.tid, only(p.cpu))
}

// free undoes pin.
func (p *pinner) free() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.pinned {
		return
	}
	for tid, own := range p.held {
		setAffinity(tid, own)
	}
	clear(p.held)
	p.home.leave()
	p.pinned = false
}

// use goes on with another thread.
func (p *pinner) use(tid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tid = tid
	if p.pinned {
		p.hold()
	}
}

// forget is told of a thread that ends, whose TID may come again.
func (p *pinner) forget(tid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.held, tid)
	delete(p.off, tid)
}

// follow goes on with another process, which has been forked from the present
// one at some time.
func (p *pinner) follow(pid int) {
	p.free()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tid = pid
	// It may have been forked while its parent was pinned.
	setAffinity(pid, p.begun)
}

// exempt frees the threads, and tid for good.
func (p *pinner) exempt(tid int) {
	p.mu.Lock()
	p.off[tid] = true
	p.mu.Unlock()
	p.free()
}

func (p *pinner) close() {
	close(p.quit)
	p.free()
}

// Pin keeps the thread that runs guest code on the supervisor's CPU until stops
// become rare and it is not called any more. The caller must be the supervisor's
// thread.
func (e *Engine) Pin() {
	e.pin.turns.Store(true)
	e.pin.pin()
}

// Unpin gives the threads the CPU affinity that they have without us, until
// there are many stops again.
func (e *Engine) Unpin() { e.pin.free() }

// NeverPin is Unpin, and for good for the thread tid: the guest chooses its
// affinity.
func (e *Engine) NeverPin(tid int) { e.pin.exempt(tid) }
