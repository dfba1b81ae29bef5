package asm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hindsight/internal/x86"
)

const testBase = 0x10000

const (
	rax = x86.RAX
	rcx = x86.RCX
	rdx = x86.RDX
	rbx = x86.RBX
	rsp = x86.RSP
	rbp = x86.RBP
	rsi = x86.RSI
	rdi = x86.RDI
	r8  = x86.R8
	r9  = x86.R9
	r12 = x86.R12
	r13 = x86.R13
	r15 = x86.R15
)

// encoding is one instruction and what objdump must read in it.
type encoding struct {
	emit func(b *Buf)
	want string
}

var encodings = []encoding{
	{func(b *Buf) { b.Mov(rax, r15) }, "mov rax,r15"},
	{func(b *Buf) { b.MovLoad(r9, Base(rbx, 0)) }, "mov r9,QWORD PTR [rbx]"},
	{func(b *Buf) { b.MovStore(Base(r12, -128), rdx) }, "mov QWORD PTR [r12-0x80],rdx"},
	{func(b *Buf) { b.MovStore(Base(r12, 128), rdx) }, "mov QWORD PTR [r12+0x80],rdx"},
	{func(b *Buf) { b.Mov32(r8, rdi) }, "mov r8d,edi"},
	{func(b *Buf) { b.MovLoad32(rdi, Base(r13, 0)) }, "mov edi,DWORD PTR [r13+0x0]"},
	{func(b *Buf) { b.MovStore32(Base(rsp, 8), r9) }, "mov DWORD PTR [rsp+0x8],r9d"},
	{func(b *Buf) { b.MovLoad8zx(r9, GS(0x10)) }, "movzx r9d,BYTE PTR gs:0x10"},
	{func(b *Buf) { b.MovLoad16zx(rsi, Base(rbp, 0)) }, "movzx esi,WORD PTR [rbp+0x0]"},
	{func(b *Buf) { b.MovStore8(Base(rax, 0), rsi) }, "mov BYTE PTR [rax],sil"},
	{func(b *Buf) { b.MovStore8(Base(rax, 0), rbx) }, "mov BYTE PTR [rax],bl"},
	{func(b *Buf) { b.MovStore8(Base(rax, 0), r9) }, "mov BYTE PTR [rax],r9b"},
	{func(b *Buf) { b.MovzxB(rax, rdi) }, "movzx eax,dil"},
	{func(b *Buf) { b.MovzxB(rdi, rax) }, "movzx edi,al"},
	{func(b *Buf) { b.MovzxW(r8, rsi) }, "movzx r8d,si"},
	{func(b *Buf) { b.MovImm64(r9, 1) }, "movabs r9,0x1"},
	{func(b *Buf) { b.MovImm32(r9, 0xffffffff) }, "mov r9d,0xffffffff"},
	{func(b *Buf) { b.MovImm(rax, 0xffffffff) }, "mov eax,0xffffffff"},
	{func(b *Buf) { b.MovImm(r8, math.MaxUint64) }, "mov r8,0xffffffffffffffff"},
	{func(b *Buf) { b.MovImm(r8, 1<<32) }, "movabs r8,0x100000000"},
	{func(b *Buf) { b.MovStoreImm32(GS(-8), -2) }, "mov QWORD PTR gs:0xfffffffffffffff8,0xfffffffffffffffe"},
	{func(b *Buf) { b.MovStoreImm8(Base(r8, 1), 0x80) }, "mov BYTE PTR [r8+0x1],0x80"},
	{func(b *Buf) { b.Lea(rcx, Mem{Seg: 0x65, Base: rcx, Index: r12, Scale: 8, Disp: 5}) }, "lea rcx,[rcx+r12*8+0x5]"},
	{func(b *Buf) { b.Lea(rcx, Base(rsp, 0x1000)) }, "lea rcx,[rsp+0x1000]"},
	{func(b *Buf) { b.MovLoad(rax, GSIndex(r9, 8, 0x100)) }, "mov rax,QWORD PTR gs:[r9*8+0x100]"},
	{func(b *Buf) { b.MovLoad(rax, Mem{Seg: 0x64, Base: rax, Index: x86.NoReg}) }, "mov rax,QWORD PTR fs:[rax]"},

	// RIP-relative: objdump prints the absolute address.
	{func(b *Buf) { b.MovLoad(r8, Abs(0x12345)) }, "mov r8,QWORD PTR [rip+N] # 12345"},
	{func(b *Buf) { b.MovStoreImm32(Abs(0x12345), 7) }, "mov QWORD PTR [rip+N],0x7 # 12345"},
	{func(b *Buf) { b.MovStoreImm8(Abs(0x12345), 7) }, "mov BYTE PTR [rip+N],0x7 # 12345"},
	{func(b *Buf) { b.AluMemImm(Add, Abs(0x12345), 7) }, "add QWORD PTR [rip+N],0x7 # 12345"},
	{func(b *Buf) { b.AluMemImm(Add, Abs(0x12345), 777) }, "add QWORD PTR [rip+N],0x309 # 12345"},
	{func(b *Buf) { b.AluMemImm8(Cmp, Abs(0x12345), 7) }, "cmp BYTE PTR [rip+N],0x7 # 12345"},
	{func(b *Buf) { b.JmpMem(Abs(0x12345)) }, "jmp QWORD PTR [rip+N] # 12345"},

	{func(b *Buf) { b.Alu(Sub, r8, rax) }, "sub r8,rax"},
	{func(b *Buf) { b.AluLoad(Xor, rax, Base(r9, 4)) }, "xor rax,QWORD PTR [r9+0x4]"},
	{func(b *Buf) { b.AluStore(And, Base(r9, 4), rax) }, "and QWORD PTR [r9+0x4],rax"},
	{func(b *Buf) { b.AluImm(Cmp, rax, -1) }, "cmp rax,0xffffffffffffffff"},
	{func(b *Buf) { b.AluImm(Adc, r12, 128) }, "adc r12,0x80"},
	{func(b *Buf) { b.AluMemImm(Sbb, GS(0x20), 1) }, "sbb QWORD PTR gs:0x20,0x1"},
	{func(b *Buf) { b.Alu32(Or, rdi, r8) }, "or edi,r8d"},
	{func(b *Buf) { b.AluLoad32(Cmp, rdi, Base(rax, 0)) }, "cmp edi,DWORD PTR [rax]"},
	{func(b *Buf) { b.AluStore32(Cmp, Base(rax, 0), rdi) }, "cmp DWORD PTR [rax],edi"},
	{func(b *Buf) { b.AluImm32(And, rsp, -16) }, "and esp,0xfffffff0"},
	{func(b *Buf) { b.AluImm32(And, rbx, 0xff0) }, "and ebx,0xff0"},
	{func(b *Buf) { b.AluMemImm32(Cmp, Base(rax, 0), 0x1234) }, "cmp DWORD PTR [rax],0x1234"},
	{func(b *Buf) { b.AluMemImm8(Cmp, GS(0x30), 0xff) }, "cmp BYTE PTR gs:0x30,0xff"},
	{func(b *Buf) { b.Test(rax, r9) }, "test rax,r9"},
	{func(b *Buf) { b.Not(r12) }, "not r12"},
	{func(b *Buf) { b.Neg(rdx) }, "neg rdx"},
	{func(b *Buf) { b.Shl(rdx, 63) }, "shl rdx,0x3f"},
	{func(b *Buf) { b.Shr(r13, 4) }, "shr r13,0x4"},
	{func(b *Buf) { b.IncMem(GS(0x40)) }, "inc QWORD PTR gs:0x40"},
	{func(b *Buf) { b.DecMem(Base(r15, 1)) }, "dec QWORD PTR [r15+0x1]"},
	{func(b *Buf) { b.Push(rbp) }, "push rbp"},
	{func(b *Buf) { b.Push(r13) }, "push r13"},
	{func(b *Buf) { b.Pop(rax) }, "pop rax"},
	{func(b *Buf) { b.Pop(r15) }, "pop r15"},
	{func(b *Buf) { b.PushMem(GS(8)) }, "push QWORD PTR gs:0x8"},
	{func(b *Buf) { b.PopMem(Base(r8, 8)) }, "pop QWORD PTR [r8+0x8]"},
	{(*Buf).Pushfq, "pushf"},
	{(*Buf).Popfq, "popf"},
	{(*Buf).Lahf, "lahf"},
	{(*Buf).Sahf, "sahf"},
	{func(b *Buf) { b.Setcc(CondE, rsi) }, "sete sil"},
	{func(b *Buf) { b.Setcc(CondO, rax) }, "seto al"},
	{func(b *Buf) { b.Setcc(CondG, r9) }, "setg r9b"},
	{func(b *Buf) { b.SetccMem(CondB, GS(3)) }, "setb BYTE PTR gs:0x3"},
	{func(b *Buf) { b.Xchg(rbx, r12) }, "xchg rbx,r12"},

	{func(b *Buf) { b.JmpAbs(0x12345) }, "jmp 12345"},
	{func(b *Buf) { b.JccAbs(CondLE, 0x12345) }, "jle 12345"},
	{func(b *Buf) { b.CallAbs(0x4) }, "call 4"},
	{func(b *Buf) { b.CallReg(r12) }, "call r12"},
	{func(b *Buf) { b.CallMem(GS(0x50)) }, "call QWORD PTR gs:0x50"},
	{func(b *Buf) { b.JmpReg(rcx) }, "jmp rcx"},
	{func(b *Buf) { b.JmpMem(GSIndex(rax, 2, 0)) }, "jmp QWORD PTR gs:[rax*2+0x0]"},
	{(*Buf).Ret, "ret"},
	{(*Buf).Int3, "int3"},
	{(*Buf).Ud2, "ud2"},
	{(*Buf).Syscall, "syscall"},
	{(*Buf).RepMovsb, "rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]"},
	{(*Buf).RepMovsq, "rep movs QWORD PTR es:[rdi],QWORD PTR ds:[rsi]"},
	{(*Buf).Rdtsc, "rdtsc"},
	{(*Buf).Rdtscp, "rdtscp"},
	{(*Buf).Cpuid, "cpuid"},
	{(*Buf).Xgetbv, "xgetbv"},
	{(*Buf).Cld, "cld"},
	{(*Buf).Std, "std"},
	{func(b *Buf) { b.Rdrand(r9, 2) }, "rdrand r9w"},
	{func(b *Buf) { b.Rdrand(rax, 4) }, "rdrand eax"},
	{func(b *Buf) { b.Rdrand(rbx, 8) }, "rdrand rbx"},
	{func(b *Buf) { b.Rdseed(rbx, 8) }, "rdseed rbx"},
	{func(b *Buf) { b.Rdseed(r9, 4) }, "rdseed r9d"},
	{func(b *Buf) { b.Rdpid(r8) }, "rdpid r8"},
}

