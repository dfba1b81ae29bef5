package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/tracee"
)

// piece is a part of the caller's memory, or of the other's.
type piece struct{ addr, n uint64 }

// total returns how many bytes the pieces have.
func total(ps []piece) (n uint64) {
	for _, p := range ps {
		n += p.n
	}
	return n
}

// first returns the first n bytes of the pieces.
func first(ps []piece, n uint64) (out []piece) {
	for _, p := range ps {
		if n == 0 {
			break
		}
		p.n = min(p.n, n)
		out = append(out, p)
		n -= p.n
	}
	return out
}

// vector reads a vector of struct iovec, as far as it can be read.
func (r *recorder) vector(at, n uint64) (out []piece, ok bool) {
	const maxVector = 1024 // UIO_MAXIOV
	if n > maxVector {
		return nil, false
	}
	words, ok := r.words(at, 2*int(n))
	for i := 0; i+1 < len(words); i += 2 {
		out = append(out, piece{words[i], words[i+1]})
	}
	return out, ok
}

// putVector writes a vector of struct iovec where the kernel can read it.
func (r *recorder) putVector(ps []piece) (uint64, error) {
	var b []byte
	for _, p := range ps {
		b = binary.LittleEndian.AppendUint64(b, p.addr)
		b = binary.LittleEndian.AppendUint64(b, p.n)
	}
	vacant, _, ok := r.vacancy(uint64(len(b)))
	if !ok {
		return 0, fmt.Errorf("process %d: no spare memory for a vector of %d", r.t.PID, len(ps))
	}
	at, mem := r.e.Spare(vacant.start, vacant.end)
	copy(mem, b)
	return at, nil
}

// access is a call that accesses memory by its address: the caller's, and that of
// a process which may be the caller.
type access struct {
	*call
	of     *recorder
	writes bool // to the other's memory
	own    []piece
	other  []piece
}

// touched returns what a call may have accessed of other, by its result.
func (x *access) touched() []piece {
	switch {
	case x.result == errnoResult(unix.EFAULT):
		return x.other // pieces of it before the fault
	case failed(x.result):
		return nil
	}
	return first(x.other, x.result)
}

// access makes the call with the registers run, and with all the memory at hand
// that it accesses.
func (r *recorder) access(g, run engine.Regs, x *access) error {
	written := x.own
	if x.writes {
		written = x.other
	}
	if x.of == r || !x.writes {
		for _, p := range written {
			if err := r.e.Unprotect(p.addr, p.addr+p.n); err != nil {
				return err
			}
		}
	}
	if r.foreignIn(x.own) || x.of == r && r.foreignIn(x.other) || r.e.InForeign(x.args[1]) {
		if err := r.openForeign(); err != nil {
			return err
		}
	}
	return r.executeAt(g, run, x.call)
}

// foreignIn reports whether any of the pieces lies in foreign memory.
func (r *recorder) foreignIn(ps []piece) bool {
	for _, p := range ps {
		for _, m := range r.e.Space.Within(p.addr, p.addr+p.n) {
			if m.Foreign {
				return true
			}
		}
	}
	return false
}

// accessed logs the call. With all, more may have been written than the result
// says: a vector's next buffer up to a fault.
func (r *recorder) accessed(g engine.Regs, x *access, all bool) error {
	if !x.writes {
		return r.complete(g, x.call)
	}
	touched := x.touched()
	if all && len(touched) > 0 {
		touched = x.other
	}
	return r.wrote(x.of, touched, g, x.call, nil)
}

// wrote logs a call that has written to memory of a process, whatever the memory's
// protection; out is what else it has written, if the process is r.
func (r *recorder) wrote(of *recorder, ps []piece, g engine.Regs, c *call, out event.Writes) error {
	if of != r {
		if err := of.overwritten(ps); err != nil {
			return err
		}
		return r.complete(g, c)
	}
	w, err := r.rewritten(ps)
	if err != nil {
		return err
	}
	return r.finish(g, c, event.FlagEffect, append(out, w...))
}

