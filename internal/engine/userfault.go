package engine

import (
	"hindsight/internal/tracee"
	"hindsight/internal/x86"
)

// ServePages notes that pages of [start, end) come from whoever holds a
// userfaultfd(2): a thread that needs one waits for it in the middle of an
// instruction, where no step would bring it further.
func (e *Engine) ServePages(start, end uint64) {
	e.served = append(e.served, tracee.PageRange{Start: start, End: end})
}

// Served reports whether the page at addr comes from a userfaultfd.
func (e *Engine) Served(addr uint64) bool {
	for _, r := range e.served {
		if addr-r.Start < r.End-r.Start {
			m, ok := e.Space.Find(addr)
			return ok && m.Anonymous()
		}
	}
	return false
}

// awaited is a page that an instruction needs, and has to wait for.
type awaited struct {
	addr     uint64 // what it accesses there first
	stores   bool
	inString bool // it is a repeated string instruction
	gathers  bool // it may access many places
}

// awaited returns what the guest instruction at g cannot go on without. That has not
// done anything yet, or is a string instruction with repetitions ahead.
func (e *Engine) awaited(g *Regs) (awaited, bool, error) {
	if len(e.served) == 0 {
		return awaited{}, false, nil
	}
	inst, ok := e.decode(g.Rip)
	if !ok {
		return awaited{}, false, nil
	}
	var found awaited
	for _, m := range Watchable(g, &inst) {
		if !m.Known {
			found.gathers = true // or is an XSAVE: where it accesses is not looked for
			continue
		}
		found.stores = m.Kind&x86.Write != 0
		addr, ok, err := e.withheld(m.Addr, m.Addr+m.Len, found.stores)
		if ok || err != nil {
			found.addr, found.inString = addr, inst.Rep != 0 && inst.Spec == x86.STRING
			return found, ok, err
		}
	}
	return found, false, nil
}

// stuck is awaited for a thread stopped with regs: it cannot be stepped to the end of its
// instruction.
func (e *Engine) stuck(regs *Regs, st state) (g Regs, waits bool, err error) {
	if len(e.served) == 0 {
		return g, false, nil
	}
	g = e.guest(regs, st)
	_, waits, err = e.awaited(&g)
	return g, waits, err
}

// withheld returns an address in [start, end) whose page does not let a load, or a store,
// through, the first of its mapping.
func (e *Engine) withheld(start, end uint64, stores bool) (addr uint64, ok bool, err error) {
	for _, r := range e.served {
		for _, m := range e.Space.Within(max(start, r.Start), min(end, r.End)) {
			if !m.Anonymous() {
				continue // a later mapping
			}
			page, ok, err := e.t.FindPage(m.Start, m.End, func(p tracee.PageEntry) bool {
				return !p.Populated() || p.WriteProtected() && stores
			})
			if ok || err != nil {
				return max(page, m.Start), ok, err
			}
		}
	}
	return 0, false, nil
}

// Withheld reports whether some page of [start, end) is kept from stores, the kernel's
// too, by a userfaultfd.
func (e *Engine) Withheld(start, end uint64) bool {
	if len(e.served) == 0 {
		return false
	}
	// A process that is gone has nothing to be written to.
	_, ok, err := e.withheld(start, end, true)
	return ok && err == nil
}

// Probe returns the registers of a thread that waits for the page that the guest at g
// waits for, and then comes to an INT3: it changes nothing meanwhile. ok is false if
// there is nothing to wait for.
func (e *Engine) Probe(g Regs) (probe Regs, ok bool, err error) {
	a, ok, err := e.awaited(&g)
	g.Rcx, g.Rip = a.addr, e.stubs.probes[0]
	if a.stores {
		g.Rip = e.stubs.probes[1]
	}
	return g, ok, err
}
