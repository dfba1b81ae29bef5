package translate

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hindsight/internal/area"
	"hindsight/internal/x86"
)

var update = flag.Bool("update", false, "write the goldens (needs objdump)")

// golden is guest code whose translation testdata pins: a change of code
// generation is to be a change that a reviewer sees.
type golden struct {
	name    string
	code    []byte // the disassembly is in the golden
	checked bool
	shared  bool
	vdso    uint64
	links   map[uint64]uint64
	rtm     bool
	base    uint64 // of the host code, if it is another
}

// asmBytes joins the bytes of instructions.
func asmBytes(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

type b = []byte

var goldens = []golden{
	{name: "jcc-flags-dead", code: asmBytes(
		b{0x48, 0x39, 0xd8},                   // cmp rax, rbx
		b{0x48, 0x31, 0xd2},                   // xor edx, edx
		b{0xff, 0x14, 0x25, 0x00, 0x00, 2, 0}, // call [0x20000]: no copy of the loop
		b{0x75, 0xf1},                         // jne to the start
		b{0xc3})},                             // ret
	{name: "jcc-flags-live", code: asmBytes(
		b{0x48, 0x11, 0xd8},                   // adc rax, rbx
		b{0xff, 0x14, 0x25, 0x00, 0x00, 2, 0}, // call [0x20000]
		b{0x75, 0xf4},                         // jne to the start
		b{0xc3})},                             // ret
	{name: "jcc-forward", code: asmBytes(
		b{0x74, 0x01},                         // je over the nop
		b{0x90},                               // nop
		b{0x0f, 0x8f, 0x00, 0x10, 0x00, 0x00}, // jg out of the unit
		b{0x0f, 0x0b})},                       // ud2
	{name: "loop-counted-in-rcx", code: asmBytes(
		b{0x48, 0x83, 0xc0, 0x03}, // add rax, 3
		b{0x48, 0x8d, 0x14, 0x42}, // lea rdx, [rdx+rax*2]
		b{0x48, 0xff, 0xce},       // dec rsi
		b{0x75, 0xf3},             // jnz to the start
		b{0xc3})},                 // ret
	{name: "loop-counted-in-r11", code: asmBytes(
		b{0x48, 0x03, 0x01},       // add rax, [rcx]
		b{0x48, 0x83, 0xc1, 0x08}, // add rcx, 8
		b{0x48, 0x39, 0xd1},       // cmp rcx, rdx
		b{0x77, 0x09},             // ja out of the loop
		b{0xa8, 0x01},             // test al, 1
		b{0x74, 0xf0},             // jz to the start
		b{0x48, 0xff, 0xc0},       // inc rax
		b{0xeb, 0xeb},             // jmp to the start
		b{0xc3})},                 // ret
	{name: "call", code: asmBytes(
		b{0xe8, 0x01, 0x00, 0x00, 0x00}, // call over the ret
		b{0xc3},                         // ret
		b{0xc2, 0x10, 0x00})},           // ret 16
	{name: "call-linked", links: map[uint64]uint64{0x401100: hostBase - 0x1000}, code: asmBytes(
		b{0xe8, 0xfb, 0x00, 0x00, 0x00}, // call 0x401100, which is translated
		b{0xe9, 0xf6, 0x10, 0x00, 0x00})},
	{name: "indirect", code: asmBytes(
		b{0x48, 0x85, 0xc0},                   // test rax, rax
		b{0x74, 0x06},                         // jz to the jump through a register
		b{0x41, 0xff, 0x54, 0xd4, 0x40},       // call [r12+rdx*8+64]
		b{0xc3},                               // ret
		b{0x41, 0xff, 0xe3},                   // jmp r11
		b{0xff, 0x25, 0x10, 0x00, 0x00, 0x00}, // never reached
	)},
	{name: "joined", code: asmBytes(
		b{0xe8, 0x06, 0x00, 0x00, 0x00},             // call of the second jump
		b{0xff, 0x25, 0x10, 0x20, 0x00, 0x00},       // jmp [rip+0x2010]
		b{0xf3, 0x0f, 0x1e, 0xfa},                   // endbr64
		b{0xf2, 0xff, 0x25, 0x10, 0x20, 0x00, 0x00}, // bnd jmp [rip+0x2010]
		b{0xe8, 0xea, 0xff, 0xff, 0xff})},           // call of the first jump
	{name: "indirect-rip", code: b{0xff, 0x25, 0x10, 0x20, 0x00, 0x00}}, // jmp [rip+0x2010]
	{name: "far", base: 1 << 40, code: asmBytes(
		b{0x48, 0x8b, 0x05, 0x10, 0x20, 0x00, 0x00},                   // mov rax, [rip+0x2010]
		b{0x48, 0x03, 0x0d, 0x10, 0x20, 0x00, 0x00},                   // add rcx, [rip+0x2010]
		b{0x66, 0xc7, 0x05, 0x10, 0x20, 0x00, 0x00, 0x34, 0x12},       // mov word [rip+0x2010], 0x1234
		b{0x64, 0x88, 0x25, 0x10, 0x20, 0x00, 0x00},                   // mov fs:[rip+0x2010], ah
		b{0xf0, 0x48, 0x0f, 0xc7, 0x0d, 0x10, 0x20, 0x00, 0x00},       // lock cmpxchg16b [rip+0x2010]
		b{0x66, 0x45, 0x0f, 0x6f, 0x05, 0x10, 0x20, 0x00, 0x00},       // movdqa xmm8, [rip+0x2010]; with a REX.B that means nothing
		b{0xc5, 0x7e, 0x6f, 0x05, 0x10, 0x20, 0x00, 0x00},             // vmovdqu ymm8, [rip+0x2010]
		b{0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x05, 0x10, 0x20, 0x00, 0x00}, // vmovdqu64 zmm0, [rip+0x2010]
		b{0xff, 0x35, 0x10, 0x20, 0x00, 0x00},                         // push [rip+0x2010]
		b{0x48, 0x8d, 0x1d, 0xe0, 0xff, 0xff, 0xff},                   // lea rbx, [rip-32]
		b{0xc3})}, // ret
	{name: "gs", code: asmBytes(
		b{0x65, 0x48, 0x8b, 0x04, 0x25, 0x30, 0x00, 0x00, 0x00},                         // mov rax, gs:[0x30]
		b{0x65, 0x48, 0x89, 0x08},                                                       // mov gs:[rax], rcx
		b{0x65, 0x49, 0x03, 0x4d, 0x10},                                                 // add rcx, gs:[r13+16]
		b{0x65, 0x83, 0x84, 0x24, 0x00, 0x01, 0x00, 0x00, 0x05},                         // add dword gs:[rsp+256], 5
		b{0x66, 0x65, 0x0f, 0x65, 0x04, 0x25, 0x30, 0x00, 0x00, 0x00},                   // pcmpgtw xmm0, gs:[0x30]
		b{0x64, 0x65, 0x3e, 0xf0, 0x48, 0x0f, 0xc7, 0x0c, 0x25, 0x40, 0x00, 0x00, 0x00}, // lock cmpxchg16b gs:[0x40], after a prefix for FS
		b{0x65, 0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x40, 0x01},                               // vmovdqu64 zmm0, gs:[rax+64]
		b{0x65, 0xff, 0x34, 0x25, 0x08, 0x00, 0x00, 0x00},                               // push gs:[8]
		b{0x65, 0x48, 0x8b, 0x04, 0x08},                                                 // mov rax, gs:[rax+rcx]: by the CPU
		b{0x65, 0x4a, 0x8b, 0x04, 0x25, 0x30, 0x00, 0x00, 0x00},                         // mov rax, gs:[r12+0x30]: by the CPU
		b{0x65, 0x8b, 0x05, 0x10, 0x00, 0x00, 0x00},                                     // mov eax, gs:[rip+16]: by the CPU
		b{0x65, 0x48, 0xa1, 0x30, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00},             // mov rax, gs:[0x30], without ModRM: by the CPU
		b{0xc3})}, // ret
	{name: "far-checked", base: 1 << 40, checked: true, code: asmBytes(
		b{0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8}, // mov rax, imm64
		b{0xc3})},                             // ret
	{name: "indirect-fs", code: b{0x64, 0xff, 0x14, 0x25, 0x10, 0x00, 0x00, 0x00}}, // call fs:[16]
	{name: "popf", code: b{0x9c, 0x9d, 0xf4}},                                      // pushf; popf; hlt
	{name: "rip-immediate", code: asmBytes(
		b{0xc7, 0x05, 0x00, 0x10, 0x00, 0x00, 0x44, 0x33, 0x22, 0x11}, // mov dword [rip+0x1000], 0x11223344
		b{0x66, 0x81, 0x3d, 0x00, 0x10, 0x00, 0x00, 0x34, 0x12},       // cmp word [rip+0x1000], 0x1234
		b{0xc5, 0xfb, 0x10, 0x05, 0xf8, 0xff, 0xff, 0xff},             // vmovsd xmm0, [rip-8]
		b{0x48, 0x8d, 0x3d, 0x00, 0x00, 0x00, 0x00},                   // lea rdi, [rip]
		b{0xf4})}, // hlt
	{name: "loop-instructions", code: asmBytes(
		b{0xe3, 0x04},         // jrcxz to the ret
		b{0x67, 0xe2, 0xfb},   // loop (ecx) to the start
		b{0x90},               // nop
		b{0xe1, 0xf8, 0xc3})}, // loope to the start; ret
	{name: "syscall", code: b{0xb8, 0x27, 0, 0, 0, 0x0f, 0x05, 0xc3}},       // mov eax, 39; syscall; ret
	{name: "time", code: b{0x0f, 0x31, 0x0f, 0x01, 0xf9, 0x0f, 0xa2, 0xf4}}, // rdtsc; rdtscp; cpuid; hlt
	{name: "pause", code: b{0xf3, 0x90, 0xeb, 0xfc}},                        // pause; jmp to the start
	{name: "random", code: asmBytes(
		b{0x66, 0x41, 0x0f, 0xc7, 0xf1}, // rdrand r9w
		b{0x0f, 0xc7, 0xf2},             // rdrand edx
		b{0x49, 0x0f, 0xc7, 0xf4},       // rdrand r12
		b{0x48, 0x0f, 0xc7, 0xf9},       // rdseed rcx
		b{0xf3, 0x0f, 0xc7, 0xf8},       // rdpid rax
		b{0xf4})},                       // hlt
	{name: "x87-environment", code: asmBytes(
		b{0xd9, 0x74, 0x24, 0xc8},             // fnstenv [rsp-56]
		b{0x0f, 0xae, 0x01},                   // fxsave [rcx]
		b{0xdd, 0x35, 0x00, 0x10, 0x00, 0x00}, // fnsave [rip+0x1000]
		b{0xf4})},                             // hlt
	{name: "checked", checked: true, code: asmBytes(
		b{0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8}, // mov rax, imm64
		b{0x75, 0xf4},                         // jne to the start
		b{0xc3})},                             // ret
	{name: "shared", shared: true, code: asmBytes(
		b{0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8}, // mov rax, imm64
		b{0x90},                               // nop
		b{0x75, 0xfd},                         // jne to the nop
		b{0x48, 0xff, 0xc0},                   // inc rax
		b{0xc3})},                             // ret
	{name: "xbegin", rtm: true, code: asmBytes(
		b{0xc7, 0xf8, 0x01, 0x00, 0x00, 0x00}, // xbegin over the ret
		b{0xc3},                               // ret
		b{0xc7, 0xf8, 0xf3, 0xff, 0xff, 0xff}, // xbegin to the start
	)},
	{name: "exits", code: asmBytes(
		b{0x74, 0x08},       // je
		b{0x75, 0x0a},       // jne
		b{0x0f, 0x01, 0x00}, // sgdt [rax]
		b{0x90, 0x90, 0x90}, // nops
		b{0x65, 0x8b, 0x00}, // mov eax, gs:[rax]
		b{0x90},             // nop
		b{0x06},             // no instruction in 64-bit mode
	)},
	{name: "vdso", vdso: guestBase + 5, code: b{0xe8, 0, 0, 0, 0, 0x90}}, // call the next address
}

func (g *golden) unit(t *testing.T, tr *Translator) *Unit {
	t.Helper()
	p := &program{start: guestBase, code: g.code, checked: g.checked, shared: g.shared, vdso: g.vdso, translated: g.links}
	u, err := tr.Unit(p, guestBase, cmp.Or(g.base, hostBase))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestGoldens(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			var out strings.Builder
			out.WriteString("== guest\n" + disassemble(t, g.code, guestBase))
			for _, mode := range []string{"record", "replay"} {
				tr := New(Options{Replay: mode == "replay", RTM: g.rtm})
				u := g.unit(t, tr)
				verify(t, tr, u)
				if again := g.unit(t, tr); !bytes.Equal(u.Code, again.Code) || !slices.Equal(u.Points, again.Points) {
					t.Error("the same code was translated in another way the second time")
				}
				fmt.Fprintf(&out, "== %s\n", mode)
				render(t, &out, u)
			}
			compare(t, filepath.Join("testdata", g.name+".golden"), out.String())
		})
	}
}

