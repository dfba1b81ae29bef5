package engine

import (
	"slices"

	"hindsight/internal/translate"
)

// breakpoint is an INT3 on each translation of a guest instruction. Guest
// memory is never touched.
type breakpoint struct {
	pc    uint64
	sites []site
}

// site is a host address whose first byte an INT3 replaces.
type site struct {
	host uint64
	old  byte
}

// Break arms a breakpoint at the guest PC pc; it is hit before the
// instruction executes. Breaking twice is the same as once.
func (e *Engine) Break(pc uint64) {
	if e.breaks[pc] != nil {
		return
	}
	b := &breakpoint{pc: pc}
	e.breaks[pc] = b
	host, ok := e.Translated(pc)
	if !ok {
		return
	}
	e.arm(b, host)
	_, u := e.unitAt(host)
	for _, in := range u.Copies {
		if u.Bias+in.PC == pc {
			e.arm(b, u.Base+uint64(in.Off))
		}
	}
}

// Unbreak removes the breakpoint at pc.
func (e *Engine) Unbreak(pc uint64) {
	if b := e.breaks[pc]; b != nil {
		for len(b.sites) > 0 {
			e.unarm(b.sites[0].host)
		}
		delete(e.breaks, pc)
	}
}

func (e *Engine) arm(b *breakpoint, host uint64) {
	p := e.codeByte(host)
	b.sites = append(b.sites, site{host, *p})
	e.sites[host] = b
	*p = 0xcc
}

// unarm takes a breakpoint away from a host address, if there is one.
func (e *Engine) unarm(host uint64) {
	b := e.sites[host]
	if b == nil {
		return
	}
	delete(e.sites, host)
	i := slices.IndexFunc(b.sites, func(s site) bool { return s.host == host })
	*e.codeByte(host) = b.sites[i].old
	b.sites = slices.Delete(b.sites, i, i+1)
}

// breakAt reports whether there is a breakpoint at a host address.
func (e *Engine) breakAt(host uint64) bool { return e.sites[host] != nil }

// armInstalled arms the breakpoints in a new unit.
func (e *Engine) armInstalled(u *translate.Unit) {
	if len(e.breaks) == 0 {
		return
	}
	for _, list := range [...][]translate.InstAt{u.Insts, u.Copies} {
		for _, in := range list {
			if b := e.breaks[u.Bias+in.PC]; b != nil {
				e.arm(b, u.Base+uint64(in.Off))
			}
		}
	}
}

// forgetSites is called when a part of the cache is emptied.
func (e *Engine) forgetSites(p *part) {
	within := func(host uint64) bool { return p.base <= host && host < p.base+p.used }
	for _, b := range e.breaks {
		b.sites = slices.DeleteFunc(b.sites, func(s site) bool {
			if within(s.host) {
				delete(e.sites, s.host)
			}
			return within(s.host)
		})
	}
}

// forgetBreaks is called when all fragments are dropped.
func (e *Engine) forgetBreaks() {
	clear(e.sites)
	for _, b := range e.breaks {
		b.sites = nil
	}
}
