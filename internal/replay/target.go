package replay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/gdbserver"
	"hindsight/internal/recording"
	"hindsight/internal/x86"
)

var _ gdbserver.Target = (*Target)(nil)

// Target is a Session as gdb's server wants it.
type Target struct {
	s      *Session
	points []gdbserver.Point
	div    *diversion
}

// NewTarget makes a session a target for gdb.
func NewTarget(s *Session) *Target { return &Target{s: s} }

func (t *Target) image() *recording.Snapshot { return t.s.p.gen.image }

// PID implements gdbserver.Target, as do the methods that follow.
func (t *Target) PID() int { return t.image().PID }

func (t *Target) Threads() []gdbserver.Thread {
	var out []gdbserver.Thread
	for _, x := range t.s.p.Threads() {
		out = append(out, gdbserver.Thread{TID: x.TID, Name: x.Name})
	}
	return out
}

// Current is the thread that runs, or, between the end of one and the switch to
// another, the first. In a diversion it is the one of the moment where that began.
func (t *Target) Current() int {
	if tid := t.s.Now().TID; tid != 0 {
		return tid
	}
	for _, x := range t.s.p.Threads() {
		return x.TID
	}
	return t.PID()
}

func (t *Target) XSave() gdbserver.XSaveLayout {
	// The kernel names the enabled components in the bytes for software.
	l := gdbserver.XSaveLayout{XCR0: 3}
	x, err := t.s.p.e().Tracee().XState()
	if err == nil && len(x) >= xsaveHeader {
		l.XCR0 = binary.LittleEndian.Uint64(x[xsaveXCR0:])
	}
	for i := range l.Offset {
		if i >= 2 && l.XCR0>>i&1 != 0 {
			l.Offset[i] = xsaveOffset(uint32(i))
		}
	}
	return l
}

func (t *Target) Registers(tid int) (gdbserver.Registers, error) {
	g, x, err := t.registers(tid)
	if err != nil {
		return gdbserver.Registers{}, err
	}
	return gdbserver.Registers{
		GPR: [16]uint64{g.Rax, g.Rbx, g.Rcx, g.Rdx, g.Rsi, g.Rdi, g.Rbp, g.Rsp, g.R8, g.R9, g.R10, g.R11, g.R12, g.R13, g.R14, g.R15},
		RIP: g.Rip, EFLAGS: g.Eflags, CS: g.Cs, SS: g.Ss, DS: g.Ds, ES: g.Es, FS: g.Fs, GS: g.Gs,
		FSBase: g.Fs_base, GSBase: g.Gs_base, OrigRAX: g.Orig_rax, XState: x,
	}, nil
}

func (t *Target) registers(tid int) (engine.Regs, []byte, error) {
	if t.div != nil {
		return t.div.registers(tid)
	}
	thread, ok := t.s.p.thread(tid)
	if !ok {
		return engine.Regs{}, nil, unix.ESRCH
	}
	x, err := t.s.p.XState(tid)
	return thread.Regs, x, err
}

func (t *Target) ReadMemory(addr uint64, p []byte) (int, error) {
	if t.div != nil {
		return t.div.read(addr, p)
	}
	// The engine's memory is no memory of the program's.
	if t.s.p.e().Ours(addr, addr+1) {
		return 0, unix.EFAULT
	}
	return t.s.p.ReadMem(addr, p)
}

var errNoDiversion = errors.New("the recording cannot be changed")

func (t *Target) WriteRegisters(tid int, r gdbserver.Registers) error {
	if t.div == nil {
		return errNoDiversion
	}
	g, _, err := t.div.registers(tid)
	if err != nil {
		return err
	}
	for i, p := range []*uint64{&g.Rax, &g.Rbx, &g.Rcx, &g.Rdx, &g.Rsi, &g.Rdi, &g.Rbp, &g.Rsp,
		&g.R8, &g.R9, &g.R10, &g.R11, &g.R12, &g.R13, &g.R14, &g.R15} {
		*p = r.GPR[i]
	}
	g.Rip, g.Eflags, g.Fs_base, g.Gs_base = r.RIP, r.EFLAGS, r.FSBase, r.GSBase
	return t.div.setRegisters(tid, g, r.XState)
}

func (t *Target) WriteMemory(addr uint64, p []byte) error {
	if t.div == nil {
		return errNoDiversion
	}
	return t.div.write(addr, p)
}

func (t *Target) BeginDiversion() error {
	d, err := t.s.p.divert()
	if err == nil {
		t.div = d
	}
	return err
}

