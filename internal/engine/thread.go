package engine

import (
	"math"

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

// maxPauses is how often a thread may PAUSE while others wait for its turn: longer than
// it is sensible to spin for something that comes by itself, less than a switch takes.
const maxPauses = 200

// Want says whether another thread waits for its turn. The count of pauses begins anew.
func (e *Engine) Want(wanted bool) {
	v, left := uint64(0), int64(math.MinInt64)
	if wanted {
		v, left = 1, -maxPauses
	}
	e.SetWord(area.Wanted, v)
	e.SetWord(area.Pauses, uint64(left))
}

// Calling reports whether the present thread, which runs, is in a syscall.
func (e *Engine) Calling() bool { return e.Word(area.Calling) != 0 }
