package engine

import (
	"slices"
	"sync"

	"hindsight/internal/translate"
)

// CodeStore keeps translations of the code in files beyond the processes that
// they were made for. Programs begin much alike each time, and an exit to have
// the next fragment made costs more than the fragment does.
//
// A CodeStore serves engines of the same Options. Goroutines may share it.
type CodeStore struct {
	mu      sync.Mutex
	modules map[string]*module
	size    int // of the code, in bytes
	made    map[stubsKey]*stubs
}

// maxKept bounds the code that a CodeStore keeps, in bytes. What describes the
// code takes about three times as much.
const maxKept = 64 << 20

// Program is what processes have in common that execute much the same code.
type Program struct {
	Path string
	// Forked: it was not executed, but begins in the middle of another process.
	// Few such execute more than what leads to execve or exit.
	Forked bool
}

// module is what is kept of a file. PCs in it count from where offset 0 of the
// file would be mapped.
type module struct {
	pages map[uint64]*pageContent // as last seen, by PC
	units map[uint64]*kept        // by entry
	users map[Program]*user
	first *user
	// detours are instructions known to access foreign memory, by PC.
	detours map[uint64]bool
}

// pageContent is a page of a file.
type pageContent [pageSize]byte

// kept is a translation, and what it is a translation of.
type kept struct {
	unit  *translate.Unit
	entry uint64
	pages []keptPage
	// detours are its instructions that are led to foreign memory, by PC.
	detours []uint64
}

type keptPage struct {
	pc      uint64
	content *pageContent
}

// user is what a program has executed of a module, in the order in which it was
// first seen to.
type user struct {
	units []*kept
	heads []uint64
	known map[*kept]bool
	heard map[uint64]bool
}

// NewCodeStore returns an empty one.
func NewCodeStore() *CodeStore {
	return &CodeStore{modules: map[string]*module{}, made: map[stubsKey]*stubs{}}
}

// stubsKey is what stubs depend on.
type stubsKey struct {
	arena  uint64
	replay bool
	vdso   vdsoSet
}

// stubs returns the stubs for an arena. A nil store makes new ones.
func (s *CodeStore) stubs(arena uint64, replay bool, vdso vdsoSet) (*stubs, error) {
	if s == nil {
		return newStubs(arena, replay, vdso)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := stubsKey{arena, replay, vdso}
	if made := s.made[key]; made != nil {
		return made, nil
	}
	made, err := newStubs(arena, replay, vdso)
	if err == nil {
		s.made[key] = made
	}
	return made, err
}

// user returns the module of a file, and what p has executed of it.
func (s *CodeStore) user(path string, p Program) (*module, *user) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.modules[path]
	if m == nil {
		m = &module{pages: map[uint64]*pageContent{}, units: map[uint64]*kept{}, users: map[Program]*user{}, detours: map[uint64]bool{}}
		s.modules[path] = m
	}
	u := m.users[p]
	if u == nil {
		u = &user{known: map[*kept]bool{}, heard: map[uint64]bool{}}
		m.users[p] = u
	}
	if m.first == nil && !p.Forked {
		m.first = u
	}
	return m, u
}

// expected returns what a program will probably execute of m, where u is what
// p did before. If nothing is known of it that is what the first program did.
func (s *CodeStore) expected(m *module, u *user, p Program) ([]*kept, []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(u.units) == 0 && m.first != nil && !p.Forked {
		u = m.first
	}
	return u.units[:len(u.units):len(u.units)], u.heads[:len(u.heads):len(u.heads)]
}

// find returns the translation that begins at pc.
func (s *CodeStore) find(m *module, pc uint64) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return m.units[pc]
}

// detour notes that the instruction at pc accesses foreign memory.
func (s *CodeStore) detour(m *module, pc uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.detours[pc] = true
}

// eachDetour calls f for the instructions of m known to access foreign memory.
func (s *CodeStore) eachDetour(m *module, f func(pc uint64)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for pc := range m.detours {
		f(pc)
	}
}

// used notes that u executes k.
func (s *CodeStore) used(u *user, k *kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !u.known[k] {
		u.known[k] = true
		u.units = append(u.units, k)
	}
}

// entered notes that u executes an indirect transfer to pc.
func (s *CodeStore) entered(u *user, pc uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !u.heard[pc] {
		u.heard[pc] = true
		u.heads = append(u.heads, pc)
	}
}

// useless notes that units which u is said to execute could not be placed: they
// overlap with others of its, or come from a file that has changed.
func (s *CodeStore) useless(u *user, units map[*kept]bool) {
	if len(units) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u.units = slices.DeleteFunc(slices.Clone(u.units), func(k *kept) bool { return units[k] })
	for k := range units {
		delete(u.known, k)
	}
}

// content returns the page of m at pc, which is b now.
func (s *CodeStore) content(m *module, pc uint64, b *pageContent) *pageContent {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := m.pages[pc]; c != nil && *c == *b {
		return c
	}
	c := *b
	m.pages[pc] = &c
	return &c
}

// add keeps a translation that u executes, unless the store is full.
func (s *CodeStore) add(m *module, u *user, k *kept) {
	s.mu.Lock()
	if s.size += len(k.unit.Code); s.size <= maxKept {
		m.units[k.entry] = k
	}
	full := s.size > maxKept
	s.mu.Unlock()
	if !full {
		s.used(u, k)
	}
}
