package recording

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// readAll calls everything a reader has; none of it may panic.
func readAll(r *Reader) {
	r.Manifest()
	r.Complete()
	r.Usage()
	for n, p := range r.Processes() {
		p.Image()
		p.Recorded()
		if view, err := r.Process(n); err == nil {
			readView(view)
		}
	}
	readBlobs(r)
}

func readView(r *Reader) {
	r.Info()
	for i := range r.EventChunks() {
		_, _ = r.EventChunk(i)
	}
	for i := range r.Snapshots() {
		_, _ = r.Snapshot(i)
	}
}

func readBlobs(r *Reader) {
	for i := range r.blobs {
		b, err := r.BlobReaderAt(BlobID(i + 1))
		if err != nil {
			continue
		}
		var page [PageSize + 1]byte
		for _, off := range []int64{0, 1, b.Size() / 2, b.Size() - 1, b.Size()} {
			_, _ = b.ReadAt(page[:], off)
		}
	}
}

// FuzzOpen opens arbitrary bytes.
func FuzzOpen(f *testing.F) {
	whole := newSample().bytes(f)
	f.Add(whole)
	f.Add(whole[:len(whole)-headerSize])
	tree := treeBytes(f)
	f.Add(tree)
	f.Add(tree[:len(tree)/2])
	old, err := os.ReadFile(filepath.Join("testdata", "version1"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(old)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, verify := range []bool{true, false} {
			if r, err := open(b, verify); err == nil {
				readAll(r)
			}
		}
	})
}

// FuzzSealed opens files whose chunks are arbitrary but have right checksums,
// so that the fuzzer gets past them. The input is a list of {type, flags and
// process, number of the attribute to change, its value, length, content}.
func FuzzSealed(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 2, '{', '}', 5, 0, 0, 1, 2, 0, 3})
	f.Add([]byte{1, 0, 0, 0, 2, '{', '}', 3, 0, 3, 0, 2, 0, 3, 7, 0, 0, 0, 2, '{', '}', 9, 0, 0, 0, 0})
	f.Add([]byte{1, 0, 0, 0, 2, '{', '}', 10, 1 << 4, 0, 0, 2, '{', '}', 11, 1 << 4, 0, 0, 2, '{', '}', 12, 1 << 4, 0, 0, 2, '{', '}'})
	f.Fuzz(func(t *testing.T, in []byte) {
		file := fileHeader()
		for seq := uint64(0); len(in) >= 5; seq++ {
			h := header{typ: chunkType(in[0]), seq: seq, process: uint32(in[1] >> 4)}
			h.attr = [4]uint64{1, 1, 0, 0}
			h.attr[in[2]%4] = uint64(int64(int8(in[3])))
			n := min(int(in[4]), len(in)-5)
			content := in[5 : 5+n]
			if in[1]&1 != 0 {
				content = bytes.Repeat(content, PageSize)
			}
			chunk, _ := seal(nil, h, content, codecZstd)
			if in[1]&2 != 0 { // a wrong length, rightly sealed
				binary.LittleEndian.PutUint32(chunk[12:], uint32(in[1])<<20)
				binary.LittleEndian.PutUint32(chunk[60:], checksum(chunk[:60]))
			}
			file = append(file, chunk...)
			in = in[5+n:]
		}
		for _, verify := range []bool{true, false} {
			if r, err := open(file, verify); err == nil {
				readAll(r)
			}
		}
	})
}
