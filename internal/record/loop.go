package record

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/tracee"
	"hindsight/internal/x86"
)

// step lets the guest run until it needs us, and does what it needs.
func (r *recorder) step() error {
	th := r.th
	if r.e.SignalWaits() {
		return r.queued() // it came while the process was taken over
	}
	if err := r.shutForeign(); err != nil {
		return err
	}
	if err := r.watchExit(th); err != nil {
		return err
	}
	th.running, th.last = true, 0
	stop, err := r.e.Run()
	th.running = false
	if err != nil {
		return err
	}
	if err = r.handle(stop); err != nil || r.ended != nil || th.over || th.r != r || r.omitted != "" {
		return err
	}
	if r.opt.CheckCalls && (stop.Kind == engine.StopSyscall || stop.Kind == engine.StopFinish) {
		if err := r.checkCall(); err != nil || r.ended != nil || th.over {
			return err
		}
	}
	return r.queued()
}

// handle does what a stop needs.
func (r *recorder) handle(stop engine.Stop) (err error) {
	switch stop.Kind {
	case engine.StopSyscall:
		err = r.syscall(stop.Regs)
	case engine.StopFinish:
		err = r.finishSyscall(stop.Regs, stop.Result)
	case engine.StopInsn:
		err = r.retry(stop.Regs)
	case engine.StopNative:
		err = r.native(stop.Regs)
	case engine.StopNondet:
		err = r.nondet(stop.Regs)
	case engine.StopForeign:
		err = r.foreign(stop.Regs, stop.Info.Addr())
	case engine.StopFault:
		err = r.fault(stop)
	case engine.StopVDSO:
		err = r.vdsoFault(stop)
	case engine.StopSignal:
		err = r.signal(stop.Info)
	case engine.StopBreak:
		err = r.surprised(stop.Regs)
	case engine.StopPause:
		err = r.paused(stop.Regs)
	case engine.StopInterrupt:
		err = r.interrupted()
	case engine.StopHalt:
		err = r.halted()
	case engine.StopTraced:
		err = r.trap(stop.Regs)
	case engine.StopTrapFlag:
		err = r.e.SetGuest(stop.Regs)
	case engine.StopEnded:
		err = r.threadDied(r.th, stop.Raw)
	default:
		err = fmt.Errorf("process %d: unexpected stop: %v", r.t.PID, stop.Raw)
	}
	return err
}

// retry makes room in the log and lets the guest try again.
func (r *recorder) retry(g engine.Regs) error {
	if err := r.drain(); err != nil {
		return err
	}
	return r.e.SetGuest(g)
}

// native lets the CPU execute an instruction that is not translated.
func (r *recorder) native(g engine.Regs) error {
	if inst, ok := r.e.Decode(g.Rip); ok {
		if isCall32(&inst) {
			return r.call32(g)
		}
	} else if err := r.unknown(g.Rip); err != nil {
		return err
	}
	stop, err := r.e.StepNative(g)
	if err != nil {
		return err
	}
	if stop.Kind == engine.StopFault {
		return r.raise(stop)
	}
	return r.goOn(&g, stop.Regs)
}

// unknown notes which bytes the decoder does not know, where there are any.
func (r *recorder) unknown(pc uint64) error {
	var b [15]byte
	n := r.e.Fetch(pc, b[:])
	if n < len(b) {
		return nil
	}
	return r.log(event.AppendNote(nil, r.e.Tick(), fmt.Sprintf("unknown instruction at %#x: % x", pc, b)))
}

// nondet executes an instruction whose results the log must hold.
func (r *recorder) nondet(g engine.Regs) error {
	inst, ok := r.e.Decode(g.Rip)
	if !ok {
		return r.native(g)
	}
	stop, err := r.e.StepNative(g)
	if err != nil {
		return err
	}
	if stop.Kind == engine.StopFault {
		return r.raise(stop)
	}
	var w event.Writes
	for _, m := range inst.Mems() {
		if m.Access&x86.Write == 0 {
			continue
		}
		size := uint64(m.Size)
		if size == 0 {
			size = r.xsaveSize()
		}
		if w, err = r.appendMemory(w, engine.Address(&g, &inst, m), size); err != nil {
			return err
		}
	}
	return r.logStep(&g, stop.Regs, w)
}

