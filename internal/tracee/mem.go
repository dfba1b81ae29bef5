package tracee

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// ReadMem reads memory at addr, whatever its protection, and returns the
// number of bytes read: fewer than len(p) only with an error.
func (t *Tracee) ReadMem(addr uint64, p []byte) (int, error) {
	if t.place == reaped {
		return 0, t.wrap("read memory", ErrGone)
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, _ := processVMRead(t.TID, addr, p)
	if n == len(p) {
		return n, nil
	}
	// /proc/PID/mem, unlike process_vm_readv, ignores page protection.
	m, err := t.transfer(unix.Pread, addr+uint64(n), p[n:])
	n += m
	if err != nil {
		return n, fmt.Errorf("read %d bytes at %#x: %w", len(p), addr, t.wrap("memory", err))
	}
	return n, nil
}

// WriteMem writes memory at addr, whatever its protection: a private mapping
// gets its own copy of the page. An error may come after a part was written.
func (t *Tracee) WriteMem(addr uint64, p []byte) error {
	if t.place == reaped {
		return t.wrap("write memory", ErrGone)
	}
	if _, err := t.transfer(unix.Pwrite, addr, p); err != nil {
		return fmt.Errorf("write %d bytes at %#x: %w", len(p), addr, t.wrap("memory", err))
	}
	return nil
}

// transfer moves all of p by pread or pwrite on /proc/PID/mem.
func (t *Tracee) transfer(op func(int, []byte, int64) (int, error), addr uint64, p []byte) (int, error) {
	fd, err := t.memFD()
	if err != nil {
		return 0, err
	}
	done := 0
	for done < len(p) {
		n, err := op(fd, p[done:], int64(addr)+int64(done))
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EIO):
			return done, unix.EFAULT // what the address deserves
		case err != nil:
			return done, err
		case n == 0:
			return done, unix.ESRCH // the memory of a dead process is empty
		}
		done += max(n, 0)
	}
	return done, nil
}

// memFD returns the open /proc/PID/mem. It belongs to one image: execve makes
// it useless.
func (t *Tracee) memFD() (int, error) {
	if t.mem >= 0 {
		return t.mem, nil
	}
	fd, err := unix.Open(fmt.Sprintf("/proc/%d/mem", t.TID), unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		if errors.Is(err, unix.ENOENT) {
			err = unix.ESRCH
		}
		return -1, err
	}
	t.mem = fd
	return fd, nil
}

func (t *Tracee) closeMem() {
	if t.mem >= 0 {
		unix.Close(t.mem)
		t.mem = -1
	}
}

// Memory returns the tracee's memory as an io.ReaderAt.
func (t *Tracee) Memory() io.ReaderAt { return memory{t} }

type memory struct{ t *Tracee }

func (m memory) ReadAt(p []byte, off int64) (int, error) { return m.t.ReadMem(uint64(off), p) }

// OpenFD returns our own descriptor for the file that is fd in the tracee.
// It shares the file offset where the kernel allows that (Linux 5.6), else it
// is a new open of the same file.
func (t *Tracee) OpenFD(fd int) (*os.File, error) {
	if t.place == reaped {
		return nil, t.wrap("take descriptor", ErrGone)
	}
	name := fmt.Sprintf("/proc/%d/fd/%d", t.TID, fd)
	got, err := t.getFD(fd)
	if err == nil {
		return os.NewFile(uintptr(got), name), nil
	}
	if !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EPERM) {
		return nil, fmt.Errorf("take descriptor %d: %w", fd, t.wrap("pidfd_getfd", err))
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, os.ErrPermission) {
		f, err = os.Open(name)
	}
	if err != nil {
		return nil, fmt.Errorf("take descriptor %d of %d: %w", fd, t.PID, err)
	}
	return f, nil
}

func (t *Tracee) getFD(fd int) (int, error) {
	pidfd, err := unix.PidfdOpen(t.PID, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(pidfd)
	return unix.PidfdGetfd(pidfd, fd, 0)
}
