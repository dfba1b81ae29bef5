package record

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
	"hindsight/internal/tracee"
)

// A process that is not recorded runs natively. It is watched all the same,
// since it may start, or execute, what is to be recorded: ptrace stops it for
// its forks, its execs and its signals, and for nothing else.

// leftOut is why a process runs natively that nobody asked to be recorded.
const leftOut = "--follow leaves it out"

// omission says why the process is not to be recorded from the image on that it
// has now, if it is not.
func (r *recorder) omission() (string, error) {
	if !r.chosen() {
		return leftOut, nil
	}
	why, err := r.unrecordable()
	if why != "" {
		r.report("%s: %s; it runs unrecorded", imageOf(r.pid, 0).Exe, why)
	}
	return why, err
}

// chosen reports whether the program that the process executes is to be recorded.
func (r *recorder) chosen() bool {
	if r.opt.Follow.All() {
		return true
	}
	image := imageOf(r.pid, 0)
	return r.opt.Follow.Match(image.Exe, image.Argv, r == r.root)
}

// watch lets a thread run natively until it ends, or executes what is to be
// recorded.
func (th *thread) watch() error {
	th.sendDeferred()
	sig := 0
	for !th.over && th.r.omitted != "" {
		// One that is gone says so when it is waited for.
		if err := ignoreGone(th.t.Cont(sig)); err != nil {
			return err
		}
		raw, err := th.await()
		if err != nil {
			return err
		}
		sig = 0
		switch {
		case raw.Ended():
			err = th.diedNative(raw)
		case raw.Kind == tracee.SignalDelivery:
			sig = raw.Signal
		case raw.Kind == tracee.Event:
			err = th.happened(raw)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sendDeferred sends again what signals came while we needed the thread to
// ourselves.
func (th *thread) sendDeferred() {
	for _, info := range th.t.Deferred {
		// Gone is an expected answer.
		_ = unix.Tgkill(th.t.PID, th.t.TID, unix.Signal(info.Signo()))
	}
	th.t.Deferred = nil
}

// happened handles a ptrace event of a thread that runs natively.
func (th *thread) happened(raw tracee.Stop) error {
	switch raw.Event {
	case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
		return ignoreGone(th.bore(int(raw.EventMsg)))
	case unix.PTRACE_EVENT_EXEC:
		return th.executed()
	}
	return nil
}

// bore takes over the thread or process that th has made.
func (th *thread) bore(tid int) error {
	t, err := th.t.Adopt(tid, th.sup.first(tid))
	if err != nil {
		return err
	}
	if processOf(tid) == th.t.PID {
		t.PID = th.t.PID
		other := &thread{r: th.r, t: t}
		th.sup.start(other, other.main)
		return nil
	}
	if !th.r.opt.Follow.children() {
		return t.Detach(0)
	}
	return th.r.watchChild(th, t)
}

// processOf returns the process that a thread belongs to.
func processOf(tid int) int {
	_, line, _ := strings.Cut(string(readProc(tid, "status")), "Tgid:")
	var pid int
	if _, err := fmt.Sscan(line, &pid); err != nil {
		return tid
	}
	return pid
}

// watchChild goes on with the process t, which parent has just made. What
// shares its parent's memory cannot be recorded before it executes something.
func (r *recorder) watchChild(parent *thread, t *tracee.Tracee) error {
	flags, ctid, err := parent.cloning()
	if err != nil {
		return err
	}
	child := &recorder{session: r.session, pid: t.PID, t: t, omitted: leftOut}
	if flags&cloneVM == 0 && r.opt.Follow.which != followGlob {
		if child.omitted, err = child.omission(); err != nil {
			return err
		}
	}
	origin := recording.OriginFork
	switch {
	case flags&cloneVfork != 0:
		origin = recording.OriginVfork
	case flags&cloneVM != 0:
		origin = recording.OriginClone
	}
	if err := r.announce(child, origin); err != nil {
		return err
	}
	th := &thread{r: child, t: t}
	main := th.main
	if child.omitted == "" {
		th.clearTID = ctid
		main = func() error {
			if err := th.takeUp(child.beginForked); err != nil {
				return err
			}
			return th.main()
		}
	}
	r.sup.start(th, main)
	return nil
}

// cloning returns the flags of the call by which th, which runs natively, has
// just made a child, and where that is to clear its TID.
func (th *thread) cloning() (flags, ctid uint64, err error) {
	g, err := th.t.Regs()
	if err != nil {
		return 0, 0, err
	}
	if g.Cs == user32 {
		return cloneVM, 0, nil // its calls have other numbers, and its children are like it
	}
	var args [6]uint64
	for i := range args {
		args[i] = *engine.Arg(&g, i)
	}
	return cloneArgs(th.t, g.Orig_rax, args)
}

// executed goes on with the program that a process running natively has
// executed, by whichever of its threads.
func (th *thread) executed() error {
	r := th.r
	r.t, r.th = th.t, th
	why, err := r.omission()
	if err != nil {
		return ignoreGone(err)
	}
	if why == "" {
		return th.takeUp(func() error { return r.begin(r.past) })
	}
	r.omitted = why
	r.tellPrivileges()
	return r.tellImage()
}

// tellImage adds to the recording what the process executes natively.
func (r *recorder) tellImage() error {
	if r.pw == nil {
		return nil
	}
	image := imageOf(r.pid, r.past)
	image.Native = r.omitted
	return r.pw.Exec(image)
}

// takeUp begins to record, with begin, a process of which th is the only thread.
func (th *thread) takeUp(begin func() error) error {
	r := th.r
	r.omitted, r.undumpable, th.dispatch = "", false, nil
	r.drainer = startDrain(r)
	if err := begin(); err != nil {
		raw, ok := th.death(err)
		if !ok {
			return err
		}
		return th.diedNative(raw)
	}
	r.present(th)
	return nil
}

// goNative ends recording with the image that the process has just executed,
// which is not to be recorded.
func (r *recorder) goNative(why string) error {
	th := r.th
	r.omitted, r.past = why, r.e.Tick()+1
	if th.policy != nil {
		r.report("%s runs without the seccomp filters that it has from a recorded program", imageOf(r.pid, 0).Exe)
	}
	if err := r.narrow(); err != nil {
		r.report("%s: %v", imageOf(r.pid, 0).Exe, err)
	}
	if err := r.log(event.AppendNote(nil, r.e.Tick(), "not recorded from here on: "+why)); err != nil {
		return err
	}
	if err := r.tellImage(); err != nil {
		return err
	}
	if err := r.lastDrain(); err != nil {
		return err
	}
	for info, ok := r.e.TakeSignal(); ok; info, ok = r.e.TakeSignal() {
		th.t.Deferred = append(th.t.Deferred, info)
	}
	r.stats = r.e.Stats
	err := r.e.Close()
	r.e, r.live = nil, nil
	return err
}

func (th *thread) diedNative(raw tracee.Stop) error {
	th.over = true
	if !th.leads() {
		return nil
	}
	th.r.ended = resultOf(raw)
	return th.r.finishProcess()
}
