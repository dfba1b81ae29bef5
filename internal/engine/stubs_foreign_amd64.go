package engine

import (
	"hindsight/internal/area"
	"hindsight/internal/event"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// Offsets in a Load event (docs/format.md).
const (
	evLoadAddr  = 16
	evLoadValue = 24
)

// bail says where a thread goes on that faults in a part of a stub.
type bail struct {
	from, to uint32
	host     uint64
}

// foreignStubs generates the stubs for accesses to foreign memory. A fragment
// comes with the address in RCX, which it has saved.
func (g *stubGen) foreignStubs() {
	for size := uint16(1); size <= area.LargestForeign; size *= 2 {
		g.foreignLoad(area.ForeignRead, size, 8)
		g.foreignLoad(area.ForeignUpdate, size, 16)
		g.foreignLoad(area.ForeignProbe, size, 16)
		g.foreignStore(area.ForeignStore, size)
		if size > 8 {
			// The supervisor does these: there is only CMPXCHG16B.
			g.s.entry[area.ForeignAtomic.At(size)] = g.Addr(g.nomore)
			g.s.entry[area.ForeignSwap.At(size)] = g.Addr(g.nomore)
		} else {
			g.foreignLoad(area.ForeignAtomic, size, 16)
			if g.replay {
				g.s.entry[area.ForeignSwap.At(size)] = g.s.entry[area.ForeignStore.At(size)]
			} else {
				g.foreignSwap(size)
			}
		}
	}
}

// keepFlags saves RAX, and the status flags at off.
func (g *stubGen) keepFlags(off int32) {
	g.save(x86.RAX)
	g.Lahf()
	g.Setcc(asm.CondO, x86.RAX)
	g.MovStore(asm.GS(off), x86.RAX)
}

// giveFlags restores what keepFlags has saved.
func (g *stubGen) giveFlags(off int32) {
	g.MovLoad(x86.RAX, asm.GS(off))
	g.Raw(0x04, 0x7f) // add al, 127: overflows if AL is 1
	g.Sahf()
	g.restore(x86.RAX)
}

// toAlias turns the guest address in RCX into its alias's.
func (g *stubGen) toAlias() { g.Raw(0x48, 0x0f, 0xba, 0xf9, aliasShift) } // btc rcx, aliasShift

// foreignLoad generates a stub before an access: column is that of the table
// of regions that says where the access may begin.
func (g *stubGen) foreignLoad(kind area.ForeignStub, size uint16, column int32) {
	hit, miss, full, away := g.NewLabel(), g.NewLabel(), g.NewLabel(), g.NewLabel()
	g.s.entry[kind.At(size)] = g.PC()
	g.in(phaseForward, set(x86.RCX), false)
	g.MovStore(asm.GS(area.ForeignAddr), x86.RCX)
	g.keepFlags(area.ForeignFlags)
	g.in(phaseForward, set(x86.RCX, x86.RAX), false)
	for i := range int32(area.ForeignRegions) {
		at := area.Foreign + 24*i
		g.Mov(x86.RAX, x86.RCX)
		g.AluLoad(asm.Sub, x86.RAX, asm.GS(at))
		g.AluLoad(asm.Cmp, x86.RAX, asm.GS(at+column))
		g.Jcc(asm.CondB, hit)
	}
	g.Bind(miss)
	g.giveFlags(area.ForeignFlags)
	g.restore(x86.RCX)
	g.JmpMem(asm.GS(area.ForeignPlain))

	g.Bind(hit)
	from := uint32(g.Len())
	switch {
	case kind == area.ForeignProbe:
		g.toAlias()
		g.MovLoad8zx(x86.RAX, asm.Base(x86.RCX, 0))
		g.MovLoad8zx(x86.RAX, asm.Base(x86.RCX, int32(size)-1))
	case g.replay:
		g.takeLoad(size, away)
	default:
		g.toAlias()
		g.copyWords(size, asm.Base(x86.RCX, 0), asm.GS(area.ForeignSlot), x86.RAX)
		g.MovLoad(x86.RCX, asm.GS(area.LogPtr))
		g.AluLoad(asm.Cmp, x86.RCX, asm.GS(area.LogEnd))
		g.Jcc(asm.CondAE, full)
		if kind == area.ForeignAtomic {
			g.MovLoad(x86.RAX, asm.GS(area.ForeignSlot))
			g.MovStore(asm.GS(area.ForeignLoaded), x86.RAX)
		} else {
			g.logLoad(size, area.ForeignSlot)
		}
	}
	to := uint32(g.Len())
	g.giveFlags(area.ForeignFlags)
	g.restore(x86.RCX)
	g.JmpMem(asm.GS(area.Cont))

	g.Bind(full)
	g.giveFlags(area.ForeignFlags)
	g.in(phaseBefore, set(x86.RCX), false)
	g.exit(stubInsn)
	g.in(phaseForward, set(x86.RCX, x86.RAX), false)
	g.s.bails = append(g.s.bails, bail{from, to, g.PC()})
	g.Bind(away)
	g.giveFlags(area.ForeignFlags)
	g.in(phaseBefore, set(x86.RCX), false)
	g.exit(stubForeign)
}

// copyWords copies size bytes through tmp.
func (g *stubGen) copyWords(size uint16, from, to asm.Mem, tmp x86.Reg) {
	switch size {
	case 1:
		g.MovLoad8zx(tmp, from)
		g.MovStore(to, tmp)
	case 2:
		g.MovLoad16zx(tmp, from)
		g.MovStore(to, tmp)
	case 4:
		g.MovLoad32(tmp, from)
		g.MovStore(to, tmp)
	default:
		for off := int32(0); off < int32(size); off += 8 {
			src, dst := from, to
			src.Disp += off
			dst.Disp += off
			g.MovLoad(tmp, src)
			g.MovStore(dst, tmp)
		}
	}
}

// loadSize is the length of a Load event.
func loadSize(size uint16) int32 { return evLoadValue + max(8, int32(size)) }

// loadHead is the first word of one.
func loadHead(size uint16) uint64 {
	return uint64(loadSize(size)) | uint64(eventHead(event.KindLoad, 0, int(size)))<<32
}

// logLoad appends a Load event with the content of the arena's field value, at
// RCX, where the log goes on.
func (g *stubGen) logLoad(size uint16, value int32) {
	g.MovImm64(x86.RAX, loadHead(size))
	g.MovStore(asm.Base(x86.RCX, 0), x86.RAX)
	g.stampTick(x86.RCX, x86.RAX)
	g.MovLoad(x86.RAX, asm.GS(area.ForeignAddr))
	g.MovStore(asm.Base(x86.RCX, evLoadAddr), x86.RAX)
	g.copyWords(max(size, 8), asm.GS(value), asm.Base(x86.RCX, evLoadValue), x86.RAX)
	g.AluImm(asm.Add, x86.RCX, loadSize(size))
	g.MovStore(asm.GS(area.LogPtr), x86.RCX)
}

// takeLoad fills the slot from the Load event that must come next. Otherwise
// it leaves by away.
func (g *stubGen) takeLoad(size uint16, away asm.Label) {
	g.MovLoad(x86.RCX, asm.GS(area.LogPtr))
	g.AluLoad(asm.Cmp, x86.RCX, asm.GS(area.LogEnd))
	g.Jcc(asm.CondAE, away)
	g.MovImm64(x86.RAX, loadHead(size))
	g.AluLoad(asm.Cmp, x86.RAX, asm.Base(x86.RCX, 0))
	g.Jcc(asm.CondNE, away)
	g.sameTick(x86.RCX, x86.RAX, away)
	g.MovLoad(x86.RAX, asm.GS(area.ForeignAddr))
	g.AluLoad(asm.Cmp, x86.RAX, asm.Base(x86.RCX, evLoadAddr))
	g.Jcc(asm.CondNE, away)
	g.copyWords(max(size, 8), asm.Base(x86.RCX, evLoadValue), asm.GS(area.ForeignSlot), x86.RAX)
	g.AluImm(asm.Add, x86.RCX, loadSize(size))
	g.MovStore(asm.GS(area.LogPtr), x86.RCX)
	// For those who look at the memory.
	g.MovLoad(x86.RCX, asm.GS(area.ForeignAddr))
	g.toAlias()
	g.fromSlot(size)
}

// fromSlot stores the slot to where RCX points.
func (g *stubGen) fromSlot(size uint16) {
	for off := int32(0); off < int32(size); off += 8 {
		g.MovLoad(x86.RAX, asm.GS(area.ForeignSlot+off))
		switch to := asm.Base(x86.RCX, off); size {
		case 1:
			g.MovStore8(to, x86.RAX)
		case 2:
			g.Raw(0x66, 0x89, 0x01) // mov [rcx], ax
		case 4:
			g.MovStore32(to, x86.RAX)
		default:
			g.MovStore(to, x86.RAX)
		}
	}
}

// foreignStore generates the stub that stores the slot.
func (g *stubGen) foreignStore(kind area.ForeignStub, size uint16) {
	g.s.entry[kind.At(size)] = g.PC()
	g.in(phaseForward, set(x86.RCX), false)
	g.keepFlags(area.ForeignAfter)
	g.in(phaseForward, set(x86.RCX, x86.RAX), false)
	g.MovLoad(x86.RCX, asm.GS(area.ForeignAddr))
	g.toAlias()
	g.fromSlot(size)
	g.giveFlags(area.ForeignAfter)
	g.restore(x86.RCX)
	g.JmpMem(asm.GS(area.Cont))
}

// foreignSwap generates the stub that ends an atomic access: it stores the slot
// if the memory is still what it was, and logs that, or begins anew.
func (g *stubGen) foreignSwap(size uint16) {
	again := g.NewLabel()
	g.s.entry[area.ForeignSwap.At(size)] = g.PC()
	g.in(phaseForward, set(x86.RCX), false)
	g.keepFlags(area.ForeignAfter)
	g.save(x86.RDX)
	g.in(phaseForward, set(x86.RCX, x86.RAX, x86.RDX), false)
	g.MovLoad(x86.RCX, asm.GS(area.ForeignAddr))
	g.toAlias()
	g.MovLoad(x86.RDX, asm.GS(area.ForeignSlot))
	g.MovLoad(x86.RAX, asm.GS(area.ForeignLoaded))
	switch size { // lock cmpxchg [rcx], rdx
	case 1:
		g.Raw(0xf0, 0x0f, 0xb0, 0x11)
	case 2:
		g.Raw(0xf0, 0x66, 0x0f, 0xb1, 0x11)
	case 4:
		g.Raw(0xf0, 0x0f, 0xb1, 0x11)
	default:
		g.Raw(0xf0, 0x48, 0x0f, 0xb1, 0x11)
	}
	g.Jcc(asm.CondNE, again)
	g.MovLoad(x86.RCX, asm.GS(area.LogPtr))
	g.logLoad(size, area.ForeignLoaded)
	g.restore(x86.RDX)
	g.giveFlags(area.ForeignAfter)
	g.restore(x86.RCX)
	g.JmpMem(asm.GS(area.Cont))

	g.Bind(again)
	g.restore(x86.RDX)
	g.giveFlags(area.ForeignFlags)
	g.restore(x86.RCX)
	g.JmpMem(asm.GS(area.ForeignRetry))
}
