// Package tracee holds one thread of another process by ptrace: starting it,
// waiting for it, its registers, signals and memory, and system calls
// executed inside it.
//
// The kernel lets only the thread that attached use ptrace on a tracee, and
// only its thread group wait for it. So one goroutine, locked to its OS thread
// (runtime.LockOSThread), must start a Tracee and make every call on it. That
// includes Interrupt; other threads stop a tracee by sending it a signal.
//
// A Tracee knows the kind of stop it is in, because the kernel gives most
// ptrace requests a different meaning in each (ptrace(2), "Stopped states").
// Wait keeps that up to date; whoever waits by other means hands each Stop to
// Observe.
package tracee

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

var (
	// ErrGone says that the tracee has died. It can come from any call, since
	// SIGKILL can come at any time. Wait then tells how it died.
	ErrGone = errors.New("tracee is gone")
	// ErrRunning says that the call needs a stopped tracee.
	ErrRunning = errors.New("tracee is running")
	// ErrState says that the call is impossible in this kind of stop.
	ErrState = errors.New("tracee is in the wrong kind of stop")
	// ErrThread says that the call came from another thread than the tracer.
	ErrThread = errors.New("call from a thread that is not the tracer")
)

// seizeOptions are the ptrace options of every tracee and, as the kernel
// hands them on, of its children:
//   - EXITKILL: no half-translated program survives the supervisor;
//   - TRACESYSGOOD: system call stops differ from SIGTRAP;
//   - TRACEEXEC, TRACEFORK, TRACEVFORK, TRACECLONE, TRACEVFORKDONE: new images
//     and children are seen before their first instruction.
//
// TRACEEXIT is left to WatchExit: it adds a stop to every exit, and exits are
// seen as system calls or fatal signals anyway.
const seizeOptions = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACESYSGOOD |
	unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK |
	unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEVFORKDONE

// place is where in the kernel a tracee stands.
type place uint8

const (
	running   place = iota
	atSignal        // signal-delivery-stop: a signal can be injected
	atTrap          // PTRACE_EVENT_STOP: interrupted, group-stopped, or newborn
	atEvent         // another PTRACE_EVENT stop: in the middle of a system call
	atSyscall       // system call entry or exit
	reaped          // dead and waited for: the PID may be another process's
)

// Tracee is one traced thread. TID equals PID for the thread that leads its
// process.
type Tracee struct {
	PID, TID int

	// Gadget is the address of a SYSCALL instruction in the tracee, if one is
	// known. The package sets it in LaunchBlank, FindGadget and Fork, clears it
	// in Launch, and otherwise leaves it to the caller.
	Gadget uint64

	// Deferred are signals that arrived while RemoteSyscall, Fork or Cont
	// needed the tracee to themselves. They are the caller's to take and
	// deliver: SetSiginfo, then Cont with the signal's number.
	Deferred []Siginfo

	// Route, if set, is given the stops of other tracees of the calling thread
	// that come while this one is waited for: the kernel does not report the
	// end of a process's first thread before somebody has seen that of the
	// others.
	Route func(Stop)

	// Halting, if set, tells which signals stop the process. They are passed on
	// where others are put aside: a SIGCONT that comes meanwhile has to undo them.
	Halting func(sig int) bool

	// Signaled, if set, is told of each signal that is about to be delivered,
	// once or more often.
	Signaled func(sig int)

	exiting func() // see WatchExit

	place place
	event int   // of the stop, when place is atEvent
	final *Stop // death seen by a call other than Wait, not yet reported
	kept  *Stop // stop that came by WaitAny, not yet observed

	// RemoteSyscall moves the tracee from a signal stop to a system call stop.
	// What the move would lose is kept here until the tracee is resumed.
	left bool     // the tracee stood in the kernel's signal code
	held *Siginfo // and was about to receive this signal

	// entering: StepWith was the last resumption. The stop at the handler's
	// entry is a notification (ptrace_notify), which takes no signal.
	entering bool

	listening bool // stopped by job control, since Listen
	halted    bool // the same, since it was last heard of, but resumed for our purposes

	tracer    int  // thread that attached
	child     bool // the kernel counts it as our child, not as another's
	mem       int  // /proc/PID/mem, or -1
	xstateLen int
}

func newTracee(pid int) *Tracee {
	return &Tracee{PID: pid, TID: pid, tracer: unix.Gettid(), mem: -1}
}

// Gone reports whether the tracee's death has been observed.
func (t *Tracee) Gone() bool { return t.place == reaped }

// request makes a ptrace request of a stopped tracee.
func (t *Tracee) request(name string, req int, addr, data uintptr) error {
	if err := t.stopped(name); err != nil {
		return err
	}
	return t.wrap(name, ptrace(req, t.TID, addr, data))
}

// stopped returns an error unless the tracee is stopped.
func (t *Tracee) stopped(name string) error {
	switch t.place {
	case reaped:
		return t.wrap(name, ErrGone)
	case running:
		return t.wrap(name, ErrRunning)
	}
	return nil
}

// wrap adds the operation and the thread to err and turns ESRCH into ErrGone.
func (t *Tracee) wrap(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ESRCH) && t.tracer != unix.Gettid():
		// ptrace answers ESRCH to every thread but the tracer.
		err = fmt.Errorf("%w (tracer %d, caller %d)", ErrThread, t.tracer, unix.Gettid())
	case errors.Is(err, unix.ESRCH):
		err = ErrGone
	}
	return fmt.Errorf("%s of %d: %w", name, t.TID, err)
}

// close gives back what the supervisor holds for the tracee.
func (t *Tracee) close() {
	t.place = reaped
	t.closeMem()
}
