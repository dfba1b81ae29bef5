package record

import (
	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// A stop by job control is complete, and the parent hears of it, when every
// thread of the process has taken part in it. Those that wait for the baton
// do so when they have it and are resumed. So a thread that is stopped gives
// the baton up, like one that is in a call, and waits for it when it is continued.

// awaitHolder waits for the next stop of the thread that has the baton. If
// nobody waits for that it stays where job control has stopped it.
func (r *recorder) awaitHolder() (tracee.Stop, error) {
	if r.alone() {
		return r.th.await()
	}
	return r.th.awaitAny()
}

// watchHalts tells th's tracee which signals stop its process.
func (th *thread) watchHalts() {
	th.t.Halting = func(sig int) bool { return stops(sig) && th.sigs[sig].handler == sigDFL }
}

// alone reports whether there is no other thread that might want the baton.
func (r *recorder) alone() bool { return len(r.live) == 1 }

// rejoin lets the present thread, about to go on with the call c, take part in
// the stop that it was resumed from to get here. A call that does not yield
// is soon over, and comes first.
func (r *recorder) rejoin(c *call) error {
	if !c.yields && !r.alone() {
		return nil
	}
	return r.th.t.Rejoin()
}

// halted handles a stop by job control while the guest ran.
func (r *recorder) halted() error {
	b, over, err := r.toBoundary()
	if over || err != nil {
		return err
	}
	if b.InSyscall {
		g := before(b)
		c := r.interruptedCall(g, b)
		if over, err := r.sitOut(g); over || err != nil {
			return err
		}
		return r.yieldIn(g, c)
	}
	if over, err := r.sitOut(b.Regs); over || err != nil {
		return err
	}
	return r.e.SetGuest(b.Regs)
}

// sitOut lets the others run, or stop too, until the process is continued. The
// guest stands at g. It reports whether the thread has ended.
func (r *recorder) sitOut(g engine.Regs) (over bool, err error) {
	th := r.th
	halted, err := th.t.Halt(0)
	if err != nil || !halted {
		return false, err
	}
	if err := th.t.Listen(); err != nil {
		return false, err
	}
	_, over, err = r.aside(g)
	return over, err
}

// aside lets the others run until the present thread, which has been resumed before its
// guest is past g, has its next stop and the baton. It reports whether it has ended.
func (r *recorder) aside(g engine.Regs) (raw tracee.Stop, over bool, err error) {
	th := r.th
	th.at = g
	r.release(th, g.Rip)
	raw, err = th.await()
	switch {
	case err != nil:
		return raw, false, err
	case raw.Ended():
		return raw, true, r.threadDied(th, raw)
	}
	return raw, false, th.acquire()
}
