package gdbserver

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// toyMoment is the whole state of testdata/toy.c before one of its instructions.
type toyMoment struct {
	registers Registers
	data      []byte // from toy.dataAt on
}

// toy replays a program of a few hundred instructions from a list of all its states.
type toy struct {
	path   string
	text   []byte // the program's file, mapped at textAt
	textAt uint64
	dataAt uint64
	auxv   []byte

	moments []toyMoment
	at      int
	points  []Point

	diverted   *toyProcess
	diversions int // begun so far
}

// buildToy compiles the toy and runs it once, instruction by instruction. The
// test's goroutine must be locked to its thread: ptrace demands it.
func buildToy(t *testing.T) *toy {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("no gcc")
	}
	source, err := filepath.Abs("testdata/toy.c")
	if err != nil {
		t.Fatal(err)
	}
	r := &toy{path: filepath.Join(t.TempDir(), "toy")}
	build := exec.Command(gcc, "-g", "-O0", "-static", "-nostdlib", "-no-pie", "-fno-pie", "-fcf-protection=none", "-fno-stack-protector",
		"-fno-builtin", "-Wl,--build-id=none", "-Wl,-z,norelro", "-o", r.path, source)
	if haveAVX() {
		build.Args = append(build.Args, "-DHAVE_AVX")
	}
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the toy: %v\n%s", err, out)
	}
	size, err := r.layOut()
	if err != nil {
		t.Fatal(err)
	}
	p, err := startToy(r.path)
	if err != nil {
		t.Skipf("cannot trace a process here: %v", err)
	}
	defer p.kill()
	if r.auxv, err = os.ReadFile(fmt.Sprintf("/proc/%d/auxv", p.pid)); err != nil {
		t.Fatal(err)
	}
	for {
		m := toyMoment{data: make([]byte, size)}
		m.registers, err = p.registers()
		if err == nil {
			_, err = p.read(r.dataAt, m.data)
		}
		if err != nil {
			t.Fatal(err)
		}
		r.moments = append(r.moments, m)
		if r.isSyscall(m.registers.RIP) {
			return r
		}
		if status, err := p.step(); err != nil || status.StopSignal() != unix.SIGTRAP {
			t.Fatalf("step %d of the toy: %v, %v", len(r.moments), status, err)
		}
	}
}

func haveAVX() bool {
	info, err := os.ReadFile("/proc/cpuinfo")
	return err == nil && bytes.Contains(info, []byte(" avx2 "))
}

