package engine

import (
	"bytes"

	"hindsight/internal/area"
	"hindsight/internal/translate"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// The stub of string instructions executes some repetitions at a time, as many
// as stay in the same mapping: on the alias what they store, on a copy in the log
// what they load. Before that, and up to the moment when they are done, the
// guest's state is in the save slots.

// Bytes that one event holds: of a comparison, which may end at once, few.
const (
	mostLoads    = 4096
	mostCompares = 256
)

// Offsets in a Loads event, and of the bytes in the stub's scratch word.
const (
	evLoadsAddr = 16
	evLoadsLen  = 24
	evLoadsData = 32
)

// stringSaved are the registers that the stub works with.
var stringSaved = [...]x86.Reg{x86.RDX, x86.RSI, x86.RDI, x86.R8, x86.R9, x86.R10, x86.R11}

// stringGen generates the stub. R10 holds the kind, R8 the number of
// repetitions, R9 which operands are foreign: 1 that at RSI, 2 that at RDI. RDX is
// the lowest guest address of what is loaded and logged, or 0.
type stringGen struct {
	*stubGen
	saved                   x86.RegSet
	again, done, away, full asm.Label
	plain, run, back        asm.Label
	find                    [2]asm.Label // readable, writable
}

func (g *stubGen) stringStub() {
	s := &stringGen{stubGen: g, saved: set(append(stringSaved[:], x86.RCX, x86.RSP, x86.RAX)...)}
	for _, l := range []*asm.Label{&s.again, &s.done, &s.away, &s.full, &s.plain, &s.run, &s.back, &s.find[0], &s.find[1]} {
		*l = g.NewLabel()
	}
	g.s.entry[area.StubString] = g.PC()
	g.s.strings[0] = uint32(g.Len())
	g.enter(x86.RAX)
	for _, r := range stringSaved {
		g.save(r)
	}
	g.in(phaseBefore, s.saved, true)
	g.AluMemImm(asm.And, asm.GS(area.Flags), ^int32(x86.TF)) // of a step
	s.begin()
	from := uint32(g.Len())
	s.loads()
	s.execute()
	to := uint32(g.Len())
	s.end()
	g.in(phaseBefore, s.saved, true)
	g.s.bails = append(g.s.bails, bail{from, to, g.PC()})
	g.Bind(s.away)
	g.exit(stubForeign)
	g.Bind(s.full)
	g.exit(stubInsn)
	s.leave(s.plain, func() { g.JmpMem(asm.GS(area.ForeignPlain)) })
	s.in(phaseBefore, s.saved, true)
	s.finder(0, 8)
	s.finder(1, 16)
	g.s.strings[1] = uint32(g.Len())
}

// stringSlot reserves room for a string instruction of the guest's that the
// supervisor has executed.
func (g *stubGen) stringSlot() {
	g.in(phaseForward, 0, false)
	g.s.slot = g.PC()
	g.Raw(bytes.Repeat([]byte{0x90}, 16)...)
}

// has tests bits of the kind: the following Jcc E is taken without them.
func (s *stringGen) has(bits int32) {
	s.Raw(0x41, 0xf7, 0xc2, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24)) // test r10d, imm32
}

// unless jumps if the kind has none of the bits.
func (s *stringGen) unless(bits int32, to asm.Label) {
	s.has(bits)
	s.Jcc(asm.CondE, to)
}

func (s *stringGen) sizeToCL() {
	s.Raw(0x44, 0x89, 0xd1) // mov ecx, r10d
	s.AluImm32(asm.And, x86.RCX, area.StringSize)
}

func (s *stringGen) shlCL(r x86.Reg) { s.Raw(0x48|byte(r>>3), 0xd3, 0xe0|byte(r&7)) }
func (s *stringGen) shrCL(r x86.Reg) { s.Raw(0x48|byte(r>>3), 0xd3, 0xe8|byte(r&7)) }

// alias turns a guest address into its alias's.
func (s *stringGen) alias(r x86.Reg) { s.Raw(0x48, 0x0f, 0xba, 0xf8|byte(r), aliasShift) }

