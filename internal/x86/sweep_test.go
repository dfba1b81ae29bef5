package x86

import (
	"bufio"
	"bytes"
	"debug/elf"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestSweep decodes every instruction that objdump finds in the executable
// sections of large programs, and compares length and direct branch target.
func TestSweep(t *testing.T) {
	objdump := lookPath(t, "objdump")
	files := map[string]func() string{
		"libc": func() string { return firstGlob("/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib64/libc.so.6") },
		"libcrypto": func() string {
			return firstGlob("/usr/lib/x86_64-linux-gnu/libcrypto.so.*", "/usr/lib64/libcrypto.so.*")
		},
		"libstdc++": func() string {
			return firstGlob("/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "/usr/lib64/libstdc++.so.6")
		},
		"python3": pythonBinary,
		"gdb":     func() string { return firstGlob("/usr/bin/gdb") },
	}
	for name, find := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name != "libc" {
				t.Skip("only libc with -short")
			}
			path := find()
			if path == "" {
				t.Skipf("%s is not installed", name)
			}
			sweep(t, objdump, path)
		})
	}
}

func lookPath(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		t.Skipf("%s is not installed", tool)
	}
	return path
}

func firstGlob(patterns ...string) string {
	for _, p := range patterns {
		if m, _ := filepath.Glob(p); len(m) > 0 {
			return m[0]
		}
	}
	return ""
}

// pythonBinary finds the file that holds the interpreter's code: its shared
// library, if it has one.
func pythonBinary() string {
	out, err := exec.Command("python3", "-c", `import sys, sysconfig, os
lib = os.path.join(sysconfig.get_config_var("LIBDIR") or "", sysconfig.get_config_var("LDLIBRARY") or "")
print(lib if lib.find(".so") > 0 and os.path.exists(lib) else sys.executable)`).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// image is the executable sections of an ELF file.
type image struct {
	addr []uint64
	data [][]byte
}

func openImage(t *testing.T, path string) image {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var img image
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_EXECINSTR == 0 || s.Type == elf.SHT_NOBITS {
			continue
		}
		b, err := s.Data()
		if err != nil {
			t.Fatal(err)
		}
		img.addr = append(img.addr, s.Addr)
		img.data = append(img.data, b)
	}
	return img
}

// at returns the bytes from addr to the end of its section.
func (m image) at(addr uint64) []byte {
	for i, a := range m.addr {
		if addr >= a && addr-a < uint64(len(m.data[i])) {
			return m.data[i][addr-a:]
		}
	}
	return nil
}

func sweep(t *testing.T, objdump, path string) {
	img := openImage(t, path)
	cmd := exec.Command(objdump, "-d", "-w", "-M", "intel64", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen, wrong := 0, 0
	sc := bufio.NewScanner(out)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		l, ok := parseLine(sc.Bytes())
		if !ok {
			continue
		}
		seen++
		if msg := l.check(img.at(l.addr)); msg != "" {
			if wrong++; wrong <= 20 {
				t.Errorf("%s: %s", sc.Text(), msg)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d instructions, %d differ", path, seen, wrong)
	if seen < 10000 {
		t.Errorf("only %d instructions seen", seen)
	}
}

// objdumpLine is "  addr:\tb0 b1 b2 \tmnemonic operands".
type objdumpLine struct {
	addr   uint64
	n      int // bytes
	text   string
	target uint64 // of a direct branch
	direct bool
}

func parseLine(b []byte) (objdumpLine, bool) {
	addr, rest, ok := bytes.Cut(b, []byte(":\t"))
	if !ok {
		return objdumpLine{}, false
	}
	raw, text, _ := bytes.Cut(rest, []byte("\t"))
	pc, err := strconv.ParseUint(string(bytes.TrimSpace(addr)), 16, 64)
	l := objdumpLine{addr: pc, n: (len(bytes.TrimSpace(raw)) + 1) / 3, text: string(text)}
	if err != nil || l.bad() {
		return objdumpLine{}, false
	}
	l.parseTarget()
	return l, true
}

// bad reports what objdump shows of bytes that are no instruction: data, a
// register that does not exist (%?), a move to CS, prefixes with nothing
// behind them that it likes.
func (l *objdumpLine) bad() bool {
	for _, mark := range []string{"(bad)", ".byte", "%?", ",%cs"} {
		if strings.Contains(l.text, mark) {
			return true
		}
	}
	if strings.HasPrefix(l.text, "rex") && strings.Contains(l.text, " v") {
		return true // REX before VEX is #UD, which objdump does not mind
	}
	for f := range strings.FieldsSeq(l.text) {
		switch f {
		case "data16", "addr32", "lock", "repz", "repnz", "cs", "ds", "es", "ss", "fs", "gs", "bnd", "xacquire", "xrelease":
		default:
			if !strings.HasPrefix(f, "rex") {
				return false
			}
		}
	}
	return true
}

// parseTarget looks for the address that a branch has as its first operand.
func (l *objdumpLine) parseTarget() {
	for f := range strings.FieldsSeq(l.text) {
		mnemonic, _, _ := strings.Cut(f, ",") // "jne,pn"
		switch {
		case l.direct:
			l.target, _ = strconv.ParseUint(f, 16, 64)
			l.direct = f[0] != '*' && f[0] != '(' && !strings.ContainsAny(f, "(%*$")
			return
		case mnemonic[0] == 'j', strings.HasPrefix(mnemonic, "call"), strings.HasPrefix(mnemonic, "loop"), strings.HasPrefix(mnemonic, "xbegin"):
			l.direct = true
		}
	}
	l.direct = false
}

// check compares with what Decode says about the bytes that start at addr.
func (l *objdumpLine) check(b []byte) string {
	in, err := Decode(b, l.addr)
	if err != nil {
		return err.Error()
	}
	n := int(in.Len)
	if b[0] == 0x9b && n == 1 && l.n > 1 { // objdump joins FWAIT with what follows
		rest, err := Decode(b[1:], l.addr+1)
		if err != nil {
			return err.Error()
		}
		n += int(rest.Len)
	}
	direct := in.Flow == FlowJmp || in.Flow == FlowJcc || in.Flow == FlowCall || in.Flow == FlowXbegin
	switch {
	case n != l.n:
		return "length " + strconv.Itoa(n)
	case in.Lock && in.Flow == FlowUndef: // objdump shows a branch
	case direct != l.direct:
		return "direct branch: " + strconv.FormatBool(direct)
	case direct && in.Target != l.target:
		return "target " + strconv.FormatUint(in.Target, 16)
	}
	return ""
}
