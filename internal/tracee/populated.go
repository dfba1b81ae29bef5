package tracee

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Populated returns the pages of anonymous private memory in r that have been
// touched, in order: the others are zeros. Runs that are less than gap bytes apart
// are joined. A shadow of all memory, such as sanitizers have, is terabytes
// long and nearly empty.
func (t *Tracee) Populated(r PageRange, gap uint64) ([]PageRange, error) {
	pagemap, err := t.openPagemap()
	if err != nil {
		return nil, t.wrap("find memory", err)
	}
	defer pagemap.Close()
	out, err := scanPopulated(pagemap, r, gap)
	if errors.Is(err, unix.ENOTTY) || errors.Is(err, unix.EINVAL) {
		out, err = readPopulated(pagemap, r, gap)
	}
	return out, t.wrap("find memory", err)
}

func (t *Tracee) openPagemap() (*os.File, error) {
	if t.place == reaped {
		return nil, ErrGone
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/pagemap", t.TID))
	if errors.Is(err, os.ErrNotExist) {
		err = ErrGone
	}
	return f, err
}

// A PageEntry is what the kernel says of a page
// (Documentation/admin-guide/mm/pagemap.rst).
type PageEntry uint64

// Populated: the page has been touched.
func (p PageEntry) Populated() bool { return p>>62 != 0 } // present, or swapped

// WriteProtected: a userfaultfd wants to know of stores to it.
func (p PageEntry) WriteProtected() bool { return p>>57&1 != 0 }

// FindPage returns the first page of [start, end) whose entry is the one looked for.
func (t *Tracee) FindPage(start, end uint64, is func(PageEntry) bool) (page uint64, ok bool, err error) {
	pagemap, err := t.openPagemap()
	if err != nil {
		return 0, false, t.wrap("find page", err)
	}
	defer pagemap.Close()
	err = eachEntry(pagemap, start, end, func(at uint64, p PageEntry) bool {
		page, ok = at, is(p)
		return !ok
	})
	return page, ok, t.wrap("find page", err)
}

// eachEntry calls f for the pages of [start, end), until it returns false.
func eachEntry(pagemap *os.File, start, end uint64, f func(page uint64, p PageEntry) bool) error {
	const entry = 8
	size := uint64(os.Getpagesize())
	first, last := start/size, (end+size-1)/size
	buf := make([]byte, min(1<<20, (last-first)*entry))
	for page := first; page < last; {
		n, err := pagemap.ReadAt(buf[:min(uint64(len(buf)), (last-page)*entry)], int64(page*entry))
		if n < entry {
			return err
		}
		for i := 0; i+entry <= n; i += entry {
			if !f(page*size, PageEntry(binary.LittleEndian.Uint64(buf[i:]))) {
				return nil
			}
			page++
		}
	}
	return nil
}

// scanPopulated needs Linux 6.7.
func scanPopulated(pagemap *os.File, r PageRange, gap uint64) (out []PageRange, err error) {
	buf := make([]pageRegion, scanRegions)
	arg := pmScanArg{categoryAny: pageIsPresent | pageIsSwapped, returnMask: pageIsPresent | pageIsSwapped}
	for at := r.Start; at < r.End; {
		arg.start, arg.end = at, r.End
		regions, next, err := arg.scan(pagemap, buf)
		if err != nil {
			return nil, err
		}
		for _, g := range regions {
			out = join(out, PageRange{g.start, g.end}, gap)
		}
		at = next
	}
	return out, nil
}

// readPopulated reads an entry for each page.
func readPopulated(pagemap *os.File, r PageRange, gap uint64) (out []PageRange, err error) {
	size := uint64(os.Getpagesize())
	err = eachEntry(pagemap, r.Start, r.End, func(page uint64, p PageEntry) bool {
		if p.Populated() {
			out = join(out, PageRange{page, page + size}, gap)
		}
		return true
	})
	return out, err
}

// join appends r, or extends the last range to it if that is near.
func join(out []PageRange, r PageRange, gap uint64) []PageRange {
	if n := len(out); n > 0 && r.Start-out[n-1].End <= gap {
		out[n-1].End = r.End
		return out
	}
	return append(out, r)
}
