package record

import (
	"time"

	"golang.org/x/sys/unix"
)

// clock interrupts the supervisor's waiting at regular times: only the thread
// that traces can interrupt a tracee, and wait4 has no timeout.
type clock struct {
	timer int32 // timer_create(2)
	made  bool
	ticks bool
}

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

// start lets the clock tick. The caller must be the supervisor's thread.
func (c *clock) start(period time.Duration) error {
	if c.ticks {
		return nil
	}
	if !c.made {
		id, err := newTimer(clockSignal)
		if err != nil {
			return err
		}
		c.timer, c.made = id, true
	}
	c.ticks = true
	return setTimer(c.timer, period)
}

func (c *clock) stop() error {
	if !c.ticks {
		return nil
	}
	c.ticks = false
	return setTimer(c.timer, 0)
}

// close gives the timer back.
func (c *clock) close() error {
	if !c.made {
		return nil
	}
	c.made, c.ticks = false, false
	return deleteTimer(c.timer)
}