// xsaveSize bounds what XSAVE and its kin write.
func (r *recorder) xsaveSize() uint64 {
	x, err := r.t.XState()
	if err != nil {
		return 4096
	}
	return uint64(len(x))
}

// vdsoFault delivers a fault within a function of the vDSO. How the guest came
// there is logged as if that were one instruction.
func (r *recorder) vdsoFault(stop engine.Stop) error {
	g := stop.Regs
	if err := r.t.WriteMem(g.Rsp, stop.Stack); err != nil {
		return err
	}
	mem := event.Mem{Writes: event.Writes(nil).Append(g.Rsp, stop.Stack)}
	ev := event.AppendMem(nil, r.e.Tick(), mem)
	ev = event.AppendRegs(ev, r.e.Tick(), event.Regs{Regs: engine.PackRegs(&g)})
	if err := r.logAll(ev); err != nil {
		return err
	}
	return r.deliver(stop.Info, engine.Boundary{Regs: g}, true)
}

// appendMemory adds guest memory to w, as far as it can be read.
func (r *recorder) appendMemory(w event.Writes, addr, n uint64) (event.Writes, error) {
	b := make([]byte, n)
	got, err := r.t.ReadMem(addr, b)
	if got == 0 && errors.Is(err, tracee.ErrGone) {
		return w, err
	}
	if got > 0 {
		w = w.Append(addr, b[:got])
	}
	return w, nil
}

// end notes how the program ended.
func (r *recorder) end(raw tracee.Stop) error {
	r.ended = resultOf(raw)
	core := uint64(0)
	if raw.CoreDumped {
		core = 1
	}
	exit := event.Exit{Code: uint64(raw.ExitCode), Signal: uint64(raw.Signal), Core: core, PC: r.exitPC}
	if raw.Signal != 0 && raw.Signal == r.exitInfo.Signo() {
		exit.Siginfo = r.exitInfo[:]
	}
	err := r.log(event.AppendExit(nil, r.e.Tick(), exit))
	for _, th := range r.visitors() {
		r.sup.wake(th)
	}
	return both(err, r.finishProcess())
}

// interrupted handles an interrupt, by which others may have asked for the
// baton; checksums of the guest's state are noted, when that is wanted.
func (r *recorder) interrupted() error {
	if done, err := r.continuePartial(); done || err != nil {
		return err
	}
	b, over, err := r.toBoundary()
	if over || err != nil {
		return err
	}
	if b.Waits && r.wanted() {
		return r.awaitPages(b.Regs, false)
	}
	if now := time.Now(); !b.InSyscall && !b.Partial && r.checks(now) {
		if err := r.logCheck(&b.Regs); err != nil {
			return err
		}
		// Much memory takes its time, and that of all processes that of the same thread.
		r.checkCost = time.Since(now)
		r.checkDue = now.Add(max(r.opt.Check, 5*r.checkCost))
		r.sup.checkDue = now.Add(3 * r.checkCost)
	}
	if r.wanted() {
		return r.yield(b)
	}
	return r.resume(b)
}

// checkCall notes checksums behind a call; where they take long, not behind each.
func (r *recorder) checkCall() error {
	if r.checkCost < 5*time.Millisecond {
		r.checkDue, r.sup.checkDue = time.Time{}, time.Time{}
	}
	return r.interrupted()
}

// checks reports whether checksums are to be noted now.
func (r *recorder) checks(now time.Time) bool {
	return r.opt.Check > 0 && r.w != nil && !now.Before(r.checkDue) && !now.Before(r.sup.checkDue) && !r.writing()
}

// writing reports whether the kernel may write to memory at any time, in a call
// that another thread is in and that spare memory was too small for.
func (r *recorder) writing() bool {
	for th := range r.live {
		if c := th.made.c; th.calling && c != nil && c.loan == nil && c.row != nil && len(c.row.Out) > 0 {
			return true
		}
	}
	return false
}

