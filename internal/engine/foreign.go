package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/x86"
)

// Foreign memory is what others may write at any time: other processes, or the
// kernel on behalf of a file. The guest has no access to it: each instruction
// that touches it faults, and the supervisor executes it and logs what came of
// it. sharedcode.go is about what it executes there.

// InForeign reports whether addr lies in foreign memory.
func (e *Engine) InForeign(addr uint64) bool {
	m, ok := e.Space.Find(addr)
	return ok && m.Foreign
}

// ForeignFault reports whether a fault is that of an access to foreign memory,
// which the guest may or may not have been allowed.
func (e *Engine) ForeignFault(info *Signal) bool {
	return unix.Signal(info.Signo()) == unix.SIGSEGV && info.Code() > 0 && e.InForeign(info.Addr())
}

// SystemV reports whether m is a System V segment. The kernel counts its
// mappings (shm_nattch) and never merges those that mprotect has split
// (ipc/shm.c), which the guest would see: it is opened as a whole.
func (m Mapping) SystemV() bool { return strings.HasPrefix(m.Path, "/SYSV") }

// foreignWithin returns the parts of foreign memory in [start, end).
func (e *Engine) foreignWithin(start, end uint64) (out []Mapping) {
	for _, m := range e.Space.Within(start, end) {
		if m.Foreign {
			out = append(out, m)
		}
	}
	return out
}

// AnyForeign reports whether the guest has foreign memory.
func (e *Engine) AnyForeign() bool {
	for i := range e.Space.maps {
		if e.Space.maps[i].Foreign {
			return true
		}
	}
	return false
}

// Shut takes the access to the foreign memory in [start, end) away from the
// guest. The stubs leave calls with pointers to it to the supervisor.
func (e *Engine) Shut(start, end uint64) error {
	for _, m := range e.foreignWithin(start, end) {
		if err := e.setAccess(m, unix.PROT_NONE); err != nil {
			return err
		}
	}
	e.boundForeign()
	return nil
}

