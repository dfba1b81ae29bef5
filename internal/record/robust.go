package record

import (
	"encoding/binary"
	"errors"
	"fmt"

	"hindsight/internal/tracee"
)

// When a thread ends the kernel marks the robust futexes that it holds, and wakes
// who waits for them (get_robust_list(2)). In foreign memory it could not, if
// SIGKILL has ended the thread with that shut. So what it reads is made to lead
// it to the aliases.

// leadKernel leads the kernel to the robust futexes of th, which is about to end.
func (th *thread) leadKernel() {
	r := th.r
	err := r.redirectRobust(th)
	if err != nil && !errors.Is(err, tracee.ErrGone) {
		r.report("robust futexes of thread %d, which was killed, may stay locked: %v", th.t.TID, err)
	}
}

// redirectRobust makes the pointers of th's list of robust futexes that lead to
// foreign memory lead to its alias.
func (r *recorder) redirectRobust(th *thread) error {
	const pending = 16 // offset of list_op_pending in struct robust_list_head
	at := th.robust
	for range robustLimit {
		next, err := th.redirect(at)
		if err != nil {
			return err
		}
		if next == th.robust || next == 0 {
			break
		}
		at = next
	}
	_, err := th.redirect(th.robust + pending)
	return err
}

// robustLimit is ROBUST_LIST_LIMIT (linux/futex.h).
const robustLimit = 2048

// redirect makes the pointer to a robust futex that th's memory holds at an
// address, itself perhaps foreign, lead to the alias, and returns where it led.
func (th *thread) redirect(at uint64) (to uint64, err error) {
	const pi = 1 // bit of a pointer to a futex with priority inheritance
	var b [8]byte
	if _, err := th.t.ReadMem(at, b[:]); err != nil {
		return 0, err
	}
	p := binary.LittleEndian.Uint64(b[:])
	to = p &^ pi
	if !th.r.e.InForeign(to) {
		return to, nil
	}
	alias, ok := th.r.e.AliasOf(to)
	if !ok {
		return 0, fmt.Errorf("no second mapping of %#x", to)
	}
	if own, ok := th.r.e.AliasOf(at); ok {
		at = own // only there can it be written
	}
	binary.LittleEndian.PutUint64(b[:], alias|p&pi)
	return to, th.t.WriteMem(at, b[:])
}
