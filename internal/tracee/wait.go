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
	if k := t.kept; k != nil {
		t.kept = nil
		t.Observe(*k)
		return *k, nil
	}
	if t.place == reaped {
		return Stop{}, t.wrap("wait", ErrGone)
	}
	s, err := t.wait()
	if err != nil {
		return Stop{}, err
	}
	t.Observe(s)
	return s, nil
}

func (t *Tracee) wait() (Stop, error) {
	for {
		s, ok, err := t.waitOnce()
		switch {
		case err != nil:
			return Stop{}, err
		case ok && s.TID == t.TID && t.passExit(s):
		case ok && s.TID == t.TID:
			return s, nil
		case ok:
			t.Route(s)
		}
	}
}

// waitOnce reports false where a signal handler interrupted it.
func (t *Tracee) waitOnce() (Stop, bool, error) {
	if t.Route == nil {
		return wait4(t.TID, unix.WALL)
	}
	return WaitAny()
}

// Keep stores a Stop of t that WaitAny has returned for the next Wait.
func (t *Tracee) Keep(s Stop) {
	if !t.passExit(s) {
		t.kept = &s
		t.announce(s)
	}
}

func (t *Tracee) announce(s Stop) {
	if s.Kind == SignalDelivery && t.Signaled != nil {
		t.Signaled(s.Signal)
	}
}

// Kept reports whether the next Wait returns without waiting.
func (t *Tracee) Kept() bool { return t.kept != nil || t.final != nil }

// Ending reports whether the tracee is dead, though perhaps nobody has waited
// for it yet.
func (t *Tracee) Ending() bool {
	return t.place == reaped || t.final != nil || t.kept != nil && t.kept.Ended()
}

// Poll is Wait if the tracee has stopped already; otherwise it returns at
// once, and reports that it has not.
func (t *Tracee) Poll() (Stop, bool, error) {
	if t.Kept() || t.place == reaped {
		s, err := t.Wait()
		return s, true, err
	}
	s, ok, err := wait4(t.TID, unix.WALL|unix.WNOHANG)
	if err != nil || !ok || t.passExit(s) {
		return Stop{}, false, err
	}
	t.Observe(s)
	return s, true, nil
}

// Observe tells t of a Stop of its own that Wait4 or WaitAny returned.
func (t *Tracee) Observe(s Stop) {
	t.left, t.held, t.event, t.listening = false, nil, s.Event, false
	defer func() { t.entering = false }()
	t.announce(s)
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
		t.place, t.halted = atTrap, true
	case Event:
		t.place = atEvent
		switch s.Event {
		case unix.PTRACE_EVENT_STOP:
			t.place, t.halted = atTrap, false
		case unix.PTRACE_EVENT_EXEC:
			t.closeMem() // it refers to the old image
		}
	}
}

// Wait4 waits for the thread tid, a child or tracee of this process.
func Wait4(tid int) (Stop, error) {
	for {
		if s, ok, err := wait4(tid, unix.WALL); ok || err != nil {
			return s, err
		}
	}
}

// WaitAny waits for any tracee of the calling thread. It reports false if a
// signal handler without SA_RESTART interrupted it.
func WaitAny() (Stop, bool, error) { return wait4(-1, unix.WALL|unix.WNOTHREAD) }

// WaitAnyBriefly is WaitAny for a caller whom a signal will soon interrupt: the
// scheduler is not told of the wait, which holds up the garbage collector.
// That spares its monitor some wake-ups for each wait.
func WaitAnyBriefly() (Stop, bool, error) {
	got, ws, err := rawWait4(-1, unix.WALL|unix.WNOTHREAD)
	return stopOf(-1, got, ws, err)
}

// Reported tells whether WaitAny would return at once.
func Reported() bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT|unix.WALL|unix.WNOTHREAD, nil)
	return err != nil || info.Signo != 0
}

// wait4 reports false where it was interrupted, or nothing has stopped yet.
func wait4(tid, options int) (Stop, bool, error) {
	var ws unix.WaitStatus
	got, err := unix.Wait4(tid, &ws, options, nil)
	return stopOf(tid, got, ws, err)
}

func stopOf(tid, got int, ws unix.WaitStatus, err error) (Stop, bool, error) {
	switch {
	case errors.Is(err, unix.EINTR), err == nil && got == 0:
		return Stop{}, false, nil
	case errors.Is(err, unix.ECHILD):
		return Stop{}, false, fmt.Errorf("wait for %d: %w", tid, ErrGone)
	case err != nil:
		return Stop{}, false, fmt.Errorf("wait for %d: %w", tid, err)
	}
	return decodeStatus(got, ws), true, nil
}

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
