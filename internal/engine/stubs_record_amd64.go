package engine

import (
	"fmt"

	"hindsight/internal/area"
	"hindsight/internal/event"
	"hindsight/internal/syscalls"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// Offsets in a Syscall event and in an Insn event (docs/format.md).
const (
	evTick   = 8
	evResult = 16
	evArgs   = 24
	evWrites = 48

	evInsnRegs  = 16
	evInsnFlags = 48
	evInsnSize  = 56

	evTSC     = 16
	evTSCSize = 24
)

// recordStubs generates the stubs that execute and log.
func (g *stubGen) recordStubs() {
	g.syscallEntry()
	g.AluImm(asm.Cmp, x86.RAX, area.Syscalls)
	g.Jcc(asm.CondAE, g.slow)
	g.JmpMem(asm.GSIndex(x86.RAX, 8, area.SyscallTb))
	slow := g.Addr(g.slow)
	for nr := range g.s.table {
		g.s.table[nr] = slow
		row, ok := syscalls.ByNumber(nr)
		switch {
		case !ok:
		case row.Commands != nil:
			g.s.table[nr] = g.PC()
			g.commands(row)
		case row.Fast:
			g.s.table[nr] = g.PC()
			g.fastSyscall(nr, row.Out)
		}
	}
	g.tscStub(func() {}, func() {
		g.Rdtsc()
		g.MovStore32(asm.Base(x86.RCX, evTSC), x86.RAX)
		g.MovStore32(asm.Base(x86.RCX, evTSC+4), x86.RDX)
		g.MovImm64(x86.RAX, evTSCSize|uint64(eventHead(event.KindTSC, 0, 0))<<32)
		g.MovStore(asm.Base(x86.RCX, 0), x86.RAX)
		g.stampTick(x86.RCX, x86.RAX)
	})
	for _, s := range insnStubs {
		g.recordInsn(s)
	}
	for fn, call := range vdsoCalls {
		if g.vdso[fn] != 0 {
			g.recordVDSO(fn, call)
		}
	}
}

// commands generates the stub of a call that is many in one: the fast ones
// among its commands are told apart by comparing, the others leave.
func (g *stubGen) commands(row *syscalls.Row) {
	g.in(phaseBefore, set(x86.RCX, x86.R11, x86.RSP), true)
	var labels []asm.Label
	g.Mov32(x86.R11, argRegs[row.CmdArg])
	if row.CmdMask != 0xffffffff {
		g.AluImm32(asm.And, x86.R11, int32(row.CmdMask))
	}
	for _, c := range row.Commands {
		l := g.NewLabel()
		labels = append(labels, l)
		if c.Fast {
			g.AluImm32(asm.Cmp, x86.R11, int32(uint32(c.Cmd)))
			g.Jcc(asm.CondE, l)
		}
	}
	g.Jmp(g.slow)
	for i, c := range row.Commands {
		g.Bind(labels[i])
		if c.Fast {
			g.fastSyscall(row.NR, c.Out)
		}
	}
}

// fastSyscall generates the stub that makes a syscall and logs it.
func (g *stubGen) fastSyscall(nr int, outs []syscalls.Output) {
	g.in(phaseBefore, set(x86.RCX, x86.R11, x86.RSP), true)
	g.MovStore(asm.GS(area.NR), x86.RAX)
	g.Syscall()
	g.s.syscallAt[uint32(g.Len())] = true
	g.in(phaseAfter, set(x86.RCX, x86.R11, x86.RSP), true)
	g.MovStore(asm.GS(area.Result), x86.RAX)
	g.save(x86.RAX)
	if nr == sysRtSigprocmask {
		g.fetchMask()
	}
	g.logSyscall(nr, 0, outs, true)
}

const sysRtSigprocmask = 14

// fetchMask puts the thread's signal mask into the thread area, and keeps
// the result in RAX.
func (g *stubGen) fetchMask() {
	used := []x86.Reg{x86.RDI, x86.RSI, x86.RDX, x86.R10}
	for _, r := range used {
		g.save(r)
	}
	g.MovImm32(x86.RAX, sysRtSigprocmask)
	g.MovImm32(x86.RDI, 0)
	g.MovImm32(x86.RSI, 0)
	g.MovImm(x86.RDX, g.arena+area.SigMask)
	g.MovImm32(x86.R10, 8)
	g.Syscall()
	for _, r := range used {
		g.restore(r)
	}
	g.MovLoad(x86.RAX, asm.GS(area.Result))
}

// logSyscall appends a Syscall event, with the result in RAX and the
// arguments in their registers, and goes to the end of the stub.
func (g *stubGen) logSyscall(nr int, flags event.Flags, outs []syscalls.Output, fault bool) {
	for _, r := range argRegs[:3] {
		g.save(r)
	}
	g.in(phaseAfter, set(x86.RCX, x86.R11, x86.RSP, x86.RAX, x86.RDX, x86.RSI, x86.RDI), true)
	if fault {
		// EFAULT may come from a page that we have write-protected.
		g.AluImm(asm.Cmp, x86.RAX, -efault)
		g.Jcc(asm.CondE, g.after)
	}
	g.MovLoad(x86.R11, asm.GS(area.LogPtr))
	g.AluLoad(asm.Cmp, x86.R11, asm.GS(area.LogEnd))
	g.Jcc(asm.CondAE, g.after)
	g.MovStore(asm.Base(x86.R11, evResult), x86.RAX)
	for i, r := range argRegs[:3] {
		g.MovStore(asm.Base(x86.R11, evArgs+8*int32(i)), r)
	}
	g.stampTick(x86.R11, x86.RCX)
	g.Lea(x86.RDI, asm.Base(x86.R11, evWrites))
	for i := range outs {
		g.output(&outs[i])
	}
	g.Mov(x86.RCX, x86.RDI)
	g.Alu(asm.Sub, x86.RCX, x86.R11)
	g.MovStore32(asm.Base(x86.R11, 0), x86.RCX)
	g.MovImm32(x86.RCX, eventHead(event.KindSyscall, flags, nr))
	g.MovStore32(asm.Base(x86.R11, 4), x86.RCX)
	g.MovStore(asm.GS(area.LogPtr), x86.RDI)
	g.Jmp(g.finish)
}

// stampTick stores the guest's tick in the event at ev.
func (g *stubGen) stampTick(ev, tmp x86.Reg) {
	g.MovLoad(tmp, asm.GS(area.Tick))
	for i := range int32(area.NumMoreTicks) {
		g.AluLoad(asm.Add, tmp, asm.GS(area.MoreTicks+8*i))
	}
	g.MovStore(asm.Base(ev, evTick), tmp)
}

// loadArg leaves syscall argument i in dst. RDI, RSI and RDX are in their
// save slots.
func (g *stubGen) loadArg(dst x86.Reg, i uint8) {
	if i < 3 {
		g.MovLoad(dst, asm.GS(area.Save(argRegs[i])))
	} else {
		g.Mov(dst, argRegs[i])
	}
}

// output logs one output of the syscall, the result being in RAX and the
// event's cursor in RDI. It may use RCX, RDX and RSI.
func (g *stubGen) output(o *syscalls.Output) {
	skip := g.NewLabel()
	g.condition(o.Cond, skip)
	if o.IfBits != 0 {
		g.loadArg(x86.RCX, o.IfArg)
		g.MovImm(x86.RDX, o.IfBits)
		g.Test(x86.RCX, x86.RDX)
		g.Jcc(asm.CondE, skip)
	}
	g.loadArg(x86.RSI, o.Arg)
	g.Test(x86.RSI, x86.RSI)
	g.Jcc(asm.CondE, skip)
	if o.Off != 0 {
		g.AluImm(asm.Add, x86.RSI, int32(o.Off))
	}
	if o.Kind == syscalls.OutIovec {
		g.iovec()
	} else {
		g.length(o)
		g.Test(x86.RCX, x86.RCX)
		g.Jcc(asm.CondE, skip)
		g.copyOut()
	}
	g.Bind(skip)
}

// condition goes to skip where the result in RAX says that nothing has been
// written.
func (g *stubGen) condition(c syscalls.Cond, skip asm.Label) {
	g.Test(x86.RAX, x86.RAX)
	switch c {
	case syscalls.CondAlways:
	case syscalls.CondPositive:
		g.Jcc(asm.CondLE, skip)
	case syscalls.CondEINTR:
		written := g.NewLabel()
		g.JccShort(asm.CondNS, written)
		g.AluImm(asm.Cmp, x86.RAX, -eintr)
		g.Jcc(asm.CondNE, skip)
		g.Bind(written)
	default:
		g.Jcc(asm.CondS, skip)
	}
}

const (
	eintr  = 4
	efault = 14
)

// length leaves the number of bytes of o in RCX.
func (g *stubGen) length(o *syscalls.Output) {
	switch o.Kind {
	case syscalls.OutFixed:
		g.MovImm32(x86.RCX, o.Size)
	case syscalls.OutResult:
		g.loadLen(x86.RCX, o)
		g.atMost(x86.RCX, x86.RAX)
		g.scale(x86.RCX, o.Scale)
	case syscalls.OutArg:
		g.loadLen(x86.RCX, o)
		g.scale(x86.RCX, o.Scale)
	case syscalls.OutFDSet:
		g.loadLen(x86.RCX, o)
		g.AluImm(asm.Add, x86.RCX, 63)
		g.Shr(x86.RCX, 6)
		g.Shl(x86.RCX, 3)
	case syscalls.OutValueResult:
		// The kernel leaves the whole length, which may be more than
		// it wrote: at most a sockaddr_storage, then (socket(7)).
		g.loadArg(x86.RCX, o.LenArg)
		g.MovLoad32(x86.RCX, asm.Base(x86.RCX, 0))
		g.MovImm32(x86.RDX, 128)
		g.atMost(x86.RCX, x86.RDX)
	default:
		panic(fmt.Sprintf("engine: output kind %d in a stub", o.Kind))
	}
}

// loadLen leaves the argument that tells o's length in dst.
func (g *stubGen) loadLen(dst x86.Reg, o *syscalls.Output) {
	g.loadArg(dst, o.LenArg)
	if o.Len32 {
		g.Mov32(dst, dst)
	}
}

// atMost makes r the smaller of r and limit, without sign.
func (g *stubGen) atMost(r, limit x86.Reg) {
	fits := g.NewLabel()
	g.Alu(asm.Cmp, r, limit)
	g.JccShort(asm.CondBE, fits)
	g.Mov(r, limit)
	g.Bind(fits)
}

// scale multiplies r, one of the first eight registers.
func (g *stubGen) scale(r x86.Reg, by uint32) {
	if by > 1 {
		g.Raw(0x48, 0x69, 0xc0|byte(r)<<3|byte(r)) // imul r, r, imm32
		g.Raw(byte(by), byte(by>>8), byte(by>>16), byte(by>>24))
	}
}

// copyOut appends a memory write of the RCX bytes at RSI, RCX not 0.
func (g *stubGen) copyOut() {
	g.Lea(x86.RDX, asm.Mem{Base: x86.RDI, Index: x86.RCX, Scale: 1, Disp: 32})
	g.AluLoad(asm.Cmp, x86.RDX, asm.GS(area.LogEnd))
	g.Jcc(asm.CondA, g.after)
	g.MovStore(asm.Base(x86.RDI, 0), x86.RSI)
	g.MovStore(asm.Base(x86.RDI, 8), x86.RCX)
	g.Lea(x86.RDI, asm.Base(x86.RDI, 16))
	// Zero padding: the last word first.
	g.Lea(x86.RDX, asm.Base(x86.RCX, -1))
	g.AluImm(asm.And, x86.RDX, -8)
	g.MovStoreImm32(asm.Mem{Base: x86.RDI, Index: x86.RDX, Scale: 1}, 0)
	g.RepMovsb()
	g.AluImm(asm.Add, x86.RDI, 7)
	g.AluImm(asm.And, x86.RDI, -8)
}

// iovec appends a memory write for each part of the iovec array at RSI that
// the RAX bytes of the result reach.
func (g *stubGen) iovec() {
	loop, end, part := g.NewLabel(), g.NewLabel(), g.NewLabel()
	g.MovStore(asm.GS(area.Scratch), x86.RSI)
	g.MovStore(asm.GS(area.Scratch+8), x86.RAX)
	g.Bind(loop)
	g.MovLoad(x86.RAX, asm.GS(area.Scratch+8))
	g.Test(x86.RAX, x86.RAX)
	g.Jcc(asm.CondLE, end)
	g.MovLoad(x86.RDX, asm.GS(area.Scratch))
	g.MovLoad(x86.RSI, asm.Base(x86.RDX, 0))
	g.MovLoad(x86.RCX, asm.Base(x86.RDX, 8))
	g.AluImm(asm.Add, x86.RDX, 16)
	g.MovStore(asm.GS(area.Scratch), x86.RDX)
	g.Alu(asm.Cmp, x86.RCX, x86.RAX)
	g.JccShort(asm.CondBE, part)
	g.Mov(x86.RCX, x86.RAX)
	g.Bind(part)
	g.Alu(asm.Sub, x86.RAX, x86.RCX)
	g.MovStore(asm.GS(area.Scratch+8), x86.RAX)
	g.Test(x86.RCX, x86.RCX)
	g.Jcc(asm.CondE, loop)
	g.copyOut()
	g.Jmp(loop)
	g.Bind(end)
	g.MovLoad(x86.RAX, asm.GS(area.Result))
}

// recordInsn generates the stub that executes an instruction and logs what
// it gave.
func (g *stubGen) recordInsn(s insnStub) {
	g.s.entry[s.stub] = g.PC()
	g.enter(x86.RCX)
	for _, r := range []x86.Reg{x86.RAX, x86.RBX, x86.RDX} {
		g.save(r)
	}
	g.MovLoad(x86.RCX, asm.GS(area.LogPtr))
	g.AluLoad(asm.Cmp, x86.RCX, asm.GS(area.LogEnd))
	g.in(phaseBefore, set(x86.RAX, x86.RCX, x86.RDX, x86.RSP), true)
	g.Jcc(asm.CondAE, g.nomore)
	g.restore(x86.RCX)
	s.emit(g.Buf)
	g.in(phaseAfter, 0, true)
	if s.one {
		g.MovStore(asm.GS(area.Result), x86.RAX)
		if s.spec != x86.RDPID {
			g.Pushfq()
			g.PopMem(asm.GS(area.Flags))
		}
	} else {
		for _, r := range insnRegs {
			g.save(r)
		}
	}
	g.MovLoad(x86.RCX, asm.GS(area.LogPtr))
	for i, r := range insnRegs {
		from := asm.GS(area.Save(r))
		if s.one && i == 0 {
			from = asm.GS(area.Result)
		}
		g.MovLoad(x86.RAX, from)
		g.MovStore(asm.Base(x86.RCX, evInsnRegs+8*int32(i)), x86.RAX)
	}
	g.stampTick(x86.RCX, x86.RAX)
	g.MovLoad(x86.RAX, asm.GS(area.Flags))
	g.MovStore(asm.Base(x86.RCX, evInsnFlags), x86.RAX)
	g.MovImm64(x86.RAX, evInsnSize|uint64(eventHead(event.KindInsn, 0, int(s.spec)))<<32)
	g.MovStore(asm.Base(x86.RCX, 0), x86.RAX)
	g.AluImm(asm.Add, x86.RCX, evInsnSize)
	g.MovStore(asm.GS(area.LogPtr), x86.RCX)
	g.endInsn()
}

func (g *stubGen) endInsn() {
	for _, r := range []x86.Reg{x86.RAX, x86.RBX, x86.RDX} {
		g.restore(r)
	}
	g.Jmp(g.insn)
}

// vdsoCalls are the vDSO's functions as the syscalls that they replace.
var vdsoCalls = [area.NumVDSO]vdsoCall{
	area.VDSOClockGettime: {228, []syscalls.Output{{Arg: 1, Kind: syscalls.OutFixed, Size: 16}}},
	area.VDSOGettimeofday: {96, []syscalls.Output{{Arg: 0, Kind: syscalls.OutFixed, Size: 16}, {Arg: 1, Kind: syscalls.OutFixed, Size: 8}}},
	area.VDSOTime:         {201, []syscalls.Output{{Arg: 0, Kind: syscalls.OutFixed, Size: 8}}},
	area.VDSOGetcpu:       {309, []syscalls.Output{{Arg: 0, Kind: syscalls.OutFixed, Size: 4}, {Arg: 1, Kind: syscalls.OutFixed, Size: 4}}},
	area.VDSOClockGetres:  {229, []syscalls.Output{{Arg: 1, Kind: syscalls.OutFixed, Size: 16}}},
}

// vdsoClobbered are the registers that a C function may change, besides RAX
// and RCX. The guest finds them as they were: in replay nothing runs that
// would change them.
var vdsoClobbered = [...]x86.Reg{x86.RDX, x86.RSI, x86.RDI, x86.R8, x86.R9, x86.R10, x86.R11}

// recordVDSO generates the stub that calls the real vDSO and logs what it
// gave.
func (g *stubGen) recordVDSO(fn int, call vdsoCall) {
	g.s.entry[area.StubVDSO+area.Stub(fn)] = g.PC()
	g.enter(x86.RCX)
	for _, r := range vdsoClobbered {
		g.save(r)
	}
	g.save(x86.RAX)
	// Room for the whole event: there is no way back behind the call.
	g.MovLoad(x86.RCX, asm.GS(area.LogPtr))
	g.AluImm(asm.Add, x86.RCX, logSlack)
	g.AluLoad(asm.Cmp, x86.RCX, asm.GS(area.LogEnd))
	g.in(phaseBefore, set(x86.RAX, x86.RCX, x86.RDX, x86.RSP), true)
	g.Jcc(asm.CondAE, g.nomore)
	g.Cld()
	g.MovImm64(x86.RAX, g.vdso[fn])
	g.CallReg(x86.RAX)
	g.in(phaseAfter, set(x86.RCX, x86.RSP), true)
	g.MovStore(asm.GS(area.Result), x86.RAX)
	// logSyscall wants the arguments in their registers, and ends with
	// what SYSCALL does to RCX and R11: these calls end by themselves.
	for _, r := range vdsoClobbered {
		g.restore(r)
	}
	end := g.finish
	g.finish = g.NewLabel()
	g.logSyscall(call.nr, event.FlagVDSO, call.outs, false)
	g.Bind(g.finish)
	g.finish = end
	g.endVDSO()
}

func (g *stubGen) endVDSO() {
	for _, r := range vdsoClobbered {
		g.restore(r)
	}
	g.MovLoad(x86.RAX, asm.GS(area.Result))
	g.Jmp(g.insn)
}
