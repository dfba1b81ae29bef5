package recording

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"
)

// pagesPerChunk makes chunks of 256 KiB: long enough to compress well, short
// enough to read one page at little cost.
const pagesPerChunk = 64

// pageStore cuts blobs into pages and stores each page once.
//
// Equal pages are found by a 128-bit XXH3 hash. Their bytes are compared too
// where the earlier page is still in memory, which is while its chunk is being
// filled; behind that the hash is trusted. It is keyed with a random seed, so
// that a recorded program cannot prepare two pages that collide. The seed does
// not show in the file.
type pageStore struct {
	pipe  *pipeline
	seed  uint64
	known map[xxh3.Uint128]uint64 // page numbers; about 40 bytes per page
	next  uint64                  // number of the next page
	chunk []byte                  // the chunk being filled
	blobs []blobRecord            // complete, but with pages in that chunk
	last  BlobID
}

// blobRecord is a Blob chunk that waits for its pages.
type blobRecord struct {
	id   BlobID
	size uint64
	runs []byte
}

// run is a sequence of pages of a blob: zero pages if first is 0, otherwise
// pages first, first+1 and so on.
type run struct {
	first uint64
	count uint64
}

func (s *pageStore) init(p *pipeline) {
	var seed [8]byte
	// crypto/rand.Read never fails; it ends the program where the system is that broken.
	_, _ = rand.Read(seed[:])
	s.pipe, s.seed = p, binary.LittleEndian.Uint64(seed[:])
	s.known = map[xxh3.Uint128]uint64{}
	s.next = 1
}

// AddBlob adds content and returns its number. It keeps no reference to data.
func (w *Writer) AddBlob(data []byte) (BlobID, error) {
	return w.AddBlobFrom(bytes.NewReader(data))
}

// AddBlobFrom adds what r has up to its end, in bounded memory.
func (w *Writer) AddBlobFrom(r io.Reader) (BlobID, error) {
	defer w.mu.Unlock()
	if err := w.begin(); err != nil {
		return 0, err
	}
	id, err := w.pages.add(r)
	if err != nil {
		return 0, fmt.Errorf("add blob to recording: %w", err)
	}
	return id, w.pipe.failed()
}

func (s *pageStore) add(r io.Reader) (BlobID, error) {
	var (
		rec  blobRecord
		open run // the run that may still grow
		page [PageSize]byte
	)
	for {
		n, err := io.ReadFull(r, page[:])
		if n > 0 {
			clear(page[n:])
			rec.size += uint64(n)
			rec.extend(&open, s.page(page[:]))
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		if err := s.pipe.failed(); err != nil {
			return 0, err
		}
	}
	rec.close(&open)
	if len(rec.runs) > maxRaw {
		return 0, fmt.Errorf("%d bytes are too scattered for one blob", rec.size)
	}
	s.last++
	rec.id = s.last
	s.blobs = append(s.blobs, rec)
	return rec.id, nil
}

func (b *blobRecord) extend(open *run, page uint64) {
	if open.count > 0 && (page == 0) == (open.first == 0) && (page == 0 || page == open.first+open.count) {
		open.count++
		return
	}
	b.close(open)
	*open = run{page, 1}
}

func (b *blobRecord) close(open *run) {
	if open.count > 0 {
		b.runs = binary.AppendUvarint(b.runs, open.first)
		b.runs = binary.AppendUvarint(b.runs, open.count)
	}
}

var zeroPage [PageSize]byte

// page returns the number of a page with this content.
func (s *pageStore) page(p []byte) uint64 {
	if bytes.Equal(p, zeroPage[:]) {
		return 0
	}
	sum := xxh3.Hash128Seed(p, s.seed)
	id, hit := s.known[sum]
	if hit {
		start := s.next - uint64(len(s.chunk)/PageSize)
		if id < start || bytes.Equal(s.chunk[(id-start)*PageSize:][:PageSize], p) {
			return id
		}
	}
	if s.chunk == nil {
		s.chunk = s.pipe.buffer(pagesPerChunk * PageSize)
	}
	s.chunk = append(s.chunk, p...)
	id = s.next
	s.next++
	if !hit {
		s.known[sum] = id
	}
	if len(s.chunk) == pagesPerChunk*PageSize {
		s.flush()
	}
	return id
}

// flush submits the pages that wait, then the blobs that needed them.
func (s *pageStore) flush() {
	if n := uint64(len(s.chunk) / PageSize); n > 0 {
		h := header{typ: chunkPages}
		h.attr[pagesFirst] = s.next - n
		h.attr[pagesCount] = n
		s.pipe.submit(h, s.chunk)
		s.chunk = nil
	}
	for _, b := range s.blobs {
		h := header{typ: chunkBlob}
		h.attr[blobID] = uint64(b.id)
		h.attr[blobSize] = b.size
		s.pipe.submit(h, b.runs)
	}
	s.blobs = s.blobs[:0]
}
