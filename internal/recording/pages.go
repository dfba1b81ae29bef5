package recording

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

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

// blobRecord is a Blob chunk in the making, or waiting for its pages.
type blobRecord struct {
	id   BlobID
	size uint64
	runs []byte
	open run // the last one, which may still grow
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

// AddBlobFrom adds what r has up to its end, in bounded memory. Others may add
// at the same time: the writer is locked for a few pages at once, and not
// while r is read.
func (w *Writer) AddBlobFrom(r io.Reader) (BlobID, error) {
	id, err := w.addBlob(r)
	if err != nil {
		return 0, fmt.Errorf("add blob to recording: %w", err)
	}
	return id, nil
}

var batches sync.Pool // of *batch

// batch is a part of a blob on its way to the store.
type batch struct {
	content [pagesPerChunk * PageSize]byte
	pages   [pagesPerChunk]uint64
	sums    [pagesPerChunk]xxh3.Uint128
}

func (w *Writer) addBlob(r io.Reader) (BlobID, error) {
	b, ok := batches.Get().(*batch)
	if !ok {
		b = new(batch)
	}
	defer batches.Put(b)
	var rec blobRecord
	for {
		n, err := io.ReadFull(r, b.content[:])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err
		}
		rec.size += uint64(n)
		pages := (n + PageSize - 1) / PageSize
		clear(b.content[n : pages*PageSize])
		b.sum(pages, w.pages.seed)
		if err := w.addPages(b, pages, &rec); err != nil {
			return 0, err
		}
		if n < len(b.content) {
			return w.endBlob(rec)
		}
	}
}

// sum finds out which of the first n pages are zeros, and hashes the others.
func (b *batch) sum(n int, seed uint64) {
	for i := range n {
		p := b.content[i*PageSize:][:PageSize]
		if b.pages[i] = 0; !bytes.Equal(p, zeroPage[:]) {
			b.pages[i], b.sums[i] = 1, xxh3.Hash128Seed(p, seed)
		}
	}
}

// addPages stores the first n pages of b, and adds them to rec.
func (w *Writer) addPages(b *batch, n int, rec *blobRecord) error {
	defer w.mu.Unlock()
	if err := w.begin(); err != nil {
		return err
	}
	for i := range n {
		if b.pages[i] != 0 {
			b.pages[i] = w.pages.page(b.content[i*PageSize:][:PageSize], b.sums[i])
		}
		rec.extend(b.pages[i])
	}
	return w.pipe.failed()
}

// endBlob gives rec, which is complete, its number.
func (w *Writer) endBlob(rec blobRecord) (BlobID, error) {
	rec.close()
	if len(rec.runs) > maxRaw {
		return 0, fmt.Errorf("%d bytes are too scattered for one blob", rec.size)
	}
	defer w.mu.Unlock()
	if err := w.begin(); err != nil {
		return 0, err
	}
	s := &w.pages
	s.last++
	rec.id = s.last
	s.blobs = append(s.blobs, rec)
	return rec.id, w.pipe.failed()
}

func (b *blobRecord) extend(page uint64) {
	open := &b.open
	if open.count > 0 && (page == 0) == (open.first == 0) && (page == 0 || page == open.first+open.count) {
		open.count++
		return
	}
	b.close()
	b.open = run{page, 1}
}

func (b *blobRecord) close() {
	if b.open.count > 0 {
		b.runs = binary.AppendUvarint(b.runs, b.open.first)
		b.runs = binary.AppendUvarint(b.runs, b.open.count)
	}
}

var zeroPage [PageSize]byte

// page returns the number of a page with this content, which is not all zeros.
func (s *pageStore) page(p []byte, sum xxh3.Uint128) uint64 {
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
