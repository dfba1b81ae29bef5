package x86

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// regs makes a set of registers.
func regs(rs ...Reg) RegSet {
	var s RegSet
	for _, r := range rs {
		s = s.With(r)
	}
	return s
}

func decodeHex(t testing.TB, s string) Inst {
	t.Helper()
	b := unhex(t, s)
	in, err := Decode(b, 0x1000)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	if int(in.Len) != len(b) {
		t.Fatalf("%s: length %d, want %d", s, in.Len, len(b))
	}
	return in
}

// TestRegisters pins the register sets of usual integer code.
func TestRegisters(t *testing.T) {
	tests := []struct {
		code, name    string
		read, written RegSet
	}{
		{"48 89 d8", "mov rax, rbx", regs(RBX), regs(RAX)},
		{"89 d8", "mov eax, ebx", regs(RBX), regs(RAX)},
		{"66 89 d8", "mov ax, bx", regs(RAX, RBX), regs(RAX)},
		{"88 e3", "mov bl, ah", regs(RAX, RBX), regs(RBX)},
		{"40 88 e3", "mov bl, spl", regs(RSP, RBX), regs(RBX)},
		{"4d 01 c8", "add r8, r9", regs(R8, R9), regs(R8)},
		{"48 8d 44 8b 10", "lea rax, [rbx+rcx*4+16]", regs(RBX, RCX), regs(RAX)},
		{"48 39 d8", "cmp rax, rbx", regs(RAX, RBX), 0},
		{"85 c0", "test eax, eax", regs(RAX), 0},
		{"31 c0", "xor eax, eax", 0, regs(RAX)},
		{"45 31 c0", "xor r8d, r8d", 0, regs(R8)},
		{"41 31 c0", "xor r8d, eax", regs(R8, RAX), regs(R8)},
		{"66 31 c0", "xor ax, ax", regs(RAX), regs(RAX)},
		{"19 c0", "sbb eax, eax", regs(RAX), regs(RAX)},
		{"d3 e0", "shl eax, cl", regs(RAX, RCX), regs(RAX)},
		{"c1 e0 03", "shl eax, 3", regs(RAX), regs(RAX)},
		{"0f af c3", "imul eax, ebx", regs(RAX, RBX), regs(RAX)},
		{"6b c3 05", "imul eax, ebx, 5", regs(RBX), regs(RAX)},
		{"48 f7 e3", "mul rbx", regs(RAX, RBX), regs(RAX, RDX)},
		{"f6 e3", "mul bl", regs(RAX, RBX), regs(RAX)},
		{"48 f7 fb", "idiv rbx", regs(RAX, RBX, RDX), regs(RAX, RDX)},
		{"0f b6 c3", "movzx eax, bl", regs(RBX), regs(RAX)},
		{"0f b6 c7", "movzx eax, bh", regs(RBX), regs(RAX)},
		{"40 0f b6 c7", "movzx eax, dil", regs(RDI), regs(RAX)},
		{"48 63 d0", "movsxd rdx, eax", regs(RAX), regs(RDX)},
		{"0f 94 c0", "sete al", regs(RAX), regs(RAX)},
		{"48 0f 44 c3", "cmove rax, rbx", regs(RAX, RBX), regs(RAX)},
		{"41 54", "push r12", regs(R12, RSP), regs(RSP)},
		{"5b", "pop rbx", regs(RSP), regs(RSP, RBX)},
		{"e8 00 00 00 00", "call", regs(RSP), regs(RSP)},
		{"c3", "ret", regs(RSP), regs(RSP)},
		{"c9", "leave", regs(RBP), regs(RSP, RBP)},
		{"f3 48 a5", "rep movsq", regs(RSI, RDI, RCX), regs(RSI, RDI, RCX)},
		{"aa", "stosb", regs(RAX, RDI), regs(RDI)},
		{"f2 ae", "repne scasb", regs(RAX, RCX, RDI), regs(RCX, RDI)},
		{"0f a2", "cpuid", regs(RAX, RCX), regs(RAX, RBX, RCX, RDX)},
		{"0f 31", "rdtsc", 0, regs(RAX, RDX)},
		{"0f 01 f9", "rdtscp", 0, regs(RAX, RCX, RDX)},
		{"0f 05", "syscall", regs(RAX, RDI, RSI, RDX, R10, R8, R9), regs(RAX, RCX, R11)},
		{"90", "nop", 0, 0},
		{"49 90", "xchg r8, rax", regs(R8, RAX), regs(R8, RAX)},
		{"91", "xchg ecx, eax", regs(RCX, RAX), regs(RCX, RAX)},
		{"0f 1f 44 00 00", "nop [rax+rax]", 0, 0},
		{"f3 0f 1e fa", "endbr64", 0, 0},
		{"48 98", "cdqe", regs(RAX), regs(RAX)},
		{"48 99", "cqo", regs(RAX), regs(RDX)},
		{"d7", "xlat", regs(RAX, RBX), regs(RAX)},
		{"e2 00", "loop", regs(RCX), regs(RCX)},
		{"f0 48 0f b1 0b", "lock cmpxchg [rbx], rcx", regs(RAX, RBX, RCX), regs(RAX)},
		{"0f c1 0b", "xadd [rbx], ecx", regs(RBX, RCX), regs(RCX)},
		{"0f c9", "bswap ecx", regs(RCX), regs(RCX)},
		{"b8 01 00 00 00", "mov eax, 1", 0, regs(RAX)},
		{"b4 01", "mov ah, 1", regs(RAX), regs(RAX)},
		{"c4 e2 f3 f6 c3", "mulx rax, rcx, rbx", regs(RDX, RBX), regs(RAX, RCX)},
		{"c4 e2 70 f2 c3", "andn eax, ecx, ebx", regs(RCX, RBX), regs(RAX)},
		{"c4 e2 70 f3 cb", "blsr ecx, ebx", regs(RBX), regs(RCX)},
		{"f2 48 0f 38 f0 c3", "crc32 rax, bl", regs(RAX, RBX), regs(RAX)},
		{"66 48 0f 7e c3", "movq rbx, xmm0", 0, regs(RBX)},
		{"66 48 0f 6e c3", "movq xmm0, rbx", regs(RBX), 0},
		{"f2 48 0f 2a c3", "cvtsi2sd xmm0, rbx", regs(RBX), 0},
		{"f2 48 0f 2c c3", "cvttsd2si rax, xmm3", 0, regs(RAX)},
		{"62 d1 fd 08 6e c0", "vmovq xmm0, r8", regs(R8), 0},
		{"0f 28 04 1a", "movaps xmm0, [rdx+rbx]", regs(RDX, RBX), 0},
		{"66 0f d7 c3", "pmovmskb eax, xmm3", 0, regs(RAX)},
		{"df e0", "fnstsw ax", regs(RAX), regs(RAX)},
		{"66 0f 3a 61 c1 00", "pcmpestri", regs(RAX, RDX), regs(RCX)},
	}
	for _, tt := range tests {
		in := decodeHex(t, tt.code)
		if in.RegsRead != tt.read || in.RegsWritten != tt.written {
			t.Errorf("%s: reads %016b, writes %016b; want %016b, %016b",
				tt.name, in.RegsRead, in.RegsWritten, tt.read, tt.written)
		}
	}
}