func (t *Target) EndDiversion() error {
	if t.div != nil {
		t.div.close()
		t.div = nil
	}
	return nil
}

var watchAccess = map[gdbserver.PointKind]x86.Access{
	gdbserver.WatchWrite: x86.Write, gdbserver.WatchRead: x86.Read, gdbserver.WatchAccess: x86.Read | x86.Write,
}

func (t *Target) InsertPoint(p gdbserver.Point) error {
	t.points = append(t.points, p)
	t.applyPoints()
	return nil
}

func (t *Target) RemovePoint(p gdbserver.Point) error {
	i := slices.Index(t.points, p)
	if i < 0 {
		return nil
	}
	t.points = slices.Delete(t.points, i, i+1)
	t.applyPoints()
	if t.div != nil && !t.breaks()[p.Addr] {
		return t.div.remove(p.Addr)
	}
	return nil
}

// breaks are the breakpoints' addresses.
func (t *Target) breaks() map[uint64]bool {
	out := map[uint64]bool{}
	for _, p := range t.points {
		if _, watch := watchAccess[p.Kind]; !watch {
			out[p.Addr] = true
		}
	}
	return out
}

// applyPoints brings the player's points up to date.
func (t *Target) applyPoints() {
	want := t.breaks()
	for pc := range t.s.p.breaks {
		if !want[pc] {
			t.s.p.Unbreak(pc)
		}
	}
	for pc := range want {
		if !t.s.p.breaks[pc] {
			t.s.p.Break(pc)
		}
	}
	t.s.watches = t.s.watches[:0]
	for _, p := range t.points {
		if kind, watch := watchAccess[p.Kind]; watch {
			t.s.watches = append(t.s.watches, Watch{Addr: p.Addr, Len: p.Len, Kind: kind})
		}
	}
}

func (t *Target) CatchSyscalls(all bool, nrs []int) {
	switch {
	case all:
		t.s.catch = func(int) bool { return true }
	case len(nrs) > 0:
		nrs = slices.Clone(nrs)
		t.s.catch = func(nr int) bool { return slices.Contains(nrs, nr) }
	default:
		t.s.catch = nil
	}
}

func (t *Target) Goto(where string, interrupt <-chan struct{}) error {
	return t.s.Goto(where, interrupt)
}

func (t *Target) Auxv() []byte { return t.image().Auxv }

func (t *Target) ExecFile() string { return t.image().Exe }

func (t *Target) OpenFile(name string) (io.ReaderAt, int64, error) {
	f, ok := findFile(t.s.r.Files(), path.Clean(name))
	if !ok {
		return nil, 0, unix.ENOENT
	}
	b, err := t.s.r.BlobReaderAt(f.Blob)
	if err != nil {
		return nil, 0, err
	}
	return b, b.Size(), nil
}

// findFile finds a file by a path that may have gone through symbolic links,
// while the recording has the paths that the kernel names: the loader knows
// /lib/libx.so.1, the kernel /usr/lib/libx.so.1.2.
func findFile(files []recording.File, name string) (recording.File, bool) {
	matches := []func(f string) bool{
		func(f string) bool { return f == name },
		func(f string) bool { return f == "/usr"+name },
		func(f string) bool { return path.Base(f) == path.Base(name) },
		func(f string) bool { return strings.HasPrefix(path.Base(f), path.Base(name)+".") },
	}
	if !strings.Contains(path.Base(name), ".so") {
		matches = matches[:2] // others are known by their own paths
	}
	for _, matches := range matches {
		for _, f := range slices.Backward(files) {
			if matches(path.Clean(f.Path)) && (f.Kind != recording.FileDebug || path.Clean(f.Path) == name) {
				return f, true
			}
		}
	}
	return recording.File{}, false
}

// SigInfo is that of the signal that is due now, however gdb came here.
func (t *Target) SigInfo(tid int) ([]byte, error) {
	info, of := t.s.p.siginfo(), t.Current()
	if t.div != nil && t.div.within(&t.s.p.regs) {
		info, of = t.div.info, t.div.tid
	}
	if len(info) == 0 || tid != of {
		return nil, fmt.Errorf("thread %d has no signal at this moment", tid)
	}
	return info, nil
}

func (t *Target) Monitor(cmd string, out io.Writer) error {
	switch strings.TrimSpace(cmd) {
	case "when":
		text, err := t.s.When()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, text)
		return err
	}
	return fmt.Errorf("unknown command %q: there are when and goto", cmd)
}

// Close ends the session.
func (t *Target) Close() error {
	return errors.Join(t.EndDiversion(), t.s.Close())
}
