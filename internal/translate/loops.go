package translate

import (
	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// A tight loop would spend more time on counting its ticks in memory than on
// itself. So an innermost loop that leaves a register free gets a second
// copy, which counts in that register. The first iteration runs in the
// ordinary code; its back edge enters the copy, and whatever leaves the copy
// puts counter and register back.

// loop is an innermost loop of the unit: insts[head] to insts[last], whose
// back edges all go to insts[head].
type loop struct {
	head, last int
	reg        x86.Reg // counts the ticks in the copy
	counter    int32   // field of the thread area that they belong to
	count      uint32  // offset of what counts a tick, ahead of the copy's head
	offs       []uint32
}

const (
	maxLoop  = 48 // instructions in a loop that is copied
	maxLoops = 8  // copies in a unit
)

// findLoops looks for the loops worth a copy.
func (t *Translator) findLoops() {
	t.loops = t.loops[:0]
	for last := range t.insts {
		if len(t.loops) == maxLoops {
			return
		}
		n := &t.insts[last]
		if !isBackEdge(n) {
			continue
		}
		head, ok := t.index.get(n.Target)
		if !ok || head > last || last-head >= maxLoop {
			continue
		}
		if reg, ok := t.loopRegister(head, last); ok {
			t.loops = append(t.loops, loop{head: head, last: last, reg: reg, counter: t.counter()})
		}
	}
}

func isBackEdge(n *node) bool {
	return n.kind == nodeInst && (n.Flow == x86.FlowJcc && n.Spec != x86.LOOP || n.Flow == x86.FlowJmp) && backward(n)
}

// loopRegister returns a register that the loop leaves alone, if the loop can
// be copied.
func (t *Translator) loopRegister(head, last int) (x86.Reg, bool) {
	used := set(x86.RSP)
	for i := head; i <= last; i++ {
		n := &t.insts[i]
		if !t.copyable(n, t.insts[head].PC) || i < last && t.insts[i+1].PC != n.Next() {
			return 0, false
		}
		if i > head && t.returns.has(n.PC) {
			return 0, false
		}
		used |= n.RegsRead | n.RegsWritten
	}
	// RCX is the one that replay can compare with zero without the flags.
	for _, r := range [...]x86.Reg{x86.RCX, x86.R11, x86.R10, x86.R9, x86.R8, x86.RAX, x86.RDX, x86.RSI, x86.RDI,
		x86.RBX, x86.R12, x86.R13, x86.R14, x86.R15, x86.RBP} {
		if !used.Has(r) {
			return r, true
		}
	}
	return 0, false
}

// copyable reports whether n may be part of a copied loop that starts at head.
func (t *Translator) copyable(n *node, head uint64) bool {
	if n.kind != nodeInst || n.check || n.alias != 0 || n.usesGS() || n.way != NoDetour || t.beyond(n) {
		return false
	}
	switch n.Flow {
	case x86.FlowNext:
		return n.Spec == x86.Plain || n.Spec == x86.STRING || n.Spec == x86.APPROX
	case x86.FlowJcc, x86.FlowJmp:
		return n.Spec != x86.LOOP && (!backward(n) || n.Target == head)
	}
	return false
}

func set(rs ...x86.Reg) (s x86.RegSet) {
	for _, r := range rs {
		s = s.With(r)
	}
	return s
}

// loopOf returns the loop whose last instruction, a back edge, is insts[i].
func (t *Translator) loopOf(n *node) *loop {
	for i := range t.loops {
		if l := &t.loops[i]; t.insts[l.last].PC == n.PC {
			return l
		}
	}
	return nil
}

// enterLoop goes on in the copy of l, the tick of the back edge counted.
func (t *Translator) enterLoop(l *loop) {
	b := t.buf
	b.MovStore(asm.GS(area.Save(l.reg)), l.reg)
	t.settled(Point{PC: t.insts[l.head].PC, Saved: 1 << l.reg})
	b.MovLoad(l.reg, asm.GS(l.counter))
	b.Raw(0xe9)
	t.loopFixes = append(t.loopFixes, loopFix{uint32(b.Len()), l, l.head})
	b.Raw(0, 0, 0, 0)
}

// loopFix is a rel32 to an instruction in the copy of a loop.
type loopFix struct {
	off  uint32
	loop *loop
	inst int // countFirst: to the head, and a tick is to be counted
}

const countFirst = -1

// emitLoops emits the copies.
func (t *Translator) emitLoops() {
	for i := range t.loops {
		t.emitLoop(&t.loops[i])
	}
	for _, f := range t.loopFixes {
		to := f.loop.count
		if f.inst != countFirst {
			to = f.loop.offs[f.inst-f.loop.head]
		}
		patch32(t.buf.Bytes(), f.off, 0, uint64(to))
	}
}

// loopExit is a jump out of a copy.
type loopExit struct {
	off  uint32 // of the rel32
	from uint64
	to   uint64
}

func (t *Translator) emitLoop(l *loop) {
	var exits []loopExit
	if !t.opt.Replay {
		// The back edges lead here. Counting ahead of them would part them
		// from the comparisons that the CPU executes together with them.
		l.count = uint32(t.buf.Len())
		t.loopPoint(l, t.insts[l.last].PC, false)
		t.buf.Lea(l.reg, asm.Base(l.reg, 1))
	}
	for i := l.head; i <= l.last; i++ {
		n := &t.insts[i]
		off := uint32(t.buf.Len())
		l.offs = append(l.offs, off)
		t.unit.Copies = append(t.unit.Copies, InstAt{PC: n.PC, Off: off, Len: n.Len})
		t.loopPoint(l, n.PC, true)
		switch {
		case n.Flow == x86.FlowNext:
			t.copy(n)
		case backward(n):
			t.loopBack(l, n)
		default:
			exits = t.loopForward(l, n, exits)
		}
	}
	if last := &t.insts[l.last]; last.Flow == x86.FlowJcc {
		t.leaveLoop(l, last.PC, last.Next())
	}
	for _, x := range exits {
		patch32(t.buf.Bytes(), x.off, 0, uint64(t.buf.Len()))
		t.leaveLoop(l, x.from, x.to)
	}
}

// loopPoint notes the state in a copy: the register's guest value is in its
// save slot, and it holds the counter.
func (t *Translator) loopPoint(l *loop, pc uint64, boundary bool) {
	t.point(Point{PC: pc, Boundary: boundary, Saved: 1 << l.reg, Counts: true, Reg: l.reg, Counter: l.counter})
}

// loopForward emits a forward jump, which may leave the loop.
func (t *Translator) loopForward(l *loop, n *node, exits []loopExit) []loopExit {
	if n.Flow == x86.FlowJcc {
		t.buf.Raw(0x0f, 0x80|n.Cond)
	} else {
		t.buf.Raw(0xe9)
	}
	off := uint32(t.buf.Len())
	t.buf.Raw(0, 0, 0, 0)
	if i, ok := t.index.get(n.Target); ok && i > l.head && i <= l.last {
		t.loopFixes = append(t.loopFixes, loopFix{off, l, i})
		return exits
	}
	return append(exits, loopExit{off, n.PC, n.Target})
}

// leaveLoop goes on at a guest PC in ordinary code.
func (t *Translator) leaveLoop(l *loop, from, to uint64) {
	b := t.buf
	t.loopPoint(l, from, false)
	b.MovStore(asm.GS(l.counter), l.reg)
	b.MovLoad(l.reg, asm.GS(area.Save(l.reg)))
	t.point(Point{PC: to, Boundary: true})
	t.jump(to)
}

// loopBack emits a back edge within the copy.
func (t *Translator) loopBack(l *loop, n *node) {
	b := t.buf
	if t.opt.Replay {
		t.loopBackReplay(l, n)
		return
	}
	if n.Flow == x86.FlowJcc {
		b.Raw(0x0f, 0x80|n.Cond)
	} else {
		b.Raw(0xe9)
	}
	t.loopFixes = append(t.loopFixes, loopFix{uint32(b.Len()), l, countFirst})
	b.Raw(0, 0, 0, 0)
}

// loopBackReplay is loopBack with a stop when the counter reaches zero.
func (t *Translator) loopBackReplay(l *loop, n *node) {
	b := t.buf
	skip := 0
	if n.Flow == x86.FlowJcc {
		skip = t.jumpOver(0x70 | n.Cond ^ 1)
		t.loopPoint(l, n.PC, false)
	}
	b.Lea(l.reg, asm.Base(l.reg, 1))
	t.swapCounter(l, n.PC)
	t.swapped(l, n.PC)
	stop := t.jumpOver(0xe3)
	t.swapCounter(l, n.PC)
	b.Raw(0xe9)
	t.loopFixes = append(t.loopFixes, loopFix{uint32(b.Len()), l, l.head})
	b.Raw(0, 0, 0, 0)
	t.land(stop)
	t.swapped(l, n.PC)
	t.swapCounter(l, n.PC)
	b.MovStore(asm.GS(l.counter), l.reg)
	b.MovLoad(l.reg, asm.GS(area.Save(l.reg)))
	t.point(Point{PC: n.Target, Boundary: true})
	t.exitHere(ExitTick, n.Target)
	if skip != 0 {
		t.land(skip)
	}
}

// swapCounter exchanges RCX with the counter of l, if that is elsewhere. The guest's value
// must not go through memory: the next iteration may wait for it.
func (t *Translator) swapCounter(l *loop, pc uint64) {
	if l.reg != x86.RCX {
		t.buf.Xchg(x86.RCX, l.reg)
		t.loopPoint(l, pc, false)
	}
}

// swapped notes that RCX has the counter of l, whose register has the guest's RCX. A
// Point cannot say that: a thread that stops here is inside an instruction, and stepped
// on.
func (t *Translator) swapped(l *loop, pc uint64) {
	t.point(Point{PC: pc, Saved: 1 << l.reg})
}
