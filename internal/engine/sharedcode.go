package engine

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/translate"
	"hindsight/internal/x86"
)

// Code in foreign memory is translated while recording, and compared with the
// memory whenever it is entered (translate/shared.go). What a translation was
// made from, where it is new, is told to the recording; replay translates that,
// and compares nothing.

// Code is code that the guest executes from foreign memory.
type Code struct {
	Addr  uint64
	Bytes []byte
	Gone  uint64 // bytes from Addr on that are none any more
}

func (c *Code) end() uint64 { return c.Addr + uint64(len(c.Bytes)) }

// sharedPage is what is known of the code on a page of foreign memory. It is
// never changed: images of the process share it.
type sharedPage struct {
	bytes [pageSize]byte
	known [pageSize]bool
}

// with returns p with c's part of the page at an address.
func (p *sharedPage) with(page uint64, c Code) *sharedPage {
	out := &sharedPage{}
	if p != nil {
		*out = *p
	}
	for i, b := range c.Bytes {
		if at := c.Addr + uint64(i) - page; at < pageSize {
			out.bytes[at], out.known[at] = b, true
		}
	}
	return out
}

// Learn notes code in foreign memory, and drops what other code there was
// translated to.
func (e *Engine) Learn(c Code) {
	for page := c.Addr &^ (pageSize - 1); page < c.end(); page += pageSize {
		e.shared[page] = e.shared[page].with(page, c)
	}
	e.dropIn(c.Addr, c.end())
}

// dropIn is drop for few bytes.
func (e *Engine) dropIn(start, end uint64) {
	for pc := start - (maxInst - 1); pc < end; pc++ {
		host, ok := e.Translated(pc)
		if !ok {
			continue
		}
		if _, u := e.unitAt(host); u != nil && !u.dropped && u.covers(start, end) {
			e.dropUnit(u)
		}
	}
}

// Forget notes that the code of foreign memory in [start, end) is not known.
func (e *Engine) Forget(start, end uint64) {
	e.forgetShared(start, end)
	e.drop(start, end)
}

func (e *Engine) forgetShared(start, end uint64) {
	if len(e.shared) > 0 {
		maps.DeleteFunc(e.shared, func(page uint64, _ *sharedPage) bool { return page < end && start < page+pageSize })
	}
}

// useShared makes pages what is known of the code in foreign memory.
func (e *Engine) useShared(pages map[uint64]*sharedPage) {
	var others []uint64
	for _, known := range [...]map[uint64]*sharedPage{e.shared, pages} {
		for page := range known {
			if e.shared[page] != pages[page] {
				others = append(others, page)
			}
		}
	}
	slices.Sort(others)
	e.shared = pages
	e.dropPages(others)
}

// learned returns how much of p is known of the code at pc, and copies it there.
func (e *Engine) learned(pc uint64, p []byte) int {
	for n := range p {
		at := pc + uint64(n)
		s := e.shared[at&^(pageSize-1)]
		if s == nil || !s.known[at%pageSize] {
			return n
		}
		p[n] = s.bytes[at%pageSize]
	}
	return len(p)
}

// Logged reports whether replay knows the n bytes of code at pc by itself: they
// are in private memory, or learned.
func (e *Engine) Logged(pc uint64, n int) bool {
	var b [maxInst]byte
	return !e.InForeign(pc) || e.learned(pc, b[:n]) == n
}

// fetchShared is Fetch for foreign memory. While recording there must be an alias,
// through which code is compared.
func (e *Engine) fetchShared(pc uint64, p []byte) int {
	m, ok := e.Space.Find(pc)
	if !ok || !m.Foreign || m.Prot&unix.PROT_EXEC == 0 {
		return 0
	}
	p = p[:min(uint64(len(p)), m.End-pc)]
	if e.opt.Replay {
		return e.learned(pc, p)
	}
	if m.SystemV() || m.Prot&unix.PROT_READ == 0 {
		return 0
	}
	if _, ok, err := e.Alias(pc); !ok || err != nil {
		e.fetched.err = errors.Join(e.fetched.err, err)
		return 0
	}
	n := 0
	for n < len(p) {
		at := pc + uint64(n)
		s := e.sharedContent(at &^ (pageSize - 1))
		got := copy(p[n:], s[min(int(at%pageSize), len(s)):])
		if got == 0 {
			break
		}
		n += got
	}
	return n
}