// begin finds out how many repetitions come next, and of what kind.
func (s *stringGen) begin() {
	one, noSI, noDI, reads, found := s.NewLabel(), s.NewLabel(), s.NewLabel(), s.NewLabel(), s.NewLabel()
	s.Bind(s.again)
	s.Cld()
	s.MovLoad(x86.R10, asm.GS(area.Flags))
	s.AluImm(asm.And, x86.R10, area.StringDown)
	s.AluLoad(asm.Or, x86.R10, asm.GS(area.StringKind))
	s.restore(x86.RSI)
	s.restore(x86.RDI)
	s.MovImm32(x86.R8, 1)
	s.unless(area.StringRepeats, one)
	s.MovLoad(x86.R8, asm.GS(area.Save(x86.RCX)))
	s.Test(x86.R8, x86.R8)
	s.Jcc(asm.CondE, s.done)
	s.Bind(one)
	s.Alu(asm.Xor, x86.R9, x86.R9)
	s.unless(area.StringReadsSI, noSI)
	s.Mov(x86.RCX, x86.RSI)
	s.Call(s.find[0])
	s.Mov(x86.R9, x86.RAX)
	s.Bind(noSI)
	s.unless(area.StringReadsDI|area.StringWritesDI, noDI)
	s.Mov(x86.RCX, x86.RDI)
	s.unless(area.StringWritesDI, reads)
	s.Call(s.find[1])
	s.Jmp(found)
	s.Bind(reads)
	s.Call(s.find[0])
	s.Bind(found)
	s.Lea(x86.R9, asm.Mem{Base: x86.R9, Index: x86.RAX, Scale: 2})
	s.Bind(noDI)
	s.Test(x86.R9, x86.R9)
	s.Jcc(asm.CondE, s.plain)
}

// finder generates a subroutine that looks RCX up in the column of the table of
// regions. RAX is 1 if an element there is in one, 0 if not, and then R8 is no
// more than what is left of the region. It uses RCX, RDX and R11.
func (s *stringGen) finder(i int, column int32) {
	const slack = 31 // see boundAliases
	hit, down := s.NewLabel(), s.NewLabel()
	s.Bind(s.find[i])
	s.Push(x86.RCX)
	s.sizeToCL()
	s.MovImm32(x86.RAX, 1)
	s.shlCL(x86.RAX)
	s.MovImm32(x86.R11, slack)
	s.Alu(asm.Sub, x86.R11, x86.RAX)
	s.Pop(x86.RCX)
	for i := range int32(area.ForeignRegions) {
		at := area.Foreign + 24*i
		next := s.NewLabel()
		s.MovLoad(x86.RDX, asm.GS(at+column))
		s.Test(x86.RDX, x86.RDX)
		s.JccShort(asm.CondE, next)
		s.Alu(asm.Add, x86.RDX, x86.R11) // the last element's offset
		s.Mov(x86.RAX, x86.RCX)
		s.AluLoad(asm.Sub, x86.RAX, asm.GS(at))
		s.Alu(asm.Cmp, x86.RAX, x86.RDX)
		s.Jcc(asm.CondBE, hit)
		s.Bind(next)
	}
	s.MovImm32(x86.RAX, 0)
	s.Ret()
	s.Bind(hit)
	s.sizeToCL()
	s.has(area.StringDown)
	s.JccShort(asm.CondNE, down)
	s.Alu(asm.Sub, x86.RDX, x86.RAX)
	s.Mov(x86.RAX, x86.RDX)
	s.Bind(down)
	s.shrCL(x86.RAX)
	s.AluImm(asm.Add, x86.RAX, 1)
	s.least(x86.R8, x86.RAX)
	s.MovImm32(x86.RAX, 1)
	s.Ret()
}

// least makes r no more than than.
func (s *stringGen) least(r, than x86.Reg) {
	ok := s.NewLabel()
	s.Alu(asm.Cmp, r, than)
	s.JccShort(asm.CondBE, ok)
	s.Mov(r, than)
	s.Bind(ok)
}

