package engine

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
)

// The arena gives way to what the guest maps in its place. Fragments find it
// through GS alone, and so stay.

// placeStep is how far apart the places are where the arena may lie. All of
// such a stretch is to be free, so that a stack above can grow.
const placeStep = 1 << 32

// PlaceBeside returns a free place for the arena outside [start, end).
func (e *Engine) PlaceBeside(start, end uint64) (uint64, bool) {
	free := func(at uint64) bool {
		return (at+placeStep <= start || end <= at) && !e.taken(at, at+placeStep)
	}
	for at := uint64(defaultArena); !outOfReach(at + placeStep); at += placeStep {
		if free(at) {
			return at, true
		}
	}
	for at := uint64(defaultArena) - placeStep; at != 0; at -= placeStep {
		if free(at) {
			return at, true
		}
	}
	return 0, false
}

// MoveArena moves the arena. No thread may be in the kernel on its behalf, and
// the guest must go on through SetGuest.
func (e *Engine) MoveArena(to uint64) error {
	s, err := e.opt.Store.stubs(to, e.opt.Replay, presentVDSO(e.VDSO))
	if err != nil {
		return err
	}
	// The code is last: until then the thread executes its calls there.
	for _, p := range [][2]uint64{{0, area.Code}, {area.Log, area.Size - area.Log}, {area.Code, area.CodeLen}} {
		_, err := e.t.RemoteCall(e.Gadget(), unix.SYS_MREMAP, e.arena+p[0], p[1], p[1], unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED, to+p[0])
		if err != nil {
			return fmt.Errorf("moving the arena from %#x to %#x: %w", e.arena, to, err)
		}
	}
	e.settle(to, s)
	return nil
}

// settle makes the arena's content right for the address to, whose stubs s are.
func (e *Engine) settle(to uint64, s *stubs) {
	from := e.arena
	e.arena, e.stubs, e.vacant = to, s, nil
	e.installStubs()
	e.SetWord(area.LogPtr, e.Word(area.LogPtr)-from+to)
	e.SetWord(area.LogEnd, e.Word(area.LogEnd)-from+to)
	e.rebuildTables()
}
