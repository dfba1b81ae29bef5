package record

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/syscalls"
	"hindsight/internal/tracee"
)

// loan is spare memory that a call writes to instead of the guest's while
// other threads run. They see what it has written when the caller goes on, as
// they will in replay.
type loan struct {
	part  part
	start uint64
	mem   []byte
	call  *syscalls.Redirection
}

// large is from which size on spare memory goes back to the kernel after use.
const large = 256 << 10

// part is a part of the spare memory: offsets.
type part struct{ start, end uint64 }

// vacancy returns the first part of the spare memory of at least n bytes that is
// not lent, and which place it would have among those that are.
func (r *recorder) vacancy(n uint64) (p part, i int, ok bool) {
	for i, l := range r.lent {
		if p.end = l.start; p.end-p.start >= n {
			return p, i, true
		}
		p.start = l.end
	}
	p.end = engine.SpareSize
	return p, len(r.lent), p.end-p.start >= n
}

// borrow makes the call at g write to spare memory, where that can be done,
// and returns the registers to make it with.
func (r *recorder) borrow(g engine.Regs, c *call) engine.Regs {
	if !c.yields || c.restarts || len(r.live) == 1 || c.row == nil {
		return g
	}
	var args [6]uint64
	for i := range args {
		args[i] = *engine.Arg(&g, i)
	}
	call, start, at := r.redirect(c, &args)
	if call == nil || len(call.Areas) == 0 || !r.mayWrite(call.Areas) {
		return g
	}
	l := &loan{part: part{start, start + pageEnd(0, call.Size)}, call: call}
	l.start, l.mem = r.e.Spare(l.part.start, l.part.end)
	for _, a := range call.Areas {
		copy(l.mem[a.Scratch-l.start:], a.Init)
	}
	c.loan = l
	r.lent = slices.Insert(r.lent, at, l.part)
	for i := range args {
		*engine.Arg(&g, i) = call.Args[i]
	}
	return g
}

// redirect returns the call with args that writes to spare memory from start on, which
// would be lent as the one at that place of r.lent; nil where there is none.
func (r *recorder) redirect(c *call, args *[6]uint64) (call *syscalls.Redirection, start uint64, at int) {
	for need := uint64(1); ; need = call.Size {
		vacant, at, ok := r.vacancy(need)
		if !ok {
			// More than there is: large files are read at once, others wait.
			c.yields = !r.readsFile(c)
			return nil, 0, 0
		}
		addr, mem := r.e.Spare(vacant.start, vacant.end)
		call, ok = c.row.Redirect(args, &c.pre, r.t, syscalls.Range{Addr: addr, Len: uint64(len(mem))})
		if ok {
			return call, vacant.start, at
		}
		if call.Size <= need {
			return nil, 0, 0 // it cannot be
		}
	}
}

// readsFile reports whether c reads a regular file, which it does not wait for.
func (r *recorder) readsFile(c *call) bool {
	switch c.nr {
	case unix.SYS_READ, unix.SYS_PREAD64, unix.SYS_READV, unix.SYS_PREADV, unix.SYS_PREADV2:
	default:
		return false
	}
	var st unix.Stat_t
	err := unix.Stat(fmt.Sprintf("/proc/%d/fd/%d", r.t.TID, int32(c.args[0])), &st)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFREG
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
			if m.Start != at || m.Foreign || m.Prot&unix.PROT_WRITE == 0 || r.e.Withheld(m.Start, m.End) {
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
		r.lent = slices.DeleteFunc(r.lent, func(p part) bool { return p == l.part })
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
		err := r.t.WriteMem(o.To, l.mem[o.From-l.start:][:o.Len])
		if errors.Is(err, unix.EFAULT) && r.e.Withheld(o.To, o.To+o.Len) {
			c.result = errnoResult(unix.EFAULT) // taken away meanwhile
			break
		}
		if err != nil {
			return fmt.Errorf("process %d: %s: %w", r.t.PID, c.effect.Name, err)
		}
		// It may have been code.
		if err := r.e.Unprotect(o.To, o.To+o.Len); err != nil {
			return err
		}
	}
	if len(l.mem) < large {
		return nil
	}
	if err := unix.Madvise(l.mem, unix.MADV_REMOVE); err != nil {
		return fmt.Errorf("process %d: free spare memory: %w", r.t.PID, err)
	}
	return nil
}
