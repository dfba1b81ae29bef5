package x86

// row is n consecutive opcodes (0 counts as 1) that behave alike under every
// mandatory prefix.
type row struct {
	op, n uint8
	a     attr
}

// The eight ALU operations fill 00-3F and group 1, in this order.
var aluOps = [8]struct {
	flags attr
	rm    attr // what happens to a destination in ModRM.rm
	reg   attr // ... and in ModRM.reg
	acc   attr // ... and in the accumulator
	lock  attr
	same  attr // "op x, x" forgets x
}{
	{fSix, eRW, gRW, xAccRW, lock, 0},         // ADD
	{fLogic, eRW, gRW, xAccRW, lock, 0},       // OR
	{fCarry, eRW, gRW, xAccRW, lock, 0},       // ADC
	{fCarry, eRW, gRW, xAccRW, lock, 0},       // SBB
	{fLogic, eRW, gRW, xAccRW, lock, 0},       // AND
	{fSix, eRW, gRW, xAccRW, lock, zeroing},   // SUB
	{fLogic, eRW, gRW, xAccRW, lock, zeroing}, // XOR
	{fSix, eR, gR, xAccR, 0, 0},               // CMP
}

// aluRows gives the six opcodes of each ALU operation in 00-3F.
func aluRows() []row {
	var rows []row
	for i, o := range aluOps {
		op := uint8(i * 8)
		rows = append(rows,
			row{op + 0, 1, o.flags | os1 | o.rm | gR | o.lock},
			row{op + 1, 1, o.flags | osV | o.rm | gR | o.lock | o.same},
			row{op + 2, 1, o.flags | os1 | eR | o.reg},
			row{op + 3, 1, o.flags | osV | eR | o.reg | o.same},
			row{op + 4, 1, o.flags | os1 | iB | o.acc},
			row{op + 5, 1, o.flags | osV | iZ | o.acc},
		)
	}
	return rows
}

