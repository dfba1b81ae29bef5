package gdbserver

import (
	"encoding/binary"
	"fmt"
)

// register is one register as the target description declares it.
type register struct {
	name  string
	bits  int
	typ   string
	group string
	at    place
}

// place is where a register's value is kept. Exactly one of the first three
// is in use, according to kind.
type place struct {
	kind    placeKind
	word    func(*Registers) *uint64
	control x87Control
	// component of the XSAVE area, and offset in it
	component, offset int
}

type placeKind uint8

const (
	inWord placeKind = iota
	inX87Control
	inMXCSR
	inComponent
)

// feature is a set of registers that gdb knows under a fixed name.
type feature struct {
	name      string
	types     string // XML
	needs     int    // component of XCR0, or -1
	registers []register
}

// registerFile is the registers of a target, in the order of gdb's numbers.
type registerFile struct {
	layout    XSaveLayout
	features  []feature
	registers []register
	starts    []int // byte offset of each register in a g packet
	size      int   // of a g packet, in bytes
}

// gdb's numbers of the registers that every stop reply carries.
const (
	numRBP = 6
	numRSP = 7
	numRIP = 16
)

func newRegisterFile(layout XSaveLayout) *registerFile {
	f := &registerFile{layout: layout}
	for _, feature := range allFeatures() {
		if feature.needs >= 0 && !layout.has(feature.needs) {
			continue
		}
		f.features = append(f.features, feature)
		f.registers = append(f.registers, feature.registers...)
	}
	for _, r := range f.registers {
		f.starts = append(f.starts, f.size)
		f.size += r.bits / 8
	}
	return f
}

func (f *registerFile) get(r *Registers, num int) []byte {
	reg := &f.registers[num]
	value := make([]byte, 8, 64)
	x := xstate{&f.layout, r.XState}
	switch reg.at.kind {
	case inWord:
		binary.LittleEndian.PutUint64(value, *reg.at.word(r))
	case inX87Control:
		binary.LittleEndian.PutUint32(value, x.x87Control(reg.at.control))
	case inMXCSR:
		binary.LittleEndian.PutUint32(value, x.mxcsr())
	case inComponent:
		value = value[:reg.bits/8]
		clear(value)
		if c := x.component(reg.at.component); c != nil {
			copy(value, c[reg.at.offset:])
		}
	}
	return value[:reg.bits/8]
}

// put changes one register. It leaves the bytes of r.XState alone: it replaces
// the slice, so that copies of r stay as they are.
func (f *registerFile) put(r *Registers, num int, value []byte) error {
	reg := &f.registers[num]
	if len(value) != reg.bits/8 {
		return fmt.Errorf("%w: register %s of %d bytes", errMalformed, reg.name, len(value))
	}
	var wide [8]byte
	copy(wide[:], value)
	word := binary.LittleEndian.Uint64(wide[:])
	x := xstate{&f.layout, r.XState}
	switch reg.at.kind {
	case inWord:
		*reg.at.word(r) = word
	case inX87Control:
		r.XState = x.setX87Control(reg.at.control, uint32(word))
	case inMXCSR:
		r.XState, _ = x.writable(xSSE)
		binary.LittleEndian.PutUint32(r.XState[mxcsrAt:], uint32(word))
	case inComponent:
		area, component := x.writable(reg.at.component)
		copy(component[reg.at.offset:], value)
		r.XState = area
	}
	return nil
}

// encode returns the value of a g packet.
func (f *registerFile) encode(r *Registers) []byte {
	p := make([]byte, 0, f.size)
	for num := range f.registers {
		p = append(p, f.get(r, num)...)
	}
	return p
}

// decode changes the registers that differ in a G packet.
func (f *registerFile) decode(r *Registers, p []byte) error {
	if len(p) != f.size {
		return fmt.Errorf("%w: %d bytes of registers, not %d", errMalformed, len(p), f.size)
	}
	for num, reg := range f.registers {
		value := p[f.starts[num]:][:reg.bits/8]
		if string(value) == string(f.get(r, num)) {
			continue
		}
		if err := f.put(r, num, value); err != nil {
			return err
		}
	}
	return nil
}

// equal compares what gdb can see.
func (f *registerFile) equal(a, b *Registers) bool {
	return string(f.encode(a)) == string(f.encode(b))
}
