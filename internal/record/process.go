package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/syscalls"
	"hindsight/internal/tracee"
)

// exit lets the process end.
func (r *recorder) exit(g engine.Regs, c *call) error {
	if c.nr == unix.SYS_EXIT && len(r.live) > 1 {
		return r.exitThread(g, c)
	}
	r.exitPC = g.Rip
	return r.execute(g, c)
}

// execve replaces the image, and the engine with it.
func (r *recorder) execve(g engine.Regs, c *call) error {
	// The new image's engine must find the program's own affinity.
	r.e.Unpin()
	native := g
	native.Rip = r.e.Gadget()
	if err := r.e.SetNative(native); err != nil {
		return err
	}
	for {
		if err := r.t.Cont(0); err != nil {
			return err
		}
		raw, err := r.e.Wait()
		if err != nil {
			return err
		}
		switch {
		case raw.Ended():
			return r.threadDied(r.th, raw)
		case raw.Kind == tracee.Event && raw.Event == unix.PTRACE_EVENT_EXEC:
			return r.newImage(c)
		case raw.Kind == tracee.SignalDelivery:
			done, _, err := r.duringCall(raw, g, c)
			if err != nil {
				return err
			}
			if done {
				return r.complete(g, c)
			}
		}
	}
}

// newImage goes on with the program that execve has loaded.
func (r *recorder) newImage(c *call) error {
	tick := r.e.Tick()
	if err := r.logCall(c, event.FlagEffect, nil, event.AppendExec(nil, tick, event.Exec{Snapshot: uint64(r.snapshots)})); err != nil {
		return err
	}
	if err := r.drain(); err != nil {
		return err
	}
	if err := r.drainer.sync(); err != nil {
		return err
	}
	old := r.e
	if err := r.begin(tick + 1); err != nil {
		return err
	}
	r.present(r.th)
	return old.Close()
}

// Flags of clone(2).
const (
	cloneVM     = 0x100
	cloneVfork  = 0x4000
	cloneThread = 0x10000

	cloneChildClearTID = 0x200000
	cloneChildSetTID   = 0x1000000
)

// fork makes a child, which runs natively: it gets the guest's state with
// nothing of ours in its registers, and is let go.
func (r *recorder) fork(g engine.Regs, c *call) error {
	flags, err := r.cloneFlags(c)
	if err != nil {
		c.result = errnoResult(unix.EFAULT)
		return r.complete(g, c)
	}
	if flags&cloneThread != 0 {
		return r.cloneThread(g, c, flags)
	}
	if flags&cloneVM != 0 && flags&cloneVfork == 0 {
		return r.goNative(g, "the program starts a process that shares its memory, which this version cannot record")
	}
	if err := r.restoreTrap(int(unix.SIGTRAP)); err != nil {
		return err
	}
	// The child gets the affinity that the program has without us.
	r.e.Unpin()
	// The child must be able to write where it could without us.
	if err := r.e.Unprotect(0, ^uint64(0)); err != nil {
		return err
	}
	var tr *tracee.WriteTracker
	if flags&cloneVM != 0 {
		if tr, err = r.trackChild(); err != nil {
			return err
		}
		if tr != nil {
			defer tr.Close()
		}
	} else if r.sharesMemory() {
		if err := r.unreliable("a child shares writable memory with the program, and what it writes there is not recorded"); err != nil {
			return err
		}
	}
	if err := r.executeFork(g, c); err != nil || c.interrupted {
		return err
	}
	w, err := r.outputs(c, c.result)
	if err != nil {
		return err
	}
	if tr != nil {
		more, err := r.written(tr)
		if err != nil {
			return err
		}
		w = append(w, more...)
	}
	return r.finish(g, c, 0, w)
}

// trackChild watches what a child that shares our memory writes until it is
// gone from there.
func (r *recorder) trackChild() (*tracee.WriteTracker, error) {
	tr, err := tracee.NewWriteTracker(r.t, r.e.Gadget())
	if err == nil {
		err = tr.Start()
	}
	if errors.Is(err, tracee.ErrNotSupported) {
		return nil, r.unreliable("what a vfork child writes to its parent's memory cannot be tracked: %v", err)
	}
	return tr, err
}

func (r *recorder) sharesMemory() bool {
	for _, m := range r.e.Space.Mappings() {
		if m.Shared && m.Prot&unix.PROT_WRITE != 0 {
			return true
		}
	}
	return false
}

// cloneFlags returns the flags of fork and its kin.
func (r *recorder) cloneFlags(c *call) (uint64, error) {
	switch c.nr {
	case unix.SYS_VFORK:
		return cloneVM | cloneVfork, nil
	case unix.SYS_CLONE:
		return c.args[0], nil
	case unix.SYS_CLONE3:
		var b [8]byte
		n, err := r.t.ReadMem(c.args[0], b[:])
		if n < len(b) {
			return 0, err
		}
		return binary.LittleEndian.Uint64(b[:]), nil
	}
	return 0, nil
}

