package engine

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/translate"
)

// mapped is a file at a place: offset 0 of it would be at bias.
type mapped struct {
	path string
	bias uint64
}

// moduleUse is what the engine knows of a mapped file.
type moduleUse struct {
	module *module
	user   *user
	warmed bool
}

// moduleAt returns the file that code at pc comes from, if translations of it
// can be kept: neither the program nor others may change it.
func (e *Engine) moduleAt(pc uint64) (*moduleUse, Mapping, bool) {
	if e.opt.Store == nil {
		return nil, Mapping{}, false
	}
	m, ok := e.Space.Find(pc)
	if !ok || !m.constant() || !strings.HasPrefix(m.Path, "/") {
		return nil, m, false
	}
	at := mapped{m.Path, m.bias()}
	use := e.modules[at]
	if use == nil {
		use = &moduleUse{}
		use.module, use.user = e.opt.Store.user(m.Path, e.opt.Program)
		e.modules[at] = use
		e.opt.Store.eachDetour(use.module, func(pc uint64) { e.detours[at.bias+pc] = true })
	}
	return use, m, true
}

func (m *Mapping) bias() uint64 { return m.Start - m.Offset }

// constant reports whether code in m stays what it is as long as m does.
func (m *Mapping) constant() bool {
	return m.Prot&(unix.PROT_EXEC|unix.PROT_WRITE) == unix.PROT_EXEC && !m.Shared && !m.Foreign
}

// keep adds u, which has just been made for pc, to the store.
func (e *Engine) keep(u *translate.Unit, pc uint64) {
	use, m, ok := e.moduleAt(pc)
	if !ok || e.stranded[pc>>strandedBits] {
		return
	}
	k := &kept{entry: pc - m.bias()}
	if e.describe(k, u, use.module, m) {
		k.unit = u.Detach(m.bias())
		e.opt.Store.add(use.module, use.user, k)
	}
}

// maxInst is the length of the longest instruction in bytes (SDM vol. 2, 2.3.11).
const maxInst = 15

// describe notes in k what u comes from. It reports false if that is not m alone.
func (e *Engine) describe(k *kept, u *translate.Unit, mod *module, m Mapping) bool {
	last := ^uint64(0)
	for in := range u.Sources() {
		end := in.PC + uint64(in.Len)
		if in.Len == 0 {
			end = in.PC + maxInst
		}
		if in.PC < m.Start || end > m.End {
			return false
		}
		if e.detours[in.PC] {
			k.detours = append(k.detours, in.PC-m.bias())
		}
		for page := in.PC &^ (pageSize - 1); page < end; page += pageSize {
			if page == last {
				continue
			}
			last = page
			if !e.describePage(k, page, mod, m.bias()) {
				return false
			}
		}
	}
	return true
}

// describePage notes in k what a page of code is, and reports whether that can be told.
func (e *Engine) describePage(k *kept, page uint64, mod *module, bias uint64) bool {
	c := e.verified[page]
	if c == nil {
		s := e.fetchPage(page)
		if e.mixed[page] || s.n != pageSize {
			return false
		}
		c = e.opt.Store.content(mod, page-bias, (*pageContent)(&s.buf))
		e.verified[page] = c
	}
	k.pages = append(k.pages, keptPage{page - bias, c})
	return true
}

// keepDetour notes that the instruction at pc accesses foreign memory.
func (e *Engine) keepDetour(pc uint64) {
	if use, m, ok := e.moduleAt(pc); ok {
		e.opt.Store.detour(use.module, pc-m.bias())
	}
}

// keepHead notes an indirect transfer to pc.
func (e *Engine) keepHead(pc uint64) {
	if use, m, ok := e.moduleAt(pc); ok {
		e.opt.Store.entered(use.user, pc-m.bias())
	}
}

// reuse places a kept translation of pc in r, and reports whether there was one.
// The first time it is asked for code of a file it places all that the program
// will probably execute of that.
func (e *Engine) reuse(r *region, pc uint64) bool {
	use, m, ok := e.moduleAt(pc)
	if !ok {
		return false
	}
	if !use.warmed {
		use.warmed = true
		e.warm(r, use, m.bias())
		if _, ok := e.Translated(pc); ok {
			return true
		}
	}
	k := e.opt.Store.find(use.module, pc-m.bias())
	if k == nil || !e.same(k, m.bias()) || !e.vacantFor(r, k, m.bias()) {
		return false
	}
	if err := e.room(r, uint64(len(k.unit.Code))); err != nil {
		return false // translating it says so
	}
	u := e.place(r, k, m.bias())
	if u == nil {
		return false
	}
	e.opt.Store.used(use.user, k)
	e.linkAll(u)
	return true
}

