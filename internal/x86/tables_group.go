package x86

// Opcodes that ModRM.reg extends; the values index groups. A cell's attr and
// the group's entry are ORed.
const (
	_             attr = iota << groupShift
	grp1               // ALU with immediate
	grp1a              // POP
	grp2               // shifts and rotates
	grp3b              // TEST, NOT, NEG, MUL, DIV of bytes
	grp3v              //
	grp4               // INC, DEC of bytes
	grp5               // INC, DEC, CALL, JMP, PUSH
	grp6               // SLDT...
	grp7               // SGDT...
	grp7F3             // RSTORSSP
	grp8               // BT...
	grp9               // CMPXCHG8B, RDRAND...
	grp9F3             // RDPID
	grp11b             // MOV, XABORT
	grp11v             // MOV, XBEGIN
	grpMovFromSeg      //
	grpMovToSeg        //
	grpNop1E           // RDSSP among the hints
	grp15              // FXSAVE, XSAVE, fences
	grp1566            // CLWB, CLFLUSHOPT, TPAUSE
	grp15F3            // RDFSBASE..., UMONITOR
	grp15F2            // UMWAIT
	grp15V             // VLDMXCSR, VSTMXCSR
	grp71              // vector shifts by immediate: words
	grp72              // doublewords
	grp73              // quadwords
	grp71E             // EVEX ones take memory, too
	grp72E             //
	grp73E             //
	grpExtrq           // SSE4a
	grp17V             // BLSR, BLSMSK, BLSI
	grpAMX49           // LDTILECFG, TILERELEASE
	grpAMX4966         // STTILECFG
	grpPfE             // gather and scatter prefetches
	grpKLwide          // AESENCWIDE128KL...
	grpHReset          //
	grpTBM1            // XOP 9.01
	grpTBM2            // XOP 9.02
	grpLWP             // XOP 9.12
	grpLWPi            // XOP A.12
	grpX87             // D8-DF: by function x87
)

// group holds the entries for memory (0-7) and register (8-15) operands.
type group [16]attr

// both makes a group whose entries do not depend on ModRM.mod.
func both(e ...attr) group {
	var g group
	copy(g[:8], e)
	copy(g[8:], e)
	return g
}

// memReg makes a group from the entries for memory and for registers.
func memReg(mem, reg [8]attr) group {
	var g group
	copy(g[:8], mem[:])
	copy(g[8:], reg[:])
	return g
}

