package translate

import (
	"math/bits"

	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// StringInsn is one of the string instructions that a stub of the engine
// executes in place of the guest's.
type StringInsn struct {
	Rep    byte // 0, 0xf2 or 0xf3
	Size   byte // of an element
	Opcode byte
}

// Code returns its bytes.
func (s StringInsn) Code() (b []byte) {
	if s.Rep != 0 {
		b = append(b, s.Rep)
	}
	switch s.Size {
	case 2:
		b = append(b, 0x66)
	case 8:
		b = append(b, 0x48)
	}
	return append(b, s.Opcode)
}

// stringOps are the opcodes for bytes, and what they access.
var stringOps = []struct {
	opcode byte
	kind   int32
}{
	{0xa4, area.StringReadsSI | area.StringWritesDI},                      // MOVS
	{0xa6, area.StringReadsSI | area.StringReadsDI | area.StringCompares}, // CMPS
	{0xaa, area.StringWritesDI},                                           // STOS
	{0xac, area.StringReadsSI | area.StringLoadsAX},                       // LODS
	{0xae, area.StringReadsDI | area.StringCompares},                      // SCAS
}

// StringInsns are all of them, in the order of the number that a kind holds.
func StringInsns() (all []StringInsn) {
	for _, op := range stringOps {
		for _, size := range [...]byte{1, 2, 4, 8} {
			opcode := op.opcode
			if size > 1 {
				opcode++
			}
			for _, rep := range [...]byte{0, 0xf3, 0xf2} {
				all = append(all, StringInsn{rep, size, opcode})
			}
		}
	}
	return all
}

// stringKind describes inst to the stub. It is 0 if that cannot execute it.
func stringKind(inst *x86.Inst) int32 {
	if inst.Spec != x86.STRING {
		return 0
	}
	for _, m := range inst.Mems() {
		if m.Seg != 0 || m.Addr32 {
			return 0
		}
	}
	for i, op := range stringOps {
		if inst.Opcode&^1 != op.opcode {
			continue
		}
		size := int32(bits.TrailingZeros8(inst.OpSize))
		kind := op.kind + size + (int32(i)*4+size)*3<<area.StringInsn
		switch {
		case inst.Rep == 0xf3:
			kind += area.StringRepeats + 1<<area.StringInsn
		case inst.Rep == 0xf2 && op.kind&area.StringCompares != 0:
			kind += area.StringRepeats + area.StringUntil + 2<<area.StringInsn
		case inst.Rep != 0:
			return 0
		}
		return kind
	}
	return 0
}

// stringDetour translates a string instruction that accesses foreign memory. The
// stub goes on behind it, or where neither operand is in memory that it knows,
// with the instruction itself.
func (t *Translator) stringDetour(n *node) {
	b := t.buf
	plain, end := b.NewLabel(), b.NewLabel()
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.point(Point{PC: n.PC, Saved: 1 << x86.RCX})
	b.LeaLabel(x86.RCX, plain)
	b.MovStore(asm.GS(area.ForeignPlain), x86.RCX)
	b.LeaLabel(x86.RCX, end)
	b.MovStore(asm.GS(area.Cont), x86.RCX)
	b.MovStoreImm32(asm.GS(area.StringKind), stringKind(&n.Inst))
	b.JmpMem(asm.GS(area.StubString.Ptr()))
	b.Bind(plain)
	t.point(Point{PC: n.PC, Boundary: true})
	t.copy(n)
	b.Bind(end)
}
