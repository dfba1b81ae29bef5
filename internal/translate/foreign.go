package translate

import (
	"slices"

	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// An instruction that is known to access foreign memory is translated so that
// it works on a slot in the arena. A stub of the engine fills the slot with
// what it loads from the memory's alias, or from the log; another stores what
// the instruction has made of it. Where the address is none of a foreign
// memory's, the instruction itself is executed.

// Detour says how an instruction can be led to foreign memory.
type Detour uint8

const (
	NoDetour     Detour = iota // the supervisor executes it
	DetourLoad                 // it only reads
	DetourStore                // it only writes
	DetourUpdate               // it reads, and then writes
	DetourAtomic               // it does both at once
	DetourString               // a string instruction: see foreign_string.go
	DetourTarget               // an indirect transfer to what it reads
)

// DetourOf returns the way of inst, which depends on nothing else.
func DetourOf(inst *x86.Inst) Detour {
	if stringKind(inst) != 0 {
		return DetourString
	}
	if isTransfer(inst) {
		return DetourTarget
	}
	mems := inst.Mems()
	if inst.Flow != x86.FlowNext || inst.Spec != x86.Plain || !inst.HasModRM || len(mems) != 1 ||
		inst.Enc == x86.XOP || inst.Enc == x86.REX2 || inst.OpMap > 3 {
		return NoDetour
	}
	m := mems[0]
	if m.VSIB || m.Seg != 0 || area.ForeignSize(m.Size) < 0 || inst.OpMap == 0 && inst.Opcode >= 0xd8 && inst.Opcode <= 0xdf {
		return NoDetour // x87 notes the address
	}
	xchg := inst.OpMap == 0 && (inst.Opcode == 0x86 || inst.Opcode == 0x87)
	switch {
	case m.Access == x86.Read:
		return DetourLoad
	case inst.Enc == x86.Legacy && inst.OpMap < 2 && inst.General() && (inst.Lock || xchg):
		if m.Size > 8 {
			return NoDetour
		}
		return DetourAtomic
	case m.Access == x86.Write && fullStore(inst):
		return DetourStore
	case m.Access == x86.Read|x86.Write && inst.Enc == x86.Legacy && inst.General():
		return DetourUpdate
	}
	return NoDetour
}

// isTransfer reports whether inst is a near jump or call through memory.
func isTransfer(inst *x86.Inst) bool {
	switch {
	case inst.Flow != x86.FlowJmpInd && inst.Flow != x86.FlowCallInd:
		return false
	case !inst.HasModRM || inst.ModRM >= 0xc0 || inst.Prefix == 0x66 || inst.OpSize == 2:
		return false
	}
	return !slices.ContainsFunc(inst.Mems(), func(m x86.Mem) bool { return m.Seg != 0 })
}

// targetDetour translates a jump or call through foreign memory. Behind it comes
// the one through other memory.
func (t *Translator) targetDetour(n *node) {
	b := t.buf
	plain, l := b.NewLabel(), b.NewLabel()
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.point(Point{PC: n.PC, Saved: 1 << x86.RCX})
	if n.Flow == x86.FlowCallInd {
		// What is read is logged: the push must not fault behind that.
		b.MovLoad(x86.RCX, asm.Base(x86.RSP, -8))
		b.MovStore(asm.Base(x86.RSP, -8), x86.RCX)
	}
	b.LeaLabel(x86.RCX, plain)
	b.MovStore(asm.GS(area.ForeignPlain), x86.RCX)
	b.LeaLabel(x86.RCX, l)
	b.MovStore(asm.GS(area.Cont), x86.RCX)
	b.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
	t.operand(n, 0x8d, byte(x86.RCX))
	b.JmpMem(asm.GS(area.ForeignRead.At(8).Ptr()))
	b.Bind(l)
	t.point(Point{PC: n.PC})
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	b.MovStore(asm.GS(area.Save(x86.RAX)), x86.RAX)
	b.MovLoad(x86.RCX, asm.GS(area.ForeignSlot))
	t.point(Point{PC: n.PC, Saved: indirectSaved})
	if n.Flow == x86.FlowCallInd {
		t.pushLiteral(n.Next())
	}
	t.lookup(n.PC)
	b.Bind(plain)
	t.point(Point{PC: n.PC, Boundary: true})
}

// fullStore reports whether inst, which writes its operand, certainly writes all
// of it.
func fullStore(inst *x86.Inst) bool {
	if inst.Masked {
		return false
	}
	switch inst.OpMap {
	case 0:
		switch inst.Opcode {
		case 0x88, 0x89, 0xc6, 0xc7:
			return true
		}
	case 1:
		switch op := inst.Opcode; op {
		case 0x11, 0x13, 0x17, 0x29, 0x2b, 0x7e, 0x7f, 0xc3, 0xd6, 0xe7:
			return true
		default:
			return op>>4 == 9
		}
	}
	return false
}

// detour translates an instruction that accesses foreign memory.
func (t *Translator) detour(n *node, d Detour) {
	if d == DetourString {
		t.stringDetour(n)
		return
	}
	b := t.buf
	size := n.Mems()[0].Size
	first := [...]area.ForeignStub{DetourLoad: area.ForeignRead, DetourStore: area.ForeignProbe,
		DetourUpdate: area.ForeignUpdate, DetourAtomic: area.ForeignAtomic}[d]
	plain, end, again, retry := b.NewLabel(), b.NewLabel(), b.NewLabel(), b.NewLabel()
	b.Bind(again)
	if d == DetourAtomic {
		n.eachWritten(func(r x86.Reg) { b.MovStore(asm.GS(area.ForeignOld+8*int32(r)), r) })
	}
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.point(Point{PC: n.PC, Saved: 1 << x86.RCX})
	b.LeaLabel(x86.RCX, plain)
	b.MovStore(asm.GS(area.ForeignPlain), x86.RCX)
	if d == DetourAtomic {
		b.LeaLabel(x86.RCX, retry)
		b.MovStore(asm.GS(area.ForeignRetry), x86.RCX)
	}
	l := b.NewLabel()
	b.LeaLabel(x86.RCX, l)
	b.MovStore(asm.GS(area.Cont), x86.RCX)
	b.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
	t.operand(n, 0x8d, byte(x86.RCX))
	b.JmpMem(asm.GS(first.At(size).Ptr()))
	b.Bind(l)
	t.point(Point{PC: n.PC})
	t.onSlot(n)
	if d != DetourLoad {
		second := area.ForeignStore
		if d == DetourAtomic {
			second = area.ForeignSwap
		}
		b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
		t.point(Point{PC: n.PC, Saved: 1 << x86.RCX})
		b.LeaLabel(x86.RCX, end)
		b.MovStore(asm.GS(area.Cont), x86.RCX)
		b.JmpMem(asm.GS(second.At(size).Ptr()))
	} else {
		b.Jmp(end)
	}
	b.Bind(retry)
	if d == DetourAtomic {
		n.eachWritten(func(r x86.Reg) { b.MovLoad(r, asm.GS(area.ForeignOld+8*int32(r))) })
		b.Jmp(again)
	}
	b.Bind(plain)
	t.point(Point{PC: n.PC, Boundary: true})
	t.copy(n)
	b.Bind(end)
}

// eachWritten calls f for the registers that n writes.
func (n *node) eachWritten(f func(x86.Reg)) {
	for r := x86.RAX; r <= x86.R15; r++ {
		if n.RegsWritten.Has(r) {
			f(r)
		}
	}
}

// onSlot emits n with the slot as its memory operand.
func (t *Translator) onSlot(n *node) {
	b := t.buf
	code := n.bytes[:n.Len]
	from := int(n.ModRMOff) - [...]int{1, 2, 3, 3}[n.OpMap]
	switch n.Enc {
	case x86.VEX:
		from = int(n.ModRMOff) - 3
		if from > 0 && code[from-1] == 0xc4 {
			from--
		}
	case x86.EVEX:
		from = int(n.ModRMOff) - 5
	}
	prefixes := from
	rex := byte(0)
	if n.Enc == x86.Legacy && from > 0 && code[from-1]&0xf0 == 0x40 {
		prefixes--
		rex = code[from-1] &^ 3 // no base, no index
	}
	for _, p := range code[:prefixes] {
		switch p {
		case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x67:
		default:
			b.Raw(p)
		}
	}
	b.Raw(0x65)
	if rex != 0 {
		b.Raw(rex)
	}
	opcode := append([]byte(nil), code[from:n.ModRMOff]...)
	if n.Enc == x86.EVEX || n.Enc == x86.VEX && opcode[0] == 0xc4 {
		opcode[1] |= 0x60 // X and B, inverted
	}
	b.Raw(opcode...)
	slot := uint32(area.ForeignSlot)
	b.Raw(n.ModRM&0x38|4, 0x25, byte(slot), byte(slot>>8), byte(slot>>16), byte(slot>>24))
	if n.ImmLen > 0 {
		b.Raw(code[n.ImmOff:]...)
	}
}
