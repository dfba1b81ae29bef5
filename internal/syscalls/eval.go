package syscalls

import (
	"encoding/binary"
	"fmt"
	"syscall"
)

// Reader reads the caller's memory.
type Reader interface {
	ReadMem(addr uint64, p []byte) (int, error)
}

// Range is memory that a call has written.
type Range struct {
	Addr, Len uint64
	// Lax: part of it may be unmapped or not writable. Log what can be read;
	// in replay write what can be written.
	Lax bool
}

// Pre is what must be read before a call, because the call itself overwrites
// it: lengths, vectors of buffers, message headers.
type Pre struct {
	Effect Effect
	// Late: it was taken after the call, so that lengths which the call has
	// overwritten may be longer than the memory they are of.
	Late bool

	words [6]uint32 // by LenArg of value-result outputs
	vec   []Range   // OutIovec
	msgs  []msghdr  // OutMsghdr, OutMmsghdr
}

// Limits of the kernel; what exceeds them makes a call fail.
const (
	maxIovec   = 1024       // UIO_MAXIOV; recvmmsg cuts its array to it
	maxRWCount = 0x7ffff000 // MAX_RW_COUNT
	pageSize   = 4096
	maxAddress = 1 << 56 // end of user addresses with five-level paging

	sizeofSockaddr = 128 // struct sockaddr_storage
)

// Layout of struct msghdr and struct mmsghdr.
const (
	sizeofMsghdr  = 56
	sizeofMmsghdr = 64
	offName       = 0
	offNamelen    = 8
	offIov        = 16
	offIovlen     = 24
	offControl    = 32
	offControllen = 40
	offFlags      = 48
	offMsgLen     = 56
)

type msghdr struct {
	addr                uint64
	name, control       uint64
	namelen, controllen uint64
	iov, iovlen         uint64
	vec                 []Range
}

// Prepare resolves the call and reads what Outputs will need. Memory that
// cannot be read counts as empty: the kernel will say EFAULT.
func (r *Row) Prepare(args *[6]uint64, mem Reader) Pre {
	pre := Pre{Effect: r.Effect(args)}
	for _, o := range pre.Effect.Out {
		switch o.Kind {
		case OutValueResult:
			pre.words[o.LenArg] = u32(mem, args[o.LenArg])
		case OutIovec:
			pre.vec = readIovec(mem, args[o.Arg], args[o.LenArg])
		case OutMsghdr:
			pre.msgs = []msghdr{readMsghdr(mem, args[o.Arg])}
		case OutMmsghdr:
			for i := range min(o.count(args), maxIovec) {
				pre.msgs = append(pre.msgs, readMsghdr(mem, args[o.Arg]+i*sizeofMmsghdr))
			}
		}
	}
	return pre
}

// Outputs returns the memory that the call has written, from pre, taken before
// the call, and its result. A call that failed with EFAULT may have written
// any part of its outputs: they are all returned, as Lax.
func (r *Row) Outputs(args *[6]uint64, pre *Pre, result int64, mem Reader) ([]Range, error) {
	e := evaluation{args: args, pre: pre, result: result, mem: mem}
	e.fault = result == -int64(syscall.EFAULT)
	for _, o := range pre.Effect.Out {
		if !e.applies(o) {
			continue
		}
		e.lax = o.Lax || e.fault || pre.Late && o.overwritesLength()
		e.add(o)
		if e.err != nil && !e.lax {
			return nil, fmt.Errorf("outputs of %s: %w", pre.Effect.Name, e.err)
		}
		e.err = nil
	}
	return e.ranges, nil
}

// evaluation is one run of Outputs.
type evaluation struct {
	args   *[6]uint64
	pre    *Pre
	result int64
	mem    Reader
	fault  bool
	lax    bool // of the current output
	ranges []Range
	err    error
}

func (e *evaluation) applies(o Output) bool {
	if !o.chosen(e.args) {
		return false
	}
	if e.fault {
		return true
	}
	switch o.Cond {
	case CondPositive:
		return e.result > 0
	case CondEINTR:
		return !isError(e.result) || interrupted(e.result)
	case CondAlways:
		return true
	default:
		return !isError(e.result)
	}
}

