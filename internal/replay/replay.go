// Package replay is the replayer: it executes again what a recording holds,
// and goes to any moment of it.
//
// A Player is the machine that only goes forward: a process made from a
// snapshot, in which the guest's code runs through the same engine as when it
// was recorded, and gets what was non-deterministic from the event log. The
// process makes no syscall of the guest's.
//
// A Session adds the way back: checkpoints, which are forks of the process
// held stopped, seeking, and searching backwards.
//
// All of it belongs to one goroutine locked to its OS thread, because ptrace
// does. Where replay and recording do not agree, the error is a *Divergence.
package replay

import (
	"fmt"

	"hindsight/internal/event"
)

// Moment is one exact point of the program's execution.
type Moment struct {
	TID  int
	Tick uint64
	PC   uint64
}

func (m Moment) String() string { return fmt.Sprintf("%d:%#x", m.Tick, m.PC) }

// Before reports whether m is earlier than n: between two ticks the PC only
// grows.
func (m Moment) Before(n Moment) bool {
	return m.Tick < n.Tick || m.Tick == n.Tick && m.PC < n.PC
}

// Divergence says that replay did not do what was recorded.
type Divergence struct {
	Moment
	Event    uint64 // number of the event that replay did not agree with
	Expected string
	Found    string
}

func (d *Divergence) Error() string {
	return fmt.Sprintf("replay diverged at tick %d, pc %#x, thread %d, event %d: recorded is %s, but replay came to %s",
		d.Tick, d.PC, d.TID, d.Event, d.Expected, d.Found)
}

// describe is an event in a few words.
func describe(ev []byte) string {
	h, err := event.ParseHeader(ev)
	if err != nil {
		return err.Error()
	}
	switch h.Kind {
	case event.KindSyscall:
		s, err := event.DecodeSyscall(ev)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%s(%#x, %#x, %#x) at tick %d", syscallName(int(h.NR)), s.Args[0], s.Args[1], s.Args[2], h.Tick)
	case event.KindSignal:
		s, err := event.DecodeSignal(ev)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("signal %d at %d:%#x", h.NR, h.Tick, s.PC)
	}
	return fmt.Sprintf("%v %d at tick %d", h.Kind, h.NR, h.Tick)
}
