package recording

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/internal/event"
)

// memFile is a file in memory that takes at most limit bytes.
type memFile struct {
	mu     sync.Mutex
	buf    []byte
	limit  int
	closed bool
}

func (f *memFile) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := min(len(b), f.limit-len(f.buf))
	f.buf = append(f.buf, b[:n]...)
	if n < len(b) {
		return n, unix.ENOSPC
	}
	return n, nil
}

func (f *memFile) Truncate(size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buf = f.buf[:size]
	return nil
}

func (f *memFile) Close() error { f.closed = true; return nil }

func (f *memFile) bytes() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return bytes.Clone(f.buf)
}

func open(b []byte, verify bool) (*Reader, error) {
	return newReader(bytes.NewReader(b), int64(len(b)), verify)
}

func syscalls(first, n int) (b []byte) {
	for i := range n {
		b = event.AppendSyscall(b, uint64(first+i), event.Syscall{NR: uint16(i), Result: uint64(i)})
	}
	return b
}

func random(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, (n+7)&^7)
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b[:n]
}

// sample is what a small recording was made from.
type sample struct {
	blobs  [][]byte
	events []byte
	snap   Snapshot
	file   File
}

var testManifest = Manifest{Argv: []string{"prog", "arg"}, Cwd: "/", PID: 42, Start: time.Unix(1e9, 0).UTC(), ToolVersion: "test"}

func newSample() *sample {
	// Few random bytes, so that the file is small: tests go over each byte of it.
	blob := make([]byte, 3*PageSize+100)
	copy(blob, random(300, 1))
	copy(blob[2*PageSize:], random(300, 2)) // page 1 stays zero
	s := &sample{
		blobs:  [][]byte{blob, {}, append(bytes.Clone(blob[2*PageSize:]), "more"...), make([]byte, 2*PageSize+1)},
		events: syscalls(10, 40),
		snap:   Snapshot{Tick: 10, PID: 42, TID: 42, XState: []byte{1, 2, 3}, Mappings: []Mapping{{Start: 0x1000, End: 0x5000, Blob: 1}}},
		file:   File{Path: "/bin/prog", Kind: FileExe, Blob: 3, Mode: 0o755, MTime: time.Unix(5, 0).UTC()},
	}
	s.snap.Regs[16] = ^uint64(0)
	s.events = event.AppendUnreliable(s.events, 50, "ioctl")
	return s
}

func (s *sample) write(w *Writer) error {
	for _, b := range s.blobs {
		if _, err := w.AddBlob(b); err != nil {
			return err
		}
	}
	if err := w.AddFile(s.file); err != nil {
		return err
	}
	if _, err := w.AddSnapshot(&s.snap); err != nil {
		return err
	}
	half := 48 * 20
	if err := w.AppendEvents(s.events[:half], 10, 30); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := w.AppendEvents(s.events[half:], 30, 51); err != nil {
		return err
	}
	return w.Close(Trailer{ExitCode: 3})
}

