package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
	"hindsight/internal/tracee"
)

// generation is what all forks of one replayed image share. An execve begins
// a new one.
type generation struct {
	e     *engine.Engine
	image *recording.Snapshot
	users int // the player, and checkpoints
	dying []*tracee.Tracee
}

// arenaPlan is where the recording had the engine's memory.
type arenaPlan struct {
	addr, cacheSize uint64
}

// planArena reads the Arena events at position at, where an image begins.
func planArena(log *stream, at uint64) (p arenaPlan, err error) {
	b, err := log.rest(at)
	if err != nil {
		return p, err
	}
	for len(b) > 0 {
		var ev []byte
		if ev, b, err = event.Next(b); err != nil {
			return p, err
		}
		h, err := event.ParseHeader(ev)
		if err != nil {
			return p, err
		}
		if h.Kind != event.KindArena {
			break // the engine is in place
		}
		a, err := event.DecodeArena(ev)
		if err != nil {
			return p, err
		}
		if a.Kind == event.ArenaData {
			if p.addr != 0 {
				break // it has moved since
			}
			p.addr = a.Addr
		} else if p.cacheSize == 0 {
			p.cacheSize = a.Len
		}
	}
	return p, nil
}

// options are those of an engine that replays what one there has recorded.
func (p arenaPlan) options(r *recording.Reader) engine.Options {
	return engine.Options{Replay: true, Arena: p.addr, CacheSize: p.cacheSize,
		RTM: slices.Contains(r.Manifest().CPUFeatures, "rtm")}
}

// newGeneration starts a process and gives it the state of a snapshot.
func newGeneration(r *recording.Reader, image *recording.Snapshot, opt engine.Options) (*generation, error) {
	t, err := tracee.LaunchBlank()
	if err != nil {
		return nil, fmt.Errorf("start a process for replay: %w", err)
	}
	g := &generation{image: image, users: 1}
	if err := g.build(t, r, opt); err != nil {
		kill(t)
		if g.e != nil {
			err = errors.Join(err, g.e.Close())
		}
		return nil, fmt.Errorf("rebuild the recorded process: %w", err)
	}
	return g, nil
}

func (g *generation) build(t *tracee.Tracee, r *recording.Reader, opt engine.Options) error {
	// In a session of its own, it does not get the terminal's signals.
	if _, err := t.RemoteCall(t.Gadget, unix.SYS_SETSID); err != nil {
		return err
	}
	if err := restoreStackLimit(t.PID, g.image); err != nil {
		return err
	}
	vdso, err := readVDSO(r, g.image)
	if err != nil {
		return err
	}
	opt.VDSO = vdso
	if g.e, err = engine.New(t, &engine.Space{}, t.Gadget, opt); err != nil {
		return err
	}
	if err := g.clear(t); err != nil {
		return err
	}
	for _, m := range g.image.Mappings {
		if err := g.restore(r, m); err != nil {
			return err
		}
	}
	return setXState(t, g.image.XState)
}

// restoreStackLimit lets the stack grow as far as it did when it was recorded.
func restoreStackLimit(pid int, image *recording.Snapshot) error {
	var recorded recording.Limits
	if err := json.Unmarshal(image.Extra, &recorded); err != nil {
		return fmt.Errorf("limits in the snapshot: %w", err)
	}
	return setStackLimit(pid, recorded.Stack)
}

// setStackLimit sets the soft limit, and the hard one where we may.
func setStackLimit(pid int, limit uint64) error {
	lim := unix.Rlimit{Cur: limit, Max: unix.RLIM_INFINITY}
	err := unix.Prlimit(pid, unix.RLIMIT_STACK, &lim, nil)
	if errors.Is(err, unix.EPERM) {
		var own unix.Rlimit
		if err := unix.Prlimit(pid, unix.RLIMIT_STACK, nil, &own); err != nil {
			return fmt.Errorf("read the stack limit of %d: %w", pid, err)
		}
		own.Cur = min(limit, own.Max)
		err = unix.Prlimit(pid, unix.RLIMIT_STACK, &own, nil)
	}
	if err != nil {
		return fmt.Errorf("set the stack limit of %d: %w", pid, err)
	}
	return nil
}

// readVDSO returns the addresses of the functions of the recorded vDSO.
func readVDSO(r *recording.Reader, image *recording.Snapshot) (addrs [len(engine.Options{}.VDSO)]uint64, err error) {
	for _, m := range image.Mappings {
		if m.Path == "[vdso]" && m.Blob != 0 {
			b, err := r.Blob(m.Blob)
			if err != nil {
				return addrs, err
			}
			return engine.ParseVDSO(b, m.Start), nil
		}
	}
	return addrs, nil
}

