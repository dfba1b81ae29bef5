package engine

import (
	"hindsight/internal/area"
	"hindsight/internal/event"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// replayStubs generates the stubs that take results from the log. An event
// that is not the expected one, or wants the supervisor, leaves for it.
func (g *stubGen) replayStubs() {
	apply := g.NewLabel()
	g.syscallEntry()
	g.AluImm(asm.Cmp, x86.RAX, 0xffff)
	g.Jcc(asm.CondA, g.slow)
	g.expect(func() {
		g.Mov(x86.RCX, x86.RAX)
		g.Shl(x86.RCX, 16)
		g.AluImm(asm.Or, x86.RCX, int32(event.KindSyscall))
	}, g.slow)
	for i, r := range argRegs[:3] {
		g.AluLoad(asm.Cmp, r, asm.Base(x86.R11, evArgs+8*int32(i)))
		g.Jcc(asm.CondNE, g.slow)
		g.save(r)
	}
	g.in(phaseAfter, set(x86.RCX, x86.R11, x86.RSP), true)
	g.Call(apply)
	g.Jmp(g.finish)

	g.in(phaseAfter, 0, true)
	g.Bind(apply)
	g.apply()
	g.replayTSC()
	for _, s := range insnStubs {
		g.replayInsn(s)
	}
	for fn, call := range vdsoCalls {
		g.replayVDSO(fn, call, apply)
	}
}

// expect leaves the address of the next event in R11 and goes to bad unless
// its header is what head leaves in ECX and its tick is the guest's.
func (g *stubGen) expect(head func(), bad asm.Label) {
	g.MovLoad(x86.R11, asm.GS(area.LogPtr))
	g.AluLoad(asm.Cmp, x86.R11, asm.GS(area.LogEnd))
	g.Jcc(asm.CondAE, bad)
	head()
	g.AluLoad32(asm.Cmp, x86.RCX, asm.Base(x86.R11, 4))
	g.Jcc(asm.CondNE, bad)
	g.sameTick(x86.R11, x86.RCX, bad)
}

// sameTick goes to bad unless the tick of the event at ev is the guest's.
func (g *stubGen) sameTick(ev, tmp x86.Reg, bad asm.Label) {
	g.MovLoad(tmp, asm.GS(area.Tick))
	g.AluLoad(asm.Add, tmp, asm.GS(area.TickBase))
	g.AluLoad(asm.Cmp, tmp, asm.Base(ev, evTick))
	g.Jcc(asm.CondNE, bad)
}

// apply copies the memory writes of the event at R11, consumes it, and
// leaves its result in the thread area. It uses RAX, RCX, RSI and RDI.
func (g *stubGen) apply() {
	loop, end := g.NewLabel(), g.NewLabel()
	g.MovLoad32(x86.RAX, asm.Base(x86.R11, 0))
	g.Alu(asm.Add, x86.RAX, x86.R11)
	g.Lea(x86.RSI, asm.Base(x86.R11, evWrites))
	g.Bind(loop)
	g.Alu(asm.Cmp, x86.RSI, x86.RAX)
	g.JccShort(asm.CondAE, end)
	g.MovLoad(x86.RDI, asm.Base(x86.RSI, 0))
	g.MovLoad(x86.RCX, asm.Base(x86.RSI, 8))
	g.AluImm(asm.Add, x86.RSI, 16)
	g.RepMovsb()
	g.AluImm(asm.Add, x86.RSI, 7)
	g.AluImm(asm.And, x86.RSI, -8)
	g.JmpShort(loop)
	g.Bind(end)
	g.MovStore(asm.GS(area.LogPtr), x86.RAX)
	g.MovLoad(x86.RAX, asm.Base(x86.R11, evResult))
	g.MovStore(asm.GS(area.Result), x86.RAX)
	g.Ret()
}

// replayInsn generates the stub that takes an instruction's results from
// the log.
func (g *stubGen) replayInsn(s insnStub) {
	g.s.entry[s.stub] = g.PC()
	g.enter(x86.RCX)
	for _, r := range []x86.Reg{x86.RAX, x86.RBX, x86.RDX} {
		g.save(r)
	}
	g.in(phaseBefore, set(x86.RCX, x86.RDX, x86.RAX, x86.RSP), true)
	g.MovLoad(x86.RDX, asm.GS(area.LogPtr))
	g.AluLoad(asm.Cmp, x86.RDX, asm.GS(area.LogEnd))
	g.Jcc(asm.CondAE, g.nomore)
	g.MovImm64(x86.RCX, evInsnSize|uint64(eventHead(event.KindInsn, 0, int(s.spec)))<<32)
	g.AluLoad(asm.Cmp, x86.RCX, asm.Base(x86.RDX, 0))
	g.Jcc(asm.CondNE, g.nomore)
	g.sameTick(x86.RDX, x86.RCX, g.nomore)
	g.in(phaseAfter, 0, true)
	for i, r := range insnRegs {
		g.MovLoad(x86.RCX, asm.Base(x86.RDX, evInsnRegs+8*int32(i)))
		to := asm.GS(area.Save(r))
		if s.one {
			if i > 0 {
				break
			}
			to = asm.GS(area.Result)
		}
		g.MovStore(to, x86.RCX)
	}
	g.MovLoad(x86.RCX, asm.Base(x86.RDX, evInsnFlags))
	g.MovStore(asm.GS(area.Flags), x86.RCX)
	g.AluImm(asm.Add, x86.RDX, evInsnSize)
	g.MovStore(asm.GS(area.LogPtr), x86.RDX)
	g.endInsn()
}

// replayTSC generates the stub that takes a time stamp from the log.
func (g *stubGen) replayTSC() {
	bad, good := g.NewLabel(), g.NewLabel()
	g.tscStub(func() {
		g.MovImm64(x86.RAX, evTSCSize|uint64(eventHead(event.KindTSC, 0, 0))<<32)
		g.AluLoad(asm.Cmp, x86.RAX, asm.Base(x86.RCX, 0))
		g.JccShort(asm.CondNE, bad)
		g.MovLoad(x86.RAX, asm.GS(area.Tick))
		g.AluLoad(asm.Add, x86.RAX, asm.GS(area.TickBase))
		g.AluLoad(asm.Cmp, x86.RAX, asm.Base(x86.RCX, evTick))
		g.JccShort(asm.CondE, good)
		g.Bind(bad)
		g.fastFlags()
		g.restore(x86.RAX)
		g.in(phaseBefore, set(x86.RCX), false)
		g.exit(stubInsn)
		g.in(phaseForward, set(x86.RCX), false)
		g.Bind(good)
	}, func() {})
}

// replayVDSO generates the stub for a vDSO function.
func (g *stubGen) replayVDSO(fn int, call vdsoCall, apply asm.Label) {
	bad, ok := g.NewLabel(), g.NewLabel()
	g.s.entry[area.StubVDSO+area.Stub(fn)] = g.PC()
	g.enter(x86.RCX)
	for _, r := range vdsoClobbered {
		g.save(r)
	}
	g.save(x86.RAX)
	saved := set(x86.RCX, x86.RSP, x86.RAX, x86.R11)
	g.in(phaseBefore, saved, true)
	g.Cld()
	g.expect(func() {
		g.MovImm32(x86.RCX, eventHead(event.KindSyscall, event.FlagVDSO, call.nr))
	}, bad)
	g.JmpShort(ok)
	g.Bind(bad)
	g.exit(stubInsn)
	g.Bind(ok)
	g.in(phaseAfter, 0, true)
	g.Call(apply)
	g.endVDSO()
}
