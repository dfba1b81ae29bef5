package gdbserver

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"testing"
)

func find(t *testing.T, f *registerFile, name string) int {
	t.Helper()
	for num, r := range f.registers {
		if r.name == name {
			return num
		}
	}
	t.Fatalf("no register %s", name)
	return 0
}

func TestRegisterNumbers(t *testing.T) {
	f := newRegisterFile(XSaveLayout{XCR0: 0x2e7})
	for name, want := range map[string]int{"rax": 0, "rbp": numRBP, "rsp": numRSP, "rip": numRIP, "st0": 24, "fctrl": 32, "xmm0": 40, "mxcsr": 56, "orig_rax": 57} {
		if got := find(t, f, name); got != want {
			t.Errorf("%s has number %d, not %d", name, got, want)
		}
	}
	if f.registers[numRSP].at.word(&Registers{GPR: [16]uint64{RSP: 5}}) == nil {
		t.Error("rsp has no place")
	}
}

// TestFeatures checks that registers appear with what the CPU has, and that
// the description is well-formed.
func TestFeatures(t *testing.T) {
	for _, test := range []struct {
		xcr0              uint64
		registers, packet int
	}{
		{0x3, 60, 16*8 + 8 + 7*4 + 8*10 + 8*4 + 16*16 + 4 + 3*8},
		{0x7, 76, 560 + 16*16},
		{0xe7, 76 + 8 + 32 + 32, 560 + 256 + 8*8 + 32*32 + 32*16},
		{0x2e7, 76 + 8 + 32 + 32 + 1, 560 + 256 + 8*8 + 32*32 + 32*16 + 4},
	} {
		f := newRegisterFile(XSaveLayout{XCR0: test.xcr0})
		if len(f.registers) != test.registers || f.size != test.packet {
			t.Errorf("XCR0 %#x: %d registers in %d bytes, not %d in %d", test.xcr0, len(f.registers), f.size, test.registers, test.packet)
		}
		var parsed struct {
			Features []struct {
				Registers []struct{} `xml:"reg"`
			} `xml:"feature"`
		}
		if err := xml.Unmarshal([]byte(f.description()), &parsed); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, feature := range parsed.Features {
			n += len(feature.Registers)
		}
		if n != test.registers {
			t.Errorf("XCR0 %#x: the description has %d registers, not %d", test.xcr0, n, test.registers)
		}
	}
}

// TestPutGet writes every register, to areas of every kind, and sees only that one change.
func TestPutGet(t *testing.T) {
	amd := XSaveLayout{XCR0: 0x2e7, Offset: [10]uint32{xAVX: 576, xOpmask: 832, xZMMHi256: 896, xHi16ZMM: 1408, xPKRU: 2432}}
	for _, layout := range []XSaveLayout{{XCR0: 0x2e7}, amd} {
		full := allVectors(&layout)
		for name, area := range map[string][]byte{"none": nil, "legacy": full[:legacySize], "full": full, "initial": make([]byte, layout.size())} {
			f := newRegisterFile(layout)
			for num, reg := range f.registers {
				before := Registers{XState: area}
				after := before.clone()
				value := bytes.Repeat([]byte{0x5a}, reg.bits/8)
				if reg.at.kind == inX87Control {
					value = []byte{0x55, 0x05, 0, 0} // the fields are not wider; as tags: none empty
				}
				if err := f.put(&after, num, value); err != nil {
					t.Fatal(err)
				}
				got := f.get(&after, num)
				if reg.name == "ftag" {
					// Only "empty" can be set: the rest of a tag follows from the value.
					for i := range 8 {
						if binary.LittleEndian.Uint16(got)>>(2*i)&3 == tagEmpty {
							t.Errorf("%s: ftag %x has an empty register", name, got)
						}
					}
				} else if mask := len(bytes.TrimRight(value, "\x00")); !bytes.Equal(got[:min(mask, 1)], value[:min(mask, 1)]) || (reg.at.kind != inX87Control && !bytes.Equal(got, value)) {
					t.Errorf("%s: %s is %x, not %x", name, reg.name, got, value)
				}
				for other, o := range f.registers {
					x87 := reg.at.kind == inX87Control || reg.at.component == xX87 && reg.at.kind == inComponent
					if other == num || x87 && o.name == "ftag" || reg.name == "fstat" {
						continue // which tag belongs to which register depends on fstat
					}
					if !bytes.Equal(f.get(&before, other), f.get(&after, other)) {
						t.Errorf("%s: writing %s changed %s", name, reg.name, o.name)
					}
				}
			}
		}
	}
}

func TestDecodeIsInverse(t *testing.T) {
	layout := XSaveLayout{XCR0: 0x2e7}
	f := newRegisterFile(layout)
	r := Registers{RIP: 1, FSBase: 2, XState: allVectors(&layout)}
	p := f.encode(&r)
	var other Registers
	if err := f.decode(&other, p); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(f.encode(&other), p) {
		t.Error("registers changed on their way")
	}
	if err := f.decode(&other, p[1:]); err == nil {
		t.Error("a short packet was accepted")
	}
}

// TestTagWord uses the values of SDM vol. 1, 10.5.1.1: top of stack 5, so that
// ST(0) is physical register 5.
func TestTagWord(t *testing.T) {
	area := make([]byte, legacySize)
	area[3] = 5 << 3
	area[4] = 1<<5 | 1<<6 | 1<<7
	binary.LittleEndian.PutUint64(area[32:], 1<<63) // ST(0) = 1.0
	binary.LittleEndian.PutUint16(area[40:], 0x3fff)
	binary.LittleEndian.PutUint16(area[72:], 0x7fff) // ST(2) = infinity or NaN; ST(1) = 0
	want := uint16(tagSpecial<<14 | tagZero<<12 | tagValid<<10 | 0x3ff)
	if got := fullTagWord(area); got != want {
		t.Errorf("tag word %#04x, not %#04x", got, want)
	}
	if got := abridgedTags(want); got != area[4] {
		t.Errorf("abridged to %#x, not %#x", got, area[4])
	}
}

func TestGDBSignal(t *testing.T) {
	for linux, want := range map[int]uint8{2: 2, 7: 10, 10: 30, 11: 11, 17: 20, 31: 12, 32: 77, 33: 45, 34: 46, 63: 75, 64: 78, 65: 143, 0: 143, -1: 143} {
		if got := gdbSignal(linux); got != want {
			t.Errorf("signal %d is %d for gdb, not %d", linux, got, want)
		}
	}
}
