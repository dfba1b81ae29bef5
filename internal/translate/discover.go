package translate

import (
	"cmp"
	"slices"

	"hindsight/internal/x86"
)

// discover collects the instructions of the unit, in the order of the runs
// that they were decoded in.
func (t *Translator) discover(entry uint64) {
	t.insts, t.runs = t.insts[:0], t.runs[:0]
	t.index.reset()
	t.returns.reset()
	t.limit = t.opt.MaxInsts
	t.work = append(t.work[:0], entry)
	for len(t.work) > 0 && len(t.insts) < t.limit {
		pc := t.work[len(t.work)-1]
		t.work = t.work[:len(t.work)-1]
		from := len(t.insts)
		t.run(pc)
		if to := len(t.insts); to > from {
			t.runs = append(t.runs, span{from, to})
		}
	}
	t.arrange()
}

// span is a range of indices.
type span struct{ from, to int }

// arrange puts the runs into the order of their addresses, so that code which
// falls through does so in its translation, too.
func (t *Translator) arrange() {
	slices.SortFunc(t.runs, func(a, b span) int {
		return cmp.Compare(t.insts[a.from].PC, t.insts[b.from].PC)
	})
	t.arranged = t.arranged[:0]
	for _, r := range t.runs {
		t.arranged = append(t.arranged, t.insts[r.from:r.to]...)
	}
	t.insts, t.arranged = t.arranged, t.insts
	t.index.reset()
	for i := range t.insts {
		t.index.put(t.insts[i].PC, i)
	}
}

// run decodes straight on from pc until control cannot go on, or meets what
// is translated already.
func (t *Translator) run(pc uint64) {
	for len(t.insts) < t.limit {
		if t.index.has(pc) {
			return
		}
		if _, ok := t.guest.Translated(pc); ok || t.guest.Apart(pc) {
			return
		}
		t.index.put(pc, len(t.insts))
		t.insts = append(t.insts, node{})
		n := &t.insts[len(t.insts)-1]
		t.decode(n, pc)
		if n.kind != nodeInst || !t.follow(n) {
			return
		}
		pc = n.Next()
	}
}

// follow queues the direct targets of n and reports whether control may go
// on behind it.
func (t *Translator) follow(n *node) bool {
	switch n.Flow {
	case x86.FlowJmp:
		t.work = append(t.work, n.Target)
		return false
	case x86.FlowJcc, x86.FlowXbegin:
		t.work = append(t.work, n.Target)
		return true
	case x86.FlowCall:
		t.returns.put(n.Next(), 1)
		t.work = append(t.work, n.Target, n.Next())
		return false
	case x86.FlowCallInd:
		t.returns.put(n.Next(), 1)
		t.work = append(t.work, n.Next())
		return false
	case x86.FlowNext:
		return true
	case x86.FlowSyscall:
		return true
	}
	return false
}

// decode makes n, which lies in t.insts already, the instruction at pc.
func (t *Translator) decode(n *node, pc uint64) {
	n.PC = pc
	if fn, ok := t.guest.VDSOAt(pc); ok {
		n.kind, n.fn = nodeVDSO, fn
		return
	}
	got := t.guest.Fetch(pc, n.bytes[:])
	inst, err := x86.Decode(n.bytes[:got], pc)
	if err != nil {
		n.kind = nodeNative
		return
	}
	n.Inst = inst
	if t.guest.Foreign(pc) {
		n.way = DetourOf(&inst)
	}
	n.check = t.checked(pc) || t.checked(inst.Next()-1)
	if at, ok := t.guest.CodeAlias(pc); ok {
		n.alias = at
		t.limit = t.opt.MaxInsts / 2 // comparing takes room
	}
}

// checked is Guest.Checked, asked once for a page.
func (t *Translator) checked(pc uint64) bool {
	if page := pc / pageSize; !t.page.known || t.page.number != page {
		t.page.known, t.page.number, t.page.checked = true, page, t.guest.Checked(pc)
	}
	return t.page.checked
}

const pageSize = 4096
