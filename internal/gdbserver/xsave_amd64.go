package gdbserver

import (
	"encoding/binary"
	"slices"
)

// Components of the XSAVE area, by their bit in XCR0 (SDM vol. 1, 13.1).
const (
	xX87      = 0
	xSSE      = 1
	xAVX      = 2
	xOpmask   = 5
	xZMMHi256 = 6 // upper halves of zmm0–15
	xHi16ZMM  = 7 // zmm16–31
	xPKRU     = 9
)

const (
	legacySize   = 512
	headerSize   = 64
	xstateBVAt   = 512
	mxcsrAt      = 24
	initialMXCSR = 0x1f80
	initialFCW   = 0x37f
)

// XSaveLayout says which components the recorded CPU had, and where they are.
type XSaveLayout struct {
	XCR0 uint64
	// Offset of each component in the standard format, CPUID.(EAX=0DH,ECX=i).EBX;
	// makers differ. Zero means where Intel's CPUs have it.
	Offset [10]uint32
}

var intelOffset = [10]uint32{xX87: 32, xSSE: 160, xAVX: 576, xOpmask: 1088, xZMMHi256: 1152, xHi16ZMM: 1664, xPKRU: 2688}

var componentSize = [10]uint32{xX87: 128, xSSE: 256, xAVX: 256, xOpmask: 64, xZMMHi256: 512, xHi16ZMM: 1024, xPKRU: 8}

func (l *XSaveLayout) has(component int) bool { return l.XCR0>>component&1 != 0 }

func (l *XSaveLayout) offset(component int) int {
	if component > xSSE && l.Offset[component] != 0 {
		return int(l.Offset[component])
	}
	return int(intelOffset[component])
}

func (l *XSaveLayout) size() int {
	size := legacySize + headerSize
	for c := range componentSize {
		if l.has(c) {
			size = max(size, l.offset(c)+int(componentSize[c]))
		}
	}
	return size
}

// xstate is an XSAVE area with its layout.
type xstate struct {
	layout *XSaveLayout
	area   []byte
}

// inUse is XSTATE_BV: the components that are not in their initial state. An
// area without a header came from FXSAVE, which saves x87 and SSE always.
func (x xstate) inUse() uint64 {
	if len(x.area) < legacySize {
		return 0
	}
	if len(x.area) < legacySize+headerSize {
		return 1<<xX87 | 1<<xSSE
	}
	return binary.LittleEndian.Uint64(x.area[xstateBVAt:])
}

// component returns the bytes of a component, or nil if it is in its initial state.
func (x xstate) component(c int) []byte {
	end := x.layout.offset(c) + int(componentSize[c])
	if x.inUse()>>c&1 == 0 || len(x.area) < end {
		return nil
	}
	return x.area[x.layout.offset(c):end]
}

// writable returns an area in which component c can be changed, and c's bytes.
func (x xstate) writable(c int) (area, component []byte) {
	area = make([]byte, max(x.layout.size(), len(x.area)))
	copy(area, x.area)
	if len(x.area) < legacySize {
		binary.LittleEndian.PutUint32(area[mxcsrAt:], initialMXCSR)
	}
	used := x.inUse()
	component = area[x.layout.offset(c):][:componentSize[c]]
	if used>>c&1 == 0 {
		// What the area holds of a component in its initial state means nothing.
		clear(component)
		if c == xX87 {
			clear(area[:mxcsrAt])
			binary.LittleEndian.PutUint16(area, initialFCW)
		}
	}
	binary.LittleEndian.PutUint64(area[xstateBVAt:], used|1<<c)
	return area, component
}

func (x xstate) mxcsr() uint32 {
	if len(x.area) < legacySize {
		return initialMXCSR
	}
	return binary.LittleEndian.Uint32(x.area[mxcsrAt:])
}

// x87Control is one of the registers that gdb calls fctrl … fop, each of 32 bits.
type x87Control int

const (
	fctrl x87Control = iota
	fstat
	ftag
	fiseg
	fioff
	foseg
	fooff
	fop
)

// x87Field is where FXSAVE64 keeps a control register (SDM vol. 1, table 10-2).
// The selectors are the upper halves of 64-bit pointers there.
var x87Field = [...]struct{ at, size int }{
	fctrl: {0, 2}, fstat: {2, 2}, ftag: {4, 1}, fiseg: {12, 2}, fioff: {8, 4}, foseg: {20, 2}, fooff: {16, 4}, fop: {6, 2},
}

func (x xstate) x87Control(which x87Control) uint32 {
	if x.component(xX87) == nil {
		return map[x87Control]uint32{fctrl: initialFCW, ftag: 0xffff}[which]
	}
	if which == ftag {
		return uint32(fullTagWord(x.area))
	}
	var word [4]byte
	f := x87Field[which]
	copy(word[:], x.area[f.at:f.at+f.size])
	return binary.LittleEndian.Uint32(word[:])
}

func (x xstate) setX87Control(which x87Control, v uint32) []byte {
	area, _ := x.writable(xX87)
	if which == ftag {
		area[x87Field[ftag].at] = abridgedTags(uint16(v))
		return area
	}
	word := binary.LittleEndian.AppendUint32(nil, v)
	f := x87Field[which]
	copy(area[f.at:f.at+f.size], word)
	return area
}

// Tags of an x87 register in the full tag word (SDM vol. 1, 8.1.7).
const (
	tagValid = iota
	tagZero
	tagSpecial
	tagEmpty
)

// fullTagWord computes the tag word of FSAVE, which gdb shows, from FXSAVE's,
// which has one bit for each physical register: not empty (SDM vol. 1, 10.5.1.1).
func fullTagWord(area []byte) uint16 {
	top := int(area[3]) >> 3 & 7
	var tags uint16
	for physical := range 8 {
		tag := tagEmpty
		if area[4]>>physical&1 != 0 {
			st := (physical - top + 8) % 8
			tag = x87Tag(area[32+16*st:][:10])
		}
		tags |= uint16(tag) << (2 * physical)
	}
	return tags
}

func x87Tag(st []byte) int {
	mantissa := binary.LittleEndian.Uint64(st)
	exponent := binary.LittleEndian.Uint16(st[8:]) & 0x7fff
	switch {
	case exponent == 0 && mantissa == 0:
		return tagZero
	case exponent == 0 || exponent == 0x7fff || mantissa>>63 == 0:
		return tagSpecial
	}
	return tagValid
}

func abridgedTags(full uint16) byte {
	var tags byte
	for physical := range 8 {
		if full>>(2*physical)&3 != tagEmpty {
			tags |= 1 << physical
		}
	}
	return tags
}

// clone returns registers that share nothing with r.
func (r Registers) clone() Registers {
	r.XState = slices.Clone(r.XState)
	return r
}
