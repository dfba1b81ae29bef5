package recording

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
	"sync"
)

// maxBlob bounds what Blob allocates. A BlobReader has no such limit.
const maxBlob = 8 << 30

// Blob returns a blob's whole content.
func (r *Reader) Blob(id BlobID) ([]byte, error) {
	b, err := r.BlobReaderAt(id)
	if err != nil {
		return nil, err
	}
	if b.size > maxBlob {
		return nil, fmt.Errorf("read blob %d: %d bytes are too many at once", id, b.size)
	}
	out := make([]byte, b.size)
	if _, err := b.ReadAt(out, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return out, nil
}

// BlobReader reads a blob at random. It may be used by several goroutines.
type BlobReader struct {
	r     *Reader
	id    BlobID
	size  int64
	runs  []run
	start []int64 // page of the blob at which each run starts
}

// BlobReaderAt returns a reader of a blob. It stays valid as long as r does.
func (r *Reader) BlobReaderAt(id BlobID) (*BlobReader, error) {
	if id == 0 || uint64(id) > uint64(len(r.blobs)) {
		return nil, fmt.Errorf("read blob %d: %w", id, ErrNoBlob)
	}
	e := r.blobs[id-1]
	content, err := r.content(e)
	if err != nil {
		return nil, fmt.Errorf("read blob %d: %w", id, err)
	}
	b := &BlobReader{r: r, id: id, size: int64(e.attr[blobSize])}
	if err := b.parse(content); err != nil {
		return nil, fmt.Errorf("read blob %d: %w", id, &CorruptError{Offset: e.offset, Chunk: e.seq, Reason: err.Error()})
	}
	return b, nil
}

// parse reads the runs and checks that they are the blob's size and name
// pages that exist.
func (b *BlobReader) parse(content []byte) error {
	left := uint64(b.size+PageSize-1) / PageSize
	page := int64(0)
	for len(content) > 0 {
		var v [2]uint64
		for i := range v {
			x, n := binary.Uvarint(content)
			if n <= 0 {
				return fmt.Errorf("list of pages is cut off")
			}
			v[i], content = x, content[n:]
		}
		first, count := v[0], v[1]
		if count == 0 || count > left {
			return fmt.Errorf("run of %d pages, %d left", count, left)
		}
		if first != 0 && (first > b.r.lastPage || count-1 > b.r.lastPage-first) {
			return fmt.Errorf("pages %d+%d, the last is %d", first, count, b.r.lastPage)
		}
		b.runs = append(b.runs, run{first, count})
		b.start = append(b.start, page)
		left -= count
		page += int64(count)
	}
	if left > 0 {
		return fmt.Errorf("%d pages are missing", left)
	}
	return nil
}

// Size is the blob's length.
func (b *BlobReader) Size() int64 { return b.size }

// ReadAt implements io.ReaderAt.
func (b *BlobReader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read blob %d at %d: negative offset", b.id, off)
	}
	done := 0
	for done < len(p) {
		if off >= b.size {
			return done, io.EOF
		}
		want := p[done:min(int64(len(p)), int64(done)+b.size-off)]
		n, err := b.readSome(want, off)
		if err != nil {
			return done, fmt.Errorf("read blob %d at %d: %w", b.id, off, err)
		}
		done += n
		off += int64(n)
	}
	return done, nil
}

// Data returns the first range in [off, end) that is not pages of zeros, if there is one.
func (b *BlobReader) Data(off, end int64) (from, to int64, ok bool) {
	end = min(end, b.size)
	for off < end {
		i := b.runAt(off / PageSize)
		next := min(end, (b.start[i]+int64(b.runs[i].count))*PageSize)
		if b.runs[i].first != 0 {
			return off, next, true
		}
		off = next
	}
	return 0, 0, false
}

// runAt returns which run a page of the blob is in.
func (b *BlobReader) runAt(page int64) int {
	return sort.Search(len(b.start), func(i int) bool { return b.start[i] > page }) - 1
}

// readSome reads up to the end of the run, and of the chunk of pages, that
// off is in.
func (b *BlobReader) readSome(p []byte, off int64) (int, error) {
	page, within := off/PageSize, off%PageSize
	i := b.runAt(page)
	run, ahead := b.runs[i], page-b.start[i]
	rest := (int64(run.count)-ahead)*PageSize - within
	if int64(len(p)) > rest {
		p = p[:rest]
	}
	if run.first == 0 {
		clear(p)
		return len(p), nil
	}
	content, first, err := b.r.pagesWith(run.first + uint64(ahead))
	if err != nil {
		return 0, err
	}
	at := (int64(run.first)+ahead-int64(first))*PageSize + within
	return copy(p, content[at:]), nil
}

// pagesWith returns the chunk that holds a page, and its first page's number.
func (r *Reader) pagesWith(page uint64) (content []byte, first uint64, err error) {
	i := sort.Search(len(r.pages), func(i int) bool { return r.pages[i].attr[pagesFirst] > page }) - 1
	first = r.pages[i].attr[pagesFirst]
	if content = r.cache.get(i); content != nil {
		return content, first, nil
	}
	if content, err = r.content(r.pages[i]); err != nil {
		return nil, 0, err
	}
	r.cache.put(i, content)
	return content, first, nil
}

// pageCache keeps the content of recently read chunks of pages. Processes that have
// been forked begin with much the same pages.
type pageCache struct {
	mu     sync.Mutex
	chunks map[int]*cachedChunk
	clock  uint64
}

type cachedChunk struct {
	content []byte
	used    uint64 // when, by the clock
}

// cachedChunks bounds a pageCache: 64 MiB.
const cachedChunks = 64 << 20 / (pagesPerChunk * PageSize)

func (c *pageCache) get(chunk int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.chunks[chunk]
	if k == nil {
		return nil
	}
	c.clock++
	k.used = c.clock
	return k.content
}

// put replaces the chunk that was used longest ago, once there are enough.
func (c *pageCache) put(chunk int, content []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.chunks) >= cachedChunks {
		oldest := chunk
		for i, k := range c.chunks {
			if o := c.chunks[oldest]; o == nil || k.used < o.used {
				oldest = i
			}
		}
		delete(c.chunks, oldest)
	}
	c.clock++
	c.chunks[chunk] = &cachedChunk{content, c.clock}
}