// Open lets the tracee access the foreign memory in [start, end) as the guest
// may without us. Until it is shut again no guest code may run.
func (e *Engine) Open(start, end uint64) error {
	for _, m := range e.foreignWithin(start, end) {
		if err := e.setAccess(m, m.Prot); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) setAccess(m Mapping, prot uint64) error {
	if _, err := e.t.RemoteCall(e.Gadget(), unix.SYS_MPROTECT, m.Start, m.End-m.Start, prot&7); err != nil {
		return fmt.Errorf("access to shared memory at %#x: %w", m.Start, err)
	}
	return nil
}

// boundForeign tells the stubs where foreign memory lies.
func (e *Engine) boundForeign() {
	lo, hi := ^uint64(0), uint64(0)
	for _, m := range e.Space.maps {
		if m.Foreign {
			lo, hi = min(lo, m.Start), max(hi, m.End)
		}
	}
	if hi == 0 {
		lo = 0
	}
	e.SetWord(area.ForeignLow, lo)
	e.SetWord(area.ForeignLen, hi-lo)
	e.boundAliases()
}

// opening is the foreign memory that is open for one instruction.
type opening struct {
	e      *Engine
	ranges [][2]uint64
}

// add opens the pages of [start, end), and reports whether any was shut.
func (o *opening) add(start, end uint64) (bool, error) {
	start, end = start&^(pageSize-1), (end+pageSize-1)&^(pageSize-1)
	if m, ok := o.e.Space.Find(start); ok && m.SystemV() {
		start, end = min(start, m.Start), max(end, m.End)
	}
	for _, r := range o.ranges {
		if r[0] <= start && end <= r[1] {
			return false, nil
		}
	}
	o.ranges = append(o.ranges, [2]uint64{start, end})
	return true, o.e.Open(start, end)
}

func (o *opening) shut() error {
	var err error
	for _, r := range o.ranges {
		err = errors.Join(err, o.e.Shut(r[0], r[1]))
	}
	return err
}

// StepForeign lets the CPU execute the guest instruction at g.Rip, which
// accesses foreign memory at the address fault. Kind is 0 if it did, StopFault
// if it raised a signal. A repeated string instruction is executed to its end
// or up to the fault.
func (e *Engine) StepForeign(g Regs, fault uint64) (stop Stop, err error) {
	o := opening{e: e}
	defer func() {
		// A tracee that is gone has nothing to be shut.
		if _, ended := AsEnded(err); !ended && err == nil {
			err = o.shut()
		}
	}()
	inst, known := e.DecodeForeign(g.Rip)
	restore, err := e.showCode(g.Rip, inst.Len)
	if err != nil {
		return Stop{}, err
	}
	defer func() {
		if _, ended := AsEnded(err); !ended {
			err = errors.Join(err, restore())
		}
	}()
	if known {
		for _, a := range Watchable(&g, &inst) {
			if a.Known && a.Len <= 1<<24 {
				for _, m := range e.foreignWithin(a.Addr, a.Addr+a.Len) {
					if _, err := o.add(m.Start, m.End); err != nil {
						return Stop{}, err
					}
				}
			}
		}
	}
	for {
		if _, err := o.add(fault, fault+1); err != nil {
			return Stop{}, err
		}
		if known && inst.Rep != 0 && inst.Spec == x86.STRING && e.Logged(g.Rip, int(inst.Len)) {
			stop, err = e.stepString(g, &inst)
		} else {
			stop, err = e.StepNative(g)
		}
		if err != nil || stop.Kind != StopFault || !e.ForeignFault(&stop.Info) {
			return stop, err
		}
		fault, g = stop.Info.Addr(), stop.Regs
		if fresh, err := o.add(fault, fault+1); !fresh || err != nil {
			return stop, err // the guest may not access it either
		}
	}
}

// DecodeForeign returns the instruction at pc, from whatever memory.
func (e *Engine) DecodeForeign(pc uint64) (x86.Inst, bool) {
	var b [maxInst]byte
	if n := e.learned(pc, b[:]); e.opt.Replay && n > 0 {
		inst, err := x86.Decode(b[:n], pc)
		return inst, err == nil
	}
	n, err := e.t.ReadMem(pc, b[:])
	if n == 0 && err != nil {
		return x86.Inst{}, false
	}
	inst, err := x86.Decode(b[:n], pc)
	return inst, err == nil
}

// Counts reports whether executing inst, with to the next PC, was a tick.
func Counts(inst *x86.Inst, to uint64) bool { return counts(inst, to) }

// openUnder opens foreign memory for a stub that accesses it, lets the stub run
// to its end, and shuts it again.
func (e *Engine) openUnder() (Stop, bool, error) {
	for _, m := range e.foreignWithin(0, ^uint64(0)) {
		prot := m.Prot
		if e.opt.Replay {
			prot |= unix.PROT_WRITE // the kernel has written there, whoever may
		}
		if err := e.setAccess(m, prot); err != nil {
			return Stop{}, false, err
		}
	}
	b, err := e.ToBoundary()
	if err != nil {
		return Stop{}, false, err
	}
	if err := e.Shut(0, ^uint64(0)); err != nil {
		return Stop{}, false, err
	}
	if b.Finish != nil {
		return Stop{Kind: StopFinish, Regs: b.Regs, Result: *b.Finish}, false, nil
	}
	return Stop{}, true, e.SetGuest(b.Regs)
}

// OwnStack returns where the present thread's signal handlers have their
// stack, if they have one (sigaltstack(2)).
func (e *Engine) OwnStack() (start, end uint64, err error) {
	at := e.Lend(make([]byte, 24)) // stack_t: pointer, flags, size
	if _, err := e.t.RemoteCall(e.Gadget(), unix.SYS_SIGALTSTACK, 0, at); err != nil {
		return 0, 0, fmt.Errorf("sigaltstack of thread %d: %w", e.t.TID, err)
	}
	b := e.mem[area.StackLow:]
	start = binary.LittleEndian.Uint64(b)
	return start, start + binary.LittleEndian.Uint64(b[16:]), nil
}
