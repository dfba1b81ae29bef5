package record

import (
	"errors"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/tracee"
)

// errNative says that the process is not recorded any more.
var errNative = errors.New("the process goes on unrecorded")

// goNative ends the recording of the process before the instruction at g, and
// lets it run to its end without us.
func (r *recorder) goNative(g engine.Regs, why string) error {
	r.report("%s; it goes on unrecorded", why)
	if err := r.log(event.AppendNote(nil, r.e.Tick(), "recording ended: "+why)); err != nil {
		return err
	}
	if err := r.e.Unprotect(0, ^uint64(0)); err != nil {
		return err
	}
	if err := r.openForeign(); err != nil {
		return err
	}
	r.e.NeverPin()
	if err := r.lastDrain(); err != nil {
		return err
	}
	r.unrecorded = true
	for th := range r.live {
		if th == r.th {
			continue
		}
		if th.queued {
			r.sup.wake(th)
		} else if err := th.t.Interrupt(); err != nil && !errors.Is(err, tracee.ErrGone) {
			return err
		}
	}
	if err := r.e.SetNative(g); err != nil {
		return err
	}
	return r.th.runNative()
}

// goesNative puts a thread that has given up the baton back into its own
// state, with nothing of ours, and lets it run.
func (th *thread) goesNative() error {
	regs, err := th.t.Regs()
	if err != nil {
		return err
	}
	g := th.regs
	g.Gs_base, g.Orig_rax = 0, ^uint64(0)
	switch behind := th.r.e.Gadget() + syscallLen; {
	case !th.calling:
	case regs.Rip == behind+1:
		engine.SetResult(&g, regs.Rax)
	default:
		// The kernel restarts what it finds interrupted.
		nr := g.Rax
		engine.SetResult(&g, regs.Rax)
		g.Orig_rax = nr
	}
	if err := th.t.SetRegs(&g); err != nil {
		return err
	}
	return th.runNative()
}

// runNative lets a thread run without the engine until it ends.
func (th *thread) runNative() error {
	sig := 0
	for {
		if err := th.t.Cont(sig); err != nil {
			return err
		}
		raw, err := th.awaitRunning()
		if err != nil {
			return err
		}
		sig = 0
		switch {
		case raw.Ended():
			return th.diedNative(raw)
		case raw.Kind == tracee.SignalDelivery:
			sig = raw.Signal
		case raw.Kind == tracee.Event:
			switch raw.Event {
			case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
				if err := th.freeChild(int(raw.EventMsg)); err != nil {
					return err
				}
			}
		}
	}
}

// freeChild lets go what a thread makes that is not recorded.
func (th *thread) freeChild(tid int) error {
	child, err := th.t.Adopt(tid, th.sup.first(tid))
	if err == nil {
		err = child.Detach(0)
	}
	return ignoreGone(err)
}

func (th *thread) diedNative(raw tracee.Stop) error {
	th.over = true
	delete(th.r.live, th)
	if !th.leads() {
		return nil
	}
	th.r.ended = &Result{ExitCode: raw.ExitCode, Signal: raw.Signal, Core: raw.CoreDumped}
	return th.r.finishProcess()
}