var regNames = [...][3]string{ // 64, 32 and 8 bits
	{"rax", "eax", "al"}, {"rcx", "ecx", "cl"}, {"rdx", "edx", "dl"}, {"rbx", "ebx", "bl"},
	{"rsp", "esp", "spl"}, {"rbp", "ebp", "bpl"}, {"rsi", "esi", "sil"}, {"rdi", "edi", "dil"},
	{"r8", "r8d", "r8b"}, {"r9", "r9d", "r9b"}, {"r10", "r10d", "r10b"}, {"r11", "r11d", "r11b"},
	{"r12", "r12d", "r12b"}, {"r13", "r13d", "r13b"}, {"r14", "r14d", "r14b"}, {"r15", "r15d", "r15b"},
}

// allRegisters puts every register into every role.
func allRegisters() []encoding {
	var es []encoding
	for i, name := range regNames {
		r := x86.Reg(i)
		q, d, l := name[0], name[1], name[2]
		for _, disp := range []int32{0, 0x7f, -0x80, 0x80, math.MinInt32, math.MaxInt32} {
			es = append(es, encoding{
				func(b *Buf) { b.MovLoad(r, Base(r, disp)) },
				fmt.Sprintf("mov %s,QWORD PTR [%s%s]", q, q, dispText(disp, r&7 == 5)),
			})
		}
		es = append(es,
			encoding{func(b *Buf) { b.Mov(r, rdx) }, "mov " + q + ",rdx"},
			encoding{func(b *Buf) { b.Mov32(r9, r) }, "mov r9d," + d},
			encoding{func(b *Buf) { b.MovStore8(Base(r9, 0), r) }, "mov BYTE PTR [r9]," + l},
			encoding{func(b *Buf) { b.MovImm64(r, 1<<40) }, "movabs " + q + ",0x10000000000"},
			encoding{func(b *Buf) { b.MovImm(r, 5) }, "mov " + d + ",0x5"},
			encoding{func(b *Buf) { b.Setcc(CondNE, r) }, "setne " + l},
			encoding{func(b *Buf) { b.Push(r) }, "push " + q},
			encoding{func(b *Buf) { b.Pop(r) }, "pop " + q},
			encoding{func(b *Buf) { b.JmpReg(r) }, "jmp " + q},
			encoding{func(b *Buf) { b.CallReg(r) }, "call " + q},
			encoding{func(b *Buf) { b.Not(r) }, "not " + q},
		)
		if r == x86.RSP {
			continue // never an index
		}
		for j, base := range regNames {
			scale := []uint8{1, 2, 4, 8}[j%4]
			es = append(es, encoding{
				func(b *Buf) {
					b.MovStore(Mem{Base: x86.Reg(j), Index: r, Scale: scale, Disp: 8}, rax)
				},
				fmt.Sprintf("mov QWORD PTR [%s+%s*%d+0x8],rax", base[0], q, scale),
			})
		}
		es = append(es, encoding{
			func(b *Buf) { b.MovStore(GSIndex(r, 4, -1), rax) },
			fmt.Sprintf("mov QWORD PTR gs:[%s*4-0x1],rax", q),
		})
	}
	for op, name := range []string{"add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"} {
		es = append(es,
			encoding{func(b *Buf) { b.Alu(Op(op), rax, rbx) }, name + " rax,rbx"},
			encoding{func(b *Buf) { b.AluImm(Op(op), rcx, 1) }, name + " rcx,0x1"},
			encoding{func(b *Buf) { b.AluLoad(Op(op), rcx, Base(rdx, 0)) }, name + " rcx,QWORD PTR [rdx]"},
		)
	}
	for cc, name := range []string{"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"} {
		es = append(es, encoding{func(b *Buf) { b.JccAbs(Cond(cc), 0x9999) }, "j" + name + " 9999"})
	}
	return es
}

