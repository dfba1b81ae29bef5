package engine

import (
	"cmp"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
)

// outOfReach reports whether no code cache can be near pc: there is nothing
// to translate there, only calls to stand in for or faults to raise.
func outOfReach(pc uint64) bool { return pc>>47 != 0 }

// regionFor returns a region within reach of pc, if there can be one.
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
	base, size, ok := e.placeFor(pc)
	if !ok {
		return e.farRegion(pc)
	}
	return e.AddRegion(base, size)
}

// farRegion returns a region for code like that at pc, near which the guest has left
// no room: any.
func (e *Engine) farRegion(pc uint64) (*region, error) {
	e.stranded[pc>>strandedBits] = true
	if len(e.regions) > 0 {
		return slices.MaxFunc(e.regions, func(a, b *region) int { return cmp.Compare(a.size, b.size) }), nil
	}
	if e.PlaceRegion != nil {
		if base, size, ok := e.PlaceRegion(pc); ok && !e.taken(base, base+size) {
			return e.AddRegion(base, size)
		}
	}
	for base := e.arena + area.Size; !outOfReach(base); base += e.opt.CacheSize {
		if !e.taken(base, base+e.opt.CacheSize) {
			return e.AddRegion(base, e.opt.CacheSize)
		}
	}
	return nil, fmt.Errorf("no room for a code cache for %#x", pc)
}

// strandedBits: for code so close together there is room or there is none.
const strandedBits = 28

// smallestRegion is what still holds the code that is in use at a time.
const smallestRegion = 1 << 20

// fullRegions is how many regions have the full size. Code so scattered that it
// needs more has little in each, and address space may have a limit.
const fullRegions = 8

// placeFor chooses where a region for pc goes, and its size: the usual one,
// unless there are many or the guest's mappings leave no such gap.
func (e *Engine) placeFor(pc uint64) (base, size uint64, ok bool) {
	size = e.opt.CacheSize
	if len(e.regions) >= fullRegions {
		size = max(size/16, min(size, smallestRegion))
	}
	if e.PlaceRegion != nil {
		base, length, ok := e.PlaceRegion(pc)
		ok = ok && within(base, pc)
		if ok && !e.taken(base, base+size) {
			return base, size, true
		}
		if ok && !e.taken(base, base+length) {
			return base, length, true
		}
	}
	for _, taken := range []func(start, end uint64) bool{e.takenSoon, e.taken} {
		for _, base := range regionCandidates(pc) {
			if !taken(base, base+size) {
				return base, size, true
			}
		}
	}
	for size /= 2; size >= smallestRegion; size /= 2 {
		lowest := max(pc, reach) - reach
		for base := lowest&^(size-1) + size; base < pc+reach-size; base += size {
			if !e.taken(base, base+size) {
				return base, size, true
			}
		}
	}
	return 0, 0, false
}

// takenSoon is taken also for places that a stack may grow to.
func (e *Engine) takenSoon(start, end uint64) bool {
	const far = 64 << 20
	return e.taken(start, end) || e.Space.stackStarts(end, end+far)
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
func (e *Engine) AddRegion(base, size uint64) (*region, error) {
	m, err := e.share(e.Gadget(), size)
	if err != nil {
		return nil, err
	}
	r := &region{base: base, size: size, mem: m.mem, fd: m.fd}
	r.divide(uint64(e.tr.MaxCode()))
	if err := e.mapFrom(r, m.theirs); err != nil {
		return nil, err
	}
	e.regions = append(e.regions, r)
	return r, e.tellRegion(base, r.size, true)
}

// mapRegion maps a region that another process of the replay has into the
// present one.
func (e *Engine) mapRegion(r *region) error {
	fd, err := e.lend(r.fd)
	if err != nil {
		return err
	}
	return e.mapFrom(r, fd)
}

// mapFrom maps a region from the tracee's descriptor fd, and closes that.
func (e *Engine) mapFrom(r *region, fd uint64) error {
	if err := e.mapFD(e.Gadget(), r.base, r.size, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_FIXED_NOREPLACE, fd, 0); err != nil {
		return err
	}
	_, err := e.t.RemoteCall(e.Gadget(), unix.SYS_CLOSE, fd)
	return err
}
