package syscalls

import (
	"bytes"
	"encoding/binary"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// twoMems is a guest's memory and a scratch memory.
type twoMems struct{ guest, scratch *fakeMem }

const (
	guestBase   = 0x10000
	scratchBase = 0x7f0000
)

func newMems(n int) twoMems {
	m := twoMems{&fakeMem{guestBase, make([]byte, 0x8000)}, &fakeMem{scratchBase, make([]byte, n)}}
	for i := range m.guest.b {
		m.guest.b[i] = byte(i*7 + i>>8)
	}
	for i := range m.scratch.b {
		m.scratch.b[i] = 0xcc
	}
	return m
}

func (m twoMems) part(addr uint64) *fakeMem {
	if addr >= scratchBase {
		return m.scratch
	}
	return m.guest
}

func (m twoMems) ReadMem(addr uint64, p []byte) (int, error) { return m.part(addr).ReadMem(addr, p) }

func (m twoMems) write(addr uint64, p []byte) {
	part := m.part(addr)
	copy(part.b[addr-part.base:], p)
}

func (m twoMems) space() Range { return Range{Addr: scratchBase, Len: uint64(len(m.scratch.b))} }

// begin does what a recorder does before the call.
func (m twoMems) begin(d *Redirection) {
	for _, a := range d.Areas {
		m.write(a.Scratch, a.Init)
	}
}

// end does what it does afterwards.
func (m twoMems) end(t *testing.T, d *Redirection, result int64) {
	t.Helper()
	copies, err := d.Copies(result, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range copies {
		b := make([]byte, c.Len)
		if _, err := m.ReadMem(c.From, b); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		m.write(c.To, b)
	}
}

func le(vs ...uint64) (b []byte) {
	for _, v := range vs {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

func u64At(m Reader, addr uint64) uint64 {
	var b [8]byte
	if n, _ := m.ReadMem(addr, b[:]); n < len(b) {
		return 0
	}
	return binary.LittleEndian.Uint64(b[:])
}

// TestRedirect makes each call by a kernel that writes through the pointers
// that it is given, and compares what the guest finds.
func TestRedirect(t *testing.T) {
	const g = guestBase
	type kernel func(m twoMems, args [6]uint64) // writes through args
	fill := func(arg int, off uint64, s string) kernel {
		return func(m twoMems, args [6]uint64) { m.write(args[arg]+off, []byte(s)) }
	}
	all := func(ks ...kernel) kernel {
		return func(m twoMems, args [6]uint64) {
			for _, k := range ks {
				k(m, args)
			}
		}
	}
	at := func(f func(m twoMems, hdr uint64)) kernel {
		return func(m twoMems, args [6]uint64) { f(m, args[1]) }
	}
	message := func(m twoMems, h uint64) {
		m.write(u64At(m, h+offName), []byte("peer"))
		m.write(u64At(m, u64At(m, h+offIov)), []byte("ab"))
		m.write(u64At(m, u64At(m, h+offIov)+16), []byte("cde"))
		m.write(u64At(m, h+offControl), []byte("rights"))
		m.write(h+offNamelen, []byte{4, 0, 0, 0})
		m.write(h+offControllen, le(8))
		m.write(h+offFlags, []byte{0x40, 0, 0, 0})
	}
	header := slices.Concat(le(g+0x400, 16, g+0x200, 2, g+0x500, 64, 0), le(0))
	prepareMessage := func(m twoMems) {
		m.write(g+0x100, header)
		m.write(g+0x140, header)
		m.write(g+0x200, le(g+0x600, 2, g+0x700, 100))
	}
	word := func(v byte) func(twoMems) {
		return func(m twoMems) { m.write(g+0x100, []byte{v, 0, 0, 0}) }
	}
	nothing := func(twoMems) {}
	for _, c := range []struct {
		name   string
		nr     int
		args   [6]uint64
		before func(twoMems)
		kernel kernel
		result int64
		moved  []int // arguments that must be redirected
	}{
		{"read", unix.SYS_READ, [6]uint64{3, g + 8, 100}, nothing, fill(1, 0, "hello"), 5, []int{1}},
		{"read nothing", unix.SYS_READ, [6]uint64{3, g + 8, 100}, nothing, fill(1, 0, ""), 0, []int{1}},
		{"read fault", unix.SYS_READ, [6]uint64{3, g + 8, 100}, nothing, fill(1, 0, ""), -14, []int{1}},
		{"pread64", unix.SYS_PREAD64, [6]uint64{3, g, 100, 50}, nothing, fill(1, 0, "x"), 1, []int{1}},
		{"write", unix.SYS_WRITE, [6]uint64{3, g, 100}, nothing, fill(1, 0, ""), 100, nil},
		{"poll", unix.SYS_POLL, [6]uint64{g, 2, 1000}, func(m twoMems) { m.write(g, le(3|1<<32, 4|1<<32)) },
			fill(0, 14, "\x01\x00"), 1, []int{0}},
		{"ppoll", unix.SYS_PPOLL, [6]uint64{g, 1, g + 64}, nothing, all(fill(0, 6, "\x00\x00"), fill(2, 0, "0123456789abcdef")), 0, []int{0, 2}},
		{"select", unix.SYS_SELECT, [6]uint64{65, g, 0, g + 64, g + 128}, nothing,
			all(fill(1, 0, "0123456789abcdef"), fill(3, 0, "fedcba9876543210"), fill(4, 0, "0123456789abcdef")), 3, []int{1, 3, 4}},
		{"select, all one set", unix.SYS_PSELECT6, [6]uint64{65, g, g, g}, nothing, fill(3, 0, "0123456789abcdef"), 3, []int{1, 2, 3}},
		{"epoll_wait", unix.SYS_EPOLL_WAIT, [6]uint64{3, g, 8, 100}, nothing, fill(1, 0, "abcdefghijkl"), 1, []int{1}},
		{"epoll_pwait2", unix.SYS_EPOLL_PWAIT2, [6]uint64{3, g, 8, g + 0x300}, nothing, fill(1, 0, "abcdefghijkl"), 1, []int{1}},
		{"recvfrom", unix.SYS_RECVFROM, [6]uint64{3, g, 10, 0, g + 0x300, g + 0x100}, word(16),
			all(fill(1, 0, "0123456789"), fill(4, 0, "address!"), fill(5, 0, "\x08\x00\x00\x00")), 1500, []int{1, 4, 5}},
		{"recvfrom without address", unix.SYS_RECVFROM, [6]uint64{3, g, 10}, nothing, fill(1, 0, "01"), 2, []int{1}},
		{"accept cut", unix.SYS_ACCEPT, [6]uint64{3, g + 0x300, g + 0x100}, word(2),
			all(fill(1, 0, "ad"), fill(2, 0, "\x10\x00\x00\x00")), 5, []int{1, 2}},
		{"readv", unix.SYS_READV, [6]uint64{3, g + 0x200, 2}, prepareMessage, func(m twoMems, args [6]uint64) {
			m.write(u64At(m, args[1]), []byte("ab"))
			m.write(u64At(m, args[1]+16), []byte("c"))
		}, 3, []int{1}},
		{"recvmsg", unix.SYS_RECVMSG, [6]uint64{3, g + 0x100}, prepareMessage, at(message), 5, []int{1}},
		{"recvmmsg", unix.SYS_RECVMMSG, [6]uint64{3, g + 0x100, 2, 0, g + 0x300}, func(m twoMems) {
			prepareMessage(m)
			m.write(g+0x140+offName, le(g+0x800))
		}, all(at(message), fill(1, offMsgLen, "\x05\x00\x00\x00"), at(func(m twoMems, h uint64) { message(m, h+64) }),
			fill(1, 64+offMsgLen, "\x05\x00\x00\x00")), 2, []int{1, 4}},
		{"sendmmsg", unix.SYS_SENDMMSG, [6]uint64{3, g + 0x100, 2}, prepareMessage,
			all(fill(1, offMsgLen, "\x05\x00\x00\x00"), fill(1, 64+offMsgLen, "\x06\x00\x00\x00")), 2, []int{1}},
		{"wait4", unix.SYS_WAIT4, [6]uint64{^uint64(0), g, 0, g + 64}, nothing, all(fill(1, 0, "stat"), fill(3, 0, string(make([]byte, 144)))), 77, []int{1, 3}},
		{"wait4 nothing", unix.SYS_WAIT4, [6]uint64{^uint64(0), g, 1, g + 64}, nothing, fill(1, 0, ""), 0, []int{1, 3}},
		{"waitid", unix.SYS_WAITID, [6]uint64{0, 0, g + 0x100, 4, g + 0x200}, nothing, fill(2, 0, "siginfo....x"), 0, []int{2, 4}},
		{"nanosleep on itself", unix.SYS_NANOSLEEP, [6]uint64{g, g}, nothing, fill(1, 0, "0123456789abcdef"), -4, []int{1}},
		{"clock_nanosleep", unix.SYS_CLOCK_NANOSLEEP, [6]uint64{0, 0, g, g + 64}, nothing, fill(3, 0, ""), 0, []int{3}},
		{"rt_sigtimedwait", unix.SYS_RT_SIGTIMEDWAIT, [6]uint64{g, g + 64, g + 8, 8}, nothing, fill(1, 0, string(make([]byte, 128))), 10, []int{1}},
		{"msgrcv", unix.SYS_MSGRCV, [6]uint64{1, g, 64}, nothing, fill(1, 0, "message:text."), 5, []int{1}},
		{"mq_timedreceive", unix.SYS_MQ_TIMEDRECEIVE, [6]uint64{3, g, 64, g + 100}, nothing, all(fill(1, 0, "text"), fill(3, 0, "prio")), 4, []int{1, 3}},
		{"getdents64", unix.SYS_GETDENTS64, [6]uint64{3, g, 64}, nothing, all(fill(1, 0, "inode"), fill(1, 20, "name")), 24, []int{1}},
		{"getrandom", unix.SYS_GETRANDOM, [6]uint64{g, 8}, nothing, fill(0, 0, "random.."), 8, []int{0}},
		{"sendfile", unix.SYS_SENDFILE, [6]uint64{1, 2, g, 100}, nothing, fill(2, 0, "offset.."), 8, []int{2}},
		{"splice", unix.SYS_SPLICE, [6]uint64{1, 0, 2, g}, nothing, fill(3, 0, "offset.."), 8, []int{3}},
		{"copy_file_range", unix.SYS_COPY_FILE_RANGE, [6]uint64{1, g, 2, g + 8}, nothing, all(fill(1, 0, "from...."), fill(3, 0, "to......")), 8, []int{1, 3}},
		{"futex wait", unix.SYS_FUTEX, [6]uint64{g, 0}, nothing, fill(0, 0, ""), 0, nil},
		{"semtimedop", unix.SYS_SEMTIMEDOP, [6]uint64{1, g, 1, g}, nothing, fill(1, 0, ""), 0, nil},
		{"F_OFD_SETLKW", unix.SYS_FCNTL, [6]uint64{1, unix.F_OFD_SETLKW, g}, nothing, fill(2, 0, ""), 0, nil},
		{"unknown ioctl", unix.SYS_IOCTL, [6]uint64{3, 0xc0101234, g}, nothing, fill(2, 4, "out"), 0, []int{2}},
		{"bad pointer", unix.SYS_READ, [6]uint64{3, 1<<64 - 8, 100}, nothing, func(twoMems, [6]uint64) {}, -14, nil},
		{"bad vector", unix.SYS_READV, [6]uint64{3, 0x10, 2}, nothing, func(twoMems, [6]uint64) {}, -14, nil},
		{"negative buffer", unix.SYS_READV, [6]uint64{3, g + 0x200, 2}, func(m twoMems) { m.write(g+0x200, le(g, 1<<63, g, 1)) },
			func(twoMems, [6]uint64) {}, -22, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			row, _ := ByNumber(c.nr)
			native, m := newMems(0), newMems(0x2000)
			c.before(native)
			c.before(m)
			c.kernel(native, c.args)
			pre := row.Prepare(&c.args, m)
			d, ok := row.Redirect(&c.args, &pre, m, m.space())
			if !ok {
				t.Fatalf("cannot be redirected, size %d", d.Size)
			}
			for i := range c.args {
				if moved := d.Args[i] != c.args[i]; moved != slices.Contains(c.moved, i) {
					t.Errorf("argument %d: %#x is now %#x", i, c.args[i], d.Args[i])
				}
			}
			checkAreas(t, d, m.space())
			m.begin(d)
			c.kernel(m, d.Args)
			m.end(t, d, c.result)
			if i := firstDifference(native.guest.b, m.guest.b); i >= 0 {
				t.Errorf("guest memory differs at %#x", guestBase+i)
			}
		})
	}
}

func firstDifference(a, b []byte) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

// checkAreas checks that the areas lie in scratch memory, apart from each
// other, and are aligned like what they stand for.
func checkAreas(t *testing.T, d *Redirection, scratch Range) {
	t.Helper()
	end := scratch.Addr
	for _, a := range d.Areas {
		if a.Scratch < end || a.Len == 0 || a.Scratch+a.Len > scratch.Addr+d.Size || d.Size > scratch.Len {
			t.Fatalf("area %+v in scratch memory up to %#x, %d bytes", a, end, d.Size)
		}
		if a.Guest != 0 && (a.Scratch^a.Guest)%16 != 0 {
			t.Errorf("area at %#x is aligned otherwise than %#x", a.Scratch, a.Guest)
		}
		if uint64(len(a.Init)) > a.Len {
			t.Errorf("area of %d bytes begins with %d", a.Len, len(a.Init))
		}
		end = a.Scratch + a.Len
	}
}

// While a thread sleeps in poll, another may change what it is to wait for
// next time: that must stay.
func TestRedirectKeepsWrites(t *testing.T) {
	const g = guestBase
	row, _ := ByNumber(unix.SYS_POLL)
	m := newMems(0x1000)
	m.write(g, le(3|1<<32, 4|1<<32))
	args := [6]uint64{g, 2, 1000}
	pre := row.Prepare(&args, m)
	d, ok := row.Redirect(&args, &pre, m, m.space())
	if !ok {
		t.Fatal("cannot be redirected")
	}
	m.begin(d)
	m.write(g, le(9|4<<32))
	m.write(d.Args[0]+6, []byte{1})
	m.end(t, d, 1)
	if got := u64At(m, g); got != 9|4<<32|1<<48 {
		t.Errorf("pollfd is %#x", got)
	}
}

func TestRedirectRefused(t *testing.T) {
	const g = guestBase
	for _, c := range []struct {
		name string
		nr   int
		args [6]uint64
		room uint64
		size uint64 // what would do; 0: nothing
	}{
		{"read too long", unix.SYS_READ, [6]uint64{3, g, 0x2000}, 0x1000, 0x2000},
		{"recvfrom too long", unix.SYS_RECVFROM, [6]uint64{3, g, 0x2000}, 0x1000, 0x2000},
		{"no scratch memory", unix.SYS_POLL, [6]uint64{g, 4, 1}, 0, 32},
		{"recvmsg without scratch memory", unix.SYS_RECVMSG, [6]uint64{3, g}, 0, 56},
		{"FUTEX_LOCK_PI", unix.SYS_FUTEX, [6]uint64{g, 6}, 0x1000, 0},
		{"vmsplice", unix.SYS_VMSPLICE, [6]uint64{3, g, 1}, 0x1000, 0},
		{"clone", unix.SYS_CLONE, [6]uint64{cloneParentSetTID, 0, g}, 0x1000, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			row, _ := ByNumber(c.nr)
			m := newMems(0x1000)
			clear(m.guest.b)
			pre := row.Prepare(&c.args, m)
			d, ok := row.Redirect(&c.args, &pre, m, Range{Addr: scratchBase, Len: c.room})
			if ok || d.Size != c.size || d.Args != c.args {
				t.Errorf("ok %v, size %d, want %d, arguments %#x", ok, d.Size, c.size, d.Args)
			}
		})
	}
}

// FuzzRedirect: whatever the arguments and memory, areas do not overlap, and
// copies go where the guest's outputs are.
func FuzzRedirect(f *testing.F) {
	f.Add(0, uint64(1), uint64(guestBase), uint64(100), uint64(0), uint64(0), int64(7), []byte{1, 2, 3})
	f.Add(unix.SYS_RECVMMSG, uint64(1), uint64(guestBase), uint64(9), uint64(0), uint64(guestBase), int64(2), bytes.Repeat(le(guestBase, 1), 100))
	f.Add(unix.SYS_PSELECT6, uint64(1<<20), uint64(guestBase), uint64(guestBase), uint64(0), uint64(guestBase), int64(-14), make([]byte, 100))
	f.Fuzz(func(t *testing.T, nr int, a, b, c, d, e uint64, result int64, content []byte) {
		row, ok := ByNumber(nr)
		if !ok {
			return
		}
		args := [6]uint64{a, b, c, d, e}
		m := newMems(0x4000)
		m.guest.b = content
		pre := row.Prepare(&args, m)
		r, ok := row.Redirect(&args, &pre, m, m.space())
		if !ok {
			if r.Args != args {
				t.Errorf("refused, but with arguments %#x", r.Args)
			}
			return
		}
		checkAreas(t, r, m.space())
		m.begin(r)
		copies, err := r.Copies(result, m)
		if err != nil {
			return // a bad pointer that was left to the kernel
		}
		for _, c := range copies {
			from := areaAt(r.Areas, c.From)
			if from == nil || c.From+c.Len > from.Scratch+from.Len || c.To-from.Guest != c.From-from.Scratch {
				t.Errorf("%s: copy %+v, area %+v", pre.Effect.Name, c, from)
			}
			if result == -int64(syscall.EFAULT) && from != nil && from.Init == nil {
				t.Errorf("%s: copies what the kernel need not have written", pre.Effect.Name)
			}
		}
	})
}