// layOut finds the segments, and returns the size of the writable one.
func (r *toy) layOut() (size uint64, err error) {
	f, err := elf.Open(r.path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for _, p := range f.Progs {
		switch {
		case p.Type != elf.PT_LOAD:
		case p.Flags&elf.PF_W != 0:
			r.dataAt, size = p.Vaddr, p.Memsz
		case p.Flags&elf.PF_X != 0:
			r.textAt = p.Vaddr
			r.text = make([]byte, p.Filesz)
			if _, err := p.ReadAt(r.text, 0); err != nil {
				return 0, err
			}
		}
	}
	return size, nil
}

func (r *toy) isSyscall(pc uint64) bool {
	return bytes.HasPrefix(r.text[pc-r.textAt:], []byte{0x0f, 0x05})
}

func (r *toy) PID() int                    { return 77 }
func (r *toy) Threads() []Thread           { return []Thread{{TID: 77, Name: "toy"}} }
func (r *toy) Current() int                { return 77 }
func (r *toy) XSave() XSaveLayout          { return XSaveLayout{XCR0: 7} }
func (r *toy) Auxv() []byte                { return r.auxv }
func (r *toy) ExecFile() string            { return "/recorded/toy" }
func (r *toy) now() *toyMoment             { return &r.moments[r.at] }
func (r *toy) SigInfo(int) ([]byte, error) { return nil, errors.New("no signal") }
func (r *toy) CatchSyscalls(bool, []int)   {}

func (r *toy) Registers(int) (Registers, error) {
	if r.diverted != nil {
		return r.diverted.registers()
	}
	return r.now().registers, nil
}

func (r *toy) ReadMemory(addr uint64, p []byte) (int, error) {
	if r.diverted != nil {
		return r.diverted.read(addr, p)
	}
	for _, segment := range []struct {
		at    uint64
		bytes []byte
	}{{r.textAt, r.text}, {r.dataAt, r.now().data}} {
		if addr >= segment.at && addr < segment.at+uint64(len(segment.bytes)) {
			return copy(p, segment.bytes[addr-segment.at:]), nil
		}
	}
	return 0, unix.EFAULT
}

func (r *toy) Resume(how Resume, interrupt <-chan struct{}) (Stop, error) {
	if r.diverted != nil {
		return r.diverted.resume(how, r.points)
	}
	direction := 1
	if how.Reverse {
		direction = -1
	}
	for {
		next := r.at + direction
		switch {
		case next < 0:
			return Stop{Reason: StopHistoryBegin}, nil
		case next == len(r.moments):
			return Stop{Reason: StopExited}, nil
		}
		before := r.now()
		r.at = next
		if p, hit := r.written(before, r.now()); hit {
			return Stop{Reason: StopWatch, WatchKind: p.Kind, WatchAddr: p.Addr}, nil
		}
		if stop, stopped := stopAt(r.now().registers.RIP, how, r.points); stopped {
			return stop, nil
		}
		select {
		case <-interrupt:
			return Stop{Reason: StopInterrupt}, nil
		default:
		}
	}
}

// written finds a watched place that is different in two moments.
func (r *toy) written(a, b *toyMoment) (Point, bool) {
	for _, p := range r.points {
		at := p.Addr - r.dataAt
		if p.Kind >= WatchWrite && !bytes.Equal(a.data[at:at+p.Len], b.data[at:at+p.Len]) {
			return p, true
		}
	}
	return Point{}, false
}

// stopAt says whether a resume ends because the process arrived at pc.
func stopAt(pc uint64, how Resume, points []Point) (Stop, bool) {
	for _, p := range points {
		if p.Kind <= HardwareBreakpoint && p.Addr == pc {
			return Stop{Reason: StopBreakpoint}, true
		}
	}
	inRange := how.RangeEnd > 0 && pc >= how.RangeStart && pc < how.RangeEnd
	return Stop{Reason: StopStep}, how.Step && !inRange
}

func (r *toy) Goto(where string, _ <-chan struct{}) error {
	last := len(r.moments) - 1
	percent, isPercent := strings.CutSuffix(where, "%")
	n, err := strconv.Atoi(percent)
	switch {
	case where == "start":
		n = 0
	case where == "end":
		n = last
	case err != nil || n < 0 || n > last:
		return fmt.Errorf("there is no such moment")
	case isPercent:
		n = last * n / 100
	}
	r.at = n
	return nil
}

func (r *toy) InsertPoint(p Point) error {
	r.points = append(r.points, p)
	return nil
}

func (r *toy) RemovePoint(p Point) error {
	r.points = slices.DeleteFunc(r.points, func(q Point) bool { return p == q })
	return nil
}

// BeginDiversion runs the program anew up to the present moment: it is
// deterministic.
func (r *toy) BeginDiversion() error {
	r.diversions++
	p, err := startToy(r.path)
	if err != nil {
		return err
	}
	r.diverted = p
	for range r.at {
		if _, err := p.step(); err != nil {
			return err
		}
	}
	return nil
}

func (r *toy) EndDiversion() error {
	r.diverted.kill()
	r.diverted = nil
	return nil
}

func (r *toy) WriteRegisters(_ int, regs Registers) error { return r.diverted.setRegisters(regs) }

func (r *toy) WriteMemory(addr uint64, p []byte) error {
	_, err := unix.PtracePokeData(r.diverted.pid, uintptr(addr), p)
	return err
}

func (r *toy) OpenFile(path string) (io.ReaderAt, int64, error) {
	if path != r.ExecFile() {
		return nil, 0, os.ErrNotExist
	}
	contents, err := os.ReadFile(r.path)
	return bytes.NewReader(contents), int64(len(contents)), err
}

func (r *toy) Monitor(cmd string, out io.Writer) error {
	if cmd != "when" {
		return fmt.Errorf("unknown command")
	}
	fmt.Fprintf(out, "step %d of %d\n", r.at, len(r.moments)-1)
	return nil
}

// toyProcess is a live process under ptrace.
type toyProcess struct{ pid int }

func startToy(path string) (*toyProcess, error) {
	cmd := exec.Command(path)
	cmd.SysProcAttr = &unix.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &toyProcess{cmd.Process.Pid}
	_, err := p.wait()
	return p, err
}

func (p *toyProcess) kill() {
	_ = unix.Kill(p.pid, unix.SIGKILL)
	_, _ = p.wait()
}

func (p *toyProcess) wait() (status unix.WaitStatus, err error) {
	_, err = unix.Wait4(p.pid, &status, unix.WALL, nil)
	return status, err
}

func (p *toyProcess) step() (unix.WaitStatus, error) {
	if err := unix.PtraceSingleStep(p.pid); err != nil {
		return 0, err
	}
	return p.wait()
}

func (p *toyProcess) resume(how Resume, points []Point) (Stop, error) {
	for {
		status, err := p.step()
		if err != nil {
			return Stop{}, err
		}
		if !status.Stopped() {
			return Stop{Reason: StopExited}, nil
		}
		if status.StopSignal() != unix.SIGTRAP {
			return Stop{Reason: StopSignal, Signal: int(status.StopSignal())}, nil
		}
		regs, err := p.registers()
		if err != nil {
			return Stop{}, err
		}
		if stop, stopped := stopAt(regs.RIP, how, points); stopped {
			return stop, nil
		}
	}
}

func (p *toyProcess) read(addr uint64, b []byte) (int, error) {
	return unix.PtracePeekData(p.pid, uintptr(addr), b)
}

func (p *toyProcess) registers() (Registers, error) {
	var u unix.PtraceRegs
	if err := unix.PtraceGetRegs(p.pid, &u); err != nil {
		return Registers{}, err
	}
	area := make([]byte, 4096)
	n, err := p.regset(unix.PTRACE_GETREGSET, area)
	r := Registers{
		GPR: [16]uint64{u.Rax, u.Rbx, u.Rcx, u.Rdx, u.Rsi, u.Rdi, u.Rbp, u.Rsp, u.R8, u.R9, u.R10, u.R11, u.R12, u.R13, u.R14, u.R15},
		RIP: u.Rip, EFLAGS: u.Eflags, CS: u.Cs, SS: u.Ss, DS: u.Ds, ES: u.Es, FS: u.Fs, GS: u.Gs,
		FSBase: u.Fs_base, GSBase: u.Gs_base, OrigRAX: u.Orig_rax, XState: area[:n],
	}
	return r, err
}

func (p *toyProcess) setRegisters(r Registers) error {
	g := r.GPR
	u := unix.PtraceRegs{
		Rax: g[0], Rbx: g[1], Rcx: g[2], Rdx: g[3], Rsi: g[4], Rdi: g[5], Rbp: g[6], Rsp: g[7],
		R8: g[8], R9: g[9], R10: g[10], R11: g[11], R12: g[12], R13: g[13], R14: g[14], R15: g[15],
		Rip: r.RIP, Eflags: r.EFLAGS, Cs: r.CS, Ss: r.SS, Ds: r.DS, Es: r.ES, Fs: r.FS, Gs: r.GS,
		Fs_base: r.FSBase, Gs_base: r.GSBase, Orig_rax: r.OrigRAX,
	}
	if err := unix.PtraceSetRegs(p.pid, &u); err != nil {
		return err
	}
	_, err := p.regset(unix.PTRACE_SETREGSET, slices.Clone(r.XState))
	return err
}

func (p *toyProcess) regset(request int, area []byte) (int, error) {
	const ntX86XState = 0x202
	iov := unix.Iovec{Base: &area[0], Len: uint64(len(area))}
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, uintptr(request), uintptr(p.pid), ntX86XState, uintptr(unsafe.Pointer(&iov)), 0, 0)
	if errno != 0 {
		return 0, fmt.Errorf("ptrace %#x of process %d: %w", request, p.pid, errno)
	}
	return int(iov.Len), nil
}

// allVectors is an XSAVE area with something in every component.
func allVectors(l *XSaveLayout) []byte {
	area := make([]byte, l.size())
	binary.LittleEndian.PutUint16(area, initialFCW)
	area[4] = 0xff // no x87 register is empty
	binary.LittleEndian.PutUint32(area[mxcsrAt:], initialMXCSR)
	binary.LittleEndian.PutUint64(area[xstateBVAt:], l.XCR0)
	for c := range componentSize {
		if l.has(c) {
			for i := range componentSize[c] {
				area[l.offset(c)+int(i)] = byte(0x10*c + int(i)%13)
			}
		}
	}
	return area
}