func dispText(d int32, always bool) string {
	switch {
	case d == 0 && !always:
		return ""
	case d < 0:
		return fmt.Sprintf("-%#x", -int64(d))
	}
	return fmt.Sprintf("+0x%x", d)
}

func TestEncodings(t *testing.T) {
	b := New(testBase)
	es := append(encodings[:len(encodings):len(encodings)], allRegisters()...)
	starts := map[uint64]int{}
	for i, e := range es {
		starts[b.PC()] = i
		e.emit(b)
	}
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	lines := disassemble(t, b)
	seen := 0
	for _, l := range lines {
		i, ok := starts[l.pc]
		if !ok {
			t.Errorf("%#x: objdump reads %q inside an instruction", l.pc, l.text)
			continue
		}
		seen++
		if l.text != es[i].want {
			t.Errorf("instruction %d at %#x: objdump reads %q, want %q", i, l.pc, l.text, es[i].want)
		}
	}
	if seen != len(es) {
		t.Errorf("objdump reads %d instructions, want %d", seen, len(es))
	}
}

type line struct {
	pc   uint64
	text string
}

var (
	lineRE = regexp.MustCompile(`^\s*([0-9a-f]+):\t(?:[0-9a-f]{2} )+\s*\t(.*)$`)
	hexRE  = regexp.MustCompile(`\b(jmp|j[a-z]+|call) 0x([0-9a-f]+)$`)
	ripRE  = regexp.MustCompile(`\[rip[+-]0x[0-9a-f]+\](.*?) # 0x([0-9a-f]+)$`)
)

