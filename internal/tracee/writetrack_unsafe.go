package tracee

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Definitions of linux/userfaultfd.h.
const (
	uffdioAPI      = 0xc018aa3f
	uffdioRegister = 0xc020aa00

	uffdVersion          = 0xaa
	uffdFeatureWP        = 1 << 0  // UFFD_FEATURE_PAGEFAULT_FLAG_WP
	uffdFeatureWPMissing = 1 << 13 // UFFD_FEATURE_WP_UNPOPULATED
	uffdFeatureWPAsync   = 1 << 15 // UFFD_FEATURE_WP_ASYNC
	uffdRegisterWP       = 1 << 1  // UFFDIO_REGISTER_MODE_WP

	// UFFD_USER_MODE_ONLY needs no privilege. It concerns faults handed to the
	// descriptor, of which there are none: the kernel's writes are noted, too.
	uffdFlags = unix.O_CLOEXEC | unix.O_NONBLOCK | 1
)

// Definitions of linux/fs.h.
const (
	pagemapScan        = 0xc0606610
	pmScanWPMatching   = 1 << 0
	pmScanCheckWPAsync = 1 << 1
	pageIsWritten      = 1 << 1
	pageIsPresent      = 1 << 3
	pageIsSwapped      = 1 << 4
	scanRegions        = 512
)

// pageRegion is struct page_region.
type pageRegion struct{ start, end, categories uint64 }

// pmScanArg is struct pm_scan_arg.
type pmScanArg struct {
	size, flags               uint64
	start, end, walkEnd       uint64
	vec, vecLen, maxPages     uint64
	categoryInverted          uint64
	categoryMask, categoryAny uint64
	returnMask                uint64
}

func newUffd() (int, error) {
	fd, _, e := unix.Syscall(unix.SYS_USERFAULTFD, uffdFlags, 0, 0)
	return int(fd), errno(0, 0, e)
}

func uffdEnable(fd int) error {
	arg := struct{ api, features, ioctls uint64 }{
		uffdVersion, uffdFeatureWP | uffdFeatureWPMissing | uffdFeatureWPAsync, 0,
	}
	_, err := ioctl(fd, uffdioAPI, unsafe.Pointer(&arg))
	return os.NewSyscallError("UFFDIO_API", err)
}

func uffdRegister(fd int, r PageRange) error {
	arg := struct{ start, len, mode, ioctls uint64 }{r.Start, r.End - r.Start, uffdRegisterWP, 0}
	_, err := ioctl(fd, uffdioRegister, unsafe.Pointer(&arg))
	return os.NewSyscallError("UFFDIO_REGISTER", err)
}

// protect makes the pages of r count as not written.
func (w *WriteTracker) protect(r PageRange) error {
	arg := scanArg(r, pmScanWPMatching|pmScanCheckWPAsync)
	_, err := ioctl(int(w.pagemap.Fd()), pagemapScan, unsafe.Pointer(&arg))
	return os.NewSyscallError("PAGEMAP_SCAN", err)
}

// scan returns written pages of r, as many as fit, and the address behind the
// last one looked at. The result is valid until the next scan.
func (w *WriteTracker) scan(r PageRange) ([]pageRegion, uint64, error) {
	arg := scanArg(r, pmScanCheckWPAsync)
	return arg.scan(w.pagemap, w.regions)
}

// scan puts the pages that arg asks for into buf, as many as fit, and returns them
// and the address behind the last one looked at.
func (arg *pmScanArg) scan(pagemap *os.File, buf []pageRegion) ([]pageRegion, uint64, error) {
	var pin runtime.Pinner // the kernel gets the address as a number
	pin.Pin(unsafe.SliceData(buf))
	defer pin.Unpin()
	arg.size = uint64(unsafe.Sizeof(*arg))
	arg.vec = uint64(uintptr(unsafe.Pointer(unsafe.SliceData(buf))))
	arg.vecLen = uint64(len(buf))
	n, err := ioctl(int(pagemap.Fd()), pagemapScan, unsafe.Pointer(arg))
	if err != nil {
		return nil, 0, os.NewSyscallError("PAGEMAP_SCAN", err)
	}
	if n == 0 {
		return nil, arg.end, nil
	}
	return buf[:n], arg.walkEnd, nil
}

// scanArg asks for written pages alone, the case that the kernel has a fast
// path for and in which it counts discarded pages as written.
func scanArg(r PageRange, flags uint64) pmScanArg {
	return pmScanArg{
		size: uint64(unsafe.Sizeof(pmScanArg{})), flags: flags,
		start: r.Start, end: r.End,
		categoryMask: pageIsWritten, returnMask: pageIsWritten,
	}
}

func rangeOf(p []byte) PageRange {
	start := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(p))))
	return PageRange{start, start + uint64(len(p))}
}
