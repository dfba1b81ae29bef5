package record

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// suspended are the signal masks of a thread in sigsuspend or one of its kin.
// Any call that we make in the thread ends it: the kernel forgets the first.
type suspended struct {
	during, after uint64
}

// suspendedMasks returns those of the guest, which is to get the signal sig at b,
// if calls of ours will come before that.
func (r *recorder) suspendedMasks(b *engine.Boundary, sig int) (*suspended, error) {
	calls := sig == int(unix.SIGTRAP) || r.framedInForeign(b, sig)
	if !b.InSyscall || !calls || r.fateOf(sig) != fateHandler {
		return nil, nil
	}
	after, err := r.t.SigMask()
	if err != nil {
		return nil, err
	}
	during, err := r.th.blockedSignals()
	if err != nil || during == after {
		return nil, err
	}
	return &suspended{during, after}, nil
}

// resuspend makes the kernel choose by the mask of the call again. As the mask
// to come back to the frame will have that one, too: see frameMask.
func (r *recorder) resuspend(s *suspended) error {
	if s == nil {
		return nil
	}
	return r.t.SetSigMask(s.during)
}

// frameMask puts the mask to come back to into the frame that the kernel has
// written for a handler that starts with g.
func (r *recorder) frameMask(g *engine.Regs, s *suspended) error {
	if s == nil {
		return nil
	}
	const ucSigmask = 8 + 40 + 256 // return address, ucontext up to the mcontext, that
	return r.setWord(g.Rsp+ucSigmask, s.after)
}

// blockedSignals returns the signals that th blocks now. ptrace tells those that it
// will block after sigsuspend.
func (th *thread) blockedSignals() (uint64, error) {
	return tracee.StatusMask(fmt.Sprintf("%d/task/%d", th.t.PID, th.t.TID), "SigBlk")
}
