package engine

import (
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/tracee"
)

// Child puts an engine into a process that has just been forked from e's, and
// that shares e's arena and code cache, which it must no longer do. The arena
// stays at its address.
func (e *Engine) Child(t *tracee.Tracee) (*Engine, error) {
	opt := e.opt
	opt.Program.Forked = true
	c := newEngine(t, e.Space.Clone(), opt)
	c.VDSO, c.arena, c.stubs = e.VDSO, e.arena, e.stubs
	c.supervised = e.supervised
	c.detours = maps.Clone(e.detours)
	c.aliases, c.outdated = slices.Clone(e.aliases), slices.Clone(e.outdated)
	var err error
	if c.pin, err = newPinner(t.PID, e.opt.Home); err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	if err := c.takeOver(e); err != nil {
		c.pin.close()
		return nil, fmt.Errorf("engine of process %d: %w", t.PID, err)
	}
	c.SetMask(e.Mask())
	c.SetWord(area.GSBase, e.Word(area.GSBase))
	c.SetTick(e.Tick(), 0)
	c.SetWord(area.NearProc, e.Word(area.NearProc))
	c.boundForeign()
	return c, nil
}

// takeOver replaces the memory that the child shares with e.
func (e *Engine) takeOver(parent *Engine) error {
	gadget := e.Gadget()
	for _, r := range parent.regions {
		if _, err := e.t.RemoteCall(gadget, unix.SYS_MUNMAP, r.base, r.size); err != nil {
			return fmt.Errorf("unmapping the parent's code cache: %w", err)
		}
	}
	m, err := e.shareFrom(parent)
	if err != nil {
		return err
	}
	// The code there is the same at the same place, so it can be replaced
	// under a thread that executes it.
	return e.useArena(gadget, m, unix.MAP_FIXED)
}

// shareFrom is share for a child that still has its parent's arena.
func (e *Engine) shareFrom(parent *Engine) (m shared, err error) {
	old := slices.Clone(parent.mem[area.StackLow : area.StackLow+len(memfdName)])
	name := parent.Lend([]byte(memfdName))
	m.theirs, err = createMemfd(e.t, e.Gadget(), name)
	copy(parent.mem[area.StackLow:], old)
	if err != nil {
		return m, fmt.Errorf("memory to share: %w", err)
	}
	return m, m.open(e.t, area.Size)
}
