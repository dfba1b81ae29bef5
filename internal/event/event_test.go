package event

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func regs(seed uint64) (r [NumRegs]uint64) {
	for i := range r {
		r[i] = seed + uint64(i)*0x0101010101010101
	}
	return r
}

var twoWrites = Writes(nil).Append(0x7ffe_1000, []byte("hello")).Append(0x5000, bytes.Repeat([]byte{0xa5}, 16))

// samples holds one event of each kind: its value, its bytes, and how one line
// and JSON show it.
var samples = []struct {
	kind Kind
	want any
	ev   []byte
	line string
	json string
}{
	{KindSyscall, &Syscall{NR: 0, Flags: FlagEffect, Result: 5, Args: [3]uint64{3, 0x7ffe1000, 16}, Writes: twoWrites},
		AppendSyscall(nil, 7, Syscall{NR: 0, Flags: FlagEffect, Result: 5, Args: [3]uint64{3, 0x7ffe1000, 16}, Writes: twoWrites}),
		`7 syscall read(0x3, 0x7ffe1000, 0x10) = 5 effect [0x7ffe1000]+5="hello" [0x5000]+16="\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5"`,
		`{"tick":7,"kind":"syscall","name":"read","nr":0,"flags":"0x1","result":5,"args":["0x3","0x7ffe1000","0x10"],"writes":[{"addr":"0x7ffe1000","data":"68656c6c6f","len":5},{"addr":"0x5000","data":"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5","len":16}]}`},
	{KindSyscall, &Syscall{NR: 39, Flags: FlagVDSO, Result: ^uint64(1)},
		AppendSyscall(nil, 8, Syscall{NR: 39, Flags: FlagVDSO, Result: ^uint64(1)}),
		`8 syscall syscall_39(0x0, 0x0, 0x0) = -ENOENT vdso`,
		`{"tick":8,"kind":"syscall","name":"syscall_39","nr":39,"flags":"0x2","result":-2,"args":["0x0","0x0","0x0"]}`},
	{KindInsn, &Insn{NR: 3, RAX: 1, RBX: 2, RCX: 3, RDX: 4, RFLAGS: 0x246},
		AppendInsn(nil, 9, Insn{NR: 3, RAX: 1, RBX: 2, RCX: 3, RDX: 4, RFLAGS: 0x246}),
		`9 insn cpuid rax=0x1 rbx=0x2 rcx=0x3 rdx=0x4 rflags=0x246`,
		`{"tick":9,"kind":"insn","name":"cpuid","nr":3,"rax":"0x1","rbx":"0x2","rcx":"0x3","rdx":"0x4","rflags":"0x246"}`},
	{KindSignal, &Signal{NR: 11, Flags: FlagSync, PC: 0x401000, Siginfo: [SiginfoSize]byte{11}, Regs: regs(1), Writes: twoWrites[:24]},
		AppendSignal(nil, 10, Signal{NR: 11, Flags: FlagSync, PC: 0x401000, Siginfo: [SiginfoSize]byte{11}, Regs: regs(1), Writes: twoWrites[:24]}),
		`10 signal SIGSEGV flags=0x1 pc=0x401000 siginfo=128 bytes rip=0x1010101010101011 rsp=0x1313131313131314 rax=0xa0a0a0a0a0a0a0b [0x7ffe1000]+5="hello"`, ""},
	{KindRegs, &Regs{Regs: regs(2), XState: []byte("abc")},
		AppendRegs(nil, 11, Regs{Regs: regs(2), XState: []byte("abc")}),
		`11 regs rip=0x1010101010101012 rsp=0x1313131313131315 rax=0xa0a0a0a0a0a0a0c xstate=3 bytes`, ""},
	{KindExit, &Exit{Code: 3, Signal: 6, Core: 1, PC: 0x10}, AppendExit(nil, 12, Exit{Code: 3, Signal: 6, Core: 1, PC: 0x10}),
		`12 exit code=3 signal=6 core=1 pc=0x10`, `{"tick":12,"kind":"exit","code":3,"signal":6,"core":1,"pc":"0x10"}`},
	{KindExec, &Exec{Snapshot: 1}, AppendExec(nil, 13, Exec{Snapshot: 1}), `13 exec snapshot=1`, `{"tick":13,"kind":"exec","snapshot":1}`},
	{KindCheck, &Check{PC: 1, RegsHash: 2, MemHash: ^uint64(0), MemPages: 4}, AppendCheck(nil, 14, Check{PC: 1, RegsHash: 2, MemHash: ^uint64(0), MemPages: 4}),
		`14 check pc=0x1 regs_hash=0x2 mem_hash=0xffffffffffffffff mem_pages=4`, ""},
	{KindMap, &Map{Addr: 0x1000, Len: 0x2000, Prot: 5, Flags: 2, Blob: 7, FileOff: 0x3000, Path: "/lib/a b.so"},
		AppendMap(nil, 15, Map{Addr: 0x1000, Len: 0x2000, Prot: 5, Flags: 2, Blob: 7, FileOff: 0x3000, Path: "/lib/a b.so"}),
		`15 map addr=0x1000 len=0x2000 prot=0x5 flags=0x2 blob=7 file_off=0x3000 path="/lib/a b.so"`, ""},
	{KindUnmap, &Unmap{Addr: 1, Len: 2}, AppendUnmap(nil, 16, Unmap{Addr: 1, Len: 2}), `16 unmap addr=0x1 len=0x2`, ""},
	{KindProtect, &Protect{Addr: 1, Len: 2, Prot: 3}, AppendProtect(nil, 17, Protect{Addr: 1, Len: 2, Prot: 3}), `17 protect addr=0x1 len=0x2 prot=0x3`, ""},
	{KindRemap, &Remap{Old: 1, OldLen: 2, New: 3, NewLen: 4, Flags: 5}, AppendRemap(nil, 18, Remap{Old: 1, OldLen: 2, New: 3, NewLen: 4, Flags: 5}),
		`18 remap old=0x1 old_len=0x2 new=0x3 new_len=0x4 flags=0x5`, ""},
	{KindArena, &Arena{Addr: 1, Len: 2, Prot: 3, Kind: ArenaCode}, AppendArena(nil, 19, Arena{Addr: 1, Len: 2, Prot: 3, Kind: ArenaCode}),
		`19 arena addr=0x1 len=0x2 prot=0x3 use=2`, ""},
	{KindMem, &Mem{Writes: twoWrites}, AppendMem(nil, 20, Mem{Writes: twoWrites}),
		`20 mem [0x7ffe1000]+5="hello" [0x5000]+16="\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5"`, ""},
	{KindUnreliable, &Unreliable{Text: "ioctl 0x1 \n"}, AppendUnreliable(nil, 21, "ioctl 0x1 \n"),
		`21 unreliable text="ioctl 0x1 \n"`, `{"tick":21,"kind":"unreliable","text":"ioctl 0x1 \n"}`},
	{KindNote, &Note{Text: ""}, AppendNote(nil, 22, ""), `22 note text=""`, ""},
	{KindBrk, &Brk{Old: 0x10, New: 0x20}, AppendBrk(nil, 23, Brk{Old: 0x10, New: 0x20}), `23 brk old=0x10 new=0x20`, ""},
	{KindTSC, &TSC{Value: 0x1234}, AppendTSC(nil, 24, TSC{Value: 0x1234}), `24 tsc value=0x1234`, ""},
	{KindSwitch, &Switch{PC: 0x401000, TID: 7}, AppendSwitch(nil, 25, Switch{PC: 0x401000, TID: 7}), `25 switch pc=0x401000 tid=7`, ""},
	{KindThread, &Thread{TID: 8, Writes: twoWrites[:24]}, AppendThread(nil, 26, Thread{TID: 8, Writes: twoWrites[:24]}),
		`26 thread flags=0x0 tid=8 pc=0x0 rip=0x0 rsp=0x0 rax=0x0 [0x7ffe1000]+5="hello"`, ""},
	{KindThreadEnd, &ThreadEnd{TID: 8, Writes: twoWrites[:24]}, AppendThreadEnd(nil, 27, ThreadEnd{TID: 8, Writes: twoWrites[:24]}),
		`27 threadend tid=8 pc=0x0 [0x7ffe1000]+5="hello"`, ""},
	{KindExit, &Exit{Signal: 11, PC: 0x10, Siginfo: []byte("sixteen bytes...")},
		AppendExit(nil, 28, Exit{Signal: 11, PC: 0x10, Siginfo: []byte("sixteen bytes...")}),
		`28 exit code=0 signal=11 core=0 pc=0x10 siginfo=16 bytes`, ""},
	{KindForeign, &Foreign{Addr: 0x5000, Len: 0x2000}, AppendForeign(nil, 29, Foreign{Addr: 0x5000, Len: 0x2000}), `29 foreign addr=0x5000 len=0x2000`, ""},
	{KindLoad, &Load{Len: 4, Addr: 0x5000, Value: [8]uint64{7}}, AppendLoad(nil, 30, Load{Len: 4, Addr: 0x5000, Value: [8]uint64{7}}),
		`30 load len=4 addr=0x5000 value=[0x7]`, ""},
	{KindLoads, &Loads{Addr: 0x5000, Data: []byte("hello")}, AppendLoads(nil, 31, Loads{Addr: 0x5000, Data: []byte("hello")}),
		`31 loads addr=0x5000 data=5 bytes`, ""},
	{KindCode, &Code{PC: 0x401000, Addr: 0x5000, Gone: 4096, Writes: twoWrites[:24]}, AppendCode(nil, 32, Code{PC: 0x401000, Addr: 0x5000, Gone: 4096, Writes: twoWrites[:24]}),
		`32 code pc=0x401000 addr=0x5000 gone=4096 [0x7ffe1000]+5="hello"`, ""},
	{KindLoad, &Load{Len: 64, Addr: 0x5000, Value: [8]uint64{7: 9}}, AppendLoad(nil, 33, Load{Len: 64, Addr: 0x5000, Value: [8]uint64{7: 9}}),
		`33 load len=64 addr=0x5000 value=[0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x9]`, ""},
}