// add appends the ranges of one output.
func (e *evaluation) add(o Output) {
	switch ptr := e.args[o.Arg]; o.Kind {
	case OutFixed:
		e.at(ptr, o.Off, uint64(o.Size))
	case OutResult:
		e.at(ptr, o.Off, e.done(o.count(e.args))*uint64(o.Scale))
	case OutArg:
		e.at(ptr, o.Off, o.count(e.args)*uint64(o.Scale))
	case OutPages:
		e.at(ptr, o.Off, (o.count(e.args)+pageSize-1)/pageSize)
	case OutFDSet:
		e.at(ptr, o.Off, (o.count(e.args)+63)/64*8)
	case OutNodeMask:
		if n := o.count(e.args); n > 0 {
			e.at(ptr, o.Off, (n-1+63)/64*8)
		}
	case OutValueResult:
		e.at(ptr, o.Off, e.valueResult(o)*uint64(o.Scale))
	case OutTable:
		if ptr != 0 {
			e.at(ptr, 0, uint64(o.Size)+uint64(o.Scale)*uint64(e.u32(ptr+uint64(o.Off))))
		}
	case OutWord:
		if ptr != 0 {
			e.at(ptr, o.Off, uint64(e.u32(e.args[o.LenArg])))
		}
	case OutIovec:
		e.spread(e.pre.vec, e.transferred())
	case OutMsghdr:
		for i := range e.pre.msgs {
			e.message(&e.pre.msgs[i], e.transferred())
		}
	case OutMmsghdr:
		e.messages()
	case OutMmsgLen:
		for i := range e.done(min(o.count(e.args), maxIovec)) {
			e.at(ptr, uint32(i*sizeofMmsghdr+offMsgLen), 4)
		}
	case OutIfconf:
		e.ifconf(ptr)
	case OutCloneArgs:
		e.cloneArgs(ptr)
	case OutXattrArgs:
		e.at(e.u64(ptr), 0, e.done(uint64(e.u32(ptr+8))))
	}
}

// at appends one range, unless the pointer is null or the length zero. An
// address that wraps around cannot have been written.
func (e *evaluation) at(ptr uint64, off uint32, n uint64) {
	addr := ptr + uint64(off)
	if ptr == 0 || n == 0 || addr < ptr || addr+n < addr {
		return
	}
	e.ranges = append(e.ranges, Range{addr, n, e.lax})
}

// transferred is how many bytes the kernel can have moved.
func (e *evaluation) transferred() uint64 {
	if e.fault {
		return maxRWCount
	}
	return uint64(max(e.result, 0))
}

// done is the number of elements written into a buffer of n.
func (e *evaluation) done(n uint64) uint64 { return min(e.transferred(), n) }

func (e *evaluation) valueResult(o Output) uint64 {
	before := e.pre.words[o.LenArg]
	if e.fault || e.args[o.LenArg] == 0 {
		return uint64(before)
	}
	return uint64(min(before, e.u32(e.args[o.LenArg])))
}

// spread appends what n transferred bytes fill of a vector of buffers.
func (e *evaluation) spread(vec []Range, n uint64) {
	for _, v := range vec {
		if n == 0 {
			return
		}
		k := min(n, v.Len)
		e.at(v.Addr, 0, k)
		n -= k
	}
}

// message appends what recvmsg changes, with n bytes of data.
func (e *evaluation) message(m *msghdr, n uint64) {
	e.spread(m.vec, n)
	namelen, controllen := m.namelen, m.controllen
	if !e.fault {
		namelen = min(namelen, uint64(e.u32(m.addr+offNamelen)))
		controllen = min(controllen, e.u64(m.addr+offControllen))
	}
	e.at(m.name, 0, namelen)
	e.at(m.control, 0, controllen)
	e.at(m.addr, offNamelen, 4)
	e.at(m.addr, offControllen, 8)
	e.at(m.addr, offFlags, 4)
}

