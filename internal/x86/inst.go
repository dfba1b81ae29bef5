// Package x86 decodes 64-bit-mode x86 instructions, as far as a binary
// translator and a debugger need them: length, operand bytes, control flow,
// registers, flags and memory accesses. It is pure: it knows no process.
package x86

// Reg is a general register by its hardware number.
type Reg uint8

// The general registers, numbered as ModRM, SIB and REX encode them.
const (
	RAX Reg = iota
	RCX
	RDX
	RBX
	RSP
	RBP
	RSI
	RDI
	R8
	R9
	R10
	R11
	R12
	R13
	R14
	R15
	RIP       // base of a RIP-relative operand
	NoReg Reg = 0xff
)

// RegSet is a set of general registers; bit n stands for register n.
type RegSet uint16

// Has reports whether r is in s.
func (s RegSet) Has(r Reg) bool { return r < 16 && s&(1<<r) != 0 }

// With returns s with r added.
func (s RegSet) With(r Reg) RegSet {
	if r < 16 {
		return s | 1<<r
	}
	return s
}

// Flags is a set of RFLAGS bits, at their places in RFLAGS (SDM vol. 1, 3.4.3).
type Flags uint32

const (
	CF Flags = 1 << 0
	PF Flags = 1 << 2
	AF Flags = 1 << 4
	ZF Flags = 1 << 6
	SF Flags = 1 << 7
	TF Flags = 1 << 8
	OF Flags = 1 << 11
	DF Flags = 1 << 10

	// StatusFlags are the six arithmetic flags.
	StatusFlags = CF | PF | AF | ZF | SF | OF
)

// Flow says how an instruction passes control on.
type Flow uint8

const (
	FlowNext     Flow = iota // to the next instruction
	FlowJmp                  // direct jump to Target
	FlowJcc                  // conditional direct jump to Target: Jcc, LOOP*, JCXZ family
	FlowCall                 // direct near call of Target
	FlowJmpInd               // near jump through a register or memory
	FlowCallInd              // near call through a register or memory
	FlowRet                  // near return; Imm is the number of bytes popped besides the address
	FlowFar                  // far jump, call, return; IRET
	FlowSyscall              // SYSCALL
	FlowSysenter             // SYSENTER, SYSEXIT, SYSRET
	FlowInt                  // INT n (Imm), INT1, INTO
	FlowInt3                 // INT3
	FlowUndef                // UD0, UD1, UD2, and every encoding that raises #UD on every CPU
	FlowPriv                 // privileged in user mode: HLT, IN, OUT, CLI, MOV CR, ... raises #GP
	FlowXbegin               // XBEGIN; Target is the abort handler
)

// Special names the instructions that a translator must not simply copy.
type Special uint8

const (
	Plain Special = iota
	RDTSC
	RDTSCP
	CPUID
	RDRAND
	RDSEED
	RDPID
	RDPMC
	XGETBV
	SGDT // SGDT, SIDT, SLDT, STR, SMSW: descriptor-table state of the kernel
	LSL  // LSL, LAR, VERR, VERW: depend on the kernel's descriptors
	XSAVE
	XSAVEC
	XSAVEOPT
	XRSTOR
	FXSAVE
	FXRSTOR
	FNSTENV // FNSTENV and FNSAVE: store the host's instruction pointer
	RDFSBASE
	WRFSBASE
	RDGSBASE
	WRGSBASE
	PUSHF
	POPF
	MOVSEG // writes a segment register
	RDPKRU
	WRPKRU
	XEND // XEND, XABORT
	XTEST
	LOOP     // LOOP, LOOPE, LOOPNE, JCXZ, JECXZ, JRCXZ: short reach only
	STRING   // MOVS, STOS, LODS, SCAS, CMPS (INS and OUTS are FlowPriv)
	MONITORX // MONITORX, MWAITX, UMONITOR, UMWAIT, TPAUSE
	APPROX   // RCPPS, RSQRTPS and kin, FSIN and kin: results differ between makers
	PAUSE
)

// Access says what an instruction does with an operand.
type Access uint8

const (
	Read  Access = 1 << 0
	Write Access = 1 << 1
)

// Mem is one memory operand. The address is segment base + Base + Index*Scale
// + Disp, cut to 32 bits when Addr32 is set. For a RIP-relative operand Base
// is RIP and Disp is relative to the next instruction. EVEX's disp8*N is
// scaled already. Registers have the values from before the instruction, so a
// POP to an RSP-based address has the pop in Disp. XLAT's index, AL, and the
// distance that a register operand of BT adds are not in the address; the
// Size of those BTs is 0.
type Mem struct {
	Base, Index Reg // NoReg where absent
	Scale       uint8
	Disp        int64
	Seg         uint8 // 0 (flat), 0x64 (FS) or 0x65 (GS)
	Addr32      bool
	Size        uint16 // bytes; 0 where it depends on run-time state (XSAVE, masks excepted: the full width counts)
	Access      Access
	VSIB        bool // gather/scatter: Index is a vector register's number, Size one element's
}

// Inst is one decoded instruction. The zero value is not meaningful.
type Inst struct {
	PC   uint64
	Len  uint8
	Flow Flow
	Spec Special

	Rep    uint8 // 0, 0xf2 or 0xf3 where it repeats a string instruction
	Lock   bool
	OpSize uint8 // operand size in bytes of a legacy integer instruction (1, 2, 4, 8), else 0
	Cond   uint8 // condition code 0-15 of a Jcc (not of LOOP and JCXZ)

	Target uint64 // of a direct transfer
	Imm    int64  // the (last) immediate, sign-extended as the CPU does

	HasModRM bool
	ModRM    uint8
	ModRMOff uint8 // offsets into the instruction's bytes; 0 where absent
	DispOff  uint8
	DispLen  uint8
	ImmOff   uint8
	ImmLen   uint8
	RIPRel   bool // the ModRM operand is RIP-relative: a 4-byte displacement at DispOff

	OpMap  uint8 // 0 one-byte, 1 0F, 2 0F38, 3 0F3A, 5 and 6 EVEX maps, 8-10 XOP, 15 3DNow!
	Opcode uint8
	Prefix uint8 // mandatory or VEX.pp prefix: 0, 0x66, 0xf3, 0xf2
	Enc    Enc
	Masked bool  // EVEX.aaa is not 0: not all of a memory operand may be accessed
	REX    uint8 // REX byte, or the W/R/X/B bits of VEX, EVEX, XOP in REX's layout; 0 where none

	RegsRead, RegsWritten   RegSet // implicit operands and address registers included; supersets where in doubt
	FlagsRead, FlagsWritten Flags  // FlagsWritten: may change or leave undefined
	FlagsKilled             Flags  // certainly defined or undefined anew, whatever the operands

	mems  [2]Mem
	nmems uint8
}

// Enc is the family of an instruction's encoding.
type Enc uint8

const (
	Legacy Enc = iota
	VEX
	EVEX
	XOP
	REX2 // APX
)

// Next returns the address behind the instruction.
func (i *Inst) Next() uint64 { return i.PC + uint64(i.Len) }

// Mems returns the memory operands, explicit and implicit (stack, string),
// in the order explicit first. LEA, NOP and prefetches have none.
func (i *Inst) Mems() []Mem { return i.mems[:i.nmems] }