var groups = [64]group{
	grp1 >> groupShift:  aluGroup(),
	grp1a >> groupShift: both(eW | xPop | popAddr),
	grp2 >> groupShift: both(eRW|fRot, eRW|fRot, eRW|fRotC, eRW|fRotC,
		eRW|fShift, eRW|fShift, eRW|fShift, eRW|fShift),
	grp3b >> groupShift: both(eR|iB|fLogic, eR|iB|fLogic, eRW|lock, eRW|fSix|lock,
		eR|xAccRW|fMul, eR|xAccRW|fMul, eR|xAccRW|fDiv, eR|xAccRW|fDiv),
	grp3v >> groupShift: both(eR|iZ|fLogic, eR|iZ|fLogic, eRW|lock, eRW|fSix|lock,
		eR|xMul|fMul, eR|xMul|fMul, eR|xDiv|fDiv, eR|xDiv|fDiv),
	grp4 >> groupShift: both(eRW|fIncDec|lock, eRW|fIncDec|lock),
	grp5 >> groupShift: memReg(
		[8]attr{
			osV | eRW | fIncDec | lock, osV | eRW | fIncDec | lock,
			os8 | eR | callInd | xPush, osV | rR | mFar | far | xPush,
			os8 | eR | jmpInd, osV | rR | mFar | far, osD | eR | xPush,
		},
		[8]attr{
			osV | eRW | fIncDec, osV | eRW | fIncDec,
			os8 | eR | callInd | xPush, 0,
			os8 | eR | jmpInd, 0, osD | eR | xPush,
		}),
	grp6 >> groupShift: memReg(
		[8]attr{rW | m2 | sSGDT, rW | m2 | sSGDT, priv, priv, rR | m2 | fZF | sLSL, rR | m2 | fZF | sLSL, priv},
		[8]attr{osV | eW | sSGDT, osV | eW | sSGDT, priv, priv, eR | fZF | sLSL, eR | fZF | sLSL, priv}),
	grp7 >> groupShift: memReg(
		[8]attr{rW | m10 | sSGDT, rW | m10 | sSGDT, priv, priv, rW | m2 | sSGDT, 0, priv, priv},
		[8]attr{4: osV | eW | sSGDT, 6: priv}), // the rest: group7Reg
	grp7F3 >> groupShift: memReg(
		[8]attr{rW | m10 | sSGDT, rW | m10 | sSGDT, priv, priv, rW | m2 | sSGDT, rRW | m8 | fSix, priv, priv},
		[8]attr{4: osV | eW | sSGDT, 6: priv}),
	grp8 >> groupShift: both(0, 0, 0, 0, eR|fBit, eRW|fBit|lock, eRW|fBit|lock, eRW|fBit|lock),
	grp9 >> groupShift: memReg(
		[8]attr{1: rRW | mYY | xCx8 | fZF | lock, 3: priv, 4: rRW | mState | xXsave | sXSAVEC, 5: priv, 6: priv, 7: priv},
		[8]attr{6: osV | eW | fSix | sRDRAND, 7: osV | eW | fSix | sRDSEED}),
	grp9F3 >> groupShift: memReg(
		[8]attr{1: rRW | mYY | xCx8 | fZF | lock, 6: priv},
		[8]attr{6: priv, 7: os8 | eW | sRDPID}), // 6: SENDUIPI, for supervisors' tables
	grp11b >> groupShift: memReg([8]attr{eW}, [8]attr{0: eW, 7: xAccRW | sXEND}),
	grp11v >> groupShift: memReg([8]attr{eW | iZ}, [8]attr{0: eW | iZ, 7: iRelZ | xbegin | xXbegin}),

	grpMovFromSeg >> groupShift: memReg(
		[8]attr{rW | m2, rW | m2, rW | m2, rW | m2, rW | m2, rW | m2},
		[8]attr{eW, eW, eW, eW, eW, eW}),
	grpMovToSeg >> groupShift: both(eR|m2|sMOVSEG, 0, eR|m2|sMOVSEG, eR|m2|sMOVSEG, eR|m2|sMOVSEG, eR|m2|sMOVSEG),
	// RDSSP leaves its operand alone where shadow stacks are off.
	grpNop1E >> groupShift: memReg(
		[8]attr{ok, ok, ok, ok, ok, ok, ok, ok},
		[8]attr{ok, osY | eRW, ok, ok, ok, ok, ok, ok}),

	grp15 >> groupShift: memReg(
		[8]attr{
			rW | m512 | sFXSAVE, rR | m512 | sFXRSTOR, rR | m4, rW | m4,
			rRW | mState | xXsave | sXSAVE, rR | mState | xXsave | sXRSTOR,
			rRW | mState | xXsave | sXSAVEOPT, rR | m1,
		},
		[8]attr{5: ok, 6: ok, 7: ok}),
	grp1566 >> groupShift: memReg([8]attr{6: rR | m1, 7: rR | m1},
		[8]attr{6: osY | eR | xUmwait | fSix | sMONITORX}),
	grp15F3 >> groupShift: memReg(
		[8]attr{4: rR | mY, 6: rRW | m8 | fSix},
		[8]attr{
			osY | eW | sRDFSBASE, osY | eW | sRDGSBASE, osY | eR | sWRFSBASE, osY | eR | sWRGSBASE,
			osY | eR, osY | eR, os8 | eR | sMONITORX, 0,
		}),
	grp15F2 >> groupShift: memReg([8]attr{}, [8]attr{6: osY | eR | xUmwait | fSix | sMONITORX}),
	grp15V >> groupShift:  memReg([8]attr{2: rR | m4, 3: rW | m4}, [8]attr{}),

	grp71 >> groupShift: memReg([8]attr{}, [8]attr{2: ok, 4: ok, 6: ok}),
	grp72 >> groupShift: memReg([8]attr{}, [8]attr{2: ok, 4: ok, 6: ok}),
	grp73 >> groupShift: memReg([8]attr{}, [8]attr{2: ok, 3: ok, 6: ok, 7: ok}),

	grp71E >> groupShift: both(0, 0, rR|mVL, 0, rR|mVL, 0, rR|mVL),
	grp72E >> groupShift: both(rR|mVL|bcW, rR|mVL|bcW, rR|mVL|bcW, 0, rR|mVL|bcW, 0, rR|mVL|bcW),
	grp73E >> groupShift: both(0, 0, rR|mVL|bcW, rR|mVL, 0, 0, rR|mVL|bcW, rR|mVL),

	grpExtrq >> groupShift:   memReg([8]attr{}, [8]attr{ok}),
	grp17V >> groupShift:     both(0, vW|eR|fBMI, vW|eR|fBMI, vW|eR|fBMI),
	grpAMX49 >> groupShift:   memReg([8]attr{rR | m64}, [8]attr{ok}),
	grpAMX4966 >> groupShift: memReg([8]attr{rW | m64}, [8]attr{}),
	grpPfE >> groupShift:     memReg([8]attr{1: ok, 2: ok, 5: ok, 6: ok}, [8]attr{}),
	grpKLwide >> groupShift: memReg(
		[8]attr{rR | m48 | fSix, rR | m48 | fSix, rR | m64 | fSix, rR | m64 | fSix}, [8]attr{}),
	grpHReset >> groupShift: memReg([8]attr{}, [8]attr{priv}),

	grpTBM1 >> groupShift: both(0, vW|eR|fBMI, vW|eR|fBMI, vW|eR|fBMI, vW|eR|fBMI, vW|eR|fBMI, vW|eR|fBMI, vW|eR|fBMI),
	grpTBM2 >> groupShift: both(0, vW|eR|fBMI, 0, 0, 0, 0, vW|eR|fBMI),
	// Lightweight profiling: LLWPCB and SLWPCB keep state outside the CPU.
	grpLWP >> groupShift:  memReg([8]attr{}, [8]attr{osY | eR, osY | eW}),
	grpLWPi >> groupShift: both(eR|m4|vR|fCF, eR|m4|vR),
}

