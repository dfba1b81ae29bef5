package replay

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
)

// Limits say what ends a Run besides the end of history.
type Limits struct {
	Tick      uint64            // the first moment of this tick; 0: none
	First     bool              // Tick is meant before what happens at its first moment
	At        Moment            // this moment, if it is met where the guest stops anyway; PC 0: none
	Signals   bool              // stop before each signal is delivered
	Catch     func(nr int) bool // stop before and behind these syscalls
	Interrupt <-chan struct{}   // when closed
	Watch     []Watch           // accesses to memory

	Switch func(from, to int) bool // behind these switches between threads
}

// Reason says why a Run ended.
type Reason uint8

// Reasons for a Run to end.
const (
	AtTick Reason = iota + 1
	AtBreak
	AtSignal
	AtSyscallEntry
	AtSyscallReturn
	AtWatch
	AtSwitch
	AtInterrupt
	AtEnd
	afterStep
)

// Outcome is how a Run ended.
type Outcome struct {
	Reason  Reason
	Signal  int    // AtSignal
	Syscall int    // AtSyscallEntry, AtSyscallReturn
	Watch   Watch  // AtWatch: the guest stands behind the access
	Before  Moment // AtWatch: the moment before it; zero: not known
}

// Run replays until one of the limits. A breakpoint at the present
// instruction does not count.
func (p *Player) Run(lim Limits) (Outcome, error) {
	if err := p.arm(&lim); err != nil {
		return Outcome{}, err
	}
	out, err := p.run(&lim)
	if e := p.disarm(); err == nil {
		err = e
	}
	return out, err
}

func (p *Player) run(lim *Limits) (Outcome, error) {
	if p.breaks[p.regs.Rip] {
		tid := p.Now().TID
		out, err := p.step(lim)
		if err != nil || out.Reason != afterStep {
			return out, err
		}
		if p.switched(tid, lim) {
			return Outcome{Reason: AtSwitch}, nil
		}
		if p.breaks[p.regs.Rip] {
			return Outcome{Reason: AtBreak}, nil
		}
	}
	stop := p.onInterrupt(lim)
	defer stop()
	for {
		tid := p.Now().TID
		out, err := p.once(lim)
		if err == nil && out.Reason == 0 {
			out = p.takeHit()
		}
		if err == nil && out.Reason == 0 && p.switched(tid, lim) {
			out.Reason = AtSwitch
		}
		if err != nil || out.Reason != 0 {
			return out, err
		}
	}
}

// switched reports whether there was a switch from tid that ends a Run.
func (p *Player) switched(tid int, lim *Limits) bool {
	now := p.Now().TID
	return lim.Switch != nil && now != tid && lim.Switch(tid, now)
}

// onInterrupt makes the tracee stop when the limits' Interrupt is closed.
func (p *Player) onInterrupt(lim *Limits) (stop func()) {
	if lim.Interrupt == nil {
		return func() {}
	}
	pid := p.e().Tracee().PID
	done := make(chan struct{})
	go func() {
		select {
		case <-lim.Interrupt:
			// If the process is gone, nothing needs to be stopped.
			_ = unix.Kill(pid, unix.SIGURG)
		case <-done:
		}
	}()
	return func() { close(done) }
}

// Step executes one instruction, or what was recorded to happen before it,
// such as the delivery of a signal.
func (p *Player) Step(lim Limits) (Outcome, error) {
	if err := p.arm(&lim); err != nil {
		return Outcome{}, err
	}
	out, err := p.step(&lim)
	if err == nil && out.Reason == afterStep {
		var hit Outcome
		if hit = p.takeHit(); hit.Reason == 0 {
			hit, err = p.lookAtDebugregs()
		}
		if hit.Reason != 0 {
			out = hit
		}
	}
	if e := p.disarm(); err == nil {
		err = e
	}
	return out, err
}

func (p *Player) step(lim *Limits) (Outcome, error) {
	for {
		before := p.Now()
		out, err := p.due(lim)
		if err != nil || out.Reason != 0 {
			return out, err
		}
		if p.Now() != before {
			return Outcome{Reason: afterStep}, nil
		}
		if p.trapDue {
			if out, err := p.trap(lim); err != nil || out.Reason != 0 {
				return out, err
			}
			return Outcome{Reason: afterStep}, nil
		}
		if _, _, err := p.plan(lim); err != nil {
			return Outcome{}, err
		}
		if out, done, err := p.stepSyscall(lim); done || err != nil {
			return out, err
		}
		p.e().SetTick(p.tick, p.tick+1<<62)
		out, done, err := p.stepOver(lim)
		if err != nil || out.Reason != 0 {
			return out, err
		}
		if done || p.Now() != before {
			return Outcome{Reason: afterStep}, nil
		}
	}
}

