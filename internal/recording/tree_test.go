package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"hindsight/internal/event"
)

// member is what one process of a recorded tree was made from.
type member struct {
	parent int
	pid    int
	events []byte
	execs  []string
	code   int // exit status; negative: it has no end
}

// tree is the root with three children, one of which has a child of its own,
// with the root's process ID used again.
func newTree() []member {
	return []member{
		{NoParent, 42, syscalls(1, 60), nil, 0},
		{0, 43, syscalls(1000, 90), []string{"/bin/ls"}, 1},
		{0, 44, syscalls(2000, 30), []string{"/bin/sh", "/bin/cat"}, 2},
		{2, 42, syscalls(3000, 120), nil, -1},
		{0, 45, nil, []string{"/bin/true"}, 4},
	}
}

// sharedPage is in the memory of all processes.
var sharedPage = random(PageSize, 99)

// write does what a recorder does for one process, in small portions.
func (m *member) write(w *Writer, p *ProcessWriter) error {
	for _, exe := range m.execs {
		if err := p.Exec(Image{Exe: exe, Argv: []string{exe, fmt.Sprint(m.pid)}}); err != nil {
			return err
		}
	}
	id, err := w.AddBlob(append(bytes.Clone(sharedPage), byte(1+p.Number())))
	if err == nil {
		_, err = p.AddSnapshot(&Snapshot{PID: m.pid, Mappings: []Mapping{{Blob: id}}})
	}
	for rest := m.events; len(rest) > 0 && err == nil; {
		n := min(len(rest), 10*48)
		if err = p.AppendEvents(rest[:n], 0, 1<<40); err == nil && n%4 == 0 {
			err = p.Flush()
		}
		rest = rest[n:]
	}
	if err == nil && m.code >= 0 && p.Number() != RootNumber {
		err = p.End(Trailer{ExitCode: m.code})
	}
	return err
}

func writeTree(w *Writer, all []member) error {
	var wg sync.WaitGroup
	procs := []*ProcessWriter{w.Root()}
	errs := make([]error, len(all)+1)
	for n, m := range all {
		if n > 0 {
			p, err := w.Process(Process{Parent: m.parent, PID: m.pid, Origin: OriginFork, Images: []Image{{Argv: []string{"prog"}}}})
			if err != nil {
				return err
			}
			procs = append(procs, p)
		}
	}
	for n := range all {
		wg.Go(func() { errs[n] = all[n].write(w, procs[n]) })
	}
	wg.Wait()
	errs[len(all)] = w.Close(Trailer{ExitCode: 9})
	return errors.Join(errs...)
}

func treeBytes(t testing.TB) []byte {
	f := &memFile{limit: 1 << 30}
	w, err := newWriter(f, testManifest)
	if err == nil {
		err = writeTree(w, newTree())
	}
	if err != nil {
		t.Fatal(err)
	}
	return f.buf
}

// treePrefix checks that what r says of each process is a prefix of what was
// written, and returns the bytes of events found.
func treePrefix(t *testing.T, r *Reader, all []member) (total int, err error) {
	t.Helper()
	for n, info := range r.Processes() {
		view, err := r.Process(n)
		if err != nil {
			t.Fatal(err)
		}
		m := &all[n]
		if info.Number != n || info.PID != m.pid || info.Parent != m.parent || !reflect.DeepEqual(info, view.Info()) {
			t.Errorf("process %d: %+v", n, info)
		}
		for i, image := range info.Images[1:] {
			if image.Exe != m.execs[i] || image.At.IsZero() {
				t.Errorf("process %d: image %+v", n, image)
			}
		}
		if tr := view.Trailer(); tr != nil && n != RootNumber && (tr.ExitCode != m.code || !tr.Complete) {
			t.Errorf("process %d: trailer %+v", n, tr)
		}
		got, err := stream(view)
		if err != nil {
			return total, err
		}
		if !bytes.HasPrefix(m.events, got) || uint64(len(got)) != view.EventBytes() {
			t.Errorf("process %d: %d bytes of events are no prefix", n, len(got))
		}
		total += len(got)
		for i := range view.Snapshots() {
			s, err := view.Snapshot(i)
			if err != nil {
				return total, err
			}
			b, err := view.Blob(s.Mappings[0].Blob)
			if err != nil {
				return total, err
			}
			if s.PID != m.pid || !bytes.Equal(b[:PageSize], sharedPage) || b[PageSize] != byte(1+n) {
				t.Errorf("process %d: snapshot of %d, memory of %d", n, s.PID, b[PageSize])
			}
		}
	}
	return total, nil
}

