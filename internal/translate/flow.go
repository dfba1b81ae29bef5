package translate

import (
	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// backward reports whether a taken direct transfer is a tick.
func backward(n *node) bool { return n.Target <= n.PC }

// direct emits a taken direct transfer to n.Target.
func (t *Translator) direct(n *node) {
	if t.joins(n) {
		t.join(n)
		return
	}
	if backward(n) {
		t.tick(n.PC, n.Target)
	}
	if backward(n) || n.Flow == x86.FlowCall {
		t.settled(Point{PC: n.Target})
	}
	if l := t.loopOf(n); l != nil {
		t.enterLoop(l)
		t.stops(n.PC)
		return
	}
	t.jump(n.Target)
	t.stops(n.PC)
}

// settled notes that the state is p up to the next point, with nothing half done.
func (t *Translator) settled(p Point) {
	p.Settled = true
	t.point(p)
}

// jump emits a jump to the translation of pc, in this unit or another, or to
// an exit for it.
func (t *Translator) jump(pc uint64) {
	t.buf.Raw(0xe9)
	t.reach(pc)
}

// reach emits a rel32 that leads to the translation of pc.
func (t *Translator) reach(pc uint64) {
	off := uint32(t.buf.Len())
	t.buf.Raw(0, 0, 0, 0)
	if t.index.has(pc) {
		t.fixes = append(t.fixes, fix{off, pc})
		return
	}
	t.tails = append(t.tails, tail{off: off, exit: Exit{Kind: ExitLink, PC: pc, PatchOff: off}})
}

// conditional translates Jcc, LOOP and JCXZ.
func (t *Translator) conditional(n *node) {
	b := t.buf
	switch {
	case n.Spec == x86.LOOP:
		// loop taken; jmp skip; taken: ...; skip:
		b.Raw(n.bytes[:n.Len-1]...)
		b.Raw(2)
		skip := t.jumpOver(0xeb)
		t.point(Point{PC: n.PC})
		t.direct(n)
		t.land(skip)
	case backward(n):
		skip := t.jumpOver(0x70 | n.Cond ^ 1)
		t.point(Point{PC: n.PC})
		t.direct(n)
		t.land(skip)
	default:
		b.Raw(0x0f, 0x80|n.Cond)
		t.reach(n.Target)
	}
}

// jumpOver emits a short jump with an open displacement; land closes it.
func (t *Translator) jumpOver(opcode byte) int {
	t.buf.Raw(opcode, 0)
	return t.buf.Len()
}

func (t *Translator) land(from int) {
	t.buf.Bytes()[from-1] = byte(t.buf.Len() - from)
}

// tick counts a direct transfer from pc to target.
func (t *Translator) tick(pc, target uint64) {
	b := t.buf
	if !t.opt.Replay && t.flagsDead(target) {
		b.IncMem(asm.GS(t.counter()))
		return
	}
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.point(Point{PC: pc, Saved: 1 << x86.RCX})
	t.count(x86.RCX, t.counter(), Point{PC: target, Saved: 1 << x86.RCX})
	if t.opt.Replay {
		t.stopIfZero(Exit{Kind: ExitTick, PC: target})
	}
	b.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
}

// count counts a tick by means of r, whose guest value is in its slot. While recording
// that settles the state p; in replay the counter is yet to be compared with zero.
func (t *Translator) count(r x86.Reg, counter int32, p Point) {
	t.buf.MovLoad(r, asm.GS(counter))
	t.countLoaded(r, counter, p)
}

// countLoaded is count where r holds the counter.
func (t *Translator) countLoaded(r x86.Reg, counter int32, p Point) {
	b := t.buf
	b.Lea(r, asm.Base(r, 1))
	if t.opt.Replay {
		b.MovStore(asm.GS(counter), r)
		return
	}
	counted := p
	counted.Counts, counted.Reg, counted.Counter = true, r, counter
	t.settled(counted)
	b.MovStore(asm.GS(counter), r)
	t.settled(p)
}

// counter returns a counter for a transfer: in replay there is one, which is compared
// with zero. While recording they take turns, since an addition to one that has just
// been stored waits for the store.
func (t *Translator) counter() int32 {
	if t.opt.Replay {
		return area.Tick
	}
	t.turn = (t.turn + 1) % (area.NumMoreTicks + 1)
	if t.turn == 0 {
		return area.Tick
	}
	return area.MoreTicks + 8*int32(t.turn-1)
}

// stopIfZero emits a JRCXZ to an exit that stops emits behind the transfer:
// JRCXZ reaches 127 bytes only.
func (t *Translator) stopIfZero(e Exit) {
	t.stop = &stop{from: t.jumpOver(0xe3), exit: e}
}

// stops emits the exit for the tick counter of the transfer at pc, just
// emitted, if it has one.
func (t *Translator) stops(pc uint64) {
	s := t.stop
	if s == nil {
		return
	}
	t.stop = nil
	t.land(s.from)
	if s.exit.Kind == ExitTick {
		t.point(Point{Saved: 1 << x86.RCX, PC: pc})
		t.buf.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
		t.point(Point{PC: s.exit.PC, Boundary: true})
	}
	t.exit(s.exit)
}

// indirectSaved are the registers in save slots during an indirect transfer.
const indirectSaved = x86.RegSet(1<<x86.RCX | 1<<x86.RAX)

// indirect translates a near jump or call through a register or memory.
func (t *Translator) indirect(n *node) bool {
	if n.usesGS() || n.Prefix == 0x66 || n.OpSize == 2 {
		t.exitHere(ExitNative, n.PC)
		return false
	}
	if n.way == DetourTarget && !t.beyond(n) {
		t.targetDetour(n)
	}
	b := t.buf
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.point(Point{PC: n.PC})
	b.MovStore(asm.GS(area.Save(x86.RAX)), x86.RAX)
	if t.beyond(n) {
		t.farTarget(n)
	} else {
		t.operand(n, 0x8b, byte(x86.RCX))
	}
	t.point(Point{PC: n.PC, Saved: indirectSaved})
	if n.Flow == x86.FlowCallInd {
		t.pushLiteral(n.Next())
	}
	t.lookup(n.PC)
	return false
}

// farTarget loads the target of an indirect transfer to RCX from where a
// displacement does not reach. RCX is in its save slot.
func (t *Translator) farTarget(n *node) {
	t.buf.Raw(0x48, 0xb8|byte(x86.RCX)) // mov rcx, address
	t.reloc(relocPC)
	t.buf.Quad(n.ripTarget())
	t.point(Point{PC: n.PC, Saved: 1 << x86.RCX})
	t.addressPrefixes(n, 0x64)
	t.buf.MovLoad(x86.RCX, asm.Base(x86.RCX, 0))
}

// ret translates a near return that pops extra bytes besides the address.
func (t *Translator) ret(n *node, extra int32) {
	b := t.buf
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.point(Point{PC: n.PC})
	b.MovLoad(x86.RCX, asm.Base(x86.RSP, 0))
	b.MovStore(asm.GS(area.Save(x86.RAX)), x86.RAX)
	t.point(Point{PC: n.PC, Saved: indirectSaved})
	b.Lea(x86.RSP, asm.Base(x86.RSP, 8+extra))
	t.lookup(n.PC)
}

// lookup counts a tick of the transfer at pc and goes to the translation of the guest PC in RCX,
// with RAX and RCX in their save slots. The flags are untouched.
func (t *Translator) lookup(pc uint64) {
	b := t.buf
	if t.opt.Replay {
		b.MovStore(asm.GS(area.Target), x86.RCX)
		b.MovLoad(x86.RCX, asm.GS(area.Tick))
		b.Lea(x86.RCX, asm.Base(x86.RCX, 1))
		b.MovStore(asm.GS(area.Tick), x86.RCX)
		t.stopIfZero(Exit{Kind: ExitTickInd, PC: pc})
		b.MovLoad(x86.RCX, asm.GS(area.Target))
	} else {
		t.count(x86.RAX, t.counter(), Point{PC: pc, Saved: indirectSaved, InRCX: true})
	}
	t.dispatch()
	t.stops(pc)
}

// dispatch goes to the indirect entry of the guest PC in RCX.
func (t *Translator) dispatch() {
	t.buf.MovzxW(x86.RAX, x86.RCX)
	t.buf.JmpMem(asm.GSIndex(x86.RAX, 8, area.Level1))
}

// head emits the indirect entry of pc: it verifies that RCX holds pc, since
// the first-level table is indexed by the low 16 bits only, and restores the
// registers of the transfer.
func (t *Translator) head(pc uint64) {
	b := t.buf
	t.unit.Heads = append(t.unit.Heads, InstAt{PC: pc, Off: uint32(b.Len())})
	t.settled(Point{PC: pc, Saved: indirectSaved, InRCX: true})
	ok := b.NewLabel()
	b.Raw(0x48, 0xb8) // mov rax, -pc
	t.reloc(relocMinusPC)
	b.Quad(-pc)
	b.Lea(x86.RCX, asm.Mem{Base: x86.RCX, Index: x86.RAX, Scale: 1})
	t.point(Point{PC: pc, Saved: indirectSaved})
	b.Jrcxz(ok)
	b.JmpMem(asm.GS(area.StubMiss.Ptr()))
	b.Bind(ok)
	t.settled(Point{PC: pc, Saved: indirectSaved})
	b.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
	t.settled(Point{PC: pc, Saved: 1 << x86.RAX})
	b.MovLoad(x86.RAX, asm.GS(area.Save(x86.RAX)))
}

// Head returns a unit that is only an indirect entry for pc, whose
// translation is at host.
func (t *Translator) Head(pc, host, base uint64) (*Unit, error) {
	t.buf.Reset(base)
	t.begin(base)
	t.head(pc)
	t.buf.JmpAbs(host)
	t.unit.Points = append(t.unit.Points, Point{Off: uint32(t.buf.Len() - 5), PC: pc})
	if err := t.buf.Finish(); err != nil {
		return nil, err
	}
	return t.finish(), nil
}

// pushLiteral pushes a guest address.
func (t *Translator) pushLiteral(v uint64) {
	t.buf.Raw(0xff, 0x35) // push qword [rip+disp32]
	t.literal(v)
}

// loadLiteral loads a guest address into r.
func (t *Translator) loadLiteral(r x86.Reg, v uint64) {
	t.buf.Raw(0x48|byte(r>>3)<<2, 0x8b, 0x05|byte(r&7)<<3) // mov r, [rip+disp32]
	t.literal(v)
}

func (t *Translator) literal(v uint64) {
	t.lits = append(t.lits, literal{uint32(t.buf.Len()), v})
	t.buf.Raw(0, 0, 0, 0)
}

// emitTails emits what lies behind the fragments: exits to be linked, and
// literals. Exits to the same PC are shared by none, so that each can be
// linked alone; one that is linked at once stays, for the time when its target
// is gone.
func (t *Translator) emitTails() {
	b := t.buf
	for i := range t.tails {
		tl := &t.tails[i]
		base := t.unit.Base
		host, linked := t.guest.Translated(tl.exit.PC)
		if linked = linked && patch32(b.Bytes(), tl.off, base, host); linked {
			t.unit.Links = append(t.unit.Links, Link{uint32(b.Len()), host})
		} else {
			patch32(b.Bytes(), tl.off, base, b.PC())
		}
		tl.exit.Far = distance(tl.exit.PC, t.insts[0].PC) > 1<<30 || t.outOfReach(tl.exit.PC)
		t.point(Point{PC: tl.exit.PC, Boundary: true})
		t.exit(tl.exit)
		if tl.exit.Far {
			b.Raw(make([]byte, 13)...)
		}
	}
	b.Align(8, 0xcc)
	seen := map[uint64]uint64{}
	for _, l := range t.lits {
		at, ok := seen[l.value]
		if !ok {
			at = b.PC()
			seen[l.value] = at
			t.reloc(relocPC)
			b.Quad(l.value)
		}
		patch32(b.Bytes(), l.off, t.unit.Base, at)
	}
}

func distance(a, b uint64) uint64 {
	if a > b {
		return a - b
	}
	return b - a
}

// flagsDead reports whether the flags that INC changes are certainly written
// before they are read when execution goes on at pc.
func (t *Translator) flagsDead(pc uint64) bool {
	live := x86.StatusFlags &^ x86.CF
	for range 12 {
		i, ok := t.index.get(pc)
		if !ok || t.insts[i].kind != nodeInst {
			return false
		}
		n := &t.insts[i]
		if n.check || n.alias != 0 {
			return false // other code may be there by then
		}
		if n.FlagsRead&live != 0 {
			return false
		}
		if live &^= n.FlagsKilled; live == 0 {
			return true
		}
		switch n.Flow {
		case x86.FlowNext:
			pc = n.Next()
		case x86.FlowJmp:
			pc = n.Target
		default:
			return false
		}
	}
	return false
}
