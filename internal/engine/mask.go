package engine

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/area"
)

// An INT3 or a fault of ours, whose signal is blocked, makes the kernel unblock it, and
// the default its disposition (force_sig_info_to_task). So the guest's signal mask is
// kept in the thread area, where the stub of rt_sigprocmask puts it, and set again
// after a stop.

// SetMask tells the engine the guest's signal mask.
func (e *Engine) SetMask(mask uint64) { e.SetWord(area.SigMask, mask) }

// Mask returns the guest's signal mask.
func (e *Engine) Mask() uint64 { return e.Word(area.SigMask) }

func (e *Engine) blocks(sig int) bool { return e.Mask()&(1<<(sig-1)) != 0 }

// KeepMask undoes what a signal that we have caused, or the CPU, did to the guest's
// signal mask.
func (e *Engine) KeepMask(sig int) error {
	_, err := e.keepMask(sig)
	return err
}

// keepMask reports whether there was anything to undo.
func (e *Engine) keepMask(sig int) (bool, error) {
	if e.opt.Replay || !e.blocks(sig) {
		return false, nil
	}
	e.forced |= 1 << (sig - 1)
	if sig != int(unix.SIGTRAP) {
		e.Supervise(unix.SYS_RT_SIGACTION, true) // which tells the disposition
	}
	return true, e.t.SetSigMask(e.Mask())
}

// changesMask reports whether the tracee is in the stub of rt_sigprocmask, where the
// kernel's mask may be ahead of the one in the thread area.
func (e *Engine) changesMask(regs *Regs) bool {
	return e.locate(regs).place == afterCall && e.Word(area.NR) == unix.SYS_RT_SIGPROCMASK
}

// Forced reports whether KeepMask has been needed for a signal since the last call:
// its disposition is the default then.
func (e *Engine) Forced(sig int) bool {
	bit := uint64(1) << (sig - 1)
	was := e.forced&bit != 0
	e.forced &^= bit
	return was
}
