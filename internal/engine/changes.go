package engine

import (
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/translate"
	"hindsight/internal/x86"
)

// Guest code may change. Pages that it is translated from are made read-only
// in the tracee, and a write drops their translations. A page that is written
// often, because data lies on it too, is left writable instead, and its
// translations compare the code at each execution; so are those from shared
// mappings, which can be written through others. Of code in foreign memory
// sharedcode.go says more.

// manyFaults is how many writes to a page make it a mixed one.
const manyFaults = 8

// Checked implements translate.Guest.
func (e *Engine) Checked(pc uint64) bool {
	page := pc &^ (pageSize - 1)
	if e.mixed[page] {
		return true
	}
	m, ok := e.Space.Find(pc)
	if ok && e.onStack(pc, m) {
		e.mixed[page] = true
		return true
	}
	return ok && m.Shared && !m.Foreign
}

// onStack reports whether code in the mapping m is on the present thread's stack, as
// the trampolines of nested functions are. Where the kernel writes there it must
// not find the page protected: wait4, say, would reap a child, and fail.
func (e *Engine) onStack(pc uint64, m Mapping) bool {
	if m.Shared || m.Prot&unix.PROT_WRITE == 0 {
		return false
	}
	regs, err := e.t.Regs()
	return m.Growsdown || err == nil && m.Start <= regs.Rsp && regs.Rsp <= pc
}

// written notes a write to a protected page by the instruction at pc.
func (e *Engine) written(page, pc uint64) {
	e.faults[page]++
	self := pc&^(pageSize-1) == page || (pc+14)&^(pageSize-1) == page
	if self || e.faults[page] >= manyFaults {
		e.mixed[page] = true
	}
}

// drop makes the units with code in [start, end) unreachable: what still
// jumps into them leaves, and is sent to the new translation. Each such exit
// costs a stop, so many of them drop everything.
func (e *Engine) drop(start, end uint64) {
	e.dropWhere(start, end, func(u *unit) bool { return u.covers(start, end) })
}

// dropPages is drop for some pages, which are in order.
func (e *Engine) dropPages(pages []uint64) {
	if len(pages) == 0 {
		return
	}
	e.dropWhere(pages[0], pages[len(pages)-1]+pageSize, func(u *unit) bool { return u.liesOn(pages) })
}

// dropWhere is drop for those units with code between low and high that which
// names. There may be tens of thousands of others.
func (e *Engine) dropWhere(low, high uint64, which func(*unit) bool) {
	for _, r := range e.regions {
		for i := range r.parts {
			for _, u := range r.parts[i].units {
				if u.low < high && low < u.high && !u.dropped && which(u) {
					e.dropUnit(u)
				}
			}
		}
	}
}

// dropAt is drop for the instruction at pc. There is one unit with it, but for jumps,
// which others may have joined.
func (e *Engine) dropAt(pc uint64) {
	if inst, ok := e.decode(pc); ok && inst.Flow == x86.FlowJmpInd {
		e.drop(pc, pc+1)
		return
	}
	host, ok := e.Translated(pc)
	if !ok {
		return
	}
	if _, u := e.unitAt(host); u != nil && !u.dropped {
		e.dropUnit(u)
	}
}

func (u *unit) covers(start, end uint64) bool {
	for in := range u.Sources() {
		if in.PC < end && start < in.PC+uint64(max(in.Len, 1)) {
			return true
		}
	}
	return false
}

// liesOn reports whether some of the unit's code is on one of pages.
func (u *unit) liesOn(pages []uint64) bool {
	for in := range u.Sources() {
		for _, at := range [2]uint64{in.PC, in.PC + uint64(max(in.Len, 1)) - 1} {
			if _, found := slices.BinarySearch(pages, at&^(pageSize-1)); found {
				return true
			}
		}
	}
	return false
}

// bounds returns those of the guest code that a unit is made from.
func bounds(t *translate.Unit) (low, high uint64) {
	low = ^uint64(0)
	for in := range t.Sources() {
		low, high = min(low, in.PC), max(high, in.PC+uint64(max(in.Len, 1)))
	}
	return low, high
}

func (e *Engine) dropUnit(u *unit) {
	u.dropped = true
	base := u.Base - u.region.base
	for _, in := range u.Copies {
		e.leaveAt(u, in)
	}
	for _, in := range u.Insts {
		pc := u.Bias + in.PC
		p := e.pages[pc/pageSize]
		if p == nil || p.off[pc%pageSize] != uint32(base)+in.Off+1 {
			continue
		}
		p.off[pc%pageSize] = 0
		e.leaveAt(u, in)
	}
	e.dropHeads(u)
	e.cutOff(u)
}

// leaveAt replaces a translated instruction by an exit.
func (e *Engine) leaveAt(u *unit, in translate.InstAt) {
	e.unarm(u.Base + uint64(in.Off))
	u.code()[in.Off] = 0xcc
	u.SetExit(translate.Exit{Off: in.Off, Kind: translate.ExitStale, PC: u.Bias + in.PC})
}

// manyStale is how many exits through dropped fragments are borne.
const manyStale = 100

// staleExit sends the guest from a dropped or outdated fragment to a new one.
func (e *Engine) staleExit(u *unit, x translate.Exit, regs *Regs) (bool, error) {
	g := e.guest(regs, e.locate(regs))
	if !u.dropped {
		e.drop(x.PC, x.PC+1)
	}
	if e.stale++; e.stale > manyStale {
		e.Flush()
	}
	return true, e.SetGuest(g)
}