// executeFork makes the call, and lets the child go when it appears.
func (r *recorder) executeFork(g engine.Regs, c *call) error {
	native := g
	native.Rip = r.e.Gadget()
	if err := r.e.SetNative(native); err != nil {
		return err
	}
	for {
		if err := r.t.Cont(0); err != nil {
			return err
		}
		raw, err := r.e.Wait()
		if err != nil {
			return err
		}
		switch {
		case raw.Ended():
			c.interrupted = true
			return r.threadDied(r.th, raw)
		case raw.Kind == tracee.Event:
			switch raw.Event {
			case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
				if err := r.born(int(raw.EventMsg), g, c); err != nil {
					return err
				}
			}
		case raw.Kind == tracee.SignalDelivery:
			done, err := r.duringFork(raw, g, c)
			if done || err != nil {
				return err
			}
		}
	}
}

// duringFork is duringCall, but a signal waits: fork restarts by itself
// (ERESTARTNOINTR), and the child of a vfork is not disturbed.
func (r *recorder) duringFork(raw tracee.Stop, g engine.Regs, c *call) (bool, error) {
	regs, err := r.t.Regs()
	if err != nil {
		return false, err
	}
	if raw.Signal == int(unix.SIGTRAP) && regs.Rip == r.e.Gadget()+syscallLen+1 {
		c.result = regs.Rax
		return true, r.e.KeepMask()
	}
	info, err := r.t.Siginfo()
	if err != nil {
		return false, err
	}
	r.e.Queue(info)
	return false, nil
}

// born takes over what the call has made: a thread, to be recorded, or a
// process, which runs on its own.
func (r *recorder) born(tid int, g engine.Regs, c *call) error {
	child, err := r.t.Adopt(tid, r.sup.first(tid))
	if err != nil {
		return ignoreGone(err)
	}
	if flags, err := r.cloneFlags(c); err == nil && flags&cloneThread != 0 {
		child.PID, c.child = r.t.PID, child
		return nil
	}
	return r.release(child, g)
}

// release lets a new child run natively from behind the call that made it.
func (r *recorder) release(child *tracee.Tracee, g engine.Regs) error {
	regs, err := child.Regs()
	if err != nil {
		return ignoreGone(err)
	}
	engine.SetResult(&g, 0)
	// The new stack and thread pointer of clone.
	g.Fs_base, g.Gs_base, g.Orig_rax = regs.Fs_base, 0, ^uint64(0)
	g.Rsp = regs.Rsp
	if err := child.SetRegs(&g); err != nil {
		return ignoreGone(err)
	}
	if mask := r.e.Mask(); mask != 0 {
		if err := child.SetSigMask(mask); err != nil {
			return ignoreGone(err)
		}
	}
	return ignoreGone(child.Detach(0))
}

func ignoreGone(err error) error {
	if errors.Is(err, tracee.ErrGone) {
		return nil
	}
	return err
}

// goNative ends the recording before the instruction at g, and lets the
// program run to its end without us.
func (r *recorder) goNative(g engine.Regs, why string) error {
	r.report("%s; it goes on unrecorded", why)
	if err := r.log(event.AppendNote(nil, r.e.Tick(), "recording ended: "+why)); err != nil {
		return err
	}
	if err := r.e.Unprotect(0, ^uint64(0)); err != nil {
		return err
	}
	r.e.NeverPin()
	if err := r.e.SetNative(g); err != nil {
		return err
	}
	pid := r.t.PID
	if err := r.t.Detach(0); err != nil {
		return err
	}
	r.drainer.flush()
	var ws unix.WaitStatus
	for {
		_, err := unix.Wait4(pid, &ws, 0, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("waiting for %d: %w", pid, err)
		}
		break
	}
	r.ended = &Result{ExitCode: ws.ExitStatus(), Core: ws.CoreDump()}
	if ws.Signaled() {
		r.ended.ExitCode, r.ended.Signal = 0, int(ws.Signal())
	}
	return nil
}

// affinity makes the guest's calls on CPU affinity, which ours must not
// show in.
func (r *recorder) affinity(g engine.Regs, c *call) error {
	if c.nr == unix.SYS_SCHED_SETAFFINITY {
		r.e.NeverPin()
	} else {
		r.e.Unpin()
	}
	return r.plain(g, c)
}

// seccomp: a filter would hold for the calls that we make in the program, too,
// and might kill it for them.
func (r *recorder) seccomp(g engine.Regs, c *call) error {
	const getActionAvail, getNotifSizes = 2, 3
	if c.args[0] == getActionAvail || c.args[0] == getNotifSizes {
		return r.plain(g, c)
	}
	return r.goNative(g, "the program installs a seccomp filter, under which this version cannot record")
}

func (r *recorder) prctl(g engine.Regs, c *call) error {
	const setSeccomp, setSyscallUserDispatch = 22, 59
	switch c.args[0] {
	case setSeccomp:
		return r.goNative(g, "the program installs a seccomp filter, under which this version cannot record")
	case setSyscallUserDispatch:
		return r.goNative(g, "the program handles its own syscalls (PR_SET_SYSCALL_USER_DISPATCH), which this version cannot record")
	}
	if c.effect.Class == syscalls.Refused {
		c.result = errnoResult(unix.Errno(c.effect.Errno))
		return r.complete(g, c)
	}
	if c.effect.Class == syscalls.Unmodelled {
		return r.tracked(g, c)
	}
	return r.plain(g, c)
}

// ignoredSignals returns the set of signals that a process ignores.
func ignoredSignals(pid int) uint64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, s, _ := strings.Cut(string(b), "SigIgn:")
	s, _, _ = strings.Cut(s, "\n")
	v, err := strconv.ParseUint(strings.TrimSpace(s), 16, 64)
	if err != nil {
		return 0
	}
	return v
}