// clear unmaps everything but the engine's memory.
func (g *generation) clear(t *tracee.Tracee) error {
	maps, err := t.Maps()
	if err != nil {
		return err
	}
	for _, m := range maps {
		if m.Path == "[vsyscall]" || g.e.Ours(m.Start, m.End) {
			continue
		}
		// A kernel that seals its own mappings refuses (EPERM). That matters
		// only where the snapshot wants the place, which is noticed then.
		_, err := t.RemoteCall(g.e.Gadget(), unix.SYS_MUNMAP, m.Start, m.Len())
		if err != nil && !errors.Is(err, unix.EPERM) {
			return fmt.Errorf("unmap %#x: %w", m.Start, err)
		}
	}
	return nil
}

// restore makes one mapping of the snapshot.
func (g *generation) restore(r *recording.Reader, m recording.Mapping) error {
	if m.Path == "[vsyscall]" {
		return nil // lies in the kernel's half
	}
	mapping := engine.Mapping{
		Start: m.Start, End: m.End, Prot: uint64(m.Prot), Path: m.Path, Offset: m.Offset,
		Shared:    m.Flags&unix.MAP_TYPE == unix.MAP_SHARED,
		Growsdown: m.Flags&unix.MAP_GROWSDOWN != 0,
		Foreign:   m.Flags&recording.MapForeign != 0,
	}
	prot := access(mapping)
	if strings.HasPrefix(m.Path, "[vvar") {
		prot = unix.PROT_NONE // nothing of ours is the kernel's clock
	}
	if err := mapMemory(g.e, mapping, prot, unix.MAP_FIXED_NOREPLACE); err != nil {
		return err
	}
	g.e.Space.Map(mapping)
	for _, part := range m.Parts {
		if err := fill(g.e.Tracee(), r, part.Start, m.End, part.Blob, 0); err != nil {
			return err
		}
	}
	if m.Blob == 0 {
		return nil
	}
	return fill(g.e.Tracee(), r, m.Start, m.End, m.Blob, 0)
}

// mapMemory maps private zeros: a replayed process has no files, and shares
// nothing with anyone.
func mapMemory(e *engine.Engine, m engine.Mapping, prot, how uint64) error {
	flags := how | unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_NORESERVE
	if m.Growsdown {
		flags |= unix.MAP_GROWSDOWN
	}
	got, err := e.Tracee().RemoteCall(e.Gadget(), unix.SYS_MMAP, m.Start, m.End-m.Start, prot&7, flags, ^uint64(0), 0)
	if err == nil && got != m.Start {
		err = unix.EEXIST
	}
	if err != nil {
		return fmt.Errorf("map %#x-%#x: %w", m.Start, m.End, err)
	}
	return nil
}

// fillStep is how much of a blob is in our memory at a time.
const fillStep = 256 << 10

// fill writes a blob's content from off on to fresh memory at [start, end).
func fill(t *tracee.Tracee, r *recording.Reader, start, end uint64, id recording.BlobID, off int64) error {
	blob, err := r.BlobReaderAt(id)
	if err != nil {
		return err
	}
	buf := make([]byte, fillStep)
	stop := min(blob.Size(), off+int64(end-start))
	for at := off; ; {
		from, to, ok := blob.Data(at, stop)
		if !ok {
			return nil
		}
		b := buf[:min(to-from, fillStep)]
		if _, err := blob.ReadAt(b, from); err != nil {
			return err
		}
		if err := t.WriteMem(start+uint64(from-off), b); err != nil {
			return err
		}
		at = from + int64(len(b))
	}
}

const pageSize = recording.PageSize

var zeroPage [pageSize]byte

// writeNonzero writes b to zeroed memory, leaving out pages of zeros.
func writeNonzero(t *tracee.Tracee, at uint64, b []byte) error {
	from := 0 // of what is to be written
	flush := func(to int) error {
		if from == to {
			return nil
		}
		return t.WriteMem(at+uint64(from), b[from:to])
	}
	for p := 0; p < len(b); p += pageSize {
		page := b[p:min(p+pageSize, len(b))]
		if !bytes.Equal(page, zeroPage[:len(page)]) {
			continue
		}
		if err := flush(p); err != nil {
			return err
		}
		from = p + len(page)
	}
	return flush(len(b))
}

// kill ends a process of ours, and waits for that.
func kill(t *tracee.Tracee) {
	if t == nil || t.Gone() || t.Kill() != nil {
		return // gone already
	}
	for {
		if s, err := t.Wait(); err != nil || s.Ended() {
			return
		}
	}
}

// maxDying bounds the processes that are killed and not yet waited for.
const maxDying = 8

// drop kills a process without waiting for its end, which takes as long as it
// has memory.
func (g *generation) drop(t *tracee.Tracee) {
	if t.Gone() || t.Kill() != nil {
		return
	}
	if g.dying = append(g.dying, t); len(g.dying) > maxDying {
		kill(g.dying[0])
		g.dying = g.dying[1:]
	}
}

// release gives up one use of g; t is the process that used it.
func (g *generation) release(t *tracee.Tracee) error {
	g.drop(t)
	if g.users--; g.users > 0 {
		return nil
	}
	for _, t := range g.dying {
		kill(t)
	}
	g.dying = nil
	return g.e.Close()
}
