package engine

import (
	"encoding/binary"
	"fmt"
	"sort"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/translate"
)

// region is a stretch of the code cache: memory shared with the tracee, which
// can only read and execute it.
type region struct {
	base, size uint64
	mem        []byte
	fd         int
	used       uint64
	units      []*translate.Unit // by Base
}

// codePage finds the translations of one guest page.
type codePage struct {
	region *region
	off    [pageSize]uint32 // offset in the region plus 1; 0: not translated
}

const pageSize = 4096

// reach is how far a region may lie from code that it serves, with room for
// the region's own size and for operands beyond the code.
const reach = 1<<31 - 300<<20

// Translated implements translate.Guest.
func (e *Engine) Translated(pc uint64) (uint64, bool) {
	p := e.pages[pc/pageSize]
	if p == nil || p.off[pc%pageSize] == 0 {
		return 0, false
	}
	return p.region.base + uint64(p.off[pc%pageSize]-1), true
}

// Apart implements translate.Guest: a page's translations all lie in one
// region.
func (e *Engine) Apart(pc uint64) bool {
	if p := e.pages[pc/pageSize]; p != nil {
		return p.region != e.target
	}
	return !e.target.reaches(pc) && !outOfReach(pc)
}

// VDSOAt implements translate.Guest.
func (e *Engine) VDSOAt(pc uint64) (int, bool) {
	if fn, ok := vsyscalls[pc]; ok && e.VDSO[fn] != 0 {
		return fn, true
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
	if err := e.room(r, uint64(e.tr.MaxCode())); err != nil {
		return 0, err
	}
	e.fetched.reset()
	e.target = r
	u, err := e.tr.Unit(e, pc, r.base+r.used)
	if err != nil {
		return 0, err
	}
	e.install(r, u)
	if err := e.protect(u); err != nil {
		return 0, err
	}
	h, ok := e.Translated(pc)
	if !ok {
		panic(fmt.Sprintf("engine: translation of %#x does not contain it", pc))
	}
	return h, nil
}

// room makes sure that n bytes are free in r, by dropping all fragments if
// need be.
func (e *Engine) room(r *region, n uint64) error {
	if r.used+n <= r.size && e.level2 < area.Level2Len*3/4 {
		return nil
	}
	e.Flush()
	if n > r.size {
		return fmt.Errorf("code cache of %d bytes is too small", r.size)
	}
	return nil
}

// install makes a unit part of the cache.
func (e *Engine) install(r *region, u *translate.Unit) {
	off := u.Base - r.base
	copy(r.mem[off:], u.Code)
	r.used = (off + uint64(len(u.Code)) + 15) &^ 15
	r.units = append(r.units, u)
	var p *codePage
	last := ^uint64(0)
	for _, in := range u.Insts {
		if n := in.PC / pageSize; n != last {
			last = n
			if p = e.pages[n]; p == nil {
				p = &codePage{region: r}
				e.pages[n] = p
			}
		}
		p.off[in.PC%pageSize] = uint32(off) + in.Off + 1
	}
	for pc, host := range u.Heads {
		e.setHead(pc, host)
	}
	e.Stats.Units++
	e.Stats.Insts += len(u.Insts)
	e.armInstalled(u)
}

// Flush drops all fragments. The guest must stand at a boundary, and go on
// through SetGuest.
func (e *Engine) Flush() {
	for _, r := range e.regions {
		r.used, r.units = 0, nil
	}
	clear(e.pages)
	e.forgetBreaks()
	e.clearTables()
	e.Stats.Flushes++
	e.stale = 0
}

// link points the direct branch of an exit at the translation of its target.
func (e *Engine) link(r *region, u *translate.Unit, at uint32, x translate.Exit, host uint64) {
	e.Stats.Links++
	if x.PatchOff != 0 {
		d := int64(host - (u.Base + uint64(x.PatchOff) + 4))
		if int64(int32(d)) == d {
			off := u.Base - r.base + uint64(x.PatchOff)
			binary.LittleEndian.PutUint32(r.mem[off:], uint32(d))
			return
		}
	}
	if x.Far {
		// jmp [rip+0]; the address
		off := u.Base - r.base + uint64(at)
		binary.LittleEndian.PutUint64(r.mem[off+6:], host)
		copy(r.mem[off:], []byte{0xff, 0x25, 0, 0, 0, 0})
	}
}

// unitAt finds the unit that a host address lies in.
func (e *Engine) unitAt(host uint64) (*region, *translate.Unit) {
	for _, r := range e.regions {
		if host < r.base || host >= r.base+r.used {
			continue
		}
		i := sort.Search(len(r.units), func(i int) bool { return r.units[i].Base > host }) - 1
		if i >= 0 && host < r.units[i].Base+uint64(len(r.units[i].Code)) {
			return r, r.units[i]
		}
	}
	return nil, nil
}

// pointAt returns the state that holds at a host address in u.
func pointAt(u *translate.Unit, host uint64) translate.Point {
	off := uint32(host - u.Base)
	i := sort.Search(len(u.Points), func(i int) bool { return u.Points[i].Off > off })
	if i == 0 {
		panic(fmt.Sprintf("engine: no state for host address %#x", host))
	}
	return u.Points[i-1]
}

// fetchCache keeps the guest page that translation reads.
type fetchCache struct {
	page uint64
	ok   bool
	n    int
	buf  [pageSize]byte
}

func (c *fetchCache) reset() { c.ok = false }

// Fetch implements translate.Guest.
func (e *Engine) Fetch(pc uint64, p []byte) int {
	n := 0
	for n < len(p) {
		at := pc + uint64(n)
		c := &e.fetched
		if !c.ok || c.page != at/pageSize {
			c.page, c.ok, c.n = at/pageSize, true, e.fetchPage(at&^(pageSize-1), c.buf[:])
		}
		got := copy(p[n:], c.buf[min(int(at%pageSize), c.n):c.n])
		if got == 0 {
			break
		}
		n += got
	}
	return n
}

func (e *Engine) fetchPage(page uint64, buf []byte) int {
	m, ok := e.Space.Find(page)
	if !ok || m.Foreign || m.Prot&unix.PROT_EXEC == 0 {
		return 0
	}
	n, err := e.t.ReadMem(page, buf)
	if err != nil && n == 0 {
		return 0
	}
	return n
}
