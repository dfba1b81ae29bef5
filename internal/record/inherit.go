package record

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// beginForked is begin for a child that a process running natively has just
// forked. It stands behind the fork, and has what its parent had.
func (r *recorder) beginForked() error {
	if err := r.leaveRseq(); err != nil {
		return err
	}
	regs, err := r.enter(0)
	if err != nil {
		return err
	}
	if err := r.inheritSignals(); err != nil {
		return err
	}
	if r.brk, err = r.t.RemoteCall(r.e.Gadget(), unix.SYS_BRK, 0); err != nil {
		return fmt.Errorf("break of process %d: %w", r.pid, err)
	}
	return r.start(regs)
}

// inheritSignals asks for the dispositions, which nobody but the process itself
// is told.
func (r *recorder) inheritSignals() error {
	r.sigs = &dispositions{}
	for sig := 1; sig < len(r.sigs); sig++ {
		at := r.e.Lend(make([]byte, 32))
		if _, err := r.t.RemoteCall(r.e.Gadget(), unix.SYS_RT_SIGACTION, uint64(sig), 0, at, 8); err != nil {
			return fmt.Errorf("disposition of signal %d in process %d: %w", sig, r.pid, err)
		}
		r.sigs[sig] = parseAction(r.e.Lent(32))
	}
	return nil
}

// leaveRseq ends the registration for restartable sequences, which the C
// library has inherited: the kernel would write to memory at any time. The area
// then says what it says where the kernel has none (rseq(2)).
func (r *recorder) leaveRseq() error {
	c, err := r.t.RseqConfiguration()
	if errors.Is(err, tracee.ErrGone) {
		return err
	}
	if err != nil || c.Pointer == 0 {
		return nil // a kernel that does not tell: from before the C library used them
	}
	if err := r.t.FindGadget(); err != nil {
		return err
	}
	const unregister = 1
	_, err = r.t.RemoteCall(r.t.Gadget, unix.SYS_RSEQ, c.Pointer, uint64(c.Size), unregister, uint64(c.Signature))
	if err != nil {
		return fmt.Errorf("ending the restartable sequences of process %d: %w", r.pid, err)
	}
	return nil
}

// spaceForUs is more than our memory takes in most programs.
const spaceForUs = engine.ArenaSize + 4*256<<20

// widen makes room for our memory where the address space was limited before
// recording began, and reports whether it could.
func (r *recorder) widen() bool {
	var old unix.Rlimit
	if r.as.set || unix.Prlimit(r.pid, unix.RLIMIT_AS, nil, &old) != nil || old.Cur == unix.RLIM_INFINITY {
		return true // or nobody tells
	}
	wide := unix.Rlimit{Cur: old.Cur + spaceForUs, Max: old.Max}
	if old.Max != unix.RLIM_INFINITY {
		wide.Max += spaceForUs
	}
	if unix.Prlimit(r.pid, unix.RLIMIT_AS, &wide, nil) != nil {
		// Without privileges there is what lies below the hard limit.
		wide.Max = old.Max
		if wide.Cur > wide.Max || unix.Prlimit(r.pid, unix.RLIMIT_AS, &wide, nil) != nil {
			return old.Cur > spaceForUs
		}
	}
	r.as.set = true
	binary.LittleEndian.PutUint64(r.as.was[:], old.Cur)
	binary.LittleEndian.PutUint64(r.as.was[8:], old.Max)
	return true
}

// narrow gives the kernel the limit of the address space that the program has
// set, for the time that it is not recorded.
func (r *recorder) narrow() error {
	if !r.as.set {
		return nil
	}
	own := unix.Rlimit{Cur: binary.LittleEndian.Uint64(r.as.was[:]), Max: binary.LittleEndian.Uint64(r.as.was[8:])}
	r.as = addressSpace{}
	if err := unix.Prlimit(r.pid, unix.RLIMIT_AS, &own, nil); err != nil {
		return fmt.Errorf("limit of the address space of process %d: %w", r.pid, err)
	}
	return nil
}
