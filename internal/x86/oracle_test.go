package x86

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var oracleCases = flag.Int("x86.cases", 30000, "random instructions that TestOracles compares")

// guard follows every case. It is longer than what a case can swallow of it,
// and cases hold no int3, so that two disassemblers that print no lengths can
// be compared: how many int3 are left says how long they think the case is.
var guard = bytes.Repeat([]byte{0xcc}, maxLen+1)

// verdict is what a disassembler says about a case.
type verdict struct {
	ok   bool
	n    int // length in bytes
	text string
}

// TestOracles compares random instructions with objdump and Zydis: where both
// sides know an instruction, its length must be the same, and what both know,
// Decode must know.
func TestOracles(t *testing.T) {
	objdump, zydis := lookPath(t, "objdump"), lookPath(t, "ZydisDisasm")
	n := *oracleCases
	if testing.Short() {
		n /= 10
	}
	rng := rand.New(rand.NewPCG(2, 86))
	var cases [][]byte
	var ours []verdict
	var insts []Inst
	for range n {
		b := randomInst(rng)
		in, err := Decode(b, 0)
		if err == nil {
			b = b[:in.Len]
		}
		cases = append(cases, b)
		ours = append(ours, verdict{ok: err == nil, n: int(in.Len)})
		insts = append(insts, in)
	}
	file := writeCases(t, cases)
	dump := objdumpVerdicts(t, objdump, file, cases)
	zyd := zydisVerdicts(t, zydis, file, cases)

	known, lenient := 0, 0
	for i, o := range ours {
		d, z := dump[i], zyd[i]
		switch {
		case o.ok && (d.ok && d.n != o.n || z.ok && z.n != o.n):
			t.Errorf("% x: length %d, objdump %d (%s), Zydis %d (%s)", cases[i], o.n, d.n, d.text, z.n, z.text)
		case !o.ok && d.ok && z.ok && !oracleOnly(z.text):
			t.Errorf("% x: unknown to us; objdump %d (%s), Zydis (%s)", cases[i], d.n, d.text, z.text)
		case o.ok && !d.ok && !z.ok:
			lenient++
			if testing.Verbose() && lenient <= 200 {
				t.Logf("% x: unknown to both others (%s)", cases[i], d.text)
			}
		case o.ok:
			known++
			if msg := compareMem(&insts[i], z.text); z.ok && msg != "" {
				t.Errorf("% x: %s (%s)", cases[i], msg, z.text)
			}
		}
	}
	t.Logf("%d cases, %d known here and to another, %d known only here", n, known, lenient)
	if known < n/10 {
		t.Errorf("only %d of %d cases are instructions", known, n)
	}
}

// oracleOnly lists what the others know and we leave out: VIA's PadLock.
func oracleOnly(text string) bool {
	for _, m := range []string{"xstore", "xcrypt", "xsha", "montmul"} {
		if strings.Contains(text, m) {
			return true
		}
	}
	return false
}

// zydisOperand is "dword ptr ds:[rax+rcx*4-0x10]".
var zydisOperand = regexp.MustCompile(`(\w+) ptr (\w+):\[([^\]]*)\]`)

var zydisSizes = map[string]uint16{
	"byte": 1, "word": 2, "dword": 4, "fword": 6, "qword": 8, "tbyte": 10,
	"xmmword": 16, "ymmword": 32, "zmmword": 64,
}

// compareMem compares the size, segment and displacement of the ModRM operand
// with Zydis's text.
func compareMem(in *Inst, text string) string {
	m := zydisOperand.FindStringSubmatch(text)
	if m == nil || !in.HasModRM || in.ModRM >= 0xc0 || len(in.Mems()) == 0 || in.Mems()[0].Access == 0 {
		return ""
	}
	mem := in.Mems()[0]
	if size, ok := zydisSizes[m[1]]; ok && size != mem.Size && !sizeDiffers(in, text) {
		return fmt.Sprintf("size %d", mem.Size)
	}
	if seg := map[string]uint8{"fs": 0x64, "gs": 0x65}[m[2]]; seg != mem.Seg {
		return fmt.Sprintf("segment %#x", mem.Seg)
	}
	if i := strings.LastIndexAny(m[3], "+-"); i >= 0 && strings.HasPrefix(m[3][i+1:], "0x") && mem.Base != RIP {
		disp, err := strconv.ParseInt(m[3][i:i+1]+m[3][i+3:], 16, 64)
		if err == nil && disp != mem.Disp {
			return fmt.Sprintf("displacement %#x", mem.Disp)
		}
	}
	return ""
}

