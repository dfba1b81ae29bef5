package x86

// simd38 is map 0F38 and VEX and EVEX map 2.
var simd38 = []vrow{
	{0x00, 12, np, lg, rR | m8}, // SSSE3 on MMX
	{0x00, 12, p66, lg | vx, rR | mVL},
	{0x00, 1, p66, ev, rR | mVL}, // VPSHUFB
	{0x04, 1, p66, ev, rR | mVL},
	{0x0b, 1, p66, ev, rR | mVL},
	{0x0c, 4, p66, vx, rR | mVL}, // VPERMILPS
	{0x0e, 2, p66, vx, rR | mVL | fSix},
	{0x0c, 2, p66, ev, rR | mVL | bcW},
	{0x10, 1, p66, lg, rR | m16}, // PBLENDVB
	{0x14, 2, p66, lg, rR | m16},
	{0x10, 3, p66, ev, rR | mVL},             // VPSRLVW
	{0x13, 1, p66, vx | ev, rR | mHalf},      // VCVTPH2PS
	{0x14, 2, p66, ev, rR | mVL | bcW},       // VPRORV
	{0x16, 1, p66, vx, rR | mVL},             // VPERMPS
	{0x16, 1, p66, ev, rR | mVL | bcW},       //
	{0x17, 1, p66, lg | vx, rR | mVL | fSix}, // PTEST
	{0x10, 1, pF3, ev, rW | mHalf},           // VPMOVUSWB...
	{0x11, 1, pF3, ev, rW | mQuart},
	{0x12, 1, pF3, ev, rW | mEight},
	{0x13, 1, pF3, ev, rW | mHalf},
	{0x14, 1, pF3, ev, rW | mQuart},
	{0x15, 1, pF3, ev, rW | mHalf},
	{0x18, 1, p66, vx | ev, rR | m4}, // VBROADCAST
	{0x19, 1, p66, vx | ev, rR | m8},
	{0x1a, 1, p66, vx | ev, rR | m16 | memOnly},
	{0x1b, 1, p66, ev, rR | m32 | memOnly},
	{0x1c, 3, np, lg, rR | m8}, // PABS
	{0x1c, 2, p66, lg | vx | ev, rR | mVL},
	{0x1e, 1, p66, lg | vx | ev, rR | mVL | bcW},
	{0x1f, 1, p66, ev, rR | mVL | bcW},
	{0x20, 1, p66, lg | vx | ev, rR | mHalf}, // PMOVSX
	{0x21, 1, p66, lg | vx | ev, rR | mQuart},
	{0x22, 1, p66, lg | vx | ev, rR | mEight},
	{0x23, 1, p66, lg | vx | ev, rR | mHalf},
	{0x24, 1, p66, lg | vx | ev, rR | mQuart},
	{0x25, 1, p66, lg | vx | ev, rR | mHalf},
	{0x20, 1, pF3, ev, rW | mHalf}, // VPMOVSWB...
	{0x21, 1, pF3, ev, rW | mQuart},
	{0x22, 1, pF3, ev, rW | mEight},
	{0x23, 1, pF3, ev, rW | mHalf},
	{0x24, 1, pF3, ev, rW | mQuart},
	{0x25, 1, pF3, ev, rW | mHalf},
	{0x26, 1, p66 | pF3, ev, rR | mVL}, // VPTESTMB
	{0x27, 1, p66 | pF3, ev, rR | mVL | bcW},
	{0x28, 2, p66, lg | vx | ev, rR | mVL | bcW}, // PMULDQ, PCMPEQQ
	{0x28, 3, pF3, ev, hasM | regOnly},           // VPMOVM2B, VPMOVB2M, VPBROADCASTMB2Q
	{0x2a, 1, p66, lg | vx | ev, rR | mVL | memOnly},
	{0x2b, 1, p66, lg | vx | ev, rR | mVL | bcW},
	{0x2c, 2, p66, vx, rR | mVL | memOnly}, // VMASKMOV
	{0x2e, 2, p66, vx, rW | mVL | memOnly},
	{0x2c, 1, p66, ev, rR | mVL | bcW}, // VSCALEF
	{0x2d, 1, p66, ev, rR | mY},
	{0x30, 1, p66, lg | vx | ev, rR | mHalf}, // PMOVZX
	{0x31, 1, p66, lg | vx | ev, rR | mQuart},
	{0x32, 1, p66, lg | vx | ev, rR | mEight},
	{0x33, 1, p66, lg | vx | ev, rR | mHalf},
	{0x34, 1, p66, lg | vx | ev, rR | mQuart},
	{0x35, 1, p66, lg | vx | ev, rR | mHalf},
	{0x30, 1, pF3, ev, rW | mHalf}, // VPMOVWB...
	{0x31, 1, pF3, ev, rW | mQuart},
	{0x32, 1, pF3, ev, rW | mEight},
	{0x33, 1, pF3, ev, rW | mHalf},
	{0x34, 1, pF3, ev, rW | mQuart},
	{0x35, 1, pF3, ev, rW | mHalf},
	{0x36, 1, p66, vx | ev, rR | mVL | bcW},
	{0x37, 1, p66, lg | vx | ev, rR | mVL | bcW},
	{0x38, 3, pF3, ev, hasM | regOnly},     // VPMOVM2D, VPMOVD2M, VPBROADCASTMW2D
	{0x38, 8, p66, lg | vx | ev, rR | mVL}, // PMIN, PMAX
	{0x39, 1, p66, ev, rR | mVL | bcW},
	{0x3b, 1, p66, ev, rR | mVL | bcW},
	{0x3d, 1, p66, ev, rR | mVL | bcW},
	{0x3f, 2, p66, ev, rR | mVL | bcW},
	{0x40, 1, p66, lg | vx, rR | mVL},
	{0x41, 1, p66, lg | vx, rR | m16},
	{0x42, 1, p66, ev, rR | mVL | bcW}, // VGETEXP
	{0x43, 1, p66, ev, rR | mY},
	{0x44, 1, p66, ev, rR | mVL | bcW},
	{0x45, 3, p66, vx | ev, rR | mVL | bcW}, // VPSRLV, VPSRAV, VPSLLV
	{0x49, 1, np, vx, hasM | grpAMX49},
	{0x49, 1, p66, vx, hasM | grpAMX4966},
	{0x49, 1, pF2, vx, hasM | regOnly},              // TILEZERO
	{0x4b, 1, p66 | pF2, vx, rR | mState | memOnly}, // TILELOADD
	{0x4b, 1, pF3, vx, rW | mState | memOnly},
	{0x4c, 1, p66, ev, rR | mVL | bcW | sAPPROX}, // VRCP14, VRSQRT14
	{0x4d, 1, p66, ev, rR | mY | sAPPROX},
	{0x4e, 1, p66, ev, rR | mVL | bcW | sAPPROX},
	{0x4f, 1, p66, ev, rR | mY | sAPPROX},
	{0x50, 2, anyPfx, vx, rR | mVL}, // VPDPBUSD and the INT8 ones
	{0x52, 2, p66, vx, rR | mVL},
	{0x50, 4, p66, ev, rR | mVL | bcW},
	{0x52, 1, pF3, ev, rR | mVL | bcW}, // VDPBF16PS
	{0x52, 2, pF2, ev, rR | m16},       // VP4DPWSSD
	{0x54, 1, p66, ev, rR | mVL},
	{0x55, 1, p66, ev, rR | mVL | bcW},
	{0x58, 1, p66, vx | ev, rR | m4}, // VPBROADCAST
	{0x59, 1, p66, vx | ev, rR | m8},
	{0x5a, 1, p66, vx | ev, rR | m16 | memOnly},
	{0x5b, 1, p66, ev, rR | m32 | memOnly},
	{0x5c, 1, pF3 | pF2, vx, hasM | regOnly}, // TDP
	{0x5e, 1, anyPfx, vx, hasM | regOnly},
	{0x6c, 1, np | p66, vx, hasM | regOnly},
	{0x62, 1, p66, ev, rR | mExpB},
	{0x63, 1, p66, ev, rW | mExpB},
	{0x64, 2, p66, ev, rR | mVL | bcW},
	{0x66, 1, p66, ev, rR | mVL},
	{0x68, 1, pF2, ev, rR | mVL | bcW}, // VP2INTERSECT
	{0x70, 1, p66, ev, rR | mVL},
	{0x71, 1, p66, ev, rR | mVL | bcW},
	{0x72, 1, p66, ev, rR | mVL},
	{0x72, 1, pF3 | pF2, ev, rR | mVL | bcW}, // VCVTNE2PS2BF16
	{0x72, 1, pF3, vx, rR | mVL},
	{0x73, 1, p66, ev, rR | mVL | bcW},
	{0x75, 1, p66, ev, rR | mVL}, // VPERMI2
	{0x76, 2, p66, ev, rR | mVL | bcW},
	{0x78, 1, p66, vx | ev, rR | m1},
	{0x79, 1, p66, vx | ev, rR | m2},
	{0x7a, 3, p66, ev, eR | regOnly},
	{0x7d, 1, p66, ev, rR | mVL},
	{0x7e, 2, p66, ev, rR | mVL | bcW},
	{0x80, 3, p66, lg, hasM | priv | memOnly}, // INVEPT, INVVPID, INVPCID
	{0x83, 1, p66, ev, rR | mVL | bcW},
	{0x88, 2, p66, ev, rR | mExp},
	{0x8a, 2, p66, ev, rW | mExp},
	{0x8c, 1, p66, vx, rR | mVL | memOnly},
	{0x8d, 1, p66, ev, rR | mVL},
	{0x8e, 1, p66, vx, rW | mVL | memOnly},
	{0x8f, 1, p66, ev, rR | mVL},
	{0x90, 4, p66, vx | ev, rR | mY | vsib | memOnly}, // gathers
	{0xa0, 4, p66, ev, rW | mY | vsib | memOnly},      // scatters
	{0x96, 3, p66, vx | ev, rR | mVL | bcW},           // FMA
	{0x99, 1, p66, vx | ev, rR | mY},
	{0x9a, 1, p66, vx | ev, rR | mVL | bcW},
	{0x9b, 1, p66, vx | ev, rR | mY},
	{0x9c, 1, p66, vx | ev, rR | mVL | bcW},
	{0x9d, 1, p66, vx | ev, rR | mY},
	{0x9e, 1, p66, vx | ev, rR | mVL | bcW},
	{0x9f, 1, p66, vx | ev, rR | mY},
	{0xa6, 3, p66, vx | ev, rR | mVL | bcW},
	{0xa9, 1, p66, vx | ev, rR | mY},
	{0xaa, 1, p66, vx | ev, rR | mVL | bcW},
	{0xab, 1, p66, vx | ev, rR | mY},
	{0xac, 1, p66, vx | ev, rR | mVL | bcW},
	{0xad, 1, p66, vx | ev, rR | mY},
	{0xae, 1, p66, vx | ev, rR | mVL | bcW},
	{0xaf, 1, p66, vx | ev, rR | mY},
	{0x9a, 2, pF2, ev, rR | m16 | memOnly}, // V4FMADDPS
	{0xaa, 2, pF2, ev, rR | m16 | memOnly},
	{0xb0, 1, anyPfx, vx, rR | mVL | memOnly}, // VCVTNEOPH2PS
	{0xb1, 1, p66 | pF3, vx, rR | m2 | memOnly},
	{0xb4, 2, p66, vx | ev, rR | mVL | bcW}, // VPMADD52
	{0xb6, 3, p66, vx | ev, rR | mVL | bcW},
	{0xb9, 1, p66, vx | ev, rR | mY},
	{0xba, 1, p66, vx | ev, rR | mVL | bcW},
	{0xbb, 1, p66, vx | ev, rR | mY},
	{0xbc, 1, p66, vx | ev, rR | mVL | bcW},
	{0xbd, 1, p66, vx | ev, rR | mY},
	{0xbe, 1, p66, vx | ev, rR | mVL | bcW},
	{0xbf, 1, p66, vx | ev, rR | mY},
	{0xc4, 1, p66, ev, rR | mVL | bcW},
	{0xc6, 2, p66, ev, hasM | mY | vsib | grpPfE},
	{0xc8, 6, np, lg, rR | m16}, // SHA
	{0xc8, 1, p66, ev, rR | mVL | bcW | sAPPROX},
	{0xca, 1, p66, ev, rR | mVL | bcW | sAPPROX},
	{0xcb, 1, p66, ev, rR | mY | sAPPROX},
	{0xcc, 1, p66, ev, rR | mVL | bcW | sAPPROX},
	{0xcd, 1, p66, ev, rR | mY | sAPPROX},
	{0xcb, 3, pF2, vx, hasM | regOnly}, // VSHA512
	{0xcf, 1, p66, lg | vx | ev, rR | mVL},
	{0xd2, 2, np | p66 | pF3, vx, rR | mVL}, // VPDPW INT16
	{0xd8, 1, pF3, lg, hasM | grpKLwide},
	{0xda, 1, anyPfx, vx, rR | mVL}, // VSM3MSG, VSM4
	{0xdb, 1, p66, lg | vx, rR | m16},
	{0xdc, 4, p66, lg | vx | ev, rR | mVL}, // AES
	{0xdc, 2, pF3, lg, rR | m48 | fSix},    // Key Locker; LOADIWKEY as a register form
	{0xde, 2, pF3, lg, rR | m64 | fSix | memOnly},
	{0xe0, 16, p66, vx, osY | rRW | gRW | vR | fSix | memOnly}, // CMPccXADD
	{0xf0, 1, np | p66, lg, osV | gW | rR | memOnly},           // MOVBE
	{0xf1, 1, np | p66, lg, osV | rW | gR | memOnly},
	{0xf0, 1, pF2, lg, osY | gRW | eR | rm8 | m1}, // CRC32
	{0xf1, 1, pF2, lg, osV | gRW | eR},
	{0xf2, 1, np, vx, osY | gW | vR | eR | fBMI}, // ANDN
	{0xf3, 1, np, vx, osY | hasM | grp17V},
	{0xf5, 1, p66, lg, hasM | priv | memOnly},                         // WRUSS
	{0xf5, 1, np, vx, osY | gW | eR | vR | fBMI},                      // BZHI
	{0xf5, 1, pF3 | pF2, vx, osY | gW | vR | eR},                      // PEXT, PDEP
	{0xf6, 1, np, lg, osY | rW | gR | memOnly},                        // WRSS
	{0xf6, 1, p66, lg, osY | gRW | eR | fADCX},                        //
	{0xf6, 1, pF3, lg, osY | gRW | eR | fADOX},                        //
	{0xf6, 1, pF2, vx, osY | gW | vW | eR | xMulx},                    //
	{0xf7, 1, np, vx, osY | gW | eR | vR | fBEXTR},                    //
	{0xf7, 1, p66 | pF3 | pF2, vx, osY | gW | eR | vR},                // SHLX, SARX, SHRX
	{0xf8, 1, p66, lg, gR | rR | m64 | memOnly | xDst64},              // MOVDIR64B
	{0xf8, 1, pF3 | pF2, lg, gR | rR | m64 | memOnly | xDst64 | fSix}, // ENQCMD
	{0xf9, 1, np, lg, osY | gR | rW | memOnly},                        // MOVDIRI
	{0xfa, 2, pF3, lg, gW | eR | regOnly | fSix},                      // ENCODEKEY
	{0xfc, 1, anyPfx, lg, osY | rRW | gR | memOnly},                   // AADD, AAND, AXOR, AOR
}
