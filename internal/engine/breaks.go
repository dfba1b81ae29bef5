package engine

import (
	"hindsight/internal/translate"
)

// breakpoint is an INT3 on the translation of a guest instruction. Guest
// memory is never touched.
type breakpoint struct {
	pc    uint64
	host  uint64
	old   byte
	armed bool
}

// Break arms a breakpoint at the guest PC pc; it is hit before the
// instruction executes. Breaking twice is the same as once.
func (e *Engine) Break(pc uint64) {
	b := e.breaks[pc]
	if b == nil {
		b = &breakpoint{pc: pc}
		e.breaks[pc] = b
	}
	if host, ok := e.Translated(pc); ok {
		e.arm(b, host)
	}
}

// Unbreak removes the breakpoint at pc.
func (e *Engine) Unbreak(pc uint64) {
	if b := e.breaks[pc]; b != nil {
		e.disarm(b)
		delete(e.breaks, pc)
	}
}

func (e *Engine) arm(b *breakpoint, host uint64) {
	if b.armed {
		return
	}
	p := e.codeByte(host)
	b.host, b.old, b.armed = host, *p, true
	*p = 0xcc
}

func (e *Engine) disarm(b *breakpoint) {
	if b.armed {
		*e.codeByte(b.host) = b.old
		b.armed = false
	}
}

// breakAt returns the guest PC of the breakpoint at a host address.
func (e *Engine) breakAt(host uint64) (uint64, bool) {
	for _, b := range e.breaks {
		if b.armed && b.host == host {
			return b.pc, true
		}
	}
	return 0, false
}

// armInstalled arms the breakpoints that lie in a new unit.
func (e *Engine) armInstalled(u *translate.Unit) {
	for pc, b := range e.breaks {
		if host, ok := e.Translated(pc); ok && host >= u.Base && host < u.Base+uint64(len(u.Code)) {
			b.armed = false
			e.arm(b, host)
		}
	}
}

// forgetBreaks is called when all fragments are dropped.
func (e *Engine) forgetBreaks() {
	for _, b := range e.breaks {
		b.armed = false
	}
}

// unarm takes the breakpoint away whose translation, at host, is dropped.
func (e *Engine) unarm(host uint64) {
	for _, b := range e.breaks {
		if b.armed && b.host == host {
			e.disarm(b)
		}
	}
}
