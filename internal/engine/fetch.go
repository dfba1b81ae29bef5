package engine

import "golang.org/x/sys/unix"

// fetchCache keeps guest pages that translation reads.
type fetchCache struct {
	slots [64]fetchSlot // by the page's number
	turn  uint64        // counts what is translated
	// shared are pages of foreign memory, for this turn; err is why one could
	// not be had.
	shared map[uint64][]byte
	err    error
}

type fetchSlot struct {
	page uint64 // its address
	n    int    // bytes that can be fetched
	// foreign: others may write it.
	foreign bool
	// until is the first turn in which the content may be wrong.
	until uint64
	buf   [pageSize]byte
}

// lasting is the end of what is known of a page that the guest cannot write.
const lasting = ^uint64(0)

// next begins another translation: pages that may be written are read anew.
func (c *fetchCache) next() {
	c.turn++
	c.err = nil
	clear(c.shared)
}

// forget drops the pages of [start, end).
func (c *fetchCache) forget(start, end uint64) {
	for i := range c.slots {
		if s := &c.slots[i]; s.page < end && start < s.page+pageSize {
			s.until = 0
		}
	}
}

// Fetch implements translate.Guest.
func (e *Engine) Fetch(pc uint64, p []byte) int {
	n := 0
	for n < len(p) {
		at := pc + uint64(n)
		s := e.fetchPage(at &^ (pageSize - 1))
		if s.foreign && n == 0 {
			return e.fetchShared(pc, p)
		}
		got := copy(p[n:], s.buf[min(int(at%pageSize), s.n):s.n])
		if got == 0 {
			break
		}
		n += got
	}
	return n
}

// fetchPage returns the page at an address.
func (e *Engine) fetchPage(page uint64) *fetchSlot {
	c := &e.fetched
	s := &c.slots[page/pageSize%uint64(len(c.slots))]
	if s.page == page && c.turn < s.until {
		return s
	}
	s.page, s.n, s.until, s.foreign = page, 0, c.turn+1, false
	m, ok := e.Space.Find(page)
	if !ok && e.Grow(page, page+pageSize) == nil {
		m, ok = e.Space.Find(page)
	}
	if s.foreign = ok && m.Foreign; s.foreign || !ok || m.Prot&unix.PROT_EXEC == 0 {
		return s
	}
	n, err := e.t.ReadMem(page, s.buf[:])
	if err != nil && n == 0 {
		return s
	}
	s.n = n
	if m.Prot&unix.PROT_WRITE == 0 && !m.Shared && n == pageSize {
		s.until = lasting
	}
	return s
}
