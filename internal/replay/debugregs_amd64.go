package replay

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/x86"
)

// debugregs are the CPU's four watchpoints (SDM vol. 3, 18.2), which cost
// nothing while they are not hit.
type debugregs struct {
	addr    [4]uint64
	control uint64 // DR7
	n       int
}

// debugregsAt is the offset of u_debugreg in struct user (sys/user.h).
const debugregsAt = 848

// Fields of DR7 for each watchpoint.
const (
	dr7Write  = 1
	dr7Access = 3
)

// dr7Lens are the encodings of lengths.
var dr7Lens = map[uint64]uint64{1: 0, 2: 1, 4: 3, 8: 2}

// useDebugregs fits watched ranges into the debug registers, and reports
// whether they do. The CPU cannot watch for reads alone.
func useDebugregs(list []Watch) (*debugregs, bool) {
	d := &debugregs{}
	for _, w := range list {
		if w.Kind == x86.Read {
			return nil, false
		}
		for at := w.Addr; at < w.Addr+w.Len; {
			n := uint64(8)
			for at%n != 0 || at+n > w.Addr+w.Len {
				n /= 2
			}
			if d.n == len(d.addr) {
				return nil, false
			}
			kind := uint64(dr7Write)
			if w.Kind&x86.Read != 0 {
				kind = dr7Access
			}
			d.addr[d.n] = at
			d.control |= 1<<(2*d.n) | (kind|dr7Lens[n]<<2)<<(16+4*d.n)
			d.n++
			at += n
		}
	}
	return d, true
}

// set puts the watchpoints into force in a process.
func (d *debugregs) set(pid int) error {
	for i := range d.n {
		if err := pokeDebugreg(pid, i, d.addr[i]); err != nil {
			return err
		}
	}
	if err := pokeDebugreg(pid, 6, 0); err != nil {
		return err
	}
	return pokeDebugreg(pid, 7, d.control)
}

// unset removes them.
func (d *debugregs) unset(pid int) error { return pokeDebugreg(pid, 7, 0) }

// take returns the address of the watchpoint that was hit since the last
// time, if one was.
func (d *debugregs) take(pid int) (uint64, bool, error) {
	var b [8]byte
	if _, err := unix.PtracePeekUser(pid, debugregsAt+6*8, b[:]); err != nil {
		return 0, false, fmt.Errorf("read debug register 6 of %d: %w", pid, err)
	}
	status := binary.LittleEndian.Uint64(b[:])
	for i := range d.n {
		if status>>i&1 != 0 {
			return d.addr[i], true, pokeDebugreg(pid, 6, 0)
		}
	}
	return 0, false, nil
}

func pokeDebugreg(pid, n int, v uint64) error {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	if _, err := unix.PtracePokeUser(pid, uintptr(debugregsAt+8*n), b[:]); err != nil {
		return fmt.Errorf("write debug register %d of %d: %w", n, pid, err)
	}
	return nil
}
