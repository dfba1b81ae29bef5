package record

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/syscalls"
)

// Calls on a range of addresses some of which are ours: the program is to find
// that nothing is mapped there. What the kernel does then differs from call to
// call (mm/mprotect.c, mm/madvise.c, mm/mlock.c, mm/mincore.c, mm/msync.c).

// ahead are the calls that do what they are to do up to the first hole, and
// answer ENOMEM. The others do it behind holes as well.
var ahead = map[uint64]bool{
	unix.SYS_MPROTECT: true, unix.SYS_PKEY_MPROTECT: true, unix.SYS_MINCORE: true,
	unix.SYS_MLOCK: true, unix.SYS_MLOCK2: true, unix.SYS_MUNLOCK: true,
}

// stopsAhead reports whether c is one of those.
func (c *call) stopsAhead() bool {
	populates := c.args[2] == unix.MADV_POPULATE_READ || c.args[2] == unix.MADV_POPULATE_WRITE
	return ahead[c.nr] || c.nr == unix.SYS_MADVISE && populates
}

// span returns the pages that a call takes as its first two arguments.
func (c *call) span() (start, end uint64) {
	return c.args[0] &^ (pageSize - 1), pageEnd(c.args[0], c.args[1])
}

// holed reports whether some of those are ours.
func (r *recorder) holed(c *call) bool {
	start, end := c.span()
	return start < end && r.e.Ours(start, end)
}

// executeAround makes a call, with the registers of run, on those of its pages
// that are not ours. It returns what has been done.
func (r *recorder) executeAround(run engine.Regs, c *call) (done [][2]uint64, err error) {
	start, end := c.span()
	parts := r.e.Around(start, end)
	if c.stopsAhead() {
		parts = parts[:min(1, len(parts))]
		if len(parts) > 0 && parts[0][0] > start {
			parts = nil
		}
	}
	if len(parts) == 0 && c.nr != unix.SYS_MUNMAP {
		return nil, r.executeNowhere(run, c)
	}
	for i, p := range parts {
		// The kernel is to see an address that is not aligned.
		run.Rdi, run.Rsi = p[0], p[1]-p[0]
		if low := c.args[0] % pageSize; i == 0 {
			run.Rdi, run.Rsi = run.Rdi+low, run.Rsi-low
		}
		if err := r.execute(run, c); err != nil || c.interrupted {
			return done, err
		}
		if failed(c.result) && c.result != errnoResult(unix.ENOMEM) {
			return done, nil
		}
		if !failed(c.result) {
			done = append(done, p)
		}
	}
	c.result = errnoResult(unix.ENOMEM)
	if c.nr == unix.SYS_MUNMAP {
		c.result = 0
	}
	return done, nil
}

// executeNowhere makes a call on a page where nothing can be mapped. What
// else there is to say about its arguments the kernel says first.
func (r *recorder) executeNowhere(run engine.Regs, c *call) error {
	const nowhere = 1<<47 - pageSize // TASK_SIZE_MAX
	low := c.args[0] % pageSize
	run.Rdi, run.Rsi = nowhere+low, pageSize-low
	return r.execute(run, c)
}

// ofRange makes a call on a range that changes nothing which we keep in mind.
func (r *recorder) ofRange(g engine.Regs, c *call) error {
	if !r.holed(c) {
		return r.plain(g, c)
	}
	if c.nr == unix.SYS_MLOCK || c.nr == unix.SYS_MLOCK2 {
		// All of it must be within the limit before any is locked.
		limit, err := r.lockLimit()
		if err != nil {
			return err
		}
		if start, end := c.span(); end-start > limit {
			return r.nowhere(g, c)
		}
	}
	if _, err := r.executeAround(g, c); err != nil || c.interrupted {
		return err
	}
	return r.complete(g, c)
}

// mincore also writes what it has found out up to a hole.
func (r *recorder) mincore(g engine.Regs, c *call) error {
	var err error
	if r.holed(c) {
		_, err = r.executeAround(g, c)
	} else {
		err = r.execute(g, c)
	}
	if err != nil || c.interrupted {
		return err
	}
	if c.result != errnoResult(unix.ENOMEM) {
		return r.complete(g, c)
	}
	start, end := c.span()
	w, err := r.appendOutput(nil, syscalls.Range{Addr: c.args[2], Len: (end - start) / pageSize, Lax: true})
	if err != nil {
		return err
	}
	return r.finish(g, c, 0, w)
}

// seal makes mseal, which looks for holes before it does anything.
func (r *recorder) seal(g engine.Regs, c *call) error {
	if !r.holed(c) {
		return r.remapped(g, c)
	}
	return r.nowhere(g, c)
}

// nowhere makes a call as if nothing were mapped in its range.
func (r *recorder) nowhere(g engine.Regs, c *call) error {
	if err := r.executeNowhere(g, c); err != nil || c.interrupted {
		return err
	}
	return r.complete(g, c)
}

// unmapAround unmaps what is the program's in a range where some is ours.
func (r *recorder) unmapAround(g engine.Regs, c *call) error {
	done, err := r.executeAround(g, c)
	if err != nil || c.interrupted {
		return err
	}
	var evs [][]byte
	for _, p := range done {
		r.e.Changed(p[0], p[1])
		r.e.Space.Unmap(p[0], p[1])
		evs = append(evs, event.AppendUnmap(nil, r.e.Tick(), event.Unmap{Addr: p[0], Len: p[1] - p[0]}))
	}
	return r.finish(g, c, event.FlagEffect, nil, evs...)
}
