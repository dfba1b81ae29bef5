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

// guardGap is how far from accessible memory below the kernel keeps a stack
// (stack_guard_gap).
const guardGap = 256 * pageSize

// InStacksWay returns what a stack that is touched at addr, below its start,
// needs to grow to there, if some of it is ours and its limit lets it.
func (e *Engine) InStacksWay(addr uint64) (start, end uint64, ok bool, err error) {
	page := addr &^ (pageSize - 1)
	if len(e.Space.below(page, page+pageSize)) == 0 || !e.Ours(max(page, guardGap)-guardGap, page+pageSize) {
		return 0, 0, false, nil
	}
	if err := e.Grow(page, page+pageSize); err != nil {
		return 0, 0, false, err
	}
	for _, gap := range e.Space.below(page, page+pageSize) {
		limit, err := e.t.SoftLimit("Max stack size")
		if err != nil {
			return 0, 0, false, err
		}
		stack, _ := e.Space.Find(gap.End)
		if stack.End-page <= limit {
			return max(gap.Start, max(page, guardGap)-guardGap), gap.End, true, nil
		}
	}
	return 0, 0, false, nil
}

// GrowStack lets the kernel extend the stack below whose start addr is, so that
// nothing of ours comes to lie there.
func (e *Engine) GrowStack(addr uint64) {
	var b [1]byte
	// If it does not the guest finds out.
	_, _ = e.t.ReadMem(addr, b[:])
}

// growUnder makes room for a stack that a stub writes to in replay, lets the stub run
// to its end, and reports whether room had to be made.
func (e *Engine) growUnder(addr uint64) (bool, error) {
	start, end, ok, err := e.InStacksWay(addr)
	if !ok || err != nil {
		return false, err
	}
	var gone []*region
	for _, r := range e.regions {
		if start < r.base+r.size && r.base < end {
			if err := e.unmapRegion(r); err != nil {
				return false, err
			}
			gone = append(gone, r)
		}
	}
	e.GrowStack(addr)
	// The stub knows the way back to a fragment that may be gone.
	b, err := e.ToBoundary()
	if err != nil {
		return false, err
	}
	for _, r := range gone {
		e.forget(r)
	}
	return true, e.SetGuest(b.Regs)
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
