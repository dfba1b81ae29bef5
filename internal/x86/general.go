package x86

// General reports whether an instruction certainly leaves the x87, vector and
// mask registers alone, and MXCSR.
func (i *Inst) General() bool {
	if i.Enc != Legacy && i.Enc != REX2 {
		return false
	}
	switch i.OpMap {
	case 0:
		return i.Opcode < 0xd8 || i.Opcode > 0xdf // D8 to DF are x87's
	case 1:
		for _, r := range generalTwoByte {
			if r[0] <= i.Opcode && i.Opcode <= r[1] {
				return true
			}
		}
	}
	return false
}

// generalTwoByte are ranges of opcodes behind 0F (SDM vol. 2, appendix A).
var generalTwoByte = [...][2]uint8{
	{0x40, 0x4f}, // CMOVcc
	{0x80, 0xad}, // Jcc, SETcc, PUSH and POP of FS and GS, CPUID, BT, SHLD, BTS, SHRD
	{0xaf, 0xc1}, // IMUL, CMPXCHG, BTR, MOVZX, POPCNT, BTC, BSF, BSR, MOVSX, XADD
	{0xc3, 0xc3}, // MOVNTI
	{0xc8, 0xcf}, // BSWAP
}
