package engine

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"hindsight/internal/event"
	"hindsight/internal/tracee"
)

// distinctRegs gives each register a value of its own.
func distinctRegs() (r Regs) {
	for i, p := range fields(&r) {
		*p = 0x1111*uint64(i) + 7
	}
	return r
}

func TestPackRegs(t *testing.T) {
	r := distinctRegs()
	packed := PackRegs(&r)
	seen := map[uint64]bool{}
	for _, v := range packed {
		if seen[v] {
			t.Errorf("value %#x twice", v)
		}
		seen[v] = true
	}
	if got := UnpackRegs(&packed); got != r {
		t.Errorf("got %+v\nwant %+v", got, r)
	}
	// The order is user_regs_struct's (sys/user.h).
	if packed[0] != r.R15 || packed[10] != r.Rax || packed[16] != r.Rip || packed[26] != r.Gs {
		t.Error("not in the order of user_regs_struct")
	}
}

func TestStateHashOfRegisters(t *testing.T) {
	const cs, eflags, ss, gsBase, origRAX = 17, 18, 20, 22, 15
	ignored := map[int]bool{cs: true, eflags: true, ss: true, gsBase: true, origRAX: true, 23: true, 24: true, 25: true, 26: true}
	r := distinctRegs()
	before := StateHash(&r, nil)
	for i := range event.NumRegs {
		changed := r
		*fields(&changed)[i] ^= 1
		if same := StateHash(&changed, nil) == before; same != ignored[i] {
			t.Errorf("register %d: hash is the same after a change: %v", i, same)
		}
	}
}

// xstate is an XSAVE area with every byte of it set.
func xstate(bv uint64) []byte {
	x := make([]byte, 1024)
	for i := range x {
		x[i] = byte(i*7 + 1)
	}
	binary.LittleEndian.PutUint64(x[xsaveHeader:], bv)
	return x
}

func TestStateHashOfVectors(t *testing.T) {
	var r Regs
	all := uint64(featureX87 | featureSSE | featureAVX)
	parts := []struct {
		name     string
		off, len int
		bit      uint64
	}{
		{"x87", xsaveST, xsaveSTLen, featureX87},
		{"SSE", xsaveXMM, xsaveXMMLen, featureSSE},
		{"AVX", xsaveYMM, xsaveYMMLen, featureAVX},
	}
	before := StateHash(&r, xstate(all))
	for _, p := range parts {
		for _, off := range []int{p.off, p.off + p.len - 1} {
			x := xstate(all)
			x[off] ^= 0x80
			if StateHash(&r, x) == before {
				t.Errorf("%s: a change at %d is not seen", p.name, off)
			}
		}
		// A component in its initial state equals one that is all zero.
		zeroed := xstate(all)
		clear(zeroed[p.off : p.off+p.len])
		if StateHash(&r, zeroed) != StateHash(&r, xstate(all&^p.bit)) {
			t.Errorf("%s: absent is not the same as zero", p.name)
		}
	}
	if StateHash(&r, nil) != StateHash(&r, xstate(0)) {
		t.Error("no extended state is not the same as the initial one")
	}
}

// memory is what MemoryHash reads: pages by address.
type memory map[uint64][]byte

func (m memory) ReadMem(addr uint64, p []byte) (int, error) {
	n := 0
	for n < len(p) {
		at := addr + uint64(n)
		page, ok := m[at&^(pageSize-1)]
		if !ok {
			return n, errors.New("not there")
		}
		n += copy(p[n:], page[at%pageSize:])
	}
	return n, nil
}

func (m memory) Populated(r tracee.PageRange, gap uint64) (out []tracee.PageRange, err error) {
	for page := range m {
		if r.Start <= page && page < r.End {
			out = append(out, tracee.PageRange{Start: page, End: page + pageSize})
		}
	}
	slices.SortFunc(out, func(a, b tracee.PageRange) int { return cmp.Compare(a.Start, b.Start) })
	return out, nil
}

func (m memory) fill(start, end uint64) {
	for a := start; a < end; a += pageSize {
		m[a] = make([]byte, pageSize)
	}
}

func TestMemoryHash(t *testing.T) {
	const rw = unix.PROT_READ | unix.PROT_WRITE
	var s Space
	s.Map(Mapping{Start: 0x10000, End: 0x40000, Prot: rw})
	s.Map(Mapping{Start: 0x50000, End: 0x52000, Prot: unix.PROT_READ})
	s.Map(Mapping{Start: 0x60000, End: 0x62000, Prot: rw, Shared: true})
	s.Map(Mapping{Start: 0x70000, End: 0x72000, Prot: rw, Path: "[vvar]"})
	s.Map(Mapping{Start: 0x80000, End: 0x82000, Prot: rw}) // ours
	s.Map(Mapping{Start: 0x90000, End: 0x98000, Prot: rw, Path: "[stack]"})
	const vast = 1 << 40
	const sp = 0x94008
	ours := func(start, end uint64) bool { return start < 0x82000 && 0x80000 < end }
	m := memory{}
	for _, x := range s.Mappings() {
		m.fill(x.Start, x.End)
	}
	delete(m, 0x20000) // cannot be read
	s.Map(Mapping{Start: vast, End: 2 * vast, Prot: rw})
	m.fill(vast+vast/2, vast+vast/2+pageSize)
	sum := func() (uint64, uint64) {
		h, n, err := MemoryHash(m, &s, sp, ours)
		if err != nil {
			t.Fatal(err)
		}
		return h, n
	}
	empty, n := sum()
	if n != 0 {
		t.Errorf("%d pages in memory that is all zero", n)
	}
	tests := []struct {
		addr uint64
		seen bool
	}{
		{0x10000, true}, {0x3ffff, true}, {0x21000, true}, {0x1ffff, true},
		{0x50000, false}, {0x60000, false}, {0x70000, false}, {0x80000, false},
		{0x90000, false}, {sp - 129, false}, {sp - 128, true}, {sp, true}, {0x97fff, true},
		{vast + vast/2 + 8, true},
	}
	hashes := map[uint64]uint64{}
	for _, tt := range tests {
		b := &m[tt.addr&^(pageSize-1)][tt.addr%pageSize]
		*b = 0x5a
		h, n := sum()
		if again, _ := sum(); again != h {
			t.Errorf("%#x: two hashes of the same memory", tt.addr)
		}
		*b = 0
		if (h != empty) != tt.seen || (n == 1) != tt.seen {
			t.Errorf("a byte at %#x: hash differs %v, %d pages; want seen %v", tt.addr, h != empty, n, tt.seen)
		}
		if other, ok := hashes[h]; ok && tt.seen {
			t.Errorf("the same hash for a byte at %#x and at %#x", tt.addr, other)
		}
		hashes[h] = tt.addr
	}
}

func TestZero(t *testing.T) {
	for n := range 40 {
		b := make([]byte, n)
		if !zero(b) {
			t.Errorf("%d zero bytes are not zero", n)
		}
		for i := range b {
			b[i] = 1
			if zero(b) {
				t.Errorf("%d bytes with one at %d are zero", n, i)
			}
			b[i] = 0
		}
	}
}
