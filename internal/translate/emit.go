package translate

import (
	"encoding/binary"
	"slices"

	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// emit translates instruction i of the unit.
func (t *Translator) emit(i int) {
	n := &t.insts[i]
	if t.returns.has(n.PC) {
		t.head(n.PC)
	}
	n.off = uint32(t.buf.Len())
	at := InstAt{PC: n.PC, Off: n.off, Len: n.Len}
	if n.inside {
		t.unit.Copies = append(t.unit.Copies, at)
	} else {
		t.unit.Insts = append(t.unit.Insts, at)
	}
	t.point(Point{Boundary: true, PC: n.PC})
	switch {
	case n.check:
		t.check(n)
	case n.alias != 0 && !n.inside:
		t.compareStretch(i)
	}

	switch n.kind {
	case nodeNative:
		t.exitHere(ExitNative, n.PC)
		return
	case nodeVDSO:
		t.stub(n, area.StubVDSO+area.Stub(n.fn))
		t.ret(n, 0)
		return
	}
	if t.inst(n) && (i+1 == len(t.insts) || t.insts[i+1].PC != n.Next() || t.returns.has(n.Next())) {
		t.point(Point{Boundary: true, PC: n.Next()})
		t.jump(n.Next())
	}
}

// inst translates one decoded instruction, and reports whether control can
// go on behind it.
func (t *Translator) inst(n *node) bool {
	switch n.Flow {
	case x86.FlowJmp:
		t.direct(n)
		return false
	case x86.FlowJcc:
		t.conditional(n)
		return true
	case x86.FlowCall:
		t.pushLiteral(n.Next())
		t.point(Point{PC: n.PC})
		t.direct(n)
		return false
	case x86.FlowJmpInd, x86.FlowCallInd:
		return t.indirect(n)
	case x86.FlowRet:
		if n.Prefix == 0x66 || n.OpSize == 2 {
			t.exitHere(ExitNative, n.PC)
			return false
		}
		t.ret(n, int32(uint16(n.Imm)))
		return false
	case x86.FlowSyscall:
		t.stub(n, area.StubSyscall)
		return true
	case x86.FlowXbegin:
		return t.xbegin(n)
	case x86.FlowNext:
		return t.plain(n)
	}
	// Far transfers, INT n, INT3, SYSENTER, UD, privileged: the CPU does
	// them itself, and the supervisor looks at what came of it.
	t.exitHere(ExitNative, n.PC)
	return false
}

// plain translates an instruction without control flow.
func (t *Translator) plain(n *node) bool {
	if t.beyond(n) && n.way == NoDetour && t.farOperand(n) {
		return true
	}
	if n.usesGS() && n.way == NoDetour && t.gsOperand(n) {
		return true
	}
	if n.usesGS() || t.beyond(n) {
		t.exitHere(ExitNative, n.PC)
		return false
	}
	if n.way != NoDetour {
		t.detour(n, n.way)
		return true
	}
	if s, ok := stubs[n.Spec]; ok {
		t.stub(n, s)
		return true
	}
	switch n.Spec {
	case x86.RDRAND, x86.RDSEED, x86.RDPID:
		t.oneRegister(n)
	case x86.SGDT, x86.LSL, x86.XSAVE, x86.XSAVEC, x86.XSAVEOPT, x86.RDPMC:
		t.exitHere(ExitNondet, n.PC)
		return false
	case x86.RDGSBASE, x86.WRGSBASE, x86.MOVSEG:
		t.exitHere(ExitNative, n.PC)
		return false
	case x86.FNSTENV:
		if size := n.Mems()[0].Size; size == 14 || size == 94 { // of 16-bit operands
			t.storesPointers(n, field{6, 4}, field{10, 4})
		} else {
			t.storesPointers(n, field{12, 8}, field{20, 4}, field{24, 2})
		}
	case x86.FXSAVE:
		t.storesPointers(n, field{6, 2}, field{8, 8}, field{16, 8})
	case x86.PAUSE:
		t.pause(n)
	case x86.POPF:
		// The trap of a trap flag that it sets comes behind the next
		// instruction: so that is none of the guest's.
		t.copy(n)
		t.point(Point{PC: n.PC})
		t.buf.Nop(1)
	default:
		t.copy(n)
	}
	return true
}

// usesGS reports whether an operand is addressed through GS, whose base is
// ours while fragments run.
func (n *node) usesGS() bool {
	for _, m := range n.Mems() {
		if m.Seg == 0x65 {
			return true
		}
	}
	return false
}

// copy emits the instruction's own bytes, with a RIP-relative displacement
// counted from its new place.
func (t *Translator) copy(n *node) {
	b := n.bytes[:n.Len]
	if !n.RIPRel {
		t.buf.Raw(b...)
		return
	}
	t.buf.Raw(b[:n.DispOff]...)
	t.disp(n, int(n.Len)-int(n.DispOff))
	t.buf.Raw(b[n.DispOff+4:]...)
}

// disp emits the displacement of n's RIP-relative operand for an instruction
// that ends rest bytes behind the displacement's start.
func (t *Translator) disp(n *node, rest int) {
	target := n.ripTarget()
	d := int64(target - (t.buf.PC() + uint64(rest)))
	if int64(int32(d)) != d {
		t.far = true
	}
	t.reloc(relocOperand)
	t.buf.Raw(byte(d), byte(d>>8), byte(d>>16), byte(d>>24))
}

// beyond reports whether n's RIP-relative operand may be out of reach from the
// unit: where there was no room near the code, or of data that was taken for code, as
// behind an INT3 with arguments.
func (t *Translator) beyond(n *node) bool { return n.RIPRel && t.outOfReach(n.ripTarget()) }

func (n *node) ripTarget() uint64 {
	d := int64(int32(uint32(n.bytes[n.DispOff]) | uint32(n.bytes[n.DispOff+1])<<8 |
		uint32(n.bytes[n.DispOff+2])<<16 | uint32(n.bytes[n.DispOff+3])<<24))
	return n.Next() + uint64(d)
}

// operand emits an instruction of the given opcode with register reg and
// n's ModRM operand in 64-bit size: how an address or a target is fetched
// that an instruction names in its own way.
func (t *Translator) operand(n *node, opcode, reg byte) {
	b := n.bytes[:n.Len]
	t.addressPrefixes(n, 0x64, 0x67)
	modrm, end := n.ModRM&^0x38|reg<<3, n.addressEnd()
	scaled := n.Enc == x86.EVEX && n.DispLen == 1 // SDM vol. 2, 2.7.5
	switch {
	case scaled:
		modrm ^= 0xc0 // disp32 in place of disp8
	case n.DispLen > 0:
		end = n.DispOff + n.DispLen
	}
	// REX.W, and the extensions of base and index.
	t.buf.Raw(0x48|n.REX&3, opcode, modrm)
	if n.RIPRel {
		t.disp(n, 4)
		return
	}
	t.buf.Raw(b[n.ModRMOff+1 : end]...)
	if scaled {
		t.buf.Raw(binary.LittleEndian.AppendUint32(nil, uint32(n.Mems()[0].Disp))...)
	}
}

// addressPrefixes emits those of the prefixes that n has, each once: the
// instruction may be as long as one can be.
func (t *Translator) addressPrefixes(n *node, prefixes ...byte) {
	has := n.legacy()
	for _, p := range prefixes {
		if slices.Contains(has, p) {
			t.buf.Raw(p)
		}
	}
}

// legacy returns n's prefixes before REX or VEX.
func (n *node) legacy() []byte {
	b := n.bytes[:n.ModRMOff]
	if end := slices.IndexFunc(b, func(b byte) bool { return !slices.Contains(legacyPrefixes, b) }); end >= 0 {
		return b[:end]
	}
	return b
}

// legacyPrefixes are all that may come before REX (SDM vol. 2, 2.1.1). Opcodes
// behind them may have the same values.
var legacyPrefixes = []byte{0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3}

// addressEnd returns the offset behind ModRM and SIB where there is no
// displacement.
func (n *node) addressEnd() uint8 {
	if n.ModRM>>6 != 3 && n.ModRM&7 == 4 {
		return n.ModRMOff + 2
	}
	return n.ModRMOff + 1
}

// exitHere emits an exit at the current position. The point before it holds.
func (t *Translator) exitHere(k ExitKind, pc uint64) {
	t.exit(Exit{Kind: k, PC: pc})
}

// exit emits an exit.
func (t *Translator) exit(x Exit) {
	x.Off = uint32(t.buf.Len())
	t.unit.Exits = append(t.unit.Exits, x)
	t.buf.Int3()
}

// stub leaves for a stub of the engine, which comes back behind itself.
func (t *Translator) stub(n *node, s area.Stub) {
	b := t.buf
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.point(Point{PC: n.PC, Saved: 1 << x86.RCX})
	if s == area.StubSyscall { // which leaves it in RCX
		t.loadLiteral(x86.RCX, n.Next())
		b.MovStore(asm.GS(area.NextPC), x86.RCX)
	}
	l := b.NewLabel()
	b.LeaLabel(x86.RCX, l)
	b.MovStore(asm.GS(area.Cont), x86.RCX)
	b.JmpMem(asm.GS(s.Ptr()))
	b.Bind(l)
}

// stubs of the instructions that read into fixed registers.
var stubs = map[x86.Special]area.Stub{
	x86.RDTSC:  area.StubRDTSC,
	x86.RDTSCP: area.StubRDTSCP,
	x86.CPUID:  area.StubCPUID,
	x86.XGETBV: area.StubXGETBV,
}

// oneRegister translates the instructions that read into a register of
// their operand: the stub leaves the value in the thread area's Result.
func (t *Translator) oneRegister(n *node) {
	b := t.buf
	s := area.StubRDPID
	if n.Spec != x86.RDPID {
		s = area.StubRDRAND16
		if n.Spec == x86.RDSEED {
			s = area.StubRDSEED16
		}
		switch n.OpSize {
		case 4:
			s++
		case 8:
			s += 2
		}
	}
	t.stub(n, s)
	t.point(Point{PC: n.PC})
	dst := x86.Reg(n.ModRM&7 | n.REX&1<<3)
	switch {
	case n.Spec != x86.RDPID && n.OpSize == 2:
		// mov r16, gs:[Result]: the upper 48 bits stay
		b.Raw(0x65, 0x66, 0x40|byte(dst>>3)<<2, 0x8b, 0x04|byte(dst&7)<<3, 0x25, area.Result&0xff, area.Result>>8, 0, 0)
	case n.Spec != x86.RDPID && n.OpSize == 4:
		b.MovLoad32(dst, asm.GS(area.Result))
	default:
		b.MovLoad(dst, asm.GS(area.Result))
	}
}

// pause translates PAUSE, by which a thread says that it waits for another in a loop.
// While recording the other may be waiting for its turn.
func (t *Translator) pause(n *node) {
	b := t.buf
	t.copy(n)
	if t.opt.Replay {
		return
	}
	t.point(Point{PC: n.Next(), Boundary: true})
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.settled(Point{PC: n.Next(), Saved: 1 << x86.RCX})
	b.MovLoad(x86.RCX, asm.GS(area.Pauses))
	b.Lea(x86.RCX, asm.Base(x86.RCX, 1))
	b.MovStore(asm.GS(area.Pauses), x86.RCX)
	zero := t.jumpOver(0xe3)
	b.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
	t.point(Point{PC: n.Next(), Boundary: true})
	over := t.jumpOver(0xeb)
	t.land(zero)
	t.settled(Point{PC: n.Next(), Saved: 1 << x86.RCX})
	b.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
	t.point(Point{PC: n.Next(), Boundary: true})
	t.exitHere(ExitPause, n.Next())
	t.land(over)
}

// field is some bytes of a structure.
type field struct{ off, size byte }

// storesPointers translates an instruction that stores the x87 instruction pointer,
// which is a host address here, opcode and operand pointer, which a switch of
// tasks may or may not lose (AMD64 Architecture Programmer's Manual vol. 2, 11.4.4,
// "FXSAVE and FXRSTOR Instructions"). The fields are made zero.
func (t *Translator) storesPointers(n *node, fields ...field) {
	b := t.buf
	t.copy(n)
	t.point(Point{PC: n.PC})
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.operand(n, 0x8d, byte(x86.RCX))
	t.point(Point{PC: n.PC, Saved: 1 << x86.RCX})
	for _, f := range fields {
		switch f.size { // mov [rcx+off], 0
		case 8:
			b.MovStoreImm32(asm.Base(x86.RCX, int32(f.off)), 0)
		case 4:
			b.Raw(0xc7, 0x41, f.off, 0, 0, 0, 0)
		case 2:
			b.Raw(0x66, 0xc7, 0x41, f.off, 0, 0)
		}
	}
	b.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
}

// xbegin aborts the transaction before it begins: the CPU may do so at any
// time (SDM vol. 1, 16.3.5), and only so it is the same in replay.
func (t *Translator) xbegin(n *node) bool {
	if !t.opt.RTM {
		t.exitHere(ExitNative, n.PC)
		return false
	}
	t.buf.MovImm32(x86.RAX, 0)
	t.point(Point{PC: n.PC})
	t.direct(n)
	return false
}

// check compares the instruction's bytes in guest memory with what is being
// translated, and leaves where they differ. LEA and JRCXZ keep the flags.
func (t *Translator) check(n *node) {
	b := t.buf
	b.MovStore(asm.GS(area.Save(x86.RCX)), x86.RCX)
	t.point(Point{PC: n.PC, Saved: 1 << x86.RCX})
	for off := 0; off < int(n.Len); {
		at := asm.Abs(n.PC + uint64(off))
		if t.outOfReach(n.PC) {
			b.MovImm64(x86.RCX, at.Target)
			at = asm.Base(x86.RCX, 0)
		}
		var expect int32
		switch left := int(n.Len) - off; {
		case left >= 4:
			b.MovLoad32(x86.RCX, at)
			expect = int32(binary.LittleEndian.Uint32(n.bytes[off:]))
			off += 4
		case left >= 2:
			b.MovLoad16zx(x86.RCX, at)
			expect = int32(binary.LittleEndian.Uint16(n.bytes[off:]))
			off += 2
		default:
			b.MovLoad8zx(x86.RCX, at)
			expect = int32(n.bytes[off])
			off++
		}
		d := uint32(-expect)
		b.Raw(0x8d, 0x89, byte(d), byte(d>>8), byte(d>>16), byte(d>>24)) // lea ecx, [rcx-expect]
		same := t.jumpOver(0xe3)
		b.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
		t.point(Point{PC: n.PC, Boundary: true})
		t.exitHere(ExitStale, n.PC)
		t.land(same)
		t.point(Point{PC: n.PC, Saved: 1 << x86.RCX})
	}
	b.MovLoad(x86.RCX, asm.GS(area.Save(x86.RCX)))
	t.point(Point{PC: n.PC, Boundary: true})
}
