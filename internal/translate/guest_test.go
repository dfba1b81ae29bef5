package translate

import (
	"encoding/binary"
	"testing"

	"hindsight/internal/x86"
)

// program is guest code at one address, for tests.
type program struct {
	start      uint64
	code       []byte
	vdso       uint64
	checked    bool
	shared     bool // others may write the code
	translated map[uint64]uint64
	foreign    bool   // every third address may access foreign memory
	apart      uint64 // from here on all belongs elsewhere; 0: nothing
	base       uint64 // of the host code, if it is not hostBase
}

func (p *program) Fetch(pc uint64, b []byte) int {
	off := pc - p.start
	if off >= uint64(len(p.code)) {
		return 0
	}
	return copy(b, p.code[off:])
}

func (p *program) Translated(pc uint64) (uint64, bool) {
	host, ok := p.translated[pc]
	return host, ok
}

func (p *program) Apart(pc uint64) bool { return p.apart != 0 && pc >= p.apart }

func (p *program) Checked(uint64) bool { return p.checked }

func (p *program) Foreign(pc uint64) bool { return p.foreign && (pc-p.start)%3 == 0 }

func (p *program) CodeAlias(pc uint64) (uint64, bool) { return pc ^ 1<<46, p.shared }

func (p *program) VDSOAt(pc uint64) (int, bool) { return 2, pc != 0 && pc == p.vdso }

const (
	guestBase        = 0x401000
	hostBase  uint64 = 0x10000000
)

// hostInst is an instruction of generated code.
type hostInst struct {
	x86.Inst
	off uint32
}

// listing takes generated code apart, up to the literals behind it.
func listing(t *testing.T, u *Unit) (insts []hostInst, literals uint32) {
	t.Helper()
	end := uint32(len(u.Code))
	for off := uint32(0); off < end; {
		if exit, ok := u.Exit(off); ok && u.Code[off] == 0xcc && exit.Far {
			insts = append(insts, hostInst{x86.Inst{PC: u.Base + uint64(off), Len: 14, Flow: x86.FlowInt3}, off})
			off += 14
			continue
		}
		in, err := x86.Decode(u.Code[off:], u.Base+uint64(off))
		if err != nil {
			t.Fatalf("generated code at %#x: %v: % x", off, err, u.Code[off:min(off+15, end)])
		}
		insts = append(insts, hostInst{in, off})
		if in.RIPRel && in.Opcode != 0x8d { // LEA's are places in the code
			disp := int32(binary.LittleEndian.Uint32(u.Code[off+uint32(in.DispOff):]))
			if to := in.Next() + uint64(disp) - u.Base; to < uint64(end) {
				end = uint32(to)
			}
		}
		off += uint32(in.Len)
	}
	return insts, end
}

// verify checks what must hold for every unit.
func verify(t *testing.T, tr *Translator, u *Unit) {
	t.Helper()
	if n := tr.MaxCode(); len(u.Code) > n {
		t.Errorf("%d bytes of code, more than MaxCode %d", len(u.Code), n)
	}
	insts, literals := listing(t, u)
	begins := map[uint32]bool{}
	for _, in := range insts {
		begins[in.off] = true
	}
	verifyPoints(t, u, begins)
	verifyPlaces(t, u, begins)
	for _, x := range u.Exits {
		off := x.Off
		if off >= uint32(len(u.Code)) || u.Code[off] != 0xcc || !begins[off] {
			t.Errorf("exit at %#x is no INT3", off)
		}
		if x.PatchOff != 0 && x.PatchOff+4 > literals {
			t.Errorf("exit at %#x has its displacement at %#x", off, x.PatchOff)
		}
	}
	for _, in := range insts {
		switch in.Flow {
		case x86.FlowJmp, x86.FlowJcc, x86.FlowCall:
			if to := in.Target - u.Base; to < uint64(len(u.Code)) && !begins[uint32(to)] {
				t.Errorf("branch at %#x goes into the middle of an instruction, %#x", in.off, to)
			}
		case x86.FlowInt3:
			if _, ok := u.Exit(in.off); !ok && u.Code[in.off] == 0xcc && !padding(u, in.off, literals) {
				t.Errorf("INT3 at %#x is no exit", in.off)
			}
		}
	}
}

// padding reports whether there is nothing but INT3s from off up to the
// literals or the code's end.
func padding(u *Unit, off, end uint32) bool {
	for ; off < end; off++ {
		if _, exit := u.Exit(off); exit || u.Code[off] != 0xcc {
			return false
		}
	}
	return true
}

func verifyPoints(t *testing.T, u *Unit, begins map[uint32]bool) {
	t.Helper()
	if len(u.Points) == 0 || u.Points[0].Off != 0 {
		t.Fatal("the first instruction has no point")
	}
	last := uint32(0)
	for _, p := range u.Points {
		if p.Off < last {
			t.Errorf("point at %#x after one at %#x", p.Off, last)
		}
		last = p.Off
		if p.Off < uint32(len(u.Code)) && !begins[p.Off] {
			t.Errorf("point at %#x is inside an instruction", p.Off)
		}
		if p.Counts != p.Saved.Has(p.Reg) && p.Counts {
			t.Errorf("point at %#x: the counter's register %d has no guest value in its slot", p.Off, p.Reg)
		}
	}
}

func verifyPlaces(t *testing.T, u *Unit, begins map[uint32]bool) {
	t.Helper()
	seen := map[uint64]bool{}
	for _, in := range u.Insts {
		if seen[in.PC] {
			t.Errorf("instruction at %#x twice", in.PC)
		}
		seen[in.PC] = true
		if s := u.PointAt(in.Off); !begins[in.Off] || s.Off != in.Off || !s.Boundary || s.PC != in.PC || s.Saved != 0 {
			t.Errorf("instruction %#x at %#x: point %+v", in.PC, in.Off, s)
		}
	}
	for _, in := range u.Copies {
		if !seen[in.PC] {
			t.Errorf("copy of %#x, which is not there", in.PC)
		}
		s := u.PointAt(in.Off)
		inLoop := s.Counts && s.Saved == 1<<s.Reg
		if !begins[in.Off] || s.Off != in.Off || !s.Boundary || s.PC != in.PC || !inLoop && (s.Counts || s.Saved != 0) {
			t.Errorf("copy of %#x at %#x: point %+v", in.PC, in.Off, s)
		}
	}
	for _, h := range u.Heads {
		if s := u.PointAt(h.Off); s.Boundary || s.PC != h.PC || s.Saved != indirectSaved {
			t.Errorf("indirect entry of %#x: point %+v", h.PC, s)
		}
	}
}
