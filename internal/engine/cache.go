package engine

import (
	"fmt"
	"sync"

	"hindsight/internal/area"
)

// codePage finds the translations of one guest page.
type codePage struct {
	region *region
	off    [pageSize]uint32 // offset in the region plus 1; 0: not translated
}

const pageSize = 4096

// codePages are those that are not in use, all zeros. Processes come and go
// faster than the garbage collector looks for them.
var codePages sync.Pool

func newCodePage(r *region) *codePage {
	p, ok := codePages.Get().(*codePage)
	if !ok {
		p = &codePage{}
	}
	p.region = r
	return p
}

// forgetPages gives all code pages back.
func (e *Engine) forgetPages() {
	for _, p := range e.pages {
		*p = codePage{}
		codePages.Put(p)
	}
	clear(e.pages)
	e.lastPage.page = nil
}

// reach is how far a region may lie from code that it serves, with room for
// the region's own size and for operands beyond the code.
const reach = 1<<31 - 300<<20

// Translated implements translate.Guest.
func (e *Engine) Translated(pc uint64) (uint64, bool) {
	p := e.pageOf(pc)
	if p == nil || p.off[pc%pageSize] == 0 {
		return 0, false
	}
	return p.region.base + uint64(p.off[pc%pageSize]-1), true
}

// Apart implements translate.Guest: a page's translations all lie in one
// region.
func (e *Engine) Apart(pc uint64) bool {
	if p := e.pageOf(pc); p != nil {
		return p.region != e.target
	}
	return !e.target.reaches(pc) && !outOfReach(pc) && !e.stranded[pc>>strandedBits]
}

// pageOf returns the translations of the page that pc is on, nil if there are
// none. Translation asks for the same page many times in succession.
func (e *Engine) pageOf(pc uint64) *codePage {
	n := pc / pageSize
	if e.lastPage.page == nil || e.lastPage.number != n {
		e.lastPage.number, e.lastPage.page = n, e.pages[n]
	}
	return e.lastPage.page
}

// VDSOAt implements translate.Guest.
func (e *Engine) VDSOAt(pc uint64) (int, bool) {
	if outOfReach(pc) {
		fn, ok := vsyscalls[pc]
		return fn, ok && e.VDSO[fn] != 0
	}
	for fn, addr := range e.VDSO {
		if addr == pc && pc != 0 {
			return fn, true
		}
	}
	return 0, false
}

// vsyscalls are the entries of the page that the vDSO has replaced; the
// kernel still emulates them (arch/x86/entry/vsyscall).
var vsyscalls = map[uint64]int{
	0xffffffffff600000: area.VDSOGettimeofday,
	0xffffffffff600400: area.VDSOTime,
	0xffffffffff600800: area.VDSOGetcpu,
}

// Host returns the host address of the translation of pc, which it makes if
// there is none.
func (e *Engine) Host(pc uint64) (uint64, error) {
	if h, ok := e.Translated(pc); ok {
		return h, nil
	}
	if e.opt.FlushAlways {
		e.Flush()
	}
	r, err := e.regionFor(pc)
	if err != nil {
		return 0, err
	}
	if e.reuse(r, pc) {
		host, _ := e.Translated(pc)
		return host, nil
	}
	u, err := e.translate(r, pc)
	if err != nil {
		return 0, err
	}
	if err := e.protect(u.Unit); err != nil {
		return 0, err
	}
	h, ok := e.Translated(pc)
	if !ok {
		panic(fmt.Sprintf("engine: translation of %#x does not contain it", pc))
	}
	return h, nil
}

// translate makes the unit at pc and adds it to r.
func (e *Engine) translate(r *region, pc uint64) (*unit, error) {
	e.fetched.next()
	e.target = r
	for n := uint64(headRoom); ; {
		if err := e.room(r, n); err != nil {
			return nil, err
		}
		u, err := e.tr.Unit(e, pc, r.next())
		if err != nil {
			return nil, err
		}
		// How long it is shows only now. What it was linked to may go when
		// room is made for it, so it is made again.
		if n = uint64(len(u.Code)); r.fits(n) {
			if err := e.learnUnit(u, pc); err != nil {
				return nil, err
			}
			e.keep(u, pc)
			return e.install(r, u), nil
		}
		n = uint64(e.tr.MaxCode())
	}
}

// Flush drops all fragments. The guest must stand at a boundary, and go on
// through SetGuest.
func (e *Engine) Flush() {
	for _, r := range e.regions {
		r.clear()
	}
	e.forgetPages()
	e.forgetBreaks()
	e.clearTables()
	e.Stats.Flushes++
	e.stale = 0
}

// unitAt finds the unit that a host address lies in.
func (e *Engine) unitAt(host uint64) (*region, *unit) {
	for _, r := range e.regions {
		if r.base <= host && host < r.base+r.size {
			return r, r.unitAt(host)
		}
	}
	return nil, nil
}
