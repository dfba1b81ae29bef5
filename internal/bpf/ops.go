package bpf

// The instructions that seccomp allows (seccomp_check_filter), as their codes
// are composed in linux/bpf_common.h.
const (
	opLDAbs  = 0x20
	opLDLen  = 0x80
	opLDXLen = 0x81
	opLDImm  = 0x00
	opLDXImm = 0x01
	opLDMem  = 0x60
	opLDXMem = 0x61
	opST     = 0x02
	opSTX    = 0x03
	opRetK   = 0x06
	opRetA   = 0x16
	opTAX    = 0x07
	opTXA    = 0x87
	opJA     = 0x05
	opNeg    = 0x84
	aluK     = 0x04 // with the operation in bits 4 to 7
	aluX     = 0x0c
	jmpK     = 0x05
	jmpX     = 0x0d
)

const memWords = 16 // BPF_MEMWORDS

// value is a word that may be unknown.
type value struct {
	v     uint32
	known bool
}

func known(v uint32) value { return value{v, true} }

// state is a machine before an instruction.
type state struct {
	a, x value
	mem  [memWords]value
}

// op is an instruction. Exactly one of do, test, ret and jump is what it does.
type op struct {
	valid func(Inst) bool
	do    func(s *state, k uint32, load func(uint32) value)
	test  func(s *state, k uint32) (taken, known bool)
	ret   func(s *state, k uint32) value
	jump  bool
	// halts: a divisor that is 0 ends the filter with 0.
	halts bool
}

var ops = map[uint16]op{
	opLDAbs: {
		valid: func(in Inst) bool { return in.K%4 == 0 && in.K < dataSize },
		do:    func(s *state, k uint32, load func(uint32) value) { s.a = load(k) },
	},
	opLDLen:  {do: func(s *state, _ uint32, _ func(uint32) value) { s.a = known(dataSize) }},
	opLDXLen: {do: func(s *state, _ uint32, _ func(uint32) value) { s.x = known(dataSize) }},
	opLDImm:  {do: func(s *state, k uint32, _ func(uint32) value) { s.a = known(k) }},
	opLDXImm: {do: func(s *state, k uint32, _ func(uint32) value) { s.x = known(k) }},
	opLDMem:  {valid: isWord, do: func(s *state, k uint32, _ func(uint32) value) { s.a = s.mem[k] }},
	opLDXMem: {valid: isWord, do: func(s *state, k uint32, _ func(uint32) value) { s.x = s.mem[k] }},
	opST:     {valid: isWord, do: func(s *state, k uint32, _ func(uint32) value) { s.mem[k] = s.a }},
	opSTX:    {valid: isWord, do: func(s *state, k uint32, _ func(uint32) value) { s.mem[k] = s.x }},
	opTAX:    {do: func(s *state, _ uint32, _ func(uint32) value) { s.x = s.a }},
	opTXA:    {do: func(s *state, _ uint32, _ func(uint32) value) { s.a = s.x }},
	opNeg:    {do: func(s *state, _ uint32, _ func(uint32) value) { s.a.v = -s.a.v }},
	opRetK:   {ret: func(_ *state, k uint32) value { return known(k) }},
	opRetA:   {ret: func(s *state, _ uint32) value { return s.a }},
	opJA:     {jump: true},
}

// alu are the operations of two words, by bits 4 to 7 of the code. A shift
// takes the low five bits of its count, as the kernel's machine does.
var alu = map[uint16]struct {
	apply func(a, b uint32) uint32
	valid func(Inst) bool // with a constant
	halts bool
}{
	0x00: {apply: func(a, b uint32) uint32 { return a + b }},
	0x10: {apply: func(a, b uint32) uint32 { return a - b }},
	0x20: {apply: func(a, b uint32) uint32 { return a * b }},
	0x30: {apply: func(a, b uint32) uint32 { return a / max(b, 1) }, valid: func(in Inst) bool { return in.K != 0 }, halts: true},
	0x40: {apply: func(a, b uint32) uint32 { return a | b }},
	0x50: {apply: func(a, b uint32) uint32 { return a & b }},
	0x60: {apply: func(a, b uint32) uint32 { return a << (b & 31) }, valid: isShift},
	0x70: {apply: func(a, b uint32) uint32 { return a >> (b & 31) }, valid: isShift},
	0xa0: {apply: func(a, b uint32) uint32 { return a ^ b }},
}

// tests are the comparisons of the conditional jumps, likewise.
var tests = map[uint16]func(a, b uint32) bool{
	0x10: func(a, b uint32) bool { return a == b },
	0x20: func(a, b uint32) bool { return a > b },
	0x30: func(a, b uint32) bool { return a >= b },
	0x40: func(a, b uint32) bool { return a&b != 0 },
}

func isWord(in Inst) bool  { return in.K < memWords }
func isShift(in Inst) bool { return in.K < 32 }

func init() {
	for bits, o := range alu {
		apply := o.apply
		ops[aluK|bits] = op{valid: o.valid, do: func(s *state, k uint32, _ func(uint32) value) {
			s.a = combine(apply, s.a, known(k))
		}}
		ops[aluX|bits] = op{halts: o.halts, do: func(s *state, _ uint32, _ func(uint32) value) {
			s.a = combine(apply, s.a, s.x)
		}}
	}
	for bits, compare := range tests {
		ops[jmpK|bits] = op{test: func(s *state, k uint32) (bool, bool) { return compare(s.a.v, k), s.a.known }}
		ops[jmpX|bits] = op{test: func(s *state, _ uint32) (bool, bool) {
			return compare(s.a.v, s.x.v), s.a.known && s.x.known
		}}
	}
}

func combine(apply func(a, b uint32) uint32, a, b value) value {
	return value{apply(a.v, b.v), a.known && b.known}
}

// targets lists where the instruction at pc may lead.
func (o *op) targets(pc int, in Inst) []uint64 {
	next := uint64(pc) + 1
	switch {
	case o.ret != nil:
		return nil
	case o.jump:
		return []uint64{next + uint64(in.K)}
	case o.test != nil:
		return []uint64{next + uint64(in.Jt), next + uint64(in.Jf)}
	}
	return []uint64{next}
}
