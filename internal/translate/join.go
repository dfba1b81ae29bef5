package translate

import (
	"bytes"

	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// A call of a function in another library leads to an indirect jump (the procedure
// linkage table: System V ABI, AMD64 supplement, 5.2). While recording both are one
// transfer, which counts two ticks if the first is one.

var endbr64 = []byte{0xf3, 0x0f, 0x1e, 0xfa}

// joins reports whether n, a jump or call that is taken, leads to such a jump, and
// makes that t.joint.
func (t *Translator) joins(n *node) bool {
	if t.opt.Replay || n.Flow != x86.FlowCall && n.Flow != x86.FlowJmp || n.alias != 0 || n.check {
		return false
	}
	pc, j := n.Target, &t.joint
	var code [12]byte // ENDBR64 and what a jump needs at most
	got := t.guest.Fetch(pc, code[:])
	marked := bytes.HasPrefix(code[:got], endbr64)
	if _, vdso := t.guest.VDSOAt(pc); vdso || !mayJump(bytes.TrimPrefix(code[:got], endbr64)) {
		return false
	}
	if marked {
		if !t.joinable(pc) {
			return false
		}
		pc += uint64(len(endbr64))
	}
	return t.joinable(pc) && j.Flow == x86.FlowJmpInd && j.RIPRel && j.Prefix != 0x66 && !j.usesGS() && !t.beyond(j)
}

// joinable makes the instruction at pc t.joint, and reports whether it can be a part of
// another's translation.
func (t *Translator) joinable(pc uint64) bool {
	j := &t.joint
	*j = node{}
	t.decode(j, pc)
	return j.kind == nodeInst && !j.check && j.alias == 0 && j.way == NoDetour && !t.guest.Apart(pc)
}

// mayJump reports whether code may begin with a jump through memory at a fixed distance,
// behind a prefix or two.
func mayJump(code []byte) bool {
	i := bytes.IndexByte(code, 0xff)
	return i >= 0 && i <= 2 && i+1 < len(code) && code[i+1] == 0x25
}

// join emits n, which has pushed what it pushes, and t.joint.
func (t *Translator) join(n *node) {
	b, j := t.buf, &t.joint
	for pc := n.Target; pc < j.PC; pc += uint64(len(endbr64)) {
		t.unit.Joined = append(t.unit.Joined, InstAt{PC: pc, Len: uint8(len(endbr64))})
	}
	t.unit.Joined = append(t.unit.Joined, InstAt{PC: j.PC, Len: j.Len})
	counter := t.counter()
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	b.MovStore(asm.GS(area.Save(x86.RAX)), x86.RAX)
	t.point(Point{PC: n.PC, Saved: indirectSaved})
	b.MovLoad(x86.RAX, asm.GS(counter))
	if backward(n) {
		b.Lea(x86.RAX, asm.Base(x86.RAX, 1))
	}
	t.settled(Point{PC: j.PC, Saved: indirectSaved, Counts: true, Reg: x86.RAX, Counter: counter})
	t.operand(j, 0x8b, byte(x86.RCX))
	t.countLoaded(x86.RAX, counter, Point{PC: j.PC, Saved: indirectSaved, InRCX: true})
	t.dispatch()
}
