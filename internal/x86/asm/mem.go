package asm

import (
	"fmt"

	"hindsight/internal/x86"
)

// Mem is a memory operand: Seg:[Base + Index*Scale + Disp], or with RIP set
// the absolute address Target, reached relative to the instruction pointer.
// Seg is 0, 0x64 (FS) or 0x65 (GS). Absent registers are x86.NoReg.
type Mem struct {
	Seg         byte
	Base, Index x86.Reg
	Scale       uint8 // 1, 2, 4 or 8; 0 counts as 1
	Disp        int32 // unused with RIP
	RIP         bool
	Target      uint64
}

// Segment override prefixes, the values of Mem.Seg.
const (
	segFS = 0x64
	segGS = 0x65
)

// GS returns gs:[disp].
func GS(disp int32) Mem {
	return Mem{Seg: segGS, Base: x86.NoReg, Index: x86.NoReg, Disp: disp}
}

// GSIndex returns gs:[idx*scale + disp].
func GSIndex(idx x86.Reg, scale uint8, disp int32) Mem {
	return Mem{Seg: segGS, Base: x86.NoReg, Index: idx, Scale: scale, Disp: disp}
}

// Base returns [b + disp].
func Base(b x86.Reg, disp int32) Mem {
	return Mem{Base: b, Index: x86.NoReg, Disp: disp}
}

// Abs returns [rip + distance to target].
func Abs(target uint64) Mem {
	return Mem{Base: x86.NoReg, Index: x86.NoReg, RIP: true, Target: target}
}

// enc is an opcode byte with what surrounds it.
type enc uint16

const (
	w    enc = 1 << (8 + iota) // REX.W
	m0F                        // escape byte 0F
	p66                        // mandatory or operand-size prefix 66
	pF3                        // mandatory prefix F3
	regB                       // the reg operand is a byte register
	rmB                        // the register in rm is a byte register
)

const (
	rexBase = 0x40
	rexW    = 8
	rexR    = 4
	rexX    = 2
	rexB    = 1
)

// opcode appends prefixes, REX where needed, and the opcode.
func (b *Buf) opcode(e enc, seg, rex byte, forceREX bool) {
	if seg != 0 {
		b.code = append(b.code, seg)
	}
	if e&p66 != 0 {
		b.code = append(b.code, 0x66)
	}
	if e&pF3 != 0 {
		b.code = append(b.code, 0xf3)
	}
	if e&w != 0 {
		rex |= rexW
	}
	if rex != 0 || forceREX {
		b.code = append(b.code, rexBase|rex)
	}
	if e&m0F != 0 {
		b.code = append(b.code, 0x0f)
	}
	b.code = append(b.code, byte(e))
}

// highByte reports whether r, as a byte register, would mean AH, CH, DH or BH
// in an instruction without REX (SDM vol. 2, 2.2.1.2).
func highByte(r byte) bool { return r >= 4 && r < 8 }

// rr appends an instruction with two register operands, or a register and an
// opcode extension in reg.
func (b *Buf) rr(e enc, reg byte, rm x86.Reg) {
	r := b.reg(rm)
	rex := reg>>3*rexR | r>>3*rexB
	force := e&regB != 0 && highByte(reg) || e&rmB != 0 && highByte(r)
	b.opcode(e, 0, rex, force)
	b.code = append(b.code, 0xc0|reg&7<<3|r&7)
}

// mr appends an instruction with a memory operand and a register or opcode
// extension in reg; tail is the length of the immediate that the caller
// appends, which RIP-relative displacements count in.
func (b *Buf) mr(e enc, reg byte, m Mem, tail int) {
	if m.Seg != 0 && m.Seg != segFS && m.Seg != segGS {
		b.fail(fmt.Errorf("segment prefix %#x: %w", m.Seg, ErrOperand))
	}
	rex := reg >> 3 * rexR
	if m.Base != x86.NoReg && !m.RIP {
		rex |= b.reg(m.Base) >> 3 * rexB
	}
	if m.Index != x86.NoReg && !m.RIP {
		rex |= b.reg(m.Index) >> 3 * rexX
	}
	b.opcode(e, m.Seg, rex, e&regB != 0 && highByte(reg))
	b.modrm(reg&7<<3, m, tail)
}

// Meanings of the fields of ModRM and SIB (SDM vol. 2, tables 2-2 and 2-3).
const (
	modDisp8  = 0x40
	modDisp32 = 0x80
	rmSIB     = 4
	rmDisp32  = 5 // with mod 0: RIP-relative
	noIndex   = 4 << 3
	noBase    = 5 // with mod 0: disp32 alone
)

func (b *Buf) modrm(reg byte, m Mem, tail int) {
	switch {
	case m.RIP:
		b.code = append(b.code, reg|rmDisp32)
		b.toAddr(m.Target, tail)
	case m.Base == x86.NoReg:
		// Without SIB this ModRM would mean RIP-relative in 64-bit mode.
		b.code = append(b.code, reg|rmSIB, b.scaledIndex(m)|noBase)
		b.imm32(m.Disp)
	default:
		b.based(reg, m)
	}
}

// based appends ModRM, SIB and displacement of an operand with a base.
func (b *Buf) based(reg byte, m Mem) {
	base := b.reg(m.Base) & 7
	var mod byte
	switch {
	case m.Disp == 0 && base != noBase: // RBP and R13 always take a displacement
	case fits8(int64(m.Disp)):
		mod = modDisp8
	default:
		mod = modDisp32
	}
	if m.Index != x86.NoReg || base == rmSIB { // RSP and R12 always take a SIB
		b.code = append(b.code, mod|reg|rmSIB, b.scaledIndex(m)|base)
	} else {
		b.code = append(b.code, mod|reg|base)
	}
	switch mod {
	case modDisp8:
		b.code = append(b.code, byte(m.Disp))
	case modDisp32:
		b.imm32(m.Disp)
	}
}

// scaledIndex returns the upper five bits of the SIB byte.
func (b *Buf) scaledIndex(m Mem) byte {
	if m.Index == x86.NoReg {
		return noIndex
	}
	if m.Index == x86.RSP {
		b.fail(fmt.Errorf("rsp as index: %w", ErrOperand))
	}
	idx := b.reg(m.Index) & 7 << 3
	switch m.Scale {
	case 0, 1:
		return idx
	case 2:
		return 1<<6 | idx
	case 4:
		return 2<<6 | idx
	case 8:
		return 3<<6 | idx
	}
	b.fail(fmt.Errorf("scale %d: %w", m.Scale, ErrOperand))
	return idx
}
