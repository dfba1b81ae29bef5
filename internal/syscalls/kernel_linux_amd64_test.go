package syscalls

import (
	"bytes"
	"encoding/binary"
	"os"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ownMem is memory of the test itself, which the kernel may be given.
type ownMem struct {
	b    []byte
	base uint64
}

func newOwnMem(t *testing.T, n int) *ownMem {
	t.Helper()
	b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Munmap(b); err != nil {
			t.Error(err)
		}
	})
	return &ownMem{b, uint64(uintptr(unsafe.Pointer(&b[0])))}
}

func (m *ownMem) ReadMem(addr uint64, p []byte) (int, error) {
	f := fakeMem{m.base, m.b}
	return f.ReadMem(addr, p)
}

func (m *ownMem) put(off int, vs ...uint64) uint64 {
	copy(m.b[off:], le(vs...))
	return m.base + uint64(off)
}

// kernelCall is a call to be made with everything for it prepared: it returns
// the arguments.
type kernelCall struct {
	name    string
	nr      int
	prepare func(k *kernelTest) [6]uint64
}

type kernelTest struct {
	t   *testing.T
	m   *ownMem
	fds []int
	at  []int // where in memory the call leaves descriptors
}

// close closes what the call was prepared with, and what it has made: so the
// next gets the same descriptors.
func (k *kernelTest) close() {
	for _, at := range k.at {
		k.keep(int(binary.LittleEndian.Uint32(k.m.b[at:])))
	}
	for _, fd := range k.fds {
		k.must(unix.Close(fd))
	}
}

// rightsAt is where the first descriptor lies in what header laid out.
const rightsAt = 0x500 + unix.SizeofCmsghdr

func (k *kernelTest) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kernelTest) keep(fds ...int) { k.fds = append(k.fds, fds...) }

// pair returns two connected sockets, in one of which a message waits.
func (k *kernelTest) pair(kind int, data ...string) uint64 {
	p, err := unix.Socketpair(unix.AF_UNIX, kind, 0)
	k.must(err)
	k.keep(p[0], p[1])
	for _, d := range data {
		k.must(unix.Sendmsg(p[1], []byte(d), unix.UnixRights(p[0]), nil, 0))
	}
	return uint64(p[0])
}

// header lays out a struct msghdr at off: a name, two buffers, control data.
func (k *kernelTest) header(off int) uint64 {
	iov := k.m.put(off+0x100, k.m.base+uint64(off)+0x200, 3, k.m.base+uint64(off)+0x280, 100)
	return k.m.put(off, k.m.base+uint64(off)+0x400, 110, iov, 2, k.m.base+uint64(off)+0x500, 50, 0)
}

