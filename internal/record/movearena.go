package record

import (
	"maps"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// attempt is a call that we make for a thread.
type attempt struct {
	c         *call
	g, native engine.Regs // the guest's registers, and those that the call is made with
	gadget    uint64      // where
	// outdated: its arguments point to aliases that are no longer there.
	outdated bool
}

// moveArena moves the arena out of [start, end), and reports whether it could.
func (r *recorder) moveArena(start, end uint64) (bool, error) {
	to, ok := r.e.PlaceBeside(start, end)
	if !ok {
		r.report("a mapping at %#x is refused: the recorder's own memory is there, and has no other place", start)
		return false, nil
	}
	inside, ok := r.inside()
	if ok, err := r.withdraw(inside, ok, start); !ok || err != nil {
		return false, err
	}
	if err := r.drain(); err != nil {
		return false, err
	}
	if err := r.drainer.moveArena(to); err != nil {
		return false, err
	}
	if err := r.logArena(to, engine.ArenaSize, false); err != nil {
		return false, err
	}
	return true, r.sendBack(inside)
}

// moveArena moves the arena while nobody reads the log buffer.
func (d *drainer) moveArena(to uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.e.MoveArena(to)
}

// inside returns the other threads that are in the kernel, which would bring
// them back to where the arena is now. It reports false if one is to stay there.
func (r *recorder) inside() (in []*thread, ok bool) {
	for _, tid := range slices.Sorted(maps.Keys(r.sup.threads)) {
		th := r.sup.threads[tid]
		if th.r != r || !th.inKernel() {
			continue
		}
		if !th.made.c.recallable() {
			return nil, false
		}
		in = append(in, th)
	}
	return in, true
}

// aliasUsers returns those of the other threads in the kernel whose calls have got
// aliases in [start, end), and marks all whose arguments are outdated then. It
// reports false if one is to stay there.
func (r *recorder) aliasUsers(start, end uint64) (users []*thread, ok bool) {
	ok = true
	for _, tid := range slices.Sorted(maps.Keys(r.sup.threads)) {
		th := r.sup.threads[tid]
		if th.r != r || !th.calling || !th.made.uses(r.e, start, end) {
			continue
		}
		th.made.outdated = true
		if th.inKernel() {
			ok = ok && th.made.c.recallable()
			users = append(users, th)
		}
	}
	return users, ok
}

// uses reports whether the call has got an alias in [start, end), now or when the
// kernel was first told of it.
func (m *attempt) uses(e *engine.Engine, start, end uint64) bool {
	for i := range m.c.args {
		if e.AliasIn(*engine.Arg(&m.g, i), start, end) {
			return true
		}
	}
	return false
}

// withdraw calls threads back from the kernel, for something to be mapped at start, and
// reports whether all came: ok says whether they can. If not they go on.
func (r *recorder) withdraw(threads []*thread, ok bool, start uint64) (bool, error) {
	if ok {
		var err error
		if ok, err = r.recall(threads); err != nil {
			return false, err
		}
	}
	if !ok {
		r.report("a mapping at %#x is refused: the recorder's own memory is there, and other threads are in calls", start)
		return false, r.sendBack(threads)
	}
	return true, nil
}

// recall interrupts threads in their calls, and reports whether all came back.
func (r *recorder) recall(threads []*thread) (bool, error) {
	all := true
	for _, th := range threads {
		back, err := th.recall()
		if err != nil {
			return false, err
		}
		all = all && back
	}
	return all, nil
}

// inKernel reports whether th is in a call that we make for it.
func (th *thread) inKernel() bool {
	return th.calling && !th.t.Kept() && !th.queued && !th.t.Listening()
}

// recallable reports whether nobody sees that the call was interrupted and made
// again: a transfer would be cut short, and a vfork cannot be interrupted.
func (c *call) recallable() bool {
	w, whole := wholeCalls[c.nr]
	return c.child == nil && !c.partial && !(whole && c.args[w.flagArg]&uint64(w.flags) == uint64(w.flags))
}

// recallTime is how long a thread may take that does not sleep for good.
const recallTime = 2 * time.Second

// recall interrupts th in its call.
func (th *thread) recall() (bool, error) {
	if err := th.t.Interrupt(); err != nil {
		return true, ignoreGone(err)
	}
	for start := time.Now(); time.Since(start) < recallTime; time.Sleep(20 * time.Microsecond) {
		stop, stopped, err := th.t.Poll()
		if err != nil {
			return false, err
		}
		if stopped {
			th.t.Keep(stop)
			return true, nil
		}
	}
	return false, nil
}

// sendBack lets threads go on in their calls that were recalled. The present
// thread finds them there, as if they had never left.
func (r *recorder) sendBack(threads []*thread) error {
	self := r.th
	defer r.become(self)
	for _, th := range threads {
		if !th.t.Kept() {
			continue // not back yet: nothing has moved
		}
		r.become(th)
		raw, err := th.t.Wait()
		if err != nil {
			return ignoreGone(err)
		}
		again := false
		if raw.Kind == tracee.Event && raw.Event == unix.PTRACE_EVENT_STOP {
			if again, _, err = r.reenter(raw, true); err != nil {
				return ignoreGone(err)
			}
		}
		if !again {
			th.t.Keep(raw)
		} else if err := th.t.Cont(0); err != nil {
			return ignoreGone(err)
		} else if err := th.awaitState('S'); err != nil {
			return err
		}
		if th.t.Kept() && th.waiting {
			th.sup.wake(th)
		}
	}
	return nil
}

// become makes everything speak of th, which does not run.
func (r *recorder) become(th *thread) {
	r.e.Use(th.eng)
	r.th, r.t, r.sigs = th, th.t, th.sigs
}

// followArena is called at a stop of the present thread on the way of a call. If
// the arena has moved meanwhile it puts the thread where that is now, and reports
// whether it has made the call begin again, behind the signal pass.
func (r *recorder) followArena(raw tracee.Stop) (again bool, pass int, err error) {
	if r.th.made.gadget == r.e.Gadget() && !r.th.made.outdated {
		return false, 0, nil
	}
	return r.reenter(raw, false)
}

// reenter is followArena for a thread that was recalled, or whose arena has moved.
func (r *recorder) reenter(raw tracee.Stop, recalled bool) (again bool, pass int, err error) {
	th, m := r.th, &r.th.made
	was := m.gadget
	regs, err := th.t.Regs()
	if err != nil || regs.Rip-was > syscallLen+1 {
		return false, 0, err
	}
	m.gadget = r.e.Gadget()
	unseen := raw.Kind == tracee.Event && raw.Event == unix.PTRACE_EVENT_STOP
	if raw.Kind == tracee.SignalDelivery && r.fateOf(raw.Signal) == fateNothing {
		unseen, pass = true, raw.Signal
	}
	interrupted := engine.Interrupted(m.c.nr, regs.Rax) || recalled && neverRestarted[m.c.nr] && regs.Rax == errnoResult(unix.EINTR)
	if unseen && (regs.Rip == was || regs.Rip == was+syscallLen && interrupted) {
		return true, pass, r.remake(m, regs.Rax)
	}
	regs.Rip += m.gadget - was
	return false, 0, th.t.SetRegs(&regs)
}

// remake begins a call again, with a new loan if it had one, and other aliases if
// those are gone.
func (r *recorder) remake(m *attempt, result uint64) error {
	native := m.native
	if m.outdated {
		m.outdated, m.c.restarts = false, false
		native = m.g
	}
	if r.returnLoan(m.c) != nil || native != m.native {
		native = r.borrow(m.g, m.c)
		if err := r.reachForeign(&native, m.c); err != nil {
			return err
		}
		m.native = native
	} else if engine.RestartBlock(result) {
		native.Rax = unix.SYS_RESTART_SYSCALL
		if err := r.logOutputs(m.c, errnoResult(unix.EINTR)); err != nil {
			return err
		}
	}
	return r.enterGadget(native)
}