// warm places what the program will probably execute of a file at bias, as long
// as there is room.
func (e *Engine) warm(r *region, use *moduleUse, bias uint64) {
	units, heads := e.opt.Store.expected(use.module, use.user, e.opt.Program)
	useless := map[*kept]bool{}
	placed := make([]*unit, 0, len(units))
	r.populate(units)
	for _, k := range units {
		if !e.spare(r, len(k.unit.Code)) {
			break
		}
		var u *unit
		if e.same(k, bias) && e.vacantFor(r, k, bias) {
			u = e.place(r, k, bias)
		}
		if u == nil {
			useless[k] = true
			continue
		}
		placed = append(placed, u)
		e.opt.Store.used(use.user, k)
	}
	for _, u := range placed {
		e.linkAll(u)
	}
	for _, pc := range heads {
		pc += bias
		if _, ok := e.Translated(pc); !ok || !e.spare(r, headRoom) {
			continue
		}
		// What fails here fails again when it is needed.
		_, _ = e.Head(pc)
	}
	e.opt.Store.useless(use.user, useless)
}

// populate provides the pages for what is to be placed in r.
func (r *region) populate(units []*kept) {
	n := uint64(0)
	for _, k := range units {
		n += uint64(len(k.unit.Code)+15) &^ 15
	}
	from := (r.next() - r.base) &^ (pageSize - 1)
	end := min((r.next()-r.base+n+pageSize-1)&^(pageSize-1), r.size)
	if from < end {
		populate(r.mem[from:end])
	}
}

// spare reports whether n bytes are free in r without any other translation
// giving way.
func (e *Engine) spare(r *region, n int) bool {
	if len(e.level2) >= area.Level2Len/2 {
		return false
	}
	if r.fits(uint64(n)) {
		return true
	}
	i := r.vacantPart()
	if i < 0 || uint64(n) > r.partSize() {
		return false
	}
	r.filling = i
	return true
}

// same reports whether the guest's code at bias is what k is a translation of.
func (e *Engine) same(k *kept, bias uint64) bool {
	for _, p := range k.pages {
		page := bias + p.pc
		if e.verified[page] == p.content {
			continue
		}
		m, ok := e.Space.Find(page)
		if !ok || !m.constant() || e.mixed[page] {
			return false
		}
		var now pageContent
		if n, err := e.t.ReadMem(page, now[:]); err != nil || n < len(now) || now != *p.content {
			return false
		}
		e.verified[page] = p.content
	}
	return true
}

// unverify forgets what the guest's code in [start, end) is.
func (e *Engine) unverify(start, end uint64) {
	for page := range e.verified {
		if page < end && start < page+pageSize {
			delete(e.verified, page)
		}
	}
}

// vacantFor reports whether k can become a part of r: none of its instructions
// is translated already, or led to foreign memory in another way. Those that are
// joined with others are never led there.
func (e *Engine) vacantFor(r *region, k *kept, bias uint64) bool {
	for _, in := range k.unit.Joined {
		if e.detours[bias+in.PC] {
			return false
		}
	}
	for _, in := range k.unit.Insts {
		pc := bias + in.PC
		if len(e.detours) > 0 && e.detours[pc] && !slices.Contains(k.detours, in.PC) {
			return false
		}
		p := e.pageOf(pc)
		switch {
		case p == nil && !r.reaches(pc):
			return false
		case p != nil && (p.region != r || p.off[pc%pageSize] != 0):
			return false
		}
	}
	return true
}

// place makes k a part of r, where there is room; nil if an operand of it does
// not reach.
func (e *Engine) place(r *region, k *kept, bias uint64) *unit {
	host := r.next()
	u, err := k.unit.Place(host, bias, r.mem[host-r.base:])
	if err != nil {
		return nil
	}
	for _, pc := range k.detours {
		e.detours[bias+pc] = true
	}
	return e.adopt(r, u)
}

// linkAll links the exits of u to what is translated.
func (e *Engine) linkAll(u *unit) {
	for _, x := range u.Exits {
		if x.Kind != translate.ExitLink {
			continue
		}
		x.PC += u.Bias
		if host, ok := e.Translated(x.PC); ok {
			e.link(u, x, host)
		}
	}
}
