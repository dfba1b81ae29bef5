package record

import (
	"slices"
	"time"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/tracee"
)

// baton belongs to the one thread of a process that runs guest code.
type baton struct {
	holder *thread
	queue  []*thread // wait for it
	since  time.Time // the holder has it
	slice  time.Duration
	due    time.Time // it is to be interrupted if others wait
	phase  time.Time // with chaos: until then the priorities hold

	// The thread that had it last, and where that stopped.
	last *thread
	pc   uint64
	// Another process has written to memory since: what of that is in the log
	// belongs to the next switch, though it may be to the same thread.
	written bool
}

// acquire waits until th, which has waited for something else, has the baton.
func (th *thread) acquire() error {
	b := &th.r.baton
	if soon := b.since.Add(th.sup.schedule.patience(b.slice)); soon.Before(b.due) {
		b.due = soon
	}
	return th.takeTurn()
}

// takeTurn waits until th has the baton.
func (th *thread) takeTurn() error {
	b := &th.r.baton
	if th.r.e == nil {
		return tracee.ErrGone // SIGKILL has ended the process before th could begin
	}
	if b.holder == nil && !th.r.wanted() && !th.attached.stopped() && !th.r.dying {
		th.r.grant(th)
	} else {
		th.queued = true
		if err := th.r.enqueue(th); err != nil {
			return err
		}
	}
	for b.holder != th {
		if err := th.pause(); err != nil {
			return err
		}
		if b.holder != th && th.t.Ending() {
			th.r.leave(th)
			return tracee.ErrGone
		}
	}
	return th.r.take(th)
}

// enqueue has th wait for the baton, which the holder is to give up in time.
func (r *recorder) enqueue(th *thread) error {
	r.baton.queue = append(r.baton.queue, th)
	r.e.Want(true)
	r.preempt(time.Now())
	return r.wakeAtTurn()
}

// wakeAtTurn has the clock interrupt the supervisor when the present turn ends.
func (r *recorder) wakeAtTurn() error {
	now := time.Now()
	return r.sup.clock.wake(r.turnEnds(now), now)
}

func (r *recorder) grant(th *thread) {
	b := &r.baton
	b.holder, b.since, b.slice, th.queued = th, time.Now(), r.sup.schedule.slice(), false
	b.due = b.since.Add(b.slice)
}

// take makes everything speak of th, and notes the switch.
func (r *recorder) take(th *thread) error {
	b := &r.baton
	r.e.Surprise()
	r.e.Want(r.wanted())
	r.e.Use(th.eng)
	r.th, r.t, r.sigs = th, th.t, th.sigs
	if r.wanted() {
		if err := r.wakeAtTurn(); err != nil {
			return err
		}
	}
	if (b.last == th || b.last == nil) && !b.written {
		return nil
	}
	b.last, b.written = th, false
	if err := r.log(event.AppendSwitch(nil, r.e.Tick(), event.Switch{PC: b.pc, TID: uint64(th.t.TID)})); err != nil {
		return err
	}
	r.e.AddTick()
	return nil
}

// release gives the baton to whoever waits for it. The guest stands at pc.
func (r *recorder) release(th *thread, pc uint64) {
	r.baton.last, r.baton.pc = th, pc
	r.pass()
}

// pass gives the baton on.
func (r *recorder) pass() {
	b := &r.baton
	b.holder = nil
	ready := slices.DeleteFunc(slices.Clone(b.queue), func(x *thread) bool { return x.attached.stopped() })
	if len(ready) == 0 || r.dying {
		return
	}
	next := r.sup.schedule.next(b, ready, time.Now())
	b.queue = slices.DeleteFunc(b.queue, func(x *thread) bool { return x == next })
	r.grant(next)
	r.sup.wake(next)
}

// leave takes th out of the order, which it will not run in any more.
func (r *recorder) leave(th *thread) {
	b := &r.baton
	b.queue = slices.DeleteFunc(b.queue, func(x *thread) bool { return x == th })
	th.queued = false
	if th.over && r.e != nil {
		r.e.Ended(th.eng)
	}
	freed := r.freeFrom(th)
	if b.holder == th || b.holder == nil && freed {
		r.pass()
	}
}

// wanted reports whether another thread waits for the baton.
func (r *recorder) wanted() bool {
	return slices.ContainsFunc(r.baton.queue, func(x *thread) bool { return !x.attached.stopped() })
}

// preempt interrupts the holder of the baton if others wait for it, and its time
// is up or it is in a syscall, where it needs none.
func (r *recorder) preempt(now time.Time) {
	b := &r.baton
	h := b.holder
	if h == nil || !r.wanted() || !h.running && !h.blocked || !h.waiting || h.asked {
		return
	}
	if !h.blocked && !r.e.Calling() {
		if now.Before(b.due) {
			return
		}
		if r.sup.schedule.prefers(b, h, now) {
			b.due = now.Add(r.sup.schedule.slice())
			return
		}
	}
	h.interrupt()
}

// interrupt stops th's tracee for our own sake.
func (th *thread) interrupt() {
	// Gone is an expected answer; that it is gone will be seen.
	th.asked = th.t.Interrupt() == nil
}

// turnEnds returns when to call preempt again.
func (r *recorder) turnEnds(now time.Time) time.Time {
	if r.baton.due.Before(now) {
		return now.Add(again) // it could not be interrupted yet, or has been
	}
	return r.baton.due
}

// giveWay lets the others run while the guest stands at g.
func (r *recorder) giveWay(g engine.Regs) error {
	th := r.th
	th.at, th.last = g, g.Rip
	r.release(th, g.Rip)
	return th.takeTurn()
}

// surprised lets the others run, if there are any, before an instruction that chaos
// has chosen, and keeps the present thread back for a while.
func (r *recorder) surprised(g engine.Regs) error {
	r.e.Surprised(g.Rip)
	if r.wanted() {
		r.sup.schedule.keepBack(&r.baton, r.th, time.Now())
		if err := r.giveWay(g); err != nil {
			return err
		}
	}
	return r.e.SetGuest(g)
}

// paused lets the others run, for one of which the guest at g seems to wait.
func (r *recorder) paused(g engine.Regs) error {
	if r.wanted() {
		if err := r.giveWay(g); err != nil {
			return err
		}
	}
	r.e.Want(r.wanted())
	return r.e.SetGuest(g)
}

// tick is called when the clock interrupts, while threads wait for the baton.
func (s *supervisor) tick() error {
	now, contended := time.Now(), 0
	var next time.Time
	all := s.recorders()
	for _, r := range all {
		r.preempt(now)
		if r.checks(now) {
			r.interruptGuest()
		}
		if !r.wanted() {
			continue
		}
		if at := r.turnEnds(now); contended == 0 || at.Before(next) {
			next = at
		}
		contended++
	}
	for _, r := range all {
		r.place(contended)
	}
	if contended == 0 {
		if s.checkEvery == 0 {
			return s.clock.stop()
		}
		next = now.Add(s.checkEvery)
	}
	return s.clock.set(next, now)
}

// interruptGuest interrupts guest code that is running.
func (r *recorder) interruptGuest() {
	h := r.baton.holder
	if h != nil && h.r == r && h.running && h.waiting && !h.asked && !r.e.Calling() {
		h.interrupt()
	}
}

// place keeps threads that take turns where the supervisor is, since each turn
// is some stops, if theirs is the only process that does so: several are to run
// at the same time.
func (r *recorder) place(contended int) {
	h := r.baton.holder
	switch {
	case !r.wanted() || h == nil || !h.running:
	case contended == 1:
		r.e.Pin()
	default:
		r.e.Unpin()
	}
}
