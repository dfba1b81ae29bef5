package replay

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
)

// Thread is a thread of the guest at the present moment.
type Thread struct {
	TID     int
	Name    string
	Current bool        // it runs; the others wait for the recording to schedule them
	Regs    engine.Regs // at an instruction boundary
}

// Threads are the threads that exist at the present moment.
func (p *Player) Threads() []Thread {
	image := p.gen.image
	return []Thread{{TID: image.TID, Name: image.Comm, Current: true, Regs: p.regs}}
}

// XState is the extended state of a thread, in the XSAVE format.
func (p *Player) XState(tid int) ([]byte, error) {
	if tid != p.Now().TID {
		return nil, fmt.Errorf("thread %d: %w", tid, unix.ESRCH)
	}
	return p.e().Tracee().XState()
}

// thread finds a thread of the present moment.
func (p *Player) thread(tid int) (Thread, bool) {
	for _, t := range p.Threads() {
		if t.TID == tid {
			return t, true
		}
	}
	return Thread{}, false
}
