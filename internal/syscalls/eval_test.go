package syscalls

import (
	"encoding/binary"
	"errors"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// fakeMem is memory from base up; reads beyond it are cut short.
type fakeMem struct {
	base uint64
	b    []byte
}

func newMem() *fakeMem { return &fakeMem{base: 0x1000, b: make([]byte, 0x1000)} }

func (m *fakeMem) ReadMem(addr uint64, p []byte) (int, error) {
	if addr < m.base || addr >= m.base+uint64(len(m.b)) {
		return 0, syscall.EIO
	}
	n := copy(p, m.b[addr-m.base:])
	if n < len(p) {
		return n, syscall.EIO
	}
	return n, nil
}

func (m *fakeMem) put32(addr uint64, v uint32) {
	binary.LittleEndian.PutUint32(m.b[addr-m.base:], v)
}

func (m *fakeMem) put64(addr uint64, vs ...uint64) {
	for i, v := range vs {
		binary.LittleEndian.PutUint64(m.b[addr-m.base+uint64(8*i):], v)
	}
}

// none is a result for which during must not matter.
func none(*fakeMem) {}

func TestOutputs(t *testing.T) {
	iovec := func(m *fakeMem) { m.put64(0x1000, 0x9000, 10, 0, 0, 0xa000, 20, 0xb000, 5) }
	for _, c := range []struct {
		name           string
		nr             int
		args           [6]uint64
		before, during func(*fakeMem)
		result         int64
		want           []Range
	}{
		{"read", unix.SYS_READ, [6]uint64{3, 0x9000, 100}, none, none, 7, []Range{{0x9000, 7, false}}},
		{"read at end", unix.SYS_READ, [6]uint64{3, 0x9000, 100}, none, none, 0, nil},
		{"read again", unix.SYS_READ, [6]uint64{3, 0x9000, 100}, none, none, -11, nil},
		{"read fault", unix.SYS_READ, [6]uint64{3, 0x9000, 100}, none, none, -14, []Range{{0x9000, 100, true}}},
		{"read wrapping fault", unix.SYS_READ, [6]uint64{3, 1<<64 - 8, 100}, none, none, -14, nil},
		{"write", unix.SYS_WRITE, [6]uint64{1, 0x9000, 100}, none, none, 100, nil},
		{"recv truncated", unix.SYS_RECVFROM, [6]uint64{3, 0x9000, 10, unix.MSG_TRUNC}, none, none, 1500, []Range{{0x9000, 10, false}}},
		{"getxattr size", unix.SYS_GETXATTR, [6]uint64{1, 2, 0x9000, 0}, none, none, 40, nil},
		{"getgroups count", unix.SYS_GETGROUPS, [6]uint64{0xffffffff << 32, 0x9000}, none, none, 3, nil},
		{"getgroups", unix.SYS_GETGROUPS, [6]uint64{8, 0x9000}, none, none, 3, []Range{{0x9000, 12, false}}},
		{"epoll_wait", unix.SYS_EPOLL_WAIT, [6]uint64{3, 0x9000, 16}, none, none, 2, []Range{{0x9000, 24, false}}},
		{"poll", unix.SYS_POLL, [6]uint64{0x9000, 7<<32 | 2}, none, none, 0, []Range{{0x9000, 16, false}}},
		{"poll interrupted", unix.SYS_POLL, [6]uint64{0x9000, 2}, none, none, -4, []Range{{0x9000, 16, false}}},
		{"poll restarting", unix.SYS_POLL, [6]uint64{0x9000, 2}, none, none, -516, []Range{{0x9000, 16, false}}},
		{"poll refused", unix.SYS_POLL, [6]uint64{0x9000, 1 << 30}, none, none, -22, nil},
		{"select", unix.SYS_SELECT, [6]uint64{65, 0x9000, 0, 0xa000, 0xb000}, none, none, 1,
			[]Range{{0x9000, 16, true}, {0xa000, 16, true}, {0xb000, 16, true}}},
		{"select interrupted", unix.SYS_SELECT, [6]uint64{65, 0x9000, 0, 0, 0xb000}, none, none, -4, []Range{{0xb000, 16, true}}},
		{"nanosleep", unix.SYS_NANOSLEEP, [6]uint64{1, 0x9000}, none, none, -4, []Range{{0x9000, 16, true}}},
		{"nanosleep refused", unix.SYS_NANOSLEEP, [6]uint64{1, 0x9000}, none, none, -22, nil},
		{"wait4", unix.SYS_WAIT4, [6]uint64{0, 0x9000, 0, 0xa000}, none, none, 77, []Range{{0x9000, 4, false}, {0xa000, 144, false}}},
		{"wait4 nothing", unix.SYS_WAIT4, [6]uint64{0, 0x9000, 1, 0xa000}, none, none, 0, nil},
		{"waitid no child", unix.SYS_WAITID, [6]uint64{0, 0, 0x9000}, none, none, -10, []Range{{0x9000, 128, true}}},
		{"mincore", unix.SYS_MINCORE, [6]uint64{0, 4097, 0x9000}, none, none, 0, []Range{{0x9000, 2, false}}},
		{"get_mempolicy", unix.SYS_GET_MEMPOLICY, [6]uint64{0x9000, 0xa000, 65}, none, none, 0, []Range{{0x9000, 4, false}, {0xa000, 8, false}}},
		{"get_mempolicy no mask", unix.SYS_GET_MEMPOLICY, [6]uint64{0x9000, 0, 0}, none, none, 0, []Range{{0x9000, 4, false}}},
		{"msgrcv", unix.SYS_MSGRCV, [6]uint64{1, 0x9000, 64}, none, none, 5, []Range{{0x9000, 8, false}, {0x9008, 5, false}}},
		{"clone", unix.SYS_CLONE, [6]uint64{cloneParentSetTID, 0, 0x9000}, none, none, 99, []Range{{0x9000, 4, false}}},
		{"clone plain", unix.SYS_CLONE, [6]uint64{17, 0, 0x9000}, none, none, 99, nil},
		{"getsockname cut", unix.SYS_GETSOCKNAME, [6]uint64{3, 0x9000, 0x1000},
			func(m *fakeMem) { m.put32(0x1000, 8) }, func(m *fakeMem) { m.put32(0x1000, 110) }, 0,
			[]Range{{0x9000, 8, false}, {0x1000, 4, false}}},
		{"getsockname", unix.SYS_GETSOCKNAME, [6]uint64{3, 0x9000, 0x1000},
			func(m *fakeMem) { m.put32(0x1000, 128) }, func(m *fakeMem) { m.put32(0x1000, 16) }, 0,
			[]Range{{0x9000, 16, false}, {0x1000, 4, false}}},
		{"recvfrom no address", unix.SYS_RECVFROM, [6]uint64{3, 0x9000, 10}, none, none, 4, []Range{{0x9000, 4, false}}},
		{"readv", unix.SYS_READV, [6]uint64{3, 0x1000, 4}, iovec, none, 32,
			[]Range{{0x9000, 10, false}, {0xa000, 20, false}, {0xb000, 2, false}}},
		{"readv over its own vector", unix.SYS_READV, [6]uint64{3, 0x1000, 4}, iovec,
			func(m *fakeMem) { m.put64(0x1000, 0, 0, 0, 0) }, 12, []Range{{0x9000, 10, false}, {0xa000, 2, false}}},
		{"readv fault", unix.SYS_READV, [6]uint64{3, 0x1000, 2}, iovec, none, -14, []Range{{0x9000, 10, true}}},
		{"recvmsg", unix.SYS_RECVMSG, [6]uint64{3, 0x1100}, func(m *fakeMem) {
			iovec(m)
			m.put64(0x1100, 0xc000, 16, 0x1000, 4, 0xd000, 64, 0)
		}, func(m *fakeMem) {
			m.put32(0x1108, 110)
			m.put64(0x1128, 24)
		}, 11, []Range{{0x9000, 10, false}, {0xa000, 1, false}, {0xc000, 16, false}, {0xd000, 24, false},
			{0x1108, 4, false}, {0x1128, 8, false}, {0x1130, 4, false}}},
		{"recvmmsg", unix.SYS_RECVMMSG, [6]uint64{3, 0x1100, 2, 0, 0xe000}, func(m *fakeMem) {
			iovec(m)
			m.put64(0x1100, 0, 0, 0x1000, 1, 0, 0, 0)
			m.put64(0x1140, 0, 0, 0x1020, 1, 0, 0, 0)
		}, func(m *fakeMem) { m.put32(0x1138, 3) }, 1,
			[]Range{{0x9000, 3, false}, {0x1108, 4, false}, {0x1128, 8, false}, {0x1130, 4, false},
				{0x1138, 4, false}, {0xe000, 16, false}}},
		{"sendmmsg", unix.SYS_SENDMMSG, [6]uint64{3, 0x1100, 5}, none, none, 2, []Range{{0x1138, 4, false}, {0x1178, 4, false}}},
		{"name_to_handle_at", unix.SYS_NAME_TO_HANDLE_AT, [6]uint64{3, 1, 0x1100, 0x9000, 1}, none,
			func(m *fakeMem) { m.put32(0x1100, 12) }, 0,
			[]Range{{0x1100, 8, true}, {0x1108, 12, false}, {0x9000, 4, true}, {0x9000, 8, true}}},
		{"clone3", unix.SYS_CLONE3, [6]uint64{0x1100, 88}, func(m *fakeMem) {
			m.put64(0x1100, clonePIDFD, 0x9000, 0xa000, 0xb000)
		}, none, 99, []Range{{0x9000, 4, false}}},
		{"getxattrat", unix.SYS_GETXATTRAT, [6]uint64{3, 1, 0, 1, 0x1100, 16}, func(m *fakeMem) {
			m.put64(0x1100, 0x9000, 4)
		}, none, 9, []Range{{0x9000, 4, false}}},
		{"SIOCGIFCONF", unix.SYS_IOCTL, [6]uint64{3, unix.SIOCGIFCONF, 0x1100}, none,
			func(m *fakeMem) { m.put64(0x1100, 80, 0x9000) }, 0, []Range{{0x1100, 4, false}, {0x9000, 80, false}}},
		{"FIONREAD", unix.SYS_IOCTL, [6]uint64{3, 0x541b, 0x9000}, none, none, 0, []Range{{0x9000, 4, false}}},
		{"unknown ioctl", unix.SYS_IOCTL, [6]uint64{3, 0x80101234, 0x9000}, none, none, 0, []Range{{0x9000, 16, true}}},
		{"mmap", unix.SYS_MMAP, [6]uint64{}, none, none, 0x7fff00000000, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			row, _ := ByNumber(c.nr)
			mem := newMem()
			c.before(mem)
			pre := row.Prepare(&c.args, mem)
			c.during(mem)
			got, err := row.Outputs(&c.args, &pre, c.result, mem)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
}

func TestOutputsUnreadable(t *testing.T) {
	row, _ := ByNumber(unix.SYS_GETSOCKNAME)
	args := [6]uint64{3, 0x9000, 0xdead0000}
	pre := row.Prepare(&args, newMem())
	if _, err := row.Outputs(&args, &pre, 0, newMem()); !errors.Is(err, syscall.EIO) {
		t.Errorf("success with an unreadable length: %v", err)
	}
	if got, err := row.Outputs(&args, &pre, -14, newMem()); err != nil || len(got) != 1 || !got[0].Lax {
		t.Errorf("EFAULT: %v, %v", got, err)
	}
}

// FuzzOutputs: whatever the arguments and memory, no panic, no overflow.
func FuzzOutputs(f *testing.F) {
	f.Add(0, uint64(1), uint64(0x1000), uint64(100), uint64(0), uint64(0), int64(7), []byte{1, 2, 3})
	f.Add(299, uint64(1), uint64(0x1000), uint64(100), uint64(0), uint64(0), int64(7), make([]byte, 400))
	f.Fuzz(func(t *testing.T, nr int, a, b, c, d, e uint64, result int64, content []byte) {
		row, ok := ByNumber(nr)
		if !ok {
			return
		}
		args := [6]uint64{a, b, c, d, e}
		mem := &fakeMem{0x1000, content}
		pre := row.Prepare(&args, mem)
		ranges, _ := row.Outputs(&args, &pre, result, mem)
		for _, r := range ranges {
			if r.Addr == 0 || r.Len == 0 || r.Addr+r.Len < r.Addr {
				t.Errorf("%s: %+v", pre.Effect.Name, r)
			}
		}
	})
}
