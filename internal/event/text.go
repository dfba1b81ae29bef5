package event

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/x86"
)

// Printer shows events to people and to scripts. The zero value is usable.
type Printer struct {
	SyscallName func(nr int) string // nil or an empty result: the number is shown
	MaxData     int                 // bytes shown of each buffer; 0 means 32, below 0 all
}

// field is one described field of a payload.
type field struct {
	name   string
	style  style
	num    uint64
	list   []uint64
	regs   bool
	data   []byte
	text   string
	isText bool
	writes Writes
}

var insnNames = map[x86.Special]string{
	x86.RDTSC: "rdtsc", x86.RDTSCP: "rdtscp", x86.CPUID: "cpuid", x86.RDRAND: "rdrand",
	x86.RDSEED: "rdseed", x86.RDPID: "rdpid", x86.RDPMC: "rdpmc", x86.XGETBV: "xgetbv",
	x86.SGDT: "sgdt", x86.LSL: "lsl", x86.XSAVE: "xsave", x86.XSAVEC: "xsavec",
	x86.XSAVEOPT: "xsaveopt", x86.FXSAVE: "fxsave", x86.FNSTENV: "fnstenv",
	x86.RDPKRU: "rdpkru", x86.APPROX: "approx",
}

// Line shows ev in one line: tick, kind, and what it says.
func (p *Printer) Line(ev []byte) string {
	h, v, err := decodeAny(ev)
	if err != nil {
		return fmt.Sprintf("%d %v: %v", h.Tick, h.Kind, err)
	}
	head := fmt.Sprintf("%d %v", h.Tick, h.Kind)
	fields := describe(v)
	switch v := v.(type) {
	case *Syscall:
		head += p.callLine(v)
		fields = fields[len(fields)-min(1, len(v.Writes)):]
	case *Insn:
		head += " " + p.nameOf(h)
		fields = fields[1:]
	case *Signal:
		head += " " + p.nameOf(h)
		fields = fields[1:]
	}
	var b strings.Builder
	b.WriteString(head)
	for _, f := range fields {
		b.WriteByte(' ')
		b.WriteString(p.fieldText(f))
	}
	return b.String()
}

// callLine shows a syscall as strace does, with its first three arguments.
func (p *Printer) callLine(s *Syscall) string {
	line := fmt.Sprintf(" %s(%#x, %#x, %#x) = %s", p.nameOf(Header{Kind: KindSyscall, NR: s.NR}),
		s.Args[0], s.Args[1], s.Args[2], resultText(s.Result))
	if s.Flags&FlagVDSO != 0 {
		line += " vdso"
	}
	if s.Flags&FlagEffect != 0 {
		line += " effect"
	}
	return line
}

// maxErrno is MAX_ERRNO of include/linux/err.h: results from -4095 are errors.
const maxErrno = 4095

func resultText(r uint64) string {
	if n := int64(r); n < 0 && n >= -maxErrno {
		if name := unix.ErrnoName(unix.Errno(-n)); name != "" {
			return "-" + name
		}
		return strconv.FormatInt(n, 10)
	}
	if r > 1<<31 {
		return fmt.Sprintf("%#x", r)
	}
	return strconv.FormatUint(r, 10)
}

// nameOf names what a header's NR stands for, "" where it stands for nothing.
func (p *Printer) nameOf(h Header) string {
	name := ""
	switch h.Kind {
	case KindSyscall:
		if p.SyscallName != nil {
			name = p.SyscallName(int(h.NR))
		}
	case KindInsn:
		name = insnNames[x86.Special(h.NR)]
	case KindSignal:
		name = unix.SignalName(unix.Signal(h.NR))
	default:
		return ""
	}
	if name == "" {
		return fmt.Sprintf("%v_%d", h.Kind, h.NR)
	}
	return name
}

func describe(v payload) []field {
	c := coder{mode: describing}
	v.layout(&c)
	return c.shown
}

