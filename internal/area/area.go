// Package area is the layout of the engine arena inside a tracee: what
// generated code and Go share. All offsets are relative to the GS base, which
// points to the arena's first byte while guest code runs.
//
// One arena serves one process. Only the thread that holds the baton runs
// guest code, so there is one set of save slots.
package area

import "hindsight/internal/x86"

// The thread area: 8-byte fields at the arena's start. The first sixteen are
// the save slots of the general registers, in hardware order.
const (
	Tick     = 0x80  // ticks so far (recording) or ticks to the next stop, negative (replay)
	TickBase = 0x88  // Tick + TickBase is the guest's tick
	Target   = 0x90  // guest PC that an indirect transfer goes to
	Cont     = 0x98  // host PC at which a stub returns to its fragment
	NextPC   = 0xa0  // guest PC behind the SYSCALL that a stub executes
	LogPtr   = 0xa8  // next byte of the event log buffer
	LogEnd   = 0xb0  // recording: no event may reach beyond; replay: end of the events present
	Scratch  = 0xb8  // six words private to a stub
	Flags    = 0xe8  // RFLAGS of the guest while a stub runs
	Result   = 0xf0  // result of the syscall that a stub made
	NR       = 0xf8  // number of the syscall that a stub makes
	SigMask  = 0x100 // the guest's signal mask

	// MoreTicks are further counters that a recording's branches are spread
	// over: their sum with Tick counts. Updating one counter in memory at
	// each branch would make a chain of store-to-load delays.
	MoreTicks    = 0x108
	NumMoreTicks = 7

	// Wanted is not 0 while another thread waits for the baton: calls that may
	// block then leave to the supervisor. Calling is not 0 while a stub is
	// inside the kernel.
	Wanted  = 0x140
	Calling = 0x148

	// VDSOFunc are the addresses of the vDSO's functions, in the order of VDSOFuncs.
	VDSOFunc = 0x160
	// Pauses counts, while recording, up to zero at each PAUSE: there the thread offers
	// its turn.
	Pauses = 0x188
	// GSBase is the guest's own GS base.
	GSBase = 0x1f0
	// NearProc is not 0 once relative paths may lead into /proc.
	NearProc = 0x1f8
	// ForeignLow and ForeignLen are the range that foreign memory lies in:
	// calls with a pointer into it leave to the supervisor.
	ForeignLow = 0x150
	ForeignLen = 0x158

	Stubs    = 0x200 // host addresses of the stubs, by Stub
	StubsEnd = Stubs + 8*int32(NumStubs)
)

// Save returns the offset of the save slot of r.
func Save(r x86.Reg) int32 { return int32(r) * 8 }

// Stub is a routine of the engine that fragments jump to through a pointer
// in the thread area: so fragments need not lie near it.
type Stub int32

const (
	StubMiss    Stub = iota // RCX-target comparison failed or the first-level entry is empty
	StubSyscall             // SYSCALL
	StubRDTSC
	StubRDTSCP
	StubCPUID
	StubRDRAND16
	StubRDRAND32
	StubRDRAND64
	StubRDSEED16
	StubRDSEED32
	StubRDSEED64
	StubRDPID
	StubXGETBV
	StubVDSO // first of the vDSO functions, in the order of VDSOFuncs
	// StubForeign is the first of those that ForeignStub.At tells apart.
	StubForeign = StubVDSO + NumVDSO
	StubString  = StubForeign + Stub(NumForeign)*foreignSizes
	NumStubs    = StubString + 1
)

// VDSO functions that have a stub.
const (
	VDSOClockGettime = iota
	VDSOGettimeofday
	VDSOTime
	VDSOGetcpu
	VDSOClockGetres
	NumVDSO
)

// VDSOFuncs names the vDSO functions as its symbol table does (vdso(7)).
var VDSOFuncs = [NumVDSO]string{
	"__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time", "__vdso_getcpu", "__vdso_clock_getres",
}

// Ptr returns the offset of the pointer to s.
func (s Stub) Ptr() int32 { return Stubs + 8*int32(s) }

// The rest of the arena.
const (
	StackLow  = 0x1000 // the engine's stack, for stubs
	StackTop  = 0x5000
	SyscallTb = 0x6000 // host address of each syscall's stub, by number
	Syscalls  = 512    // entries there; larger numbers go to the supervisor
	Level1    = 0x8000 // indirect targets: host address by the guest PC's low 16 bits
	Level1Len = 1 << 16
	Level2    = Level1 + Level1Len*8 // open-addressed {guest PC, host address}
	Level2Len = 1 << 18
	Code      = Level2 + Level2Len*16 // the stubs' code
	CodeLen   = 1 << 18
	Log       = Code + CodeLen // the event log buffer
	LogLen    = 4 << 20
	Spare     = Log + LogLen // memory that blocked calls write to
	SpareLen  = 16 << 20
	Size      = Spare + SpareLen
)