// rewritten returns what there is now in memory that has been written whatever
// its protection. Code may be among it.
func (r *recorder) rewritten(ps []piece) (w event.Writes, err error) {
	for _, p := range ps {
		if err := r.e.Grow(p.addr, p.addr+p.n); err != nil {
			return nil, err
		}
		for _, m := range r.e.Space.Within(p.addr, p.addr+p.n) {
			if w, err = r.appendMemory(w, m.Start, m.End-m.Start); err != nil {
				return nil, err
			}
			if m.Prot&unix.PROT_EXEC != 0 && !m.Foreign {
				r.e.Changed(m.Start&^(pageSize-1), pageEnd(m.End, 0))
			}
		}
	}
	return w, nil
}

// overwritten logs that another process, whose thread has r's baton, has written to
// its memory.
func (r *recorder) overwritten(ps []piece) error {
	if r.ended != nil || len(ps) == 0 {
		return nil
	}
	w, err := r.rewritten(ps)
	if err != nil {
		if _, gone := r.t.Regs(); errors.Is(gone, tracee.ErrGone) {
			return nil // SIGKILL: nobody will see it
		}
		return err
	}
	r.baton.written = true
	return r.logMem(w)
}

// writeProcess makes process_vm_writev(2).
func (r *recorder) writeProcess(g engine.Regs, c *call) error {
	of := r.withThread(strconv.Itoa(int(int32(c.args[0]))))
	if of == nil || of == r {
		return r.writeTo(of, g, c)
	}
	return r.visit(of, g, func(of *recorder) error { return r.writeTo(of, g, c) })
}

// writeTo is process_vm_writev to of, which may be nil.
func (r *recorder) writeTo(of *recorder, g engine.Regs, c *call) error {
	own, readable := r.vector(c.args[1], c.args[2])
	other, both := r.vector(c.args[3], c.args[4])
	if of == nil || !readable || !both || c.args[5] != 0 {
		return r.ordinary(g, c) // an error, or a process that is not recorded
	}
	run := g
	if of != r {
		reached, err := of.reached(other)
		if err != nil {
			return err
		}
		if run.R10, err = r.putVector(reached); err != nil {
			return err
		}
		run.R8 = uint64(len(reached))
	}
	x := &access{call: c, of: of, writes: true, own: own, other: other}
	if err := r.access(g, run, x); err != nil || c.interrupted {
		return err
	}
	return r.accessed(g, x, false)
}

// reached returns where the kernel reaches pieces of r's memory, whose foreign part
// is closed to it. Another process's thread has the baton.
func (r *recorder) reached(ps []piece) (out []piece, err error) {
	for _, p := range ps {
		if r.e.Protected(p.addr, p.addr+p.n) {
			if err := r.unreliable("another process's process_vm_writev to code that is being recorded fails"); err != nil {
				return nil, err
			}
		}
		for end := p.addr + p.n; p.n > 0; p.n = end - p.addr {
			m, ok := r.e.Space.Find(p.addr)
			if !ok {
				break
			}
			part := piece{p.addr, min(m.End, end) - p.addr}
			p.addr += part.n
			if m.Foreign {
				if part.addr, err = r.aliasOf(part.addr); err != nil {
					return nil, err
				}
			}
			out = append(out, part)
		}
		if p.n > 0 {
			out = append(out, p) // nothing is there
		}
	}
	return out, nil
}

// aliasOf returns the address of an alias of foreign memory at addr; addr itself
// if there can be none now.
func (r *recorder) aliasOf(addr uint64) (uint64, error) {
	if r.th.calling {
		if to, ok := r.e.AliasOf(addr); ok {
			return to, nil
		}
		return addr, nil
	}
	to, ok, err := r.e.Alias(addr)
	if !ok {
		to = addr
	}
	return to, err
}
