package x86

// How to add an instruction
//
// Every instruction form is one row of a table:
//
//	tables_int.go     one-byte opcodes and the general-purpose part of 0F
//	tables_group.go   opcodes that ModRM.reg extends (and 0F 01, by all of ModRM)
//	tables_simd.go    0F with a mandatory prefix: legacy SSE, VEX map 1, EVEX map 1
//	tables_simd38.go  0F38 and VEX/EVEX map 2
//	tables_simd3a.go  0F3A and VEX/EVEX map 3
//	tables_fp16.go    EVEX maps 5 and 6
//	tables_amd.go     XOP maps 8-10, 3DNow! suffixes
//	tables_x87.go     D8-DF
//
// A row gives the opcode, a count of consecutive opcodes that behave alike,
// and an attr: the bits below, ORed. A SIMD row adds the mandatory prefixes
// and the encodings (lg legacy, vx VEX, ev EVEX) it stands for, so one row
// describes ADDPS, VADDPS and the EVEX VADDPS.
//
//  1. Say what happens to the ModRM operand: rR, rW or both. Add rmGPR where
//     its register form is a general register. hasM alone means that ModRM is
//     there but no operand of interest (NOP, prefetch). Vector, mask and x87
//     registers are not tracked.
//  2. Say the same for ModRM.reg (gR, gW), VEX.vvvv (vR, vW) and the register
//     in the opcode's low bits (oR, oW), where they are general registers.
//  3. Give the operand size (os1, osV, ...) of an integer instruction, and the
//     memory size (mVL, m8, ...) where it is not the operand size. For EVEX
//     the memory size is also the N of disp8*N; bcW or bc2 allow broadcast.
//  4. Give the immediate, the flags class, and, where they apply, the flow,
//     the special, and the implicit operands.
//
// TestOracles compares length and memory operand of random instances with
// objdump and Zydis, TestEffectsOnCPU the effects of integer instructions with
// this machine's CPU (add the opcode to integerOpcodes).

// attr describes one instruction form. Zero means that there is none.
type attr uint64

// Widths and places of attr's fields.
const (
	immShift, immMask     = 0, 0xf
	memShift, memMask     = 4, 0x3f
	osShift, osMask       = 10, 0x7
	flagShift, flagMask   = 24, 0x3f
	flowShift, flowMask   = 30, 0xf
	specShift, specMask   = 34, 0x3f
	implShift, implMask   = 40, 0x3f
	groupShift, groupMask = 46, 0x3f
)

// Single bits.
const (
	hasM    attr = 1 << 13 // ModRM follows
	rRbit   attr = 1 << 14
	rWbit   attr = 1 << 15
	rmGPR   attr = 1 << 16 // ModRM.rm is a general register when it is a register
	rm8     attr = 1 << 17 // ... a byte register, whatever the operand size
	gRbit   attr = 1 << 18
	gWbit   attr = 1 << 19
	vR      attr = 1 << 20 // VEX.vvvv is a general register and read
	vW      attr = 1 << 21
	oR      attr = 1 << 22 // the register in the opcode's low three bits is read
	oW      attr = 1 << 23
	lock    attr = 1 << 52 // LOCK allowed (with a memory operand)
	memOnly attr = 1 << 53 // ModRM.mod = 3 is undefined
	regOnly attr = 1 << 54 // only ModRM.mod = 3 is defined
	bcW     attr = 1 << 55 // EVEX.b broadcasts 4 bytes, or 8 with W
	bc2     attr = 1 << 56 // EVEX.b broadcasts 2 bytes
	vsib    attr = 1 << 57 // the SIB index is a vector register
	repOK   attr = 1 << 58 // F2/F3 repeats
	zeroing attr = 1 << 59 // same register twice: the result does not depend on it
	useAddr attr = 1 << 60 // computes the address without accessing memory (LEA)
	noMem   attr = 1 << 61 // ModRM.mod is ignored: always registers (MOV CR, MOV DR)
	popAddr attr = 1 << 62 // an RSP-based address counts from after the pop
	ok      attr = 1 << 63 // nothing else to say
)

// Operands, as rows combine them. G, E, B are the manuals' letters for the
// general register of ModRM.reg, the general register or memory of ModRM.rm,
// and the general register of VEX.vvvv.
const (
	rR  = hasM | rRbit
	rW  = hasM | rWbit
	rRW = rR | rW

	eR  = rR | rmGPR
	eW  = rW | rmGPR
	eRW = rRW | rmGPR

	gR  = hasM | gRbit
	gW  = hasM | gWbit
	gRW = gR | gW
	oRW = oR | oW
)

// Immediates.
const (
	_     attr = iota << immShift
	iB         // 1 byte, sign-extended
	iU         // 1 byte, zero-extended
	iW         // 2 bytes, zero-extended
	iZ         // 2 or 4 bytes by operand size, sign-extended
	iV         // 2, 4 or 8 bytes by operand size
	iD         // 4 bytes
	iWB        // ENTER: 2 bytes and 1 byte
	iBB        // EXTRQ, INSERTQ: 1 byte and 1 byte
	iMoff      // an address of 8 bytes, or 4 with prefix 67
	iRel8      // branch displacements
	iRel32
	iRelZ // XBEGIN: 2 bytes with prefix 66, else 4
)

