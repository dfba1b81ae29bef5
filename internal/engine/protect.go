package engine

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/translate"
)

// protect makes the writable pages that u comes from read-only, so that a
// change of the code is noticed.
func (e *Engine) protect(u *translate.Unit) error {
	last := ^uint64(0)
	for in := range u.Sources() {
		for _, at := range [2]uint64{in.PC, in.PC + uint64(max(in.Len, 1)) - 1} {
			if n := at / pageSize; n != last {
				last = n
				if err := e.protectPage(n * pageSize); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (e *Engine) protectPage(page uint64) error {
	m, ok := e.Space.Find(page)
	if !ok || m.Foreign || m.Prot&unix.PROT_WRITE == 0 || e.Checked(page) {
		return nil
	}
	if _, done := e.protected[page]; done {
		return nil
	}
	e.protected[page] = m.Prot
	return e.mprotect(page, pageSize, m.Prot&^unix.PROT_WRITE)
}

func (e *Engine) mprotect(addr, length, prot uint64) error {
	_, err := e.t.RemoteCall(e.Gadget(), unix.SYS_MPROTECT, addr, length, prot)
	if err != nil {
		return fmt.Errorf("protecting code at %#x: %w", addr, err)
	}
	return nil
}

// Protected reports whether we keep any page of [start, end) from being
// written.
func (e *Engine) Protected(start, end uint64) bool {
	for page := range e.protected {
		if page < end && start < page+pageSize {
			return true
		}
	}
	return false
}

// TakenWrite reports whether we keep a page from being written that the guest
// may write to.
func (e *Engine) TakenWrite(addr uint64) bool {
	_, ok := e.protected[addr&^(pageSize-1)]
	return ok
}

// AnyProtected reports whether any page of the guest's is.
func (e *Engine) AnyProtected() bool { return len(e.protected) > 0 }

// Unprotect gives the pages of [start, end) back their protection and drops
// their fragments. The guest must go on through SetGuest.
func (e *Engine) Unprotect(start, end uint64) error {
	var pages []uint64
	for page := range e.protected {
		if page < end && start < page+pageSize {
			pages = append(pages, page)
		}
	}
	slices.Sort(pages)
	e.dropPages(pages)
	for len(pages) > 0 {
		// Neighbours go together.
		n, prot := 1, e.protected[pages[0]]
		for n < len(pages) && pages[n] == pages[n-1]+pageSize && e.protected[pages[n]] == prot {
			n++
		}
		if err := e.mprotect(pages[0], uint64(n)*pageSize, prot); err != nil {
			return err
		}
		for _, page := range pages[:n] {
			delete(e.protected, page)
		}
		pages = pages[n:]
	}
	return nil
}

// Changed is to be called when the guest's mappings in [start, end) have been
// replaced, removed or given another protection: translations of that range
// are dropped. The guest must go on through SetGuest.
func (e *Engine) Changed(start, end uint64) {
	e.fetched.forget(start, end)
	e.unverify(start, end)
	e.forgetShared(start, end)
	for page := range e.protected {
		if page < end && start < page+pageSize {
			delete(e.protected, page)
		}
	}
	for page := range e.mixed {
		if page < end && start < page+pageSize {
			delete(e.mixed, page)
			delete(e.faults, page)
		}
	}
	e.outdate(start, end)
	if start < e.claimed[1] && e.claimed[0] < end {
		e.claimed = [2]uint64{}
	}
	if e.translatedIn(start, end) {
		e.drop(start, end)
	}
}

func (e *Engine) translatedIn(start, end uint64) bool {
	if (end-start)/pageSize < uint64(len(e.pages)) {
		for n := start / pageSize; n*pageSize < end; n++ {
			if e.pages[n] != nil {
				return true
			}
		}
		return false
	}
	for n := range e.pages {
		if n*pageSize < end && start < (n+1)*pageSize {
			return true
		}
	}
	return false
}