func (p *Printer) fieldText(f field) string {
	switch {
	case f.regs:
		return fmt.Sprintf("rip=%#x rsp=%#x rax=%#x", f.list[regRIP], f.list[regRSP], f.list[regRAX])
	case f.list != nil:
		return fmt.Sprintf("%s=%#x", f.name, f.list)
	case f.data != nil:
		return fmt.Sprintf("%s=%d bytes", f.name, len(f.data))
	case f.isText:
		return fmt.Sprintf("%s=%q", f.name, f.text)
	case f.writes != nil:
		return p.writesText(f.writes)
	}
	return f.name + "=" + f.number()
}

func (f field) number() string {
	switch f.style {
	case hex:
		return fmt.Sprintf("%#x", f.num)
	case signed:
		return strconv.FormatInt(int64(f.num), 10)
	}
	return strconv.FormatUint(f.num, 10)
}

// shownWrites bounds how many writes of an event one line lists.
const shownWrites = 4

func (p *Printer) writesText(w Writes) string {
	var parts []string
	total, _ := w.Len()
	for addr, data := range w.All() {
		if len(parts) == shownWrites {
			parts = append(parts, fmt.Sprintf("and %d more", total-shownWrites))
			break
		}
		head, dots := p.cut(data), ""
		if len(head) < len(data) {
			dots = "..."
		}
		parts = append(parts, fmt.Sprintf("[%#x]+%d=%q%s", addr, len(data), head, dots))
	}
	return strings.Join(parts, " ")
}

func (p *Printer) cut(data []byte) []byte {
	limit := p.MaxData
	if limit == 0 {
		limit = 32
	}
	if limit < 0 || len(data) <= limit {
		return data
	}
	return data[:limit]
}

// JSON shows ev as one JSON object. Addresses and other numbers that may exceed
// 2^53, where scripts lose digits, are hexadecimal strings.
func (p *Printer) JSON(ev []byte) ([]byte, error) {
	h, v, err := decodeAny(ev)
	if err != nil {
		return nil, err
	}
	out := []byte("{")
	out = member(out, "tick", h.Tick)
	out = member(out, "kind", h.Kind.String())
	if name := p.nameOf(h); name != "" {
		out = member(out, "name", name)
	}
	for _, f := range describe(v) {
		out = member(out, f.name, p.jsonValue(f))
	}
	return append(out, '}'), nil
}

func (p *Printer) jsonValue(f field) any {
	switch {
	case f.regs:
		return registersJSON(f.list)
	case f.list != nil:
		out := make([]string, len(f.list))
		for i, v := range f.list {
			out[i] = fmt.Sprintf("%#x", v)
		}
		return out
	case f.data != nil:
		return p.dataJSON(nil, f.data)
	case f.isText:
		return f.text
	case f.writes != nil:
		var out []map[string]any
		for addr, data := range f.writes.All() {
			out = append(out, p.dataJSON(map[string]any{"addr": fmt.Sprintf("%#x", addr)}, data))
		}
		return out
	case f.style == hex:
		return f.number()
	}
	return json.RawMessage(f.number())
}

func (p *Printer) dataJSON(m map[string]any, data []byte) map[string]any {
	if m == nil {
		m = map[string]any{}
	}
	m["len"] = len(data)
	m["data"] = fmt.Sprintf("%x", p.cut(data))
	return m
}

// registersJSON is an object in the order of user_regs_struct.
func registersJSON(regs []uint64) json.RawMessage {
	out := []byte("{")
	for i, v := range regs {
		out = member(out, RegNames[i], fmt.Sprintf("%#x", v))
	}
	return append(out, '}')
}

// member appends a member to an object under construction.
func member(dst []byte, name string, v any) []byte {
	if len(dst) > 1 {
		dst = append(dst, ',')
	}
	value, err := json.Marshal(v)
	if err != nil {
		// Only numbers, strings, and lists and maps of them get here.
		panic(fmt.Sprintf("event: member %s: %v", name, err))
	}
	dst = strconv.AppendQuote(dst, name)
	dst = append(dst, ':')
	return append(dst, value...)
}