var kernelCalls = []kernelCall{
	{"read", unix.SYS_READ, func(k *kernelTest) [6]uint64 {
		return [6]uint64{k.pair(unix.SOCK_STREAM, "hello"), k.m.base + 3, 100}
	}},
	{"readv", unix.SYS_READV, func(k *kernelTest) [6]uint64 {
		return [6]uint64{k.pair(unix.SOCK_STREAM, "hello, world"), k.m.put(8, k.m.base+0x100, 3, 0, 0, k.m.base+0x200, 100), 3}
	}},
	{"readv fault", unix.SYS_READV, func(k *kernelTest) [6]uint64 {
		return [6]uint64{k.pair(unix.SOCK_STREAM, "hello, world"), 8, 3}
	}},
	{"recvfrom", unix.SYS_RECVFROM, func(k *kernelTest) [6]uint64 {
		return [6]uint64{k.pair(unix.SOCK_DGRAM, "hello, world"), k.m.base, 5, unix.MSG_TRUNC, k.m.base + 0x100, k.m.put(0x80, 100)}
	}},
	{"recvmsg", unix.SYS_RECVMSG, func(k *kernelTest) [6]uint64 {
		k.at = []int{0x1000 + rightsAt}
		return [6]uint64{k.pair(unix.SOCK_DGRAM, "hello, world"), k.header(0x1000)}
	}},
	{"recvmsg none", unix.SYS_RECVMSG, func(k *kernelTest) [6]uint64 {
		return [6]uint64{k.pair(unix.SOCK_DGRAM), k.header(0x1000), unix.MSG_DONTWAIT}
	}},
	{"recvmmsg", unix.SYS_RECVMMSG, func(k *kernelTest) [6]uint64 {
		fd := k.pair(unix.SOCK_DGRAM, "one", "the second")
		a := k.header(0x1000)
		b := k.header(0x2000)
		copy(k.m.b[0x1040:], k.m.b[b-k.m.base:][:56])
		k.at = []int{0x1000 + rightsAt, 0x2000 + rightsAt}
		return [6]uint64{fd, a, 2, unix.MSG_DONTWAIT}
	}},
	{"accept4", unix.SYS_ACCEPT4, func(k *kernelTest) [6]uint64 {
		l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		k.must(err)
		k.must(unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
		k.must(unix.Listen(l, 1))
		at, err := unix.Getsockname(l)
		k.must(err)
		c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		k.must(err)
		k.must(unix.Connect(c, at))
		k.keep(l, c)
		// Of the address only the family: its port is another each time.
		return [6]uint64{uint64(l), k.m.base, k.m.put(0x80, 2), unix.SOCK_CLOEXEC}
	}},
	{"poll", unix.SYS_POLL, func(k *kernelTest) [6]uint64 {
		fd := k.pair(unix.SOCK_STREAM, "x")
		return [6]uint64{k.m.put(0, fd|(unix.POLLIN|unix.POLLOUT)<<32, 9999|unix.POLLIN<<32), 2, 100}
	}},
	{"ppoll", unix.SYS_PPOLL, func(k *kernelTest) [6]uint64 {
		return [6]uint64{k.m.put(0, k.pair(unix.SOCK_STREAM)|unix.POLLIN<<32), 1, k.m.put(0x100, 0, 1000)}
	}},
	{"select", unix.SYS_SELECT, func(k *kernelTest) [6]uint64 {
		fd := k.pair(unix.SOCK_STREAM, "x")
		set := k.m.put(int(fd/64*8), 1<<(fd%64)) - fd/64*8
		return [6]uint64{fd + 1, set, 0, 0, k.m.put(0x100, 0, 0)}
	}},
	{"epoll_wait", unix.SYS_EPOLL_WAIT, func(k *kernelTest) [6]uint64 {
		fd := k.pair(unix.SOCK_STREAM, "x")
		ep, err := unix.EpollCreate1(0)
		k.must(err)
		k.keep(ep)
		k.must(unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, int(fd), &unix.EpollEvent{Events: unix.EPOLLIN, Fd: 77}))
		return [6]uint64{uint64(ep), k.m.base, 4, 100}
	}},
	{"waitid", unix.SYS_WAITID, func(k *kernelTest) [6]uint64 {
		return [6]uint64{unix.P_PID, 1 << 22, k.m.base, unix.WEXITED, k.m.base + 0x100}
	}},
	{"nanosleep", unix.SYS_NANOSLEEP, func(k *kernelTest) [6]uint64 {
		at := k.m.put(0, 0, 1000)
		return [6]uint64{at, at}
	}},
	{"getdents64", unix.SYS_GETDENTS64, func(k *kernelTest) [6]uint64 {
		fd, err := unix.Open("/proc/self/task", unix.O_RDONLY|unix.O_DIRECTORY, 0)
		k.must(err)
		k.keep(fd)
		return [6]uint64{uint64(fd), k.m.base, 56}
	}},
	{"splice", unix.SYS_SPLICE, func(k *kernelTest) [6]uint64 {
		f, err := os.CreateTemp(k.t.TempDir(), "")
		k.must(err)
		fd, err := unix.Dup(int(f.Fd()))
		k.must(err)
		_, err = f.WriteString("0123456789")
		k.must(err)
		k.must(f.Close())
		var p [2]int
		k.must(unix.Pipe(p[:]))
		k.keep(fd, p[0], p[1])
		return [6]uint64{uint64(fd), k.m.put(0, 3), uint64(p[1]), 0, 100}
	}},
	{"msgrcv", unix.SYS_MSGRCV, func(k *kernelTest) [6]uint64 {
		q, _, e := unix.Syscall(unix.SYS_MSGGET, unix.IPC_PRIVATE, 0o600, 0)
		if e != 0 {
			k.t.Skip("no message queues: ", e)
		}
		k.t.Cleanup(func() {
			if _, _, e := unix.Syscall(unix.SYS_MSGCTL, q, unix.IPC_RMID, 0); e != 0 {
				k.t.Error(e)
			}
		})
		k.m.put(0x100, 7, 0x6f6c6c6568)
		if _, _, e := unix.Syscall6(unix.SYS_MSGSND, q, uintptr(k.m.base)+0x100, 5, 0, 0, 0); e != 0 {
			k.t.Fatal(e)
		}
		return [6]uint64{uint64(q), k.m.base, 20}
	}},
	{"TIOCGWINSZ", unix.SYS_IOCTL, func(k *kernelTest) [6]uint64 {
		fd, err := unix.Open("/dev/ptmx", unix.O_RDWR, 0)
		if err != nil {
			k.t.Skip(err)
		}
		k.keep(fd)
		return [6]uint64{uint64(fd), unix.TIOCGWINSZ, k.m.base}
	}},
}