// sizeDiffers lists where Zydis means something else by a size than Mem does.
func sizeDiffers(in *Inst, text string) bool {
	return in.Mems()[0].Size == 0 || in.Mems()[0].VSIB ||
		strings.Contains(text, "clflush") || strings.Contains(text, "clwb") // any byte of the line
}

func writeCases(t *testing.T, cases [][]byte) string {
	t.Helper()
	var buf bytes.Buffer
	for _, c := range cases {
		buf.Write(c)
		buf.Write(guard)
	}
	file := filepath.Join(t.TempDir(), "cases")
	if err := os.WriteFile(file, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func objdumpVerdicts(t *testing.T, tool, file string, cases [][]byte) []verdict {
	t.Helper()
	out, err := exec.Command(tool, "-D", "-w", "-z", "-b", "binary", "-m", "i386:x86-64", "-M", "intel64", file).Output()
	if err != nil {
		t.Fatal(toolError(err))
	}
	lines := map[uint64]objdumpLine{}
	for l := range bytes.Lines(out) {
		if p, ok := parseLine(bytes.TrimRight(l, "\n")); ok {
			lines[p.addr] = p
		}
	}
	verdicts := make([]verdict, len(cases))
	pc := 0
	for i, c := range cases {
		l, ok := lines[uint64(pc)]
		verdicts[i] = verdict{ok, l.n, l.text}
		pc += len(c) + len(guard)
	}
	return verdicts
}

func zydisVerdicts(t *testing.T, tool, file string, cases [][]byte) []verdict {
	t.Helper()
	out, err := exec.Command(tool, "-64", file).Output()
	if err != nil {
		t.Fatal(toolError(err))
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	verdicts := make([]verdict, len(cases))
	for i, c := range cases {
		var text []string
		for len(lines) > 0 && lines[0] != "int3" {
			text = append(text, lines[0])
			lines = lines[1:]
		}
		left := 0
		for len(lines) > 0 && lines[0] == "int3" {
			left++
			lines = lines[1:]
		}
		if len(text) == 0 {
			t.Fatalf("lost at case %d, % x", i, c)
		}
		v := verdict{ok: !strings.HasPrefix(text[0], "db "), n: len(c) + len(guard) - left, text: text[0]}
		if len(text) > 1 {
			v.n = -1 // shorter than the case
		}
		verdicts[i] = v
	}
	return verdicts
}

func toolError(err error) error {
	if e := (*exec.ExitError)(nil); errors.As(err, &e) {
		return fmt.Errorf("%w: %s", err, e.Stderr)
	}
	return err
}

// randomInst returns 15 random bytes that begin like an instruction of some
// family.
func randomInst(rng *rand.Rand) []byte {
	b := make([]byte, 0, maxLen)
	prefixes := []byte{0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x64, 0x65, 0x3e}
	family := rng.IntN(10)
	for family < 5 && rng.IntN(3) == 0 && len(b) < 3 {
		b = append(b, prefixes[rng.IntN(len(prefixes))])
	}
	if family < 5 && rng.IntN(3) == 0 {
		b = append(b, 0x40|byte(rng.IntN(16)))
	}
	u8 := func() byte { return byte(rng.Uint32()) }
	ones := byte(0x78) // vvvv of an instruction that does not use it
	if rng.IntN(2) == 0 {
		ones = u8() & 0x78
	}
	switch family {
	case 0, 1: // one-byte map
	case 2:
		b = append(b, 0x0f)
	case 3:
		b = append(b, 0x0f, 0x38)
	case 4:
		b = append(b, 0x0f, 0x3a)
	case 5, 6:
		b = append(b, 0xc4, u8()&0xe0|byte(1+rng.IntN(3)), u8()&0x87|ones)
	case 7, 8:
		m := [...]byte{1, 2, 3, 5, 6}[rng.IntN(5)]
		b = append(b, 0x62, u8()&0xf0|m, u8()&0x83|ones|4, u8()&0x77|0x08)
	case 9:
		b = append(b, 0x8f, u8()&0xe0|byte(8+rng.IntN(3)), u8()&0x80|u8()&4|ones)
	}
	for len(b) < maxLen {
		b = append(b, u8())
	}
	for i := range b {
		if b[i] == 0xcc {
			b[i] = 0xcd
		}
	}
	return b
}
