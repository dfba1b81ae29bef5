package record

import (
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	switch why, err := r.foreign(); {
	case err != nil:
		return err
	case why != "":
		return errors.New(why)
	}
	space, gadget, opt, err := r.survey()
	if err != nil {
		return err
	}
	regs, err := r.t.Regs()
	if err != nil {
		return err
	}
	// The event stops execve before its result is there: 0.
	regs.Rax, regs.Orig_rax = 0, ^uint64(0)
	mask, err := r.t.SigMask()
	if err != nil {
		return err
	}
	r.resetSignals()
	if r.e, err = engine.New(r.t, space, gadget, opt); err != nil {
		return err
	}
	r.e.SetMask(mask)
	r.e.SetTick(tick, 0)
	if r.drainer != nil {
		r.drainer.replaceEngine(r.e)
	}
	if err := r.logArena(r.e.Arena(), engine.ArenaSize, false); err != nil {
		return err
	}
	r.e.OnRegion = r.logArena
	if err := r.superviseImage(); err != nil {
		return err
	}
	if err := r.snapshot(&regs, mask); err != nil {
		return err
	}
	return r.e.SetGuest(regs)
}

// survey reads the new image's mappings.
func (r *recorder) survey() (*engine.Space, uint64, engine.Options, error) {
	opt := r.opt.Engine
	maps, err := r.t.Maps()
	if err != nil {
		return nil, 0, opt, err
	}
	space := &engine.Space{}
	var gadget uint64
	for _, m := range maps {
		space.Map(guestMapping(m))
		if m.Path == "[vdso]" {
			image := make([]byte, m.Len())
			if _, err := r.t.ReadMem(m.Start, image); err != nil {
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
	r.brk = 0
	return space, gadget, opt, nil
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
	for _, m := range r.e.Space.Mappings() {
		if err := r.addMapping(s, m); err != nil {
			return err
		}
	}
	if err := r.addFile(s.Exe, recording.FileExe); err != nil {
		return err
	}
	if s.Outputs, err = r.descriptors(); err != nil {
		return err
	}
	if r.snapshots > 0 { // what the first image is stands in the manifest
		if err := r.pw.Exec(imageOf(r.t.PID, s.Tick)); err != nil {
			return err
		}
	}
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
	if !strings.HasPrefix(m.Path, "[vvar") && m.Path != "[vsyscall]" {
		blob, err := r.memoryBlob(m.Start, m.End)
		if err != nil {
			return err
		}
		out.Blob = blob
	}
	s.Mappings = append(s.Mappings, out)
	if m.Prot&unix.PROT_EXEC != 0 && strings.HasPrefix(m.Path, "/") && m.Path != s.Exe {
		if err := r.addFile(m.Path, recording.FileLib); err != nil {
			return err
		}
	}
	return nil
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

// fileKey tells whether a file is stored already.
type fileKey struct {
	path  string
	size  int64
	mtime int64
}

// addFile stores a whole file, and the separate debug files that belong to
// it, once. A file that cannot be read is not an error: its mapped part is
// stored anyway.
func (r *recorder) addFile(path string, kind recording.FileKind) error {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return nil
	}
	key := fileKey{path, st.Size(), st.ModTime().UnixNano()}
	if _, done := r.blobs[key]; done {
		return nil
	}
	blob, err := r.w.AddBlobFrom(f)
	if err != nil {
		return fmt.Errorf("storing %s: %w", path, err)
	}
	r.blobs[key] = blob
	id, link := buildID(f)
	if err := r.w.AddFile(recording.File{
		Path: path, Kind: kind, Blob: blob, Size: st.Size(), BuildID: id,
		Mode: uint32(st.Mode().Perm()), MTime: st.ModTime(),
	}); err != nil {
		return err
	}
	if kind == recording.FileDebug {
		return nil
	}
	for _, p := range debugFiles(path, id, link) {
		if err := r.addFile(p, recording.FileDebug); err != nil {
			return err
		}
	}
	return nil
}

// debugFiles lists where gdb looks for the separate debug information of a
// file ("Separate Debug Files" in its manual).
func debugFiles(path, id, link string) []string {
	var out []string
	if len(id) > 2 {
		out = append(out, filepath.Join("/usr/lib/debug/.build-id", id[:2], id[2:]+".debug"))
	}
	if link != "" {
		dir := filepath.Dir(path)
		out = append(out, filepath.Join(dir, link), filepath.Join(dir, ".debug", link), filepath.Join("/usr/lib/debug", dir, link))
	}
	return out
}

// buildID returns the build ID and the debug link of an ELF file.
func buildID(f *os.File) (id, link string) {
	e, err := elf.NewFile(f)
	if err != nil {
		return "", ""
	}
	for _, s := range e.Sections {
		switch s.Name {
		case ".note.gnu.build-id":
			id = noteID(s)
		case ".gnu_debuglink":
			if b, err := s.Data(); err == nil {
				link, _, _ = strings.Cut(string(b), "\x00")
			}
		}
	}
	return id, link
}

// noteID reads the one note of .note.gnu.build-id: sizes of name and
// description, type, name "GNU", description.
func noteID(s *elf.Section) string {
	b, err := s.Data()
	if err != nil || len(b) < 16 {
		return ""
	}
	n := int(binary.LittleEndian.Uint32(b[4:]))
	if n > len(b)-16 {
		return ""
	}
	return hex.EncodeToString(b[16 : 16+n])
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
