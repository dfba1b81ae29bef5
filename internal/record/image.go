package record

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
	"hindsight/internal/tracee"
)

// begin puts an engine into the image that the tracee has just executed, and
// takes the snapshot from which replay starts. The tracee is in the stop of
// PTRACE_EVENT_EXEC. Its ticks go on from tick.
func (r *recorder) begin(tick uint64) error {
	regs, err := r.enter(tick)
	if err != nil {
		return err
	}
	r.resetSignals()
	return r.start(regs)
}

// enter puts an engine into the tracee, and returns the guest's registers.
func (r *recorder) enter(tick uint64) (regs engine.Regs, err error) {
	space, gadget, opt, err := r.survey()
	if err != nil {
		return regs, err
	}
	if regs, err = r.t.Regs(); err != nil {
		return regs, err
	}
	// The event stops execve before its result is there: 0, as that of fork in
	// a child.
	regs.Rax, regs.Orig_rax = 0, ^uint64(0)
	mask, err := r.t.SigMask()
	if err != nil {
		return regs, err
	}
	e, err := engine.New(r.t, space, gadget, opt)
	if err != nil {
		return regs, err
	}
	r.e = e
	r.e.SetMask(mask)
	r.e.SetTick(tick, 0)
	if r.drainer != nil {
		r.drainer.replaceEngine(r.e)
	}
	if err := r.logArena(r.e.Arena(), engine.ArenaSize, false); err != nil {
		return regs, err
	}
	r.e.OnRegion, r.e.OnCode = r.logArena, r.logCode
	if err := r.superviseImage(); err != nil {
		return regs, err
	}
	return regs, r.e.Shut(0, ^uint64(0))
}

// start takes the snapshot from which replay starts, and lets the guest go on
// with regs.
func (r *recorder) start(regs engine.Regs) error {
	if err := r.snapshot(&regs, r.e.Mask()); err != nil {
		return err
	}
	r.begun = true
	return r.e.SetGuest(regs)
}

// survey reads the tracee's mappings. What it shares, with those it was forked
// from, is foreign from the start.
func (r *recorder) survey() (*engine.Space, uint64, engine.Options, error) {
	opt := r.opt.Engine
	opt.Program = engine.Program{Path: imageOf(r.t.PID, 0).Exe}
	maps, err := r.t.Maps()
	if err != nil {
		return nil, 0, opt, err
	}
	space := &engine.Space{}
	var gadget uint64
	for _, m := range maps {
		mapping := guestMapping(m)
		mapping.Foreign = m.Shared && r.w != nil
		space.Map(mapping)
		if m.Path == "[vdso]" {
			image, err := r.plainVDSO(m)
			if err != nil {
				return nil, 0, opt, err
			}
			opt.VDSO = engine.ParseVDSO(image, m.Start)
			gadget = engine.FindSyscall(image, m.Start)
		}
	}
	if gadget == 0 {
		if err := r.t.FindGadget(); err != nil {
			return nil, 0, opt, err
		}
	}
	r.brk, r.locks = 0, 0
	return space, gadget, opt, nil
}

// plainVDSO returns the vDSO as it is when functions that cannot be recorded
// have been replaced in the tracee.
func (r *recorder) plainVDSO(m tracee.Mapping) ([]byte, error) {
	image := make([]byte, m.Len())
	if _, err := r.t.ReadMem(m.Start, image); err != nil {
		return nil, err
	}
	patch, off, err := engine.PatchVDSO(image)
	if err != nil || patch == nil {
		return image, err
	}
	return image, r.t.WriteMem(m.Start+off, patch)
}

func guestMapping(m tracee.Mapping) engine.Mapping {
	return engine.Mapping{
		Start: m.Start, End: m.End, Prot: uint64(m.Prot), Shared: m.Shared,
		Growsdown: m.Path == "[stack]", Path: m.Path, Offset: m.Offset,
	}
}

func (r *recorder) logArena(start, length uint64, code bool) error {
	kind, prot := uint64(event.ArenaData), uint64(unix.PROT_READ|unix.PROT_WRITE)
	if code {
		kind, prot = event.ArenaCode, unix.PROT_READ|unix.PROT_EXEC
	}
	return r.log(event.AppendArena(nil, r.e.Tick(), event.Arena{Addr: start, Len: length, Prot: prot, Kind: kind}))
}

