package engine

import "golang.org/x/sys/unix"

// The kernel extends a stack downwards when it is touched below its start, and
// tells nobody. Whoever asks for what lies there calls Grow before.

// Grow notes how far the stacks have grown that may reach into [start, end).
func (e *Engine) Grow(start, end uint64) error {
	if len(e.Space.below(start, end)) == 0 {
		return nil
	}
	maps, err := e.t.Maps()
	if err != nil {
		return err
	}
	for _, gap := range e.Space.below(start, end) {
		low := gap.End
		for i := len(maps) - 1; i >= 0; i-- {
			m := &maps[i]
			if m.Start < low && low <= m.End && gap.Start <= m.Start && !e.Ours(m.Start, m.End) {
				low = m.Start
			}
		}
		e.Space.Extend(gap.End, low)
	}
	return nil
}

// GrowTo makes the stacks reach down to start that may reach into [start, end):
// so they did when a call on all of that has succeeded. In replay, where calls
// do not touch the memory that they are passed, they may not have.
func (e *Engine) GrowTo(start, end uint64) error {
	if err := e.Grow(start, end); err != nil {
		return err
	}
	for _, gap := range e.Space.below(start, end) {
		m, _ := e.Space.Find(gap.End)
		low := max(start, gap.Start)
		_, err := e.t.RemoteCall(e.Gadget(), unix.SYS_MMAP, low, gap.End-low, m.Prot,
			unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE|unix.MAP_GROWSDOWN|unix.MAP_FIXED_NOREPLACE, ^uint64(0), 0)
		if err != nil {
			return err
		}
		e.Space.Extend(gap.End, low)
	}
	return nil
}

// StackFrom returns where mprotect begins with PROT_GROWSDOWN: at the start of
// the stack that addr lies in. To the kernel that is one mapping for as long as
// the protection is the same.
func (e *Engine) StackFrom(addr uint64) (uint64, bool) {
	m, ok := e.Space.Find(addr)
	if !ok || !m.Growsdown {
		return 0, false
	}
	for {
		below, ok := e.Space.Find(m.Start - 1)
		if !ok || !below.Growsdown || below.Prot != m.Prot {
			return m.Start, true
		}
		m = below
	}
}
