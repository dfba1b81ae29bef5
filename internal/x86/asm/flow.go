package asm

import (
	"fmt"

	"hindsight/internal/x86"
)

// Jmp is jmp l with a 32-bit displacement, the last 4 bytes.
func (b *Buf) Jmp(l Label) {
	b.code = append(b.code, 0xe9)
	b.toLabel(l, 4)
}

// JmpShort is jmp l with an 8-bit displacement.
func (b *Buf) JmpShort(l Label) {
	b.code = append(b.code, 0xeb)
	b.toLabel(l, 1)
}

// Jcc is jcc l with a 32-bit displacement, the last 4 bytes.
func (b *Buf) Jcc(cc Cond, l Label) {
	b.code = append(b.code, 0x0f, 0x80|byte(b.cond(cc)))
	b.toLabel(l, 4)
}

// JccShort is jcc l with an 8-bit displacement.
func (b *Buf) JccShort(cc Cond, l Label) {
	b.code = append(b.code, 0x70|byte(b.cond(cc)))
	b.toLabel(l, 1)
}

// Jrcxz jumps to l, at most 127 bytes away, if RCX is 0.
func (b *Buf) Jrcxz(l Label) {
	b.code = append(b.code, 0xe3)
	b.toLabel(l, 1)
}

// Jecxz jumps to l, at most 127 bytes away, if ECX is 0.
func (b *Buf) Jecxz(l Label) {
	b.code = append(b.code, 0x67, 0xe3)
	b.toLabel(l, 1)
}

// JmpAbs is jmp target with a 32-bit displacement, the last 4 bytes.
func (b *Buf) JmpAbs(target uint64) {
	b.code = append(b.code, 0xe9)
	b.toAddr(target, 0)
}

// JccAbs is jcc target with a 32-bit displacement, the last 4 bytes.
func (b *Buf) JccAbs(cc Cond, target uint64) {
	b.code = append(b.code, 0x0f, 0x80|byte(b.cond(cc)))
	b.toAddr(target, 0)
}

// CallAbs is call target with a 32-bit displacement, the last 4 bytes.
func (b *Buf) CallAbs(target uint64) {
	b.code = append(b.code, 0xe8)
	b.toAddr(target, 0)
}

// Call is call l with a 32-bit displacement, the last 4 bytes.
func (b *Buf) Call(l Label) {
	b.code = append(b.code, 0xe8)
	b.toLabel(l, 4)
}

// CallReg is call r.
func (b *Buf) CallReg(r x86.Reg) { b.rr(0xff, 2, r) }

// CallMem is call qword m.
func (b *Buf) CallMem(m Mem) { b.mr(0xff, 2, m, 0) }

// JmpReg is jmp r.
func (b *Buf) JmpReg(r x86.Reg) { b.rr(0xff, 4, r) }

// JmpMem is jmp qword m.
func (b *Buf) JmpMem(m Mem) { b.mr(0xff, 4, m, 0) }

// Instructions without operands.

func (b *Buf) Ret()      { b.Raw(0xc3) }
func (b *Buf) Int3()     { b.Raw(0xcc) }
func (b *Buf) Ud2()      { b.Raw(0x0f, 0x0b) }
func (b *Buf) Syscall()  { b.Raw(0x0f, 0x05) }
func (b *Buf) Pushfq()   { b.Raw(0x9c) }
func (b *Buf) Popfq()    { b.Raw(0x9d) }
func (b *Buf) Lahf()     { b.Raw(0x9f) }
func (b *Buf) Sahf()     { b.Raw(0x9e) }
func (b *Buf) Cld()      { b.Raw(0xfc) }
func (b *Buf) Std()      { b.Raw(0xfd) }
func (b *Buf) RepMovsb() { b.Raw(0xf3, 0xa4) }
func (b *Buf) RepMovsq() { b.Raw(0xf3, 0x48, 0xa5) }
func (b *Buf) Rdtsc()    { b.Raw(0x0f, 0x31) }
func (b *Buf) Rdtscp()   { b.Raw(0x0f, 0x01, 0xf9) }
func (b *Buf) Cpuid()    { b.Raw(0x0f, 0xa2) }
func (b *Buf) Xgetbv()   { b.Raw(0x0f, 0x01, 0xd0) }

// Rdrand is rdrand r, of size 2, 4 or 8 bytes.
func (b *Buf) Rdrand(r x86.Reg, size int) { b.rr(0xc7|m0F|b.width(size), 6, r) }

// Rdseed is rdseed r, of size 2, 4 or 8 bytes.
func (b *Buf) Rdseed(r x86.Reg, size int) { b.rr(0xc7|m0F|b.width(size), 7, r) }

// Rdpid is rdpid r.
func (b *Buf) Rdpid(r x86.Reg) { b.rr(0xc7|m0F|pF3, 7, r) }

// width returns the prefix of an operand of size bytes.
func (b *Buf) width(size int) enc {
	switch size {
	case 2:
		return p66
	case 4:
		return 0
	case 8:
		return w
	}
	b.fail(fmt.Errorf("operand of %d bytes: %w", size, ErrOperand))
	return 0
}

// nops are the recommended multi-byte forms (SDM vol. 2, NOP, table 4-12).
var nops = [...]string{
	"\x90",
	"\x66\x90",
	"\x0f\x1f\x00",
	"\x0f\x1f\x40\x00",
	"\x0f\x1f\x44\x00\x00",
	"\x66\x0f\x1f\x44\x00\x00",
	"\x0f\x1f\x80\x00\x00\x00\x00",
	"\x0f\x1f\x84\x00\x00\x00\x00\x00",
	"\x66\x0f\x1f\x84\x00\x00\x00\x00\x00",
}

// Nop appends n bytes of no operation in as few instructions as possible.
func (b *Buf) Nop(n int) {
	for n > 0 {
		k := min(n, len(nops))
		b.code = append(b.code, nops[k-1]...)
		n -= k
	}
}
