package engine

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// outOfReach reports whether no code cache can be near pc: there is nothing
// to translate there, only calls to stand in for or faults to raise.
func outOfReach(pc uint64) bool { return pc>>47 != 0 }

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
	m, err := e.share(e.Gadget(), e.opt.CacheSize)
	if err != nil {
		return nil, err
	}
	r := &region{base: base, size: e.opt.CacheSize, mem: m.mem, fd: m.fd}
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
