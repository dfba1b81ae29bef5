package record

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/syscalls"
	"hindsight/internal/tracee"
)

// call is a syscall that the stub in the tracee has left to us.
type call struct {
	nr     uint64
	args   [6]uint64
	row    *syscalls.Row
	effect syscalls.Effect
	pre    syscalls.Pre

	result uint64
	// yields: others may run while the call is under way.
	yields bool
	// restarts: the kernel has the call in mind, interrupted, and
	// restart_syscall(2) goes on with it.
	restarts bool
	// begun is, for a call that is made again, its first result: the code with which
	// the kernel asked for that, or EINTR. A signal that comes before it finds the call
	// interrupted.
	begun uint64
	// partial: the call goes on with what an interrupt of ours has left of it,
	// and may not be restarted.
	partial bool
	loan    *loan  // spare memory that the call writes to
	flags   uint64 // of clone
	// childTID is clone's argument child_tid.
	childTID uint64
	killed   bool           // the thread ends in place of the call
	child    *tracee.Tracee // what clone has made
	// interrupted: a signal ended the call, and has been delivered.
	interrupted bool
}

// special are the calls that need more than being executed and logged.
var special map[uint64]func(*recorder, engine.Regs, *call) error

func init() {
	special = map[uint64]func(*recorder, engine.Regs, *call) error{
		unix.SYS_MMAP:              (*recorder).mmap,
		unix.SYS_MUNMAP:            (*recorder).munmap,
		unix.SYS_MPROTECT:          (*recorder).mprotect,
		unix.SYS_PKEY_MPROTECT:     (*recorder).mprotect,
		unix.SYS_MREMAP:            (*recorder).mremap,
		unix.SYS_BRK:               (*recorder).setBrk,
		unix.SYS_MADVISE:           (*recorder).madvise,
		unix.SYS_REMAP_FILE_PAGES:  (*recorder).remapPages,
		unix.SYS_SHMAT:             (*recorder).attach,
		unix.SYS_RT_SIGACTION:      (*recorder).rtSigaction,
		unix.SYS_RT_SIGRETURN:      (*recorder).rtSigreturn,
		unix.SYS_RT_SIGPROCMASK:    (*recorder).rtSigprocmask,
		unix.SYS_EXIT:              (*recorder).exit,
		unix.SYS_EXIT_GROUP:        (*recorder).exit,
		unix.SYS_EXECVE:            (*recorder).execve,
		unix.SYS_EXECVEAT:          (*recorder).execve,
		unix.SYS_FORK:              (*recorder).fork,
		unix.SYS_VFORK:             (*recorder).fork,
		unix.SYS_CLONE:             (*recorder).fork,
		unix.SYS_CLONE3:            (*recorder).fork,
		unix.SYS_SET_TID_ADDRESS:   (*recorder).setTIDAddress,
		unix.SYS_SET_ROBUST_LIST:   (*recorder).setRobustList,
		unix.SYS_ARCH_PRCTL:        (*recorder).archPrctl,
		unix.SYS_COPY_FILE_RANGE:   (*recorder).kernelCopy,
		unix.SYS_SENDFILE:          (*recorder).kernelCopy,
		unix.SYS_SPLICE:            (*recorder).kernelCopy,
		unix.SYS_TEE:               (*recorder).kernelCopy,
		unix.SYS_SCHED_GETAFFINITY: (*recorder).affinity,
		unix.SYS_SCHED_SETAFFINITY: (*recorder).affinity,
		unix.SYS_SECCOMP:           (*recorder).seccomp,
		unix.SYS_PTRACE:            (*recorder).ptrace,
		unix.SYS_WAIT4:             (*recorder).wait4,
		unix.SYS_PRCTL:             (*recorder).prctl,
		unix.SYS_SETRLIMIT:         (*recorder).setLimit,
		unix.SYS_PRLIMIT64:         (*recorder).setLimit,
		unix.SYS_GETRLIMIT:         (*recorder).setLimit,
		unix.SYS_MINCORE:           (*recorder).mincore,
		unix.SYS_MLOCK:             (*recorder).ofRange,
		unix.SYS_MLOCK2:            (*recorder).ofRange,
		unix.SYS_MUNLOCK:           (*recorder).ofRange,
		unix.SYS_MSYNC:             (*recorder).ofRange,
		unix.SYS_MSEAL:             (*recorder).seal,
		unix.SYS_IOCTL:             (*recorder).ioctl,
		unix.SYS_USERFAULTFD:       (*recorder).userfaultfd,
		unix.SYS_MLOCKALL:          (*recorder).lockAll,
		unix.SYS_MUNLOCKALL:        (*recorder).unlockAll,
		unix.SYS_PROCESS_VM_READV:  (*recorder).otherMemory,
		unix.SYS_PROCESS_VM_WRITEV: (*recorder).otherMemory,
	}
	for nr := range memoryCalls {
		special[nr] = (*recorder).transfer
	}
}

// syscall does for the guest a syscall that it stands before.
func (r *recorder) syscall(g engine.Regs) error {
	c := r.newCall(&g)
	if done, err := r.sandboxed(g, c); done || err != nil {
		return err
	}
	if f, ok := special[c.nr]; ok {
		return f(r, g, c)
	}
	return r.ordinary(g, c)
}

// ordinary does a call in the way that the table says.
func (r *recorder) ordinary(g engine.Regs, c *call) error {
	if c.row == nil {
		return r.fail(g, c, unix.ENOSYS)
	}
	switch c.effect.Class {
	case syscalls.Refused:
		if err := r.note("%s is refused while recording", c.effect.Name); err != nil {
			return err
		}
		return r.fail(g, c, c.effect.Errno)
	case syscalls.Memory:
		return r.remapped(g, c)
	case syscalls.Data, syscalls.Signal, syscalls.Thread, syscalls.Process:
		if c.effect.Generic {
			return r.tracked(g, c)
		}
		return r.plain(g, c)
	}
	return r.tracked(g, c)
}

