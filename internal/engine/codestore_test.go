package engine

import (
	"slices"
	"testing"

	"hindsight/internal/translate"
)

func keptAt(entry uint64, code int) *kept {
	return &kept{entry: entry, unit: &translate.Unit{Code: make([]byte, code)}}
}

func TestCodeStoreExpects(t *testing.T) {
	s := NewCodeStore()
	first, second, forked := Program{Path: "first"}, Program{Path: "second"}, Program{Path: "first", Forked: true}
	m, u := s.user("lib", first)
	a, b := keptAt(1, 1), keptAt(2, 1)
	s.add(m, u, a)
	s.add(m, u, b)
	s.used(u, a)
	s.entered(u, 7)
	s.entered(u, 7)

	expect := func(p Program, units []*kept, heads []uint64) {
		t.Helper()
		_, u := s.user("lib", p)
		gotUnits, gotHeads := s.expected(m, u, p)
		if !slices.Equal(gotUnits, units) || !slices.Equal(gotHeads, heads) {
			t.Errorf("%v: %d units, heads %v; want %d, %v", p, len(gotUnits), gotHeads, len(units), heads)
		}
	}
	expect(first, []*kept{a, b}, []uint64{7})
	expect(second, []*kept{a, b}, []uint64{7}) // as nothing else is known
	expect(forked, nil, nil)

	_, v := s.user("lib", second)
	c := keptAt(3, 1)
	s.add(m, v, c)
	expect(second, []*kept{c}, nil)
	expect(first, []*kept{a, b}, []uint64{7})

	before, _ := s.expected(m, u, first)
	s.useless(u, map[*kept]bool{a: true})
	expect(first, []*kept{b}, []uint64{7})
	if !slices.Equal(before, []*kept{a, b}) {
		t.Error("what an engine was told has changed under it")
	}
	if s.find(m, 3) != c || s.find(m, 4) != nil {
		t.Error("units are not found by their entry")
	}
}

func TestCodeStoreIsBounded(t *testing.T) {
	s := NewCodeStore()
	p := Program{Path: "program"}
	m, u := s.user("lib", p)
	s.add(m, u, keptAt(1, maxKept))
	s.add(m, u, keptAt(2, 1))
	if units, _ := s.expected(m, u, p); len(units) != 1 || s.find(m, 2) != nil {
		t.Errorf("%d units kept, one fits", len(units))
	}
}

// A file that has changed has other pages; what was made of the old ones is
// told by them.
func TestCodeStoreContent(t *testing.T) {
	s := NewCodeStore()
	m, _ := s.user("lib", Program{})
	old := s.content(m, 0x1000, &pageContent{1})
	if s.content(m, 0x1000, &pageContent{1}) != old {
		t.Error("the same page is kept twice")
	}
	if s.content(m, 0x1000, &pageContent{2}) == old || old[0] != 1 {
		t.Error("a changed page passes for the old one")
	}
}
