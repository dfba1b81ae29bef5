package bpf

import (
	"encoding/binary"
	"errors"
	"testing"
)

const (
	allow  = 0x7fff0000
	refuse = 0x00050001
	x86    = 0xc000003e
	jeq    = 0x15
	jgt    = 0x25
	jset   = 0x45
	and    = 0x54
)

// typical refuses call 5 for another architecture, call 7, and call 8 with an
// odd second argument.
var typical = []Inst{
	{opLDAbs, 0, 0, offArch},
	{jeq, 1, 0, x86},
	{opRetK, 0, 0, 0},
	{opLDAbs, 0, 0, offNR},
	{jeq, 4, 0, 7},
	{jeq, 0, 4, 8},
	{opLDAbs, 0, 0, offArgs + 8},
	{and, 0, 0, 1},
	{jeq, 0, 1, 1},
	{opRetK, 0, 0, refuse},
	{opRetK, 0, 0, allow},
}

func mustLoad(t *testing.T, insts []Inst) Program {
	t.Helper()
	p, err := Load(insts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRun(t *testing.T) {
	p := mustLoad(t, typical)
	for _, c := range []struct {
		d    Data
		want uint32
	}{
		{Data{NR: 7, Arch: x86}, refuse},
		{Data{NR: 7, Arch: 3}, 0},
		{Data{NR: 1, Arch: x86}, allow},
		{Data{NR: 8, Arch: x86, Args: [6]uint64{1, 2}}, allow},
		{Data{NR: 8, Arch: x86, Args: [6]uint64{0, 3}}, refuse},
	} {
		if got := p.Run(&c.d); got != c.want {
			t.Errorf("%+v: %#x, want %#x", c.d, got, c.want)
		}
	}
}

func TestAlways(t *testing.T) {
	p := mustLoad(t, typical)
	for nr, want := range map[uint32]struct {
		v     uint32
		known bool
	}{7: {refuse, true}, 1: {allow, true}, 8: {0, false}} {
		if v, ok := p.Always(nr, x86); ok != want.known || ok && v != want.v {
			t.Errorf("call %d: %#x %v, want %#x %v", nr, v, ok, want.v, want.known)
		}
	}
}

// TestArithmetic runs each operation with a constant and with X.
func TestArithmetic(t *testing.T) {
	for code, want := range map[uint16]uint32{
		0x00: 103, 0x10: 97, 0x20: 300, 0x30: 33, 0x40: 103, 0x50: 0, 0x60: 800, 0x70: 12, 0xa0: 103,
	} {
		for _, insts := range [][]Inst{
			{{opLDImm, 0, 0, 100}, {aluK | code, 0, 0, 3}, {opRetA, 0, 0, 0}},
			{{opLDImm, 0, 0, 100}, {opLDXImm, 0, 0, 3}, {aluX | code, 0, 0, 0}, {opRetA, 0, 0, 0}},
			{{opLDImm, 0, 0, 3}, {opST, 0, 0, 15}, {opLDXMem, 0, 0, 15}, {opLDImm, 0, 0, 100}, {aluX | code, 0, 0, 0}, {opTAX, 0, 0, 0}, {opTXA, 0, 0, 0}, {opRetA, 0, 0, 0}},
		} {
			if got := mustLoad(t, insts).Run(&Data{}); got != want {
				t.Errorf("operation %#x: %d, want %d", code, got, want)
			}
		}
	}
}

func TestOddities(t *testing.T) {
	for name, c := range map[string]struct {
		insts []Inst
		want  uint32
	}{
		"division by zero ends": {[]Inst{{opLDImm, 0, 0, 9}, {aluX | 0x30, 0, 0, 0}, {opRetK, 0, 0, allow}}, 0},
		"negation":              {[]Inst{{opLDImm, 0, 0, 1}, {opNeg, 0, 0, 0}, {opRetA, 0, 0, 0}}, 0xffffffff},
		"length":                {[]Inst{{opLDLen, 0, 0, 0}, {opRetA, 0, 0, 0}}, 64},
		"registers start as 0":  {[]Inst{{opTXA, 0, 0, 0}, {opRetA, 0, 0, 0}}, 0},
		"high half":             {[]Inst{{opLDAbs, 0, 0, offArgs + 44}, {opRetA, 0, 0, 0}}, 0x12},
		"instruction pointer":   {[]Inst{{opLDAbs, 0, 0, offIP + 4}, {opRetA, 0, 0, 0}}, 0x7f},
		"jump":                  {[]Inst{{opJA, 0, 0, 1}, {opRetK, 0, 0, 1}, {opRetK, 0, 0, 2}}, 2},
		"shift by 33":           {[]Inst{{opLDImm, 0, 0, 1}, {opLDXImm, 0, 0, 33}, {aluX | 0x60, 0, 0, 0}, {opRetA, 0, 0, 0}}, 2},
	} {
		d := &Data{IP: 0x7f_0000_0000, Args: [6]uint64{5: 0x12_0000_0000}}
		if got := mustLoad(t, c.insts).Run(d); got != c.want {
			t.Errorf("%s: %#x, want %#x", name, got, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	end := Inst{opRetK, 0, 0, 0}
	for name, insts := range map[string][]Inst{
		"nothing":                 {},
		"no end":                  {{opLDImm, 0, 0, 1}},
		"modulo":                  {{aluK | 0x90, 0, 0, 3}, end},
		"packet load":             {{0x28, 0, 0, 12}, end},
		"unaligned":               {{opLDAbs, 0, 0, 2}, end},
		"beyond the data":         {{opLDAbs, 0, 0, dataSize}, end},
		"division by constant 0":  {{aluK | 0x30, 0, 0, 0}, end},
		"shift by constant 32":    {{aluK | 0x60, 0, 0, 32}, end},
		"word 16":                 {{opST, 0, 0, 16}, end},
		"jump beyond the end":     {{opJA, 0, 0, 1}, end},
		"jump far beyond the end": {{opJA, 0, 0, 0xffffffff}, end},
		"branch beyond the end":   {{jeq, 0, 1, 0}, end},
		"word that is unwritten":  {{jgt, 1, 0, 0}, {opST, 0, 0, 2}, {opLDMem, 0, 0, 2}, end},
		"too long":                make([]Inst, MaxInsts+1),
	} {
		if _, err := Load(insts); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzAlways checks that what is said of all calls of a number holds for each,
// and that no filter that Load takes goes wrong.
func FuzzAlways(f *testing.F) {
	var seed []byte
	for _, in := range typical {
		seed = binary.LittleEndian.AppendUint16(seed, in.Code)
		seed = append(seed, in.Jt, in.Jf)
		seed = binary.LittleEndian.AppendUint32(seed, in.K)
	}
	f.Add(seed, uint32(8), uint64(1), uint64(3))
	f.Add(seed, uint32(7), uint64(0), uint64(0))
	f.Fuzz(func(t *testing.T, code []byte, nr uint32, ip, arg uint64) {
		p, err := Load(Decode(code))
		if err != nil {
			return
		}
		d := &Data{NR: nr, Arch: x86, IP: ip, Args: [6]uint64{arg, arg, ^arg, arg + 1, 0, 7}}
		got := p.Run(d)
		if want, ok := p.Always(nr, x86); ok && got != want {
			t.Errorf("%v says %#x of %+v, but always %#x", p, got, d, want)
		}
	})
}
