package engine

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sort"

	"hindsight/internal/area"
	"hindsight/internal/translate"
)

// region is a stretch of the code cache: memory shared with the tracee, which
// can only read and execute it. It is cut into parts of equal size. When all
// are full, one of them is emptied, and what leads into it is made to leave
// for the supervisor again.
type region struct {
	base, size uint64
	mem        []byte
	fd         int
	parts      []part
	filling    int // the part that units are added to
	emptied    uint32
}

// part is a piece of a region that is emptied as a whole.
type part struct {
	base, used uint64
	units      []*unit // by Base
}

// unit is a translation in the cache.
type unit struct {
	*translate.Unit
	region *region
	// low and high are the bounds of the guest code that it is made from.
	low, high uint64
	// in are what leads to it from elsewhere.
	in []entrance
	// dropped: its code has changed. Its instructions lead to new ones.
	dropped bool
	// gone: its place in the cache belongs to others.
	gone bool
}

// entrance is a linked exit of another unit, or, where that is all the other
// unit is, an indirect entry.
type entrance struct {
	from *unit
	exit uint32
	head bool
}

// maxParts is how many parts a region has, unless they would get too small.
const maxParts = 32

// divide makes the parts of a region, each with room for a unit of maxUnit
// bytes, where most have a few hundred.
func (r *region) divide(maxUnit uint64) {
	n := max(1, min(maxParts, r.size/(maxUnit+pageSize)))
	r.parts = make([]part, n)
	r.clear()
}

func (r *region) partSize() uint64 { return r.size / uint64(len(r.parts)) &^ (pageSize - 1) }

func (r *region) clear() {
	for i := range r.parts {
		for _, u := range r.parts[i].units {
			u.gone = true
		}
		r.parts[i] = part{base: r.base + uint64(i)*r.partSize()}
	}
	r.filling = 0
}

// next returns where the next unit goes.
func (r *region) next() uint64 {
	p := &r.parts[r.filling]
	return p.base + p.used
}

// fits reports whether n bytes are free there.
func (r *region) fits(n uint64) bool { return r.parts[r.filling].used+n <= r.partSize() }

func (r *region) unitAt(host uint64) *unit {
	i := int((host - r.base) / r.partSize())
	if i >= len(r.parts) {
		return nil
	}
	units := r.parts[i].units
	j := sort.Search(len(units), func(j int) bool { return units[j].Base > host }) - 1
	if j < 0 || host >= units[j].Base+uint64(len(units[j].Code)) {
		return nil
	}
	return units[j]
}

// room makes sure that n bytes are free in r, if need be by emptying a part.
// Then the guest must stand at a boundary, and not go on in a fragment that it
// was in.
func (e *Engine) room(r *region, n uint64) error {
	if n > r.partSize() {
		return fmt.Errorf("code cache of %d bytes is too small", r.size)
	}
	if len(e.level2) >= area.Level2Len*3/4 {
		e.rebuildTables()
	}
	if r.fits(n) {
		return nil
	}
	r.filling = r.victim()
	e.empty(&r.parts[r.filling])
	return nil
}

// victim chooses the part to be filled next: an empty one, or any other than
// the last. Code that is executed in turn, and a little more than fits, would
// never be there when it is wanted if the oldest had to go.
func (r *region) victim() int {
	if i := r.vacantPart(); i >= 0 {
		return i
	}
	r.emptied++
	n := len(r.parts)
	if n == 1 {
		return 0
	}
	// Fibonacci hashing: all in turn, in no order that a program has.
	step := 1 + int(r.emptied*0x9e3779b9>>16)%(n-1)
	return (r.filling + step) % n
}

// vacantPart returns a part without units, or -1.
func (r *region) vacantPart() int {
	return slices.IndexFunc(r.parts, func(p part) bool { return len(p.units) == 0 })
}

// empty removes the units of a part.
func (e *Engine) empty(p *part) {
	if len(p.units) == 0 {
		return
	}
	e.Stats.Emptied++
	for _, u := range p.units {
		u.gone = true
	}
	for _, u := range p.units {
		e.remove(u)
	}
	e.forgetSites(p)
	p.units, p.used = nil, 0
}

