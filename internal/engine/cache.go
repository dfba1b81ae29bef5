package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
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

// outOfReach reports whether no code cache can be near pc: there is nothing
// to translate there, only calls to stand in for or faults to raise.
func outOfReach(pc uint64) bool { return pc>>47 != 0 }

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

// Head returns the indirect entry of pc.
func (e *Engine) Head(pc uint64) (uint64, error) {
	if h, ok := e.findHead(pc); ok {
		return h, nil
	}
	host, err := e.Host(pc)
	if err != nil {
		return 0, err
	}
	if h, ok := e.findHead(pc); ok {
		return h, nil
	}
	r := e.pages[pc/pageSize].region
	if r.used+128 > r.size {
		e.Flush()
		return e.Head(pc)
	}
	u, err := e.tr.Head(pc, host, r.base+r.used)
	if err != nil {
		return 0, err
	}
	e.install(r, u)
	return u.Heads[pc], nil // not findHead: see setHead
}

// setHead enters an indirect entry into both tables. That of address 0 stays
// out of them, since 0 marks a free slot: a jump there always leaves.
func (e *Engine) setHead(pc, host uint64) {
	if pc == 0 {
		return
	}
	i, found := e.probe(pc)
	if !found {
		e.level2++
	}
	at := area.Level2 + 16*i
	binary.LittleEndian.PutUint64(e.mem[at:], pc)
	binary.LittleEndian.PutUint64(e.mem[at+8:], host)
	e.SetWord(area.Level1+8*int32(pc%area.Level1Len), host)
}

func (e *Engine) findHead(pc uint64) (uint64, bool) {
	i, found := e.probe(pc)
	if !found {
		return 0, false
	}
	host := binary.LittleEndian.Uint64(e.mem[area.Level2+16*i+8:])
	return host, host != e.stubs.stale
}

// probe returns the slot of pc in the second-level table, or where it goes.
func (e *Engine) probe(pc uint64) (slot uint64, found bool) {
	for i := level2Index(pc); ; i = (i + 1) % area.Level2Len {
		switch binary.LittleEndian.Uint64(e.mem[area.Level2+16*i:]) {
		case 0:
			return i, false
		case pc:
			return i, true
		}
	}
}

