package engine

import (
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// pageMap is a Space that keeps each page by itself.
type pageMap map[uint64]Mapping

func (p pageMap) mapped(m Mapping) {
	for a := m.Start; a < m.End; a += pageSize {
		p[a] = m.cut(a, a+pageSize)
	}
}

func (p pageMap) unmap(start, end uint64) {
	for a := start; a < end; a += pageSize {
		delete(p, a)
	}
}

func (p pageMap) protect(start, end, prot uint64) {
	for a := start; a < end; a += pageSize {
		if m, ok := p[a]; ok {
			m.Prot = prot
			p[a] = m
		}
	}
}

// pages takes mappings apart.
func pages(maps []Mapping) pageMap {
	p := pageMap{}
	for _, m := range maps {
		p.mapped(m)
	}
	return p
}

func (p pageMap) equal(o pageMap) bool {
	if len(p) != len(o) {
		return false
	}
	for a, m := range p {
		if o[a] != m {
			return false
		}
	}
	return true
}

// TestSpaceAgainstPages does random things to a Space and to a map of pages.
func TestSpaceAgainstPages(t *testing.T) {
	const last = 64 // pages
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		var s Space
		want := pageMap{}
		for step := range 60 {
			start := uint64(rnd.IntN(last)) * pageSize
			end := start + uint64(1+rnd.IntN(12))*pageSize
			prot := uint64(rnd.IntN(8))
			switch rnd.IntN(4) {
			case 0, 1:
				m := Mapping{Start: start, End: end, Prot: prot, Shared: rnd.IntN(4) == 0}
				if rnd.IntN(2) == 0 {
					m.Path, m.Offset = "/lib/x", uint64(rnd.IntN(9))*pageSize
				}
				s.Map(m)
				want.mapped(m)
			case 2:
				s.Unmap(start, end)
				want.unmap(start, end)
			case 3:
				s.Protect(start, end, prot)
				want.protect(start, end, prot)
			}
			if got := pages(s.Mappings()); !got.equal(want) {
				t.Fatalf("seed %d, step %d: %v, want %v", seed, step, got, want)
			}
			checkQueries(t, &s, want, rnd, last)
			if t.Failed() {
				t.Fatalf("seed %d, step %d: %v", seed, step, s.Mappings())
			}
		}
	}
}

// checkQueries compares what the Space says with the pages.
func checkQueries(t *testing.T, s *Space, want pageMap, rnd *rand.Rand, last int) {
	t.Helper()
	maps := s.Mappings()
	for i, m := range maps {
		if m.Start >= m.End || i > 0 && maps[i-1].End > m.Start {
			t.Errorf("mapping %d out of order: %+v", i, m)
		}
	}
	addr := uint64(rnd.IntN(last+10))*pageSize + uint64(rnd.IntN(pageSize))
	m, ok := s.Find(addr)
	if page, mapped := want[addr&^(pageSize-1)]; ok != mapped || ok && (addr < m.Start || addr >= m.End || m.Prot != page.Prot) {
		t.Errorf("Find(%#x) = %+v, %v; the page is %+v", addr, m, ok, page)
	}
	start := uint64(rnd.IntN(last)) * pageSize
	end := start + uint64(1+rnd.IntN(12))*pageSize
	part := pageMap{}
	for a := start; a < end; a += pageSize {
		if m, ok := want[a]; ok {
			part[a] = m
		}
	}
	if got := s.Within(start, end); !pages(got).equal(part) {
		t.Errorf("Within(%#x, %#x) = %v, want %v", start, end, got, part)
	}
	if got := s.Overlaps(start, end); got != (len(part) > 0) {
		t.Errorf("Overlaps(%#x, %#x) = %v", start, end, got)
	}
}

func TestSpaceKeepsApart(t *testing.T) {
	var s Space
	s.Map(Mapping{Start: 0x1000, End: 0x9000, Prot: unix.PROT_READ, Path: "/f", Offset: 0x10000})
	s.Protect(0x3000, 0x4000, unix.PROT_NONE)
	s.Unmap(0x6000, 0x7000)
	want := []Mapping{
		{Start: 0x1000, End: 0x3000, Prot: unix.PROT_READ, Path: "/f", Offset: 0x10000},
		{Start: 0x3000, End: 0x4000, Path: "/f", Offset: 0x12000},
		{Start: 0x4000, End: 0x6000, Prot: unix.PROT_READ, Path: "/f", Offset: 0x13000},
		{Start: 0x7000, End: 0x9000, Prot: unix.PROT_READ, Path: "/f", Offset: 0x16000},
	}
	if got := s.Mappings(); !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	// What was handed out before does not change with the Space.
	part := s.Within(0x1000, 0x9000)
	s.Unmap(0, 0x10000)
	if !slices.Equal(part, want) {
		t.Errorf("Within's result changed to %+v", part)
	}
}

func TestSpaceExtend(t *testing.T) {
	var s Space
	s.Map(Mapping{Start: 0x8000, End: 0x9000, Growsdown: true})
	s.Extend(0x8000, 0x5000)
	s.Extend(0x7000, 0x1000) // no mapping starts there
	if got := s.Mappings(); len(got) != 1 || got[0].Start != 0x5000 || got[0].End != 0x9000 {
		t.Errorf("after growing: %+v", got)
	}
}

func TestSpaceBelow(t *testing.T) {
	var s Space
	s.Map(Mapping{Start: 0x1000, End: 0x2000})
	s.Map(Mapping{Start: 0x8000, End: 0x9000, Growsdown: true})
	for _, c := range []struct {
		start, end uint64
		found      int
	}{{0, ^uint64(0), 1}, {0x7000, 0x8000, 1}, {0x1000, 0x3000, 1}, {0x1000, 0x2000, 0}, {0x8000, 0x9000, 0}, {0x9000, 0xa000, 0}} {
		if got := s.below(c.start, c.end); len(got) != c.found || c.found == 1 && (got[0].Start != 0x2000 || got[0].End != 0x8000) {
			t.Errorf("below(%#x, %#x) = %+v", c.start, c.end, got)
		}
	}
}

func TestSpaceClone(t *testing.T) {
	var s Space
	s.Map(Mapping{Start: 0x1000, End: 0x3000, Prot: unix.PROT_READ})
	c := s.Clone()
	s.Protect(0x1000, 0x2000, unix.PROT_NONE)
	s.Unmap(0x2000, 0x3000)
	if got := c.Mappings(); len(got) != 1 || got[0].Prot != unix.PROT_READ || got[0].End != 0x3000 {
		t.Errorf("the copy changed with the original: %+v", got)
	}
}
