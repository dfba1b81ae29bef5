package x86

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"
)

// cpuState is what a register-to-register instruction can see and change. The
// offsets are known to thunk.
type cpuState struct {
	regs  [16]uint64 // RSP's is ignored
	flags uint64
}

// testFlags are the flags that TestEffectsOnCPU varies.
const testFlags = uint64(StatusFlags)

// cpuRunner runs machine code in this process.
type cpuRunner struct {
	page []byte
	call func(*cpuState)
}

func newCPURunner(t *testing.T) *cpuRunner {
	t.Helper()
	page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Skipf("no writable and executable memory: %v", err)
	}
	t.Cleanup(func() { unix.Munmap(page) })
	// A Go func value points to a word that holds the code's address; the
	// first argument is in RAX (Go's internal ABI).
	code := &struct{ entry unsafe.Pointer }{unsafe.Pointer(&page[0])}
	return &cpuRunner{page, *(*func(*cpuState))(unsafe.Pointer(&code))}
}

// load puts inst into code that loads a cpuState, runs inst and stores the
// state again. Go keeps g in R14 and wants RBP, X15 and DF as they were.
func (r *cpuRunner) load(inst []byte) {
	c := []byte{
		0x55, 0x41, 0x56, 0x50, // push rbp, r14, rax
		0xff, 0xb0, 0x80, 0, 0, 0, 0x9d, // push [rax+128]; popf
	}
	for n := byte(1); n < 16; n++ {
		if n != byte(RSP) { // mov n, [rax+8*n]
			c = append(c, 0x48|n>>3<<2, 0x8b, 0x40|n&7<<3, n*8)
		}
	}
	c = append(c, 0x48, 0x8b, 0x00) // mov rax, [rax]
	c = append(c, inst...)
	c = append(c, 0x50, 0x9c, 0x48, 0x8b, 0x44, 0x24, 0x10) // push rax; pushf; mov rax, [rsp+16]
	for n := byte(1); n < 16; n++ {
		if n != byte(RSP) { // mov [rax+8*n], n
			c = append(c, 0x48|n>>3<<2, 0x89, 0x40|n&7<<3, n*8)
		}
	}
	c = append(c,
		0x8f, 0x80, 0x80, 0, 0, 0, 0x8f, 0x00, // pop [rax+128]; pop [rax]
		0xfc, 0x58, 0x41, 0x5e, 0x5d, 0xc3) // cld; pop rax, r14, rbp; ret
	copy(r.page, c)
}

func (r *cpuRunner) run(s cpuState) cpuState {
	s.flags = s.flags&testFlags | 0x202
	r.call(&s)
	s.flags &= testFlags
	return s
}

// TestEffectsOnCPU runs random integer instructions on this machine's CPU and
// checks the register and flag sets against what happens: nothing else may
// change, nothing else may matter, and a killed flag must not pass through.
func TestEffectsOnCPU(t *testing.T) {
	if !cpu.X86.HasBMI2 || !cpu.X86.HasADX || !cpu.X86.HasSSE42 {
		t.Skip("the CPU lacks BMI2, ADX or SSE4.2")
	}
	r := newCPURunner(t)
	rng := rand.New(rand.NewPCG(6, 4))
	n := 60000
	if testing.Short() {
		n /= 10
	}
	for range n {
		b, in, ok := randomInteger(rng)
		if !ok {
			continue
		}
		r.load(b)
		for range 4 {
			if msg := checkEffects(r, &in, randomState(rng), rng); msg != "" {
				t.Errorf("% x: %s (reads %04x, writes %04x, flags %x %x %x)", b, msg,
					in.RegsRead, in.RegsWritten, in.FlagsRead, in.FlagsWritten, in.FlagsKilled)
				break
			}
		}
	}
}

// integerOpcodes are those that may run with any operands: no memory, no
// control transfer, no fault. The key is the map and, for VEX, 16 more.
var integerOpcodes = map[uint8][]byte{
	0: {
		0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x09, 0x0b, 0x10, 0x11, 0x13, 0x15, 0x19, 0x1b, 0x21, 0x23, 0x29, 0x2b, 0x30, 0x31, 0x33, 0x39, 0x3b, 0x3d,
		0x63, 0x69, 0x6b, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x90, 0x91, 0x97, 0x98, 0x99, 0x9e, 0x9f, 0xa8, 0xa9,
		0xb0, 0xb5, 0xb8, 0xbf, 0xc0, 0xc1, 0xc6, 0xc7, 0xd0, 0xd1, 0xd2, 0xd3, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfe, 0xff,
	},
	1: {
		0x1f, 0x40, 0x43, 0x47, 0x4a, 0x4d, 0x4f, 0x90, 0x96, 0x99, 0x9f, 0xa3, 0xa4, 0xa5, 0xab, 0xac, 0xad, 0xaf, 0xb0, 0xb1, 0xb3,
		0xb6, 0xb7, 0xb8, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf, 0xc0, 0xc1, 0xc8, 0xcd,
	},
	2:  {0xf0, 0xf1, 0xf6},
	18: {0xf2, 0xf3, 0xf5, 0xf6, 0xf7},
	19: {0xf0},
}

