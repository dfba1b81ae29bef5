package engine

import (
	"hindsight/internal/area"
	"hindsight/internal/event"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// loads makes RSI and RDI point to where the repetitions work: the log buffer and
// the alias.
func (s *stringGen) loads() {
	notSI, notDI, source, stores := s.NewLabel(), s.NewLabel(), s.NewLabel(), s.NewLabel()
	s.Mov(x86.RDX, x86.RSI)
	s.Raw(0x41, 0xf6, 0xc1, 1) // test r9b, 1
	s.JccShort(asm.CondNE, notSI)
	s.Mov(x86.RDX, x86.RDI)
	s.Bind(notSI)
	s.MovStore(asm.GS(area.ForeignAddr), x86.RDX)

	s.Raw(0x41, 0xf6, 0xc1, 2) // test r9b, 2
	s.Jcc(asm.CondE, source)
	s.unless(area.StringWritesDI, notDI)
	s.alias(x86.RDI)
	s.Raw(0x41, 0xf6, 0xc1, 1)
	s.Jcc(asm.CondNE, source)
	s.Jmp(stores)
	s.Bind(notDI)
	s.Raw(0x41, 0xf6, 0xc1, 1)
	s.Jcc(asm.CondNE, s.away) // CMPS of two that are foreign

	s.Bind(source)
	if s.replay {
		s.take()
	} else {
		s.fetch()
	}
	s.point()
	s.Jmp(s.run)
	s.Bind(stores)
	if s.replay {
		s.unlogged()
	}
	s.Alu(asm.Xor, x86.RDX, x86.RDX)
	s.Bind(s.run)
}

// lowest makes RDX, the address of the first element of RAX bytes, the lowest.
func (s *stringGen) lowest() {
	up := s.NewLabel()
	s.unless(area.StringDown, up)
	s.Alu(asm.Sub, x86.RDX, x86.RAX)
	s.MovImm32(x86.R11, 1)
	s.shlCL(x86.R11)
	s.Alu(asm.Add, x86.RDX, x86.R11)
	s.Bind(up)
}

// fetch copies what is to be loaded to where its event will be.
func (s *stringGen) fetch() {
	const least = 64
	few := s.NewLabel()
	s.MovLoad(x86.RAX, asm.GS(area.LogEnd))
	s.AluLoad(asm.Sub, x86.RAX, asm.GS(area.LogPtr))
	s.AluImm(asm.Sub, x86.RAX, evLoadsData+8+least)
	s.Jcc(asm.CondL, s.full)
	s.AluImm(asm.Add, x86.RAX, least)
	s.MovImm32(x86.RCX, mostLoads)
	s.unless(area.StringCompares, few)
	s.MovImm32(x86.RCX, mostCompares)
	s.Bind(few)
	s.least(x86.RAX, x86.RCX)
	s.sizeToCL()
	s.shrCL(x86.RAX)
	s.least(x86.R8, x86.RAX)
	s.Mov(x86.RAX, x86.R8)
	s.shlCL(x86.RAX)
	s.lowest()
	s.MovLoad(x86.RCX, asm.GS(area.LogPtr))
	s.MovStore(asm.Base(x86.RCX, evLoadsLen), x86.RAX)
	s.Mov(x86.R11, x86.RDX)
	s.alias11()
	s.Lea(x86.RCX, asm.Base(x86.RCX, evLoadsData))
	s.copyBytes(x86.RCX, x86.R11)
}

func (s *stringGen) alias11() { s.Raw(0x49, 0x0f, 0xba, 0xfb, aliasShift) } // btc r11, aliasShift

// copyBytes copies RAX bytes. It keeps all but RCX.
func (s *stringGen) copyBytes(to, from x86.Reg) {
	s.Push(x86.RSI)
	s.Push(x86.RDI)
	s.Mov(x86.RSI, from)
	s.Mov(x86.RDI, to)
	s.Mov(x86.RCX, x86.RAX)
	s.repMovsb()
	s.Pop(x86.RDI)
	s.Pop(x86.RSI)
}

// repMovsb emits REP MOVSB, which nobody is to step byte by byte.
func (s *stringGen) repMovsb() {
	s.s.repeats[uint32(s.Len())] = 2
	s.RepMovsb()
}

// take takes what is to be loaded from the event that must come next, and makes
// it known to those who look at the memory.
func (s *stringGen) take() {
	s.MovLoad(x86.RCX, asm.GS(area.LogPtr))
	s.AluLoad(asm.Cmp, x86.RCX, asm.GS(area.LogEnd))
	s.Jcc(asm.CondAE, s.away)
	s.MovLoad8zx(x86.RAX, asm.Base(x86.RCX, 4))
	s.AluImm(asm.Cmp, x86.RAX, int32(event.KindLoads))
	s.Jcc(asm.CondNE, s.away)
	s.sameTick(x86.RCX, x86.RAX, s.away)
	s.Mov(x86.R11, x86.RCX)
	s.MovLoad(x86.RAX, asm.Base(x86.R11, evLoadsLen))
	s.sizeToCL()
	s.shrCL(x86.RAX)
	s.Alu(asm.Cmp, x86.RAX, x86.R8)
	s.Jcc(asm.CondA, s.away)
	s.Mov(x86.R8, x86.RAX)
	s.shlCL(x86.RAX)
	s.lowest()
	s.MovLoad(x86.R11, asm.GS(area.LogPtr))
	s.AluLoad(asm.Cmp, x86.RDX, asm.Base(x86.R11, evLoadsAddr))
	s.Jcc(asm.CondNE, s.away)
	s.Lea(x86.RCX, asm.Base(x86.R11, evLoadsData))
	s.Mov(x86.R11, x86.RDX)
	s.alias11()
	s.copyBytes(x86.R11, x86.RCX)
}

// unlogged leaves repetitions that only store to the supervisor if what it did
// while they were recorded may come next: the results, or a fault, which the log
// buffer may be too small for.
func (s *stringGen) unlogged() {
	ok := s.NewLabel()
	s.MovLoad(x86.RCX, asm.GS(area.LogPtr))
	s.AluLoad(asm.Cmp, x86.RCX, asm.GS(area.LogEnd))
	s.Jcc(asm.CondAE, s.away)
	s.sameTick(x86.RCX, x86.RAX, ok)
	s.MovLoad8zx(x86.RAX, asm.Base(x86.RCX, 4))
	for _, k := range [...]event.Kind{event.KindMem, event.KindRegs, event.KindSignal, event.KindExit} {
		s.AluImm(asm.Cmp, x86.RAX, int32(k))
		s.Jcc(asm.CondE, s.away)
	}
	s.Bind(ok)
}

// point makes the operand that is loaded point to the first element in the event.
func (s *stringGen) point() {
	up, di, end := s.NewLabel(), s.NewLabel(), s.NewLabel()
	s.sizeToCL()
	s.MovLoad(x86.RAX, asm.GS(area.LogPtr))
	s.unless(area.StringDown, up)
	s.AluLoad(asm.Add, x86.RAX, asm.Base(x86.RAX, evLoadsLen))
	s.MovImm32(x86.R11, 1)
	s.shlCL(x86.R11)
	s.Alu(asm.Sub, x86.RAX, x86.R11)
	s.Bind(up)
	s.AluImm(asm.Add, x86.RAX, evLoadsData)
	s.Raw(0x41, 0xf6, 0xc1, 1)
	s.JccShort(asm.CondE, di)
	s.Mov(x86.RSI, x86.RAX)
	s.JmpShort(end)
	s.Bind(di)
	s.Mov(x86.RDI, x86.RAX)
	s.Bind(end)
}

// logged makes the event that has been filled part of the log, or takes it out.
func (s *stringGen) logged() {
	s.MovLoad(x86.RCX, asm.GS(area.LogPtr))
	if s.replay {
		s.MovLoad32(x86.R11, asm.Base(x86.RCX, 0))
	} else {
		s.MovStore(asm.Base(x86.RCX, evLoadsAddr), x86.RDX)
		s.MovLoad(x86.R11, asm.Base(x86.RCX, evLoadsLen))
		s.MovImm32(x86.RSI, 0)
		s.MovStore(asm.Mem{Base: x86.RCX, Index: x86.R11, Scale: 1, Disp: evLoadsData}, x86.RSI) // padding
		s.AluImm(asm.Add, x86.R11, evLoadsData+7)
		s.AluImm(asm.And, x86.R11, -8)
		s.MovImm64(x86.RSI, uint64(eventHead(event.KindLoads, 0, 0))<<32)
		s.Alu(asm.Or, x86.RSI, x86.R11)
		s.MovStore(asm.Base(x86.RCX, 0), x86.RSI)
		s.stampTick(x86.RCX, x86.RSI)
	}
	s.Alu(asm.Add, x86.RCX, x86.R11)
	s.MovStore(asm.GS(area.LogPtr), x86.RCX)
}
