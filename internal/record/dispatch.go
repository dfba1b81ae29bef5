package record

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/engine"
)

// userDispatch is what a thread has asked for by PR_SET_SYSCALL_USER_DISPATCH:
// its calls raise SIGSYS, unless they are made from a range of its code or a
// byte says otherwise (admin-guide/syscall-user-dispatch.rst). Neither threads
// nor children inherit it.
type userDispatch struct {
	start, length uint64 // of the range
	selector      uint64 // address of the byte; 0: none
}

// Modes of PR_SET_SYSCALL_USER_DISPATCH and values of the selector.
const (
	prSetUserDispatch = 59
	dispatchOff       = 0
	dispatchOn        = 1
	selectAllow       = 0
	selectBlock       = 1
)

// setDispatch is PR_SET_SYSCALL_USER_DISPATCH. From then on all calls of the
// process come to us.
func (r *recorder) setDispatch(g engine.Regs, c *call) error {
	mode, d := c.args[1], &userDispatch{c.args[2], c.args[3], c.args[4]}
	const userEnd = 1<<47 - pageSize // TASK_SIZE_MAX
	switch {
	case mode == dispatchOff && *d == userDispatch{}:
		r.th.dispatch = nil
	case mode != dispatchOn || d.start != 0 && d.start+d.length <= d.start:
		c.result = errnoResult(unix.EINVAL)
	case d.selector >= userEnd:
		c.result = errnoResult(unix.EFAULT)
	default:
		r.th.dispatch = d
		for nr := range area.Syscalls {
			r.e.Supervise(nr, true)
		}
	}
	return r.complete(g, c)
}

// dispatched raises SIGSYS in place of a call if the thread wants that, and
// reports whether it does.
func (r *recorder) dispatched(g engine.Regs, c *call) (bool, error) {
	d := r.th.dispatch
	if d == nil || g.Rip+syscallLen-d.start < d.length {
		return false, nil
	}
	choice := [1]byte{selectBlock}
	if d.selector != 0 {
		if n, _ := r.t.ReadMem(d.selector, choice[:]); n == 0 {
			return true, r.killProcess(g, c, unix.SIGSEGV)
		}
	}
	switch choice[0] {
	case selectAllow:
		return false, nil
	case selectBlock:
		return true, r.trapped(g, c, sysUserDispatch, 0)
	}
	return true, r.killProcess(g, c, unix.SIGSYS)
}