// snapshot adds the whole state of the process to the recording.
func (r *recorder) snapshot(regs *engine.Regs, mask uint64) error {
	if r.w == nil {
		return nil
	}
	xstate, err := r.t.XState()
	if err != nil {
		return err
	}
	s := &recording.Snapshot{
		Tick: r.e.Tick(), PID: r.t.PID, TID: r.t.TID, Regs: engine.PackRegs(regs), XState: xstate, SigMask: mask,
		Auxv: readProc(r.t.PID, "auxv"), Comm: strings.TrimSpace(string(readProc(r.t.PID, "comm"))),
	}
	// The link tells even the path of a deleted file.
	s.Exe, err = os.Readlink(fmt.Sprintf("/proc/%d/exe", r.t.PID))
	if err != nil {
		return fmt.Errorf("snapshot of %d: %w", r.t.PID, err)
	}
	if s.Extra, err = r.limits(); err != nil {
		return err
	}
	// A child's stack has grown while it was its parent's.
	if err := r.e.Grow(0, ^uint64(0)); err != nil {
		return err
	}
	for _, m := range r.e.Space.Mappings() {
		if err := r.addMapping(s, m); err != nil {
			return err
		}
	}
	r.files.add(s.Exe, recording.FileExe)
	if s.Outputs, err = r.descriptors(); err != nil {
		return err
	}
	if !r.named {
		if err := r.pw.Exec(imageOf(r.t.PID, s.Tick)); err != nil {
			return err
		}
	}
	r.named = false // the next image
	n, err := r.pw.AddSnapshot(s)
	r.snapshots = n + 1
	return err
}

// limits returns what replay must know of the process's limits.
func (r *recorder) limits() ([]byte, error) {
	// The kernel tells others no limits of a process of another user.
	_, err := r.t.RemoteCall(r.e.Gadget(), unix.SYS_PRLIMIT64, 0, unix.RLIMIT_STACK, 0, r.e.Lend(make([]byte, 16)))
	if err != nil {
		return nil, fmt.Errorf("stack limit of %d: %w", r.t.PID, err)
	}
	return json.Marshal(recording.Limits{Stack: binary.LittleEndian.Uint64(r.e.Lent(8))})
}

func (r *recorder) addMapping(s *recording.Snapshot, m engine.Mapping) error {
	out := recording.Mapping{Start: m.Start, End: m.End, Prot: uint32(m.Prot), Flags: uint32(mapFlags(m)), Path: m.Path, Offset: m.Offset}
	switch {
	case strings.HasPrefix(m.Path, "[vvar") || m.Path == "[vsyscall]":
	case m.Sparse():
		var err error
		if out.Parts, err = r.parts(m); err != nil {
			return err
		}
	default:
		blob, err := r.memoryBlob(m.Start, m.End)
		if err != nil {
			return err
		}
		out.Blob = blob
	}
	s.Mappings = append(s.Mappings, out)
	if m.Prot&unix.PROT_EXEC != 0 && strings.HasPrefix(m.Path, "/") && m.Path != s.Exe {
		r.files.add(m.Path, recording.FileLib)
	}
	return nil
}

// sparseGap is how far apart two places may be that are stored as one.
const sparseGap = 1 << 20

// parts stores what has been touched of a sparse mapping.
func (r *recorder) parts(m engine.Mapping) (out []recording.Part, err error) {
	touched, err := r.t.Populated(tracee.PageRange{Start: m.Start, End: m.End}, sparseGap)
	if err != nil {
		return nil, err
	}
	for _, p := range touched {
		blob, err := r.memoryBlob(p.Start, p.End)
		if err != nil {
			return nil, err
		}
		out = append(out, recording.Part{Start: p.Start, Blob: blob})
	}
	return out, nil
}

// mapFlags returns the flags of mmap that describe a mapping.
func mapFlags(m engine.Mapping) uint64 {
	flags := uint64(unix.MAP_PRIVATE)
	if m.Shared {
		flags = unix.MAP_SHARED
	}
	if m.Growsdown {
		flags |= unix.MAP_GROWSDOWN
	}
	if m.Foreign {
		flags |= recording.MapForeign
	}
	return flags
}

// memoryBlob stores guest memory. What cannot be read, behind the end of a
// mapped file, is left out.
func (r *recorder) memoryBlob(start, end uint64) (recording.BlobID, error) {
	return r.w.AddBlobFrom(&memoryReader{t: r.t, at: start, end: end})
}

// imageOf describes the program that a process executes. What cannot be found
// out stays empty: it is only for people.
func imageOf(pid int, tick uint64) recording.Image {
	exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return recording.Image{Tick: tick, Exe: exe, Argv: readArgv(pid), Comm: strings.TrimSpace(string(readProc(pid, "comm")))}
}

// readArgv returns the arguments that a process was started with.
func readArgv(pid int) []string {
	line := strings.TrimSuffix(string(readProc(pid, "cmdline")), "\x00")
	return strings.Split(line, "\x00")
}

func readProc(pid int, name string) []byte {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		return nil
	}
	return b
}

// memoryReader reads the tracee's memory, up to where it cannot be read.
type memoryReader struct {
	t       *tracee.Tracee
	at, end uint64
}

func (m *memoryReader) Read(p []byte) (int, error) {
	if m.at >= m.end {
		return 0, io.EOF
	}
	p = p[:min(uint64(len(p)), m.end-m.at)]
	n, err := m.t.ReadMem(m.at, p)
	m.at += uint64(n)
	if n == 0 {
		if errors.Is(err, tracee.ErrGone) {
			return 0, err
		}
		return 0, io.EOF
	}
	return n, nil
}