func stream(r *Reader) (all []byte, err error) {
	for i := range r.EventChunks() {
		b, err := r.EventChunk(i)
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	return all, nil
}

func TestTree(t *testing.T) {
	all := newTree()
	r, err := open(treeBytes(t), true)
	if err != nil || !r.Complete() {
		t.Fatal(err, r.Damage())
	}
	total, err := treePrefix(t, r, all)
	want := 0
	for n, p := range r.Processes() {
		want += len(all[n].events)
		if (p.End == nil) != (all[n].code < 0) || len(p.Images) != 1+len(all[n].execs) || !p.Recorded() {
			t.Errorf("process %d: %+v", n, p)
		}
	}
	if err != nil || len(r.Processes()) != len(all) || total != want {
		t.Errorf("%d processes, %d bytes of events instead of %d: %v", len(r.Processes()), total, want, err)
	}
	sum := r.Total()
	if sum.ExitCode != 9 || sum.Processes != len(all) || sum.Events["syscall"] != (KindCount{300, 300 * 48}) || sum.Ticks != 4<<40 {
		t.Errorf("total %+v", sum)
	}
	if tr := r.Trailer(); tr.ExitCode != 9 || tr.Events["syscall"].Count != 60 || tr.Processes != 0 {
		t.Errorf("the root's trailer %+v", tr)
	}
	// The shared page once, one for each process's own byte.
	if n := r.lastPage; n != uint64(1+len(all)) {
		t.Errorf("%d pages", n)
	}
	if v, err := r.ByPID(42); err != nil || v.Info().Number != 0 {
		t.Errorf("process ID 42: %v", err)
	}
	_, byPID := r.ByPID(1)
	_, after := r.Process(len(all))
	_, before := r.Process(-1)
	for _, err := range []error{byPID, after, before} {
		if !errors.Is(err, ErrNoProcess) {
			t.Errorf("no such process: %v", err)
		}
	}
}

// TestTreeCut ends the file at each boundary of chunks, and within each chunk.
func TestTreeCut(t *testing.T) {
	all := newTree()
	whole := treeBytes(t)
	r, err := open(whole, true)
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	for i, e := range r.entries {
		end := int(e.offset) + headerSize + int(e.stored)
		if i == 0 {
			continue
		}
		for _, n := range []int{int(e.offset), int(e.offset) + headerSize/2, end - 1} {
			cut, err := open(whole[:n], true)
			if err != nil || len(cut.entries) != i {
				t.Fatalf("cut at %d: %d chunks of %d: %v", n, len(cut.entries), i, err)
			}
			if d := cut.Damage(); cut.Complete() || d == nil || !d.Cut {
				t.Errorf("cut at %d: damage %v", n, d)
			}
			if got, err := treePrefix(t, cut, all); err != nil || got != events {
				t.Errorf("cut at %d: %d bytes of events, %d expected: %v", n, got, events, err)
			}
		}
		if e.typ == chunkEvents {
			events += int(e.raw)
		}
	}
}

func TestTreeFlips(t *testing.T) {
	all := newTree()
	whole := treeBytes(t)
	// TestFlips goes over each byte. A prime step meets each part of headers.
	for at := fileHeaderSize; at < len(whole); at += 13 {
		broken := bytes.Clone(whole)
		broken[at] ^= 1 << (at % 8)
		r, err := open(broken, true)
		var bad *CorruptError
		if err != nil {
			if !errors.As(err, &bad) {
				t.Fatalf("flip at %d: %v", at, err)
			}
			continue
		}
		if d := r.Damage(); r.Complete() || d == nil || d.Offset > int64(at) || d.Cut {
			t.Fatalf("flip at %d: complete %v, damage %v", at, r.Complete(), d)
		}
		if _, err := treePrefix(t, r, all); err != nil {
			t.Fatalf("flip at %d: %v", at, err)
		}
	}
}

// TestTreeOrder checks the order of chunks around a child's life.
func TestTreeOrder(t *testing.T) {
	f := &memFile{limit: 1 << 30}
	w, err := newWriter(f, testManifest)
	if err != nil {
		t.Fatal(err)
	}
	var steps []error
	do := func(err error) { steps = append(steps, err) }
	do(w.AppendEvents(syscalls(1, 1), 1, 1)) // before the fork
	child, err := w.Process(Process{Parent: RootNumber, PID: 43, Origin: OriginFork})
	if err != nil {
		t.Fatal(err)
	}
	do(w.AppendEvents(syscalls(2, 1), 2, 2)) // while the child runs, and before it acts
	time.Sleep(2 * time.Millisecond)
	do(child.AppendEvents(syscalls(3, 1), 3, 3))
	do(child.End(Trailer{}))
	do(w.AppendEvents(syscalls(4, 1), 4, 4)) // knowing of the child's end
	do(w.Close(Trailer{}))
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	r, err := open(f.buf, true)
	if err != nil {
		t.Fatal(err)
	}
	type place struct{ order, tick uint64 }
	var got []place
	for n := range r.Processes() {
		v, err := r.Process(n)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range v.EventChunks() {
			got = append(got, place{c.Order, c.FirstTick})
		}
	}
	slices.SortFunc(got, func(a, b place) int { return int(a.order) - int(b.order) })
	for i, p := range got {
		if p.tick != uint64(i+1) {
			t.Errorf("chunk %d of the file is %d. of those with events, and should be %d.", p.order, i+1, p.tick)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d chunks of events", len(got))
	}
}

func TestTreeMisuse(t *testing.T) {
	f := &memFile{limit: 1 << 30}
	w, err := newWriter(f, testManifest)
	if err != nil {
		t.Fatal(err)
	}
	for _, parent := range []int{NoParent, 1} {
		if _, err := w.Process(Process{Parent: parent}); !errors.Is(err, ErrNoProcess) {
			t.Errorf("parent %d: %v", parent, err)
		}
	}
	child, err := w.Process(Process{Images: []Image{{Native: "it is not for us"}}, End: &Trailer{}})
	if err == nil {
		err = child.End(Trailer{Aborted: "the recorder let it go"})
	}
	if err != nil {
		t.Fatal(err)
	}
	_, snapshot := child.AddSnapshot(&Snapshot{})
	for name, err := range map[string]error{"End": child.End(Trailer{}), "AppendEvents": child.AppendEvents(nil, 0, 0),
		"Flush": child.Flush(), "Exec": child.Exec(Image{}), "AddSnapshot": snapshot} {
		if !errors.Is(err, ErrEnded) {
			t.Errorf("%s after End: %v", name, err)
		}
	}
	// An orphan's parent may have ended.
	if _, err := w.Process(Process{Parent: child.Number()}); err != nil {
		t.Error(err)
	}
	if err := w.Root().End(Trailer{ExitCode: 5}); err != nil {
		t.Error(err)
	}
	if err := w.Close(Trailer{ExitCode: 6}); err != nil {
		t.Error(err)
	}
	if _, err := w.Process(Process{}); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	r, err := open(f.buf, true)
	if err != nil {
		t.Fatal(err)
	}
	p := r.Processes()
	if len(p) != 3 || p[1].Recorded() || p[1].End.Complete || p[1].End.Aborted == "" || p[2].End != nil || r.Total().ExitCode != 5 {
		t.Errorf("%+v, total %+v", p, r.Total())
	}
}

// TestTreeContradictions seals chunks that contradict those before them.
func TestTreeContradictions(t *testing.T) {
	info := func(parent int) []byte {
		b, err := json.Marshal(Process{Parent: parent})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, last := range map[string]struct {
		h       header
		content []byte
	}{
		"events of a stranger":  {header{typ: chunkEvents, process: 2}, nil},
		"events after the end":  {header{typ: chunkEvents, process: 1}, nil},
		"second end":            {header{typ: chunkProcessEnd, process: 1}, []byte("{}")},
		"a number left out":     {header{typ: chunkProcess, process: 3}, info(0)},
		"a number used again":   {header{typ: chunkProcess, process: 1}, info(0)},
		"its own child":         {header{typ: chunkProcess, process: 2}, info(2)},
		"another root":          {header{typ: chunkProcess, process: 2}, info(NoParent)},
		"a file of one process": {header{typ: chunkFile, process: 1}, []byte("{}")},
	} {
		file := fileHeader()
		for seq, c := range []struct {
			h       header
			content []byte
		}{
			{header{typ: chunkManifest}, []byte("{}")},
			{header{typ: chunkProcess, process: 1}, info(0)},
			{header{typ: chunkProcessEnd, process: 1}, []byte("{}")},
			last,
		} {
			c.h.seq = uint64(seq)
			chunk, _ := seal(nil, c.h, c.content, codecNone)
			file = append(file, chunk...)
		}
		r, err := open(file, true)
		if err != nil || len(r.entries) != 3 || r.Damage() == nil || r.Damage().Chunk != 3 {
			t.Errorf("%s: %d chunks, damage %v, %v", name, len(r.entries), r.Damage(), err)
		}
	}
}

// TestVersion1 opens a recording that version 1 of the format made of the sample.
func TestVersion1(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "version1"))
	if err != nil {
		t.Fatal(err)
	}
	s := newSample()
	for _, verify := range []bool{true, false} {
		r, err := open(b, verify)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Complete() || r.Manifest().FormatVersion != 1 || len(r.Snapshots()) != 1 || len(r.Files()) != 1 {
			t.Errorf("manifest %+v, damage %v", r.Manifest(), r.Damage())
		}
		got, err := stream(r)
		if err != nil || !bytes.Equal(got, s.events) {
			t.Errorf("%d bytes of events: %v", len(got), err)
		}
		for i, want := range s.blobs {
			if b, err := r.Blob(BlobID(i + 1)); err != nil || !bytes.Equal(b, want) {
				t.Errorf("blob %d: %v", i+1, err)
			}
		}
		p := r.Processes()
		if len(p) != 1 || p[0].PID != 42 || !slices.Equal(p[0].Image().Argv, testManifest.Argv) || p[0].End == nil || p[0].End.ExitCode != 3 || p[0].End.Ticks != 51 {
			t.Errorf("processes %+v", p)
		}
	}
}

// TestTreeKilled abandons the writer of many processes: what each has handed
// on is in the file soon.
func TestTreeKilled(t *testing.T) {
	f := &memFile{limit: 1 << 30}
	w, err := newWriter(f, testManifest)
	if err != nil {
		t.Fatal(err)
	}
	const children = 20
	for range children {
		p, err := w.Process(Process{})
		if err == nil {
			err = p.AppendEvents(event.AppendNote(nil, 1, "here"), 1, 1)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		r, err := open(f.bytes(), true)
		if err != nil {
			t.Fatal(err)
		}
		there := 0
		for _, p := range r.procs {
			there += len(p.chunks)
		}
		if there == children {
			break
		}
		if time.Since(start) > 10*time.Second {
			t.Fatalf("events of %d processes of %d reached the file", there, children)
		}
	}
	if err := w.Abort("test"); err != nil {
		t.Fatal(err)
	}
}
