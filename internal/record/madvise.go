package record

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
)

const madvDontneedLocked = 24

// madvise makes MADV_FREE, whose effect comes at any later time or not at
// all, the MADV_DONTNEED that it may be (madvise(2)).
func (r *recorder) madvise(g engine.Regs, c *call) error {
	start, end := c.args[0], pageEnd(c.args[0], c.args[1])
	if err := r.e.Grow(start, end); err != nil {
		return err
	}
	if err := r.e.Unprotect(start, end); err != nil {
		return err
	}
	run, part := g, *c
	free := c.args[2] == unix.MADV_FREE
	if free {
		run.Rdx = unix.MADV_DONTNEED
		end = r.upToFiles(start, end)
		run.Rsi = min(run.Rsi, end-start)
		part.args[1] = run.Rsi
	}
	if err := r.advise(run, &part); err != nil || part.interrupted {
		return err
	}
	if c.result = part.result; part.args[1] < c.args[1] && (!failed(c.result) || c.result == errnoResult(unix.ENOMEM)) {
		c.result = errnoResult(unix.EINVAL) // by what is not free to be dropped
	}
	switch c.args[2] {
	case unix.MADV_FREE, unix.MADV_DONTNEED, madvDontneedLocked, unix.MADV_REMOVE:
		r.e.Changed(start, end)
		w, err := r.discarded(run, c, start, end)
		if err != nil {
			return err
		}
		return r.finish(g, c, event.FlagEffect, w)
	}
	return r.complete(g, c)
}

// advise makes the call, also where some of its range is ours.
func (r *recorder) advise(run engine.Regs, c *call) error {
	if r.holed(c) {
		_, err := r.executeAround(run, c)
		return err
	}
	return r.execute(run, c)
}

// upToFiles returns where in [start, end) memory begins that is not anonymous,
// end if there is none: MADV_FREE fails there.
func (r *recorder) upToFiles(start, end uint64) uint64 {
	for _, m := range r.e.Space.Within(start, end) {
		if m.Shared || m.Path != "" && m.Path[0] != '[' {
			return m.Start
		}
	}
	return end
}

// discarded returns what memory holds that a call has discarded before it failed.
// Which that is, replay cannot know: the program may have locked some.
func (r *recorder) discarded(run engine.Regs, c *call, start, end uint64) (w event.Writes, err error) {
	if start%pageSize != 0 || !failed(c.result) || c.result == errnoResult(unix.ENOMEM) {
		return nil, nil
	}
	maps, err := r.t.Maps()
	if err != nil {
		return nil, err
	}
	for _, m := range maps {
		lo, hi := max(m.Start, start), min(m.End, end)
		if lo >= hi || r.e.Ours(lo, hi) {
			continue
		}
		// Once more, for the kernel to say how far it has come.
		result, err := r.t.RemoteSyscall(r.e.Gadget(), unix.SYS_MADVISE, lo, hi-lo, run.Rdx)
		if err != nil || failed(result) {
			return w, err
		}
		for _, part := range r.e.Space.Within(lo, hi) {
			if part.Foreign {
				continue
			}
			if w, err = r.appendMemory(w, part.Start, part.End-part.Start); err != nil {
				return w, err
			}
		}
	}
	return w, nil
}
