package engine

import (
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/tracee"
)

// Image is what the engine knows of one process among several that are forks
// of each other. The arena and the code cache are memory that they share, so
// only one of them may run at a time: the one of the last Switch.
type Image struct {
	Tracee *tracee.Tracee
	Space  *Space

	arena     uint64
	stubs     *stubs
	protected map[uint64]uint64
	aliases   []alias
	shared    map[uint64]*sharedPage
	flushes   int
	regions   []*region // that are mapped, also those given up since
}

// Fork makes a copy of the present process, which must stand at an
// instruction boundary. The copy stays stopped.
func (e *Engine) Fork() (Image, error) {
	t, err := e.t.Fork(e.Gadget())
	if err != nil {
		return Image{}, fmt.Errorf("copying process %d: %w", e.t.PID, err)
	}
	im := e.image()
	im.Tracee = t
	return im, nil
}

// image describes the present process.
func (e *Engine) image() Image {
	im := Image{
		Tracee: e.t, Space: e.Space.Clone(), arena: e.arena, stubs: e.stubs,
		protected: maps.Clone(e.protected), aliases: slices.Clone(e.aliases), shared: maps.Clone(e.shared),
		flushes: e.Stats.Flushes, regions: slices.Clone(e.regions),
	}
	return im
}

// Switch makes im's process the present one; im must not be used again. The
// fragments are kept where sameCode says that the code of both processes is
// the same, and the engine knows nothing that speaks against it. The guest
// goes on through SetGuest.
func (e *Engine) Switch(im Image, sameCode bool) error {
	keep := sameCode && im.flushes == e.Stats.Flushes && maps.Equal(im.protected, e.protected)
	if !keep {
		e.Flush()
	}
	e.t, e.Space, e.protected = im.Tracee, im.Space, im.protected
	e.aliases, e.outdated = im.aliases, nil
	if e.arena != im.arena {
		e.settle(im.arena, im.stubs)
	}
	e.useShared(im.shared)
	e.boundForeign()
	e.pin.follow(e.t.PID)
	e.fetched.forget(0, ^uint64(0))
	e.unverify(0, ^uint64(0))
	for _, r := range im.regions {
		if !slices.Contains(e.regions, r) {
			if err := e.unmapRegion(r); err != nil {
				return err
			}
		}
	}
	for _, r := range slices.Clone(e.regions) {
		if slices.Contains(im.regions, r) {
			continue
		}
		if e.Space.Overlaps(r.base, r.base+r.size) || r.base < e.arena+area.Size && e.arena < r.base+r.size {
			e.forget(r)
		} else if err := e.mapRegion(r); err != nil {
			return err
		}
	}
	return nil
}

// GiveWay gives up the code cache regions and aliases that overlap [start, end),
// where the guest gets memory of its own.
func (e *Engine) GiveWay(start, end uint64) error {
	if err := e.dropAliases(start, end); err != nil {
		return err
	}
	for _, r := range slices.Clone(e.regions) {
		if start >= r.base+r.size || r.base >= end {
			continue
		}
		if err := e.unmapRegion(r); err != nil {
			return err
		}
		e.forget(r)
	}
	return nil
}

func (e *Engine) unmapRegion(r *region) error {
	if _, err := e.t.RemoteCall(e.Gadget(), unix.SYS_MUNMAP, r.base, r.size); err != nil {
		return fmt.Errorf("dropping the code cache at %#x: %w", r.base, err)
	}
	return nil
}

// forget removes a region that the present process does not have.
func (e *Engine) forget(r *region) {
	e.Flush()
	e.regions = slices.DeleteFunc(e.regions, func(x *region) bool { return x == r })
	// Nothing depends on the results: the memory is ours alone.
	_ = unix.Munmap(r.mem)
	_ = unix.Close(r.fd)
}

// HasRegion reports whether there is a code cache region at base.
func (e *Engine) HasRegion(base uint64) bool {
	return slices.ContainsFunc(e.regions, func(r *region) bool { return r.base == base })
}

// Clone returns a copy of s.
func (s *Space) Clone() *Space { return &Space{maps: slices.Clone(s.maps)} }

// SetTick makes the guest's tick now and lets the counter reach zero, where
// Run stops, at limit > now. Replay only.
func (e *Engine) SetTick(now, limit uint64) {
	e.SetWord(area.Tick, now-limit)
	e.SetWord(area.TickBase, limit)
}

// Fork makes another copy of im's process, which stays stopped too. The
// instruction that its calls are made with is the same in all arenas.
func (im Image) Fork() (Image, error) {
	t, err := im.Tracee.Fork(im.stubs.gadget)
	if err != nil {
		return Image{}, fmt.Errorf("copying process %d: %w", im.Tracee.PID, err)
	}
	im.Tracee, im.Space, im.protected, im.aliases = t, im.Space.Clone(), maps.Clone(im.protected), slices.Clone(im.aliases)
	im.shared = maps.Clone(im.shared)
	return im, nil
}

// Adopt notes that the fragments are right for im's code, because a copy of
// im has just become the present process.
func (e *Engine) Adopt(im *Image) { im.flushes = e.Stats.Flushes }

// VDSOSyscall returns the number of the syscall that a vDSO function stands
// for in the event log.
func VDSOSyscall(fn int) int { return vdsoCalls[fn].nr }
