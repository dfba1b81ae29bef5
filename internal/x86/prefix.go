package x86

// legacyPrefixed reports a prefix that VEX, EVEX, XOP and REX2 exclude: with
// one of them the CPU raises #UD (SDM vol. 2, 2.3.2).
func (d *decoder) legacyPrefixed() bool {
	return d.op16 || d.rep != 0 || d.inst.Lock || d.inst.REX != 0
}

// vexBits takes the bits W, ~vvvv, L and pp as VEX and XOP lay them out.
func (d *decoder) vexBits(p uint8) {
	d.vvvv = ^p >> 3 & 15
	d.vl = 16 << (p >> 2 & 1)
	d.pp = p & 3
}

// vex reads the rest of a C4 or C5 prefix, and the opcode.
func (d *decoder) vex(op uint8) {
	if d.legacyPrefixed() {
		return
	}
	d.inst.Enc = VEX
	m, p := uint8(1), d.u8()
	rex := ^p >> 5 & 4
	if op == 0xc4 {
		m, rex = p&0x1f, ^p>>5&7
		p = d.u8()
		rex |= p >> 4 & 8
	}
	d.setREX(rex)
	d.vexBits(p)
	d.inst.OpMap, d.inst.Opcode = m, d.u8()
	if m < uint8(len(vexTables)) {
		d.a = vexTables[m][d.pp][d.inst.Opcode]
	}
}

// xop reads the rest of an XOP prefix, and the opcode.
func (d *decoder) xop() {
	if d.legacyPrefixed() {
		return
	}
	d.inst.Enc = XOP
	p0, p1 := d.u8(), d.u8()
	d.setREX(^p0>>5&7 | p1>>4&8)
	d.vexBits(p1)
	d.inst.OpMap, d.inst.Opcode = p0&0x1f, d.u8()
	if m := d.inst.OpMap - 8; m < uint8(len(xopTables)) && d.pp == 0 {
		d.a = xopTables[m][d.inst.Opcode]
	}
}

// evex reads the rest of an EVEX prefix, and the opcode. The forms that APX
// adds (map 4, registers 16-31 in addresses) are not in the tables.
func (d *decoder) evex() {
	if d.legacyPrefixed() {
		return
	}
	d.inst.Enc = EVEX
	p0, p1, p2 := d.u8(), d.u8(), d.u8()
	d.inst.Opcode = d.u8()
	if p0&0x08 != 0 || p1&0x04 == 0 {
		return
	}
	d.setREX(^p0>>5&7 | p1>>4&8)
	d.vvvv = ^p1 >> 3 & 15
	d.pp = p1 & 3
	d.bcast = p2&0x10 != 0
	d.inst.Masked = p2&7 != 0
	d.xV = ^p2 & 0x08 << 1
	d.inst.OpMap = p0 & 7
	d.vl = 16 << (p2 >> 5 & 3)
	d.a = evexTables[d.inst.OpMap][d.pp][d.inst.Opcode]
}

// rex2 reads the rest of a REX2 prefix (APX specification, 3.1.1), and the
// opcode. CPUs without APX raise #UD.
func (d *decoder) rex2() {
	if d.inst.REX != 0 {
		return
	}
	p := d.u8()
	op := d.u8()
	d.setREX(p & 15)
	d.xR |= p >> 2 & 16
	d.xX |= p >> 1 & 16
	d.xB |= p & 16
	d.inst.Enc = REX2
	switch row := op >> 4; {
	case p&0x80 != 0 && row != 3 && row != 8:
		d.legacy(1, op)
	case p&0x80 == 0 && op == 0xa1:
		d.a = ok | iMoff | jmp // JMPABS
		d.inst.Opcode = op
	case p&0x80 == 0 && row != 4 && row != 7 && row != 10 && row != 14 && !rex2Excluded(op):
		d.oneByte(op)
	}
}

// rex2Excluded reports the bytes that cannot follow REX2 because they are
// prefixes or escapes themselves.
func rex2Excluded(op uint8) bool {
	switch op {
	case 0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x62, 0x64, 0x65, 0x66, 0x67, 0xc4, 0xc5, 0xd5, 0xf0, 0xf2, 0xf3:
		return true
	}
	return false
}
