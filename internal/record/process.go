package record

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
	"hindsight/internal/syscalls"
	"hindsight/internal/tracee"
)

// exit lets the process end.
func (r *recorder) exit(g engine.Regs, c *call) error {
	if c.nr == unix.SYS_EXIT && len(r.live) > 1 || r.t.PID != r.pid {
		return r.exitThread(g, c)
	}
	r.exitPC = g.Rip
	if err := r.openForeign(); err != nil {
		return err // robust futexes may lie there
	}
	return r.execute(g, c)
}

// execve replaces the image, and the engine with it.
func (r *recorder) execve(g engine.Regs, c *call) error {
	// The new image's engine must find the program's own affinity.
	r.e.Unpin()
	if err := r.restoreAll(); err != nil {
		return err
	}
	if err := r.openForeign(); err != nil {
		return err
	}
	replaced := false
	err := r.makeCall(g, g, c, during{
		event: func(raw tracee.Stop) (bool, error) {
			replaced = raw.Event == unix.PTRACE_EVENT_EXEC
			if !replaced {
				return false, nil
			}
			return true, r.newImage(g, c)
		},
		signal: func(raw tracee.Stop) (bool, int, error) {
			done, _, err := r.duringCall(raw, g, c)
			return done, 0, err
		},
	})
	if err != nil || c.interrupted || replaced {
		return err
	}
	return r.complete(g, c)
}

// newImage goes on with the program that execve has loaded.
func (r *recorder) newImage(g engine.Regs, c *call) error {
	r.keepSignals()
	if r.t.PID != r.pid {
		return r.departs(g, c)
	}
	tick := r.e.Tick()
	if err := r.logCall(c, event.FlagEffect, nil, event.AppendExec(nil, tick, event.Exec{Snapshot: uint64(r.snapshots)})); err != nil {
		return err
	}
	if err := r.drain(); err != nil {
		return err
	}
	switch why, err := r.omission(); {
	case err != nil:
		return err
	case why != "":
		return r.goNative(why)
	}
	old := r.e
	r.undumpable, r.th.dispatch = false, nil
	err := r.begin(tick + 1)
	if r.e != old {
		err = errors.Join(err, old.Close())
	}
	if err != nil {
		return err
	}
	r.present(r.th)
	return nil
}

// keepSignals gives the signals that have been taken from the present thread, and
// not delivered, to whoever goes on with it: they outlive execve (execve(2)).
func (r *recorder) keepSignals() {
	var waiting []engine.Signal
	for info, ok := r.e.TakeSignal(); ok; info, ok = r.e.TakeSignal() {
		waiting = append(waiting, info)
	}
	r.t.Deferred = waiting
}

// departs goes on with the image of a process that shared memory with this one
// until now. It gets a recorder of its own, or goes its way.
func (r *recorder) departs(g engine.Regs, c *call) error {
	th := r.th
	tick := r.e.Tick()
	err := r.logCall(c, event.FlagEffect, nil, event.AppendThreadEnd(nil, tick, event.ThreadEnd{TID: uint64(th.t.TID)}))
	if err != nil {
		return err
	}
	delete(r.live, th)
	defer r.release(th, g.Rip+syscallLen)
	if !r.opt.Follow.children() {
		th.over = true
		return ignoreGone(th.t.Detach(0))
	}
	child := &recorder{session: r.session, pid: th.t.PID, t: th.t, th: th, as: r.as}
	if child.omitted, err = child.omission(); err != nil {
		return err
	}
	if err := r.announce(child, recording.OriginVfork); err != nil {
		return err
	}
	th.r = child
	if child.omitted != "" {
		return nil
	}
	return th.takeUp(func() error { return child.begin(0) })
}

// affinity makes the guest's calls on CPU affinity, which ours must not
// show in.
func (r *recorder) affinity(g engine.Regs, c *call) error {
	of := r.th
	for _, th := range r.sup.threads {
		if c.args[0] != 0 && th.r.e != nil && inNamespace(th.t.TID, strconv.FormatUint(c.args[0], 10)) {
			of = th
		}
	}
	if c.nr == unix.SYS_SCHED_SETAFFINITY {
		of.r.e.NeverPin(of.t.TID)
	} else {
		of.r.e.Unpin()
	}
	return r.plain(g, c)
}

func (r *recorder) prctl(g engine.Regs, c *call) error {
	const getDumpable, setDumpable = 3, 4
	switch c.args[0] {
	case getDumpable, setDumpable:
		return r.dumpable(g, c)
	case prSetSeccomp:
		return r.prctlSeccomp(g, c)
	case prGetSeccomp:
		c.result = r.th.policy.mode()
		return r.complete(g, c)
	case prSetUserDispatch:
		return r.setDispatch(g, c)
	}
	if c.effect.Class == syscalls.Refused {
		return r.fail(g, c, c.effect.Errno)
	}
	if c.effect.Class == syscalls.Unmodelled {
		return r.tracked(g, c)
	}
	return r.plain(g, c)
}

// signalSet returns one of the sets of signals that the kernel tells of a
// process (proc(5), status), none of one that is gone.
func signalSet(pid int, name string) uint64 {
	mask, err := tracee.StatusMask(strconv.Itoa(pid), name)
	if err != nil {
		return 0
	}
	return mask
}