// sharedContent returns the content of a page of foreign memory, the same one
// until the next translation.
func (e *Engine) sharedContent(page uint64) []byte {
	if s, ok := e.fetched.shared[page]; ok {
		return s
	}
	s := make([]byte, pageSize)
	n, err := e.t.ReadMem(page, s)
	if err != nil {
		n = 0 // behind the file's end, perhaps: executing it tells
	}
	if e.fetched.shared == nil {
		e.fetched.shared = map[uint64][]byte{}
	}
	e.fetched.shared[page] = s[:n]
	return s[:n]
}

// CodeAlias implements translate.Guest.
func (e *Engine) CodeAlias(pc uint64) (uint64, bool) {
	if e.opt.Replay || len(e.aliases) == 0 || !e.InForeign(pc) {
		return 0, false
	}
	return e.AliasOf(pc)
}

// learnUnit learns what u, made for the guest at pc, comes from, and tells the
// recording.
func (e *Engine) learnUnit(u *translate.Unit, pc uint64) error {
	if e.fetched.err != nil || len(e.fetched.shared) == 0 {
		return e.fetched.err
	}
	var news []Code
	for _, in := range u.Insts {
		if c, ok := e.fresh(in); ok {
			news = append(news, c)
		}
	}
	return e.learnAll(pc, join(news))
}

// learnAll learns code, where the guest stands at pc, and tells the recording.
func (e *Engine) learnAll(pc uint64, news []Code) error {
	if len(news) == 0 {
		return nil
	}
	for _, c := range news {
		e.Learn(c)
	}
	return e.OnCode(pc, news)
}

// join puts together what follows one upon the other.
func join(code []Code) (out []Code) {
	slices.SortFunc(code, func(a, b Code) int { return cmp.Compare(a.Addr, b.Addr) })
	for _, c := range code {
		if last := len(out) - 1; last >= 0 && out[last].end() == c.Addr {
			out[last].Bytes = append(out[last].Bytes, c.Bytes...)
		} else {
			out = append(out, c)
		}
	}
	return out
}

// fresh returns the code of an instruction in foreign memory if it is not what
// was known of it.
func (e *Engine) fresh(in translate.InstAt) (Code, bool) {
	if in.Len == 0 || !e.InForeign(in.PC) {
		return Code{}, false
	}
	var now, known [maxInst]byte
	n := e.fetchShared(in.PC, now[:in.Len])
	if e.learned(in.PC, known[:n]) == n && now == known {
		return Code{}, false
	}
	return Code{Addr: in.PC, Bytes: bytes.Clone(now[:n])}, true
}

// Relearn is to be called before the instruction at pc is executed otherwise than
// by its translation: what it is now must be what is known of it, if anything is.
func (e *Engine) Relearn(pc uint64) error {
	var known [maxInst]byte
	n := e.learned(pc, known[:])
	if inst, err := x86.Decode(known[:n], pc); err == nil {
		e.fetched.next()
		if c, ok := e.fresh(translate.InstAt{PC: pc, Len: inst.Len}); ok {
			return e.learnAll(pc, []Code{c})
		}
	}
	return nil
}

// unlearn is called when a comparison at pc has found no memory there: the file is
// shorter now.
func (e *Engine) unlearn(pc uint64) error {
	page := pc &^ (pageSize - 1)
	e.Forget(page, page+pageSize)
	return e.OnCode(pc, []Code{{Addr: page, Gone: pageSize}})
}

// comparing reports whether the fault at addr is one of a comparison with the
// instruction of st.
func (e *Engine) comparing(addr uint64, st state) bool {
	return !e.opt.Replay && st.place == inside && e.InForeign(st.pc) && e.mirrored(addr^aliasBit)
}

// showCode puts, in replay, what is known of the n bytes of code at pc to where the
// CPU executes it. The memory has what was last read or written there, which
// restore puts back.
func (e *Engine) showCode(pc uint64, n uint8) (restore func() error, err error) {
	nothing := func() error { return nil }
	var code, data [maxInst]byte
	if !e.opt.Replay || !e.InForeign(pc) || e.learned(pc, code[:n]) < int(n) {
		return nothing, nil
	}
	if _, err := e.t.ReadMem(pc, data[:n]); err != nil || data == code {
		return nothing, err
	}
	return func() error { return e.t.WriteMem(pc, data[:n]) }, e.t.WriteMem(pc, code[:n])
}
