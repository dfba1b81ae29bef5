package engine

import (
	"slices"

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
	g.foreignArgs()
	g.AluImm(asm.Cmp, x86.RAX, area.Syscalls)
	g.Jcc(asm.CondAE, g.slow)
	g.JmpMem(asm.GSIndex(x86.RAX, 8, area.SyscallTb))
	g.s.slow = g.Addr(g.slow)
	for nr := range g.s.table {
		g.s.table[nr] = g.s.slow
		row, ok := syscalls.ByNumber(nr)
		switch {
		case !ok:
		case row.Commands != nil:
			g.s.table[nr] = g.PC()
			g.commands(row)
		case nr == sysRtSigaction:
			g.s.table[nr] = g.PC()
			g.queryAction(row)
		case row.Fast:
			g.s.table[nr] = g.PC()
			g.fastSyscall(nr, row.Out, row.Blocks || nr == sysSchedYield)
		}
	}
	g.recordTSC()
	for _, s := range insnStubs {
		g.recordInsn(s)
	}
	for fn, call := range vdsoCalls {
		if g.vdso[fn] {
			g.recordVDSO(fn, call)
		}
	}
}

// recordTSC generates the stub that reads the time stamp, which a program can
// forbid itself (PR_SET_TSC).
func (g *stubGen) recordTSC() {
	var from, to uint32
	g.tscStub(func() {}, func() {
		from = uint32(g.Len())
		g.Rdtsc()
		to = uint32(g.Len())
		g.MovStore32(asm.Base(x86.RCX, evTSC), x86.RAX)
		g.MovStore32(asm.Base(x86.RCX, evTSC+4), x86.RDX)
		g.MovImm64(x86.RAX, evTSCSize|uint64(eventHead(event.KindTSC, 0, 0))<<32)
		g.MovStore(asm.Base(x86.RCX, 0), x86.RAX)
		g.stampTick(x86.RCX, x86.RAX)
	})
	g.in(phaseForward, set(x86.RCX), false)
	g.s.bails = append(g.s.bails, bail{from, to, g.PC()})
	g.fastFlags()
	g.restore(x86.RAX)
	g.in(phaseBefore, set(x86.RCX), false)
	g.exit(stubNondet)
}

// foreignArgs leaves for the supervisor where an argument may point to foreign
// memory, which the kernel could not access.
func (g *stubGen) foreignArgs() {
	none := g.NewLabel()
	g.AluMemImm(asm.Cmp, asm.GS(area.ForeignLen), 0)
	g.Jcc(asm.CondE, none)
	for _, r := range argRegs {
		g.Mov(x86.RCX, r)
		g.AluLoad(asm.Sub, x86.RCX, asm.GS(area.ForeignLow))
		g.AluLoad(asm.Cmp, x86.RCX, asm.GS(area.ForeignLen))
		g.Jcc(asm.CondB, g.slow)
	}
	g.Bind(none)
}

// commands generates the stub of a call that is many in one: the fast ones
// among its commands are told apart by comparing, the others leave unless the
// row itself is fast.
func (g *stubGen) commands(row *syscalls.Row) {
	g.in(phaseBefore, set(x86.RCX, x86.R11, x86.RSP), true)
	g.Mov32(x86.R11, argRegs[row.CmdArg])
	if row.CmdMask != 0xffffffff {
		g.AluImm32(asm.And, x86.R11, int32(row.CmdMask))
	}
	// Most commands write the same as others: those share their code.
	type body struct {
		outs   []syscalls.Output
		blocks bool
		label  asm.Label
	}
	var bodies []body
	for _, c := range row.Commands {
		to := g.slow
		if c.Fast {
			i := slices.IndexFunc(bodies, func(b body) bool { return b.blocks == c.Blocks && slices.Equal(b.outs, c.Out) })
			if i < 0 {
				i = len(bodies)
				bodies = append(bodies, body{c.Out, c.Blocks, g.NewLabel()})
			}
			to = bodies[i].label
		} else if !row.Fast {
			continue
		}
		g.AluImm32(asm.Cmp, x86.R11, int32(uint32(c.Cmd)))
		g.Jcc(asm.CondE, to)
	}
	if row.Fast {
		g.fastSyscall(row.NR, row.Out, row.Blocks)
	} else {
		g.Jmp(g.slow)
	}
	for _, b := range bodies {
		g.Bind(b.label)
		g.fastSyscall(row.NR, b.outs, b.blocks)
	}
}