var printer = Printer{SyscallName: func(nr int) string {
	if nr == 0 {
		return "read"
	}
	return ""
}}

func TestKinds(t *testing.T) {
	seen := map[Kind]bool{}
	for i, s := range samples {
		seen[s.kind] = true
		h, got, err := decodeAny(s.ev)
		if err != nil {
			t.Errorf("%v: %v", s.kind, err)
			continue
		}
		if h.Kind != s.kind || int(h.Size) != len(s.ev) || len(s.ev)%8 != 0 {
			t.Errorf("%v: header %+v of %d bytes", s.kind, h, len(s.ev))
		}
		if i > 0 && h.Tick != uint64(i)+7 {
			t.Errorf("%v: tick %d", s.kind, h.Tick)
		}
		if !reflect.DeepEqual(got, s.want) {
			t.Errorf("%v: decoded %+v, want %+v", s.kind, got, s.want)
		}
		if line := printer.Line(s.ev); line != s.line {
			t.Errorf("%v: line\n got %s\nwant %s", s.kind, line, s.line)
		}
		js, err := printer.JSON(s.ev)
		if err != nil || !json.Valid(js) {
			t.Errorf("%v: JSON %s: %v", s.kind, js, err)
		}
		if s.json != "" && string(js) != s.json {
			t.Errorf("%v: JSON\n got %s\nwant %s", s.kind, js, s.json)
		}
	}
	for k := Kind(1); k < NumKinds; k++ {
		if !seen[k] || k.String() == "" || payloads[k] == nil {
			t.Errorf("kind %d is not covered", k)
		}
	}
}

