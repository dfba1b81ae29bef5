package replay

import (
	"fmt"
	"slices"

	"hindsight/internal/engine"
	"hindsight/internal/event"
)

// parked is a thread of the guest's that does not run. All of them are
// replayed by one thread, which is in turn each of theirs: so a copy of the
// process is a copy of them all.
type parked struct {
	tid    int
	regs   engine.Regs
	xstate []byte
}

// contexts are in the order in which the threads began.
type contexts []parked

func (cs contexts) find(tid int) int {
	return slices.IndexFunc(cs, func(c parked) bool { return c.tid == tid })
}

// Thread is a thread of the guest's at the present moment.
type Thread struct {
	TID     int
	Name    string
	Current bool // it runs; the others stand where they gave up the baton
	Regs    engine.Regs
}

// Threads returns all threads by number, the first thread first.
func (p *Player) Threads() []Thread {
	var out []Thread
	if p.tid != 0 {
		out = append(out, Thread{TID: p.tid, Name: p.name(p.tid), Current: true, Regs: p.regs})
	}
	for _, c := range p.threads {
		out = append(out, Thread{TID: c.tid, Name: p.name(c.tid), Regs: c.regs})
	}
	slices.SortFunc(out, func(a, b Thread) int { return a.TID - b.TID })
	return out
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

// XState returns a thread's extended state, in the standard format of XSAVE.
func (p *Player) XState(tid int) ([]byte, error) {
	if i := p.threads.find(tid); i >= 0 {
		return p.threads[i].xstate, nil
	}
	return p.e().Tracee().XState()
}

// newThread adds the thread that clone has made.
func (p *Player) newThread() error {
	ev, err := p.consequence(event.KindThread, "a new thread")
	if err != nil || ev == nil {
		return err
	}
	t, err := event.DecodeThread(ev)
	if err != nil {
		return err
	}
	if err := p.write(t.Writes); err != nil {
		return err
	}
	x, err := p.e().Tracee().XState()
	if err != nil {
		return err
	}
	p.threads = append(p.threads, parked{tid: int(t.TID), regs: engine.UnpackRegs(&t.Regs), xstate: x})
	p.names = p.names.with(int(t.TID), p.name(p.tid))
	p.advance(ev)
	return nil
}

// endThread ends the thread that runs. The next event says which goes on.
func (p *Player) endThread() error {
	ev, err := p.consequence(event.KindThreadEnd, "the end of a thread")
	if err != nil || ev == nil {
		return err
	}
	t, err := event.DecodeThreadEnd(ev)
	if err != nil {
		return err
	}
	if int(t.TID) != p.tid {
		return p.diverged(fmt.Sprintf("the end of thread %d", p.tid))
	}
	if err := p.write(t.Writes); err != nil {
		return err
	}
	p.tid = 0
	p.advance(ev)
	return nil
}

// switchThread lets another thread go on. What it does has to come after this,
// so it is a tick.
func (p *Player) switchThread(ev []byte) error {
	s, err := event.DecodeSwitch(ev)
	if err != nil {
		return err
	}
	if int(s.TID) == p.tid { // another process has written to memory
		p.tick++
		p.advance(ev)
		return nil
	}
	i := p.threads.find(int(s.TID))
	if i < 0 {
		return p.diverged(fmt.Sprintf("no thread %d to go on", s.TID))
	}
	next := p.threads[i]
	p.threads = slices.Delete(p.threads, i, i+1)
	if p.tid != 0 {
		x, err := p.e().Tracee().XState()
		if err != nil {
			return err
		}
		p.threads = append(p.threads, parked{p.tid, p.regs, x})
	}
	if err := setXState(p.e().Tracee(), next.xstate); err != nil {
		return err
	}
	p.tid, p.regs = next.tid, next.regs
	p.tick++
	p.advance(ev)
	return nil
}
