package x86

import "encoding/binary"

// maxLen is the longest instruction (SDM vol. 2, 2.3.11).
const maxLen = 15

// R16 to R31 of APX follow RIP and a gap, so that they do not collide with
// it. RegSet has no place for them.
const firstAPXReg Reg = 32

// decoder is the state of one Decode.
type decoder struct {
	inst  *Inst
	b     []byte // no more than maxLen
	pos   int
	short bool // read beyond b; what was read then is 0

	a    attr
	pp   uint8 // 0 none, 1 66, 2 F3, 3 F2
	rep  uint8 // the last F2 or F3 prefix
	seg  uint8
	op16 bool // prefix 66
	ad32 bool // prefix 67
	w    bool // REX.W or its like

	byteRegs       bool  // REX present: byte registers 4-7 are SPL-DIL, not AH-BH
	xR, xX, xB, xV uint8 // what the prefix adds to reg, index, base and VSIB index
	vvvv           uint8
	vl             uint16 // vector length in bytes
	bcast          bool   // EVEX.b
}

// Decode decodes the instruction at the start of b, which lies at pc. b may
// be longer than the instruction. Errors are ErrTruncated, ErrTooLong and
// *UnknownError (which matches ErrUnknown).
//
// Where makers differ, Intel is followed: near branches ignore prefix 66
// (AMD cuts RIP to 16 bits), and their displacements are 4 bytes.
// LOCK where it is not allowed gives FlowUndef.
func Decode(b []byte, pc uint64) (in Inst, err error) {
	d := decoder{inst: &in, b: b[:min(len(b), maxLen)], vl: 16}
	in.PC = pc
	known := d.decode()
	switch {
	case d.short && len(d.b) == maxLen:
		return Inst{}, ErrTooLong
	case d.short:
		return Inst{}, ErrTruncated
	case !known:
		return Inst{}, &UnknownError{PC: pc, Bytes: append([]byte(nil), d.b...)}
	}
	return in, nil
}

// decode fills d.inst. It reports whether there is such an instruction, unless
// d.short, which says that what it saw was not all there.
func (d *decoder) decode() bool {
	op := d.prefixes()
	if d.opcode(op); d.a == 0 {
		return false
	}
	var mem Mem
	isMem := false
	if d.a&hasM != 0 {
		if isMem = d.modRM(&mem); d.a == 0 {
			return false
		}
	}
	d.inst.OpSize = d.opSize()
	d.immediate()
	if d.inst.OpMap == map3DNow {
		d.inst.Opcode = uint8(d.inst.Imm)
		if d.a = now3D[d.inst.Opcode]; d.a == 0 {
			return false
		}
	}
	d.inst.Len = uint8(d.pos)
	d.inst.Spec = d.a.special()
	d.transfer(isMem)
	d.operands(isMem, &mem)
	d.flagSets()
	return true
}

// map3DNow is Inst.OpMap of 0F 0F.
const map3DNow = 15

// u8 and its like read the next bytes, or 0 beyond the end.
func (d *decoder) u8() uint8 {
	if d.pos >= len(d.b) {
		d.short = true
		return 0
	}
	v := d.b[d.pos]
	d.pos++
	return v
}

func (d *decoder) take(n int) []byte {
	if d.pos+n > len(d.b) {
		d.short = true
		return zeros[:n]
	}
	v := d.b[d.pos : d.pos+n]
	d.pos += n
	return v
}

var zeros [8]byte

func (d *decoder) s8() int64   { return int64(int8(d.u8())) }
func (d *decoder) u16() uint16 { return binary.LittleEndian.Uint16(d.take(2)) }
func (d *decoder) s32() int64  { return int64(int32(binary.LittleEndian.Uint32(d.take(4)))) }
func (d *decoder) u64() uint64 { return binary.LittleEndian.Uint64(d.take(8)) }

// prefixes reads legacy prefixes and REX and returns the byte behind them.
// REX counts only directly before the opcode.
func (d *decoder) prefixes() uint8 {
	rex := uint8(0)
	for {
		c := d.u8()
		switch c {
		case 0x66:
			d.op16 = true
		case 0x67:
			d.ad32 = true
		case 0xf2, 0xf3:
			d.rep = c
		case 0xf0:
			d.inst.Lock = true
		case 0x64, 0x65:
			d.seg = c
		case 0x26, 0x2e, 0x36, 0x3e: // ignored in 64-bit mode
		default:
			if c&0xf0 == 0x40 {
				rex = c
				continue
			}
			if rex != 0 {
				d.setREX(rex)
			}
			return c
		}
		rex = 0
	}
}

// setREX takes a byte whose low bits are W, R, X and B.
func (d *decoder) setREX(rex uint8) {
	d.inst.REX = rex
	d.byteRegs = true
	d.w = rex&8 != 0
	d.xR = rex & 4 << 1
	d.xX = rex & 2 << 2
	d.xB = rex & 1 << 3
}

// opcode finds the attributes of the opcode that begins with op; 0 for none.
func (d *decoder) opcode(op uint8) {
	if d.op16 {
		d.pp = 1
	}
	switch d.rep {
	case 0xf3:
		d.pp = 2
	case 0xf2:
		d.pp = 3
	}
	switch op {
	case 0x0f:
		d.escape()
	case 0xc4, 0xc5:
		d.vex(op)
	case 0x62:
		d.evex()
	case 0xd5:
		d.rex2()
	case 0x8f:
		if d.pos < len(d.b) && d.b[d.pos]&0x1f >= 8 { // else POP, of which only /0 exists
			d.xop()
			break
		}
		fallthrough
	default:
		d.oneByte(op)
	}
	d.inst.Prefix = [4]uint8{0, 0x66, 0xf3, 0xf2}[d.pp]
}

func (d *decoder) oneByte(op uint8) {
	d.inst.Opcode = op
	d.a = oneByteTable[op]
	switch {
	case op != 0x90:
	case d.xB != 0: // XCHG R8, RAX is no NOP
		d.a = oneByteTable[0x91]
	case d.pp == 2:
		d.a |= sPAUSE
	}
}

// escape reads what follows 0F.
func (d *decoder) escape() {
	m, op := uint8(1), d.u8()
	switch op {
	case 0x38:
		m, op = 2, d.u8()
	case 0x3a:
		m, op = 3, d.u8()
	}
	d.legacy(m, op)
}

func (d *decoder) legacy(m, op uint8) {
	d.inst.OpMap, d.inst.Opcode = m, op
	d.a = legacyTables[m][d.pp][op]
	if m == 1 && op == 0x0f {
		d.inst.OpMap = map3DNow
	}
}
