package record

import (
	"slices"
	"time"

	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// A thread may write to the memory of another recorded process. For the other's
// log that has to happen at one of its moments, between two of its
// instructions: so the thread takes the other's baton, too, and gives it back when
// what it has written is logged.

// visit does something to the process of while no thread of that runs guest
// code. The guest of the present thread stands at g, before a call: other threads
// may run first. If the other process ends meanwhile, do is called with nil.
func (r *recorder) visit(of *recorder, g engine.Regs, do func(of *recorder) error) error {
	th := r.th
	// Of two processes that visit each other one gives way.
	first := of.pid < r.pid
	if first {
		th.at = g
		r.release(th, g.Rip)
	}
	here, err := th.enter(of)
	defer th.depart(of)
	if err != nil {
		return err
	}
	if first {
		if err := th.takeTurn(); err != nil {
			return err
		}
	}
	if !here || of.ended != nil {
		of = nil
	}
	return do(of)
}

// enter waits until th has the baton of another process, or that has ended.
func (th *thread) enter(of *recorder) (here bool, err error) {
	b := &of.baton
	if b.holder == nil && !of.wanted() && !of.dying {
		of.grant(th)
		return true, nil
	}
	b.due = time.Now()
	if err := of.enqueue(th); err != nil {
		return false, err
	}
	for b.holder != th && of.ended == nil {
		if err := th.pause(); err != nil {
			return false, err
		}
		if th.t.Ending() {
			return false, tracee.ErrGone
		}
	}
	return b.holder == th, nil
}

// depart undoes enter.
func (th *thread) depart(of *recorder) {
	b := &of.baton
	b.queue = slices.DeleteFunc(b.queue, func(x *thread) bool { return x == th })
	if b.holder == th {
		of.pass()
	}
}

// visitors are the threads of other processes that wait for r's baton.
func (r *recorder) visitors() []*thread {
	return slices.DeleteFunc(slices.Clone(r.baton.queue), func(th *thread) bool { return th.r == r })
}
