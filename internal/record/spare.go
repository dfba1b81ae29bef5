package record

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/syscalls"
	"hindsight/internal/tracee"
)

// loan is spare memory that a call writes to instead of the guest's while
// other threads run. They see what it has written when the caller goes on, as
// they will in replay.
type loan struct {
	slot  int
	start uint64
	mem   []byte
	call  *syscalls.Redirection
}

// borrow makes the call at g write to spare memory, where that can be done,
// and returns the registers to make it with.
func (r *recorder) borrow(g engine.Regs, c *call) engine.Regs {
	if !c.yields || c.restarts || len(r.live) == 1 || c.row == nil {
		return g
	}
	l := &loan{slot: r.freeSlot()}
	if l.start, l.mem = r.e.Spare(l.slot); l.mem == nil {
		return g
	}
	args := [6]uint64{}
	for i := range args {
		args[i] = *engine.Arg(&g, i)
	}
	room := syscalls.Range{Addr: l.start, Len: uint64(len(l.mem))}
	call, ok := c.row.Redirect(&args, &c.pre, r.t, room, false)
	if !ok || len(call.Areas) == 0 || !r.mayWrite(call.Areas) {
		return g
	}
	for _, a := range call.Areas {
		copy(l.mem[a.Scratch-l.start:], a.Init)
	}
	l.call, c.loan = call, l
	r.lent[l.slot] = true
	for i := range args {
		*engine.Arg(&g, i) = call.Args[i]
	}
	return g
}

// freeSlot returns the first part of the spare memory that is not lent.
func (r *recorder) freeSlot() int {
	n := 0
	for r.lent[n] {
		n++
	}
	return n
}

// mayWrite reports whether the guest may write what the areas stand for: the
// kernel would say EFAULT otherwise.
func (r *recorder) mayWrite(areas []syscalls.Area) bool {
	for _, a := range areas {
		at, end := a.Guest, a.Guest+a.Len
		if a.Guest == 0 {
			continue
		}
		for _, m := range r.e.Space.Within(at, end) {
			if m.Start != at || m.Foreign || m.Prot&unix.PROT_WRITE == 0 {
				return false
			}
			at = m.End
		}
		if at < end {
			return false
		}
	}
	return true
}

// returnLoan ends the call's loan, and returns it if there is one.
func (r *recorder) returnLoan(c *call) *loan {
	l := c.loan
	if l != nil {
		c.loan = nil
		delete(r.lent, l.slot)
	}
	return l
}

// lentMemory reads a loan where it was made, though the arena may have moved.
type lentMemory struct {
	*loan
	t *tracee.Tracee
}

func (m lentMemory) ReadMem(addr uint64, b []byte) (int, error) {
	if off := addr - m.start; off < uint64(len(m.mem)) {
		return copy(b, m.mem[off:]), nil
	}
	return m.t.ReadMem(addr, b)
}

// giveBack copies what the call has written to where the guest wants it. The
// caller has the baton.
func (r *recorder) giveBack(c *call, result uint64) error {
	l := r.returnLoan(c)
	if l == nil {
		return nil
	}
	if engine.RestartCode(result) {
		result = errnoResult(unix.EINTR)
	}
	copies, err := l.call.Copies(int64(result), lentMemory{l, r.t})
	if err != nil {
		return fmt.Errorf("process %d: what %s has written: %w", r.t.PID, c.effect.Name, err)
	}
	for _, o := range copies {
		if err := r.t.WriteMem(o.To, l.mem[o.From-l.start:][:o.Len]); err != nil {
			return fmt.Errorf("process %d: %s: %w", r.t.PID, c.effect.Name, err)
		}
		// It may have been code.
		if err := r.e.Unprotect(o.To, o.To+o.Len); err != nil {
			return err
		}
	}
	return nil
}