// execute runs the repetitions: the instruction is one of a table.
func (s *stringGen) execute() {
	const entry = 16
	up, table := s.NewLabel(), s.NewLabel()
	s.MovLoad(x86.R11, asm.GS(area.StringKind))
	s.Shr(x86.R11, area.StringInsn)
	s.Shl(x86.R11, 4)
	s.LeaLabel(x86.RAX, table)
	s.Alu(asm.Add, x86.R11, x86.RAX)
	s.restore(x86.RAX)
	s.Mov(x86.RCX, x86.R8)
	s.unless(area.StringDown, up)
	s.Std()
	s.Bind(up)
	s.JmpReg(x86.R11)
	s.Align(entry, 0x90)
	s.Bind(table)
	for _, insn := range translate.StringInsns() {
		code := insn.Code()
		s.s.repeats[uint32(s.Len())] = uint8(len(code))
		s.Raw(code...)
		s.Jmp(s.back)
		s.Align(entry, 0x90)
	}
}

// end makes the guest's state that behind the repetitions, and goes on.
func (s *stringGen) end() {
	once, ax, same, quiet, up, noSI, noDI := s.NewLabel(), s.NewLabel(), s.NewLabel(), s.NewLabel(), s.NewLabel(), s.NewLabel(), s.NewLabel()
	s.in(phaseForward, s.saved, true)
	s.Bind(s.back)
	s.Pushfq()
	s.Pop(x86.R11)
	s.AluImm(asm.And, x86.R11, ^int32(x86.TF))
	s.Cld()
	s.unless(area.StringRepeats, once)
	s.Alu(asm.Sub, x86.R8, x86.RCX)
	s.Bind(once)
	s.unless(area.StringLoadsAX, ax)
	s.save(x86.RAX)
	s.Bind(ax)
	s.unless(area.StringCompares, same)
	s.MovStore(asm.GS(area.Flags), x86.R11)
	s.Bind(same)
	s.Test(x86.RDX, x86.RDX)
	s.Jcc(asm.CondE, quiet)
	s.logged()
	s.Bind(quiet)
	s.sizeToCL()
	s.Mov(x86.RAX, x86.R8)
	s.shlCL(x86.RAX)
	s.unless(area.StringDown, up)
	s.Neg(x86.RAX)
	s.Bind(up)
	s.unless(area.StringReadsSI, noSI)
	s.AluStore(asm.Add, asm.GS(area.Save(x86.RSI)), x86.RAX)
	s.Bind(noSI)
	s.unless(area.StringReadsDI|area.StringWritesDI, noDI)
	s.AluStore(asm.Add, asm.GS(area.Save(x86.RDI)), x86.RAX)
	s.Bind(noDI)
	s.unless(area.StringRepeats, s.done)
	s.AluStore(asm.Sub, asm.GS(area.Save(x86.RCX)), x86.R8)
	s.Jcc(asm.CondE, s.done)
	s.unless(area.StringCompares, s.again)
	s.compared()
	s.leave(s.done, func() { s.Jmp(s.insn) })
}

// compared goes on after a comparison, unless that has ended the instruction.
func (s *stringGen) compared() {
	s.MovLoad(x86.RAX, asm.GS(area.Flags))
	s.Raw(0x44, 0x31, 0xd0) // xor eax, r10d: ZF and StringUntil are one bit
	s.Raw(0xa8, 0x40)       // test al, ZF
	s.Jcc(asm.CondNE, s.again)
}

// leave restores the registers, and goes where jump goes, for which the flags and
// RCX and RSP are still to be restored if it is not that to insn.
func (s *stringGen) leave(at asm.Label, jump func()) {
	s.in(phaseForward, s.saved, true)
	s.Bind(at)
	for _, r := range stringSaved {
		s.restore(r)
	}
	s.restore(x86.RAX)
	if at == s.plain {
		s.restoreFlags()
		s.restore(x86.RCX)
		s.restore(x86.RSP)
	}
	jump()
}
