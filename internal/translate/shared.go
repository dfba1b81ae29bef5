package translate

import (
	"encoding/binary"
	"slices"

	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// Code in foreign memory may become other code at any time, unseen by us. So
// each stretch of it is compared with what was translated when it is entered,
// through the memory's alias, and the guest leaves where they differ. Within a
// stretch nothing can change it but other processes, whose stores the CPU, too,
// may execute late (SDM vol. 3, 9.1.3).
//
// An instruction inside a stretch has a second place behind the fragments, for
// those who come there from elsewhere: it compares what is left of the stretch.

// maxStretch bounds a stretch in bytes, and with it what an entry compares.
const maxStretch = 32

// stretch is a run of instructions of the unit, insts[from] to insts[to-1].
type stretch struct{ from, to int }

// findStretches divides the code of foreign memory in the unit.
func (t *Translator) findStretches() {
	t.stretches = t.stretches[:0]
	if !slices.ContainsFunc(t.insts, func(n node) bool { return n.alias != 0 }) {
		return
	}
	t.findTargets()
	length := 0
	for i := range t.insts {
		n := &t.insts[i]
		if n.alias == 0 {
			continue
		}
		length += int(n.Len)
		if last := len(t.stretches) - 1; last >= 0 && t.stretches[last].to == i && length <= maxStretch && t.goesOn(i) {
			t.stretches[last].to++
			n.inside = true
			continue
		}
		t.stretches = append(t.stretches, stretch{i, i + 1})
		length = int(n.Len)
	}
}

// findTargets notes where direct transfers of the unit lead.
func (t *Translator) findTargets() {
	t.targets.reset()
	for i := range t.insts {
		n := &t.insts[i]
		if n.kind != nodeInst {
			continue
		}
		switch n.Flow {
		case x86.FlowJmp, x86.FlowJcc, x86.FlowCall, x86.FlowXbegin:
			t.targets.put(n.Target, 1)
		}
		if i+1 < len(t.insts) && t.insts[i+1].PC != n.Next() {
			t.targets.put(n.Next(), 1)
		}
	}
}

// goesOn reports whether insts[i] is executed only behind insts[i-1], as far as
// the unit shows, and right behind it.
func (t *Translator) goesOn(i int) bool {
	n, before := &t.insts[i], &t.insts[i-1]
	switch {
	case before.Next() != n.PC || before.alias+uint64(before.Len) != n.alias:
		return false
	case t.targets.has(n.PC) || t.returns.has(n.PC) || n.Spec == x86.STRING:
		return false
	case before.Flow == x86.FlowJcc:
		return true
	}
	return before.Flow == x86.FlowNext && before.way == NoDetour // whose store may change the code
}

// compareStretch compares the stretch that begins with insts[i].
func (t *Translator) compareStretch(i int) {
	s := slices.IndexFunc(t.stretches, func(s stretch) bool { return s.from == i })
	t.compare(i, t.stretches[s].to)
}

// compare compares the guest memory of insts[from] to insts[to-1] with what is
// being translated. LEA and JRCXZ keep the flags.
func (t *Translator) compare(from, to int) {
	n := &t.insts[from]
	var code []byte
	for i := from; i < to; i++ {
		code = append(code, t.insts[i].bytes[:t.insts[i].Len]...)
	}
	b := t.buf
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.point(Point{PC: n.PC})
	b.MovStore(asm.GS(area.Save(x86.RAX)), x86.RAX)
	b.MovImm64(x86.RAX, n.alias)
	t.point(Point{PC: n.PC, Saved: indirectSaved})
	f := mismatch{pc: n.PC}
	for off := 0; off < len(code); {
		at := asm.Base(x86.RAX, int32(off))
		var expect uint32
		switch left := len(code) - off; {
		case left >= 4:
			b.MovLoad32(x86.RCX, at)
			expect = binary.LittleEndian.Uint32(code[off:])
			off += 4
		case left >= 2:
			b.MovLoad16zx(x86.RCX, at)
			expect = uint32(binary.LittleEndian.Uint16(code[off:]))
			off += 2
		default:
			b.MovLoad8zx(x86.RCX, at)
			expect = uint32(code[off])
			off++
		}
		b.Raw(0x8d, 0x89) // lea ecx, [rcx-expect]
		b.Raw(binary.LittleEndian.AppendUint32(nil, -expect)...)
		same := t.jumpOver(0xe3)
		b.Raw(0xe9)
		f.from = append(f.from, uint32(b.Len()))
		b.Raw(0, 0, 0, 0)
		t.land(same)
	}
	t.mismatches = append(t.mismatches, f)
	b.MovLoad(x86.RAX, asm.GS(area.Save(x86.RAX)))
	b.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
	t.point(Point{PC: n.PC, Boundary: true})
}

// mismatch is where comparisons lead to that have found other code.
type mismatch struct {
	pc   uint64
	from []uint32 // their rel32
}

// emitEntries emits the second places of instructions inside a stretch.
func (t *Translator) emitEntries() {
	for _, s := range t.stretches {
		for i := s.from + 1; i < s.to; i++ {
			n := &t.insts[i]
			t.unit.Insts = append(t.unit.Insts, InstAt{PC: n.PC, Off: uint32(t.buf.Len()), Len: n.Len})
			t.point(Point{PC: n.PC, Boundary: true})
			t.compare(i, s.to)
			t.buf.Raw(0xe9, 0, 0, 0, 0)
			patch32(t.buf.Bytes(), uint32(t.buf.Len()-4), 0, uint64(n.off))
		}
	}
	for _, f := range t.mismatches {
		for _, off := range f.from {
			patch32(t.buf.Bytes(), off, 0, uint64(t.buf.Len()))
		}
		t.point(Point{PC: f.pc, Saved: indirectSaved})
		t.buf.MovLoad(x86.RAX, asm.GS(area.Save(x86.RAX)))
		t.buf.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
		t.point(Point{PC: f.pc, Boundary: true})
		t.exitHere(ExitStale, f.pc)
	}
}
