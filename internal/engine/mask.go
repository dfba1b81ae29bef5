package engine

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/area"
)

// An INT3 whose SIGTRAP is blocked makes the kernel unblock it
// (force_sig_info_to_task). So the guest's signal mask is kept in the thread
// area, where the stub of rt_sigprocmask puts it, and set again after a stop.

// SetMask tells the engine the guest's signal mask.
func (e *Engine) SetMask(mask uint64) { e.SetWord(area.SigMask, mask) }

// Mask returns the guest's signal mask.
func (e *Engine) Mask() uint64 { return e.Word(area.SigMask) }

// KeepMask undoes what a SIGTRAP of ours did to the guest's signal mask.
func (e *Engine) KeepMask() error {
	if e.opt.Replay || e.Mask()&(1<<(unix.SIGTRAP-1)) == 0 {
		return nil
	}
	return e.t.SetSigMask(e.Mask())
}
