package asm

import (
	"encoding/binary"
	"math"

	"hindsight/internal/x86"
)

// Mov is mov dst, src.
func (b *Buf) Mov(dst, src x86.Reg) { b.rr(0x89|w, b.reg(src), dst) }

// MovLoad is mov dst, qword m.
func (b *Buf) MovLoad(dst x86.Reg, m Mem) { b.mr(0x8b|w, b.reg(dst), m, 0) }

// MovStore is mov qword m, src.
func (b *Buf) MovStore(m Mem, src x86.Reg) { b.mr(0x89|w, b.reg(src), m, 0) }

// Mov32 is mov dst, src of 32 bits; it clears the upper half of dst.
func (b *Buf) Mov32(dst, src x86.Reg) { b.rr(0x89, b.reg(src), dst) }

// MovLoad32 is mov dst, dword m; it clears the upper half of dst.
func (b *Buf) MovLoad32(dst x86.Reg, m Mem) { b.mr(0x8b, b.reg(dst), m, 0) }

// MovStore32 is mov dword m, src.
func (b *Buf) MovStore32(m Mem, src x86.Reg) { b.mr(0x89, b.reg(src), m, 0) }

// MovLoad8zx is movzx dst, byte m.
func (b *Buf) MovLoad8zx(dst x86.Reg, m Mem) { b.mr(0xb6|m0F, b.reg(dst), m, 0) }

// MovLoad16zx is movzx dst, word m.
func (b *Buf) MovLoad16zx(dst x86.Reg, m Mem) { b.mr(0xb7|m0F, b.reg(dst), m, 0) }

// MovStore8 is mov byte m, low byte of src.
func (b *Buf) MovStore8(m Mem, src x86.Reg) { b.mr(0x88|regB, b.reg(src), m, 0) }

// MovzxB is movzx dst, low byte of src.
func (b *Buf) MovzxB(dst, src x86.Reg) { b.rr(0xb6|m0F|rmB, b.reg(dst), src) }

// MovzxW is movzx dst, low word of src.
func (b *Buf) MovzxW(dst, src x86.Reg) { b.rr(0xb7|m0F, b.reg(dst), src) }

// MovImm64 is mov dst, imm, always in the form of 10 bytes: the immediate is
// the last 8.
func (b *Buf) MovImm64(dst x86.Reg, imm uint64) {
	b.plusReg(0xb8|w, dst)
	b.code = binary.LittleEndian.AppendUint64(b.code, imm)
}

// MovImm32 is mov dst, imm of 32 bits; it clears the upper half of dst.
func (b *Buf) MovImm32(dst x86.Reg, imm uint32) {
	b.plusReg(0xb8, dst)
	b.imm32(int32(imm))
}

// MovImm is mov dst, imm in its shortest form. It leaves the flags alone.
func (b *Buf) MovImm(dst x86.Reg, imm uint64) {
	switch {
	case imm <= math.MaxUint32:
		b.MovImm32(dst, uint32(imm))
	case fits32(int64(imm)):
		b.rr(0xc7|w, 0, dst)
		b.imm32(int32(imm))
	default:
		b.MovImm64(dst, imm)
	}
}

// MovStoreImm32 stores imm, sign-extended, to qword m.
func (b *Buf) MovStoreImm32(m Mem, imm int32) {
	b.mr(0xc7|w, 0, m, 4)
	b.imm32(imm)
}

// MovStoreImm8 is mov byte m, imm.
func (b *Buf) MovStoreImm8(m Mem, imm byte) {
	b.mr(0xc6, 0, m, 1)
	b.code = append(b.code, imm)
}

// Lea is lea dst, m. A segment in m has no effect.
func (b *Buf) Lea(dst x86.Reg, m Mem) {
	m.Seg = 0
	b.mr(0x8d|w, b.reg(dst), m, 0)
}

// LeaLabel is lea dst, [rip + distance to l].
func (b *Buf) LeaLabel(dst x86.Reg, l Label) {
	r := b.reg(dst)
	b.opcode(0x8d|w, 0, r>>3*rexR, false)
	b.code = append(b.code, r&7<<3|rmDisp32)
	b.toLabel(l, 4)
}

// Xchg is xchg x, y.
func (b *Buf) Xchg(x, y x86.Reg) { b.rr(0x87|w, b.reg(y), x) }

// Push is push r.
func (b *Buf) Push(r x86.Reg) { b.plusReg(0x50, r) }

// Pop is pop r.
func (b *Buf) Pop(r x86.Reg) { b.plusReg(0x58, r) }

// PushMem is push qword m.
func (b *Buf) PushMem(m Mem) { b.mr(0xff, 6, m, 0) }

// PopMem is pop qword m. With RSP as base the address uses RSP after the pop
// (SDM vol. 2, POP).
func (b *Buf) PopMem(m Mem) { b.mr(0x8f, 0, m, 0) }

// plusReg appends an opcode whose low three bits name the register.
func (b *Buf) plusReg(e enc, r x86.Reg) {
	n := b.reg(r)
	b.opcode(e|enc(n&7), 0, n>>3*rexB, false)
}
