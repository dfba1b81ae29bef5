package tracee

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// ErrNotSupported says that the kernel lacks something.
var ErrNotSupported = errors.New("not supported by this kernel")

// PageRange is a run of whole pages.
type PageRange struct{ Start, End uint64 }

// WriteTracker tells which pages of a tracee were written, by it or by the
// kernel on its behalf. It uses userfaultfd's asynchronous write protection,
// where the kernel itself resolves the faults and only notes them, read by
// PAGEMAP_SCAN (Documentation/admin-guide/mm/pagemap.rst).
//
// Tracked are the mappings that are private and writable at Start. Shared
// memory is not: others write it, too. A tracker ends with execve; a forked
// child is not tracked. Page tables are filled for the whole of each tracked
// mapping, 0.2 % of its size.
type WriteTracker struct {
	t       *Tracee
	uffd    int
	pagemap *os.File
	armed   []PageRange // in order of address
	vast    []PageRange // tracked in part, and cut into mappings by that
	regions []pageRegion
}

// NewWriteTracker prepares the tracee, which must be in a stop that
// RemoteSyscall accepts, using the SYSCALL instruction at gadget.
func NewWriteTracker(t *Tracee, gadget uint64) (*WriteTracker, error) {
	if err := WriteTrackingSupported(); err != nil {
		return nil, err
	}
	uffd, err := t.takeUffd(gadget)
	if err != nil {
		return nil, fmt.Errorf("track writes of %d: %w", t.PID, err)
	}
	pagemap, err := t.openPagemap()
	if err == nil {
		err = uffdEnable(uffd)
	}
	if err != nil {
		unix.Close(uffd)
		pagemap.Close() // harmless on nil
		return nil, fmt.Errorf("track writes of %d: %w", t.PID, err)
	}
	return &WriteTracker{t: t, uffd: uffd, pagemap: pagemap, regions: make([]pageRegion, scanRegions)}, nil
}

// takeUffd makes a userfaultfd of the tracee's memory and moves it to us.
func (t *Tracee) takeUffd(gadget uint64) (int, error) {
	fd, err := t.RemoteCall(gadget, unix.SYS_USERFAULTFD, uffdFlags)
	if err != nil {
		return -1, err
	}
	ours, err := t.getFD(int(fd))
	if _, e := t.RemoteCall(gadget, unix.SYS_CLOSE, fd); e != nil {
		if err == nil {
			unix.Close(ours)
		}
		return -1, errors.Join(err, e)
	}
	return ours, t.wrap("take userfaultfd", err)
}

