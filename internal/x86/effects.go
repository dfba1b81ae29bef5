package x86

// flagEffect is what one class of instructions does to the flags.
//
// killed holds what the manuals define, and, of what they leave undefined,
// only AF after AND, OR, XOR, TEST (which every CPU clears). Other undefined
// flags do pass through some CPUs unchanged (measured on Zen 3: BT, BSF, TZCNT,
// IMUL), and a translator that clobbered them would be seen.
type flagEffect struct{ read, written, killed Flags }

// Flag classes; the values index flagEffects.
const (
	_       attr = iota << flagShift
	fSix         // all six defined: ADD, SUB, CMP, NEG, POPCNT, COMISD, PTEST, RDRAND...
	fCarry       // ADC, SBB
	fLogic       // AND, OR, XOR, TEST
	fIncDec      // all but CF
	fShift       // SHL, SHR, SAR, SHLD, SHRD: nothing for a count of 0
	fRot         // ROL, ROR
	fRotC        // RCL, RCR
	fMul         // CF and OF defined
	fDiv         // none defined
	fBit         // BT and kin: CF defined, ZF untouched
	fScan        // BSF, BSR: ZF defined
	fCount       // TZCNT, LZCNT: CF and ZF defined
	fCond        // reads what the condition in the opcode needs
	fCF          // CLC, STC
	fCMC         //
	fDF          // CLD, STD
	fLAHF        //
	fSAHF        //
	fPUSHF       //
	fPOPF        // POPF, IRET
	fString      // reads DF
	fStrCmp      // SCAS, CMPS: nothing killed when repeated (count 0)
	fZF          // CMPXCHG16B, LAR, VERR
	fComi        // FCOMI: CF, PF, ZF defined
	fBMI         // ANDN, BLSR, BZHI, TBM: AF and PF undefined
	fBEXTR       // CF, OF, ZF defined
	fADCX        //
	fADOX        //
	fLoopE       // reads ZF
	fFCMOV       // reads CF, PF, ZF
	fKernel      // reads and may change everything: SYSCALL, INT
)

var flagEffects = [...]flagEffect{
	fSix >> flagShift:    {0, StatusFlags, StatusFlags},
	fCarry >> flagShift:  {CF, StatusFlags, StatusFlags},
	fLogic >> flagShift:  {0, StatusFlags, StatusFlags},
	fIncDec >> flagShift: {0, StatusFlags &^ CF, StatusFlags &^ CF},
	fShift >> flagShift:  {0, StatusFlags, 0}, // counts: see shiftFlags
	fRot >> flagShift:    {0, CF | OF, 0},
	fRotC >> flagShift:   {CF, CF | OF, 0},
	fMul >> flagShift:    {0, StatusFlags, CF | OF},
	fDiv >> flagShift:    {0, StatusFlags, 0},
	fBit >> flagShift:    {0, StatusFlags &^ ZF, CF},
	fScan >> flagShift:   {0, StatusFlags, ZF},
	fCount >> flagShift:  {0, StatusFlags, CF | ZF},
	fCF >> flagShift:     {0, CF, CF},
	fCMC >> flagShift:    {CF, CF, CF},
	fDF >> flagShift:     {0, DF, DF},
	fLAHF >> flagShift:   {StatusFlags &^ OF, 0, 0},
	fSAHF >> flagShift:   {0, StatusFlags &^ OF, StatusFlags &^ OF},
	fPUSHF >> flagShift:  {StatusFlags | DF | TF, 0, 0},
	fPOPF >> flagShift:   {0, StatusFlags | DF | TF, StatusFlags | DF | TF},
	fString >> flagShift: {DF, 0, 0},
	fStrCmp >> flagShift: {DF, StatusFlags, StatusFlags},
	fZF >> flagShift:     {0, ZF, ZF},
	fComi >> flagShift:   {0, StatusFlags, CF | PF | ZF},
	fBMI >> flagShift:    {0, StatusFlags, CF | OF | SF | ZF},
	fBEXTR >> flagShift:  {0, StatusFlags, CF | OF | ZF},
	fADCX >> flagShift:   {CF, CF, CF},
	fADOX >> flagShift:   {OF, OF, OF},
	fLoopE >> flagShift:  {ZF, 0, 0},
	fFCMOV >> flagShift:  {CF | PF | ZF, 0, 0},
	fKernel >> flagShift: {StatusFlags | DF | TF, StatusFlags | DF | TF, 0},
}