// render lists generated code: each instruction, preceded by what is known
// of its place.
func render(t *testing.T, out *strings.Builder, u *Unit) {
	insts, literals := listing(t, u)
	text := texts(t, u.Code[:literals], u.Base)
	at := func(off uint32) {
		for _, h := range u.Heads {
			if h.Off == off {
				fmt.Fprintf(out, "# head %#x\n", h.PC)
			}
		}
		for _, p := range u.Points {
			if p.Off == off {
				fmt.Fprintf(out, "# %s\n", describe(p))
			}
		}
		if x, ok := u.Exit(off); ok {
			fmt.Fprintf(out, "# exit %s %#x patch=%#x far=%v\n", exitNames[x.Kind], x.PC, x.PatchOff, x.Far)
		}
	}
	for _, in := range insts {
		at(in.off)
		fmt.Fprintf(out, "%04x: % x\t%s\n", in.off, u.Code[in.off:in.off+uint32(in.Len)], text[u.Base+uint64(in.off)])
	}
	for off := literals; off < uint32(len(u.Code)); off += 8 {
		fmt.Fprintf(out, "%04x: % x\tliteral\n", off, u.Code[off:min(off+8, uint32(len(u.Code)))])
	}
}

var exitNames = map[ExitKind]string{
	ExitLink: "link", ExitNative: "native", ExitNondet: "nondet", ExitTick: "tick", ExitStale: "stale", ExitPause: "pause", ExitTickInd: "tick-indirect",
}

