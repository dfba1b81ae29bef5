package replay

import (
	"bytes"
	"errors"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
)

// portion is how many bytes of events of a process stand together where
// graft mixes recordings.
const portion = 128

// graft makes one recording of several, each of one process: the first is the
// root, and the parent of the others. Their events stand in turns. What spoil
// returns false for is left out.
func graft(t *testing.T, spoil func(n int, ev []byte) bool, parts ...*recording.Reader) *recording.Reader {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tree")
	w, err := recording.Create(path, parts[0].Manifest())
	if err != nil {
		t.Fatal(err)
	}
	var grafts []*grafting
	for n, r := range parts {
		g := &grafting{r: r, w: w, p: w.Root(), n: n, blobs: map[recording.BlobID]recording.BlobID{0: 0}, keep: spoil}
		if n > 0 {
			info := r.Info()
			g.p, err = w.Process(recording.Process{PID: info.PID, Origin: recording.OriginFork, Images: info.Images})
		}
		if err == nil {
			err = g.read()
		}
		if err != nil {
			t.Fatal(err)
		}
		grafts = append(grafts, g)
	}
	for more := true; more; {
		more = false
		for _, g := range grafts {
			if g.ended {
				continue
			}
			if err := g.step(); err != nil {
				t.Fatal(err)
			}
			more = true
		}
	}
	if err := w.Close(recording.Trailer{}); err != nil {
		t.Fatal(err)
	}
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// grafting copies one process into another recording.
type grafting struct {
	r     *recording.Reader
	w     *recording.Writer
	p     *recording.ProcessWriter
	n     int
	keep  func(n int, ev []byte) bool
	blobs map[recording.BlobID]recording.BlobID
	rest  []byte // events
	done  uint64 // bytes of them
	snaps int
	ended bool
}

func (g *grafting) read() error {
	for i := range g.r.EventChunks() {
		b, err := g.r.EventChunk(i)
		if err != nil {
			return err
		}
		g.rest = append(g.rest, b...)
	}
	return nil
}

// step copies a portion of the events, and what stands between them.
func (g *grafting) step() error {
	for end := g.done + portion; !g.ended && g.done < end; {
		if err := g.snapshot(); err != nil {
			return err
		}
		ev, rest, err := event.Next(g.rest)
		if err != nil {
			return err
		}
		g.rest = rest
		if ev == nil {
			g.ended = true
			return g.p.End(*g.r.Trailer())
		}
		g.done += uint64(len(ev))
		if err := g.event(ev); err != nil {
			return err
		}
	}
	return g.p.Flush()
}

func (g *grafting) event(ev []byte) error {
	h, err := event.ParseHeader(ev)
	if err != nil || g.keep != nil && !g.keep(g.n, ev) {
		return err
	}
	if h.Kind == event.KindMap {
		m, err := event.DecodeMap(ev)
		if err != nil {
			return err
		}
		id, err := g.blob(recording.BlobID(m.Blob))
		if err != nil {
			return err
		}
		m.Blob = uint64(id)
		ev = event.AppendMap(nil, h.Tick, m)
	}
	return g.p.AppendEvents(ev, h.Tick, h.Tick)
}

func (g *grafting) snapshot() error {
	all := g.r.Snapshots()
	if g.snaps == len(all) || all[g.snaps].EventSeq != g.done {
		return nil
	}
	s, err := g.r.Snapshot(g.snaps)
	if err != nil {
		return err
	}
	for i := range s.Mappings {
		if s.Mappings[i].Blob, err = g.blob(s.Mappings[i].Blob); err != nil {
			return err
		}
	}
	g.snaps++
	_, err = g.p.AddSnapshot(s)
	return err
}

func (g *grafting) blob(id recording.BlobID) (recording.BlobID, error) {
	if to, ok := g.blobs[id]; ok {
		return to, nil
	}
	b, err := g.r.Blob(id)
	if err != nil {
		return 0, err
	}
	g.blobs[id], err = g.w.AddBlob(b)
	return g.blobs[id], err
}

// treeParts are recordings of programs that write a line now and then.
func treeParts(t *testing.T) (parts []*recording.Reader) {
	quietly(t)
	for _, script := range []string{
		"for i in 1 2 3 4 5; do echo 0 $i >&2; done; exit 3",
		"for i in 1 2 3 4 5; do echo 1 $i >&2; done; exit 4",
		"exec echo 2 1",
	} {
		parts = append(parts, recordProgram(t, 0, engine.Options{}, "sh", "-c", script))
	}
	return parts
}

// lineOrder returns the number of the process that wrote each line, by the
// order of chunks: each line is one write.
func lineOrder(t *testing.T, r *recording.Reader) (by []byte) {
	t.Helper()
	writes := map[uint64][]byte{} // of a chunk
	for n := range r.Processes() {
		v, err := r.Process(n)
		if err != nil {
			t.Fatal(err)
		}
		log := newStream(v)
		for at := uint64(0); at < log.end(); {
			ev, err := log.next(at)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := event.DecodeSyscall(ev); err == nil && s.NR == unix.SYS_WRITE {
				order := log.chunks[log.chunkAt(at)].Order
				writes[order] = append(writes[order], byte('0'+n))
			}
			at += uint64(len(ev))
		}
	}
	for _, order := range slices.Sorted(maps.Keys(writes)) {
		by = append(by, writes[order]...)
	}
	return by
}

func TestTree(t *testing.T) {
	r := graft(t, nil, treeParts(t)...)
	want := lineOrder(t, r)
	if len(want) != 11 || bytes.Contains(want, []byte("00000")) {
		t.Fatalf("the processes do not write in turns: %s", want)
	}
	var out bytes.Buffer
	done, err := Tree(r, &out, &out)
	if err != nil || len(done) != 3 {
		t.Fatal(len(done), err)
	}
	for n, code := range []int{3, 4, 0} {
		if d := done[n]; d.Err != nil || !d.Ended || d.ExitCode != code || d.Process.Number != n {
			t.Errorf("process %d: %+v", n, d)
		}
	}
	var got []byte
	for line := range bytes.Lines(out.Bytes()) {
		got = append(got, line[0])
	}
	if !bytes.Equal(got, want) {
		t.Errorf("lines of %s, written in the order %s", got, want)
	}
}

// TestTreeView replays a process as if there were no other.
func TestTreeView(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r := graft(t, nil, treeParts(t)...)
	for n, want := range []string{"0 1\n0 2\n0 3\n0 4\n0 5\n", "1 1\n1 2\n1 3\n1 4\n1 5\n", "2 1\n"} {
		v, err := r.Process(n)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := Autopilot(v, &out, &out); err != nil || out.String() != want {
			t.Errorf("process %d: %q, %v", n, out.String(), err)
		}
		s, err := NewSession(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Goto("end", nil); err != nil {
			t.Errorf("process %d: %v", n, err)
		}
		if now := s.Now(); now.TID != v.Info().PID {
			t.Errorf("process %d: thread %d of process %d", n, now.TID, v.Info().PID)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestTreeDivergence leaves a syscall of one process out: the others are
// replayed to their ends.
func TestTreeDivergence(t *testing.T) {
	calls := 0
	r := graft(t, func(n int, ev []byte) bool {
		h, err := event.ParseHeader(ev)
		if err != nil || n != 1 || h.Kind != event.KindSyscall {
			return true
		}
		calls++
		return calls != 20
	}, treeParts(t)...)
	var out bytes.Buffer
	done, err := Tree(r, &out, &out)
	if err != nil {
		t.Fatal(err)
	}
	for n, d := range done {
		var diverged *Divergence
		if errors.As(d.Err, &diverged) != (n == 1) || n != 1 && !d.Ended {
			t.Errorf("process %d: %+v", n, d)
		}
	}
}