// condFlags are the flags that each pair of condition codes reads.
var condFlags = [8]Flags{OF, CF, ZF, CF | ZF, SF, PF, SF | OF, SF | OF | ZF}

// flagSets fills the flag fields.
func (d *decoder) flagSets() {
	in := d.inst
	class := attr(d.a.flags()) << flagShift
	e := &flagEffects[d.a.flags()]
	in.FlagsRead, in.FlagsWritten, in.FlagsKilled = e.read, e.written, e.killed
	switch class {
	case fCond:
		in.FlagsRead = condFlags[in.Opcode>>1&7]
	case fShift, fRot, fRotC:
		in.FlagsKilled = shiftFlags(class, in)
	case fStrCmp:
		if in.Rep != 0 {
			in.FlagsKilled = 0
		}
	}
}

// shiftFlags says which flags a shift or rotate certainly replaces. A masked
// count of 0 leaves all of them alone; OF is defined for a count of 1 only,
// and rotates through carry take the count modulo the width plus one.
func shiftFlags(class attr, in *Inst) Flags {
	var count int64
	switch {
	case in.ImmLen == 1 && in.OpSize == 8:
		count = in.Imm & 63
	case in.ImmLen == 1:
		count = in.Imm & 31
	case in.OpMap == 0 && in.Opcode&^1 == 0xd0: // D0, D1
		count = 1
	}
	switch {
	case count == 0 || class == fRotC && count != 1:
		return 0
	case class == fShift && count >= int64(in.OpSize)*8: // CF, for one, is undefined
		return SF | ZF | PF
	case class == fShift:
		return StatusFlags&^(AF|OF) | oneCount(count)
	default:
		return CF | oneCount(count)
	}
}

func oneCount(count int64) Flags {
	if count == 1 {
		return OF
	}
	return 0
}

// implied is what an instruction does besides its encoded operands.
type implied struct {
	read, written RegSet
	mem           [2]impliedMem
}

// impliedMem is a memory operand that the encoding does not show. Size 0 is
// the operand size, push means that it lies below the base by its size.
type impliedMem struct {
	base   Reg
	access Access
	size   uint8
	push   bool
	seg    bool // FS and GS prefixes apply
	addr   bool // prefix 67 applies
}

const (
	sRAX = RegSet(1) << RAX
	sRCX = RegSet(1) << RCX
	sRDX = RegSet(1) << RDX
	sRBX = RegSet(1) << RBX
	sRSP = RegSet(1) << RSP
	sRBP = RegSet(1) << RBP
	sRSI = RegSet(1) << RSI
	sRDI = RegSet(1) << RDI
	sR11 = RegSet(1) << R11
	// sArgs are what Linux reads as system call number and arguments.
	sArgs = sRAX | sRDI | sRSI | sRDX | 1<<R10 | 1<<R8 | 1<<R9
	sAll  = RegSet(0xffff)
)

// Implied operands; the values index implieds.
const (
	_        attr = iota << implShift
	xAccR         // accumulator
	xAccW         //
	xAccRW        //
	xPush         //
	xPop          //
	xEnter        //
	xLeave        //
	xCWD          // RAX to RDX
	xMul          // RDX:RAX = RAX * operand
	xDiv          // RDX:RAX both ways
	xMulx         // reads RDX
	xCL           // count in CL
	xMovs         //
	xCmps         //
	xStos         //
	xLods         //
	xScas         //
	xXlat         //
	xLoop         // RCX counted
	xRCX          // RCX tested
	xCx8          // CMPXCHG8B, CMPXCHG16B
	xCPUID        //
	xTSC          // EDX:EAX written
	xTSCP         // and ECX
	xPMC          // EDX:EAX by ECX: RDPMC, XGETBV, RDPRU, RDPKRU
	xPKRU         // WRPKRU: all three read
	xXsave        // EDX:EAX mask
	xSyscall      //
	xInt          // INT n: any register may come back changed
	xMaskQ        // MASKMOVQ
	xMaskDQ       // MASKMOVDQU
	xClzero       //
	xMonitor      //
	xStrE         // PCMPESTRM
	xStrEI        // PCMPESTRI
	xStrI         // PCMPISTRI
	xDst64        // MOVDIR64B, ENQCMD: 64 bytes at the address in ModRM.reg
	xUmwait       // EDX:EAX deadline
	xXbegin       // EAX on abort
	xMwaitx       // hints in EAX and ECX, timeout in EBX
)

func src(size uint8) impliedMem {
	return impliedMem{base: RSI, access: Read, size: size, seg: true, addr: true}
}