var regNames = [...]string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"}

func regName(r x86.Reg) string {
	if int(r) < len(regNames) {
		return regNames[r]
	}
	return "r" + strconv.Itoa(int(r))
}

func describe(p Point) string {
	s := "in"
	switch {
	case p.Boundary:
		s = "at"
	case p.Settled:
		s = "settled"
	}
	if p.InRCX {
		s += " rcx"
	} else {
		s += fmt.Sprintf(" %#x", p.PC)
	}
	for r := x86.RAX; r <= x86.R15; r++ {
		if p.Saved.Has(r) {
			s += " saved=" + regName(r)
		}
	}
	if p.Counts {
		counter := (p.Counter-area.MoreTicks)/8 + 1
		if p.Counter == area.Tick {
			counter = 0
		}
		s += fmt.Sprintf(" counter%d=%s", counter, regName(p.Reg))
	}
	return s
}

// compare compares everything but the disassembly, which only who updates the
// goldens needs objdump for.
func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if _, err := exec.LookPath("objdump"); err != nil {
			t.Fatal("-update without objdump would take the disassembly away")
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w, g := withoutText(string(want)), withoutText(got)
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			t.Fatalf("line %d is %q, want %q (after a change on purpose: go test -update)", i+1, g[i], w[i])
		}
	}
	if len(w) != len(g) {
		t.Errorf("%d lines, want %d", len(g), len(w))
	}
}

