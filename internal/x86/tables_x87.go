package x86

// x87Mem holds D8-DF with a memory operand, by ModRM.reg.
var x87Mem = [8][8]attr{
	{rR | m4, rR | m4, rR | m4, rR | m4, rR | m4, rR | m4, rR | m4, rR | m4},            // D8: float
	{rR | m4, 0, rW | m4, rW | m4, rR | mEnv, rR | m2, rW | mEnv | sFNSTENV, rW | m2},   // D9
	{rR | m4, rR | m4, rR | m4, rR | m4, rR | m4, rR | m4, rR | m4, rR | m4},            // DA: int32
	{rR | m4, rW | m4, rW | m4, rW | m4, 0, rR | m10, 0, rW | m10},                      // DB
	{rR | m8, rR | m8, rR | m8, rR | m8, rR | m8, rR | m8, rR | m8, rR | m8},            // DC: double
	{rR | m8, rW | m8, rW | m8, rW | m8, rR | mSave, 0, rW | mSave | sFNSTENV, rW | m2}, // DD
	{rR | m2, rR | m2, rR | m2, rR | m2, rR | m2, rR | m2, rR | m2, rR | m2},            // DE: int16
	{rR | m2, rW | m2, rW | m2, rW | m2, rR | m10, rR | m8, rW | m10, rW | m8},          // DF
}

// x87Reg says which register forms exist, one bit for each ModRM.rm. Those
// that no manual lists but every x87 executes as aliases (DC D0, DF C8...)
// count as existing.
var x87Reg = [8][8]uint8{
	{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	{0xff, 0xff, 0x01, 0xff, 0x33, 0x7f, 0xff, 0xff},
	{0xff, 0xff, 0xff, 0xff, 0x00, 0x02, 0x00, 0x00},
	{0xff, 0xff, 0xff, 0xff, 0x3f, 0xff, 0xff, 0x00},
	{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00},
	{0xff, 0xff, 0xff, 0x02, 0xff, 0xff, 0xff, 0xff},
	{0xff, 0xff, 0xff, 0xff, 0x01, 0xff, 0xff, 0x00},
}

// x87Approx are the transcendental ones of D9 F0-FF, whose results differ
// between makers: F2XM1, FYL2X, FPTAN, FPATAN, FYL2XP1, FSINCOS, FSIN, FCOS.
const x87Approx = uint16(1<<0x0 | 1<<0x1 | 1<<0x2 | 1<<0x3 | 1<<0x9 | 1<<0xb | 1<<0xe | 1<<0xf)

// x87 returns the attributes of D8-DF with this ModRM byte, 0 for none.
func x87(op, modrm uint8) attr {
	row, reg, rm := op&7, modrm>>3&7, modrm&7
	if modrm < 0xc0 {
		return x87Mem[row][reg]
	}
	if x87Reg[row][reg]>>rm&1 == 0 {
		return 0
	}
	switch {
	case row == 1 && reg >= 6 && x87Approx>>(modrm&15)&1 != 0:
		return ok | sAPPROX
	case row == 2 && reg < 4, row == 3 && reg < 4: // FCMOVcc
		return ok | fFCMOV
	case row == 3 && (reg == 5 || reg == 6), row == 7 && (reg == 5 || reg == 6): // FCOMI
		return ok | fComi
	case row == 7 && modrm == 0xe0: // FNSTSW AX
		return ok | xAccRW // 16 bits of RAX
	}
	return ok
}