func dst(a Access, size uint8) impliedMem {
	return impliedMem{base: RDI, access: a, size: size, addr: true}
}

var implieds = [...]implied{
	xAccR >> implShift:  {read: sRAX},
	xAccW >> implShift:  {written: sRAX},
	xAccRW >> implShift: {read: sRAX, written: sRAX},
	xPush >> implShift:  {read: sRSP, written: sRSP, mem: [2]impliedMem{{base: RSP, access: Write, push: true}}},
	xPop >> implShift:   {read: sRSP, written: sRSP, mem: [2]impliedMem{{base: RSP, access: Read}}},
	// ENTER with a nesting level copies that many frame pointers more.
	xEnter >> implShift: {read: sRSP | sRBP, written: sRSP | sRBP, mem: [2]impliedMem{{base: RSP, access: Write, push: true}}},
	xLeave >> implShift: {read: sRBP, written: sRSP | sRBP, mem: [2]impliedMem{{base: RBP, access: Read}}},
	xCWD >> implShift:   {read: sRAX, written: sRDX},
	xMul >> implShift:   {read: sRAX, written: sRAX | sRDX},
	xDiv >> implShift:   {read: sRAX | sRDX, written: sRAX | sRDX},
	xMulx >> implShift:  {read: sRDX},
	xCL >> implShift:    {read: sRCX},
	xMovs >> implShift:  {read: sRSI | sRDI, written: sRSI | sRDI, mem: [2]impliedMem{src(0), dst(Write, 0)}},
	xCmps >> implShift:  {read: sRSI | sRDI, written: sRSI | sRDI, mem: [2]impliedMem{src(0), dst(Read, 0)}},
	xStos >> implShift:  {read: sRAX | sRDI, written: sRDI, mem: [2]impliedMem{dst(Write, 0)}},
	xLods >> implShift:  {read: sRSI, written: sRAX | sRSI, mem: [2]impliedMem{src(0)}},
	xScas >> implShift:  {read: sRAX | sRDI, written: sRDI, mem: [2]impliedMem{dst(Read, 0)}},
	// XLAT's address is RBX + AL, of which Mem shows the base only.
	xXlat >> implShift:    {read: sRAX | sRBX, written: sRAX, mem: [2]impliedMem{{base: RBX, access: Read, size: 1, seg: true, addr: true}}},
	xLoop >> implShift:    {read: sRCX, written: sRCX},
	xRCX >> implShift:     {read: sRCX},
	xCx8 >> implShift:     {read: sRAX | sRBX | sRCX | sRDX, written: sRAX | sRDX},
	xCPUID >> implShift:   {read: sRAX | sRCX, written: sRAX | sRBX | sRCX | sRDX},
	xTSC >> implShift:     {written: sRAX | sRDX},
	xTSCP >> implShift:    {written: sRAX | sRCX | sRDX},
	xPMC >> implShift:     {read: sRCX, written: sRAX | sRDX},
	xPKRU >> implShift:    {read: sRAX | sRCX | sRDX},
	xXsave >> implShift:   {read: sRAX | sRDX},
	xSyscall >> implShift: {read: sArgs, written: sRAX | sRCX | sR11},
	xInt >> implShift:     {read: sAll, written: sAll},
	xMaskQ >> implShift:   {read: sRDI, mem: [2]impliedMem{{base: RDI, access: Write, size: 8, seg: true, addr: true}}},
	// A mask selects the bytes.
	xMaskDQ >> implShift: {read: sRDI, mem: [2]impliedMem{{base: RDI, access: Write, size: 16, seg: true, addr: true}}},
	// CLZERO clears the whole line that holds the address.
	xClzero >> implShift:  {read: sRAX, mem: [2]impliedMem{{base: RAX, access: Write, size: 64, seg: true, addr: true}}},
	xMonitor >> implShift: {read: sRAX | sRCX | sRDX, mem: [2]impliedMem{{base: RAX, access: Read, size: 1, seg: true, addr: true}}},
	xStrE >> implShift:    {read: sRAX | sRDX},
	xStrEI >> implShift:   {read: sRAX | sRDX, written: sRCX},
	xStrI >> implShift:    {written: sRCX},
	xDst64 >> implShift:   {mem: [2]impliedMem{{base: NoReg, access: Write, size: 64, addr: true}}},
	xUmwait >> implShift:  {read: sRAX | sRDX},
	xXbegin >> implShift:  {read: sRAX, written: sRAX},
	xMwaitx >> implShift:  {read: sRAX | sRBX | sRCX},
}