func errnoResult(e unix.Errno) uint64 { return uint64(-int64(e)) }

// fail ends a call with an error.
func (r *recorder) fail(g engine.Regs, c *call, e unix.Errno) error {
	c.result = errnoResult(e)
	return r.complete(g, c)
}

func (r *recorder) newCall(g *engine.Regs) *call {
	c := &call{}
	c.nr, c.args = engine.SyscallArgs(g)
	if row, ok := syscalls.ByNumber(int(min(c.nr, 1<<16))); ok {
		c.row = row
		c.effect = row.Effect(&c.args)
		c.pre = row.Prepare(&c.args, r.t)
	}
	return c
}

// plain executes a call whose outputs the table knows, and logs it.
func (r *recorder) plain(g engine.Regs, c *call) error {
	c.yields = c.effect.Blocks || c.nr == unix.SYS_SCHED_YIELD
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	return r.complete(g, c)
}

// outputs reads what the call has written.
func (r *recorder) outputs(c *call, result uint64) (event.Writes, error) {
	if c.row == nil {
		return nil, nil
	}
	ranges, err := c.row.Outputs(&c.args, &c.pre, int64(result), r.t)
	if err != nil {
		return nil, fmt.Errorf("process %d: %w", r.t.PID, err)
	}
	var w event.Writes
	for _, o := range ranges {
		if w, err = r.appendOutput(w, o); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// appendOutput adds what a call has written to w. Where that is not certain
// it takes what the guest may write: replay could not write the rest.
func (r *recorder) appendOutput(w event.Writes, o syscalls.Range) (event.Writes, error) {
	if !o.Lax {
		return r.appendMemory(w, o.Addr, o.Len)
	}
	var err error
	for _, m := range r.e.Space.Within(o.Addr, o.Addr+o.Len) {
		if m.Prot&unix.PROT_WRITE == 0 {
			continue
		}
		if w, err = r.appendMemory(w, m.Start, m.End-m.Start); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// complete logs a call that only returned data, and lets the guest go on.
func (r *recorder) complete(g engine.Regs, c *call) error {
	if err := r.afterCallOf(c); err != nil {
		return err
	}
	w, err := r.outputs(c, c.result)
	if err != nil {
		return err
	}
	return r.finish(g, c, 0, w)
}

// finish logs a call with the given flags and effects, and lets the guest go
// on behind it.
func (r *recorder) finish(g engine.Regs, c *call, flags event.Flags, w event.Writes, effects ...[]byte) error {
	if err := r.logCall(c, flags, w, effects...); err != nil {
		return err
	}
	engine.SetResult(&g, c.result)
	return r.e.SetGuest(g)
}

func (r *recorder) logCall(c *call, flags event.Flags, w event.Writes, effects ...[]byte) error {
	ev := event.AppendSyscall(nil, r.e.Tick(), event.Syscall{
		NR: uint16(c.nr), Flags: flags, Result: c.result, Args: [3]uint64(c.args[:3]), Writes: w,
	})
	for _, e := range effects {
		ev = append(ev, e...)
	}
	return r.logAll(ev)
}

// logAll logs several events that belong together.
func (r *recorder) logAll(evs []byte) error {
	for len(evs) > 0 {
		ev, rest, err := event.Next(evs)
		if err != nil {
			return err
		}
		if err := r.log(ev); err != nil {
			return err
		}
		evs = rest
	}
	return nil
}

// finishSyscall logs a call that the stub has made but could not log.
func (r *recorder) finishSyscall(g engine.Regs, result uint64) error {
	c := r.newCall(&g)
	again, err := r.metProtection(result)
	if err != nil {
		return err
	}
	room, err := r.roomForArguments(c, result)
	if err != nil {
		return err
	}
	switch fault := result == errnoResult(unix.EFAULT); {
	case fault && c.nr == unix.SYS_RT_SIGPROCMASK:
		return r.rtSigprocmask(g, c)
	case again || room || fault && r.e.AnyForeign():
		return r.plain(g, c)
	}
	if err := r.drain(); err != nil {
		return err
	}
	c.pre.Late = true
	c.result = result
	return r.complete(g, c)
}

// tracked executes a call of which nobody knows what it writes, and finds
// out by write tracking.
func (r *recorder) tracked(g engine.Regs, c *call) error {
	tr, err := tracee.NewWriteTracker(r.t, r.e.Gadget())
	if errors.Is(err, tracee.ErrGone) {
		return err
	}
	if err != nil {
		if err := r.unreliable("%s is not modelled, and writes cannot be tracked: %v", c.effect.Name, err); err != nil {
			return err
		}
		return r.plain(g, c)
	}
	defer tr.Close()
	if err := tr.Start(); err != nil {
		return err
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	w, err := r.written(tr)
	if err != nil {
		return err
	}
	r.report("%s is not modelled: what it wrote was found by write tracking", c.effect.Name)
	return r.finish(g, c, 0, w)
}

// written reads the pages that have been written since tr was started.
func (r *recorder) written(tr *tracee.WriteTracker) (event.Writes, error) {
	pages, err := tr.Written()
	if err != nil {
		return nil, err
	}
	var w event.Writes
	for _, p := range pages {
		if r.e.Ours(p.Start, p.End) {
			continue
		}
		if w, err = r.appendMemory(w, p.Start, p.End-p.Start); err != nil {
			return nil, err
		}
	}
	return w, nil
}