func (s *sample) bytes(t testing.TB) []byte {
	f := &memFile{limit: 1 << 30}
	w, err := newWriter(f, testManifest)
	if err == nil {
		err = s.write(w)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !f.closed {
		t.Error("the file was not closed")
	}
	return f.buf
}

// prefix reads all that r offers and checks that it is a prefix of the sample.
// It returns the first error in reading.
func (s *sample) prefix(t *testing.T, r *Reader) error {
	t.Helper()
	if got := r.Manifest(); got.PID != 42 || got.FormatVersion != Version || !reflect.DeepEqual(got.Argv, testManifest.Argv) {
		t.Errorf("manifest %+v", got)
	}
	var stream []byte
	for i, c := range r.EventChunks() {
		b, err := r.EventChunk(i)
		if err != nil {
			return err
		}
		if c.Bytes != len(b) || c.StreamOffset != uint64(len(stream)) || c.Seq != i {
			t.Errorf("chunk %+v of %d bytes at %d", c, len(b), len(stream))
		}
		stream = append(stream, b...)
	}
	if !bytes.HasPrefix(s.events, stream) || uint64(len(stream)) != r.EventBytes() {
		t.Errorf("events are not a prefix")
	}
	for i := range r.blobs {
		b, err := r.Blob(BlobID(i + 1))
		if err != nil {
			return err
		}
		if !bytes.Equal(b, s.blobs[i]) {
			t.Errorf("blob %d differs", i+1)
		}
	}
	for i := range r.Snapshots() {
		got, err := r.Snapshot(i)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(*got, s.snap) {
			t.Errorf("snapshot %+v, want %+v", *got, s.snap)
		}
	}
	for _, f := range r.Files() {
		if !reflect.DeepEqual(f, s.file) {
			t.Errorf("file %+v, want %+v", f, s.file)
		}
	}
	return nil
}

func TestRoundTrip(t *testing.T) {
	s := newSample()
	path := filepath.Join(t.TempDir(), "r")
	w, err := Create(path, testManifest)
	if err == nil {
		err = s.write(w)
	}
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	for _, open := range []func(string) (*Reader, error){Open, OpenUnverified} {
		r, err := open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if err := s.prefix(t, r); err != nil {
			t.Error(err)
		}
		if !r.Complete() || r.Damage() != nil {
			t.Errorf("complete %v, damage %v", r.Complete(), r.Damage())
		}
		if len(r.blobs) != len(s.blobs) || len(r.Files()) != 1 || len(r.Snapshots()) != 1 || r.EventBytes() != uint64(len(s.events)) {
			t.Error("something is missing")
		}
		tr := r.Trailer()
		want := map[string]KindCount{"syscall": {40, 40 * 48}, "unreliable": {1, 32}}
		if tr == nil || tr.ExitCode != 3 || tr.Ticks != 51 || !reflect.DeepEqual(tr.Events, want) || !reflect.DeepEqual(tr.Unreliable, []string{"ioctl"}) {
			t.Errorf("trailer %+v", tr)
		}
		c := r.EventChunks()
		if len(c) != 2 || c[0].FirstTick != 10 || c[0].LastTick != 30 || c[1].FirstTick != 30 || c[1].LastTick != 51 || time.Since(c[1].Wall) > time.Hour {
			t.Errorf("chunks %+v", c)
		}
		for _, id := range []BlobID{0, 5, ^BlobID(0)} {
			if _, err := r.Blob(id); !errors.Is(err, ErrNoBlob) {
				t.Errorf("blob %d: %v", id, err)
			}
		}
		if _, err := r.Snapshot(1); err == nil {
			t.Error("snapshot 1 exists")
		}
		if _, err := r.EventChunk(2); err == nil {
			t.Error("event chunk 2 exists")
		}
		var total int64 = fileHeaderSize
		for _, u := range r.Usage() {
			total += u.Stored
		}
		if total != st.Size() {
			t.Errorf("usage adds up to %d of %d bytes", total, st.Size())
		}
	}
}

// TestCut cuts a recording at every byte. What is whole before the cut must be
// readable, and the cut must be told.
func TestCut(t *testing.T) {
	s := newSample()
	whole := s.bytes(t)
	ends := map[int]bool{}
	r, err := open(whole, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.entries {
		ends[int(e.offset)+headerSize+int(e.stored)] = true
	}
	manifestEnd := int(r.entries[1].offset)
	chunks := 0
	for n := range len(whole) {
		if ends[n] {
			chunks++
		}
		for _, verify := range []bool{true, false} {
			r, err := open(whole[:n], verify)
			if n < manifestEnd {
				var bad *CorruptError
				if !errors.As(err, &bad) && !errors.Is(err, ErrNotRecording) {
					t.Fatalf("cut at %d: %v", n, err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("cut at %d: %v", n, err)
			}
			if len(r.entries) != chunks {
				t.Fatalf("cut at %d: %d chunks readable of %d", n, len(r.entries), chunks)
			}
			if d := r.Damage(); r.Complete() || d == nil || !d.Cut || d.Offset > int64(n) {
				t.Fatalf("cut at %d: complete %v, damage %v", n, r.Complete(), d)
			}
			if err := s.prefix(t, r); err != nil {
				t.Fatalf("cut at %d: %v", n, err)
			}
		}
	}
}

// TestFlips flips each bit of a recording. The flip must be noticed, and what
// is before it stay readable.
func TestFlips(t *testing.T) {
	s := newSample()
	whole := s.bytes(t)
	step := 1
	if testing.Short() {
		step = 37
	}
	for at := 0; at < len(whole); at += step {
		broken := bytes.Clone(whole)
		broken[at] ^= 1 << (at % 8)
		r, err := open(broken, true)
		if err != nil {
			var bad *CorruptError
			var version *VersionError
			if !errors.As(err, &bad) && !errors.As(err, &version) && !errors.Is(err, ErrNotRecording) {
				t.Fatalf("flip at %d: %v", at, err)
			}
			continue
		}
		d := r.Damage()
		if r.Complete() || d == nil || d.Offset > int64(at) || d.Cut {
			t.Fatalf("flip at %d: complete %v, damage %v", at, r.Complete(), d)
		}
		if err := s.prefix(t, r); err != nil {
			t.Fatalf("flip at %d: %v", at, err)
		}
		// Without verification reading fails instead, but is never wrong.
		if r, err = open(broken, false); err == nil {
			var bad *CorruptError
			if err := s.prefix(t, r); err != nil && !errors.As(err, &bad) {
				t.Fatalf("flip at %d: %v", at, err)
			}
		}
	}
}

// TestIndexRebuilt damages the index only: everything else is still there.
func TestIndexRebuilt(t *testing.T) {
	s := newSample()
	b := s.bytes(t)
	b[len(b)-headerSize-5] ^= 1
	r, err := open(b, false)
	if err != nil {
		t.Fatal(err)
	}
	if r.Complete() || r.Damage() == nil || r.Trailer() == nil || r.EventBytes() != uint64(len(s.events)) {
		t.Errorf("complete %v, damage %v", r.Complete(), r.Damage())
	}
	if err := s.prefix(t, r); err != nil {
		t.Error(err)
	}
}

// TestDiskFull lets the disk fill up at every byte.
func TestDiskFull(t *testing.T) {
	s := newSample()
	size := len(s.bytes(t))
	for limit := 0; limit < size-200; limit += 7 {
		f := &memFile{limit: limit}
		w, err := newWriter(f, testManifest)
		if err != nil {
			if !errors.Is(err, unix.ENOSPC) {
				t.Fatalf("limit %d: %v", limit, err)
			}
			continue
		}
		if err = s.write(w); err == nil {
			t.Fatalf("limit %d: no error for %d bytes", limit, size)
		}
		if !errors.Is(err, unix.ENOSPC) {
			t.Fatalf("limit %d: %v", limit, err)
		}
		if w.pipe.failed() != nil {
			if err := w.AppendEvents(syscalls(60, 1), 60, 60); !errors.Is(err, unix.ENOSPC) && !errors.Is(err, ErrClosed) {
				t.Fatalf("limit %d: the error did not stay: %v", limit, err)
			}
			if err := w.Close(Trailer{}); !errors.Is(err, unix.ENOSPC) && !errors.Is(err, ErrClosed) {
				t.Fatalf("limit %d: Close: %v", limit, err)
			}
		}
		if !f.closed {
			t.Fatalf("limit %d: not closed", limit)
		}
		r, err := open(f.bytes(), true)
		if err != nil {
			t.Fatalf("limit %d: %v", limit, err)
		}
		if r.Complete() {
			t.Fatalf("limit %d: complete", limit)
		}
		if err := s.prefix(t, r); err != nil {
			t.Fatalf("limit %d: %v", limit, err)
		}
	}
}

func TestDevFull(t *testing.T) {
	if _, err := Create("/dev/full", testManifest); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("got %v", err)
	}
	if _, err := Create(t.TempDir()+"/no/such", testManifest); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestAbort(t *testing.T) {
	f := &memFile{limit: 1 << 20}
	w, err := newWriter(f, testManifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.AppendEvents(syscalls(1, 3), 1, 3); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort("tracee vanished"); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"Close": w.Close(Trailer{}), "Abort": w.Abort(""), "Flush": w.Flush(),
		"AppendEvents": w.AppendEvents(nil, 0, 0), "AddFile": w.AddFile(File{}),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Abort: %v", name, err)
		}
	}
	r, err := open(f.buf, true)
	if err != nil {
		t.Fatal(err)
	}
	if r.Complete() || r.Damage() != nil || r.Total().Aborted != "tracee vanished" || r.EventBytes() != 3*48 {
		t.Errorf("complete %v, damage %v, trailer %+v", r.Complete(), r.Damage(), r.Total())
	}
}

func TestNotARecording(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, b := range map[string][]byte{"empty": {}, "text": []byte("hello, this is some text\n"), "short": []byte("HINDx"), "elf": append([]byte("\x7fELF"), make([]byte, 100)...)} {
		if _, err := Open(write(name, b)); !errors.Is(err, ErrNotRecording) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(dir); !errors.Is(err, ErrNotRecording) {
		t.Errorf("directory: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	whole := newSample().bytes(t)
	newer := bytes.Clone(whole)
	newer[8] = Version + 1
	var version *VersionError
	if _, err := Open(write("newer", newer)); !errors.As(err, &version) || version.Version != Version+1 || !strings.Contains(err.Error(), fmt.Sprintf("version %d", Version+1)) {
		t.Errorf("newer: %v", err)
	}
	flagged := bytes.Clone(whole)
	flagged[12] = 4
	if _, err := Open(write("flagged", flagged)); !errors.As(err, &version) || version.Flags != 4 {
		t.Errorf("flagged: %v", err)
	}
}

// TestUnknownChunks puts chunks of a later version into a file.
func TestUnknownChunks(t *testing.T) {
	manifest, _ := seal(nil, header{typ: chunkManifest}, []byte("{}"), codecZstd)
	for flag, readable := range map[uint16]int{0: 3, mustKnow: 1} {
		later, _ := seal(nil, header{typ: 77, flags: flag, seq: 1}, []byte("something"), codecZstd)
		end, _ := seal(nil, header{typ: chunkEnd, seq: 2}, nil, codecZstd)
		r, err := open(bytes.Join([][]byte{fileHeader(), manifest, later, end}, nil), true)
		if err != nil || len(r.entries) != readable {
			t.Errorf("flag %#x: %d chunks, %v", flag, len(r.entries), err)
		}
	}
}

// TestLargeEvents checks that chunks split between events, keep their limit,
// and that a single event may exceed it.
func TestLargeEvents(t *testing.T) {
	f := &memFile{limit: 1 << 30}
	w, err := newWriter(f, testManifest)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	add := func(b []byte, first, last uint64) {
		t.Helper()
		all = append(all, b...)
		given := bytes.Clone(b)
		if err := w.AppendEvents(given, first, last); err != nil {
			t.Fatal(err)
		}
		clear(given) // the writer has its copy
	}
	add(syscalls(0, 70_000), 0, 70_000)
	add(event.AppendMem(nil, 70_001, event.Mem{Writes: event.Writes(nil).Append(1, random(3<<20, 7))}), 70_001, 70_001)
	add(syscalls(70_002, 10), 70_002, 70_020)
	if err := w.Close(Trailer{}); err != nil {
		t.Fatal(err)
	}
	r, err := open(f.buf, true)
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	last := uint64(0)
	for i, c := range r.EventChunks() {
		b, err := r.EventChunk(i)
		if err != nil {
			t.Fatal(err)
		}
		if c.FirstTick < last || c.LastTick < c.FirstTick {
			t.Errorf("chunk %d: ticks %d to %d behind %d", i, c.FirstTick, c.LastTick, last)
		}
		last = c.LastTick
		n := 0
		for rest := b; len(rest) > 0; n++ {
			_, next, err := event.Next(rest)
			if err != nil {
				t.Fatal(err)
			}
			rest = next
		}
		if len(b) > maxEventChunk && n != 1 {
			t.Errorf("chunk %d: %d bytes in %d events", i, len(b), n)
		}
		got = append(got, b...)
	}
	if !bytes.Equal(got, all) || last != 70_020 {
		t.Errorf("%d bytes of %d, last tick %d", len(got), len(all), last)
	}
}

func TestBadEvents(t *testing.T) {
	f := &memFile{limit: 1 << 20}
	w, err := newWriter(f, testManifest)
	if err != nil {
		t.Fatal(err)
	}
	good := syscalls(1, 2)
	unknown := syscalls(3, 1)
	unknown[4] = 99
	for name, b := range map[string][]byte{"cut": good[:90], "zero": append(bytes.Clone(good), make([]byte, 16)...), "unknown": append(bytes.Clone(good), unknown...)} {
		if err := w.AppendEvents(b, 1, 2); !errors.Is(err, event.ErrTruncated) && !errors.Is(err, event.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.Close(Trailer{}); err != nil {
		t.Fatal(err)
	}
	// The one whole event of "cut", and the two good ones of the others.
	first, _, err := event.Next(good)
	if err != nil {
		t.Fatal(err)
	}
	want := uint64(len(first) + 2*len(good))
	if r, err := open(f.buf, true); err != nil || r.EventBytes() != want {
		t.Errorf("%d bytes of events kept, want %d: %v", r.EventBytes(), want, err)
	}
}

// TestKilled abandons a writer, as SIGKILL does. Events must be in the file
// soon, behind the blob that was added before them.
func TestKilled(t *testing.T) {
	f := &memFile{limit: 1 << 20}
	w, err := newWriter(f, testManifest)
	if err != nil {
		t.Fatal(err)
	}
	content := random(10_000, 3)
	if _, err := w.AddBlob(content); err != nil {
		t.Fatal(err)
	}
	if err := w.AppendEvents(syscalls(1, 3), 1, 3); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		r, err := open(f.bytes(), true)
		if err != nil {
			t.Fatal(err)
		}
		if r.EventBytes() > 0 {
			if b, err := r.Blob(1); err != nil || !bytes.Equal(b, content) {
				t.Errorf("events are there, their blob is not: %v", err)
			}
			break
		}
		if time.Since(start) > 10*time.Second {
			t.Fatal("events never reached the file")
		}
	}
	if err := w.Abort("test"); err != nil {
		t.Fatal(err)
	}
}

func TestBlobs(t *testing.T) {
	f := &memFile{limit: 1 << 30}
	w, err := newWriter(f, testManifest)
	if err != nil {
		t.Fatal(err)
	}
	base := random(700*PageSize+17, 5)
	clear(base[10*PageSize : 200*PageSize])
	blobs := [][]byte{base, base, base[5*PageSize : 650*PageSize], bytes.Repeat(base[:PageSize], 300), append(random(PageSize, 6), base...)}
	for i, b := range blobs {
		if id, err := w.AddBlob(b); err != nil || id != BlobID(i+1) {
			t.Fatal(id, err)
		}
	}
	if err := w.Close(Trailer{}); err != nil {
		t.Fatal(err)
	}
	// 511 pages of base, one of the last blob: nothing is stored twice.
	if limit := 513 * PageSize; len(f.buf) > limit+16*1024 {
		t.Errorf("%d bytes in the file", len(f.buf))
	}
	r, err := open(f.buf, true)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	var wg sync.WaitGroup
	for i, want := range blobs {
		got, err := r.Blob(BlobID(i + 1))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("blob %d differs: %v", i+1, err)
		}
		at, err := r.BlobReaderAt(BlobID(i + 1))
		if err != nil || at.Size() != int64(len(want)) {
			t.Fatalf("blob %d: size %d, %v", i+1, at.Size(), err)
		}
		for range 50 {
			off, n := rnd.IntN(len(want)), 1+rnd.IntN(5*PageSize)
			checkData(t, at, want, int64(off), int64(min(off+n, len(want))))
			wg.Go(func() {
				p := make([]byte, n)
				k, err := at.ReadAt(p, int64(off))
				end := min(off+n, len(want))
				if !bytes.Equal(p[:k], want[off:end]) || (err != nil) != (k < n) {
					t.Errorf("blob %d at %d+%d: %d bytes, %v", i+1, off, n, k, err)
				}
			})
		}
	}
	wg.Wait()
}

// checkData wants what Data leaves out of [off, end) to be zeros.
func checkData(t *testing.T, at *BlobReader, want []byte, off, end int64) {
	t.Helper()
	for off < end {
		from, to, ok := at.Data(off, end)
		if !ok {
			from, to = end, end
		}
		if from < off || to > end || ok && from >= to {
			t.Fatalf("data of [%d, %d): [%d, %d)", off, end, from, to)
		}
		if b := want[off:from]; len(bytes.Trim(b, "\x00")) > 0 {
			t.Errorf("[%d, %d) is left out, but not zeros", off, from)
		}
		off = to
	}
}

// TestBoundedMemory writes much to a slow disk: the writer must wait for it.
func TestBoundedMemory(t *testing.T) {
	f := &slowFile{}
	w, err := newWriter(f, testManifest)
	if err != nil {
		t.Fatal(err)
	}
	b := event.AppendMem(nil, 1, event.Mem{Writes: event.Writes(nil).Append(1, random(1<<20-64, 7))})
	limit := cap(w.pipe.slots) + 3 // under way, waiting, and in the hands of the disk
	for i := range 60 {
		if err := w.AppendEvents(b, 1, 1); err != nil {
			t.Fatal(err)
		}
		if ahead := i + 1 - int(f.chunks()); ahead > limit {
			t.Fatalf("%d chunks ahead of the disk, limit %d", ahead, limit)
		}
	}
	if err := w.Close(Trailer{}); err != nil {
		t.Fatal(err)
	}
}

type slowFile struct {
	mu sync.Mutex
	n  int
}

func (f *slowFile) Write(b []byte) (int, error) {
	time.Sleep(3 * time.Millisecond)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	return len(b), nil
}
func (f *slowFile) Truncate(int64) error { return nil }
func (f *slowFile) Close() error         { return nil }
func (f *slowFile) chunks() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n - 1 // without the manifest
}

// TestConcurrent uses one Writer from several goroutines.
func TestConcurrent(t *testing.T) {
	f := &memFile{limit: 1 << 30}
	w, err := newWriter(f, testManifest)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				content := random(1+i*300, uint64(g*1000+i))
				id, err := w.AddBlob(content)
				if err == nil {
					err = w.AddFile(File{Path: fmt.Sprintf("%d/%d", g, i), Blob: id, Size: int64(len(content))})
				}
				if err == nil {
					err = w.AppendEvents(syscalls(1, 100), 1, 1)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := w.Close(Trailer{}); err != nil {
		t.Fatal(err)
	}
	r, err := open(f.buf, true)
	if err != nil || !r.Complete() || len(r.Files()) != 200 || r.EventBytes() != 200*100*48 {
		t.Fatalf("%v, damage %v", err, r.Damage())
	}
	for _, file := range r.Files() {
		var g, i int
		if _, err := fmt.Sscanf(file.Path, "%d/%d", &g, &i); err != nil {
			t.Fatal(err)
		}
		if b, err := r.Blob(file.Blob); err != nil || !bytes.Equal(b, random(1+i*300, uint64(g*1000+i))) {
			t.Errorf("%s differs: %v", file.Path, err)
		}
	}
}