// TestFlags pins flags read, written and killed.
func TestFlags(t *testing.T) {
	const noCF = StatusFlags &^ CF
	tests := []struct {
		code, name            string
		read, written, killed Flags
	}{
		{"01 d8", "add", 0, StatusFlags, StatusFlags},
		{"11 d8", "adc", CF, StatusFlags, StatusFlags},
		{"83 d0 00", "adc ib", CF, StatusFlags, StatusFlags},
		{"21 d8", "and", 0, StatusFlags, StatusFlags},
		{"ff c0", "inc", 0, noCF, noCF},
		{"f7 d0", "not", 0, 0, 0},
		{"d3 e0", "shl cl", 0, StatusFlags, 0},
		{"c1 e0 20", "shl 32 of 32 bits", 0, StatusFlags, 0},
		{"48 c1 e0 20", "shl 32 of 64 bits", 0, StatusFlags, CF | PF | SF | ZF},
		{"d1 e0", "shl 1", 0, StatusFlags, StatusFlags &^ AF},
		{"c0 e0 09", "shl 9 of 8 bits", 0, StatusFlags, PF | SF | ZF},
		{"c1 c0 05", "rol 5", 0, CF | OF, CF},
		{"d1 c0", "rol 1", 0, CF | OF, CF | OF},
		{"c0 d0 09", "rcl 9 of 8 bits", CF, CF | OF, 0},
		{"0f af c3", "imul", 0, StatusFlags, CF | OF},
		{"48 f7 f3", "div", 0, StatusFlags, 0},
		{"0f a3 d8", "bt", 0, StatusFlags &^ ZF, CF},
		{"0f bc c3", "bsf", 0, StatusFlags, ZF},
		{"f3 0f b8 c3", "popcnt", 0, StatusFlags, StatusFlags},
		{"72 00", "jb", CF, 0, 0},
		{"0f 8f 00 00 00 00", "jg", ZF | SF | OF, 0, 0},
		{"0f 96 c0", "setbe", CF | ZF, 0, 0},
		{"0f 4a c3", "cmovp", PF, 0, 0},
		{"e1 00", "loope", ZF, 0, 0},
		{"e2 00", "loop", 0, 0, 0},
		{"f5", "cmc", CF, CF, CF},
		{"9f", "lahf", CF | PF | AF | ZF | SF, 0, 0},
		{"9e", "sahf", 0, CF | PF | AF | ZF | SF, CF | PF | AF | ZF | SF},
		{"9c", "pushf", StatusFlags | DF | TF, 0, 0},
		{"fd", "std", 0, DF, DF},
		{"a4", "movsb", DF, 0, 0},
		{"a6", "cmpsb", DF, StatusFlags, StatusFlags},
		{"f3 a6", "repe cmpsb", DF, StatusFlags, 0},
		{"0f 2f c1", "comiss", 0, StatusFlags, StatusFlags},
		{"c5 f8 98 c1", "kortest", 0, StatusFlags, StatusFlags},
		{"66 0f 38 f6 c3", "adcx", CF, CF, CF},
		{"f3 0f 38 f6 c3", "adox", OF, OF, OF},
		{"0f c7 0b", "cmpxchg8b", 0, ZF, ZF},
		{"da c1", "fcmovb", CF | PF | ZF, 0, 0},
		{"48 8d 00", "lea", 0, 0, 0},
		{"c4 e2 f9 f7 c3", "shlx", 0, 0, 0},
	}
	for _, tt := range tests {
		in := decodeHex(t, tt.code)
		if in.FlagsRead != tt.read || in.FlagsWritten != tt.written || in.FlagsKilled != tt.killed {
			t.Errorf("%s: %#x %#x %#x, want %#x %#x %#x", tt.name,
				in.FlagsRead, in.FlagsWritten, in.FlagsKilled, tt.read, tt.written, tt.killed)
		}
	}
}

