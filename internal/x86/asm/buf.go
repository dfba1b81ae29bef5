// Package asm encodes the x86-64 instructions that generated code is made of.
//
// A Buf holds code for a known host address. Each method appends one
// instruction; nothing is chosen behind the caller's back except the shortest
// displacement and immediate. Operations are 64 bits wide unless their name
// ends in the width. Mistakes that only show in the result (a displacement
// that does not fit, a label never bound) are remembered, so that long
// sequences need no checks: the first one is returned by Finish.
//
// A Buf must not be used by several goroutines at once.
package asm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"hindsight/internal/x86"
)

var (
	// ErrRange reports a displacement that its field cannot hold.
	ErrRange = errors.New("displacement out of range")
	// ErrUnbound reports a label that was used but never bound.
	ErrUnbound = errors.New("label not bound")
	// ErrOperand reports an operand that no encoding exists for.
	ErrOperand = errors.New("operand cannot be encoded")
)

// Label is a place in a Buf, perhaps a later one.
type Label int

// Buf is code under construction for a host address. The zero value is empty
// code for address 0.
type Buf struct {
	base   uint64
	code   []byte
	labels []int // offset of each label, or unbound
	fixups []fixup
	err    error
}

const unbound = -1

// fixup is a displacement that waits for its label. Displacements end their
// instruction, so they count from their own end.
type fixup struct {
	off   int
	size  int // 1 or 4
	label Label
}

// New returns an empty Buf for code that will run at base.
func New(base uint64) *Buf { return &Buf{base: base} }

// Reset empties b for new code at base and keeps its memory.
func (b *Buf) Reset(base uint64) {
	*b = Buf{base: base, code: b.code[:0], labels: b.labels[:0], fixups: b.fixups[:0]}
}

// PC returns the address of the next byte.
func (b *Buf) PC() uint64 { return b.base + uint64(len(b.code)) }

// Len returns the number of bytes so far.
func (b *Buf) Len() int { return len(b.code) }

// Bytes returns the code; it is valid until the next change of b.
func (b *Buf) Bytes() []byte { return b.code }

// Raw appends bytes as they are.
func (b *Buf) Raw(p ...byte) { b.code = append(b.code, p...) }

// Quad appends v as data.
func (b *Buf) Quad(v uint64) { b.code = binary.LittleEndian.AppendUint64(b.code, v) }

// Align appends fill until PC is a multiple of n.
func (b *Buf) Align(n int, fill byte) {
	if n <= 0 {
		b.fail(fmt.Errorf("align to %d: %w", n, ErrOperand))
		return
	}
	for b.PC()%uint64(n) != 0 {
		b.code = append(b.code, fill)
	}
}

// NewLabel returns a label that is not bound yet.
func (b *Buf) NewLabel() Label {
	b.labels = append(b.labels, unbound)
	return Label(len(b.labels) - 1)
}

// Bind places l here. A label is bound once.
func (b *Buf) Bind(l Label) {
	if b.labels[l] != unbound {
		panic(fmt.Sprintf("asm: label %d bound twice", l))
	}
	b.labels[l] = len(b.code)
}

// Addr returns the address of l, which must be bound.
func (b *Buf) Addr(l Label) uint64 {
	if b.labels[l] == unbound {
		b.fail(fmt.Errorf("address of label %d: %w", l, ErrUnbound))
		return 0
	}
	return b.base + uint64(b.labels[l])
}

// Finish fills in the displacements to labels and returns the first mistake
// made since New or Reset, if any. More code may follow it.
func (b *Buf) Finish() error {
	for _, f := range b.fixups {
		b.resolve(f)
	}
	b.fixups = b.fixups[:0]
	return b.err
}

func (b *Buf) resolve(f fixup) {
	to := b.labels[f.label]
	if to == unbound {
		b.fail(fmt.Errorf("label %d used at %#x: %w", f.label, b.base+uint64(f.off), ErrUnbound))
		return
	}
	d := to - (f.off + f.size)
	switch {
	case f.size == 4 && fits32(int64(d)):
		binary.LittleEndian.PutUint32(b.code[f.off:], uint32(d))
	case f.size == 1 && fits8(int64(d)):
		b.code[f.off] = byte(d)
	default:
		b.fail(fmt.Errorf("label %d from %#x, %d bytes away: %w", f.label, b.base+uint64(f.off), d, ErrRange))
	}
}

// toLabel appends a displacement of size bytes to l.
func (b *Buf) toLabel(l Label, size int) {
	b.fixups = append(b.fixups, fixup{off: len(b.code), size: size, label: l})
	b.code = append(b.code, make([]byte, size)...)
}

// toAddr appends the 32-bit displacement to target of an instruction that has
// tail more bytes behind the displacement.
func (b *Buf) toAddr(target uint64, tail int) {
	d := int64(target - (b.PC() + 4 + uint64(tail)))
	if !fits32(d) {
		b.fail(fmt.Errorf("%#x from %#x: %w", target, b.PC(), ErrRange))
		d = 0
	}
	b.imm32(int32(d))
}

func (b *Buf) imm32(v int32) { b.code = binary.LittleEndian.AppendUint32(b.code, uint32(v)) }

func (b *Buf) fail(err error) {
	if b.err == nil {
		b.err = fmt.Errorf("assemble code at %#x: %w", b.base, err)
	}
}

// reg returns the hardware number of r.
func (b *Buf) reg(r x86.Reg) byte {
	if r > x86.R15 {
		b.fail(fmt.Errorf("register %d: %w", r, ErrOperand))
		return 0
	}
	return byte(r)
}

// PatchRel32 writes the 32-bit displacement at code[off:], where at is the
// host address of code[0], so that it leads to target. It holds for
// displacements that end their instruction: those of jmp, jcc and call.
func PatchRel32(code []byte, off int, at, target uint64) error {
	if off < 0 || off+4 > len(code) {
		return fmt.Errorf("patch displacement at offset %d of %d bytes: %w", off, len(code), ErrRange)
	}
	d := int64(target - (at + uint64(off) + 4))
	if !fits32(d) {
		return fmt.Errorf("patch displacement at %#x to %#x: %w", at+uint64(off), target, ErrRange)
	}
	binary.LittleEndian.PutUint32(code[off:], uint32(d))
	return nil
}

func fits8(v int64) bool  { return v >= math.MinInt8 && v <= math.MaxInt8 }
func fits32(v int64) bool { return v >= math.MinInt32 && v <= math.MaxInt32 }