// fastSyscall generates the stub that makes a syscall and logs it. One that
// may block is left to the supervisor if another thread could run meanwhile.
func (g *stubGen) fastSyscall(nr int, outs []syscalls.Output, blocks bool) {
	g.in(phaseBefore, set(x86.RCX, x86.R11, x86.RSP), true)
	if blocks {
		g.AluMemImm(asm.Cmp, asm.GS(area.Wanted), 0)
		g.Jcc(asm.CondNE, g.slow)
	}
	g.MovStore(asm.GS(area.NR), x86.RAX)
	g.MovStore(asm.GS(area.Calling), x86.RSP)
	g.Syscall()
	g.s.syscallAt[uint32(g.Len())] = true
	g.in(phaseAfter, set(x86.RCX, x86.R11, x86.RSP), true)
	g.MovStoreImm32(asm.GS(area.Calling), 0)
	g.MovStore(asm.GS(area.Result), x86.RAX)
	g.save(x86.RAX)
	if nr == sysRtSigprocmask {
		g.fetchMask()
	}
	g.logSyscall(nr, 0, outs, true)
}

// queryAction is fastSyscall for an rt_sigaction that changes nothing: posix_spawn
// makes one for each signal. The disposition of SIGTRAP is not always the
// guest's.
func (g *stubGen) queryAction(row *syscalls.Row) {
	g.in(phaseBefore, set(x86.RCX, x86.R11, x86.RSP), true)
	g.Mov32(x86.R11, x86.RDI)
	g.AluImm(asm.Cmp, x86.R11, sigtrap)
	g.Jcc(asm.CondE, g.slow)
	g.Test(x86.RSI, x86.RSI)
	g.Jcc(asm.CondNE, g.slow)
	g.fastSyscall(row.NR, row.Out, false)
}

const (
	sigtrap          = 5
	sysRtSigaction   = 13
	sysRtSigprocmask = 14
	sysSchedYield    = 24
)

// fetchMask puts the thread's signal mask into the thread area, and keeps
// the result in RAX. After EFAULT the supervisor makes the call again, and
// needs the mask from before.
func (g *stubGen) fetchMask() {
	again := g.NewLabel()
	g.AluImm(asm.Cmp, x86.RAX, -efault)
	g.Jcc(asm.CondE, again)
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
	g.Bind(again)
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
	if arg, ok := paths[nr]; ok {
		g.procPath(arg)
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

const (
	eintr  = 4
	efault = 14
)

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
	before := set(x86.RAX, x86.RCX, x86.RDX, x86.RSP)
	g.in(phaseBefore, before, true)
	g.Jcc(asm.CondAE, g.nomore)
	g.restore(x86.RCX)
	from := uint32(g.Len())
	s.emit(g.Buf)
	to := uint32(g.Len())
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

	g.in(phaseBefore, before, true)
	g.s.bails = append(g.s.bails, bail{from, to, g.PC()})
	g.exit(stubNondet)
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
	g.MovLoad(x86.RAX, asm.GS(area.VDSOFunc+8*int32(fn)))
	g.CallReg(x86.RAX)
	g.in(phaseAfter, set(x86.RCX, x86.RSP), true)
	g.MovStore(asm.GS(area.Result), x86.RAX)
	// logSyscall wants the arguments in their registers, and ends with
	// what SYSCALL does to RCX and R11: these calls end by themselves.
	for _, r := range argRegs[:3] {
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
