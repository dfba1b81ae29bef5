package asm

import (
	"fmt"

	"hindsight/internal/x86"
)

// Op is a two-operand arithmetic operation, by its number in the opcode map.
type Op uint8

const (
	Add Op = iota
	Or
	Adc
	Sbb
	And
	Sub
	Xor
	Cmp
)

// Cond is a condition code, as in the low four bits of Jcc and SETcc.
type Cond = uint8

const (
	CondO Cond = iota
	CondNO
	CondB
	CondAE
	CondE
	CondNE
	CondBE
	CondA
	CondS
	CondNS
	CondP
	CondNP
	CondL
	CondGE
	CondLE
	CondG
)

// Each Op has eight opcodes: rm,reg is the second of them, reg,rm the fourth.
func (op Op) rmReg() enc { return enc(op)<<3 | 1 }
func (op Op) regRM() enc { return enc(op)<<3 | 3 }

// Alu is op dst, src.
func (b *Buf) Alu(op Op, dst, src x86.Reg) { b.rr(op.rmReg()|w, b.reg(src), dst) }

// AluLoad is op dst, qword m.
func (b *Buf) AluLoad(op Op, dst x86.Reg, m Mem) { b.mr(op.regRM()|w, b.reg(dst), m, 0) }

// AluStore is op qword m, src.
func (b *Buf) AluStore(op Op, m Mem, src x86.Reg) { b.mr(op.rmReg()|w, b.reg(src), m, 0) }

// AluImm is op dst, imm.
func (b *Buf) AluImm(op Op, dst x86.Reg, imm int32) { b.aluImm(op, w, dst, imm) }

// AluMemImm is op qword m, imm.
func (b *Buf) AluMemImm(op Op, m Mem, imm int32) { b.aluMemImm(op, w, m, imm) }

// Alu32 is op dst, src of 32 bits.
func (b *Buf) Alu32(op Op, dst, src x86.Reg) { b.rr(op.rmReg(), b.reg(src), dst) }

// AluLoad32 is op dst, dword m.
func (b *Buf) AluLoad32(op Op, dst x86.Reg, m Mem) { b.mr(op.regRM(), b.reg(dst), m, 0) }

// AluStore32 is op dword m, src.
func (b *Buf) AluStore32(op Op, m Mem, src x86.Reg) { b.mr(op.rmReg(), b.reg(src), m, 0) }

// AluImm32 is op dst, imm of 32 bits.
func (b *Buf) AluImm32(op Op, dst x86.Reg, imm int32) { b.aluImm(op, 0, dst, imm) }

// AluMemImm32 is op dword m, imm.
func (b *Buf) AluMemImm32(op Op, m Mem, imm int32) { b.aluMemImm(op, 0, m, imm) }

// AluMemImm8 is op byte m, imm.
func (b *Buf) AluMemImm8(op Op, m Mem, imm byte) {
	b.mr(0x80, byte(op), m, 1)
	b.code = append(b.code, imm)
}

func (b *Buf) aluImm(op Op, width enc, dst x86.Reg, imm int32) {
	e, _ := aluImmForm(imm)
	b.rr(e|width, byte(op), dst)
	b.aluTail(imm)
}

func (b *Buf) aluMemImm(op Op, width enc, m Mem, imm int32) {
	e, tail := aluImmForm(imm)
	b.mr(e|width, byte(op), m, tail)
	b.aluTail(imm)
}

// aluImmForm picks the opcode for an immediate and returns its length.
func aluImmForm(imm int32) (enc, int) {
	if fits8(int64(imm)) {
		return 0x83, 1
	}
	return 0x81, 4
}

func (b *Buf) aluTail(imm int32) {
	if fits8(int64(imm)) {
		b.code = append(b.code, byte(imm))
		return
	}
	b.imm32(imm)
}

// Test is test x, y.
func (b *Buf) Test(x, y x86.Reg) { b.rr(0x85|w, b.reg(y), x) }

// Not is not r.
func (b *Buf) Not(r x86.Reg) { b.rr(0xf7|w, 2, r) }

// Neg is neg r.
func (b *Buf) Neg(r x86.Reg) { b.rr(0xf7|w, 3, r) }

// Shl is shl r, n.
func (b *Buf) Shl(r x86.Reg, n uint8) { b.shift(4, r, n) }

// Shr is shr r, n.
func (b *Buf) Shr(r x86.Reg, n uint8) { b.shift(5, r, n) }

func (b *Buf) shift(ext byte, r x86.Reg, n uint8) {
	if n > 63 {
		b.fail(fmt.Errorf("shift by %d: %w", n, ErrOperand))
	}
	b.rr(0xc1|w, ext, r)
	b.code = append(b.code, n)
}

// IncMem is inc qword m.
func (b *Buf) IncMem(m Mem) { b.mr(0xff|w, 0, m, 0) }

// DecMem is dec qword m.
func (b *Buf) DecMem(m Mem) { b.mr(0xff|w, 1, m, 0) }

// Setcc sets the low byte of r to 1 or 0; the rest of r stays.
func (b *Buf) Setcc(cc Cond, r x86.Reg) { b.rr(0x90|b.cond(cc)|m0F|rmB, 0, r) }

// SetccMem sets byte m to 1 or 0.
func (b *Buf) SetccMem(cc Cond, m Mem) { b.mr(0x90|b.cond(cc)|m0F, 0, m, 0) }

func (b *Buf) cond(cc Cond) enc {
	if cc > CondG {
		b.fail(fmt.Errorf("condition %d: %w", cc, ErrOperand))
	}
	return enc(cc & 15)
}
