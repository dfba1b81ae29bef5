package translate

import (
	"slices"

	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// Where the guest has left no room for a code cache near its code, the 32-bit
// displacement of a RIP-relative operand does not reach from the translation. Then a
// register that the instruction leaves alone holds the operand's address.

// farOperand translates n, whose RIP-relative operand is out of reach. It reports false
// where that is not possible.
func (t *Translator) farOperand(n *node) bool {
	r, ok := scratch(n)
	if !ok || n.usesGS() || n.REX&rexB != 0 {
		return false
	}
	t.through(n, r, func() {
		t.buf.Raw(0x48, 0xb8|byte(r)) // mov r, imm64
		t.reloc(relocPC)
		t.buf.Quad(n.ripTarget())
	}, n.bytes[:n.ModRMOff], []byte{n.ModRM&^7 | byte(r)}, n.bytes[n.DispOff+4:n.Len]) // [r] instead of [rip+disp32]
	return true
}

// through emits code in place of n, which needs what load emits in r.
func (t *Translator) through(n *node, r x86.Reg, load func(), code ...[]byte) {
	b := t.buf
	b.MovStore(asm.GS(area.Save(r)), r)
	t.point(Point{PC: n.PC})
	load()
	t.point(Point{PC: n.PC, Saved: 1 << r})
	for _, c := range code {
		b.Raw(c...)
	}
	t.settled(Point{PC: n.Next(), Saved: 1 << r})
	b.MovLoad(r, asm.GS(area.Save(r)))
}

// scratch returns a register that n, an instruction like most with a ModRM byte, leaves
// alone. RSP and RBP would make ModRM say something else (SDM vol. 2, table 2-2).
func scratch(n *node) (x86.Reg, bool) {
	if n.Spec != x86.Plain && n.Spec != x86.APPROX || n.Enc == x86.REX2 || slices.Contains(n.legacy(), 0x67) {
		return 0, false
	}
	for _, r := range [...]x86.Reg{x86.RCX, x86.RDX, x86.RAX, x86.RSI, x86.RDI, x86.RBX} {
		if !(n.RegsRead | n.RegsWritten).Has(r) {
			return r, true
		}
	}
	return 0, false
}

// Bits of a REX prefix, or its like, that extend what memory is addressed by.
const (
	rexB = 1 // the base
	rexX = 2 // the index
)

// outOfReach reports whether guest memory at addr may be too far from the unit for a
// 32-bit displacement.
func (t *Translator) outOfReach(addr uint64) bool {
	low := int64(addr - t.unit.Base)
	high := low - int64(t.MaxCode())
	return int64(int32(low)) != low || int64(int32(high)) != high
}
