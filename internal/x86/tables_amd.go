package x86

// xop8, xop9 and xopA are the XOP maps (AMD64 APM vol. 6, appendix A).
var xop8 = []row{
	{0x85, 3, rR | m16 | iU}, // VPMACS...
	{0x8e, 2, rR | m16 | iU},
	{0x95, 3, rR | m16 | iU},
	{0x9e, 2, rR | m16 | iU},
	{0xa2, 1, rR | mVL | iU}, // VPCMOV
	{0xa3, 1, rR | m16 | iU}, // VPPERM
	{0xa6, 1, rR | m16 | iU},
	{0xb6, 1, rR | m16 | iU},
	{0xc0, 4, rR | m16 | iU}, // VPROT
	{0xcc, 4, rR | m16 | iU}, // VPCOM
	{0xec, 4, rR | m16 | iU},
}

var xop9 = []row{
	{0x01, 1, osY | hasM | grpTBM1},
	{0x02, 1, osY | hasM | grpTBM2},
	{0x12, 1, hasM | grpLWP},
	{0x80, 2, rR | mVL}, // VFRCZ
	{0x82, 1, rR | m4},
	{0x83, 1, rR | m8},
	{0x90, 12, rR | m16}, // VPROT, VPSHL, VPSHA
	{0xc1, 3, rR | m16},  // VPHADD
	{0xc6, 2, rR | m16},
	{0xcb, 1, rR | m16},
	{0xd1, 3, rR | m16},
	{0xd6, 2, rR | m16},
	{0xdb, 1, rR | m16},
	{0xe1, 3, rR | m16},
}

var xopA = []row{
	{0x10, 1, osY | gW | eR | iD | fBEXTR},
	{0x12, 1, hasM | iD | grpLWPi},
}

// now3D gives the operations of 0F 0F, by the byte behind the operands. All
// read an 8-byte operand; PFRCP and PFRSQRT and their steps are approximations.
var now3D = [256]attr{
	0x0c: rR | m8, 0x0d: rR | m8, 0x1c: rR | m8, 0x1d: rR | m8,
	0x86: rR | m8 | sAPPROX, 0x87: rR | m8 | sAPPROX,
	0x8a: rR | m8, 0x8e: rR | m8, 0x90: rR | m8, 0x94: rR | m8,
	0x96: rR | m8 | sAPPROX, 0x97: rR | m8 | sAPPROX,
	0x9a: rR | m8, 0x9e: rR | m8, 0xa0: rR | m8, 0xa4: rR | m8,
	0xa6: rR | m8 | sAPPROX, 0xa7: rR | m8 | sAPPROX,
	0xaa: rR | m8, 0xae: rR | m8, 0xb0: rR | m8, 0xb4: rR | m8,
	0xb6: rR | m8 | sAPPROX, 0xb7: rR | m8,
	0xbb: rR | m8, 0xbf: rR | m8,
}
