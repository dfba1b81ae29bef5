package replay

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
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

// foreign takes what an access to foreign memory gave from the log.
func (p *Player) foreign(stop engine.Stop, lim *Limits) (Outcome, error) {
	p.regs = stop.Regs
	mems, ev, h, err := p.owner()
	switch {
	case err != nil:
		return Outcome{}, err
	case ev == nil:
		p.over = true
		return Outcome{Reason: AtEnd}, nil
	case h.Kind == event.KindExit || h.Kind == event.KindSignal && h.Flags&event.FlagSync != 0:
		return p.fault(stop, lim) // it was not allowed
	case h.Kind == event.KindSyscall:
		return p.syscall(lim) // a SYSCALL instruction there
	case h.Kind != event.KindRegs || h.Tick != p.tick:
		return Outcome{}, p.progress(fmt.Sprintf("an access to shared memory at %#x", stop.Info.Addr()))
	}
	if err := p.applyMems(mems); err != nil {
		return Outcome{}, err
	}
	inst, known := p.e().DecodeForeign(p.regs.Rip)
	if err := p.replaceRegs(); err != nil {
		return Outcome{}, err
	}
	if known && engine.Counts(&inst, p.regs.Rip) {
		p.tick++
	}
	return Outcome{}, nil
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
