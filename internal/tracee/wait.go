package tracee

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// StopKind says why a tracee stopped or ended.
type StopKind uint8

const (
	Exited         StopKind = iota + 1 // ended by itself with ExitCode
	Signaled                           // ended by Signal
	SignalDelivery                     // Signal is about to be delivered
	Group                              // stopped by job control with Signal; resume with Listen
	Event                              // PTRACE_EVENT number Event, with EventMsg
	Syscall                            // at the entry or exit of a system call
)

var stopKindNames = [...]string{
	Exited: "exited", Signaled: "killed", SignalDelivery: "signal",
	Group: "group stop", Event: "event", Syscall: "system call",
}

func (k StopKind) String() string {
	if int(k) < len(stopKindNames) && k > 0 {
		return stopKindNames[k]
	}
	return fmt.Sprintf("stop kind %d", uint8(k))
}

// Stop is one report of wait4. An Event is a PTRACE_EVENT_* constant;
// PTRACE_EVENT_STOP means interrupted or newborn.
type Stop struct {
	TID        int
	Kind       StopKind
	Signal     int
	ExitCode   int
	CoreDumped bool
	Event      int
	EventMsg   uint64
}

// Ended reports whether the tracee is no more.
func (s Stop) Ended() bool { return s.Kind == Exited || s.Kind == Signaled }

func (s Stop) String() string {
	switch s.Kind {
	case Exited:
		return fmt.Sprintf("%d exited with status %d", s.TID, s.ExitCode)
	case Event:
		return fmt.Sprintf("%d event %d (%d)", s.TID, s.Event, s.EventMsg)
	case Syscall:
		return fmt.Sprintf("%d system call", s.TID)
	}
	return fmt.Sprintf("%d %v %s", s.TID, s.Kind, unix.SignalName(unix.Signal(s.Signal)))
}

// Wait blocks until the tracee stops or ends. After the end it returns
// ErrGone.
func (t *Tracee) Wait() (Stop, error) {
	if s := t.final; s != nil {
		t.final = nil
		return *s, nil
	}
	if t.place == reaped {
		return Stop{}, t.wrap("wait", ErrGone)
	}
	s, err := Wait4(t.TID)
	if err != nil {
		return Stop{}, err
	}
	t.Observe(s)
	return s, nil
}

// Observe tells t of a Stop of its own that Wait4 or WaitAny returned.
func (t *Tracee) Observe(s Stop) {
	t.left, t.held, t.event = false, nil, s.Event
	defer func() { t.entering = false }()
	switch s.Kind {
	case Exited, Signaled:
		t.close()
	case SignalDelivery:
		t.place = atSignal
		if t.entering && s.Signal == int(unix.SIGTRAP) {
			t.place = atTrap
		}
	case Syscall:
		t.place = atSyscall
	case Group:
		t.place = atTrap
	case Event:
		t.place = atEvent
		switch s.Event {
		case unix.PTRACE_EVENT_STOP:
			t.place = atTrap
		case unix.PTRACE_EVENT_EXEC:
			t.closeMem() // it refers to the old image
		}
	}
}

// Wait4 waits for the thread tid, a child or tracee of this process.
func Wait4(tid int) (Stop, error) {
	var ws unix.WaitStatus
	for {
		got, err := unix.Wait4(tid, &ws, unix.WALL, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ECHILD):
			return Stop{}, fmt.Errorf("wait for %d: %w", tid, ErrGone)
		case err != nil:
			return Stop{}, fmt.Errorf("wait for %d: %w", tid, err)
		}
		return decodeStatus(got, ws), nil
	}
}

// WaitAny waits for any child or tracee of this process, so nothing else in it
// may wait for processes.
func WaitAny() (Stop, error) { return Wait4(-1) }

// syscallTrap is the signal of system call stops under TRACESYSGOOD.
const syscallTrap = unix.SIGTRAP | 0x80

func decodeStatus(tid int, ws unix.WaitStatus) Stop {
	s := Stop{TID: tid}
	switch {
	case ws.Exited():
		s.Kind, s.ExitCode = Exited, ws.ExitStatus()
	case ws.Signaled():
		s.Kind, s.Signal, s.CoreDumped = Signaled, int(ws.Signal()), ws.CoreDump()
	default:
		decodeStop(&s, unix.Signal(uint32(ws)>>8&0xff), int(uint32(ws)>>16))
	}
	return s
}

func decodeStop(s *Stop, sig unix.Signal, event int) {
	switch {
	case event == unix.PTRACE_EVENT_STOP && sig != unix.SIGTRAP:
		s.Kind, s.Signal = Group, int(sig)
	case event != 0:
		s.Kind, s.Event = Event, event
		// A failure means that SIGKILL overtook the stop: the next wait tells.
		s.EventMsg, _ = ptraceGetEventMsg(s.TID)
	case sig == syscallTrap:
		s.Kind = Syscall
	default:
		s.Kind, s.Signal = SignalDelivery, int(sig)
	}
}
