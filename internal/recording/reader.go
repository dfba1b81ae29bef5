package recording

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// Reader is a view of one process of a recording, and of what all processes
// share. It holds no more of the file in memory than its index, its JSON and a
// few recently used pages, and shares that with the other views: all but the
// embedded process is the same in each.
type Reader struct {
	*process

	f      io.ReaderAt
	closer io.Closer
	size   int64

	entries  []entry // of the readable chunks
	damage   *CorruptError
	ended    bool
	version  uint32
	manifest Manifest
	total    *Trailer
	files    []File
	pages    []entry // Pages chunks, by first page
	lastPage uint64
	blobs    []entry    // Blob chunks; number i+1
	procs    []*process // by number
	cache    *pageCache
}

// ChunkInfo describes a chunk of events.
type ChunkInfo struct {
	Seq          int    // its number among the process's chunks of events, for EventChunk
	Order        uint64 // its number in the file, which orders the chunks of all processes
	FirstTick    uint64 // of the first moment that it covers
	LastTick     uint64
	Bytes        int       // of events
	Wall         time.Time // when the first of them was written
	StreamOffset uint64    // bytes of events before it
}

// SnapshotInfo describes a snapshot.
type SnapshotInfo struct {
	Index    int
	Tick     uint64
	EventSeq uint64 // bytes of events before it
}

// Usage is the space that one type of chunk takes.
type Usage struct {
	Type   string `json:"type"`
	Chunks int    `json:"chunks"`
	Raw    int64  `json:"raw"`    // bytes before compression
	Stored int64  `json:"stored"` // bytes in the file, headers included
}

// Open opens a recording and checks all of it. A damaged or cut recording
// opens as far as it is readable; Damage then says where that ends.
func Open(path string) (*Reader, error) { return openPath(path, true) }

// OpenUnverified is Open without a look at each chunk's content, where the
// index allows that. Damage inside a chunk then shows when it is read.
func OpenUnverified(path string) (*Reader, error) { return openPath(path, false) }

func openPath(path string, verify bool) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = ErrNotRecording
	}
	var r *Reader
	if err == nil {
		r, err = newReader(f, st.Size(), verify)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open recording %s: %w", path, err)
	}
	r.closer = f
	return r, nil
}

func newReader(f io.ReaderAt, size int64, verify bool) (*Reader, error) {
	r := &Reader{f: f, size: size, cache: &pageCache{chunks: map[int]*cachedChunk{}}}
	if err := r.checkFileHeader(); err != nil {
		return nil, err
	}
	entries, ok := []entry(nil), false
	if !verify {
		entries, ok = r.readIndex()
	}
	if !ok {
		entries = r.scan()
	}
	r.adopt(entries)
	if len(r.entries) == 0 {
		return nil, r.damage
	}
	r.process = r.procs[RootNumber]
	return r, nil
}

// Close releases the file, for all views.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

func (r *Reader) checkFileHeader() error {
	b := make([]byte, min(r.size, fileHeaderSize))
	if err := r.readAt(b, 0); err != nil {
		return err
	}
	magic := b[:min(len(b), len(fileMagic))]
	switch {
	case len(b) == 0:
		return fmt.Errorf("%w: the file is empty", ErrNotRecording)
	case !bytes.HasPrefix([]byte(fileMagic), magic):
		return ErrNotRecording
	case len(b) < fileHeaderSize:
		return &CorruptError{Offset: r.size, Reason: "the file ends within its header", Cut: true}
	}
	v := VersionError{binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])}
	switch {
	case v.Version == 0:
		return &CorruptError{Offset: 8, Reason: "version 0"}
	case v.Version > Version || v.Flags != 0:
		return &v
	}
	r.version = v.Version
	return nil
}

// readAt fills b; the file is known to be long enough.
func (r *Reader) readAt(b []byte, off int64) error {
	if n, err := r.f.ReadAt(b, off); n < len(b) {
		return fmt.Errorf("read recording at byte %d: %w", off, err)
	}
	return nil
}

// scan walks over all chunks and checks them. It stops at the first that is
// damaged and remembers why.
func (r *Reader) scan() (entries []entry) {
	buf := make([]byte, headerSize, maxEventChunk)
	for at := int64(fileHeaderSize); at < r.size; {
		h, err := r.headerAt(at, uint64(len(entries)))
		if err == nil {
			buf, err = r.checkBody(entry{at, h}, buf)
		}
		if err != nil {
			r.damage = err
			return entries
		}
		entries = append(entries, entry{at, h})
		at += headerSize + int64(h.stored)
	}
	return entries
}