// stepSyscall executes the instruction if it is SYSCALL.
func (p *Player) stepSyscall(lim *Limits) (Outcome, bool, error) {
	inst, ok := p.e().Decode(p.regs.Rip)
	if !ok || !isSyscall(&inst) {
		return Outcome{}, false, nil
	}
	before := p.Now()
	out, err := p.syscall(lim)
	if err == nil && out.Reason == 0 && p.Now() == before {
		err = p.diverged("the syscall that it is about to make")
	}
	if out.Reason == 0 {
		out.Reason = afterStep
	}
	return out, true, err
}

// once lets the guest run up to the next thing that needs us, and does it.
func (p *Player) once(lim *Limits) (Outcome, error) {
	// Before what happens at the moment.
	if lim.First && p.tick >= lim.Tick {
		return Outcome{Reason: AtTick}, nil
	}
	if lim.At.PC != 0 && p.tick == lim.At.Tick && p.regs.Rip == lim.At.PC {
		return Outcome{Reason: AtTick}, nil
	}
	before := p.Now()
	if out, err := p.due(lim); err != nil || out.Reason != 0 || p.Now() != before {
		return out, err
	}
	if lim.Tick != 0 && p.tick >= lim.Tick {
		return Outcome{Reason: AtTick}, nil
	}
	if interrupted(lim) {
		return Outcome{Reason: AtInterrupt}, nil
	}
	if p.trapDue {
		return p.trap(lim)
	}
	until, pc, err := p.plan(lim)
	if err != nil {
		return Outcome{}, err
	}
	if pc != 0 {
		p.e().Break(pc)
	}
	p.here = pc
	p.e().SetTick(p.tick, until)
	stop, err := p.resume(lim)
	if pc != 0 && !p.breaks[pc] {
		p.e().Unbreak(pc)
	}
	if err != nil {
		return Outcome{}, err
	}
	return p.dispatch(stop, lim)
}

// resume runs the guest from p.regs.
func (p *Player) resume(lim *Limits) (engine.Stop, error) {
	if err := p.e().SetGuest(p.regs); err != nil {
		return engine.Stop{}, err
	}
	for {
		stop, err := p.e().Run()
		if err != nil {
			return stop, err
		}
		if stop.Kind == engine.StopSignal || stop.Kind == engine.StopInterrupt {
			// Signals from outside are nothing to a replayed process; one is
			// how we are told of an interrupt.
			if !interrupted(lim) {
				continue
			}
			b, err := p.e().ToBoundary()
			if err != nil {
				return stop, err
			}
			stop.Kind, stop.Regs = engine.StopInterrupt, b.Regs
		}
		p.sync()
		p.tick = p.e().Tick()
		return stop, nil
	}
}

func interrupted(lim *Limits) bool {
	select {
	case <-lim.Interrupt:
		return true
	default:
		return false
	}
}

// plan makes sure that the tracee has events, and returns the tick that the
// guest may not reach without us, and the PC where it must be stopped.
func (p *Player) plan(lim *Limits) (until, pc uint64, err error) {
	until = p.tick + 1<<62
	if lim.Tick > p.tick {
		until = lim.Tick
	}
	if err := p.look(); err != nil {
		return 0, 0, err
	}
	next, ok := p.win.ahead(p.at)
	if !ok {
		if next, ok, err = p.lookAhead(p.win.end); err != nil {
			return 0, 0, err
		}
	}
	switch {
	case !ok:
		return until, 0, nil
	case next.tick > p.tick:
		return min(until, next.tick), 0, nil
	case next.tick == p.tick && next.moment:
		return min(until, p.tick+1), next.pc, nil
	case next.moment:
		return 0, 0, p.diverged(fmt.Sprintf("a later moment than %d:%#x, where %v comes", next.tick, next.pc, next.kind))
	}
	return until, 0, nil
}

// lookAhead finds, behind the window, what limits how far the guest may run:
// the next event with a moment in this tick, or the first of a later tick.
func (p *Player) lookAhead(at uint64) (slowEvent, bool, error) {
	for {
		ev, err := p.log.next(at)
		if err != nil {
			return slowEvent{}, false, err
		}
		if ev == nil {
			return slowEvent{at: at, tick: max(p.endTick, p.tick+1)}, !p.over, nil
		}
		h, err := event.ParseHeader(ev)
		if err != nil {
			return slowEvent{}, false, err
		}
		s := slowEvent{at: at, kind: h.Kind, tick: h.Tick}
		if h.Kind == event.KindExec {
			return slowEvent{}, false, nil // another image, with its own ticks
		}
		if err := s.place(h, ev); err != nil {
			return s, false, err
		}
		if s.moment || s.tick > p.tick {
			return s, true, nil
		}
		at += uint64(len(ev))
	}
}
