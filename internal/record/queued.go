package record

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
)

// queued delivers the signals that arrived while the guest was being handled.
func (r *recorder) queued() error {
	var later []engine.Signal
	for r.ended == nil {
		info, ok := r.e.TakeSignal()
		if !ok {
			break
		}
		sig := info.Signo()
		switch {
		case r.e.Mask()&(1<<(sig-1)) != 0:
			later = append(later, info)
		case r.fateOf(sig) == fateNothing:
			if stops(sig) {
				if err := unix.Tgkill(r.t.PID, r.t.TID, unix.Signal(sig)); err != nil {
					return fmt.Errorf("stopping process %d: %w", r.t.PID, err)
				}
			}
		default:
			b, err := r.boundary(sig)
			if err != nil || r.ended != nil || r.th.over {
				return err
			}
			if err := r.deliverAt(b, info); err != nil {
				return err
			}
		}
	}
	if r.ended != nil || r.th.over {
		return nil
	}
	for _, info := range later {
		if err := r.pend(info); err != nil {
			return err
		}
	}
	return nil
}

// pend gives a signal that the guest has come to block back to the kernel, where
// sigsuspend, sigtimedwait and their kin look for it.
func (r *recorder) pend(info engine.Signal) error {
	// Only to itself may a process send what it says the kernel sent. It knows
	// the numbers of its PID namespace.
	var args [2]uint64
	for i, nr := range [2]uint64{unix.SYS_GETPID, unix.SYS_GETTID} {
		n, err := r.t.RemoteCall(r.e.Gadget(), nr)
		if err != nil {
			return err
		}
		args[i] = n
	}
	_, err := r.t.RemoteCall(r.e.Gadget(), unix.SYS_RT_TGSIGQUEUEINFO, args[0], args[1], uint64(info.Signo()), r.e.Lend(info[:]))
	if errors.Is(err, unix.EAGAIN) {
		r.e.Queue(info) // the kernel keeps no more of them
		return nil
	}
	return err
}

// rtSigprocmask makes the call where a stub has left it to us, and remembers the
// mask.
func (r *recorder) rtSigprocmask(g engine.Regs, c *call) error {
	var set [8]byte
	have := false
	if c.args[1] != 0 {
		n, _ := r.t.ReadMem(c.args[1], set[:])
		have = n == len(set)
	}
	// An attempt that could not write the old mask has set the new one: a stub's,
	// and the first of two.
	if err := r.t.SetSigMask(r.e.Mask()); err != nil {
		return err
	}
	if err := r.e.Unprotect(c.args[2], c.args[2]+uint64(len(set))); err != nil {
		return err
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	// The kernel writes the old mask when it has set the new one.
	if (c.result == 0 || c.result == errnoResult(unix.EFAULT)) && have {
		mask := newMask(r.e.Mask(), int(c.args[0]), binary.LittleEndian.Uint64(set[:]))
		r.e.SetMask(mask)
		// The end of the call may have brought back the one known until then.
		if err := r.t.SetSigMask(mask); err != nil {
			return err
		}
	}
	return r.complete(g, c)
}

// newMask returns what rt_sigprocmask(2) makes of a mask.
func newMask(mask uint64, how int, set uint64) uint64 {
	const never = 1<<(unix.SIGKILL-1) | 1<<(unix.SIGSTOP-1)
	switch set &^= never; how {
	case unix.SIG_BLOCK:
		return mask | set
	case unix.SIG_UNBLOCK:
		return mask &^ set
	}
	return set
}

// stops reports whether a signal's default is to stop the process.
func stops(sig int) bool {
	switch unix.Signal(sig) {
	case unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
		return true
	}
	return false
}