func withoutText(s string) []string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i], _, _ = strings.Cut(l, "\t")
	}
	return lines
}

// disassemble lists guest code.
func disassemble(t *testing.T, code []byte, base uint64) string {
	text := texts(t, code, base)
	var out strings.Builder
	for off := 0; off < len(code); {
		n := 1
		if in, err := x86.Decode(code[off:], base+uint64(off)); err == nil {
			n = int(in.Len)
		}
		fmt.Fprintf(&out, "%x: % x\t%s\n", base+uint64(off), code[off:off+n], text[base+uint64(off)])
		off += n
	}
	return out.String()
}

var objdumpLine = regexp.MustCompile(`(?m)^\s*([0-9a-f]+):\t[0-9a-f ]+\t(.*?)\s*$`)

// texts returns objdump's words for each instruction; none without objdump.
func texts(t *testing.T, code []byte, base uint64) map[uint64]string {
	t.Helper()
	text := map[uint64]string{}
	if !*update {
		return text
	}
	file := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(file, code, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("objdump", "-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", "--insn-width=15",
		fmt.Sprintf("--adjust-vma=%#x", base), file).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range objdumpLine.FindAllStringSubmatch(string(out), -1) {
		at, err := strconv.ParseUint(m[1], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		text[at] = strings.Join(strings.Fields(m[2]), " ")
	}
	return text
}
