package engine

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/area"
)

// whereabouts is what Last has to go by when SIGKILL comes in Run: what the tracee's
// registers say depends on what is being done with it.
type whereabouts struct {
	runs  bool // nobody but the tracee changes them
	known bool // regs are those of the present stop
	trap  bool // which is an INT3's
	regs  Regs
}

// stopped notes a stop with regs by a signal.
func (w *whereabouts) stopped(regs *Regs, signal int) {
	w.known, w.trap, w.regs = true, signal == int(unix.SIGTRAP), *regs
}

// Last returns the PC at which SIGKILL ends the present thread, which is in Run and in
// the stop before its end, and makes the tick right. It reports false where the thread
// may have changed memory in a way that replay would not repeat: in a call's stub, in a
// repeated string instruction, or while it did something for us.
func (e *Engine) Last() (pc uint64, ok bool) {
	regs, trap := e.where.regs, e.where.trap
	switch {
	case e.where.runs:
		var err error
		if regs, err = e.t.Regs(); err != nil {
			return 0, false
		}
		if trap, err = e.t.FaultPending(); err != nil {
			return 0, false
		}
	case !e.where.known:
		return 0, false
	}
	if trap && e.leavesAt(regs.Rip-1) {
		regs.Rip--
	}
	switch st := e.locate(&regs); st.place {
	case inside:
		if _, u := e.unitAt(regs.Rip); u == nil {
			return 0, false
		}
		return e.guest(&regs, st).Rip, true
	case atBoundary, settled, beforeCall, outside:
		return e.guest(&regs, st).Rip, !e.insideString(&regs, st)
	}
	return 0, false
}

// leavesAt reports whether there is an INT3 of ours at a host address.
func (e *Engine) leavesAt(at uint64) bool {
	if off := at - e.arena - area.Code; off < area.CodeLen {
		_, ok := e.stubs.exits[uint32(off)]
		return ok
	}
	_, u := e.unitAt(at)
	if u == nil {
		return false
	}
	_, ok := u.Exit(uint32(at - u.Base))
	return ok
}
