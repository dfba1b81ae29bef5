package engine

import (
	"hindsight/internal/area"
	"hindsight/internal/tracee"
)

// Thread is one thread of the guest's. All of a process's threads share one
// engine and one thread area, since only one of them runs guest code at a time:
// between two instructions nothing of a thread is in the arena but its signal
// mask and its GS base.
type Thread struct {
	Tracee *tracee.Tracee

	queue    []Signal
	mask     uint64
	gsBase   uint64
	trapFlag bool // the guest's; see Trace
}

// NewThread returns a thread that the guest has just made, with its creator's
// signal mask and GS base.
func (e *Engine) NewThread(t *tracee.Tracee) *Thread {
	return &Thread{Tracee: t, mask: e.Mask(), gsBase: e.Word(area.GSBase)}
}

// Thread returns the present thread.
func (e *Engine) Thread() *Thread { return e.thread }

// Use makes th the present thread. Both it and the one before must stand at
// instruction boundaries; the guest goes on through SetGuest.
func (e *Engine) Use(th *Thread) {
	if th == e.thread {
		return
	}
	e.thread.queue, e.thread.mask, e.thread.gsBase = e.queue, e.Mask(), e.Word(area.GSBase)
	e.thread, e.t = th, th.Tracee
	e.queue = th.queue
	e.pin.use(e.t.TID)
	e.SetMask(th.mask)
	e.SetWord(area.GSBase, th.gsBase)
}

// Ended is told of a thread that the process no longer has.
func (e *Engine) Ended(th *Thread) { e.pin.forget(th.Tracee.TID) }

// Want says whether another thread waits for its turn.
func (e *Engine) Want(wanted bool) {
	v := uint64(0)
	if wanted {
		v = 1
	}
	e.SetWord(area.Wanted, v)
}

// Calling reports whether the present thread, which runs, is in a syscall.
func (e *Engine) Calling() bool { return e.Word(area.Calling) != 0 }
