package engine

import (
	"hindsight/internal/x86"
)

// Address returns the address of a memory operand of inst, which is about to
// execute with the guest's registers g.
func Address(g *Regs, inst *x86.Inst, m x86.Mem) uint64 {
	a := uint64(m.Disp)
	switch {
	case m.Base == x86.RIP:
		a += inst.Next()
	case m.Base != x86.NoReg:
		a += *Reg(g, m.Base)
	}
	if m.Index != x86.NoReg && !m.VSIB {
		a += *Reg(g, m.Index) * uint64(m.Scale)
	}
	if m.Addr32 {
		a = uint64(uint32(a))
	}
	switch m.Seg {
	case 0x64:
		a += g.Fs_base
	case 0x65:
		a += g.Gs_base
	}
	return a
}