// remove makes sure that nothing leads to u, which is gone.
func (e *Engine) remove(u *unit) {
	off := uint32(u.Base - u.region.base)
	for _, in := range u.Insts {
		pc := u.Bias + in.PC
		if c := e.pages[pc/pageSize]; c.off[pc%pageSize] == off+in.Off+1 {
			c.off[pc%pageSize] = 0
		}
	}
	e.dropHeads(u)
	e.cutOff(u)
}

// cutOff makes what leads to u from other units leave again.
func (e *Engine) cutOff(u *unit) {
	for _, in := range u.in {
		switch {
		case in.from.gone:
		case in.head:
			e.dropHeads(in.from)
		default:
			in.from.unlink(in.exit)
		}
	}
	u.in = nil
}

// install makes a translation part of the cache.
func (e *Engine) install(r *region, t *translate.Unit) *unit {
	copy(r.mem[t.Base-r.base:], t.Code)
	return e.adopt(r, t)
}

// adopt is install for a translation whose code is in the cache already.
func (e *Engine) adopt(r *region, t *translate.Unit) *unit {
	u := &unit{Unit: t, region: r}
	u.low, u.high = bounds(t)
	p := &r.parts[r.filling]
	off := u.Base - r.base
	p.used = (u.Base - p.base + uint64(len(u.Code)) + 15) &^ 15
	p.units = append(p.units, u)
	var page *codePage
	last := ^uint64(0)
	for _, in := range u.Insts {
		pc := u.Bias + in.PC
		if n := pc / pageSize; n != last {
			last = n
			page = e.pageIn(r, n)
		}
		page.off[pc%pageSize] = uint32(off) + in.Off + 1
	}
	for _, in := range u.Joined {
		e.pageIn(r, (u.Bias+in.PC)/pageSize)
	}
	e.setHeads(u)
	for _, l := range u.Links {
		e.entered(l.Host, entrance{from: u, exit: l.Off})
	}
	u.Links = nil
	e.Stats.Units++
	e.Stats.Insts += len(u.Insts)
	e.armInstalled(u.Unit)
	e.surpriseIn(u)
	return u
}

// pageIn returns the translations of a page that has them in r, or is to have.
func (e *Engine) pageIn(r *region, number uint64) *codePage {
	page := e.pages[number]
	if page == nil {
		page = newCodePage(r)
		e.pages[number] = page
	}
	return page
}

// entered notes that in leads to a host address.
func (e *Engine) entered(host uint64, in entrance) {
	_, u := e.unitAt(host)
	if u == nil || u == in.from {
		return
	}
	if len(u.in) == cap(u.in) {
		u.in = slices.DeleteFunc(u.in, func(in entrance) bool { return in.from.gone })
	}
	u.in = append(u.in, in)
}

// link points the direct branch of an exit at the translation of its target.
func (e *Engine) link(u *unit, x translate.Exit, host uint64) {
	e.Stats.Links++
	if !u.aim(x, host) {
		if !x.Far {
			return
		}
		// jmp [rip+0]; the address
		code := u.code()[x.Off:]
		binary.LittleEndian.PutUint64(code[6:], host)
		copy(code, []byte{0xff, 0x25, 0, 0, 0, 0})
	}
	e.entered(host, entrance{from: u, exit: x.Off})
}

// unlink makes the exit at off what it was before link.
func (u *unit) unlink(off uint32) {
	x, ok := u.Exit(off)
	if !ok || x.Kind != translate.ExitLink {
		return // an instruction whose code has changed is there now
	}
	u.code()[off] = 0xcc
	u.aim(x, u.Base+uint64(off))
}

// aim points the displacement that belongs to x at a host address, if it has
// one and it reaches.
func (u *unit) aim(x translate.Exit, host uint64) bool {
	d := int64(host - (u.Base + uint64(x.PatchOff) + 4))
	if x.PatchOff == 0 || int64(int32(d)) != d {
		return false
	}
	binary.LittleEndian.PutUint32(u.code()[x.PatchOff:], uint32(d))
	return true
}

// pointAt returns the state that holds at a host address in u.
func (u *unit) pointAt(host uint64) translate.Point { return u.PointAt(uint32(host - u.Base)) }

// code is where u lies in the cache.
func (u *unit) code() []byte { return u.region.mem[u.Base-u.region.base:] }