// oneByte is the one-byte map beside the ALU operations. Absent are prefixes
// and what 64-bit mode does not define.
var oneByte = []row{
	{0x50, 8, osD | oR | xPush},                        // PUSH r
	{0x58, 8, osD | oW | xPop},                         // POP r
	{0x63, 1, osV | gW | eR | m4},                      // MOVSXD
	{0x68, 1, osD | iZ | xPush},                        // PUSH iz
	{0x69, 1, osV | gW | eR | iZ | fMul},               // IMUL
	{0x6a, 1, osD | iB | xPush},                        // PUSH ib
	{0x6b, 1, osV | gW | eR | iB | fMul},               // IMUL
	{0x6c, 2, os1 | priv | repOK},                      // INS (the size is of no use to us)
	{0x6e, 2, os1 | priv | repOK},                      // OUTS
	{0x70, 16, iRel8 | jcc | fCond},                    // Jcc
	{0x80, 1, os1 | iB | hasM | grp1},                  // ALU Eb, ib
	{0x81, 1, osV | iZ | hasM | grp1},                  // ALU Ev, iz
	{0x83, 1, osV | iB | hasM | grp1},                  // ALU Ev, ib
	{0x84, 1, os1 | eR | gR | fLogic},                  // TEST
	{0x85, 1, osV | eR | gR | fLogic},                  //
	{0x86, 1, os1 | eRW | gRW | lock},                  // XCHG
	{0x87, 1, osV | eRW | gRW | lock},                  //
	{0x88, 1, os1 | eW | gR},                           // MOV
	{0x89, 1, osV | eW | gR},                           //
	{0x8a, 1, os1 | gW | eR},                           //
	{0x8b, 1, osV | gW | eR},                           //
	{0x8c, 1, osV | hasM | grpMovFromSeg},              // MOV E, seg
	{0x8d, 1, osV | gW | useAddr | memOnly},            // LEA
	{0x8e, 1, osV | hasM | grpMovToSeg},                // MOV seg, E
	{0x8f, 1, osD | hasM | grp1a},                      // POP E
	{0x90, 1, ok},                                      // NOP; PAUSE by oneByte
	{0x91, 7, osV | oRW | xAccRW},                      // XCHG r, rAX
	{0x98, 1, osV | xAccRW},                            // CBW, CWDE, CDQE
	{0x99, 1, osV | xCWD},                              // CWD, CDQ, CQO
	{0x9b, 1, ok},                                      // FWAIT
	{0x9c, 1, osD | xPush | fPUSHF | sPUSHF},           // PUSHF
	{0x9d, 1, osD | xPop | fPOPF | sPOPF},              // POPF
	{0x9e, 1, os1 | xAccR | fSAHF},                     // SAHF
	{0x9f, 1, os1 | xAccW | fLAHF},                     // LAHF
	{0xa0, 1, os1 | iMoff | xAccW | rRbit},             // MOV AL, moffs
	{0xa1, 1, osV | iMoff | xAccW | rRbit},             //
	{0xa2, 1, os1 | iMoff | xAccR | rWbit},             // MOV moffs, AL
	{0xa3, 1, osV | iMoff | xAccR | rWbit},             //
	{0xa4, 1, os1 | xMovs | sSTRING | fString | repOK}, // MOVS
	{0xa5, 1, osV | xMovs | sSTRING | fString | repOK}, //
	{0xa6, 1, os1 | xCmps | sSTRING | fStrCmp | repOK}, // CMPS
	{0xa7, 1, osV | xCmps | sSTRING | fStrCmp | repOK}, //
	{0xa8, 1, os1 | iB | xAccR | fLogic},               // TEST
	{0xa9, 1, osV | iZ | xAccR | fLogic},               //
	{0xaa, 1, os1 | xStos | sSTRING | fString | repOK}, // STOS
	{0xab, 1, osV | xStos | sSTRING | fString | repOK}, //
	{0xac, 1, os1 | xLods | sSTRING | fString | repOK}, // LODS
	{0xad, 1, osV | xLods | sSTRING | fString | repOK}, //
	{0xae, 1, os1 | xScas | sSTRING | fStrCmp | repOK}, // SCAS
	{0xaf, 1, osV | xScas | sSTRING | fStrCmp | repOK}, //
	{0xb0, 8, os1 | oW | iB},                           // MOV r, ib
	{0xb8, 8, osV | oW | iV},                           // MOV r, iv
	{0xc0, 1, os1 | iU | hasM | grp2},                  // shifts
	{0xc1, 1, osV | iU | hasM | grp2},                  //
	{0xc2, 1, os8 | iW | ret | xPop},                   // RET iw
	{0xc3, 1, os8 | ret | xPop},                        // RET
	{0xc6, 1, os1 | iB | hasM | grp11b},                // MOV Eb, ib; XABORT
	{0xc7, 1, osV | hasM | grp11v},                     // MOV Ev, iz; XBEGIN
	{0xc8, 1, osD | iWB | xEnter},                      // ENTER
	{0xc9, 1, osD | xLeave},                            // LEAVE
	{0xca, 1, osV | iW | far | xPop},                   // RETF iw
	{0xcb, 1, osV | far | xPop},                        // RETF
	{0xcc, 1, int3 | fKernel},                          // INT3
	{0xcd, 1, iU | interr | xInt | fKernel},            // INT n
	{0xcf, 1, osV | far | xPop | fPOPF},                // IRET
	{0xd0, 1, os1 | hasM | grp2},                       // shifts by 1
	{0xd1, 1, osV | hasM | grp2},                       //
	{0xd2, 1, os1 | hasM | grp2 | xCL},                 // shifts by CL
	{0xd3, 1, osV | hasM | grp2 | xCL},                 //
	{0xd6, 1, undef},                                   // UDB
	{0xd7, 1, os1 | xXlat},                             // XLAT
	{0xd8, 8, hasM | grpX87},                           // x87
	{0xe0, 2, iRel8 | jcc | xLoop | fLoopE | sLOOP},    // LOOPNE, LOOPE
	{0xe2, 1, iRel8 | jcc | xLoop | sLOOP},             // LOOP
	{0xe3, 1, iRel8 | jcc | xRCX | sLOOP},              // JRCXZ, JECXZ
	{0xe4, 4, iU | priv},                               // IN, OUT
	{0xe8, 1, os8 | iRel32 | call | xPush},             // CALL
	{0xe9, 1, iRel32 | jmp},                            // JMP
	{0xeb, 1, iRel8 | jmp},                             // JMP
	{0xec, 4, priv},                                    // IN, OUT
	{0xf1, 1, interr | fKernel},                        // INT1
	{0xf4, 1, priv},                                    // HLT
	{0xf5, 1, fCMC},                                    // CMC
	{0xf6, 1, os1 | hasM | grp3b},                      // unary
	{0xf7, 1, osV | hasM | grp3v},                      //
	{0xf8, 2, fCF},                                     // CLC, STC
	{0xfa, 2, priv},                                    // CLI, STI
	{0xfc, 2, fDF},                                     // CLD, STD
	{0xfe, 1, os1 | hasM | grp4},                       // INC, DEC
	{0xff, 1, hasM | grp5},                             // INC, DEC, CALL, JMP, PUSH
}

