package engine

import (
	"bytes"
	"testing"

	"hindsight/internal/area"
	"hindsight/internal/x86"
)

const testArena = 0x2a00_0000_0000

// testVDSO has every function.
var testVDSO = [area.NumVDSO]uint64{0x7fff_0000_1000, 0x7fff_0000_2000, 0x7fff_0000_3000, 0x7fff_0000_4000, 0x7fff_0000_5000}

// eachStubs runs a test on the stubs of both modes.
func eachStubs(t *testing.T, f func(t *testing.T, s *stubs, replay bool)) {
	for _, replay := range []bool{false, true} {
		name := "record"
		if replay {
			name = "replay"
		}
		t.Run(name, func(t *testing.T) {
			s, err := newStubs(testArena, replay, presentVDSO(testVDSO))
			if err != nil {
				t.Fatal(err)
			}
			f(t, s, replay)
		})
	}
}

// begins returns the offsets of the stubs' instructions.
func (s *stubs) begins(t *testing.T) map[uint32]x86.Inst {
	t.Helper()
	at := map[uint32]x86.Inst{}
	for off := 0; off < len(s.code); {
		in, err := x86.Decode(s.code[off:], testArena+area.Code+uint64(off))
		if err != nil {
			t.Fatalf("at %#x: %v", off, err)
		}
		at[uint32(off)] = in
		off += int(in.Len)
	}
	return at
}

func TestStubs(t *testing.T) {
	eachStubs(t, func(t *testing.T, s *stubs, replay bool) {
		if len(s.code) > area.CodeLen {
			t.Errorf("%d bytes of code where %d fit", len(s.code), area.CodeLen)
		}
		begins := s.begins(t)
		at := func(what string, host uint64) {
			t.Helper()
			if _, ok := begins[uint32(host-testArena-area.Code)]; !ok || host < testArena+area.Code {
				t.Errorf("%s: %#x is no instruction of the stubs", what, host)
			}
		}
		for i, host := range s.entry {
			if host == 0 {
				t.Errorf("stub %d has no entry", i)
				continue
			}
			at("entry", host)
		}
		if !replay {
			for nr, host := range s.table {
				if host == 0 {
					t.Errorf("syscall %d has no stub", nr)
					continue
				}
				at("syscall", host)
			}
		}
		at("empty", s.empty)
		at("stale", s.stale)
		at("done", s.done)
		at("gadget", s.gadget)
		if g := begins[uint32(s.gadget-testArena-area.Code)]; g.Flow != x86.FlowSyscall {
			t.Error("the gadget is no SYSCALL")
		}
		for off := range s.exits {
			if begins[off].Flow != x86.FlowInt3 {
				t.Errorf("exit at %#x is no INT3", off)
			}
		}
		for off, in := range begins {
			if in.Flow == x86.FlowInt3 && s.exits[off] == 0 {
				t.Errorf("INT3 at %#x is no exit", off)
			}
			if in.Flow == x86.FlowJmp || in.Flow == x86.FlowJcc || in.Flow == x86.FlowCall {
				at("branch", in.Target)
			}
		}
		for off := range s.syscallAt {
			if prev, ok := begins[off-2]; !ok || prev.Flow != x86.FlowSyscall {
				t.Errorf("no SYSCALL before %#x", off)
			}
		}
	})
}

// The ranges that tell a thread's state must be in order, for rangeAt takes
// the last that begins before a place, and cover all code.
func TestStubRanges(t *testing.T) {
	eachStubs(t, func(t *testing.T, s *stubs, _ bool) {
		begins := s.begins(t)
		if len(s.ranges) == 0 || s.ranges[0].off != 0 {
			t.Fatal("the first instruction is in no range")
		}
		for i, r := range s.ranges {
			if i > 0 && r.off < s.ranges[i-1].off {
				t.Errorf("range %d begins at %#x, before the one before it", i, r.off)
			}
			if _, ok := begins[r.off]; !ok && r.off != uint32(len(s.code)) {
				t.Errorf("range %d begins inside an instruction, at %#x", i, r.off)
			}
			if got := s.rangeAt(r.off); i+1 < len(s.ranges) && s.ranges[i+1].off != r.off && got != r {
				t.Errorf("rangeAt(%#x) = %+v, want %+v", r.off, got, r)
			}
		}
	})
}

