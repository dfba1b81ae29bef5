package engine

import (
	"fmt"

	"hindsight/internal/area"
	"hindsight/internal/event"
	"hindsight/internal/syscalls"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// phase says how the guest's state is found, and how a thread gets to an
// instruction boundary, when it is stopped in a stub.
type phase uint8

const (
	phaseForward phase = iota // step on until a boundary
	phaseBefore               // nothing has happened yet: back to the instruction
	phaseAfter                // the result is there: run on to the stub's end
)

// stubRange holds from off up to the next range.
type stubRange struct {
	off   uint32
	phase phase
	saved x86.RegSet // registers whose guest value is in a save slot
	flags bool       // RFLAGS are in the thread area
}

// stubExit is an INT3 of a stub.
type stubExit uint8

const (
	stubMiss     stubExit = iota + 1 // no translation of the thread area's Target
	stubSyscall                      // the supervisor shall make the syscall
	stubFinish                       // the syscall is made, the supervisor shall log it
	stubInsn                         // no room in the log, or (replay) no such event there
	stubNondet                       // the instruction faults: the supervisor shall execute it
	stubForeign                      // the supervisor shall make the access to foreign memory
	stubReturned                     // what the supervisor has begun, a syscall or a probe, is over
)

// stubs is the engine's code in the arena.
type stubs struct {
	code   []byte
	entry  [area.NumStubs]uint64
	empty  uint64 // what an empty first-level entry points to
	stale  uint64 // what a second-level entry points to whose target is gone
	table  [area.Syscalls]uint64
	slow   uint64 // what leaves a syscall to the supervisor
	ranges []stubRange
	exits  map[uint32]stubExit
	bails  []bail
	// syscallAt are the offsets behind a SYSCALL instruction of a stub:
	// where a thread stands that a signal interrupted in a syscall.
	syscallAt map[uint32]bool
	// repeats are the offsets and lengths of repeated string instructions.
	repeats map[uint32]uint8
	strings [2]uint32 // where the stub of string instructions begins and ends
	slot    uint64    // where one of the guest's can be put
	done    uint64    // the JMP that ends every stub
	gadget  uint64    // SYSCALL; INT3, for the supervisor
	probes  [2]uint64 // a load, or a store of what is there, from or to where RCX points; INT3
}

// stubGen generates the stubs for one arena.
type stubGen struct {
	*asm.Buf
	s      *stubs
	arena  uint64
	replay bool
	vdso   vdsoSet
	finish asm.Label // restores the guest's registers after a syscall
	insn   asm.Label // the same after another instruction
	slow   asm.Label
	after  asm.Label
	nomore asm.Label
}

// vdsoSet says which functions a vDSO has.
type vdsoSet [area.NumVDSO]bool

func presentVDSO(addrs [area.NumVDSO]uint64) (s vdsoSet) {
	for fn, addr := range addrs {
		s[fn] = addr != 0
	}
	return s
}

// newStubs generates the engine's code for an arena at address arena.
func newStubs(arena uint64, replay bool, vdso vdsoSet) (*stubs, error) {
	g := &stubGen{
		Buf:    asm.New(arena + area.Code),
		s:      &stubs{exits: map[uint32]stubExit{}, syscallAt: map[uint32]bool{}, repeats: map[uint32]uint8{}},
		arena:  arena,
		replay: replay,
		vdso:   vdso,
	}
	for _, l := range []*asm.Label{&g.finish, &g.insn, &g.slow, &g.after, &g.nomore} {
		*l = g.NewLabel()
	}
	g.s.gadget = g.PC()
	g.in(phaseBefore, 0, false)
	g.Syscall()
	g.exit(stubReturned)
	g.s.probes[0] = g.PC()
	g.MovLoad8zx(x86.RAX, asm.Base(x86.RCX, 0))
	g.exit(stubReturned)
	g.s.probes[1] = g.PC()
	g.Raw(0xf0, 0x80, 0x09, 0) // LOCK OR BYTE PTR [RCX], 0
	g.exit(stubReturned)
	g.miss()
	g.shared()
	if replay {
		g.replayStubs()
	} else {
		g.recordStubs()
	}
	g.foreignStubs()
	g.stringStub()
	g.stringSlot()
	if err := g.Finish(); err != nil {
		return nil, fmt.Errorf("generating the stubs at %#x: %w", arena, err)
	}
	if g.Len() > area.CodeLen {
		return nil, fmt.Errorf("generating the stubs: %d bytes where %d fit", g.Len(), area.CodeLen)
	}
	g.s.code = g.Bytes()
	return g.s, nil
}

func (g *stubGen) in(p phase, saved x86.RegSet, flags bool) {
	g.s.ranges = append(g.s.ranges, stubRange{uint32(g.Len()), p, saved, flags})
}

func (g *stubGen) exit(e stubExit) {
	g.s.exits[uint32(g.Len())] = e
	g.Int3()
}

func (g *stubGen) save(r x86.Reg)    { g.MovStore(asm.GS(area.Save(r)), r) }
func (g *stubGen) restore(r x86.Reg) { g.MovLoad(r, asm.GS(area.Save(r))) }

func set(rs ...x86.Reg) (s x86.RegSet) {
	for _, r := range rs {
		s = s.With(r)
	}
	return s
}

// hash leaves the second-level index of the guest PC in RCX in RAX, times 2.
// It must agree with level2Index.
func (g *stubGen) hash() {
	g.Mov(x86.RAX, x86.RCX)
	g.Shr(x86.RAX, 16)
	g.Alu(asm.Xor, x86.RAX, x86.RCX)
	g.Shr(x86.RAX, 4)
	g.AluImm32(asm.And, x86.RAX, area.Level2Len-1)
	g.Lea(x86.RAX, asm.Mem{Base: x86.RAX, Index: x86.RAX, Scale: 1})
}

// level2Index keeps the entries of neighbouring code together: a process that
// has just begun does not touch a page of the table for each of them.
func level2Index(pc uint64) uint64 { return (pc>>16 ^ pc) >> 4 % area.Level2Len }

// step brings RAX from one slot for the guest PC in RCX to the next, and uses RDX. It
// must agree with level2Step.
func (g *stubGen) step() {
	g.Mov(x86.RDX, x86.RCX)
	g.AluImm32(asm.And, x86.RDX, 15)
	g.Shl(x86.RDX, level2Shift+1)
	g.Lea(x86.RAX, asm.Mem{Base: x86.RAX, Index: x86.RDX, Scale: 1, Disp: 2})
	g.AluImm32(asm.And, x86.RAX, 2*area.Level2Len-1)
}

// level2Step is how many slots on the next one for pc is, an odd number. Sixteen
// neighbours have the same first one: where each is an entry, as in a page of
// functions of one byte, they would fill all slots around.
func level2Step(pc uint64) uint64 { return pc&15<<level2Shift + 1 }

const level2Shift = 9 // more than a page of code has first slots

// miss is where indirect transfers go whose target is not in the first-level
// table: it looks in the second and refills the first.
func (g *stubGen) miss() {
	saved := set(x86.RCX, x86.RAX)
	g.s.entry[area.StubMiss] = g.PC()
	g.in(phaseForward, saved, false)
	// RCX = target - head, RAX = -head.
	g.Not(x86.RAX)
	g.Lea(x86.RCX, asm.Mem{Base: x86.RCX, Index: x86.RAX, Scale: 1, Disp: 1})

	g.s.empty = g.PC()
	g.MovStore(asm.GS(area.Target), x86.RCX)
	g.save(x86.RSP)
	g.MovImm64(x86.RSP, g.arena+area.StackTop)
	g.in(phaseForward, saved.With(x86.RSP), false)
	g.Pushfq()
	g.Push(x86.RDX)
	g.hash()
	probe, found, absent := g.NewLabel(), g.NewLabel(), g.NewLabel()
	g.Bind(probe)
	g.MovLoad(x86.RDX, asm.GSIndex(x86.RAX, 8, area.Level2))
	g.Test(x86.RDX, x86.RDX) // first: the target may be 0, which marks a free slot
	g.JccShort(asm.CondE, absent)
	g.Alu(asm.Cmp, x86.RDX, x86.RCX)
	g.JccShort(asm.CondE, found)
	g.step()
	g.JmpShort(probe)

	g.Bind(found)
	g.MovLoad(x86.RDX, asm.GSIndex(x86.RAX, 8, area.Level2+8))
	g.MovzxW(x86.RAX, x86.RCX)
	g.MovStore(asm.GSIndex(x86.RAX, 8, area.Level1), x86.RDX)
	g.MovStore(asm.GS(area.Scratch), x86.RDX)
	g.Pop(x86.RDX)
	g.Popfq()
	g.restore(x86.RSP)
	g.in(phaseForward, saved, false)
	g.JmpMem(asm.GS(area.Scratch))

	g.Bind(absent)
	g.in(phaseForward, saved.With(x86.RSP), false)
	g.Pop(x86.RDX)
	g.Popfq()
	g.restore(x86.RSP)
	g.in(phaseForward, saved, false)
	g.exit(stubMiss)

	g.s.stale = g.PC()
	g.MovStore(asm.GS(area.Target), x86.RCX)
	g.exit(stubMiss)
}

// shared are the ends of the stubs.
func (g *stubGen) shared() {
	g.in(phaseAfter, 0, false)
	g.Bind(g.finish)
	// SYSCALL leaves the return address in RCX and RFLAGS in R11.
	g.MovLoad(x86.RCX, asm.GS(area.NextPC))
	g.save(x86.RCX)
	g.MovLoad(x86.R11, asm.GS(area.Flags))
	g.MovLoad(x86.RAX, asm.GS(area.Result))
	g.restore(x86.RDI)
	g.restore(x86.RSI)
	g.restore(x86.RDX)
	g.Bind(g.insn)
	g.restoreFlags()
	g.restore(x86.RCX)
	g.restore(x86.RSP)
	g.s.done = g.PC()
	g.JmpMem(asm.GS(area.Cont))

	saved := set(x86.RCX, x86.R11, x86.RSP)
	g.in(phaseBefore, saved, true)
	g.Bind(g.slow)
	g.exit(stubSyscall)
	g.in(phaseAfter, set(x86.RCX, x86.R11, x86.RSP, x86.RAX, x86.RDX, x86.RSI, x86.RDI), true)
	g.Bind(g.after)
	g.exit(stubFinish)
	g.in(phaseBefore, set(x86.RAX, x86.RCX, x86.RDX, x86.RSP), true)
	g.Bind(g.nomore)
	g.exit(stubInsn)
}

// restoreFlags restores RFLAGS, of which a stub has changed the status flags and
// DF. POPF takes several times as long as what is here for a clear DF. RCX is free.
func (g *stubGen) restoreFlags() {
	status, end := g.NewLabel(), g.NewLabel()
	g.MovLoad(x86.RCX, asm.GS(area.Flags))
	g.Raw(0xf7, 0xc1, 0x00, 0x04, 0x00, 0x00) // test ecx, DF
	g.JccShort(asm.CondE, status)
	g.Push(x86.RCX)
	g.Popfq()
	g.JmpShort(end)
	g.Bind(status)
	g.Push(x86.RAX)
	g.Mov32(x86.RAX, x86.RCX)
	g.Shl(x86.RAX, 8) // AH: SF, ZF, AF, PF, CF
	g.Shr(x86.RCX, 11)
	g.AluImm(asm.And, x86.RCX, 1)
	g.Alu(asm.Or, x86.RAX, x86.RCX) // AL: OF
	g.flagsFromAX()
	g.Pop(x86.RAX)
	g.Bind(end)
}

// enter begins a stub that RCX has been saved for: RSP becomes the engine's
// stack and RFLAGS go to the thread area, through tmp, which is saved too.
func (g *stubGen) enter(tmp x86.Reg) {
	g.in(phaseBefore, set(x86.RCX), false)
	if tmp != x86.RCX {
		g.save(tmp)
	}
	g.save(x86.RSP)
	g.MovImm64(x86.RSP, g.arena+area.StackTop)
	saved := set(x86.RCX, x86.RSP, tmp)
	g.in(phaseBefore, saved, false)
	g.Pushfq()
	g.Pop(tmp)
	g.MovStore(asm.GS(area.Flags), tmp)
	g.in(phaseBefore, saved, true)
}

// syscallEntry is the common beginning of SYSCALL's stub.
func (g *stubGen) syscallEntry() {
	g.s.entry[area.StubSyscall] = g.PC()
	g.enter(x86.R11)
	g.Cld()
}

// eventHead is the second word of an event's header.
func eventHead(k event.Kind, f event.Flags, nr int) uint32 {
	return uint32(k) | uint32(f)<<8 | uint32(nr)<<16
}

// argRegs are the registers of a syscall's arguments (syscall(2)).
var argRegs = [6]x86.Reg{x86.RDI, x86.RSI, x86.RDX, x86.R10, x86.R8, x86.R9}

// insnStub describes a stub for an instruction with a foreign result.
type insnStub struct {
	stub area.Stub
	spec x86.Special
	// one: the result goes to the operand, through the thread area's
	// Result; otherwise to RAX, RBX, RCX and RDX.
	one  bool
	emit func(b *asm.Buf)
}

var insnStubs = []insnStub{
	{area.StubRDTSCP, x86.RDTSCP, false, (*asm.Buf).Rdtscp},
	{area.StubCPUID, x86.CPUID, false, (*asm.Buf).Cpuid},
	{area.StubXGETBV, x86.XGETBV, false, (*asm.Buf).Xgetbv},
	{area.StubRDRAND16, x86.RDRAND, true, func(b *asm.Buf) { b.Rdrand(x86.RAX, 2) }},
	{area.StubRDRAND32, x86.RDRAND, true, func(b *asm.Buf) { b.Rdrand(x86.RAX, 4) }},
	{area.StubRDRAND64, x86.RDRAND, true, func(b *asm.Buf) { b.Rdrand(x86.RAX, 8) }},
	{area.StubRDSEED16, x86.RDSEED, true, func(b *asm.Buf) { b.Rdseed(x86.RAX, 2) }},
	{area.StubRDSEED32, x86.RDSEED, true, func(b *asm.Buf) { b.Rdseed(x86.RAX, 4) }},
	{area.StubRDSEED64, x86.RDSEED, true, func(b *asm.Buf) { b.Rdseed(x86.RAX, 8) }},
	{area.StubRDPID, x86.RDPID, true, func(b *asm.Buf) { b.Rdpid(x86.RAX) }},
}

// tscStub generates the stub of RDTSC, which some programs execute as often
// as others call functions: it does without the engine's stack and keeps the
// flags with LAHF and SETO, which cost a tenth of PUSHF and POPF.
func (g *stubGen) tscStub(check, body func()) {
	full := g.NewLabel()
	g.s.entry[area.StubRDTSC] = g.PC()
	g.in(phaseForward, set(x86.RCX), false)
	g.save(x86.RAX)
	g.Lahf()
	g.Setcc(asm.CondO, x86.RAX)
	g.MovStore(asm.GS(area.Flags), x86.RAX)
	g.MovLoad(x86.RCX, asm.GS(area.LogPtr))
	g.AluLoad(asm.Cmp, x86.RCX, asm.GS(area.LogEnd))
	g.Jcc(asm.CondAE, full)
	check()
	body()
	g.AluImm(asm.Add, x86.RCX, evTSCSize)
	g.MovStore(asm.GS(area.LogPtr), x86.RCX)
	g.fastFlags()
	g.MovLoad32(x86.RAX, asm.Base(x86.RCX, evTSC-evTSCSize))
	g.MovLoad32(x86.RDX, asm.Base(x86.RCX, evTSC+4-evTSCSize))
	g.restore(x86.RCX)
	g.JmpMem(asm.GS(area.Cont))

	g.Bind(full)
	g.fastFlags()
	g.restore(x86.RAX)
	g.in(phaseBefore, set(x86.RCX), false)
	g.exit(stubInsn)
}

// fastFlags restores the status flags that LAHF and SETO have saved.
func (g *stubGen) fastFlags() {
	g.MovLoad(x86.RAX, asm.GS(area.Flags))
	g.flagsFromAX()
}

// flagsFromAX sets OF from AL, 0 or 1, and the other status flags from AH.
func (g *stubGen) flagsFromAX() {
	g.Raw(0x04, 0x7f) // add al, 127
	g.Sahf()
}

// insnRegs are the registers in an Insn event, in their order there.
var insnRegs = [4]x86.Reg{x86.RAX, x86.RBX, x86.RCX, x86.RDX}

// vdsoCall describes a vDSO function as the syscall that it stands for.
type vdsoCall struct {
	nr   int
	outs []syscalls.Output
}