func (e *Engine) clearTables() {
	clear(e.mem[area.Level2 : area.Level2+16*area.Level2Len])
	if e.emptyLevel1 == nil {
		e.emptyLevel1 = bytes.Repeat(binary.LittleEndian.AppendUint64(nil, e.stubs.empty), area.Level1Len)
	}
	copy(e.mem[area.Level1:], e.emptyLevel1)
	e.level2 = 0
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

// regionFor returns a region within reach of pc.
func (e *Engine) regionFor(pc uint64) (*region, error) {
	if p := e.pages[pc/pageSize]; p != nil {
		return p.region, nil
	}
	for _, r := range e.regions {
		if r.reaches(pc) {
			return r, nil
		}
	}
	if outOfReach(pc) && len(e.regions) > 0 {
		return e.regions[0], nil
	}
	size := e.opt.CacheSize
	if e.PlaceRegion != nil {
		if base, ok := e.PlaceRegion(pc); ok && !e.taken(base, base+size) {
			return e.AddRegion(base)
		}
	}
	for _, base := range regionCandidates(pc) {
		if !e.taken(base, base+size) {
			return e.AddRegion(base)
		}
	}
	return nil, fmt.Errorf("no room for a code cache within 2 GiB of %#x", pc)
}

// reaches reports whether code at pc, and what it refers to, can be reached
// from all of r.
func (r *region) reaches(pc uint64) bool { return within(r.base, pc) && within(r.base+r.size, pc) }

func within(a, b uint64) bool { return a-b < reach || b-a < reach }

// regionCandidates lists where a region for pc may lie, best first: as far
// below as possible, so that the guest's own mappings fall as without us.
func regionCandidates(pc uint64) []uint64 {
	const step = 256 << 20
	var out []uint64
	base := pc &^ (step - 1)
	for d := uint64(5); d > 0; d-- {
		if base >= (d+1)*step {
			out = append(out, base-d*step)
		}
	}
	for d := uint64(5); d > 0; d-- {
		out = append(out, base+d*step)
	}
	return out
}

// AddRegion maps a code cache region at base.
func (e *Engine) AddRegion(base uint64) (*region, error) {
	fd, mem, err := sharedMemory("code", e.opt.CacheSize)
	if err != nil {
		return nil, err
	}
	r := &region{base: base, size: e.opt.CacheSize, mem: mem, fd: fd}
	if err := e.mapRegion(r); err != nil {
		return nil, err
	}
	e.regions = append(e.regions, r)
	return r, e.tellRegion(base, r.size, true)
}

func (e *Engine) mapRegion(r *region) error {
	fd, err := e.lend(e.Gadget(), r.fd)
	if err != nil {
		return err
	}
	if err := e.mapFD(e.Gadget(), r.base, r.size, unix.PROT_READ|unix.PROT_EXEC, fd, 0); err != nil {
		return err
	}
	_, err = e.t.RemoteCall(e.Gadget(), unix.SYS_CLOSE, fd)
	return err
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
	if !ok || m.Prot&unix.PROT_EXEC == 0 {
		return 0
	}
	n, err := e.t.ReadMem(page, buf)
	if err != nil && n == 0 {
		return 0
	}
	return n
}

// protect makes the writable pages that u comes from read-only, so that a
// change of the code is noticed.
func (e *Engine) protect(u *translate.Unit) error {
	last := ^uint64(0)
	for _, in := range u.Insts {
		for _, at := range [2]uint64{in.PC, in.PC + uint64(max(in.Len, 1)) - 1} {
			if n := at / pageSize; n != last {
				last = n
				if err := e.protectPage(n * pageSize); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (e *Engine) protectPage(page uint64) error {
	m, ok := e.Space.Find(page)
	if !ok || m.Prot&unix.PROT_WRITE == 0 || e.Checked(page) {
		return nil
	}
	if _, done := e.protected[page]; done {
		return nil
	}
	e.protected[page] = m.Prot
	return e.mprotect(page, pageSize, m.Prot&^unix.PROT_WRITE)
}

func (e *Engine) mprotect(addr, length, prot uint64) error {
	_, err := e.t.RemoteCall(e.Gadget(), unix.SYS_MPROTECT, addr, length, prot)
	if err != nil {
		return fmt.Errorf("protecting code at %#x: %w", addr, err)
	}
	return nil
}

// Protected reports whether we keep any page of [start, end) from being
// written.
func (e *Engine) Protected(start, end uint64) bool {
	for page := range e.protected {
		if page < end && start < page+pageSize {
			return true
		}
	}
	return false
}

// AnyProtected reports whether any page of the guest's is.
func (e *Engine) AnyProtected() bool { return len(e.protected) > 0 }

// Unprotect gives the pages of [start, end) back their protection and drops
// their fragments. The guest must go on through SetGuest.
func (e *Engine) Unprotect(start, end uint64) error {
	var pages []uint64
	for page := range e.protected {
		if page < end && start < page+pageSize {
			pages = append(pages, page)
		}
	}
	slices.Sort(pages)
	for _, page := range pages {
		if err := e.mprotect(page, pageSize, e.protected[page]); err != nil {
			return err
		}
		delete(e.protected, page)
		e.drop(page, page+pageSize)
	}
	return nil
}

// Changed is to be called when the guest's mappings in [start, end) have been
// replaced, removed or given another protection: translations of that range
// are dropped. The guest must go on through SetGuest.
func (e *Engine) Changed(start, end uint64) {
	for page := range e.protected {
		if page < end && start < page+pageSize {
			delete(e.protected, page)
		}
	}
	for page := range e.mixed {
		if page < end && start < page+pageSize {
			delete(e.mixed, page)
			delete(e.faults, page)
		}
	}
	if e.translatedIn(start, end) {
		e.drop(start, end)
	}
}

func (e *Engine) translatedIn(start, end uint64) bool {
	if (end-start)/pageSize < uint64(len(e.pages)) {
		for n := start / pageSize; n*pageSize < end; n++ {
			if e.pages[n] != nil {
				return true
			}
		}
		return false
	}
	for n := range e.pages {
		if n*pageSize < end && start < (n+1)*pageSize {
			return true
		}
	}
	return false
}
