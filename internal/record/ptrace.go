package record

import (
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
)

// Every recorded thread has a tracer, and can have no second one (ptrace(2)).
// But threads that share their memory take turns here, so what one does to another
// of them by ptrace can be done by who gives the turns. That serves
// LeakSanitizer: a program that looks for leaks at its end stops its threads from
// a process with the same memory, and reads their registers.

// attachment is that of a thread to another, which keeps it from running.
type attachment struct {
	tracer *thread
	told   bool // of the stop, by wait4
}

func (a *attachment) stopped() bool { return a.tracer != nil }

// ptrace makes the call for threads that share their memory, and otherwise keeps
// recorded programs from tracing each other.
func (r *recorder) ptrace(g engine.Regs, c *call) error {
	attaching := c.args[0] == unix.PTRACE_ATTACH || c.args[0] == unix.PTRACE_SEIZE
	if of := r.sharer(c.args[1], func(th *thread) bool {
		return th.attached.tracer == r.th || c.args[0] == unix.PTRACE_ATTACH
	}); of != nil {
		return r.traceSharer(g, c, of)
	}
	recorded := slices.ContainsFunc(r.sup.recorders(), func(o *recorder) bool { return inNamespace(o.pid, fmt.Sprint(c.args[1])) })
	if c.args[0] != unix.PTRACE_TRACEME && !(attaching && recorded) {
		return r.ordinary(g, c)
	}
	if err := r.tell("ptrace is refused with EPERM: a recorded program cannot be traced by another"); err != nil {
		return err
	}
	return r.fail(g, c, unix.EPERM)
}

// sharer returns the thread that the present one calls by number, is of another
// process with the same memory, and eligible. /proc is asked of no others: there may be
// many.
func (r *recorder) sharer(number uint64, eligible func(*thread) bool) *thread {
	for th := range r.live {
		if th.t.PID != r.th.t.PID && eligible(th) && inNamespace(th.t.TID, fmt.Sprint(number)) {
			return th
		}
	}
	return nil
}

// traceSharer makes the call for a thread that shares the caller's memory.
func (r *recorder) traceSharer(g engine.Regs, c *call, of *thread) error {
	var w event.Writes
	var errno unix.Errno
	switch c.args[0] {
	case unix.PTRACE_ATTACH:
		if of.attached.stopped() {
			errno = unix.EPERM
			break
		}
		of.attached = attachment{tracer: r.th}
		r.e.Supervise(unix.SYS_WAIT4, true)
	case unix.PTRACE_DETACH:
		of.attached = attachment{}
	case unix.PTRACE_PEEKTEXT, unix.PTRACE_PEEKDATA:
		word := make([]byte, 8)
		if n, err := r.t.ReadMem(c.args[2], word); err != nil || n < len(word) {
			errno = unix.EIO
			break
		}
		w, errno = r.answer(w, c.args[3], word)
	case unix.PTRACE_GETREGS:
		w, errno = r.answer(w, c.args[3], registerSet(&of.at))
	case unix.PTRACE_GETREGSET:
		w, errno = r.getRegset(c, of)
	default:
		errno = unix.EIO
		if err := r.tell(fmt.Sprintf("ptrace request %#x is not supported between processes that share their memory", c.args[0])); err != nil {
			return err
		}
	}
	c.result = 0
	if errno != 0 {
		c.result, w = errnoResult(errno), nil
	}
	return r.finish(g, c, 0, w)
}

// answer writes b to the guest's memory.
func (r *recorder) answer(w event.Writes, addr uint64, b []byte) (event.Writes, unix.Errno) {
	if err := r.t.WriteMem(addr, b); err != nil {
		return w, unix.EFAULT
	}
	return w.Append(addr, b), 0
}

// getRegset answers PTRACE_GETREGSET: as much as fits into the iovec, which then
// tells how much that is.
func (r *recorder) getRegset(c *call, of *thread) (w event.Writes, errno unix.Errno) {
	const (
		prstatus, fpregset, xstate = 1, 2, 0x202 // elf.h
		fxsaveLen                  = 512         // SDM vol. 1, 10.5.1
	)
	var regs []byte
	switch c.args[2] {
	case prstatus:
		regs = registerSet(&of.at)
	case fpregset, xstate:
		var err error
		if regs, err = of.t.XState(); err != nil {
			return nil, unix.EIO // it is in a call, and stands in the kernel
		}
		if c.args[2] == fpregset {
			regs = regs[:min(len(regs), fxsaveLen)]
		}
	default:
		return nil, unix.EINVAL
	}
	var iov [16]byte
	if n, err := r.t.ReadMem(c.args[3], iov[:]); err != nil || n < len(iov) {
		return nil, unix.EFAULT
	}
	n := min(uint64(len(regs)), binary.LittleEndian.Uint64(iov[8:]))
	if w, errno = r.answer(w, binary.LittleEndian.Uint64(iov[:]), regs[:n]); errno != 0 {
		return w, errno
	}
	return r.answer(w, c.args[3]+8, binary.LittleEndian.AppendUint64(nil, n))
}

// registerSet returns registers as the kernel lays them out (struct
// user_regs_struct).
func registerSet(g *engine.Regs) []byte {
	b, err := binary.Append(nil, binary.LittleEndian, g)
	if err != nil {
		panic(err) // it has a fixed size
	}
	return b
}

// wait4 tells a thread of the stop of one that it has attached.
func (r *recorder) wait4(g engine.Regs, c *call) error {
	of := r.sharer(c.args[0], func(th *thread) bool { return th.attached.tracer == r.th && !th.attached.told })
	if of == nil {
		return r.ordinary(g, c)
	}
	const stopped = 0x7f | uint32(unix.SIGSTOP)<<8
	var w event.Writes
	c.result = c.args[0]
	if c.args[1] != 0 {
		var errno unix.Errno
		if w, errno = r.answer(w, c.args[1], binary.LittleEndian.AppendUint32(nil, stopped)); errno != 0 {
			c.result = errnoResult(errno)
		}
	}
	of.attached.told = true
	return r.finish(g, c, 0, w)
}

// freeFrom detaches th from all that it has attached, since it ends, and reports
// whether there were any.
func (r *recorder) freeFrom(th *thread) (freed bool) {
	for of := range r.live {
		if of.attached.tracer == th {
			of.attached, freed = attachment{}, true
		}
	}
	return freed
}