// mem makes a Mem without index.
func mem(base Reg, disp int64, size uint16, a Access) Mem {
	return Mem{Base: base, Index: NoReg, Scale: 1, Disp: disp, Size: size, Access: a}
}

func TestMems(t *testing.T) {
	with := func(m Mem, f func(*Mem)) Mem { f(&m); return m }
	tests := []struct {
		code, name string
		want       []Mem
	}{
		{"48 8b 03", "mov rax, [rbx]", []Mem{mem(RBX, 0, 8, Read)}},
		{"88 43 ff", "mov [rbx-1], al", []Mem{mem(RBX, -1, 1, Write)}},
		{"41 8b 45 00", "mov eax, [r13]", []Mem{mem(R13, 0, 4, Read)}},
		{"41 8b 04 24", "mov eax, [r12]", []Mem{mem(R12, 0, 4, Read)}},
		{"42 8b 04 20", "mov eax, [rax+r12]", []Mem{{Base: RAX, Index: R12, Scale: 1, Size: 4, Access: Read}}},
		{"8b 04 cd 10 00 00 80", "mov eax, [rcx*8-0x7ffffff0]", []Mem{{Base: NoReg, Index: RCX, Scale: 8, Disp: -0x7ffffff0, Size: 4, Access: Read}}},
		{"8b 04 25 10 00 00 00", "mov eax, [16]", []Mem{mem(NoReg, 16, 4, Read)}},
		{"64 8b 04 25 10 00 00 00", "mov eax, fs:[16]", []Mem{with(mem(NoReg, 16, 4, Read), func(m *Mem) { m.Seg = 0x64 })}},
		{"67 8b 03", "mov eax, [ebx]", []Mem{with(mem(RBX, 0, 4, Read), func(m *Mem) { m.Addr32 = true })}},
		{"83 05 00 01 00 00 07", "add dword [rip+256], 7", []Mem{mem(RIP, 256, 4, Read|Write)}},
		{"a1 88 77 66 55 44 33 22 11", "mov eax, moffs", []Mem{mem(NoReg, 0x1122334455667788, 4, Read)}},
		{"67 a2 00 00 00 f0", "mov moffs32, al", []Mem{with(mem(NoReg, 0xf0000000, 1, Write), func(m *Mem) { m.Addr32 = true })}},
		{"50", "push rax", []Mem{mem(RSP, -8, 8, Write)}},
		{"66 50", "push ax", []Mem{mem(RSP, -2, 2, Write)}},
		{"58", "pop rax", []Mem{mem(RSP, 0, 8, Read)}},
		{"ff 33", "push [rbx]", []Mem{mem(RBX, 0, 8, Read), mem(RSP, -8, 8, Write)}},
		{"8f 04 24", "pop [rsp]", []Mem{mem(RSP, 8, 8, Write), mem(RSP, 0, 8, Read)}},
		{"ff 50 08", "call [rax+8]", []Mem{mem(RAX, 8, 8, Read), mem(RSP, -8, 8, Write)}},
		{"e8 00 00 00 00", "call", []Mem{mem(RSP, -8, 8, Write)}},
		{"c2 10 00", "ret 16", []Mem{mem(RSP, 0, 8, Read)}},
		{"c9", "leave", []Mem{mem(RBP, 0, 8, Read)}},
		{"48 a5", "movsq", []Mem{mem(RSI, 0, 8, Read), mem(RDI, 0, 8, Write)}},
		{"a6", "cmpsb", []Mem{mem(RSI, 0, 1, Read), mem(RDI, 0, 1, Read)}},
		{"65 ac", "lods gs", []Mem{with(mem(RSI, 0, 1, Read), func(m *Mem) { m.Seg = 0x65 })}},
		{"d7", "xlat", []Mem{mem(RBX, 0, 1, Read)}},
		{"66 0f f7 c1", "maskmovdqu", []Mem{mem(RDI, 0, 16, Write)}},
		{"48 8d 03", "lea", nil},
		{"0f 18 0b", "prefetcht0", nil},
		{"0f 1f 00", "nop", nil},
		{"0f a3 03", "bt [rbx], eax", []Mem{mem(RBX, 0, 0, Read)}},
		{"48 0f c7 0b", "cmpxchg16b", []Mem{mem(RBX, 0, 16, Read|Write)}},
		{"db 2b", "fld tbyte", []Mem{mem(RBX, 0, 10, Read)}},
		{"0f 11 03", "movups", []Mem{mem(RBX, 0, 16, Write)}},
		{"c5 fc 58 03", "vaddps ymm", []Mem{mem(RBX, 0, 32, Read)}},
		{"62 f1 7c 48 58 43 01", "vaddps zmm, [rbx+64]", []Mem{mem(RBX, 64, 64, Read)}},
		{"62 f1 7c 58 58 43 01", "vaddps zmm, [rbx+4]{1to16}", []Mem{mem(RBX, 4, 4, Read)}},
		{"62 f1 fd 38 58 43 ff", "vaddpd ymm, [rbx-8]{1to4}", []Mem{mem(RBX, -8, 8, Read)}},
		{"62 f5 7c 58 58 43 01", "vaddph zmm, [rbx+2]{1to32}", []Mem{mem(RBX, 2, 2, Read)}},
		{"62 f2 7d 48 88 43 01", "vexpandps: disp8*4", []Mem{mem(RBX, 4, 64, Read)}},
		{"62 f2 7d 41 90 44 13 01", "vpgatherdd zmm", []Mem{{Base: RBX, Index: 18, Scale: 1, Disp: 4, Size: 4, Access: Read, VSIB: true}}},
		{"66 0f 38 f8 03", "movdir64b", []Mem{mem(RBX, 0, 64, Read), mem(RAX, 0, 64, Write)}},
		{"0f ae 23", "xsave", []Mem{mem(RBX, 0, 0, Read|Write)}},
	}
	for _, tt := range tests {
		in := decodeHex(t, tt.code)
		got := append([]Mem(nil), in.Mems()...)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestFlowAndSpecial(t *testing.T) {
	tests := []struct {
		code   string
		flow   Flow
		target uint64
		spec   Special
	}{
		{"eb fe", FlowJmp, 0x1000, Plain},
		{"e9 00 01 00 00", FlowJmp, 0x1105, Plain},
		{"66 e9 00 01 00 00", FlowJmp, 0x1106, Plain},
		{"74 10", FlowJcc, 0x1012, Plain},
		{"e3 10", FlowJcc, 0x1012, LOOP},
		{"90", FlowNext, 0, Plain},
		{"f3 90", FlowNext, 0, PAUSE},
		{"66 f3 90", FlowNext, 0, PAUSE},
		{"f2 f3 90", FlowNext, 0, PAUSE},
		{"f3 41 90", FlowNext, 0, Plain}, // xchg r8, rax
		{"67 e3 10", FlowJcc, 0x1013, LOOP},
		{"e8 fb ff ff ff", FlowCall, 0x1000, Plain},
		{"ff e0", FlowJmpInd, 0, Plain},
		{"ff 15 00 00 00 00", FlowCallInd, 0, Plain},
		{"f3 c3", FlowRet, 0, Plain},
		{"cb", FlowFar, 0, Plain},
		{"ff 2b", FlowFar, 0, Plain},
		{"48 cf", FlowFar, 0, Plain},
		{"0f 05", FlowSyscall, 0, Plain},
		{"0f 34", FlowSysenter, 0, Plain},
		{"cd 80", FlowInt, 0, Plain},
		{"cc", FlowInt3, 0, Plain},
		{"0f 0b", FlowUndef, 0, Plain},
		{"f0 89 03", FlowUndef, 0, Plain},
		{"f0 01 d8", FlowUndef, 0, Plain},
		{"f0 01 03", FlowNext, 0, Plain},
		{"f4", FlowPriv, 0, Plain},
		{"0f 20 c0", FlowPriv, 0, Plain},
		{"0f 20 05", FlowPriv, 0, Plain}, // mod is ignored: no displacement
		{"c7 f8 00 01 00 00", FlowXbegin, 0x1106, Plain},
		{"66 c7 f8 00 01", FlowXbegin, 0x1105, Plain},
		{"c6 f8 01", FlowNext, 0, XEND},
		{"0f 01 d5", FlowNext, 0, XEND},
		{"0f 01 d6", FlowNext, 0, XTEST},
		{"0f 31", FlowNext, 0, RDTSC},
		{"0f 01 f9", FlowNext, 0, RDTSCP},
		{"0f a2", FlowNext, 0, CPUID},
		{"0f c7 f0", FlowNext, 0, RDRAND},
		{"48 0f c7 f8", FlowNext, 0, RDSEED},
		{"f3 0f c7 f8", FlowNext, 0, RDPID},
		{"0f 33", FlowNext, 0, RDPMC},
		{"0f 01 d0", FlowNext, 0, XGETBV},
		{"0f 01 03", FlowNext, 0, SGDT},
		{"0f 01 e0", FlowNext, 0, SGDT},
		{"0f 00 c0", FlowNext, 0, SGDT},
		{"0f 02 c3", FlowNext, 0, LSL},
		{"0f 00 e0", FlowNext, 0, LSL},
		{"48 0f ae 23", FlowNext, 0, XSAVE},
		{"0f c7 23", FlowNext, 0, XSAVEC},
		{"0f ae 33", FlowNext, 0, XSAVEOPT},
		{"0f ae 2b", FlowNext, 0, XRSTOR},
		{"0f ae 03", FlowNext, 0, FXSAVE},
		{"0f ae 0b", FlowNext, 0, FXRSTOR},
		{"d9 33", FlowNext, 0, FNSTENV},
		{"dd 33", FlowNext, 0, FNSTENV},
		{"f3 0f ae c0", FlowNext, 0, RDFSBASE},
		{"f3 48 0f ae c8", FlowNext, 0, RDGSBASE},
		{"f3 48 0f ae d0", FlowNext, 0, WRFSBASE},
		{"f3 0f ae d8", FlowNext, 0, WRGSBASE},
		{"9c", FlowNext, 0, PUSHF},
		{"9d", FlowNext, 0, POPF},
		{"8e e0", FlowNext, 0, MOVSEG},
		{"0f a1", FlowNext, 0, MOVSEG},
		{"0f 01 ee", FlowNext, 0, RDPKRU},
		{"0f 01 ef", FlowNext, 0, WRPKRU},
		{"f3 a4", FlowNext, 0, STRING},
		{"0f 01 fa", FlowNext, 0, MONITORX},
		{"f2 0f ae f3", FlowNext, 0, MONITORX},
		{"0f 53 c1", FlowNext, 0, APPROX},
		{"62 f2 7d 48 4e c1", FlowNext, 0, APPROX},
		{"0f 0f c1 96", FlowNext, 0, APPROX},
		{"0f 0f c1 9e", FlowNext, 0, Plain},
		{"d9 fe", FlowNext, 0, APPROX},
		{"d9 fa", FlowNext, 0, Plain}, // FSQRT is exact
	}
	for _, tt := range tests {
		in := decodeHex(t, tt.code)
		if in.Flow != tt.flow || in.Target != tt.target || in.Spec != tt.spec {
			t.Errorf("%s: flow %d, target %#x, special %d; want %d, %#x, %d",
				tt.code, in.Flow, in.Target, in.Spec, tt.flow, tt.target, tt.spec)
		}
	}
}

// TestLayout pins where displacement and immediate lie.
func TestLayout(t *testing.T) {
	tests := []struct {
		code                             string
		modrm, disp, dispLen, imm, immLn uint8
		value                            int64
	}{
		{"48 c7 05 01 02 03 04 fe ff ff ff", 2, 3, 4, 7, 4, -2},
		{"f6 00 80", 1, 0, 0, 2, 1, -128},
		{"66 f7 00 00 80", 2, 0, 0, 3, 2, -0x8000},
		{"f7 d8", 1, 0, 0, 0, 0, 0},
		{"48 b8 ef cd ab 89 67 45 23 01", 0, 0, 0, 2, 8, 0x0123456789abcdef},
		{"c8 34 12 01", 0, 0, 0, 3, 1, 1},
		{"c2 00 80", 0, 0, 0, 1, 2, 0x8000},
		{"66 0f 78 c1 05 06", 3, 0, 0, 5, 1, 6},
		{"f2 0f 78 c1 05 06", 3, 0, 0, 5, 1, 6},
		{"8f ea 78 10 c3 01 02 00 00", 4, 0, 0, 5, 4, 0x201},
		{"67 a0 01 02 03 04", 0, 2, 4, 0, 0, 0},
		{"8b 44 24 08", 1, 3, 1, 0, 0, 0},
		{"66 48 68 01 00 00 00", 0, 0, 0, 3, 4, 1},
	}
	for _, tt := range tests {
		in := decodeHex(t, tt.code)
		got := [...]uint8{in.ModRMOff, in.DispOff, in.DispLen, in.ImmOff, in.ImmLen}
		want := [...]uint8{tt.modrm, tt.disp, tt.dispLen, tt.imm, tt.immLn}
		if got != want || in.Imm != tt.value {
			t.Errorf("%s: %v %#x, want %v %#x", tt.code, got, in.Imm, want, tt.value)
		}
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		code string
		want error
	}{
		{"", ErrTruncated},
		{"48", ErrTruncated},
		{"0f", ErrTruncated},
		{"0f 38", ErrTruncated},
		{"48 8b 04", ErrTruncated},
		{"e8 00 00 00", ErrTruncated},
		{"c5 f8", ErrTruncated},
		{"62 f1 7c 48 58 40", ErrTruncated},
		{"66 66 66 66 66 66 66 66 66 66 66 66 66 66 90", nil},
		{"66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90", ErrTooLong},
		{"2e 2e 2e 2e 2e 2e 2e 2e 2e 2e 48 c7 c0 00 00 00 00", ErrTooLong},
		{"06", ErrUnknown},
		{"ea", ErrUnknown},
		{"0f 04", ErrUnknown},
		{"66 c5 f8 77", ErrUnknown},
		{"48 c5 f8 77", ErrUnknown},
		{"fe f8", ErrUnknown},
		{"8e c8", ErrUnknown},             // MOV to CS
		{"8d c0", ErrUnknown},             // LEA of a register
		{"62 f1 7c 18 28 00", ErrUnknown}, // VMOVAPS cannot broadcast
		{"62 f4 7c 08 01 c3", ErrUnknown}, // APX's map 4
		{"c4 e2 7d 90 03", ErrUnknown},    // gather without SIB
		{"0f 0f c0 00", ErrUnknown},
	}
	for _, tt := range tests {
		b := unhex(t, tt.code)
		_, err := Decode(b, 0x4242)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.code, err, tt.want)
		}
		if u := (*UnknownError)(nil); errors.As(err, &u) && (u.PC != 0x4242 || string(u.Bytes) != string(b)) {
			t.Errorf("%s: %v does not say where and what", tt.code, err)
		}
	}
}

