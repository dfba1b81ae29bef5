package record

import (
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// What the CPU raises cannot be blocked or ignored: the kernel makes the default the
// signal's disposition, and unblocks it (force_sig_info_to_task). To the program that
// may happen by its own doing only. Our INT3s and our protections of memory do it, too.

// ourFaults are the signals that we cause.
var ourFaults = []unix.Signal{unix.SIGTRAP, unix.SIGSEGV, unix.SIGBUS}

// restore gives a signal the guest's disposition back, before anyone may look at it,
// if we have perhaps changed it.
func (r *recorder) restore(sig int) error {
	act := r.sigs[sig]
	if act.handler == sigDFL || !ours(sig) {
		return nil
	}
	if forced := r.e.Forced(sig); !forced && !r.uncertain(sig) {
		return nil
	}
	return r.setAction(sig, act)
}

// uncertain reports whether the kernel may have another disposition of a signal though
// the engine has not seen it unblocked.
func (r *recorder) uncertain(sig int) bool {
	h := r.sigs[sig].handler
	return ours(sig) && (h == sigIGN || unix.Signal(sig) == unix.SIGTRAP && h != sigDFL)
}

// watchAction sees to it that restore is called before the kernel tells of the signal.
func (r *recorder) watchAction(sig int) {
	if r.uncertain(sig) {
		r.e.Supervise(unix.SYS_RT_SIGACTION, true)
	}
}

// restoreAll is restore for all signals: a child inherits them.
func (r *recorder) restoreAll() error {
	for _, sig := range ourFaults {
		if err := r.restore(int(sig)); err != nil {
			return err
		}
	}
	return nil
}

func ours(sig int) bool { return slices.Contains(ourFaults, unix.Signal(sig)) }

// force does to a signal that an instruction of the guest's has raised, and that it
// blocks or ignores, what the kernel does: it kills.
func (r *recorder) force(sig int) error {
	bit := uint64(1) << (sig - 1)
	if r.e.Mask()&bit == 0 && r.sigs[sig].handler != sigIGN {
		return nil
	}
	r.sigs[sig] = sigaction{}
	if err := r.setAction(sig, r.sigs[sig]); err != nil {
		return err
	}
	r.e.SetMask(r.e.Mask() &^ bit)
	return r.t.SetSigMask(r.e.Mask())
}

// setAction sets the kernel's disposition of a signal.
func (r *recorder) setAction(sig int, act sigaction) error {
	var b []byte
	for _, w := range [...]uint64{act.handler, act.flags, act.restorer, act.mask} {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	_, err := r.t.RemoteCall(r.e.Gadget(), unix.SYS_RT_SIGACTION, uint64(sig), r.e.Lend(b), 0, 8)
	if err != nil {
		return fmt.Errorf("restoring the handler of signal %d: %w", sig, err)
	}
	return nil
}

// passed returns the signal to go on with where the guest is to see nothing of sig:
// 0 where it ignores a signal of which the kernel may not know that any more.
func (r *recorder) passed(sig int) int {
	if ours(sig) && r.sigs[sig].handler == sigIGN {
		return 0
	}
	return sig
}