// aluGroup makes group 1 from the ALU operations.
func aluGroup() group {
	var g group
	for i, o := range aluOps {
		g[i] = o.rm | o.flags | o.lock
		g[i+8] = o.rm | o.flags
	}
	return g
}

// group7Reg is 0F 01 with a register operand, by ModRM's low six bits: what
// holds under every prefix. Zero leaves it to the group.
var group7Reg = [64]attr{
	0x00: priv, 0x01: priv, 0x02: priv, 0x03: priv, 0x04: priv, 0x05: priv, // ENCLV, VMCALL..., PCONFIG
	0x06: priv,             // WRMSRNS
	0x08: priv, 0x09: priv, // MONITOR, MWAIT
	0x0a: priv, 0x0b: priv, // CLAC, STAC
	0x0f: priv,             // ENCLS
	0x10: xPMC | sXGETBV,   // XGETBV
	0x11: priv, 0x14: priv, // XSETBV, VMFUNC
	0x15: sXEND,                                    // XEND
	0x16: fSix | sXTEST,                            // XTEST
	0x17: far | xInt | fKernel,                     // ENCLU: enters an enclave
	0x18: priv, 0x19: priv, 0x1a: priv, 0x1b: priv, // VMRUN, VMMCALL, VMLOAD, VMSAVE
	0x1c: priv, 0x1d: priv, 0x1e: priv, 0x1f: priv, // STGI, CLGI, SKINIT, INVLPGA
	0x28: ok,                                    // SERIALIZE
	0x2e: xPMC | sRDPKRU, 0x2f: xPKRU | sWRPKRU, // RDPKRU, WRPKRU
	0x38: priv,                                            // SWAPGS
	0x39: xTSCP | sRDTSCP,                                 // RDTSCP
	0x3a: xMonitor | sMONITORX, 0x3b: xMwaitx | sMONITORX, // MONITORX, MWAITX
	0x3c: xClzero,          // CLZERO
	0x3d: xPMC | sRDPMC,    // RDPRU
	0x3e: priv, 0x3f: priv, // INVLPGB, TLBSYNC and kin
}

// group7F2 and group7F3 are those that exist with that prefix only.
var group7F2 = [64]attr{
	0x0c: priv,         // ERETS
	0x28: ok, 0x29: ok, // XSUSLDTRK, XRESLDTRK
}

var group7F3 = [64]attr{
	0x0c: priv,             // ERETU
	0x28: priv, 0x2a: fSix, // SETSSBSY, SAVEPREVSSP
	0x2c: far | xPop | fPOPF,       // UIRET
	0x2d: fSix, 0x2e: ok, 0x2f: ok, // TESTUI, CLUI, STUI
}