// Each exit must find the state in which the guest can be described.
func TestStubExitStates(t *testing.T) {
	phases := map[stubExit]phase{stubSyscall: phaseBefore, stubInsn: phaseBefore, stubNondet: phaseBefore, stubFinish: phaseAfter}
	eachStubs(t, func(t *testing.T, s *stubs, _ bool) {
		for off, x := range s.exits {
			r := s.rangeAt(off)
			if want, ok := phases[x]; ok && r.phase != want {
				t.Errorf("exit %d at %#x is in phase %d, want %d", x, off, r.phase, want)
			}
			if x == stubSyscall && !r.flags {
				t.Errorf("exit %d at %#x: the flags are not in the thread area", x, off)
			}
		}
	})
}

func TestStubsAreTheSameTwice(t *testing.T) {
	eachStubs(t, func(t *testing.T, s *stubs, replay bool) {
		again, err := newStubs(testArena, replay, presentVDSO(testVDSO))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(s.code, again.code) {
			t.Error("other code the second time")
		}
	})
}

func TestArenaPartsDoNotOverlap(t *testing.T) {
	parts := []struct {
		name       string
		start, end uint64
	}{
		{"save slots", 0, 16 * 8},
		{"fields", area.Tick, area.MoreTicks},
		{"counters", area.MoreTicks, area.MoreTicks + 8*area.NumMoreTicks},
		{"stub pointers", area.Stubs, uint64(area.StubsEnd)},
		{"stack", area.StackLow, area.StackTop},
		{"syscall table", area.SyscallTb, area.SyscallTb + 8*area.Syscalls},
		{"first level", area.Level1, area.Level1 + 8*area.Level1Len},
		{"second level", area.Level2, area.Level2 + 16*area.Level2Len},
		{"code", area.Code, area.Code + area.CodeLen},
		{"log", area.Log, area.Log + area.LogLen},
		{"end", area.Size, area.Size},
	}
	for i, p := range parts[1:] {
		if before := parts[i]; p.start < before.end {
			t.Errorf("%s begins at %#x, inside %s", p.name, p.start, before.name)
		}
	}
	for _, at := range []uint64{area.Code, area.Log, area.Size} {
		if at%pageSize != 0 {
			t.Errorf("%#x is no page boundary", at)
		}
	}
}

// hashOf runs the stub's hash on paper: it must give level2Index times 2.
func TestLevel2Index(t *testing.T) {
	for _, pc := range []uint64{0, 1, 0xffff, 0x10000, 0x7fff_ffff_ffff, 0x5555_5555_4321, ^uint64(0), 0xffff_ffff_ff60_0000} {
		rax := pc >> 16           // shr rax, 16
		rax ^= pc                 // xor rax, rcx
		rax >>= 4                 // shr rax, 4
		rax &= area.Level2Len - 1 // and rax
		rax += rax                // lea rax, [rax+rax]
		if want := level2Index(pc) * 2; rax != want {
			t.Errorf("%#x: the stub looks at %d, the supervisor at %d", pc, rax, want)
		}
		if level2Index(pc) >= area.Level2Len {
			t.Errorf("%#x: slot %d is behind the table", pc, level2Index(pc))
		}
		rdx := pc & 15              // mov rdx, rcx; and rdx, 15
		rdx <<= level2Shift + 1     // shl rdx, level2Shift+1
		rax += rdx + 2              // lea rax, [rax+rdx+2]
		rax &= 2*area.Level2Len - 1 // and rax
		if want := (level2Index(pc) + level2Step(pc)) % area.Level2Len * 2; rax != want {
			t.Errorf("%#x: then the stub looks at %d, the supervisor at %d", pc, rax, want)
		}
	}
}
