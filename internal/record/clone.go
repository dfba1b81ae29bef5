package record

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
	"hindsight/internal/tracee"
)

// Flags of clone(2).
const (
	cloneVM            = 0x100
	cloneFiles         = 0x400
	cloneSighand       = 0x800
	cloneVfork         = 0x4000
	cloneUntraced      = 0x800000
	cloneThread        = 0x10000
	cloneChildClearTID = 0x200000
	cloneChildSetTID   = 0x1000000
	cloneClearSighand  = 0x100000000
)

// fork makes a thread or a child.
func (r *recorder) fork(g engine.Regs, c *call) error {
	var err error
	if c.flags, c.childTID, err = cloneArgs(r.t, c.nr, c.args); err != nil {
		return r.fail(g, c, unix.EFAULT)
	}
	if err := r.restoreAll(); err != nil {
		return err
	}
	// The affinity that a burst of stops has brought would be inherited.
	r.e.Unpin()
	if c.flags&cloneVM != 0 {
		return r.cloneThread(g, c)
	}
	// It must be able to write where its parent could.
	if err := r.e.Unprotect(0, ^uint64(0)); err != nil {
		return err
	}
	shared, err := r.shareAnonymous()
	if err != nil {
		return err
	}
	if err := r.executeClone(g, c); err != nil || c.interrupted {
		return err
	}
	w, err := r.outputs(c, c.result)
	if err != nil {
		return err
	}
	var flags event.Flags
	if len(shared) > 0 {
		flags = event.FlagEffect
	}
	return r.finish(g, c, flags, w, shared...)
}

// cloneThread makes a thread, or a process that shares the caller's memory: for
// as long as it does it is like a thread here. That of a vfork runs while its
// maker waits in the call.
func (r *recorder) cloneThread(g engine.Regs, c *call) error {
	if err := r.executeClone(g, c); err != nil || c.interrupted {
		return err
	}
	w, err := r.outputs(c, c.result)
	if err != nil {
		return err
	}
	if c.child == nil || c.flags&cloneVfork != 0 {
		return r.finish(g, c, 0, w)
	}
	ev, err := r.startThread(g, c)
	if err != nil {
		return err
	}
	return r.finish(g, c, event.FlagEffect, w, event.AppendThread(nil, r.e.Tick(), ev))
}

// cloneArgs returns the flags of fork or its kin, and the argument child_tid.
func cloneArgs(t *tracee.Tracee, nr uint64, args [6]uint64) (flags, ctid uint64, err error) {
	switch nr {
	case unix.SYS_FORK:
		return 0, 0, nil
	case unix.SYS_CLONE:
		return args[0], args[3], nil
	case unix.SYS_CLONE3:
		var b [24]byte // struct clone_args: flags, pidfd, child_tid
		if n, err := t.ReadMem(args[0], b[:]); n < len(b) {
			return 0, 0, err
		}
		return binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[16:]), nil
	}
	return cloneVM | cloneVfork, 0, nil
}

// executeClone makes the call, and takes over what it makes.
func (r *recorder) executeClone(g engine.Regs, c *call) error {
	native, err := r.tracedClone(g, c)
	if err != nil {
		return err
	}
	return r.makeCall(g, native, c, during{
		event: func(raw tracee.Stop) (bool, error) {
			switch raw.Event {
			case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
				return false, r.born(int(raw.EventMsg), g, c)
			}
			return false, nil
		},
		signal: func(raw tracee.Stop) (bool, int, error) { return r.duringClone(raw, c) },
	})
}

// maxCloneArgs is more than clone3 knows of; what lies behind must be zero.
const maxCloneArgs = 256

// tracedClone returns the registers of the clone at g without CLONE_UNTRACED, with
// which we would not hear of what it makes.
func (r *recorder) tracedClone(g engine.Regs, c *call) (engine.Regs, error) {
	switch {
	case c.flags&cloneUntraced == 0:
	case c.nr == unix.SYS_CLONE3:
		args := make([]byte, min(c.args[1], maxCloneArgs))
		if _, err := r.t.ReadMem(c.args[0], args); err != nil {
			return g, err
		}
		binary.LittleEndian.PutUint64(args, c.flags&^cloneUntraced)
		g.Rdi, g.Rsi = r.e.Lend(args), uint64(len(args))
	default:
		g.Rdi &^= cloneUntraced
	}
	return g, nil
}

// duringClone is duringCall, but a signal waits: fork restarts by itself
// (ERESTARTNOINTR), and the child of a vfork is not disturbed.
func (r *recorder) duringClone(raw tracee.Stop, c *call) (done bool, pass int, err error) {
	regs, returned, err := r.returned(raw)
	if err != nil {
		return false, 0, err
	}
	if returned {
		c.result = regs.Rax
		return true, 0, r.e.KeepMask(raw.Signal)
	}
	if r.t.Halts(raw.Signal) {
		return false, raw.Signal, nil
	}
	info, err := r.t.Siginfo()
	if err != nil {
		return false, 0, err
	}
	r.e.Queue(info)
	return false, 0, nil
}

