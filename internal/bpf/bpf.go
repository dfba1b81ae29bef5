// Package bpf is the classic BPF of seccomp(2): the check that the kernel makes
// of a filter, and its evaluation, with all that the filter looks at known or
// with part of it unknown.
package bpf

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Inst is struct sock_filter (linux/filter.h).
type Inst struct {
	Code   uint16
	Jt, Jf uint8
	K      uint32
}

// InstSize is its size in memory.
const InstSize = 8

// MaxInsts is BPF_MAXINSNS (linux/bpf_common.h).
const MaxInsts = 4096

// Program is a filter that Load has found to be sound.
type Program []Inst

// ErrInvalid is what makes the kernel refuse a filter with EINVAL.
var ErrInvalid = errors.New("invalid filter")

// Decode reads instructions as they are in a program's memory.
func Decode(b []byte) []Inst {
	out := make([]Inst, len(b)/InstSize)
	for i := range out {
		p := b[i*InstSize:]
		out[i] = Inst{binary.LittleEndian.Uint16(p), p[2], p[3], binary.LittleEndian.Uint32(p[4:])}
	}
	return out
}

// Data is struct seccomp_data (linux/seccomp.h).
type Data struct {
	NR   uint32
	Arch uint32
	IP   uint64
	Args [6]uint64
}

// Offsets of Data's words as a filter sees them.
const (
	offNR    = 0
	offArch  = 4
	offIP    = 8
	offArgs  = 16
	dataSize = 64
)

// word returns the 32-bit word at a multiple of 4.
func (d *Data) word(off uint32) uint32 {
	switch {
	case off == offNR:
		return d.NR
	case off == offArch:
		return d.Arch
	case off < offArgs:
		return uint32(d.IP >> (8 * (off - offIP)))
	}
	return uint32(d.Args[(off-offArgs)/8] >> (8 * (off % 8)))
}

// Run returns what the filter says of a call.
func (p Program) Run(d *Data) uint32 {
	got := p.evaluate(func(off uint32) value { return known(d.word(off)) })
	return got.v // everything was known
}

// Always returns what the filter says of all calls of a number, whatever their
// arguments and wherever they are made, if that is always the same as far as
// this can tell.
func (p Program) Always(nr, arch uint32) (uint32, bool) {
	got := p.evaluate(func(off uint32) value {
		switch off {
		case offNR:
			return known(nr)
		case offArch:
			return known(arch)
		}
		return value{}
	})
	return got.v, got.known
}

// Load checks a filter as the kernel does (bpf_check_classic in
// net/core/filter.c, seccomp_check_filter in kernel/seccomp.c).
func Load(insts []Inst) (Program, error) {
	if len(insts) == 0 || len(insts) > MaxInsts {
		return nil, fmt.Errorf("%w: %d instructions", ErrInvalid, len(insts))
	}
	for pc, in := range insts {
		o, ok := ops[in.Code]
		if !ok || o.valid != nil && !o.valid(in) {
			return nil, fmt.Errorf("%w: instruction %d is %#x %d", ErrInvalid, pc, in.Code, in.K)
		}
		for _, to := range o.targets(pc, in) {
			if to >= uint64(len(insts)) {
				return nil, fmt.Errorf("%w: instruction %d leads to %d of %d", ErrInvalid, pc, to, len(insts))
			}
		}
	}
	return insts, checkStores(insts)
}

// checkStores refuses the use of a memory word that may not have been written
// (check_load_and_stores).
func checkStores(insts []Inst) error {
	// Which words have been written on all ways to an instruction.
	written := make([]uint16, len(insts))
	for i := range written {
		written[i] = ^uint16(0)
	}
	written[0] = 0
	for pc, in := range insts {
		o, now := ops[in.Code], written[pc]
		switch in.Code {
		case opST, opSTX:
			now |= 1 << in.K
		case opLDMem, opLDXMem:
			if now&(1<<in.K) == 0 {
				return fmt.Errorf("%w: instruction %d reads word %d, which is not written", ErrInvalid, pc, in.K)
			}
		}
		for _, to := range o.targets(pc, in) {
			written[to] &= now
		}
	}
	return nil
}
