package x86

// opSize is Inst.OpSize.
func (d *decoder) opSize() uint8 {
	switch d.a.opSize() {
	case os1:
		return 1
	case osV:
		switch {
		case d.w:
			return 8
		case d.op16:
			return 2
		}
		return 4
	case osY:
		return uint8(d.byW(4, 8))
	case osD:
		if d.op16 && !d.w {
			return 2
		}
		return 8
	case os8:
		return 8
	}
	return 0
}

// immediate reads the immediate or branch displacement.
func (d *decoder) immediate() {
	kind := d.a.imm()
	if kind == 0 {
		return
	}
	in := d.inst
	in.ImmOff = uint8(d.pos)
	switch kind {
	case iB, iRel8:
		in.Imm = d.s8()
	case iU:
		in.Imm = int64(d.u8())
	case iW:
		in.Imm = int64(d.u16())
	case iD, iRel32:
		in.Imm = d.s32()
	case iZ:
		d.immZ(in.OpSize == 2)
	case iRelZ:
		d.immZ(d.op16 && !d.w)
	case iV:
		if in.OpSize == 8 {
			in.Imm = int64(d.u64())
		} else {
			d.immZ(in.OpSize == 2)
		}
	case iWB:
		d.u16()
		in.ImmOff = uint8(d.pos)
		in.Imm = int64(d.u8())
	case iBB:
		d.u8()
		in.ImmOff = uint8(d.pos)
		in.Imm = int64(d.u8())
	case iMoff:
		d.absolute()
		return
	}
	in.ImmLen = uint8(d.pos) - in.ImmOff
}

func (d *decoder) immZ(short bool) {
	if short {
		d.inst.Imm = int64(int16(d.u16()))
	} else {
		d.inst.Imm = d.s32()
	}
}

// absolute reads the address of MOV moffs, which counts as a displacement.
func (d *decoder) absolute() {
	in := d.inst
	in.ImmOff, in.DispOff = 0, uint8(d.pos)
	if d.ad32 && d.a.flow() == FlowNext {
		in.Imm = int64(uint32(d.s32()))
	} else {
		in.Imm = int64(d.u64())
	}
	in.DispLen = uint8(d.pos) - in.DispOff
}

// transfer fills what concerns control flow.
func (d *decoder) transfer(isMem bool) {
	in := d.inst
	in.Flow = d.a.flow()
	if in.Lock && (d.a&lock == 0 || !isMem) && in.Flow != FlowPriv {
		in.Flow = FlowUndef // SDM vol. 2, LOCK: #UD
	}
	switch in.Flow {
	case FlowJmp, FlowJcc, FlowCall, FlowXbegin:
		in.Target = in.Next() + uint64(in.Imm)
		if in.DispLen != 0 { // JMPABS
			in.Target = uint64(in.Imm)
		}
		if in.Flow == FlowJcc && d.a.special() != LOOP {
			in.Cond = in.Opcode & 15
		}
	}
}

// operands fills registers and memory operands.
func (d *decoder) operands(isMem bool, m *Mem) {
	in := d.inst
	if in.HasModRM {
		d.modRMRegs(isMem, m)
	}
	if d.a.imm() == iMoff && in.Flow == FlowNext {
		d.addMem(Mem{
			Base: NoReg, Index: NoReg, Scale: 1, Disp: in.Imm,
			Seg: d.seg, Addr32: d.ad32, Size: uint16(in.OpSize), Access: d.rmAccess(),
		})
		in.Imm = 0
	}
	if d.a&oRW != 0 {
		d.reg(in.Opcode&7|d.xB, in.OpSize == 1, d.a&oR != 0, d.a&oW != 0)
	}
	if d.a&(vR|vW) != 0 {
		d.reg(d.vvvv, false, d.a&vR != 0, d.a&vW != 0)
	}
	d.impliedOperands()
	if in.OpSize < 4 && in.OpSize != 0 { // the rest of the register stays
		in.RegsRead |= in.RegsWritten
	}
}

func (d *decoder) rmAccess() Access {
	var acc Access
	if d.a&rRbit != 0 {
		acc |= Read
	}
	if d.a&rWbit != 0 {
		acc |= Write
	}
	return acc
}

// modRMRegs notes the registers and the memory operand that ModRM names.
func (d *decoder) modRMRegs(isMem bool, m *Mem) {
	in := d.inst
	acc := d.rmAccess()
	if isMem {
		if acc != 0 || d.a&useAddr != 0 {
			d.addressRegs(m)
		}
		if acc != 0 {
			m.Access, m.Size = acc, d.memSize()
			if d.a&popAddr != 0 && m.Base == RSP {
				m.Disp += int64(in.OpSize)
			}
			d.addMem(*m)
		}
	} else if d.a&rmGPR != 0 {
		isByte := in.OpSize == 1 || d.a&rm8 != 0
		d.reg(in.ModRM&7|d.xB, isByte, acc&Read != 0, acc&Write != 0)
	}
	if d.a&gRW != hasM {
		d.reg(in.ModRM>>3&7|d.xR, in.OpSize == 1, d.a&gRbit != 0, d.a&gWbit != 0)
	}
	if d.a&zeroing != 0 && in.ModRM >= 0xc0 && in.OpSize >= 4 && in.ModRM>>3&7|d.xR == in.ModRM&7|d.xB {
		in.RegsRead = 0
	}
}

func (d *decoder) addressRegs(m *Mem) {
	d.inst.RegsRead = d.inst.RegsRead.With(m.Base)
	if !m.VSIB {
		d.inst.RegsRead = d.inst.RegsRead.With(m.Index)
	}
}

// reg notes what happens to general register n, which without REX is one of
// AH-BH if it is a byte register above 3.
func (d *decoder) reg(n uint8, isByte, read, written bool) {
	if isByte && !d.byteRegs {
		n &= 3
	}
	if read {
		d.inst.RegsRead = d.inst.RegsRead.With(gpr(n))
	}
	if written {
		d.inst.RegsWritten = d.inst.RegsWritten.With(gpr(n))
	}
}

func (d *decoder) addMem(m Mem) {
	d.inst.mems[d.inst.nmems] = m
	d.inst.nmems++
}

// impliedOperands notes what the instruction does without saying so.
func (d *decoder) impliedOperands() {
	in := d.inst
	if d.a&repOK != 0 && d.rep != 0 {
		in.Rep = d.rep
		in.RegsRead |= sRCX
		in.RegsWritten |= sRCX
	}
	n := d.a.implied()
	if n == 0 {
		return
	}
	e := &implieds[n]
	in.RegsRead |= e.read
	in.RegsWritten |= e.written
	for i := range e.mem {
		if e.mem[i].access != 0 {
			d.addImplied(&e.mem[i])
		}
	}
}

func (d *decoder) addImplied(im *impliedMem) {
	m := Mem{Base: im.base, Index: NoReg, Scale: 1, Access: im.access, Size: uint16(im.size)}
	if m.Size == 0 {
		m.Size = uint16(d.inst.OpSize)
	}
	if im.base == NoReg {
		m.Base = gpr(d.inst.ModRM>>3&7 | d.xR)
	}
	if im.push {
		m.Disp = -int64(m.Size)
	}
	if im.seg {
		m.Seg = d.seg
	}
	m.Addr32 = im.addr && d.ad32
	d.addMem(m)
}