// Operand sizes.
const (
	_   attr = iota << osShift
	os1      // 1 byte
	osV      // 2, 4 or 8 bytes: prefix 66, none, REX.W
	osY      // 4 or 8 bytes: W
	osD      // 8 bytes, or 2 with prefix 66: PUSH, POP, ENTER, LEAVE
	os8      // always 8 bytes: near branches
)

// Memory operand sizes. Zero means the operand size.
const (
	_      attr = iota << memShift
	m1          // fixed sizes
	m2          //
	m4          //
	m8          //
	m10         //
	m16         //
	m32         //
	m48         // AESENC128KL's handle
	m64         //
	m512        // FXSAVE area
	mState      // depends on run-time state: Size 0
	mY          // 4, or 8 with W
	mYY         // 8, or 16 with W
	mFar        // offset and selector
	mEnv        // x87 environment: 28, or 14 with prefix 66
	mSave       // x87 environment and registers: 108, or 94 with prefix 66
	mVL         // vector length
	mHalf       // half, quarter, eighth of it
	mQuart      //
	mEight      //
	mHW         // half, or all with W
	mDup        // MOVDDUP: 8 for 128 bits, else vector length
	mExp        // vector length; disp8 counts elements of 4 or (W) 8 bytes
	mExpB       // vector length; disp8 counts elements of 1 or (W) 2 bytes
	mK          // KMOVW, KMOVQ: 2, or 8 with W
	mKB         // KMOVB, KMOVD: 1, or 4 with W
)

func (a attr) imm() attr        { return a & (immMask << immShift) }
func (a attr) mem() attr        { return a & (memMask << memShift) }
func (a attr) opSize() attr     { return a & (osMask << osShift) }
func (a attr) flags() uint8     { return uint8(a >> flagShift & flagMask) }
func (a attr) flow() Flow       { return Flow(a >> flowShift & flowMask) }
func (a attr) special() Special { return Special(a >> specShift & specMask) }
func (a attr) implied() uint8   { return uint8(a >> implShift & implMask) }
func (a attr) group() uint8     { return uint8(a >> groupShift & groupMask) }

// Flow classes as attributes.
const (
	jmp      = attr(FlowJmp) << flowShift
	jcc      = attr(FlowJcc) << flowShift
	call     = attr(FlowCall) << flowShift
	jmpInd   = attr(FlowJmpInd) << flowShift
	callInd  = attr(FlowCallInd) << flowShift
	ret      = attr(FlowRet) << flowShift
	far      = attr(FlowFar) << flowShift
	sysc     = attr(FlowSyscall) << flowShift
	sysenter = attr(FlowSysenter) << flowShift
	interr   = attr(FlowInt) << flowShift
	int3     = attr(FlowInt3) << flowShift
	undef    = attr(FlowUndef) << flowShift
	priv     = attr(FlowPriv) << flowShift
	xbegin   = attr(FlowXbegin) << flowShift
)

// Specials as attributes.
const (
	sRDTSC    = attr(RDTSC) << specShift
	sRDTSCP   = attr(RDTSCP) << specShift
	sCPUID    = attr(CPUID) << specShift
	sRDRAND   = attr(RDRAND) << specShift
	sRDSEED   = attr(RDSEED) << specShift
	sRDPID    = attr(RDPID) << specShift
	sRDPMC    = attr(RDPMC) << specShift
	sXGETBV   = attr(XGETBV) << specShift
	sSGDT     = attr(SGDT) << specShift
	sLSL      = attr(LSL) << specShift
	sXSAVE    = attr(XSAVE) << specShift
	sXSAVEC   = attr(XSAVEC) << specShift
	sXSAVEOPT = attr(XSAVEOPT) << specShift
	sXRSTOR   = attr(XRSTOR) << specShift
	sFXSAVE   = attr(FXSAVE) << specShift
	sFXRSTOR  = attr(FXRSTOR) << specShift
	sFNSTENV  = attr(FNSTENV) << specShift
	sRDFSBASE = attr(RDFSBASE) << specShift
	sWRFSBASE = attr(WRFSBASE) << specShift
	sRDGSBASE = attr(RDGSBASE) << specShift
	sWRGSBASE = attr(WRGSBASE) << specShift
	sPUSHF    = attr(PUSHF) << specShift
	sPOPF     = attr(POPF) << specShift
	sMOVSEG   = attr(MOVSEG) << specShift
	sRDPKRU   = attr(RDPKRU) << specShift
	sWRPKRU   = attr(WRPKRU) << specShift
	sXEND     = attr(XEND) << specShift
	sXTEST    = attr(XTEST) << specShift
	sLOOP     = attr(LOOP) << specShift
	sPAUSE    = attr(PAUSE) << specShift
	sSTRING   = attr(STRING) << specShift
	sMONITORX = attr(MONITORX) << specShift
	sAPPROX   = attr(APPROX) << specShift
)