// born takes over what the call has made.
func (r *recorder) born(tid int, g engine.Regs, c *call) error {
	child, err := r.t.Adopt(tid, r.sup.first(tid))
	if err != nil {
		return ignoreGone(err)
	}
	c.child = child
	if mask := r.e.Mask(); mask != 0 {
		if err := child.SetSigMask(mask); err != nil {
			return ignoreGone(err)
		}
	}
	switch {
	case c.flags&cloneVM == 0:
		return r.startProcess(g, c)
	case c.flags&cloneThread != 0:
		child.PID = r.t.PID
	}
	if c.flags&cloneVfork == 0 {
		return nil
	}
	ev, err := r.startThread(g, c)
	if err != nil {
		return err
	}
	// The child may look at what its maker, who waits for it, has been given: its
	// TID, its pidfd.
	w, err := r.outputs(c, uint64(child.TID))
	if err != nil {
		return err
	}
	ev.Writes = append(ev.Writes, w...)
	c.yields = true
	ev.PC = g.Rip
	return r.log(event.AppendThread(nil, r.e.Tick(), ev))
}

// childRegs returns the registers of what the call at g has made, behind it:
// its own are its stack and its thread pointer.
func (c *call) childRegs(g engine.Regs) (engine.Regs, error) {
	regs, err := c.child.Regs()
	if err != nil {
		return g, err
	}
	engine.SetResult(&g, 0)
	g.Fs_base, g.Orig_rax, g.Rsp = regs.Fs_base, ^uint64(0), regs.Rsp
	return g, nil
}

// childDispositions are the caller's, or a copy (clone(2)).
func (r *recorder) childDispositions(c *call) *dispositions {
	if c.flags&cloneSighand != 0 {
		return r.sigs
	}
	d := *r.sigs
	if c.flags&cloneClearSighand != 0 {
		for i := range d {
			if d[i].handler != sigIGN {
				d[i] = sigaction{}
			}
		}
	}
	return &d
}

// startThread begins to record the thread that the call has made, and returns
// its event.
func (r *recorder) startThread(g engine.Regs, c *call) (ev event.Thread, err error) {
	t := c.child
	if g, err = c.childRegs(g); err != nil {
		return ev, err
	}
	th := &thread{r: r, t: t, eng: r.e.NewThread(t), sigs: r.childDispositions(c), regs: g, policy: r.th.policy}
	// One that its maker waits for executes another program before anybody kills it.
	th.sharer = c.flags&(cloneThread|cloneVfork) == 0
	if c.flags&cloneChildClearTID != 0 {
		th.clearTID = c.childTID
	}
	ev = event.Thread{TID: uint64(t.TID), Regs: engine.PackRegs(&g)}
	if c.flags&cloneFiles == 0 {
		ev.Flags = event.FlagFiles
	}
	if c.flags&cloneChildSetTID != 0 {
		if ev.Writes, err = r.appendMemory(ev.Writes, c.childTID, 4); err != nil {
			return ev, err
		}
	}
	th.watchHalts()
	r.live[th] = true
	r.sup.start(th, th.begin)
	return ev, nil
}

// startProcess begins to record the child that the call has made, or lets it go.
func (r *recorder) startProcess(g engine.Regs, c *call) error {
	g, err := c.childRegs(g)
	if err != nil {
		return ignoreGone(err)
	}
	if !r.opt.Follow.children() {
		if err := r.openIn(c.child); err != nil {
			return ignoreGone(err)
		}
		if r.th.policy != nil {
			r.report("a child that is not recorded runs without the program's seccomp filters")
		}
		if err := c.child.SetRegs(&g); err != nil {
			return ignoreGone(err)
		}
		return ignoreGone(c.child.Detach(0))
	}
	return ignoreGone(r.forked(g, c))
}

// forked makes the recorder of a child.
func (r *recorder) forked(g engine.Regs, c *call) (err error) {
	child := &recorder{
		session: r.session, pid: c.child.PID, t: c.child,
		sigs: r.childDispositions(c), brk: r.brk, as: r.as, undumpable: r.undumpable,
	}
	if child.e, err = r.e.Child(c.child); err != nil {
		return err
	}
	child.e.OnRegion, child.e.OnCode = child.logArena, child.logCode
	if err := r.announce(child, recording.OriginFork); err != nil {
		return errors.Join(err, child.e.Close())
	}
	child.drainer = startDrain(child)
	th := child.first(r.th.policy)
	if c.flags&cloneChildClearTID != 0 {
		th.clearTID = c.childTID
	}
	// Behind the snapshot: replay makes the process with its arena there.
	if err := child.logArena(child.e.Arena(), engine.ArenaSize, false); err != nil {
		return err
	}
	if err := child.snapshot(&g, child.e.Mask()); err != nil {
		return err
	}
	return child.e.SetGuest(g)
}

// announce tells the recording of a new process, behind what its parent has
// done so far.
func (r *recorder) announce(child *recorder, origin recording.Origin) error {
	if r.w == nil {
		return nil
	}
	if r.omitted == "" {
		if err := r.drain(); err != nil {
			return err
		}
	}
	image := imageOf(child.pid, r.ticks())
	image.Native = child.omitted
	var err error
	child.pw, err = r.w.Process(recording.Process{
		Parent: r.pw.Number(), PID: child.pid, Origin: origin, Images: []recording.Image{image},
	})
	if err != nil {
		return fmt.Errorf("process %d: %w", child.pid, err)
	}
	child.named = child.omitted == ""
	return nil
}

func ignoreGone(err error) error {
	if errors.Is(err, tracee.ErrGone) {
		return nil
	}
	return err
}
