package record

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/tracee"
)

// runNative lets a thread run without the engine until it ends.
func (th *thread) runNative() error {
	sig := 0
	for {
		if err := th.t.Cont(sig); err != nil {
			return err
		}
		raw, err := th.await()
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
	th.r.ended = resultOf(raw)
	return th.r.finishProcess()
}
