package record

import (
	"time"

	"golang.org/x/sys/unix"
)

// clock interrupts the supervisor's waiting when a thread's time is up: only the
// thread that traces can interrupt a tracee, and wait4 has no timeout.
type clock struct {
	timer int32 // timer_create(2)
	made  bool
	due   time.Time // when it will interrupt; zero: never
}

// again is how long after that it does so again: a signal may come just before
// wait4 begins.
const again = time.Millisecond

// clockSignal is a real-time signal that nobody sends.
const clockSignal = unix.Signal(60)

// prepareSignals makes clockSignal interrupt system calls: the Go runtime has
// installed a handler, which ignores it, with SA_RESTART, under which wait4 would
// go on. And it spares us a SIGCHLD for each stop of a tracee, which nobody needs
// beside wait4.
func prepareSignals() error {
	const saRestart, saNoCldStop = 0x10000000, 1
	act, err := disposition(clockSignal)
	if err != nil {
		return err
	}
	act.flags &^= saRestart
	if err := dispose(clockSignal, act); err != nil {
		return err
	}
	if act, err = disposition(unix.SIGCHLD); err != nil {
		return err
	}
	act.flags |= saNoCldStop
	return dispose(unix.SIGCHLD, act)
}

// wake lets the clock interrupt at the given time, or earlier. The caller must be
// the supervisor's thread.
func (c *clock) wake(at, now time.Time) error {
	if c.ticks() && !at.Before(c.due) {
		return nil
	}
	return c.set(at, now)
}

// set is wake that may put it off.
func (c *clock) set(at, now time.Time) error {
	if !c.made {
		id, err := newTimer(clockSignal)
		if err != nil {
			return err
		}
		c.timer, c.made = id, true
	}
	c.due = at
	return setTimer(c.timer, max(at.Sub(now), 1), again)
}

// ticks reports whether it will interrupt.
func (c *clock) ticks() bool { return !c.due.IsZero() }

func (c *clock) stop() error {
	if !c.ticks() {
		return nil
	}
	c.due = time.Time{}
	return setTimer(c.timer, 0, 0)
}

// close gives the timer back.
func (c *clock) close() error {
	if !c.made {
		return nil
	}
	c.made, c.due = false, time.Time{}
	return deleteTimer(c.timer)
}