func (e *evaluation) messages() {
	for i := range e.done(uint64(len(e.pre.msgs))) {
		m := &e.pre.msgs[i]
		n := uint64(maxRWCount)
		if !e.fault {
			n = uint64(e.u32(m.addr + offMsgLen))
		}
		e.message(m, n)
		e.at(m.addr, offMsgLen, 4)
	}
}

// ifconf: int ifc_len, then the array's address; without an array the call
// only reports the length.
func (e *evaluation) ifconf(ptr uint64) {
	e.at(ptr, 0, 4)
	e.at(e.u64(ptr+8), 0, uint64(e.u32(ptr)))
}

// cloneArgs: struct clone_args has flags, pidfd, child_tid, parent_tid. The
// child's own word (child_tid) is in the child's memory.
func (e *evaluation) cloneArgs(ptr uint64) {
	flags := e.u64(ptr)
	if flags&clonePIDFD != 0 {
		e.at(e.u64(ptr+8), 0, 4)
	}
	if flags&cloneParentSetTID != 0 {
		e.at(e.u64(ptr+24), 0, 4)
	}
}

func (e *evaluation) u32(addr uint64) uint32 {
	var b [4]byte
	e.read(addr, b[:])
	return binary.LittleEndian.Uint32(b[:])
}

func (e *evaluation) u64(addr uint64) uint64 {
	var b [8]byte
	e.read(addr, b[:])
	return binary.LittleEndian.Uint64(b[:])
}

func (e *evaluation) read(addr uint64, p []byte) {
	if n, err := e.mem.ReadMem(addr, p); n < len(p) {
		clear(p)
		e.err = fmt.Errorf("read %d bytes at %#x: got %d: %w", len(p), addr, n, orShort(err))
	}
}

func orShort(err error) error {
	if err == nil {
		return syscall.EFAULT
	}
	return err
}

// count is args[LenArg], in the width that the kernel takes, and no more than
// there are addresses.
func (o Output) count(args *[6]uint64) uint64 {
	if o.Len32 {
		return uint64(uint32(args[o.LenArg]))
	}
	return min(args[o.LenArg], maxAddress)
}

func isError(result int64) bool { return -4095 <= result && result < 0 }

// interrupted: EINTR, or a code that only a tracer sees (include/linux/errno.h).
func interrupted(result int64) bool {
	switch -result {
	case int64(syscall.EINTR), 512, 513, 514, 516: // ERESTARTSYS, NOINTR, NOHAND, _RESTARTBLOCK
		return true
	}
	return false
}

func u32(mem Reader, addr uint64) uint32 {
	var b [4]byte
	if n, _ := mem.ReadMem(addr, b[:]); n < len(b) {
		return 0
	}
	return binary.LittleEndian.Uint32(b[:])
}

func readIovec(mem Reader, addr, n uint64) []Range {
	if n > maxIovec {
		return nil
	}
	b := make([]byte, 16*n)
	got, _ := mem.ReadMem(addr, b)
	vec := make([]Range, 0, n)
	for b = b[:max(got, 0)&^15]; len(b) > 0; b = b[16:] {
		vec = append(vec, Range{Addr: binary.LittleEndian.Uint64(b), Len: binary.LittleEndian.Uint64(b[8:])})
	}
	return vec
}

func readMsghdr(mem Reader, addr uint64) msghdr {
	var b [sizeofMsghdr]byte
	if n, _ := mem.ReadMem(addr, b[:]); n < len(b) {
		return msghdr{addr: addr}
	}
	u64 := func(off int) uint64 { return binary.LittleEndian.Uint64(b[off:]) }
	return msghdr{
		addr:       addr,
		name:       u64(offName),
		namelen:    uint64(binary.LittleEndian.Uint32(b[offNamelen:])),
		control:    u64(offControl),
		controllen: u64(offControllen),
		iov:        u64(offIov),
		iovlen:     u64(offIovlen),
		vec:        readIovec(mem, u64(offIov), u64(offIovlen)),
	}
}
