package translate

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzUnit translates arbitrary bytes: what comes out must hold together,
// whatever they are.
func FuzzUnit(f *testing.F) {
	for _, g := range goldens {
		f.Add(g.code, uint8(0))
		f.Add(g.code, uint8(1))
		f.Add(g.code, uint8(6))
		f.Add(g.code, uint8(8))
		f.Add(g.code, uint8(20))
	}
	var trs [8]*Translator
	for i := range trs {
		trs[i] = New(Options{Replay: i&1 != 0, RTM: i&2 != 0, MaxInsts: 64})
	}
	f.Fuzz(func(t *testing.T, code []byte, mode uint8) {
		tr := trs[mode%4]
		p := &program{start: guestBase, code: code, checked: mode&4 != 0, shared: mode&12 == 8}
		if mode&16 != 0 {
			p.base = 1 << 40
		}
		translateAndVerify(t, tr, p)
	})
}

// translateAndVerify translates p twice and reports whether it could be.
func translateAndVerify(t *testing.T, tr *Translator, p *program) bool {
	t.Helper()
	base := cmp.Or(p.base, hostBase)
	u, err := tr.Unit(p, guestBase, base)
	if errors.Is(err, ErrFar) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	verify(t, tr, u)
	again, err := tr.Unit(p, guestBase, base)
	if err != nil || !bytes.Equal(u.Code, again.Code) {
		t.Errorf("translated again: %v, or other code", err)
	}
	if t.Failed() {
		t.Logf("guest: % x", p.code)
	}
	return true
}

// TestRandomPrograms translates sequences of real instructions, which random
// bytes seldom are, with branches between them.
func TestRandomPrograms(t *testing.T) {
	for seed := range uint64(400) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		code := randomProgram(rnd, 20+rnd.IntN(600))
		for mode := range 9 {
			tr := New(Options{Replay: mode&1 != 0, RTM: true})
			p := &program{start: guestBase, code: code, checked: mode&2 != 0, shared: mode == 4, foreign: mode == 4}
			if mode > 4 {
				p.base = 1 << 40
			}
			if !translateAndVerify(t, tr, p) {
				t.Error("out of reach")
			}
			if t.Failed() {
				t.Fatalf("seed %d, mode %d", seed, mode)
			}
		}
	}
}

// randomProgram strings instructions from the goldens together; their
// branches go anywhere.
func randomProgram(rnd *rand.Rand, n int) []byte {
	plain := [][]byte{
		{0x48, 0x01, 0xd8}, {0x48, 0x11, 0xd8}, {0x48, 0xff, 0xc6}, {0x48, 0x8b, 0x0c, 0x24}, {0x31, 0xc0}, {0x9c},
		{0x48, 0x8b, 0x05, 0, 1, 0, 0}, {0xf3, 0xa4}, {0x0f, 0x05}, {0x0f, 0x31}, {0x0f, 0xa2}, {0x48, 0x0f, 0xc7, 0xf0},
		{0xff, 0xd0}, {0xff, 0x24, 0xc8}, {0xc3}, {0xd9, 0x30}, {0x0f, 0x01, 0x00}, {0x65, 0x8b, 0x00}, {0xcc},
	}
	branches := [][]byte{{0x75}, {0x72}, {0xeb}, {0xe2}, {0xe3}, {0xe8}, {0xe9}, {0x0f, 0x84}, {0xc7, 0xf8}}
	var code []byte
	for len(code) < n {
		if rnd.IntN(3) > 0 {
			code = append(code, plain[rnd.IntN(len(plain))]...)
			continue
		}
		op := branches[rnd.IntN(len(branches))]
		code = append(code, op...)
		if op[0] >= 0x70 && op[0] < 0x80 || op[0] == 0xeb || op[0] == 0xe2 || op[0] == 0xe3 {
			code = append(code, byte(rnd.IntN(100)-70))
			continue
		}
		d := rnd.IntN(n+40) - len(code)
		code = append(code, byte(d), byte(d>>8), byte(d>>16), byte(d>>24))
	}
	return code
}