// TestBytes pins the layout that machine code relies on.
func TestBytes(t *testing.T) {
	got := AppendSyscall(nil, 0x1122334455667788, Syscall{NR: 0x0102, Flags: FlagVDSO, Result: 0xfe,
		Args: [3]uint64{1, 2, 3}, Writes: Writes(nil).Append(0xaabb, []byte{9, 8, 7})})
	want := []byte{
		72, 0, 0, 0, 1, 2, 0x02, 0x01,
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		0xfe, 0, 0, 0, 0, 0, 0, 0,
		1, 0, 0, 0, 0, 0, 0, 0,
		2, 0, 0, 0, 0, 0, 0, 0,
		3, 0, 0, 0, 0, 0, 0, 0,
		0xbb, 0xaa, 0, 0, 0, 0, 0, 0,
		3, 0, 0, 0, 0, 0, 0, 0,
		9, 8, 7, 0, 0, 0, 0, 0,
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestSizes(t *testing.T) {
	sizes := map[Kind]int{
		KindSyscall: 48, KindInsn: 56, KindSignal: 16 + 8 + 128 + 216, KindExit: 48, KindExec: 24,
		KindCheck: 48, KindMap: 72, KindUnmap: 32, KindProtect: 40, KindRemap: 56, KindArena: 48,
		KindMem: 16, KindRegs: 16 + 216 + 8, KindUnreliable: 24, KindNote: 24, KindBrk: 32, KindTSC: 24,
		KindSwitch: 32, KindThread: 16 + 16 + 216, KindThreadEnd: 32,
		KindForeign: 32, KindLoad: 24, KindLoads: 32, KindCode: 40,
	}
	for k := Kind(1); k < NumKinds; k++ {
		if got := len(appendEvent(nil, k, 0, payloads[k]())); got != sizes[k] {
			t.Errorf("empty %v event has %d bytes, want %d", k, got, sizes[k])
		}
	}
}

func TestNextBounds(t *testing.T) {
	var all []byte
	for _, s := range samples {
		all = append(all, s.ev...)
	}
	n := 0
	for rest := all; ; n++ {
		ev, next, err := Next(rest)
		if err != nil {
			t.Fatal(err)
		}
		if ev == nil {
			break
		}
		if !bytes.Equal(ev, samples[n].ev) {
			t.Fatalf("event %d differs", n)
		}
		rest = next
	}
	if n != len(samples) {
		t.Fatalf("walked %d events of %d", n, len(samples))
	}
	first := samples[0].ev
	for cut := 1; cut < len(first); cut++ {
		if _, _, err := Next(first[:cut]); !errors.Is(err, ErrTruncated) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	for _, size := range []uint32{0, 8, 17, 20, MaxSize + 8, 1<<32 - 8} {
		bad := bytes.Clone(first)
		binary.LittleEndian.PutUint32(bad, size)
		if _, _, err := Next(bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("size %d: %v", size, err)
		}
	}
}

// TestCutPayloads shortens events and their inner lengths: each must fail, or
// be a shorter list of writes.
func TestCutPayloads(t *testing.T) {
	for _, s := range samples {
		for size := HeaderSize; size < len(s.ev); size += 8 {
			cut := bytes.Clone(s.ev[:size])
			binary.LittleEndian.PutUint32(cut, uint32(size))
			_, got, err := decodeAny(cut)
			if err == nil && reflect.DeepEqual(got, s.want) {
				t.Errorf("%v cut to %d bytes still decodes to the whole", s.kind, size)
			}
			if err != nil && !errors.Is(err, ErrMalformed) {
				t.Errorf("%v cut to %d bytes: %v", s.kind, size, err)
			}
		}
	}
	long := AppendNote(nil, 1, "text")
	for _, n := range []uint64{9, 1 << 40, ^uint64(0), ^uint64(6)} {
		binary.LittleEndian.PutUint64(long[HeaderSize:], n)
		if err := Validate(long); !errors.Is(err, ErrMalformed) {
			t.Errorf("text length %d: %v", n, err)
		}
	}
	write := AppendMem(nil, 1, Mem{Writes: Writes(nil).Append(1, []byte("12345678"))})
	for _, n := range []uint64{9, 1 << 40, ^uint64(0), ^uint64(6)} {
		binary.LittleEndian.PutUint64(write[HeaderSize+8:], n)
		if err := Validate(write); !errors.Is(err, ErrMalformed) {
			t.Errorf("write length %d: %v", n, err)
		}
	}
}

func TestWrongKind(t *testing.T) {
	if _, err := DecodeExit(AppendBrk(nil, 0, Brk{})); !errors.Is(err, ErrMalformed) {
		t.Errorf("Exit from a Brk event: %v", err)
	}
	two := append(AppendBrk(nil, 0, Brk{}), AppendBrk(nil, 0, Brk{})...)
	if _, err := DecodeBrk(two); !errors.Is(err, ErrMalformed) {
		t.Errorf("Brk from two events: %v", err)
	}
	unknown := AppendBrk(nil, 0, Brk{})
	unknown[4] = 200
	if err := Validate(unknown); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "200") {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestSpill(t *testing.T) {
	w := Writes(nil).Append(0x1000, bytes.Repeat([]byte("abcdefgh"), 100)).Append(0x9000, nil).Append(0xa000, []byte("xyz"))
	for _, limit := range []int{24, 40, 100, 4096} {
		out, left := spill(nil, 5, w, limit)
		mem := map[uint64]byte{}
		apply := func(ws Writes) {
			for addr, data := range ws.All() {
				for i, b := range data {
					mem[addr+uint64(i)] = b
				}
			}
		}
		for rest := out; len(rest) > 0; {
			ev, next, err := Next(rest)
			if err != nil {
				t.Fatal(err)
			}
			m, err := DecodeMem(ev)
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Writes) > limit {
				t.Errorf("limit %d: part of %d bytes", limit, len(m.Writes))
			}
			apply(m.Writes)
			rest = next
		}
		apply(left)
		if len(mem) != 803 || mem[0x1000+799] != 'h' || mem[0xa002] != 'z' {
			t.Errorf("limit %d: %d bytes arrived", limit, len(mem))
		}
	}
}

func TestHotDecodingDoesNotAllocate(t *testing.T) {
	sys, insn := samples[0].ev, samples[2].ev
	n := testing.AllocsPerRun(100, func() {
		s, err := DecodeSyscall(sys)
		if err != nil || s.Result != 5 {
			t.Fatal(s, err)
		}
		if _, err := DecodeInsn(insn); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDecodeSyscall(b *testing.B) {
	for b.Loop() {
		if _, err := DecodeSyscall(samples[0].ev); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzEvents feeds arbitrary bytes to everything that reads events. What
// decodes must survive encoding and decoding unchanged.
func FuzzEvents(f *testing.F) {
	for _, s := range samples {
		f.Add(s.ev)
	}
	whole := Printer{MaxData: -1}
	f.Fuzz(func(t *testing.T, b []byte) {
		for rest := b; ; {
			ev, next, err := Next(rest)
			if err != nil || ev == nil {
				return
			}
			if len(ev)+len(next) != len(rest) || len(ev) < HeaderSize {
				t.Fatalf("Next lost bytes: %d + %d of %d", len(ev), len(next), len(rest))
			}
			rest = next
			whole.Line(ev)
			h, v, err := decodeAny(ev)
			js, jsErr := whole.JSON(ev)
			if (err == nil) != (jsErr == nil) {
				t.Fatalf("decode says %v, JSON %v", err, jsErr)
			}
			if err != nil {
				continue
			}
			if !json.Valid(js) {
				t.Fatalf("invalid JSON %s", js)
			}
			again := appendEvent(nil, h.Kind, h.Tick, v)
			js2, err := whole.JSON(again)
			if err != nil || !bytes.Equal(js, js2) {
				t.Fatalf("encoding changed the event:\n%s\n%s\n%v", js, js2, err)
			}
		}
	})
}

// FuzzIdentity builds events from arbitrary fields: decoding returns them.
func FuzzIdentity(f *testing.F) {
	f.Add(uint64(1), uint16(2), byte(1), uint64(3), []byte("data"), "text")
	f.Fuzz(func(t *testing.T, tick uint64, nr uint16, flags byte, n uint64, data []byte, text string) {
		w := Writes(nil).Append(n, data).Append(n+1, []byte(text))
		sys := Syscall{NR: nr, Flags: Flags(flags), Result: n, Args: [3]uint64{n, tick, ^n}, Writes: w}
		if got, err := DecodeSyscall(AppendSyscall(nil, tick, sys)); err != nil || !reflect.DeepEqual(got, sys) {
			t.Fatalf("got %+v, %v, want %+v", got, err, sys)
		}
		sig := Signal{NR: nr, Flags: Flags(flags), PC: n, Regs: regs(n), Writes: w}
		copy(sig.Siginfo[:], data)
		if got, err := DecodeSignal(AppendSignal(nil, tick, sig)); err != nil || !reflect.DeepEqual(got, sig) {
			t.Fatalf("got %+v, %v, want %+v", got, err, sig)
		}
		m := Map{Addr: n, Len: tick, Prot: n ^ tick, Flags: n, Blob: ^n, FileOff: 1, Path: text}
		if got, err := DecodeMap(AppendMap(nil, tick, m)); err != nil || got != m {
			t.Fatalf("got %+v, %v, want %+v", got, err, m)
		}
		r := Regs{Regs: regs(tick), XState: append([]byte{}, data...)}
		if got, err := DecodeRegs(AppendRegs(nil, tick, r)); err != nil || !reflect.DeepEqual(got, r) {
			t.Fatalf("got %+v, %v, want %+v", got, err, r)
		}
	})
}