// Start begins to track, or begins anew: nothing counts as written now.
func (w *WriteTracker) Start() error {
	ms, err := w.t.Maps()
	if err != nil {
		return err
	}
	w.armed, w.vast = w.armed[:0], w.vast[:0]
	for _, m := range ms {
		if !trackable(&m) {
			continue
		}
		parts := []PageRange{{m.Start, m.End}}
		if vast(&m) {
			w.vast = append(w.vast, parts[0])
			if parts, err = w.t.Populated(parts[0], vastGap); err != nil {
				return err
			}
		}
		for _, r := range parts {
			if err := w.arm(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// arm begins to track r.
func (w *WriteTracker) arm(r PageRange) error {
	err := uffdRegister(w.uffd, r)
	if err == nil {
		err = w.protect(r)
	}
	switch {
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EBUSY), errors.Is(err, unix.EPERM):
		// A kind of memory that cannot be tracked (sealed, somebody else's
		// userfaultfd): Written reports all of it.
	case err != nil:
		return w.t.wrap(fmt.Sprintf("track writes to %#x-%#x", r.Start, r.End), err)
	default:
		w.armed = append(w.armed, r)
	}
	return nil
}

// Of vast memory only what is populated is tracked: page tables for all of it
// may not fit. What is populated later has been written.
const (
	vastFrom = 16 << 30
	vastGap  = 1 << 20
)

func (w *WriteTracker) inVast(r PageRange) bool {
	return slices.ContainsFunc(w.vast, func(v PageRange) bool { return v.Start <= r.Start && r.End <= v.End })
}

func vast(m *Mapping) bool {
	return (m.Path == "" || strings.HasPrefix(m.Path, "[anon:")) && m.End-m.Start >= vastFrom
}

// Written returns the pages that may have been written since Start, in order:
// those that were, and all of what has become private and writable since.
func (w *WriteTracker) Written() ([]PageRange, error) {
	ms, err := w.t.Maps()
	if err != nil {
		return nil, err
	}
	var out []PageRange
	for _, m := range ms {
		if !trackable(&m) {
			continue
		}
		for _, part := range w.split(PageRange{m.Start, m.End}) {
			if !part.armed && (vast(&m) || w.inVast(part.PageRange)) {
				populated, err := w.t.Populated(part.PageRange, 0)
				if err != nil {
					return nil, err
				}
				out = append(out, populated...)
				continue
			}
			if out, err = w.written(out, part); err != nil {
				return nil, w.t.wrap("find written pages", err)
			}
		}
	}
	return out, nil
}

// Close ends the tracking; the kernel drops the protection with the last
// descriptor.
func (w *WriteTracker) Close() error {
	return errors.Join(os.NewSyscallError("close userfaultfd", unix.Close(w.uffd)), w.pagemap.Close())
}

func trackable(m *Mapping) bool { return !m.Shared && m.Prot&unix.PROT_WRITE != 0 }

// trackedRange is a range that is armed throughout or not at all.
type trackedRange struct {
	PageRange
	armed bool
}

// split cuts r where armed and other memory meet.
func (w *WriteTracker) split(r PageRange) []trackedRange {
	var parts []trackedRange
	i, _ := slices.BinarySearchFunc(w.armed, r.Start, func(a PageRange, at uint64) int {
		if a.End <= at {
			return -1
		}
		return 1
	})
	for ; r.Start < r.End && i < len(w.armed) && w.armed[i].Start < r.End; i++ {
		a := w.armed[i]
		if r.Start < a.Start {
			parts = append(parts, trackedRange{PageRange{r.Start, a.Start}, false})
			r.Start = a.Start
		}
		end := min(a.End, r.End)
		parts = append(parts, trackedRange{PageRange{r.Start, end}, true})
		r.Start = end
	}
	if r.Start < r.End {
		parts = append(parts, trackedRange{r, false})
	}
	return parts
}

// written appends the written pages of r to out.
func (w *WriteTracker) written(out []PageRange, r trackedRange) ([]PageRange, error) {
	if !r.armed {
		return join(out, r.PageRange, 0), nil
	}
	kept := len(out)
	for at := r.Start; at < r.End; {
		regions, next, err := w.scan(PageRange{at, r.End})
		if errors.Is(err, unix.EPERM) {
			// Mapped anew since Start, so not registered (PM_SCAN_CHECK_WPASYNC).
			return join(out[:kept], r.PageRange, 0), nil
		}
		if err != nil {
			return nil, err
		}
		for _, g := range regions {
			out = join(out, PageRange{g.start, g.end}, 0)
		}
		at = next
	}
	return out, nil
}

// WriteTrackingSupported returns nil if the kernel can track writes, and else
// an ErrNotSupported that says what it takes. The answer is found once, by
// trying.
var WriteTrackingSupported = sync.OnceValue(func() error {
	if err := probeWriteTracking(); err != nil {
		return fmt.Errorf("write tracking needs Linux 6.7 with CONFIG_USERFAULTFD and CONFIG_PTE_MARKER_UFFD_WP: %w (%w)",
			ErrNotSupported, err)
	}
	return nil
})

// probeWriteTracking tracks a page of our own.
func probeWriteTracking() error {
	page, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	defer unix.Munmap(page)
	uffd, err := newUffd()
	if err != nil {
		return os.NewSyscallError("userfaultfd", err)
	}
	defer unix.Close(uffd)
	pagemap, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return err
	}
	defer pagemap.Close()

	w := WriteTracker{uffd: uffd, pagemap: pagemap, regions: make([]pageRegion, 1)}
	r := rangeOf(page)
	if err := errors.Join(uffdEnable(uffd), uffdRegister(uffd, r), w.protect(r)); err != nil {
		return err
	}
	for _, want := range []int{0, 1} {
		got, _, err := w.scan(r)
		if err != nil {
			return err
		}
		if len(got) != want {
			return fmt.Errorf("PAGEMAP_SCAN finds %d written pages instead of %d", len(got), want)
		}
		page[0] = 1
	}
	return nil
}