func (r *Reader) headerAt(at int64, seq uint64) (header, *CorruptError) {
	bad := func(cut bool, format string, a ...any) *CorruptError {
		return &CorruptError{Offset: at, Chunk: seq, Reason: fmt.Sprintf(format, a...), Cut: cut}
	}
	if r.size-at < headerSize {
		return header{}, bad(true, "the file ends within a chunk header")
	}
	var b [headerSize]byte
	if err := r.readAt(b[:], at); err != nil {
		return header{}, bad(false, "%v", err)
	}
	h, err := parseHeader(b[:])
	switch {
	case err != nil:
		return h, bad(false, "%v", err)
	case h.seq != seq:
		return h, bad(false, "chunk has number %d", h.seq)
	case int64(h.stored) > r.size-at-headerSize:
		return h, bad(true, "the file ends within the %v chunk", h.typ)
	}
	return h, nil
}

// maxKeep bounds the scan's buffer, which single events can exceed.
const maxKeep = 16 << 20

func (r *Reader) checkBody(e entry, buf []byte) ([]byte, *CorruptError) {
	var sum uint32
	for done := uint32(0); done < e.stored; {
		n := min(e.stored-done, maxKeep)
		if uint32(cap(buf)) < n {
			buf = make([]byte, n)
		}
		buf = buf[:n]
		if err := r.readAt(buf, e.offset+headerSize+int64(done)); err != nil {
			return buf, &CorruptError{Offset: e.offset, Chunk: e.seq, Reason: err.Error()}
		}
		sum = checksumMore(sum, buf)
		done += n
	}
	if sum != e.crc {
		return buf, &CorruptError{Offset: e.offset, Chunk: e.seq, Reason: fmt.Sprintf("checksum of the %v chunk is wrong", e.typ)}
	}
	return buf, nil
}

// readIndex takes the chunks from the index, if there is a good one.
func (r *Reader) readIndex() ([]entry, bool) {
	var b [headerSize]byte
	at := r.size - headerSize
	if at < fileHeaderSize || r.readAt(b[:], at) != nil {
		return nil, false
	}
	end, err := parseHeader(b[:])
	if err != nil || end.typ != chunkEnd || end.attr[endIndex] > uint64(at) {
		return nil, false
	}
	indexAt := int64(end.attr[endIndex])
	index, bad := r.headerAt(indexAt, end.seq-1)
	if bad != nil || index.typ != chunkIndex || indexAt+headerSize+int64(index.stored) != at {
		return nil, false
	}
	content, err := r.content(entry{indexAt, index})
	if err != nil {
		return nil, false
	}
	entries, err := decodeIndex(content, indexAt)
	if err != nil || uint64(len(entries)) != index.seq {
		return nil, false
	}
	return append(entries, entry{indexAt, index}, entry{at, end}), true
}

// content reads a chunk.
func (r *Reader) content(e entry) ([]byte, error) {
	stored := make([]byte, e.stored)
	err := r.readAt(stored, e.offset+headerSize)
	var raw []byte
	if err == nil {
		raw, err = unseal(e.header, stored)
	}
	if err != nil {
		return nil, &CorruptError{Offset: e.offset, Chunk: e.seq, Reason: err.Error()}
	}
	return raw, nil
}

// Manifest says what was recorded.
func (r *Reader) Manifest() Manifest { return r.manifest }

// Total says how the recording ended, with the sums over all processes; nil
// where its writer was killed.
func (r *Reader) Total() *Trailer { return r.total }

// Complete reports whether the recording reaches to its recorder's end, with
// everything in it readable.
func (r *Reader) Complete() bool {
	return r.ended && r.damage == nil && r.total != nil && r.total.Complete
}

// Damage says where the recording stops being readable, nil if nowhere.
func (r *Reader) Damage() *CorruptError { return r.damage }

// Files lists the stored files.
func (r *Reader) Files() []File { return r.files }

// Usage says what takes the space, by type of chunk.
func (r *Reader) Usage() []Usage {
	var sums [numChunkTypes]Usage
	for _, e := range r.entries {
		if e.typ.known() {
			u := &sums[e.typ]
			u.Type = e.typ.String()
			u.Chunks++
			u.Raw += int64(e.raw)
			u.Stored += headerSize + int64(e.stored)
		}
	}
	var used []Usage
	for _, u := range sums {
		if u.Chunks > 0 {
			used = append(used, u)
		}
	}
	return used
}

func (r *Reader) readJSON(e entry, v any) error {
	b, err := r.content(e)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return &CorruptError{Offset: e.offset, Chunk: e.seq, Reason: fmt.Sprintf("%v: %v", e.typ, err)}
	}
	return nil
}