func rawCall(nr int, a *[6]uint64) int64 {
	r, _, e := unix.Syscall6(uintptr(nr), uintptr(a[0]), uintptr(a[1]), uintptr(a[2]), uintptr(a[3]), uintptr(a[4]), uintptr(a[5]))
	if e != 0 {
		return -int64(e)
	}
	return int64(r)
}

// TestRedirectByKernel makes each call twice, as it is and redirected, and
// compares what is in memory then.
func TestRedirectByKernel(t *testing.T) {
	for _, c := range kernelCalls {
		t.Run(c.name, func(t *testing.T) {
			guest, scratch := newOwnMem(t, 0x4000), newOwnMem(t, 0x4000)
			row, _ := ByNumber(c.nr)
			var results [2]int64
			var memory [2][]byte
			for i := range results {
				for j := range guest.b {
					guest.b[j], scratch.b[j] = byte(j*5), 0xcc
				}
				k := &kernelTest{t: t, m: guest}
				args := c.prepare(k)
				if i == 0 {
					results[i] = rawCall(c.nr, &args)
				} else {
					results[i] = redirected(t, row, args, guest, scratch)
				}
				memory[i] = bytes.Clone(guest.b)
				if c.nr == unix.SYS_ACCEPT4 {
					k.keep(int(results[i]))
				}
				k.close()
			}
			if results[0] != results[1] {
				t.Errorf("result %d, redirected %d", results[0], results[1])
			}
			if at := firstDifference(memory[0], memory[1]); at >= 0 {
				t.Errorf("memory differs at %#x: %x, redirected %x", at, memory[0][at], memory[1][at])
			}
		})
	}
}

// redirected makes a call as a recorder would.
func redirected(t *testing.T, row *Row, args [6]uint64, guest, scratch *ownMem) int64 {
	t.Helper()
	pre := row.Prepare(&args, guest)
	d, ok := row.Redirect(&args, &pre, guest, Range{Addr: scratch.base, Len: uint64(len(scratch.b))})
	if !ok {
		t.Fatalf("cannot be redirected, size %d", d.Size)
	}
	for _, a := range d.Areas {
		copy(scratch.b[a.Scratch-scratch.base:], a.Init)
	}
	before := bytes.Clone(guest.b)
	result := rawCall(row.NR, &d.Args)
	if !bytes.Equal(before, guest.b) {
		t.Error("the call itself changed the guest's memory")
	}
	copies, err := d.Copies(result, scratch)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range copies {
		copy(guest.b[c.To-guest.base:][:c.Len], scratch.b[c.From-scratch.base:])
	}
	// What is logged then is what the table says of the original call.
	if _, err := row.Outputs(&args, &pre, result, guest); err != nil && result != -int64(syscall.EFAULT) {
		t.Error(err)
	}
	return result
}