// TestMaxCode translates what takes the most room: padded instructions on a
// page that mixes code and data, all of them backward branches.
func TestMaxCode(t *testing.T) {
	padded := func(n int, op ...byte) []byte {
		return append(bytes.Repeat([]byte{0x2e}, n-len(op)), op...)
	}
	tests := []struct {
		name string
		inst []byte
	}{
		{"plain", padded(15, 0x48, 0x01, 0xc0)},
		{"backward jcc", padded(15, 0x75, 0xf1)},
		{"forward jcc far away", padded(15, 0x0f, 0x85, 0, 0, 0, 0x70)},
		{"backward jcc far away", padded(15, 0x0f, 0x85, 0, 0, 0, 0xa0)},
		{"loop", padded(15, 0xe2, 0xf1)},
		{"indirect call", padded(15, 0xff, 0x14, 0xc5, 0, 0, 0, 1)},
		{"call", padded(15, 0xe8, 0, 0, 0, 0)},
		{"rdrand", padded(15, 0x48, 0x0f, 0xc7, 0xf0)},
		{"short", []byte{0x90}},
		{"locked", padded(15, 0xf0, 0x48, 0x01, 0x00)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for mode := range 5 {
				tr := New(Options{Replay: mode&1 != 0})
				p := &program{start: guestBase, code: bytes.Repeat(tt.inst, 300), checked: mode&2 != 0, shared: mode == 4, foreign: mode == 4}
				u, err := tr.Unit(p, guestBase, hostBase)
				if err != nil {
					t.Fatal(err)
				}
				if len(u.Code) > tr.MaxCode() {
					t.Errorf("mode %d: %d bytes for %d instructions, more than MaxCode %d", mode, len(u.Code), len(u.Insts), tr.MaxCode())
				}
			}
		})
	}
}

func TestHead(t *testing.T) {
	tr := New(Options{})
	u, err := tr.Head(guestBase, hostBase+0x1000, hostBase)
	if err != nil {
		t.Fatal(err)
	}
	insts, _ := listing(t, u)
	begins := map[uint32]bool{}
	for _, in := range insts {
		begins[in.off] = true
	}
	verifyPoints(t, u, begins)
	if last := insts[len(insts)-1]; last.Target != hostBase+0x1000 {
		t.Errorf("ends with a jump to %#x", last.Target)
	}
	if !slices.Equal(u.Heads, []InstAt{{PC: guestBase}}) {
		t.Errorf("heads %v", u.Heads)
	}
}

func TestOutOfReach(t *testing.T) {
	p := &program{start: guestBase}
	for _, tt := range []struct {
		name  string
		guest []byte
		want  []byte // of the translation
	}{
		{"load", []byte{0x48, 0x8b, 0x05, 0, 0, 0, 0, 0xc3}, []byte{0x48, 0x8b, 0x01}},                              // mov rax, [rip]
		{"jump", []byte{0xff, 0x25, 1, 0, 0, 0}, binary.LittleEndian.AppendUint64([]byte{0x48, 0xb9}, guestBase+7)}, // jmp [rip+1]
		{"base extended", []byte{0x49, 0x8b, 0x05, 0, 0, 0, 0, 0xc3}, []byte{0xcc}},                                 // the same with REX.B
		{"short address", []byte{0x67, 0x48, 0x8b, 0x05, 0, 0, 0, 0, 0xc3}, []byte{0xcc}},                           // mov rax, [eip]
	} {
		p.code = tt.guest
		u, err := New(Options{}).Unit(p, guestBase, 1<<40)
		if err != nil || !bytes.Contains(u.Code, tt.want) {
			t.Errorf("%s: %v, % x", tt.name, err, u.Code)
		}
		if native := len(u.Exits) == 1 && u.Exits[0].Kind == ExitNative; native != (tt.want[0] == 0xcc) {
			t.Errorf("%s: exits %+v", tt.name, u.Exits)
		}
	}
}
