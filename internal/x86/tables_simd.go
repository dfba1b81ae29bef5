package x86

// pfx is a set of mandatory prefixes, enc one of encodings.
type (
	pfx uint8
	enc uint8
)

const (
	np  pfx = 1 << iota // none
	p66                 // bit n for VEX.pp = n
	pF3
	pF2
	anyPfx = np | p66 | pF3 | pF2
)

const (
	lg enc = 1 << iota // legacy
	vx                 // VEX
	ev                 // EVEX
)

// vrow is n consecutive opcodes (0 counts as 1) that behave alike.
type vrow struct {
	op, n uint8
	pp    pfx
	enc   enc
	a     attr
}

// simd0F is map 0F by mandatory prefix: SSE to SSE4a, the general-purpose
// instructions that a prefix selects, VEX map 1 and EVEX map 1.
var simd0F = []vrow{
	{0x01, 1, pF3, lg, hasM | grp7F3},
	{0x10, 1, np | p66, lg | vx | ev, rR | mVL}, // MOVUPS
	{0x10, 1, pF3, lg | vx | ev, rR | m4},
	{0x10, 1, pF2, lg | vx | ev, rR | m8},
	{0x11, 1, np | p66, lg | vx | ev, rW | mVL},
	{0x11, 1, pF3, lg | vx | ev, rW | m4},
	{0x11, 1, pF2, lg | vx | ev, rW | m8},
	{0x12, 1, np, lg | vx | ev, rR | m8},
	{0x12, 1, p66, lg | vx | ev, rR | m8 | memOnly},
	{0x12, 1, pF3, lg | vx | ev, rR | mVL},
	{0x12, 1, pF2, lg | vx | ev, rR | mDup},
	{0x13, 1, np | p66, lg | vx | ev, rW | m8 | memOnly},
	{0x14, 2, np | p66, lg | vx | ev, rR | mVL | bcW}, // UNPCK
	{0x16, 1, np, lg | vx | ev, rR | m8},
	{0x16, 1, p66, lg | vx | ev, rR | m8 | memOnly},
	{0x16, 1, pF3, lg | vx | ev, rR | mVL},
	{0x17, 1, np | p66, lg | vx | ev, rW | m8 | memOnly},
	{0x1e, 1, pF3, lg, hasM | grpNop1E},
	{0x28, 1, np | p66, lg | vx | ev, rR | mVL}, // MOVAPS
	{0x29, 1, np | p66, lg | vx | ev, rW | mVL},
	{0x2a, 1, np | p66, lg, rR | m8}, // CVTPI2PS
	{0x2a, 1, pF3 | pF2, lg | vx | ev, eR | mY},
	{0x2b, 1, np | p66, lg | vx | ev, rW | mVL | memOnly},
	{0x2b, 1, pF3, lg, rW | m4 | memOnly},
	{0x2b, 1, pF2, lg, rW | m8 | memOnly},
	{0x2c, 2, np, lg, rR | m8},
	{0x2c, 2, p66, lg, rR | m16},
	{0x2c, 2, pF3, lg | vx | ev, gW | rR | m4},
	{0x2c, 2, pF2, lg | vx | ev, gW | rR | m8},
	{0x2e, 2, np, lg | vx | ev, rR | m4 | fSix}, // UCOMISS
	{0x2e, 2, p66, lg | vx | ev, rR | m8 | fSix},
	{0x41, 2, np | p66, vx, regOnly | hasM}, // KAND, KANDN
	{0x44, 4, np | p66, vx, regOnly | hasM}, // KNOT, KOR, KXNOR, KXOR
	{0x4a, 2, np | p66, vx, regOnly | hasM}, // KADD, KUNPCK
	{0x50, 1, np | p66, lg | vx, gW | regOnly},
	{0x51, 1, np | p66, lg | vx | ev, rR | mVL | bcW}, // SQRT
	{0x51, 1, pF3, lg | vx | ev, rR | m4},
	{0x51, 1, pF2, lg | vx | ev, rR | m8},
	{0x52, 2, np, lg | vx, rR | mVL | sAPPROX},
	{0x52, 2, pF3, lg | vx, rR | m4 | sAPPROX},
	{0x54, 4, np | p66, lg | vx | ev, rR | mVL | bcW},
	{0x58, 2, np | p66, lg | vx | ev, rR | mVL | bcW}, // ADD, MUL
	{0x58, 2, pF3, lg | vx | ev, rR | m4},
	{0x58, 2, pF2, lg | vx | ev, rR | m8},
	{0x5a, 1, np, lg | vx | ev, rR | mHalf | bcW},
	{0x5a, 1, p66, lg | vx | ev, rR | mVL | bcW},
	{0x5a, 1, pF3, lg | vx | ev, rR | m4},
	{0x5a, 1, pF2, lg | vx | ev, rR | m8},
	{0x5b, 1, np | p66 | pF3, lg | vx | ev, rR | mVL | bcW},
	{0x5c, 4, np | p66, lg | vx | ev, rR | mVL | bcW}, // SUB, MIN, DIV, MAX
	{0x5c, 4, pF3, lg | vx | ev, rR | m4},
	{0x5c, 4, pF2, lg | vx | ev, rR | m8},
	{0x60, 3, np, lg, rR | m4}, // PUNPCKL
	{0x63, 9, np, lg, rR | m8},
	{0x60, 13, p66, lg | vx | ev, rR | mVL},
	{0x62, 1, p66, ev, rR | mVL | bcW},
	{0x66, 1, p66, ev, rR | mVL | bcW},
	{0x6a, 3, p66, ev, rR | mVL | bcW},
	{0x6d, 1, p66, lg | vx | ev, rR | mVL | bcW},
	{0x6e, 1, np, lg, eR | mY}, // MOVD
	{0x6e, 1, p66, lg | vx | ev, eR | mY},
	{0x6f, 1, np, lg, rR | m8},
	{0x6f, 1, p66 | pF3, lg | vx | ev, rR | mVL},
	{0x6f, 1, pF2, ev, rR | mVL},
	{0x70, 1, np, lg, rR | m8 | iU},
	{0x70, 1, p66 | pF3 | pF2, lg | vx | ev, rR | mVL | iU},
	{0x70, 1, p66, ev, rR | mVL | iU | bcW},
	{0x71, 1, np, lg, hasM | iU | grp71},
	{0x71, 1, p66, lg | vx, hasM | iU | grp71},
	{0x71, 1, p66, ev, hasM | iU | grp71E},
	{0x72, 1, np, lg, hasM | iU | grp72},
	{0x72, 1, p66, lg | vx, hasM | iU | grp72},
	{0x72, 1, p66, ev, hasM | iU | grp72E},
	{0x73, 1, np, lg, hasM | iU | grp71}, // no byte shifts for MMX
	{0x73, 1, p66, lg | vx, hasM | iU | grp73},
	{0x73, 1, p66, ev, hasM | iU | grp73E},
	{0x74, 3, np, lg, rR | m8},
	{0x74, 3, p66, lg | vx | ev, rR | mVL},
	{0x76, 1, p66, ev, rR | mVL | bcW},
	{0x77, 1, np, lg | vx, ok},                   // EMMS, VZEROUPPER
	{0x78, 2, np, lg, hasM | priv},               // VMREAD, VMWRITE
	{0x78, 1, p66, lg, hasM | iBB | grpExtrq},    // EXTRQ
	{0x78, 1, pF2, lg, hasM | iBB | regOnly},     // INSERTQ
	{0x79, 1, p66 | pF2, lg, hasM | regOnly},     //
	{0x78, 2, np, ev, rR | mVL | bcW},            // VCVTTPS2UDQ
	{0x78, 2, p66, ev, rR | mHW | bcW},           // VCVTTPS2UQQ
	{0x78, 2, pF3, ev, gW | rR | m4},             // VCVTTSS2USI
	{0x78, 2, pF2, ev, gW | rR | m8},             //
	{0x7a, 2, p66, ev, rR | mHW | bcW},           // VCVTTPS2QQ
	{0x7a, 1, pF3, ev, rR | mHW | bcW},           // VCVTUDQ2PD
	{0x7a, 1, pF2, ev, rR | mVL | bcW},           //
	{0x7b, 1, pF3 | pF2, ev, eR | mY},            // VCVTUSI2SS
	{0x7c, 2, p66 | pF2, lg | vx, rR | mVL},      // HADD
	{0x7e, 1, np, lg, eW | mY},                   // MOVD
	{0x7e, 1, p66, lg | vx | ev, eW | mY},        //
	{0x7e, 1, pF3, lg | vx | ev, rR | m8},        //
	{0x7f, 1, np, lg, rW | m8},                   //
	{0x7f, 1, p66 | pF3, lg | vx | ev, rW | mVL}, //
	{0x7f, 1, pF2, ev, rW | mVL},
	{0x90, 1, np, vx, rR | mK}, // KMOV
	{0x90, 1, p66, vx, rR | mKB},
	{0x91, 1, np, vx, rW | mK | memOnly},
	{0x91, 1, p66, vx, rW | mKB | memOnly},
	{0x92, 1, np | p66 | pF2, vx, eR | regOnly},
	{0x93, 1, np | p66 | pF2, vx, gW | regOnly},
	{0x98, 2, np | p66, vx, regOnly | hasM | fSix}, // KORTEST, KTEST
	{0xae, 1, np, lg, hasM | grp15},
	{0xae, 1, p66, lg, hasM | grp1566},
	{0xae, 1, pF3, lg, hasM | grp15F3},
	{0xae, 1, pF2, lg, hasM | grp15F2},
	{0xae, 1, np, vx, hasM | grp15V},
	{0xb8, 1, pF3, lg, osV | gW | eR | fSix},   // POPCNT
	{0xbc, 2, pF3, lg, osV | gW | eR | fCount}, // TZCNT, LZCNT
	{0xc2, 1, np | p66, lg | vx | ev, rR | mVL | bcW | iU},
	{0xc2, 1, pF3, lg | vx | ev, rR | m4 | iU},
	{0xc2, 1, pF2, lg | vx | ev, rR | m8 | iU},
	{0xc3, 1, np, lg, osY | gR | rW | memOnly}, // MOVNTI
	{0xc4, 1, np, lg, eR | m2 | iU},            // PINSRW
	{0xc4, 1, p66, lg | vx | ev, eR | m2 | iU},
	{0xc5, 1, np, lg, gW | regOnly | iU}, // PEXTRW
	{0xc5, 1, p66, lg | vx | ev, gW | regOnly | iU},
	{0xc6, 1, np | p66, lg | vx | ev, rR | mVL | bcW | iU},
	{0xc7, 1, pF3, lg, hasM | grp9F3},
	{0xd0, 1, p66 | pF2, lg | vx, rR | mVL},
	{0xd1, 5, np, lg, rR | m8},
	{0xd1, 3, p66, lg | vx | ev, rR | m16}, // PSRL: the count is 128 bits wide
	{0xd4, 2, p66, lg | vx | ev, rR | mVL},
	{0xd4, 1, p66, ev, rR | mVL | bcW},
	{0xd6, 1, p66, lg | vx | ev, rW | m8},
	{0xd6, 1, pF3 | pF2, lg, hasM | regOnly}, // MOVQ2DQ, MOVDQ2Q
	{0xd7, 1, np, lg, gW | regOnly},          // PMOVMSKB
	{0xd7, 1, p66, lg | vx, gW | regOnly},
	{0xd8, 14, np, lg, rR | m8},
	{0xd8, 14, p66, lg | vx | ev, rR | mVL},
	{0xdb, 1, p66, ev, rR | mVL | bcW},
	{0xdf, 1, p66, ev, rR | mVL | bcW},
	{0xe1, 2, p66, lg | vx | ev, rR | m16}, // PSRA
	{0xe6, 1, p66 | pF2, lg | vx | ev, rR | mVL | bcW},
	{0xe6, 1, pF3, lg | vx, rR | mHalf},
	{0xe6, 1, pF3, ev, rR | mHW | bcW},
	{0xe7, 1, np, lg, rW | m8 | memOnly}, // MOVNTQ
	{0xe7, 1, p66, lg | vx | ev, rW | mVL | memOnly},
	{0xe8, 8, np, lg, rR | m8},
	{0xe8, 8, p66, lg | vx | ev, rR | mVL},
	{0xeb, 1, p66, ev, rR | mVL | bcW},
	{0xef, 1, p66, ev, rR | mVL | bcW},
	{0xf0, 1, pF2, lg | vx, rR | mVL | memOnly}, // LDDQU
	{0xf1, 6, np, lg, rR | m8},
	{0xf1, 3, p66, lg | vx | ev, rR | m16}, // PSLL
	{0xf4, 3, p66, lg | vx | ev, rR | mVL},
	{0xf4, 1, p66, ev, rR | mVL | bcW},
	{0xf7, 1, np, lg, hasM | regOnly | xMaskQ},
	{0xf7, 1, p66, lg | vx, hasM | regOnly | xMaskDQ},
	{0xf8, 7, np, lg, rR | m8},
	{0xf8, 7, p66, lg | vx | ev, rR | mVL},
	{0xfa, 2, p66, ev, rR | mVL | bcW},
	{0xfe, 1, p66, ev, rR | mVL | bcW},
}
