package x86

// simd3A is map 0F3A and VEX and EVEX map 3. Every one has an immediate byte.
var simd3A = []vrow{
	{0x00, 2, p66, vx | ev, rR | mVL | bcW}, // VPERMQ, VPERMPD
	{0x02, 1, p66, vx, rR | mVL},
	{0x03, 1, p66, ev, rR | mVL | bcW},
	{0x04, 2, p66, vx | ev, rR | mVL | bcW},
	{0x06, 1, p66, vx, rR | mVL},
	{0x08, 2, p66, lg | vx, rR | mVL}, // ROUND
	{0x08, 2, p66, ev, rR | mVL | bcW},
	{0x08, 1, np, ev, rR | mVL | bc2},
	{0x0a, 1, p66, lg | vx | ev, rR | m4},
	{0x0a, 1, np, ev, rR | m2},
	{0x0b, 1, p66, lg | vx | ev, rR | m8},
	{0x0c, 3, p66, lg | vx, rR | mVL},
	{0x0f, 1, np, lg, rR | m8}, // PALIGNR
	{0x0f, 1, p66, lg | vx | ev, rR | mVL},
	{0x14, 1, p66, lg | vx | ev, eW | m1}, // PEXTR
	{0x15, 1, p66, lg | vx | ev, eW | m2},
	{0x16, 1, p66, lg | vx | ev, eW | mY},
	{0x17, 1, p66, lg | vx | ev, eW | m4},
	{0x18, 1, p66, vx | ev, rR | m16}, // VINSERTF128, VEXTRACTF128
	{0x19, 1, p66, vx | ev, rW | m16},
	{0x1a, 1, p66, ev, rR | m32},
	{0x1b, 1, p66, ev, rW | m32},
	{0x1d, 1, p66, vx | ev, rW | mHalf},
	{0x1e, 2, p66, ev, rR | mVL | bcW},
	{0x20, 1, p66, lg | vx | ev, eR | m1}, // PINSR
	{0x21, 1, p66, lg | vx | ev, rR | m4},
	{0x22, 1, p66, lg | vx | ev, eR | mY},
	{0x23, 1, p66, ev, rR | mVL | bcW},
	{0x25, 1, p66, ev, rR | mVL | bcW},
	{0x26, 1, p66, ev, rR | mVL | bcW},
	{0x26, 1, np, ev, rR | mVL | bc2},
	{0x27, 1, p66, ev, rR | mY},
	{0x27, 1, np, ev, rR | m2},
	{0x30, 4, p66, vx, hasM | regOnly}, // KSHIFT
	{0x38, 1, p66, vx | ev, rR | m16},
	{0x39, 1, p66, vx | ev, rW | m16},
	{0x3a, 1, p66, ev, rR | m32},
	{0x3b, 1, p66, ev, rW | m32},
	{0x3e, 2, p66, ev, rR | mVL},
	{0x40, 3, p66, lg | vx, rR | mVL}, // DPPS, DPPD, MPSADBW
	{0x42, 1, p66, ev, rR | mVL},
	{0x43, 1, p66, ev, rR | mVL | bcW},
	{0x44, 1, p66, lg | vx | ev, rR | mVL}, // PCLMULQDQ
	{0x46, 1, p66, vx, rR | mVL},
	{0x48, 5, p66, vx, rR | mVL}, // VPERMIL2, VBLENDV
	{0x50, 1, p66, ev, rR | mVL | bcW},
	{0x51, 1, p66, ev, rR | mY},
	{0x54, 1, p66, ev, rR | mVL | bcW},
	{0x55, 1, p66, ev, rR | mY},
	{0x56, 1, p66, ev, rR | mVL | bcW},
	{0x56, 1, np, ev, rR | mVL | bc2},
	{0x57, 1, p66, ev, rR | mY},
	{0x57, 1, np, ev, rR | m2},
	{0x5c, 4, p66, vx, rR | mVL}, // FMA4
	{0x60, 1, p66, lg | vx, rR | m16 | fSix | xStrE},
	{0x61, 1, p66, lg | vx, rR | m16 | fSix | xStrEI},
	{0x62, 1, p66, lg | vx, rR | m16 | fSix},
	{0x63, 1, p66, lg | vx, rR | m16 | fSix | xStrI},
	{0x66, 1, p66, ev, rR | mVL | bcW}, // VFPCLASS
	{0x66, 1, np, ev, rR | mVL | bc2},
	{0x67, 1, p66, ev, rR | mY},
	{0x67, 1, np, ev, rR | m2},
	{0x68, 2, p66, vx, rR | mVL}, // FMA4
	{0x6a, 1, p66, vx, rR | m4},
	{0x6b, 1, p66, vx, rR | m8},
	{0x6c, 2, p66, vx, rR | mVL},
	{0x6e, 1, p66, vx, rR | m4},
	{0x6f, 1, p66, vx, rR | m8},
	{0x70, 1, p66, ev, rR | mVL},
	{0x71, 1, p66, ev, rR | mVL | bcW},
	{0x72, 1, p66, ev, rR | mVL},
	{0x73, 1, p66, ev, rR | mVL | bcW},
	{0x78, 2, p66, vx, rR | mVL},
	{0x7a, 1, p66, vx, rR | m4},
	{0x7b, 1, p66, vx, rR | m8},
	{0x7c, 2, p66, vx, rR | mVL},
	{0x7e, 1, p66, vx, rR | m4},
	{0x7f, 1, p66, vx, rR | m8},
	{0xc2, 1, np, ev, rR | mVL | bc2}, // VCMPPH
	{0xc2, 1, pF3, ev, rR | m2},
	{0xcc, 1, np, lg, rR | m16}, // SHA1RNDS4
	{0xce, 2, p66, lg | vx, rR | mVL},
	{0xce, 2, p66, ev, rR | mVL | bcW},
	{0xde, 1, p66, vx, rR | m16}, // VSM3RNDS2
	{0xdf, 1, p66, lg | vx, rR | m16},
	{0xf0, 1, pF3, lg, hasM | grpHReset},
	{0xf0, 1, pF2, vx, osY | gW | eR}, // RORX
}
