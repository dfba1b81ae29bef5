package replay

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
)

// advance moves the position in the log behind ev.
func (p *Player) advance(ev []byte) {
	p.at += uint64(len(ev))
	if !p.win.valid {
		return
	}
	if p.at <= p.win.start+uint64(p.filled) {
		p.e().SkipLog(len(ev))
	} else {
		p.win.valid = false
	}
}

// upcoming returns the next event that means something to the guest, and
// passes over, or carries out, those that only mean something to us.
func (p *Player) upcoming() ([]byte, event.Header, error) {
	for {
		ev, err := p.log.next(p.at)
		if err != nil || ev == nil {
			return nil, event.Header{}, err
		}
		h, err := event.ParseHeader(ev)
		if err != nil {
			return nil, h, err
		}
		switch h.Kind {
		case event.KindNote, event.KindUnreliable:
		case event.KindArena:
			if err := p.applyArena(ev); err != nil {
				return nil, h, err
			}
		default:
			return ev, h, nil
		}
		p.advance(ev)
	}
}

// applyArena gives the engine a code cache region where the recording had it,
// or moves the arena. A region that it has given itself elsewhere serves as well.
func (p *Player) applyArena(ev []byte) error {
	a, err := event.DecodeArena(ev)
	if err != nil {
		return err
	}
	e := p.e()
	if a.Kind == event.ArenaData && a.Addr != e.Arena() {
		if err := e.GiveWay(a.Addr, a.Addr+a.Len); err != nil {
			return err
		}
		return e.MoveArena(a.Addr)
	}
	if a.Kind != event.ArenaCode || e.HasRegion(a.Addr) || e.Space.Overlaps(a.Addr, a.Addr+a.Len) || e.Ours(a.Addr, a.Addr+a.Len) {
		return nil
	}
	_, err = e.AddRegion(a.Addr, a.Len)
	return err
}

// owner returns the next event that is no Mem event, and those before it.
func (p *Player) owner() (mems [][]byte, ev []byte, h event.Header, err error) {
	ev, h, err = p.upcoming()
	at := p.at
	for err == nil && ev != nil && h.Kind == event.KindMem {
		mems = append(mems, ev)
		at += uint64(len(ev))
		if ev, err = p.log.next(at); err == nil && ev != nil {
			h, err = event.ParseHeader(ev)
		}
	}
	return mems, ev, h, err
}

// applyMems applies Mem events when the event that they belong to happens.
func (p *Player) applyMems(mems [][]byte) error {
	for _, ev := range mems {
		m, err := event.DecodeMem(ev)
		if err != nil {
			return err
		}
		if err := p.write(m.Writes); err != nil {
			return err
		}
		p.advance(ev)
	}
	return nil
}

// due does what is recorded to happen at the present moment, before the
// instruction there. Where that leads to another moment it returns: a search may
// be for that, though more is to happen there.
func (p *Player) due(lim *Limits) (Outcome, error) {
	now := p.Now()
	for {
		tid := p.Now().TID
		if p.over {
			return Outcome{Reason: AtEnd}, nil
		}
		mems, ev, h, err := p.owner()
		if err != nil {
			return Outcome{}, err
		}
		if ev == nil {
			if p.tick >= p.endTick {
				p.over = true
				continue
			}
			return Outcome{}, nil
		}
		s := slowEvent{kind: h.Kind, tick: h.Tick}
		if err := s.place(h, ev); err != nil {
			return Outcome{}, err
		}
		if here := s.tick == p.tick && s.pc == p.regs.Rip; !s.moment || !here && !p.killedHere(ev, h) {
			return Outcome{}, nil
		}
		if err := p.look(); err != nil {
			return Outcome{}, err
		}
		if out, err := p.happens(mems, ev, h, lim); err != nil || out.Reason != 0 {
			return out, err
		}
		if p.switched(tid, lim) {
			return Outcome{Reason: AtSwitch}, nil
		}
		if p.tid != 0 && p.Now() != now {
			return Outcome{}, nil
		}
	}
}

// killedHere reports whether ev is an end by SIGKILL. When that happened is
// known by the tick only, and a stub may have died between its event and the
// tick that follows.
func (p *Player) killedHere(ev []byte, h event.Header) bool {
	if h.Kind != event.KindExit || h.Tick > p.tick {
		return false
	}
	x, err := event.DecodeExit(ev)
	return err == nil && (x.Signal == uint64(unix.SIGKILL) || x.PC == 0)
}

// happens carries out an event that has a moment of its own.
func (p *Player) happens(mems [][]byte, ev []byte, h event.Header, lim *Limits) (Outcome, error) {
	if h.Kind == event.KindSignal {
		if out, err := p.showSignal(ev, lim); err != nil || out.Reason != 0 {
			return out, err
		}
	}
	if err := p.applyMems(mems); err != nil {
		return Outcome{}, err
	}
	switch h.Kind {
	case event.KindSignal:
		return Outcome{}, p.deliver(ev)
	case event.KindCheck:
		return Outcome{}, p.check(ev)
	case event.KindCode:
		return Outcome{}, p.applyCode(ev)
	case event.KindSwitch:
		return Outcome{}, p.switchThread(ev)
	case event.KindThread:
		return Outcome{}, p.newThread()
	case event.KindThreadEnd:
		return Outcome{}, p.endThread()
	case event.KindExit:
		return p.finish(ev, lim)
	}
	return Outcome{}, p.diverged(fmt.Sprintf("a moment of %v", h.Kind))
}

