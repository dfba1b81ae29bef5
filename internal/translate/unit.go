package translate

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"sort"
)

// Exit returns the exit at an offset. Its PC is the guest's.
func (u *Unit) Exit(off uint32) (Exit, bool) {
	i, ok := u.findExit(off)
	if !ok {
		return Exit{}, false
	}
	x := u.Exits[i]
	x.PC += u.Bias
	return x, true
}

// SetExit adds an exit, or replaces the one at its offset. Its PC is the guest's.
func (u *Unit) SetExit(x Exit) {
	if u.shared {
		u.Exits, u.shared = slices.Clone(u.Exits), false
	}
	x.PC -= u.Bias
	i, ok := u.findExit(x.Off)
	if ok {
		u.Exits[i] = x
	} else {
		u.Exits = slices.Insert(u.Exits, i, x)
	}
}

func (u *Unit) findExit(off uint32) (int, bool) {
	return slices.BinarySearchFunc(u.Exits, off, func(x Exit, off uint32) int { return cmp.Compare(x.Off, off) })
}

// PointAt returns the state that holds at an offset. Its PC is the guest's.
func (u *Unit) PointAt(off uint32) Point {
	i := sort.Search(len(u.Points), func(i int) bool { return u.Points[i].Off > off }) - 1
	if i < 0 {
		panic(fmt.Sprintf("translate: no state for offset %#x of the unit at %#x", off, u.Base))
	}
	p := u.Points[i]
	p.PC += u.Bias
	return p
}

// Sources returns the instructions that u is made from. Their PCs are the guest's.
func (u *Unit) Sources() iter.Seq[InstAt] {
	return func(yield func(InstAt) bool) {
		for _, list := range [...][]InstAt{u.Insts, u.Joined} {
			for _, in := range list {
				in.PC += u.Bias
				if !yield(in) {
					return
				}
			}
		}
	}
}

// Own returns the offset of the instruction itself in the translation of one, of
// which off is a boundary: behind what checks its bytes or leads it elsewhere.
func (u *Unit) Own(off uint32) uint32 {
	i := sort.Search(len(u.Points), func(i int) bool { return u.Points[i].Off >= off })
	for pc := u.PointAt(off).PC - u.Bias; i < len(u.Points) && u.Points[i].PC == pc; i++ {
		if u.Points[i].Boundary {
			off = u.Points[i].Off
		}
	}
	return off
}

// reloc is what has to change in a unit's code when the guest code or the unit
// itself lies elsewhere.
type reloc struct {
	off  uint32
	kind relocKind
}

type relocKind uint8

const (
	relocOperand relocKind = iota // 4 bytes: the distance from here to guest memory
	relocPC                       // 8 bytes: a guest PC
	relocMinusPC                  // 8 bytes: its negative
)

// reloc notes one at the present position.
func (t *Translator) reloc(k relocKind) {
	t.unit.relocs = append(t.unit.relocs, reloc{uint32(t.buf.Len()), k})
}

// Detach returns a copy of u for Place, which can put it wherever the same guest
// code is; here that is at bias, from which the PCs of both count from now on.
// They share slices, so neither must be changed but through its methods.
func (u *Unit) Detach(bias uint64) *Unit {
	code := u.Code
	if len(u.Links) > 0 {
		code = slices.Clone(code)
	}
	for _, l := range u.Links {
		x, _ := u.Exit(l.Off)
		patch32(code, x.PatchOff, u.Base, u.Base+uint64(l.Off))
	}
	u.Bias, u.shared = bias, true
	for i := range u.Points {
		u.Points[i].PC -= bias
	}
	for i := range u.Exits {
		u.Exits[i].PC -= bias
	}
	for _, list := range [...][]InstAt{u.Insts, u.Heads, u.Copies, u.Joined} {
		for i := range list {
			list[i].PC -= bias
		}
	}
	d := *u
	d.Code, d.Links = code, nil
	return &d
}

// Place returns u, which Detach has made, for guest code at bias and the host
// address base. code, as long as u's, gets its code. It fails with ErrFar where
// an operand does not reach.
func (u *Unit) Place(base, bias uint64, code []byte) (*Unit, error) {
	copy(code, u.Code)
	moved := bias - u.Bias
	apart := moved - (base - u.Base)
	for _, r := range u.relocs {
		b := code[r.off:]
		switch r.kind {
		case relocPC:
			binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)+moved)
		case relocMinusPC:
			binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)-moved)
		case relocOperand:
			to := int64(int32(binary.LittleEndian.Uint32(b))) + int64(apart)
			if int64(int32(to)) != to {
				return nil, fmt.Errorf("place code of %#x at %#x: %w", bias, base, ErrFar)
			}
			binary.LittleEndian.PutUint32(b, uint32(to))
		}
	}
	placed := *u
	placed.Base, placed.Bias = base, bias
	return &placed, nil
}