// toBoundary brings the guest, which was stopped anywhere, to a boundary. A fault,
// or a call whose stub left the rest to us, comes first: then it is handled, and
// over.
func (r *recorder) toBoundary() (b engine.Boundary, over bool, err error) {
	b, err = r.e.ToBoundary()
	switch {
	case err != nil:
		return b, false, err
	case b.Fault != nil:
		return b, true, r.raise(engine.Stop{Regs: b.Regs, Info: *b.Fault})
	case b.Finish != nil:
		return b, true, r.finishSyscall(b.Regs, *b.Finish)
	}
	return b, false, nil
}

// yield lets the others run. If the guest is in a syscall it goes on there.
func (r *recorder) yield(b engine.Boundary) error {
	if !b.InSyscall {
		if err := r.giveWay(b.Regs); err != nil {
			return err
		}
		return r.e.SetGuest(b.Regs)
	}
	if err := r.logInterrupted(b); err != nil {
		return err
	}
	g := before(b)
	return r.yieldIn(g, r.interruptedCall(g, b))
}

// logInterrupted logs what the kernel has written in a call that goes on: poll's
// revents, say, and the time that nanosleep has left. Others may read that, and at
// the call's end it may be no output.
func (r *recorder) logInterrupted(b engine.Boundary) error {
	w, err := r.interruptedOutputs(&b)
	if err != nil {
		return err
	}
	return r.logMem(w)
}

// logOutputs logs what a call has written that is not over.
func (r *recorder) logOutputs(c *call, result uint64) error {
	w, err := r.outputs(c, result)
	if err != nil {
		return err
	}
	return r.logMem(w)
}

// logMem logs writes that belong to the next event with a moment.
func (r *recorder) logMem(w event.Writes) error {
	if len(w) == 0 {
		return nil
	}
	return r.logAll(event.AppendMem(nil, r.e.Tick(), event.Mem{Writes: w}))
}

// before returns the registers of the guest before the syscall that it is in.
func before(b engine.Boundary) engine.Regs {
	g := b.Regs
	g.Rip, g.Rax, g.Orig_rax = g.Rip-syscallLen, g.Orig_rax, ^uint64(0)
	return g
}

// interruptedCall returns the call at g to be made again, since it was
// interrupted at b.
func (r *recorder) interruptedCall(g engine.Regs, b engine.Boundary) *call {
	c := r.newCall(&g)
	c.begun, c.restarts = b.Regs.Rax, engine.RestartBlock(b.Regs.Rax)
	if c.nr == unix.SYS_POLL && int32(c.args[2]) < 0 {
		// The kernel would write to the array that it was told first, while others
		// run. There is no time left that it alone knows.
		c.restarts = false
	}
	return c
}

// yieldIn makes a call that has blocked before, and lets the others run
// meanwhile, whatever the table says.
func (r *recorder) yieldIn(g engine.Regs, c *call) error {
	c.effect.Blocks = true
	return r.plain(g, c)
}

// resume lets the guest go on from where ToBoundary brought it.
func (r *recorder) resume(b engine.Boundary) error {
	if b.InSyscall {
		// It stands in the stub still, and the kernel restarts it.
		return r.logInterrupted(b)
	}
	return r.e.SetGuest(b.Regs)
}

func (r *recorder) logCheck(g *engine.Regs) error {
	xstate, err := r.t.XState()
	if err != nil {
		return err
	}
	if err := r.e.Grow(0, ^uint64(0)); err != nil {
		return err
	}
	hash, pages, err := engine.MemoryHash(r.t, r.e.Space, g.Rsp, r.e.Ours)
	if err != nil {
		return err
	}
	// What can be read of a process that SIGKILL has ended is not what it had.
	if _, err := r.t.Regs(); err != nil {
		return err
	}
	return r.log(event.AppendCheck(nil, r.e.Tick(), event.Check{
		PC: g.Rip, RegsHash: engine.StateHash(g, xstate), MemHash: hash, MemPages: pages,
	}))
}