// TestEncodings pins the fields that name the form.
func TestEncodings(t *testing.T) {
	tests := []struct {
		code           string
		enc            Enc
		opMap, op, pfx uint8
		rex            uint8
	}{
		{"48 89 d8", Legacy, 0, 0x89, 0, 0x48},
		{"48 66 89 d8", Legacy, 0, 0x89, 0x66, 0}, // REX before a prefix is void
		{"f3 0f 10 c1", Legacy, 1, 0x10, 0xf3, 0},
		{"66 f2 0f 38 f1 c1", Legacy, 2, 0xf1, 0xf2, 0},
		{"c5 f8 77", VEX, 1, 0x77, 0, 0},
		{"c4 62 fb f6 c3", VEX, 2, 0xf6, 0xf2, 0xc},
		{"62 51 fd 48 58 c1", EVEX, 1, 0x58, 0x66, 0xd},
		{"8f e9 78 80 c1", XOP, 9, 0x80, 0, 0},
		{"0f 0f c1 9e", Legacy, 15, 0x9e, 0, 0},
		{"d5 08 89 d8", REX2, 0, 0x89, 0, 8},
		{"d5 80 af c3", REX2, 1, 0xaf, 0, 0},
	}
	for _, tt := range tests {
		in := decodeHex(t, tt.code)
		if in.Enc != tt.enc || in.OpMap != tt.opMap || in.Opcode != tt.op || in.Prefix != tt.pfx || in.REX != tt.rex {
			t.Errorf("%s: enc %d, map %d, opcode %#x, prefix %#x, REX %#x",
				tt.code, in.Enc, in.OpMap, in.Opcode, in.Prefix, in.REX)
		}
	}
}