func randomInteger(rng *rand.Rand) ([]byte, Inst, bool) {
	var b []byte
	m := [...]uint8{0, 0, 0, 1, 1, 1, 2, 18, 18, 19}[rng.IntN(10)]
	op := integerOpcodes[m][rng.IntN(len(integerOpcodes[m]))]
	if m >= 16 {
		b = append(b, 0xc4, byte(rng.IntN(8))<<5|m-16, byte(rng.Uint32())&^4)
	} else {
		if rng.IntN(4) == 0 {
			b = append(b, 0x66)
		}
		if rng.IntN(4) == 0 || m == 2 {
			b = append(b, 0xf2+byte(rng.IntN(2)))
		}
		if rng.IntN(2) == 0 {
			b = append(b, 0x40|byte(rng.IntN(16)))
		}
		b = append(b, [][]byte{nil, {0x0f}, {0x0f, 0x38}}[m]...)
	}
	b = append(b, op, 0xc0|byte(rng.IntN(64)))
	for len(b) < maxLen {
		b = append(b, byte(rng.IntN(40)))
	}
	in, err := Decode(b, 0)
	divides := m == 0 && op&^1 == 0xf6 && in.ModRM&0x30 == 0x30
	swap16 := m == 1 && op >= 0xc8 && b[0] == 0x66 // undefined
	if err != nil || in.Flow != FlowNext || in.Spec != Plain || len(in.Mems()) > 0 || divides || swap16 ||
		in.RegsRead.Has(RSP) || in.RegsWritten.Has(RSP) || vvvvUnused(&in, b) {
		return nil, in, false
	}
	return b[:in.Len], in, true
}

// vvvvUnused filters RORX with VEX.vvvv set, which is #UD.
func vvvvUnused(in *Inst, b []byte) bool {
	return in.Enc == VEX && in.OpMap == 3 && b[2]&0x78 != 0x78
}

func randomState(rng *rand.Rand) cpuState {
	s := cpuState{flags: rng.Uint64()}
	for i := range s.regs {
		s.regs[i] = rng.Uint64()
		if rng.IntN(2) == 0 { // small, zero, or with a zero count in CL
			s.regs[i] &= 0x4000_0000_0000_0021
		}
	}
	return s
}

func checkEffects(r *cpuRunner, in *Inst, s cpuState, rng *rand.Rand) string {
	base := r.run(s)
	if msg := unexpected(in, s, base); msg != "" {
		return msg
	}
	for reg := RAX; reg <= R15; reg++ {
		if reg == RSP || in.RegsRead.Has(reg) {
			continue
		}
		v := s
		v.regs[reg] = rng.Uint64()
		want := base
		if !in.RegsWritten.Has(reg) {
			want.regs[reg] = v.regs[reg]
		}
		got := r.run(v)
		got.regs[RSP] = want.regs[RSP]
		if got != want {
			return "depends on register " + string('0'+rune(reg))
		}
	}
	for bit := uint64(1); bit <= uint64(OF); bit <<= 1 {
		f := Flags(bit)
		if bit&testFlags == 0 || in.FlagsRead&f != 0 {
			continue
		}
		v := s
		v.flags ^= bit
		got := r.run(v)
		differ := (got.flags ^ base.flags) & bit
		switch {
		case got.regs != base.regs || (got.flags^base.flags)&^bit != 0:
			return "depends on a flag"
		case in.FlagsKilled&f != 0 && differ != 0:
			return "a killed flag survives"
		}
	}
	return ""
}

// unexpected reports a change that in does not announce.
func unexpected(in *Inst, before, after cpuState) string {
	for reg := RAX; reg <= R15; reg++ {
		if before.regs[reg] != after.regs[reg] && !in.RegsWritten.Has(reg) {
			return "changes a register"
		}
	}
	if (before.flags^after.flags)&testFlags&^uint64(in.FlagsWritten) != 0 {
		return "changes a flag"
	}
	return ""
}