// disassemble reads b with objdump, in the notation of the tables.
func disassemble(t *testing.T, b *Buf) []line {
	t.Helper()
	objdump, err := exec.LookPath("objdump")
	if err != nil {
		t.Skip("objdump (package binutils) is not installed")
	}
	file := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(objdump, "-D", "-w", "-b", "binary", "-m", "i386:x86-64", "-M", "intel",
		fmt.Sprintf("--adjust-vma=%#x", testBase), file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var lines []line
	for _, s := range strings.Split(string(out), "\n") {
		m := lineRE.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		var l line
		fmt.Sscanf(m[1], "%x", &l.pc)
		l.text = strings.Join(strings.Fields(m[2]), " ")
		l.text = hexRE.ReplaceAllString(l.text, "$1 $2")
		l.text = ripRE.ReplaceAllString(l.text, "[rip+N]$1 # $2")
		lines = append(lines, l)
	}
	return lines
}

// TestShortest pins the lengths that objdump's text does not show.
func TestShortest(t *testing.T) {
	for _, c := range []struct {
		name string
		emit func(b *Buf)
		want int
	}{
		{"mov r32, imm32", func(b *Buf) { b.MovImm(rax, 1) }, 5},
		{"mov r64, simm32", func(b *Buf) { b.MovImm(rax, math.MaxUint64) }, 7},
		{"mov r64, imm64", func(b *Buf) { b.MovImm64(rax, 1) }, 10},
		{"alu imm8", func(b *Buf) { b.AluImm(Add, rax, 127) }, 4},
		{"alu imm32", func(b *Buf) { b.AluImm(Add, rax, 128) }, 7},
		{"no disp", func(b *Buf) { b.MovLoad(rax, Base(rbx, 0)) }, 3},
		{"disp8", func(b *Buf) { b.MovLoad(rax, Base(rbx, -128)) }, 4},
		{"disp32", func(b *Buf) { b.MovLoad(rax, Base(rbx, 128)) }, 7},
		{"bl without REX", func(b *Buf) { b.Setcc(CondE, rbx) }, 3},
		{"gs", func(b *Buf) { b.MovLoad(rax, GS(8)) }, 9},
	} {
		b := New(0)
		if c.emit(b); b.Len() != c.want {
			t.Errorf("%s: % x, %d bytes, want %d", c.name, b.Bytes(), b.Len(), c.want)
		}
	}
}

func TestNop(t *testing.T) {
	for n := range 30 {
		b := New(testBase)
		b.Nop(n)
		if b.Len() != n {
			t.Errorf("Nop(%d) appends %d bytes", n, b.Len())
		}
	}
	b := New(testBase)
	for n := 1; n <= len(nops); n++ {
		b.Nop(n)
	}
	lines := disassemble(t, b)
	if len(lines) != len(nops) {
		t.Errorf("objdump reads %d instructions, want %d", len(lines), len(nops))
	}
	for _, l := range lines {
		if !strings.Contains(l.text, "nop") && l.text != "xchg ax,ax" {
			t.Errorf("objdump reads %q", l.text)
		}
	}
}

func TestLabels(t *testing.T) {
	b := New(testBase)
	back, fwd := b.NewLabel(), b.NewLabel()
	b.Bind(back)
	b.Jmp(fwd)
	b.JmpShort(fwd)
	b.Jcc(CondE, fwd)
	b.JccShort(CondA, fwd)
	b.Jrcxz(fwd)
	b.Jecxz(fwd)
	b.Call(fwd)
	b.LeaLabel(r9, fwd)
	b.Bind(fwd)
	end := b.PC()
	b.Jmp(back)
	b.JmpShort(back)
	b.Jrcxz(back)
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	if b.Addr(back) != testBase || b.Addr(fwd) != end {
		t.Errorf("labels at %#x and %#x, want %#x and %#x", b.Addr(back), b.Addr(fwd), testBase, end)
	}
	var got []string
	for _, l := range disassemble(t, b) {
		got = append(got, l.text)
	}
	var want []string
	for _, s := range []string{"jmp F", "jmp F", "je F", "ja F", "jrcxz F", "jecxz F", "call F", "lea r9,[rip+N] # F", "jmp B", "jmp B", "jrcxz B"} {
		want = append(want, strings.NewReplacer("F", fmt.Sprintf("%x", end), "B", fmt.Sprintf("%x", testBase)).Replace(s))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("objdump reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestMistakes(t *testing.T) {
	short := func(bytes int) func(b *Buf) {
		return func(b *Buf) {
			l := b.NewLabel()
			b.JmpShort(l)
			b.Nop(bytes)
			b.Bind(l)
		}
	}
	here := uint64(testBase) // addresses below it wrap around
	for _, c := range []struct {
		name string
		emit func(b *Buf)
		want error
	}{
		{"short jump of 127", short(127), nil},
		{"short jump of 128", short(128), ErrRange},
		{"unbound", func(b *Buf) { b.Jmp(b.NewLabel()) }, ErrUnbound},
		{"address of unbound", func(b *Buf) { b.Addr(b.NewLabel()) }, ErrUnbound},
		{"jump as far as possible", func(b *Buf) { b.JmpAbs(testBase + 5 + math.MaxInt32) }, nil},
		{"jump too far", func(b *Buf) { b.JmpAbs(testBase + 6 + math.MaxInt32) }, ErrRange},
		{"jump back as far as possible", func(b *Buf) { b.JmpAbs(here + 5 - 1<<31) }, nil},
		{"jump back too far", func(b *Buf) { b.JmpAbs(here + 4 - 1<<31) }, ErrRange},
		{"load too far", func(b *Buf) { b.MovLoad(rax, Abs(1<<40)) }, ErrRange},
		{"rsp as index", func(b *Buf) { b.MovLoad(rax, GSIndex(rsp, 1, 0)) }, ErrOperand},
		{"scale 3", func(b *Buf) { b.MovLoad(rax, GSIndex(rax, 3, 0)) }, ErrOperand},
		{"no register", func(b *Buf) { b.Push(x86.NoReg) }, ErrOperand},
		{"rip as base", func(b *Buf) { b.MovLoad(rax, Base(x86.RIP, 0)) }, ErrOperand},
		{"segment DS", func(b *Buf) { b.MovLoad(rax, Mem{Seg: 0x3e, Base: rax, Index: x86.NoReg}) }, ErrOperand},
		{"condition 16", func(b *Buf) { b.JccAbs(16, testBase) }, ErrOperand},
		{"shift by 64", func(b *Buf) { b.Shl(rax, 64) }, ErrOperand},
		{"rdrand of a byte", func(b *Buf) { b.Rdrand(rax, 1) }, ErrOperand},
		{"align to 0", func(b *Buf) { b.Align(0, 0) }, ErrOperand},
	} {
		b := New(testBase)
		c.emit(b)
		if err := b.Finish(); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
		b.Reset(testBase)
		if b.Len() != 0 || b.Finish() != nil {
			t.Errorf("%s: Reset leaves %d bytes, error %v", c.name, b.Len(), b.Finish())
		}
	}
}

func TestData(t *testing.T) {
	b := New(testBase + 1)
	b.Align(16, 0xcc)
	if b.Len() != 15 || b.PC() != testBase+16 || b.Bytes()[14] != 0xcc {
		t.Errorf("Align: %d bytes, PC %#x", b.Len(), b.PC())
	}
	b.Quad(0x1122334455667788)
	if got := binary.LittleEndian.Uint64(b.Bytes()[15:]); got != 0x1122334455667788 {
		t.Errorf("Quad: %#x", got)
	}
}

func TestPatchRel32(t *testing.T) {
	b := New(testBase)
	b.Nop(3)
	b.JmpAbs(testBase)
	want := New(testBase)
	want.Nop(3)
	want.JmpAbs(0x12345)
	if err := PatchRel32(b.Bytes(), 4, testBase, 0x12345); err != nil {
		t.Fatal(err)
	}
	if string(b.Bytes()) != string(want.Bytes()) {
		t.Errorf("patched % x, want % x", b.Bytes(), want.Bytes())
	}
	for _, c := range []struct {
		off    int
		target uint64
	}{{-1, testBase}, {5, testBase}, {4, 1 << 40}} {
		if err := PatchRel32(b.Bytes(), c.off, testBase, c.target); !errors.Is(err, ErrRange) {
			t.Errorf("PatchRel32 at %d to %#x: %v", c.off, c.target, err)
		}
	}
}

func TestResetAllocatesNothing(t *testing.T) {
	b := New(testBase)
	emit := func() {
		b.Reset(testBase)
		l := b.NewLabel()
		for range 50 {
			b.MovLoad(rax, GS(8))
			b.Jcc(CondE, l)
		}
		b.Bind(l)
		if b.Finish() != nil {
			t.Error("Finish failed")
		}
	}
	if n := testing.AllocsPerRun(100, emit); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMovLoad(b *testing.B) {
	buf := New(testBase)
	for b.Loop() {
		if buf.Len() > 1<<16 {
			buf.Reset(testBase)
		}
		buf.MovLoad(rax, GS(8))
	}
}