// showSignal stops before a signal is delivered, if that is wanted, once.
func (p *Player) showSignal(ev []byte, lim *Limits) (Outcome, error) {
	if !lim.Signals || p.shown == p.at+1 {
		return Outcome{}, nil
	}
	s, err := event.DecodeSignal(ev)
	if err != nil {
		return Outcome{}, err
	}
	p.shown = p.at + 1
	return Outcome{Reason: AtSignal, Signal: int(s.NR)}, nil
}

// deliver puts the guest to the start of a signal handler.
func (p *Player) deliver(ev []byte) error {
	s, err := event.DecodeSignal(ev)
	if err != nil {
		return err
	}
	if err := p.write(s.Writes); err != nil {
		return err
	}
	if err := initXState(p.e().Tracee()); err != nil {
		return err
	}
	p.regs = engine.UnpackRegs(&s.Regs)
	p.trapDue = false
	p.tick++
	p.advance(ev)
	return nil
}

// check compares the state with the checksums in the recording.
func (p *Player) check(ev []byte) error {
	c, err := event.DecodeCheck(ev)
	if err != nil {
		return err
	}
	x, err := p.e().Tracee().XState()
	if err != nil {
		return err
	}
	if h := engine.StateHash(&p.regs, x); h != c.RegsHash {
		return p.diverged(fmt.Sprintf("other registers (checksum %#x, recorded %#x): %+v", h, c.RegsHash, p.regs))
	}
	if err := p.e().Grow(0, ^uint64(0)); err != nil {
		return err
	}
	h, pages, err := engine.MemoryHash(p.e().Tracee(), p.e().Space, p.regs.Rsp, p.e().Ours)
	if err != nil {
		return err
	}
	if h != c.MemHash {
		return p.diverged(fmt.Sprintf("other memory (checksum %#x over %d pages, recorded %#x over %d)", h, pages, c.MemHash, c.MemPages))
	}
	p.advance(ev)
	return nil
}

// finish ends history.
func (p *Player) finish(ev []byte, lim *Limits) (Outcome, error) {
	x, err := event.DecodeExit(ev)
	if err != nil {
		return Outcome{}, err
	}
	if x.Signal != 0 && lim.Signals && p.shown != p.at+1 {
		p.shown = p.at + 1
		return Outcome{Reason: AtSignal, Signal: int(x.Signal)}, nil
	}
	p.exit, p.over = &x, true
	return Outcome{Reason: AtEnd}, nil
}

// dispatch does what the guest stopped for.
func (p *Player) dispatch(stop engine.Stop, lim *Limits) (Outcome, error) {
	p.regs = stop.Regs
	if traceable[stop.Kind] && trapFlag(&p.regs) {
		return p.traceable(stop, lim)
	}
	return p.handle(stop, lim)
}

func (p *Player) handle(stop engine.Stop, lim *Limits) (Outcome, error) {
	switch stop.Kind {
	case engine.StopTraced:
		return p.traced(lim)
	case engine.StopTrapFlag:
		return Outcome{}, nil
	case engine.StopTick:
		p.trapDue = trapFlag(&p.regs) // behind the branch
		return Outcome{}, nil
	case engine.StopBreak:
		return p.atBreak(lim)
	case engine.StopSyscall:
		return p.syscall(lim)
	case engine.StopInsn:
		return p.insn(lim)
	case engine.StopNative:
		return p.native(lim)
	case engine.StopNondet:
		return p.nondet(lim)
	case engine.StopForeign:
		return p.foreign(stop, lim)
	case engine.StopFault:
		return p.fault(stop, lim)
	case engine.StopInterrupt:
		return Outcome{Reason: AtInterrupt}, nil
	case engine.StopFinish:
		return Outcome{}, p.diverged(fmt.Sprintf("no memory at %#x for an event's data", stop.Info.Addr()))
	case engine.StopEnded:
		return Outcome{}, fmt.Errorf("the replayed process ended: %v", stop.Raw)
	}
	return Outcome{}, fmt.Errorf("replay: unexpected stop: %v", stop.Raw)
}

func (p *Player) atBreak(lim *Limits) (Outcome, error) {
	if p.breaks[p.regs.Rip] {
		return Outcome{Reason: AtBreak}, nil
	}
	if out, found, err := p.stringAt(lim); found || err != nil {
		return out, err
	}
	// It is the moment of an event, or else the guest came here too early.
	return Outcome{}, p.progress("the moment of an event too early")
}

// progress reports a divergence if the guest keeps coming back to the same
// place without anything having changed.
func (p *Player) progress(what string) error {
	now := stuck{tick: p.tick, at: p.at, pc: p.regs.Rip}
	if now.tick == p.stuck.tick && now.at == p.stuck.at && now.pc == p.stuck.pc {
		now.times = p.stuck.times + 1
	}
	p.stuck = now
	if now.times >= 2 {
		return p.diverged(what)
	}
	return nil
}
