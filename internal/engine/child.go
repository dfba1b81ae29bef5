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
	c := newEngine(t, e.Space.Clone(), e.opt)
	c.VDSO, c.arena, c.stubs = e.VDSO, e.arena, e.stubs
	var err error
	if c.fd, c.mem, err = sharedMemory("arena", area.Size); err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	c.fill()
	c.detours = maps.Clone(e.detours)
	c.aliases = slices.Clone(e.aliases)
	c.outdated = slices.Clone(e.outdated)
	c.boundForeign()
	c.SetMask(e.Mask())
	c.SetTick(e.Tick(), 0)
	if err := c.takeOver(e); err != nil {
		unix.Close(c.fd)
		return nil, fmt.Errorf("engine of process %d: %w", t.PID, err)
	}
	if c.pin, err = newPinner(t.PID, e.opt.Home); err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
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
	// The path is read while the child still has its parent's arena. The code
	// there is the same at the same place, so it can be replaced under a
	// thread that executes it.
	fd, err := parent.lendTo(e.t, e.fd)
	if err != nil {
		return err
	}
	return e.mapParts(gadget, fd, unix.MAP_FIXED)
}

// lendTo opens the supervisor's descriptor fd in t, which has e's arena.
func (e *Engine) lendTo(t *tracee.Tracee, fd int) (uint64, error) {
	path := ownDescriptor(fd)
	old := slices.Clone(e.mem[area.StackLow : area.StackLow+len(path)])
	copy(e.mem[area.StackLow:], path)
	defer copy(e.mem[area.StackLow:], old)
	got, err := t.RemoteCall(e.Gadget(), unix.SYS_OPEN, e.arena+area.StackLow, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("opening our descriptor %d in process %d: %w", fd, t.PID, err)
	}
	return got, nil
}
