package x86

// modRM reads ModRM, SIB and displacement, resolves the opcode's group, and
// fills m if the operand is in memory. It clears d.a if there is no such
// instruction.
func (d *decoder) modRM(m *Mem) (isMem bool) {
	in := d.inst
	in.HasModRM, in.ModRMOff = true, uint8(d.pos)
	in.ModRM = d.u8()
	isMem = in.ModRM < 0xc0 && d.a&noMem == 0
	if d.a.group() != 0 {
		e := d.groupEntry(in.ModRM)
		if e == 0 {
			d.a = 0
			return isMem
		}
		d.a |= e
	}
	if isMem && d.a&regOnly != 0 || !isMem && d.a&memOnly != 0 || !d.evexFits(isMem) {
		d.a = 0
		return isMem
	}
	if isMem {
		d.address(m)
	}
	return isMem
}

// evexFits checks what EVEX.b and EVEX.L'L ask for: broadcast needs an
// instruction that can, and vectors have 64 bytes at most (registers with
// EVEX.b use L'L for rounding).
func (d *decoder) evexFits(isMem bool) bool {
	switch {
	case d.inst.Enc != EVEX:
		return true
	case isMem && d.bcast:
		return d.a&(bcW|bc2) != 0 && d.vl <= 64
	default:
		return d.vl <= 64 || d.bcast
	}
}

// groupEntry returns what ModRM adds to a group's opcode, 0 for nothing known.
func (d *decoder) groupEntry(modrm uint8) attr {
	g := d.a.group()
	i := modrm >> 3 & 7
	if modrm >= 0xc0 {
		i += 8
	}
	switch attr(g) << groupShift {
	case grpX87:
		return x87(d.inst.Opcode, modrm)
	case grp7, grp7F3:
		if e := group7Entry(d.pp, modrm); e != 0 {
			return e
		}
	case grp11b, grp11v:
		if modrm > 0xf8 { // XABORT and XBEGIN are F8 only
			return 0
		}
	}
	return groups[g][i]
}

// group7Entry returns 0F 01's register forms, 0 if the group decides.
func group7Entry(pp, modrm uint8) attr {
	if modrm < 0xc0 {
		return 0
	}
	var e attr
	switch pp {
	case 2:
		e = group7F3[modrm&63]
	case 3:
		e = group7F2[modrm&63]
	}
	if e == 0 {
		e = group7Reg[modrm&63]
	}
	return e
}

// address reads SIB and displacement (SDM vol. 2, 2.1.5).
func (d *decoder) address(m *Mem) {
	in := d.inst
	mod, rm := in.ModRM>>6, in.ModRM&7
	m.Base, m.Index, m.Scale = NoReg, NoReg, 1
	m.Seg, m.Addr32 = d.seg, d.ad32
	dispLen := [3]uint8{0, 1, 4}[mod]
	switch {
	case rm == 4:
		sib := d.u8()
		if i := sib>>3&7 | d.xX; i != 4 || d.a&vsib != 0 {
			m.Index, m.Scale = gpr(i), 1<<(sib>>6)
			if d.a&vsib != 0 {
				m.Index, m.VSIB = Reg(i|d.xV), true
			}
		}
		if mod == 0 && sib&7 == 5 {
			dispLen = 4
		} else {
			m.Base = gpr(sib&7 | d.xB)
		}
	case d.a&vsib != 0:
		d.a = 0 // only SIB can name a vector index
		return
	case mod == 0 && rm == 5:
		m.Base, dispLen, in.RIPRel = RIP, 4, true
	default:
		m.Base = gpr(rm | d.xB)
	}
	d.displacement(m, dispLen)
}

func (d *decoder) displacement(m *Mem, n uint8) {
	if n == 0 {
		return
	}
	d.inst.DispOff, d.inst.DispLen = uint8(d.pos), n
	if n == 4 {
		m.Disp = d.s32()
		return
	}
	m.Disp = d.s8()
	if d.inst.Enc == EVEX {
		m.Disp *= d.disp8Scale()
	}
}

// gpr is the general register with this number, 16-31 being APX's.
func gpr(n uint8) Reg {
	if n >= 16 {
		return firstAPXReg + Reg(n-16)
	}
	return Reg(n)
}

// disp8Scale is N of EVEX's disp8*N (SDM vol. 2, 2.7.5): the bytes accessed,
// or those of one element for broadcast, gather, compress and expand.
func (d *decoder) disp8Scale() int64 {
	switch d.a.mem() {
	case mExp:
		return d.byW(4, 8)
	case mExpB:
		return d.byW(1, 2)
	}
	return int64(d.memSize())
}

func (d *decoder) byW(narrow, wide int64) int64 {
	if d.w {
		return wide
	}
	return narrow
}

// fixedSize holds the memory sizes that depend on nothing.
var fixedSize = [memMask + 1]uint16{
	m1 >> memShift: 1, m2 >> memShift: 2, m4 >> memShift: 4, m8 >> memShift: 8, m10 >> memShift: 10,
	m16 >> memShift: 16, m32 >> memShift: 32, m48 >> memShift: 48, m64 >> memShift: 64, m512 >> memShift: 512,
}

// memSize is the size of the ModRM operand in memory. OpSize must be known.
func (d *decoder) memSize() uint16 {
	if d.bcast {
		if d.a&bc2 != 0 {
			return 2
		}
		return uint16(d.byW(4, 8))
	}
	kind := d.a.mem()
	if n := fixedSize[kind>>memShift]; n != 0 {
		return n
	}
	switch kind {
	case 0:
		return uint16(d.inst.OpSize)
	case mVL, mExp, mExpB:
		return d.vl
	case mHalf:
		return d.vl / 2
	case mQuart:
		return d.vl / 4
	case mEight:
		return d.vl / 8
	}
	return d.oddSize(kind)
}

func (d *decoder) oddSize(kind attr) uint16 {
	narrow := d.op16 && !d.w
	switch kind {
	case mY:
		return uint16(d.byW(4, 8))
	case mYY:
		return uint16(d.byW(8, 16))
	case mK:
		return uint16(d.byW(2, 8))
	case mKB:
		return uint16(d.byW(1, 4))
	case mHW:
		return uint16(d.byW(int64(d.vl/2), int64(d.vl)))
	case mFar:
		return uint16(d.inst.OpSize) + 2
	case mDup:
		if d.vl == 16 {
			return 8
		}
		return d.vl
	case mEnv:
		if narrow {
			return 14
		}
		return 28
	case mSave:
		if narrow {
			return 94
		}
		return 108
	}
	return 0 // mState
}