// twoByte is the general-purpose part of map 0F: rows that hold whatever the
// prefixes are. Where a SIMD row claims a cell too, that row stands.
var twoByte = []row{
	{0x00, 1, hasM | grp6},                           // SLDT...
	{0x01, 1, hasM | grp7},                           // SGDT..., and by all of ModRM
	{0x02, 2, osV | gRW | eR | m2 | fZF | sLSL},      // LAR, LSL: ZF says whether written
	{0x05, 1, sysc | xSyscall | fKernel},             // SYSCALL
	{0x06, 1, priv},                                  // CLTS
	{0x07, 1, sysenter},                              // SYSRET
	{0x08, 2, priv},                                  // INVD, WBINVD
	{0x0b, 1, undef},                                 // UD2
	{0x0d, 1, hasM},                                  // PREFETCHW
	{0x0e, 1, ok},                                    // FEMMS
	{0x0f, 1, hasM | iU},                             // 3DNow!: the byte behind selects
	{0x18, 8, hasM},                                  // hints, ENDBR64, NOP
	{0x20, 4, hasM | noMem | priv},                   // MOV CR, DR
	{0x30, 1, priv},                                  // WRMSR
	{0x31, 1, xTSC | sRDTSC},                         // RDTSC
	{0x32, 1, priv},                                  // RDMSR
	{0x33, 1, xPMC | sRDPMC},                         // RDPMC
	{0x34, 2, sysenter},                              // SYSENTER, SYSEXIT
	{0x37, 1, priv},                                  // GETSEC
	{0x40, 16, osV | gRW | eR | fCond},               // CMOVcc
	{0x80, 16, iRel32 | jcc | fCond},                 // Jcc
	{0x90, 16, os1 | eW | fCond},                     // SETcc
	{0xa0, 1, osD | xPush},                           // PUSH FS
	{0xa1, 1, osD | xPop | sMOVSEG},                  // POP FS
	{0xa2, 1, xCPUID | sCPUID},                       // CPUID
	{0xa3, 1, osV | eR | gR | mState | fBit},         // BT: the register reaches beyond the operand
	{0xa4, 1, osV | eRW | gR | iU | fShift},          // SHLD
	{0xa5, 1, osV | eRW | gR | xCL | fShift},         //
	{0xa8, 1, osD | xPush},                           // PUSH GS
	{0xa9, 1, osD | xPop | sMOVSEG},                  // POP GS
	{0xaa, 1, priv},                                  // RSM
	{0xab, 1, osV | eRW | gR | mState | fBit | lock}, // BTS
	{0xac, 1, osV | eRW | gR | iU | fShift},          // SHRD
	{0xad, 1, osV | eRW | gR | xCL | fShift},         //
	{0xaf, 1, osV | gRW | eR | fMul},                 // IMUL
	{0xb0, 1, os1 | eRW | gR | xAccRW | fSix | lock}, // CMPXCHG
	{0xb1, 1, osV | eRW | gR | xAccRW | fSix | lock}, //
	{0xb2, 1, osV | gW | rR | mFar | memOnly | sMOVSEG},
	{0xb3, 1, osV | eRW | gR | mState | fBit | lock}, // BTR
	{0xb4, 2, osV | gW | rR | mFar | memOnly | sMOVSEG},
	{0xb6, 1, osV | gW | eR | rm8 | m1},              // MOVZX
	{0xb7, 1, osV | gW | eR | m2},                    //
	{0xb9, 1, hasM | undef},                          // UD1
	{0xba, 1, osV | hasM | iU | grp8},                // BT ib
	{0xbb, 1, osV | eRW | gR | mState | fBit | lock}, // BTC
	{0xbc, 2, osV | gRW | eR | fScan},                // BSF, BSR: a source of 0 leaves the register
	{0xbe, 1, osV | gW | eR | rm8 | m1},              // MOVSX
	{0xbf, 1, osV | gW | eR | m2},                    //
	{0xc0, 1, os1 | eRW | gRW | fSix | lock},         // XADD
	{0xc1, 1, osV | eRW | gRW | fSix | lock},         //
	{0xc7, 1, hasM | grp9},                           // CMPXCHG8B...
	{0xc8, 8, osY | oRW},                             // BSWAP
	{0xff, 1, hasM | undef},                          // UD0
}
