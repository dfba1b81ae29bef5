package tracee

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Fork makes the tracee fork, by the SYSCALL instruction at gadget (see
// RemoteSyscall for the stops that allow it). The child is traced, stopped,
// and has the registers that its parent had before, and has again.
//
// The program never hears of the child: the child of a tracee that is our own
// child becomes our child (CLONE_PARENT), not the tracee's. If another process
// is the tracee's parent (attach), the child is the tracee's, visible to it
// only by waiting with __WALL, and sends no signal when it ends.
//
// The kernel gives the child no restart block: an interrupted nanosleep or
// poll goes on in the parent, but ends with EINTR in the child.
func (t *Tracee) Fork(gadget uint64) (*Tracee, error) {
	var flags uint64
	if t.child {
		flags = unix.CLONE_PARENT
	}
	var child *Tracee
	var adoptErr error
	adopt := func(s Stop) error {
		switch s.Event {
		case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_CLONE:
			child, adoptErr = t.Adopt(int(s.EventMsg), nil)
		}
		return nil // the parent goes on in any case
	}
	// Stack 0 keeps the stack pointer; the TID pointers are unused.
	res, err := t.remote(gadget, unix.SYS_CLONE, []uint64{flags, 0, 0, 0, 0}, adopt)
	if err == nil {
		err = adoptErr
	}
	if err == nil && child == nil {
		err = t.wrap("fork", forkFailure(res))
	}
	if err == nil {
		err = t.matchRegs(child)
	}
	if err != nil {
		child.discard()
		return nil, err
	}
	return child, nil
}

func forkFailure(res uint64) error {
	if e := resultErrno(res); e != 0 {
		return e
	}
	return fmt.Errorf("%w: no event for child %d", ErrState, res)
}

// Adopt waits for the first stop of a child or thread that ptrace attached by
// itself, unless that is the Stop first. It takes the child for a process.
func (t *Tracee) Adopt(pid int, first *Stop) (*Tracee, error) {
	if pid == 0 {
		return nil, t.wrap("fork", ErrGone) // SIGKILL has overtaken the event that would tell
	}
	c := newTracee(pid)
	if first != nil {
		c.Keep(*first)
	}
	c.child, c.Gadget, c.xstateLen, c.Route = t.child, t.Gadget, t.xstateLen, t.Route
	s, err := c.waitInner()
	if err != nil {
		return nil, err
	}
	if c.place != atTrap {
		c.discard()
		return nil, c.wrap("fork", fmt.Errorf("%w: first %v", ErrState, s))
	}
	return c, nil
}

// matchRegs gives child the registers of t.
func (t *Tracee) matchRegs(child *Tracee) error {
	regs, err := t.Regs()
	if err != nil {
		return err
	}
	return child.SetRegs(&regs)
}

// discard kills and reaps a tracee that nobody will see. It may be nil.
func (t *Tracee) discard() {
	if t == nil || t.place == reaped {
		return
	}
	if t.Kill() != nil {
		return
	}
	for {
		if s, err := t.Wait(); err != nil || s.Ended() {
			return
		}
	}
}
