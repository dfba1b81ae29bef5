package engine

import (
	"bytes"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/translate"
	"hindsight/internal/x86"
)

// alias is a second mapping of foreign memory, for the kernel: the addresses
// that the program passes to a call are translated to it.
type alias struct {
	start, end uint64 // guest addresses
	prot       uint64
}

// aliasBit is where guest and alias addresses differ. Linux places nothing
// by itself between the heap of a program at a low address and the mappings
// below the stack, but position-independent programs at 0x55….
const (
	aliasShift = 46
	aliasBit   = 1 << aliasShift
)

// Alias returns the address of addr's alias, which it makes if there is none.
// Only mappings that are shared can have one.
func (e *Engine) Alias(addr uint64) (uint64, bool, error) {
	if to, ok := e.AliasOf(addr); ok {
		return to, true, nil
	}
	m, to, ok := e.aliasPlace(addr)
	if !ok {
		return 0, false, nil
	}
	// An old length of 0 makes a second mapping (mremap(2)).
	_, err := e.t.RemoteCall(e.Gadget(), unix.SYS_MREMAP, m.Start, 0, m.End-m.Start, unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED, to)
	if err != nil {
		return 0, false, nil // a device's, perhaps, or sealed
	}
	e.addAlias(m)
	m.Start, m.End = to, to+m.End-m.Start
	return addr ^ aliasBit, true, e.setAccess(m, m.Prot)
}

// AliasOf returns the address of addr's alias if there is one.
func (e *Engine) AliasOf(addr uint64) (uint64, bool) {
	return addr ^ aliasBit, e.mirrored(addr)
}

// aliasPlace returns the foreign memory at addr and where its alias would be.
func (e *Engine) aliasPlace(addr uint64) (m Mapping, to uint64, ok bool) {
	m, ok = e.Space.Find(addr)
	to = m.Start ^ aliasBit
	ok = ok && m.Foreign && m.Shared && to+(m.End-m.Start)-1 == (m.End-1)^aliasBit && !e.taken(to, to+m.End-m.Start)
	return m, to, ok
}

func (e *Engine) addAlias(m Mapping) {
	e.aliases = append(e.aliases, alias{m.Start, m.End, m.Prot})
	e.boundAliases()
}

