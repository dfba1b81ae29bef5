package engine

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/tracee"
)

// shared is memory that a process and the supervisor are to share. theirs is
// a descriptor of it in the process, which mapping it there closes.
type shared struct {
	mem    []byte
	fd     int
	theirs uint64
}

// memfdName is what /proc/PID/maps calls our memory.
const memfdName = "hindsight\x00"

// share makes memory for the present process. The process itself creates the
// memfd, and we open it: the other way round it would have to find us in a
// /proc of its own, which it does not after chroot(2), in another mount or PID
// namespace, or as another user.
func (e *Engine) share(gadget, size uint64) (m shared, err error) {
	err = e.withBytes(gadget, []byte(memfdName), func(name uint64) (err error) {
		m.theirs, err = createMemfd(e.t, gadget, name)
		return err
	})
	if err != nil {
		return m, fmt.Errorf("memory to share with process %d: %w", e.t.PID, err)
	}
	return m, m.open(e.t, size)
}

// open opens and maps what t has created.
func (m *shared) open(t *tracee.Tracee, size uint64) error {
	path := fmt.Sprintf("/proc/%d/fd/%d", t.TID, m.theirs)
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	if err = unix.Ftruncate(fd, int64(size)); err == nil {
		m.mem, err = unix.Mmap(fd, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	}
	if err != nil {
		unix.Close(fd)
		return fmt.Errorf("mapping %d bytes of shared memory: %w", size, err)
	}
	m.fd = fd
	return nil
}

// createMemfd makes t create a memfd. If it has used up its descriptors it gets
// one more for the moment.
func createMemfd(t *tracee.Tracee, gadget, name uint64) (uint64, error) {
	fd, err := t.RemoteCall(gadget, unix.SYS_MEMFD_CREATE, name, unix.MFD_CLOEXEC)
	if !errors.Is(err, unix.EMFILE) {
		return fd, err
	}
	// Of a process of another user only one that may do anything changes limits.
	var old unix.Rlimit
	if err := unix.Prlimit(t.PID, unix.RLIMIT_NOFILE, nil, &old); err != nil {
		return 0, fmt.Errorf("limit of descriptors: %w", err)
	}
	more := unix.Rlimit{Cur: old.Cur + 1, Max: max(old.Max, old.Cur+1)}
	if err := unix.Prlimit(t.PID, unix.RLIMIT_NOFILE, &more, nil); err != nil {
		return 0, fmt.Errorf("one descriptor more than %d: %w", old.Cur, err)
	}
	fd, err = t.RemoteCall(gadget, unix.SYS_MEMFD_CREATE, name, unix.MFD_CLOEXEC)
	return fd, errors.Join(err, unix.Prlimit(t.PID, unix.RLIMIT_NOFILE, &old, nil))
}

// withBytes lends b to a remote syscall of the present process: from the arena,
// or from the stack as long as there is none.
func (e *Engine) withBytes(gadget uint64, b []byte, call func(at uint64) error) error {
	if e.mem != nil && gadget == e.Gadget() {
		return call(e.Lend(b))
	}
	regs, err := e.t.Regs()
	if err != nil {
		return err
	}
	old := make([]byte, len(b))
	if _, err := e.t.ReadMem(regs.Rsp, old); err != nil {
		return err
	}
	if err := e.t.WriteMem(regs.Rsp, b); err != nil {
		return err
	}
	if err := call(regs.Rsp); err != nil {
		return err
	}
	return e.t.WriteMem(regs.Rsp, old)
}

// lend opens the supervisor's descriptor fd in the tracee, and returns its
// number there. Only in replay, where every process can see us.
func (e *Engine) lend(fd int) (uint64, error) {
	path := fmt.Appendf(nil, "/proc/%d/fd/%d\x00", os.Getpid(), fd)
	got, err := e.t.RemoteCall(e.Gadget(), unix.SYS_OPEN, e.Lend(path), unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("opening our descriptor %d in process %d: %w", fd, e.t.PID, err)
	}
	return got, nil
}

// NewFile makes the present process a memfd with the given contents, to take
// the place of its descriptor instead of, and returns its descriptor there. If
// there is no other to be had it is that one.
func (e *Engine) NewFile(name string, content []byte, instead uint64) (uint64, error) {
	at := e.Lend(append([]byte(name), 0))
	fd, err := createMemfd(e.t, e.Gadget(), at)
	if errors.Is(err, unix.EPERM) {
		if _, err := e.t.RemoteCall(e.Gadget(), unix.SYS_CLOSE, instead); err != nil {
			return 0, fmt.Errorf("a file for process %d: %w", e.t.PID, err)
		}
		fd, err = createMemfd(e.t, e.Gadget(), at)
	}
	if err != nil {
		return 0, fmt.Errorf("a file for process %d: %w", e.t.PID, err)
	}
	path := fmt.Sprintf("/proc/%d/fd/%d", e.t.TID, fd)
	if err := os.WriteFile(path, content, 0); err != nil {
		return 0, err
	}
	// As files in /proc are (proc(5)); nothing depends on it.
	_ = os.Chmod(path, 0o444)
	return fd, nil
}

// Hidden returns the engine's memory in the tracee, and which of it is code.
func (e *Engine) Hidden() []Mapping {
	out := []Mapping{
		{Start: e.arena, End: e.arena + area.Code},
		{Start: e.arena + area.Code, End: e.arena + area.Log, Prot: unix.PROT_EXEC},
		{Start: e.arena + area.Log, End: e.arena + area.Size},
	}
	for _, r := range e.regions {
		out = append(out, Mapping{Start: r.base, End: r.base + r.size, Prot: unix.PROT_EXEC})
	}
	return out
}

// Most returns how much address space the engine may come to take: what it has,
// and a region.
func (e *Engine) Most() uint64 {
	n := area.Size + e.opt.CacheSize
	for _, r := range e.regions {
		n += r.size
	}
	return n
}

// Resident returns how many bytes of the engine's memory the tracee has in its
// page table.
func (e *Engine) Resident() (uint64, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/pagemap", e.t.TID))
	if err != nil {
		return 0, fmt.Errorf("memory of ours in process %d: %w", e.t.PID, err)
	}
	defer f.Close()
	ranges := [][2]uint64{{e.arena, area.Size}}
	for _, r := range e.regions {
		for i := range r.parts {
			ranges = append(ranges, [2]uint64{r.parts[i].base, r.parts[i].used})
		}
	}
	var n uint64
	for _, r := range ranges {
		entries := make([]byte, (r[1]+pageSize-1)/pageSize*8)
		if _, err := f.ReadAt(entries, int64(r[0]/pageSize*8)); err != nil {
			return 0, fmt.Errorf("memory of ours in process %d: %w", e.t.PID, err)
		}
		for i := 7; i < len(entries); i += 8 {
			if entries[i]&0x80 != 0 { // bit 63: in RAM (pagemap.rst)
				n += pageSize
			}
		}
	}
	return n, nil
}
