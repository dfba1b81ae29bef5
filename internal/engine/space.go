package engine

import (
	"slices"
	"sort"
)

// Mapping is a range of guest memory with one set of attributes.
type Mapping struct {
	Start, End uint64
	Prot       uint64 // PROT_*
	Shared     bool
	Foreign    bool // others may write it at any time: see foreign.go
	Growsdown  bool // a stack: the kernel extends it at a fault below
	Path       string
	Offset     uint64 // in Path
}

// Space is the guest's address space as the guest made it: without the
// arena, and with the protections that the guest asked for.
type Space struct {
	maps []Mapping // by Start, disjoint
}

// Mappings returns the mappings by address. The slice is valid until the
// next change.
func (s *Space) Mappings() []Mapping { return s.maps }

// Find returns the mapping that addr lies in.
func (s *Space) Find(addr uint64) (Mapping, bool) {
	i := s.at(addr)
	if i < len(s.maps) && s.maps[i].Start <= addr {
		return s.maps[i], true
	}
	return Mapping{}, false
}

// at returns the index of the first mapping that ends behind addr.
func (s *Space) at(addr uint64) int {
	return sort.Search(len(s.maps), func(i int) bool { return s.maps[i].End > addr })
}

// Overlaps reports whether anything is mapped in [start, end).
func (s *Space) Overlaps(start, end uint64) bool {
	i := s.at(start)
	return i < len(s.maps) && s.maps[i].Start < end
}

// Map adds m, in place of whatever was there.
func (s *Space) Map(m Mapping) {
	if m.Start >= m.End {
		return
	}
	s.Unmap(m.Start, m.End)
	s.maps = slices.Insert(s.maps, s.at(m.Start), m)
}

// Unmap removes [start, end).
func (s *Space) Unmap(start, end uint64) {
	i, j := s.split(start, end)
	s.maps = slices.Delete(s.maps, i, j)
}

// Protect sets the protection of what is mapped in [start, end).
func (s *Space) Protect(start, end, prot uint64) {
	i, j := s.split(start, end)
	for k := i; k < j; k++ {
		s.maps[k].Prot = prot
	}
}

// Within returns the parts of mappings in [start, end).
func (s *Space) Within(start, end uint64) []Mapping {
	var out []Mapping
	for _, m := range s.maps[s.at(start):] {
		if m.Start >= end {
			break
		}
		out = append(out, m.cut(max(start, m.Start), min(end, m.End)))
	}
	return out
}

// Extend moves the start of the mapping at old down to start, as the kernel
// does with a stack.
func (s *Space) Extend(old, start uint64) {
	if i := s.at(old); i < len(s.maps) && s.maps[i].Start == old {
		s.maps[i].Start = start
	}
}

// below returns the gaps in which stacks may have grown into [start, end): each
// ends where a stack begins.
func (s *Space) below(start, end uint64) (gaps []Mapping) {
	for i := s.at(start); i < len(s.maps); i++ {
		low := uint64(0)
		if i > 0 {
			low = s.maps[i-1].End
		}
		m := &s.maps[i]
		if m.Growsdown && max(low, start) < min(m.Start, end) {
			gaps = append(gaps, Mapping{Start: low, End: m.Start})
		}
		if m.Start >= end {
			break
		}
	}
	return gaps
}

// stackStarts reports whether the first mapping in [start, end) is a stack.
func (s *Space) stackStarts(start, end uint64) bool {
	i := s.at(start)
	return i < len(s.maps) && s.maps[i].Start < end && s.maps[i].Growsdown
}

// sparseFrom is how long a mapping is that may be nearly all untouched: the stack of a
// thread, say.
const sparseFrom = 1 << 20

// Sparse reports whether it is worth asking which pages of m have been touched:
// the others are zeros.
func (m *Mapping) Sparse() bool { return m.Anonymous() && m.End-m.Start >= sparseFrom }

// Anonymous reports whether the pages of m that have not been touched are zeros.
func (m *Mapping) Anonymous() bool { return m.Path == "" && !m.Shared && !m.Foreign }

// cut returns the part [start, end) of m.
func (m Mapping) cut(start, end uint64) Mapping {
	if m.Path != "" {
		m.Offset += start - m.Start
	}
	m.Start, m.End = start, end
	return m
}

// split cuts the mappings at start and end, and returns the indices of those
// between.
func (s *Space) split(start, end uint64) (i, j int) {
	for _, at := range [2]uint64{start, end} {
		k := s.at(at)
		if k < len(s.maps) && s.maps[k].Start < at {
			m := s.maps[k]
			s.maps[k] = m.cut(m.Start, at)
			s.maps = slices.Insert(s.maps, k+1, m.cut(at, m.End))
		}
	}
	i = s.at(start)
	for j = i; j < len(s.maps) && s.maps[j].End <= end; j++ {
	}
	return i, j
}