// FuzzDecode checks what holds for every input: no panic, a length within
// bounds, and nothing behind the instruction matters.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"48 89 d8", "62 f1 7c 48 58 43 01", "8f 04 24", "c4 e2 f3 f6 c3", "d5 08 89 d8", "0f 0f c1 9e", "66 0f 78 c1 05 06"} {
		f.Add(unhex(f, s), uint64(0x1000))
	}
	f.Fuzz(func(t *testing.T, b []byte, pc uint64) {
		in, err := Decode(b, pc)
		if err != nil {
			return
		}
		if in.Len == 0 || in.Len > maxLen || int(in.Len) > len(b) {
			t.Fatalf("% x: length %d", b, in.Len)
		}
		again, err := Decode(b[:in.Len], pc)
		if err != nil || again != in {
			t.Fatalf("% x: differs without what follows: %v", b, err)
		}
		if _, err := Decode(b[:in.Len-1], pc); !errors.Is(err, ErrTruncated) {
			t.Fatalf("% x: one byte less gives %v", b[:in.Len], err)
		}
		if end := in.DispOff + in.DispLen; end > in.Len || in.ImmOff+in.ImmLen > in.Len || in.ModRMOff > in.Len {
			t.Fatalf("% x: fields beyond the end", b[:in.Len])
		}
		if in.FlagsKilled&^in.FlagsWritten != 0 {
			t.Fatalf("% x: kills flags that it does not write", b[:in.Len])
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	var code []byte
	for _, s := range []string{
		"55", "48 89 e5", "48 83 ec 20", "48 8b 45 f8", "0f b6 00", "84 c0", "74 10",
		"48 8d 3d 00 01 00 00", "e8 00 00 00 00", "c5 fc 58 03", "62 f1 7c 48 58 43 01", "c9", "c3",
	} {
		code = append(code, unhex(b, s)...)
	}
	b.ReportAllocs()
	off := 0
	for b.Loop() {
		in, err := Decode(code[off:], uint64(off))
		if err != nil {
			b.Fatal(err)
		}
		if off += int(in.Len); off == len(code) {
			off = 0
		}
	}
}
