package replay

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/x86"
)

// Foreign memory is what others could write while it was recorded. The guest
// has no access to it here either: each instruction that touches it comes to
// us, and its results from the log. The memory itself is private, and holds what
// is known of its content: what the guest has last read or written.

// access is the protection that a mapping has in the replayed process.
func access(m engine.Mapping) uint64 {
	if m.Foreign {
		return unix.PROT_NONE
	}
	return m.Prot
}

// foreign does an access to foreign memory: its results are in the log, or what
// it found there, with which the instruction is executed. One that only writes
// has nothing in the log.
func (p *Player) foreign(stop engine.Stop, lim *Limits) (Outcome, error) {
	p.regs = stop.Regs
	mems, ev, h, err := p.owner()
	if err != nil {
		return Outcome{}, err
	}
	inst, known := p.e().DecodeForeign(p.regs.Rip)
	fault := stop.Info.Addr()
	if known && p.isString(&inst) {
		return p.foreignString(stop, &inst, lim)
	}
	stores := known && p.e().OnlyStores(&inst)
	if stores && !p.faultsHere(ev, h) && !p.storeLogged(ev, h, &inst) {
		return p.execute(fault, lim)
	}
	switch {
	case ev == nil:
		p.over = true
		return Outcome{Reason: AtEnd}, nil
	case h.Kind == event.KindLoad && h.Tick == p.tick && len(mems) == 0:
		return p.executeLoad(ev, lim)
	case stop.Signal == 0 && p.faultsHere(ev, h):
		return p.raised(ev, lim) // no code to execute
	case h.Kind == event.KindExit || h.Kind == event.KindSignal && h.Flags&event.FlagSync != 0:
		return p.fault(stop, lim) // it was not allowed
	case h.Kind == event.KindSyscall:
		return p.syscall(lim) // a SYSCALL instruction there
	case h.Kind != event.KindRegs || h.Tick != p.tick:
		return Outcome{}, p.progress(fmt.Sprintf("an access to shared memory at %#x", fault))
	}
	pc := p.regs.Rip
	if err := p.applyMems(mems); err != nil {
		return Outcome{}, err
	}
	if inst, known = p.e().DecodeForeign(pc); !known {
		return Outcome{}, p.diverged("no instruction")
	}
	if err := p.replaceRegs(); err != nil {
		return Outcome{}, err
	}
	if engine.Counts(&inst, p.regs.Rip) {
		p.tick++
	}
	if stores {
		return Outcome{}, nil // it is logged the next time, too
	}
	return Outcome{}, p.e().Hasten(pc, fault)
}

// storeLogged reports whether ev is the result of inst, which only stores: before EVEX
// instructions could do that by themselves, theirs were logged.
func (p *Player) storeLogged(ev []byte, h event.Header, inst *x86.Inst) bool {
	if ev == nil || inst.Enc != x86.EVEX || h.Kind != event.KindRegs || h.Tick != p.tick {
		return false
	}
	r, err := event.DecodeRegs(ev)
	if err != nil {
		return false
	}
	return engine.UnpackRegs(&r.Regs).Rip == inst.Next()
}

// faultsHere reports whether ev is a fault of the instruction that the guest
// stands before.
func (p *Player) faultsHere(ev []byte, h event.Header) bool {
	if ev == nil || h.Tick != p.tick || h.Kind != event.KindSignal || h.Flags&event.FlagSync == 0 {
		return false
	}
	s, err := event.DecodeSignal(ev)
	return err == nil && s.PC == p.regs.Rip
}

// executeLoad executes an instruction with what it found in foreign memory.
func (p *Player) executeLoad(ev []byte, lim *Limits) (Outcome, error) {
	l, err := event.DecodeLoad(ev)
	if err != nil {
		return Outcome{}, err
	}
	if err := p.write(event.Writes(nil).Append(l.Addr, l.Bytes())); err != nil {
		return Outcome{}, err
	}
	p.advance(ev)
	return p.execute(l.Addr, lim)
}

// execute executes the instruction, which accesses foreign memory at addr, on
// what is known of that.
func (p *Player) execute(addr uint64, lim *Limits) (Outcome, error) {
	g := p.regs
	inst, _ := p.e().DecodeForeign(g.Rip)
	stop, err := p.e().StepForeign(g, addr)
	if err != nil {
		return Outcome{}, err
	}
	if stop.Kind != 0 {
		return p.fault(stop, lim)
	}
	for _, a := range engine.Watchable(&g, &inst) {
		if a.Kind&x86.Write != 0 {
			if err := p.e().Mirror(a.Addr, a.Len); err != nil {
				return Outcome{}, err
			}
			p.noteWrite(a.Addr, a.Len)
		}
	}
	p.regs = stop.Regs
	if engine.Counts(&inst, p.regs.Rip) {
		p.tick++
	}
	return Outcome{}, p.e().Hasten(g.Rip, addr)
}

// applyForeign takes the access to memory away that others may write from
// now on.
func (p *Player) applyForeign(ev []byte) error {
	f, err := event.DecodeForeign(ev)
	if err != nil {
		return err
	}
	start, end := f.Addr, f.Addr+f.Len
	p.changing(start, end)
	for _, m := range p.e().Space.Within(start, end) {
		m.Foreign = true
		if err := p.remote(unix.SYS_MPROTECT, m.Start, m.End-m.Start, access(m)); err != nil {
			return err
		}
		p.e().Space.Map(m)
	}
	p.changing(start, end)
	return nil
}

// applyCode notes what the guest executes in foreign memory from now on.
func (p *Player) applyCode(ev []byte) error {
	k, err := event.DecodeCode(ev)
	if err != nil {
		return err
	}
	if k.Gone > 0 {
		p.e().Forget(k.Addr, k.Addr+k.Gone)
	}
	for addr, code := range k.Writes.All() {
		p.e().Learn(engine.Code{Addr: addr, Bytes: code})
	}
	p.advance(ev)
	return p.write(k.Writes) // to be shown
}

// twin makes what was a second mapping of shared memory. Events that follow
// make both foreign, since here they are two.
func (p *Player) twin(old, to, length uint64, was engine.Mapping) error {
	content := make([]byte, length)
	n, err := p.e().Tracee().ReadMem(old, content)
	if n == 0 && err != nil {
		return err
	}
	was.Start, was.End = to, to+length
	if err := mapMemory(p.e(), was, access(was), unix.MAP_FIXED); err != nil {
		return err
	}
	return writeNonzero(p.e().Tracee(), to, content[:n])
}
