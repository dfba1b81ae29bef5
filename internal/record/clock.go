package record

import (
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// clock interrupts the supervisor's waiting at regular times: only the thread
// that traces can interrupt a tracee, and wait4 has no timeout.
type clock struct {
	quit chan struct{}
	done chan struct{}
}

// clockSignal is a real-time signal that nobody sends.
const clockSignal = unix.Signal(60)

// catchClock makes clockSignal interrupt system calls. The Go runtime installs
// its handlers with SA_RESTART, under which wait4 would go on.
func catchClock() error {
	signal.Notify(make(chan os.Signal, 1), clockSignal)
	act, err := disposition(clockSignal)
	if err != nil {
		return err
	}
	const saRestart = 0x10000000
	act.flags &^= saRestart
	return dispose(clockSignal, act)
}

func (s *supervisor) startClock() {
	if s.clock != nil {
		return
	}
	c := &clock{quit: make(chan struct{}), done: make(chan struct{})}
	s.clock = c
	tid, period := unix.Gettid(), s.schedule.period()
	go func() {
		defer close(c.done)
		t := time.NewTicker(period)
		defer t.Stop()
		for {
			select {
			case <-c.quit:
				return
			case <-t.C:
				// The thread lives as long as the clock.
				_ = unix.Tgkill(unix.Getpid(), tid, clockSignal)
			}
		}
	}()
}

func (s *supervisor) stopClock() {
	if s.clock == nil {
		return
	}
	close(s.clock.quit)
	<-s.clock.done
	s.clock = nil
}
