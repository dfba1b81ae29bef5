package translate

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
)

// TestPlace moves translations of random code: they must become what is made
// for the code at its new place.
func TestPlace(t *testing.T) {
	const from, host = 0x5555_5555_5000, 0x5555_1000_0000
	const moved, apart = 0x1abc_def0_0000, 0x34_5000
	rnd := rand.New(rand.NewPCG(7, 11))
	for i := range 400 {
		opt := Options{Replay: i&1 != 0, MaxInsts: 64}
		code := randomProgram(rnd, 200)
		here := &program{start: from, code: code, apart: from + 100}
		there := &program{start: from + moved, code: code, apart: from + moved + 100}
		linked := &program{start: from, code: code, apart: from + 100, translated: map[uint64]uint64{}}
		for pc := uint64(from + 100); pc < from+1000; pc++ {
			linked.translated[pc] = host - 0x1000 + pc%16
		}
		for _, p := range []*program{here, there, linked} {
			p.foreign = i&2 != 0
		}
		want := mustUnit(t, New(opt), there, from+moved, host+moved+apart)
		for _, p := range []*program{here, linked} {
			u := mustUnit(t, New(opt), p, from, host)
			d := u.Detach(from)
			got := make([]byte, len(d.Code))
			v, err := d.Place(host+moved+apart, from+moved, got)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want.Code) {
				t.Fatalf("program %d: moved code\n% x\nnew code\n% x", i, got, want.Code)
			}
			for off := range uint32(len(want.Code)) {
				x, ok := v.Exit(off)
				y, found := want.Exit(off)
				if ok != found || x != y {
					t.Fatalf("program %d: exit at %#x: %+v, want %+v", i, off, x, y)
				}
				if p, q := v.PointAt(off), want.PointAt(off); p != q {
					t.Fatalf("program %d: state at %#x: %+v, want %+v", i, off, p, q)
				}
			}
			for _, l := range [][2][]InstAt{{v.Insts, want.Insts}, {v.Heads, want.Heads}, {v.Copies, want.Copies}} {
				if !reflect.DeepEqual(placed(l[0], v.Bias), placed(l[1], 0)) {
					t.Fatalf("program %d: %+v, want %+v", i, l[0], l[1])
				}
			}
		}
	}
}

func mustUnit(t *testing.T, tr *Translator, p *program, pc, base uint64) *Unit {
	t.Helper()
	u, err := tr.Unit(p, pc, base)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func placed(insts []InstAt, bias uint64) []InstAt {
	out := make([]InstAt, len(insts))
	for i, in := range insts {
		in.PC += bias
		out[i] = in
	}
	return out
}

// An operand of code that lies too far from its translation does not reach.
func TestPlaceFar(t *testing.T) {
	p := &program{start: guestBase, code: []byte{0x48, 0x8b, 0x05, 0, 1, 0, 0, 0xc3}} // mov rax, [rip+0x100]
	d := mustUnit(t, New(Options{}), p, guestBase, hostBase).Detach(0)
	if _, err := d.Place(hostBase, 1<<32, make([]byte, len(d.Code))); !errors.Is(err, ErrFar) {
		t.Errorf("moved by 4 GiB: %v", err)
	}
}

// What is changed in one place does not change in the others.
func TestPlaceApart(t *testing.T) {
	p := &program{start: guestBase, code: []byte{0x90, 0xc3}}
	u := mustUnit(t, New(Options{}), p, guestBase, hostBase)
	d := u.Detach(guestBase)
	v, err := d.Place(hostBase, guestBase, make([]byte, len(d.Code)))
	if err != nil {
		t.Fatal(err)
	}
	v.SetExit(Exit{Off: 0, Kind: ExitStale, PC: guestBase})
	if _, ok := u.Exit(0); ok {
		t.Error("the exit is in the original, too")
	}
	if x, _ := v.Exit(0); x.PC != guestBase {
		t.Errorf("exit of %#x", x.PC)
	}
}