// mirror is Alias for replay: what is known of the memory lies there. Nothing
// is shared, since checkpoints are forks.
func (e *Engine) mirror(addr uint64) error {
	if e.mirrored(addr) {
		return nil
	}
	m, to, ok := e.aliasPlace(addr)
	if !ok {
		return nil
	}
	_, err := e.t.RemoteCall(e.Gadget(), unix.SYS_MMAP, to, m.End-m.Start, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_FIXED_NOREPLACE|unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE, ^uint64(0), 0)
	if err != nil {
		return fmt.Errorf("mapping a mirror of %#x: %w", m.Start, err)
	}
	e.addAlias(m)
	b := make([]byte, pageSize)
	for at := m.Start; at < m.End; at += pageSize {
		if n, err := e.t.ReadMem(at, b); err == nil && !zero(b[:n]) {
			if err := e.t.WriteMem(at^aliasBit, b[:n]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Engine) mirrored(addr uint64) bool {
	return slices.ContainsFunc(e.aliases, func(a alias) bool { return a.start <= addr && addr < a.end })
}

// HastenString is Hasten for both operands of a string instruction that was about
// to execute with registers g.
func (e *Engine) HastenString(g *Regs, inst *x86.Inst) error {
	for _, m := range inst.Mems() {
		if addr := Address(g, inst, m); e.InForeign(addr) {
			if err := e.Hasten(g.Rip, addr); err != nil {
				return err
			}
		}
	}
	return nil
}

// Hasten lets the instruction at pc, which has accessed the foreign memory at
// addr, do so by itself from now on, if it is one that can.
func (e *Engine) Hasten(pc, addr uint64) error {
	inst, ok := e.decode(pc)
	m, found := e.Space.Find(addr)
	if !ok || !found || m.SystemV() || translate.DetourOf(&inst) == translate.NoDetour {
		return nil
	}
	if !e.detours[pc] {
		e.detours[pc] = true
		e.keepDetour(pc)
		e.dropAt(pc)
	}
	var err error
	if e.opt.Replay {
		err = e.mirror(addr)
	} else {
		_, _, err = e.Alias(addr)
	}
	e.promote(addr)
	return err
}

// promote lets the stubs access the alias of addr, of which they know some
// only, in place of another one. Which, a fixed sequence says: were it the
// oldest, memory that is accessed in turn would never be known.
func (e *Engine) promote(addr uint64) {
	i := slices.IndexFunc(e.aliases, func(a alias) bool { return a.start <= addr && addr < a.end })
	if i < area.ForeignRegions {
		return
	}
	e.promotions++
	const golden = 2654435769 // 2^32 by the golden ratio
	j := e.promotions * golden >> 24 % area.ForeignRegions
	e.aliases[i], e.aliases[j] = e.aliases[j], e.aliases[i]
	e.boundAliases()
}

// bailOut returns where a thread goes on that has faulted at a host address in
// a stub, while it accessed an alias or executed the guest's instruction: the
// guest is then to fault by itself.
func (e *Engine) bailOut(host uint64) (uint64, bool) {
	off := host - e.arena - area.Code
	for _, b := range e.stubs.bails {
		if off < area.CodeLen && b.from <= uint32(off) && uint32(off) < b.to {
			return b.host, true
		}
	}
	return 0, false
}

// OnlyStores reports whether inst is one of those that have nothing in the log,
// since they only write to foreign memory.
func (e *Engine) OnlyStores(inst *x86.Inst) bool {
	return e.Logged(inst.PC, int(inst.Len)) && translate.DetourOf(inst) == translate.DetourStore
}

// Foreign implements translate.Guest.
func (e *Engine) Foreign(pc uint64) bool { return e.detours[pc] }

// boundAliases tells the stubs which foreign memory they may access. Of a
// mapping's last bytes they leave those where the largest access could not
// begin.
func (e *Engine) boundAliases() {
	const largest = area.LargestForeign
	for i := range int32(area.ForeignRegions) {
		var low, reads, writes uint64
		if int(i) < len(e.aliases) && !e.slowly {
			a := e.aliases[i]
			low = a.start
			// What can be written can be read (SDM vol. 3, 5.6.1).
			if a.prot&(unix.PROT_READ|unix.PROT_WRITE) != 0 {
				reads = a.end - a.start - (largest - 1)
			}
			if a.prot&unix.PROT_WRITE != 0 {
				writes = reads
			}
		}
		at := area.Foreign + 24*i
		e.SetWord(at, low)
		e.SetWord(at+8, reads)
		e.SetWord(at+16, writes)
	}
}

// Slowly says whether all accesses to foreign memory shall stop.
func (e *Engine) Slowly(slowly bool) {
	e.slowly = slowly
	e.boundAliases()
}

// ReadKnown reads guest memory in replay: of foreign memory, what is known.
func (e *Engine) ReadKnown(addr uint64, p []byte) (int, error) {
	if len(e.aliases) == 0 {
		return e.t.ReadMem(addr, p)
	}
	n, err := e.t.ReadMem(addr, p)
	for _, a := range e.aliases {
		if lo, hi := max(a.start, addr), min(a.end, addr+uint64(n)); lo < hi {
			if _, err := e.t.ReadMem(lo^aliasBit, p[lo-addr:hi-addr]); err != nil {
				return int(lo - addr), err
			}
		}
	}
	return n, err
}

// Mirror brings what has been written to [addr, addr+n) of guest memory to
// where ReadKnown finds it.
func (e *Engine) Mirror(addr, n uint64) error {
	for _, a := range e.aliases {
		lo, hi := max(a.start, addr), min(a.end, addr+n)
		if lo >= hi {
			continue
		}
		b := make([]byte, hi-lo)
		if _, err := e.t.ReadMem(lo, b); err != nil {
			return err
		}
		if err := e.t.WriteMem(lo^aliasBit, b); err != nil {
			return err
		}
	}
	return nil
}

// outdate marks the aliases of [start, end), where the guest's mappings have
// changed, for being unmapped.
func (e *Engine) outdate(start, end uint64) {
	kept := e.aliases[:0]
	for _, a := range e.aliases {
		if a.start < end && start < a.end {
			e.outdated = append(e.outdated, a)
			e.drop(a.start, a.end) // code there is compared through it
		} else {
			kept = append(kept, a)
		}
	}
	if len(kept) != len(e.aliases) {
		e.aliases = kept
		e.boundAliases()
	}
}

// unalias unmaps what outdate has marked.
func (e *Engine) unalias() error {
	for _, a := range e.outdated {
		if _, err := e.t.RemoteCall(e.Gadget(), unix.SYS_MUNMAP, a.start^aliasBit, a.end-a.start); err != nil {
			return fmt.Errorf("unmapping an alias of %#x: %w", a.start, err)
		}
	}
	e.outdated = nil
	return nil
}

// dropAliases gives up the aliases that overlap [start, end), and makes none there
// before the guest has mapped its memory. What they stand for is accessed the slow way.
func (e *Engine) dropAliases(start, end uint64) error {
	e.claimed = [2]uint64{start, end}
	for _, a := range slices.Clone(e.aliases) {
		lo := a.start ^ aliasBit
		if start >= lo+(a.end-a.start) || lo >= end {
			continue
		}
		if e.opt.Replay {
			if err := e.unmirror(a); err != nil {
				return err
			}
		}
		e.outdate(a.start, a.end)
	}
	return e.unalias()
}

// unmirror brings what is known of foreign memory back from its mirror.
func (e *Engine) unmirror(a alias) error {
	known, there := make([]byte, 64<<10), make([]byte, 64<<10)
	for at := a.start; at < a.end; {
		n := min(a.end-at, uint64(len(known)))
		if _, err := e.t.ReadMem(at^aliasBit, known[:n]); err != nil {
			return err
		}
		if _, err := e.t.ReadMem(at, there[:n]); err != nil {
			return err
		}
		if !bytes.Equal(known[:n], there[:n]) {
			if err := e.t.WriteMem(at, known[:n]); err != nil {
				return err
			}
		}
		at += n
	}
	return nil
}

// AliasIn reports whether the alias of addr, if it has one, lies in [start, end).
func (e *Engine) AliasIn(addr, start, end uint64) bool {
	to, ok := e.AliasOf(addr)
	return ok && start <= to && to < end
}

// inAlias reports whether [start, end) overlaps an alias.
func (e *Engine) inAlias(start, end uint64) bool {
	for _, list := range [2][]alias{e.aliases, e.outdated} {
		for _, a := range list {
			lo := a.start ^ aliasBit
			if start < lo+(a.end-a.start) && lo < end {
				return true
			}
		}
	}
	return false
}
