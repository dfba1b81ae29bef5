package syscalls

import (
	"encoding/binary"
	"sort"
	"syscall"
)

// A call that sleeps while other threads run must not write to the guest's
// memory meanwhile: what it writes has to appear at a known moment. Redirect
// has it write to scratch memory, from which the results are copied when the
// thread may run again.

// Redirection is a call that writes to scratch memory instead of the guest's.
// A call that the kernel restarts by itself (restart_syscall(2)) goes on with
// the same scratch memory.
type Redirection struct {
	Args  [6]uint64 // the arguments to make the call with
	Areas []Area
	Size  uint64 // of the scratch memory used; where it does not suffice, what would

	row *Row
	pre Pre // of the call with Args
}

// Area is scratch memory that stands in for the guest's during a call. The
// caller of Redirect makes certain that the guest's is writable: the kernel
// would say EFAULT, perhaps without taking from the descriptor what is lost
// otherwise.
type Area struct {
	Scratch uint64
	Guest   uint64 // 0: the kernel only reads it
	Len     uint64
	Init    []byte // what it must hold before the call; nil: anything

	sparse bool
}

// Copy is memory to be copied after the call.
type Copy struct{ From, To, Len uint64 }

// Redirect returns the call with everything that it writes redirected to
// scratch memory, pre being from Prepare. It fails where that is not
// possible, or scratch is too small: then Size says what would do, unless it
// is 0.
func (r *Row) Redirect(args *[6]uint64, pre *Pre, mem Reader, scratch Range) (*Redirection, bool) {
	d := &redirector{
		Redirection: Redirection{Args: *args, row: r},
		args:        args, old: pre, mem: mem, scratch: scratch,
	}
	for arg := range uint8(len(args)) {
		if args[arg] != 0 && !d.argument(arg) {
			return &Redirection{Args: *args}, false
		}
	}
	if d.Size > scratch.Len {
		return &Redirection{Args: *args, Size: d.Size}, false
	}
	d.pre = r.Prepare(&d.Args, overlay{d.Areas, mem})
	return &d.Redirection, true
}

// Copies returns what is to be copied to the guest's memory after the call
// with its result. It reads scratch memory through mem.
func (d *Redirection) Copies(result int64, mem Reader) ([]Copy, error) {
	written, err := d.row.Outputs(&d.Args, &d.pre, result, mem)
	if err != nil {
		return nil, err
	}
	var out []Copy
	for _, w := range written {
		a := areaAt(d.Areas, w.Addr)
		// With EFAULT anything may have been written, or nothing.
		if a == nil || a.Guest == 0 || a.Init == nil && result == -int64(syscall.EFAULT) {
			continue
		}
		off := w.Addr - a.Scratch
		c := Copy{From: w.Addr, To: a.Guest + off, Len: min(w.Len, a.Len-off)}
		if !a.sparse {
			out = append(out, c)
			continue
		}
		now := make([]byte, c.Len)
		n, _ := mem.ReadMem(c.From, now)
		out = append(out, changes(c, a.Init[off:], now[:max(n, 0)])...)
	}
	return out, nil
}

// changes returns the parts of c that differ from what was there before.
func changes(c Copy, before, now []byte) (out []Copy) {
	for i := 0; i < len(now); {
		if now[i] == before[i] {
			i++
			continue
		}
		start := i
		for i < len(now) && now[i] != before[i] {
			i++
		}
		out = append(out, Copy{c.From + uint64(start), c.To + uint64(start), uint64(i - start)})
	}
	return out
}

// areaAt returns the area, of those in the order of their addresses, that
// contains a scratch address.
func areaAt(areas []Area, addr uint64) *Area {
	i := sort.Search(len(areas), func(i int) bool { return areas[i].Scratch > addr }) - 1
	if i < 0 || addr-areas[i].Scratch >= areas[i].Len {
		return nil
	}
	return &areas[i]
}

// overlay is memory as it is once the areas have been initialised.
type overlay struct {
	areas []Area
	Reader
}

func (o overlay) ReadMem(addr uint64, p []byte) (int, error) {
	a := areaAt(o.areas, addr)
	if a == nil {
		return o.Reader.ReadMem(addr, p)
	}
	n := copy(p, a.Init[min(addr-a.Scratch, uint64(len(a.Init))):])
	if n < len(p) {
		return n, syscall.EFAULT
	}
	return n, nil
}

// redirector is one run of Redirect. Where a pointer is bad, it leaves it to
// the kernel, which will say so.
type redirector struct {
	Redirection
	args    *[6]uint64
	old     *Pre
	mem     Reader
	scratch Range
}

// demand is what the outputs at one argument want from scratch memory.
type demand struct {
	size   uint64
	filled bool // the kernel reads it, or need not write all of it
	sparse bool
	lax    bool
}

// argument redirects one of the arguments. It reports whether that can be
// done.
func (d *redirector) argument(arg uint8) bool {
	want := demand{lax: true}
	for i := range d.old.Effect.Out {
		o := &d.old.Effect.Out[i]
		switch {
		case o.Arg != arg || !o.chosen(d.args):
			continue
		case o.InPlace:
			return false
		}
		switch o.Kind {
		case OutIovec:
			d.Args[arg] = d.vector(d.args[arg], d.args[o.LenArg], d.old.vec)
		case OutMsghdr:
			d.messages(arg, sizeofMsghdr, d.old.msgs)
		case OutMmsghdr:
			d.messages(arg, sizeofMmsghdr, d.old.msgs)
		default:
			if !want.add(o, d.args, d.old) {
				return false
			}
		}
	}
	if want.size > 0 {
		d.plain(arg, &want)
	}
	return true
}

// add adds an output that lies at the argument itself.
func (w *demand) add(o *Output, args *[6]uint64, pre *Pre) bool {
	n, ok := o.capacity(args, pre)
	if !ok {
		return false
	}
	if n > 0 {
		w.size = max(w.size, uint64(o.Off)+n)
	}
	w.filled = w.filled || o.Sparse || o.Kind != OutResult && o.Kind != OutValueResult
	w.sparse = w.sparse || o.Sparse
	w.lax = w.lax && o.Lax
	return true
}

// capacity returns the most that an output at the argument itself can take.
// The kernel transfers no more than maxRWCount, and refuses counts that no
// address space could hold.
func (o *Output) capacity(args *[6]uint64, pre *Pre) (n uint64, ok bool) {
	count := o.count(args)
	switch o.Kind {
	case OutFixed:
		return uint64(o.Size), true
	case OutResult, OutArg:
		return min(count, maxAddress) * uint64(o.Scale), true
	case OutPages:
		return min(count, maxAddress)/pageSize + 1, true
	case OutFDSet:
		return (min(count, maxAddress) + 63) / 64 * 8, true
	case OutValueResult:
		return uint64(pre.words[o.LenArg]) * uint64(o.Scale), true
	case OutMmsgLen:
		return min(count, maxIovec) * sizeofMmsghdr, true
	}
	return 0, false
}

// plain redirects an argument that is a buffer.
func (d *redirector) plain(arg uint8, want *demand) {
	room := d.scratch.Len - min(d.offset(d.args[arg], want.size), d.scratch.Len)
	a := Area{Guest: d.args[arg], Len: want.size, sparse: want.sparse}
	if want.filled && want.size <= room {
		a.Init = d.read(a.Guest, a.Len)
		if uint64(len(a.Init)) < a.Len && !want.lax || len(a.Init) == 0 {
			return
		}
	}
	d.Args[arg] = d.place(a)
}

// vector rebuilds a vector of n buffers, and returns its address.
func (d *redirector) vector(addr, n uint64, vec []Range) uint64 {
	if uint64(len(vec)) != n || n == 0 {
		return addr
	}
	for _, v := range vec {
		if !inUserSpace(v.Addr, v.Len) {
			return addr
		}
	}
	raw := make([]byte, 16*n)
	at := d.place(Area{Len: uint64(len(raw)), Init: raw})
	for i, v := range vec {
		v.Addr = d.place(Area{Guest: v.Addr, Len: v.Len})
		binary.LittleEndian.PutUint64(raw[16*i:], v.Addr)
		binary.LittleEndian.PutUint64(raw[16*i+8:], v.Len)
	}
	return at
}

// messages rebuilds an array of message headers of the given size each.
func (d *redirector) messages(arg uint8, size uint64, msgs []msghdr) {
	raw := d.read(d.args[arg], size*uint64(len(msgs)))
	if uint64(len(raw)) < size*uint64(len(msgs)) || len(raw) == 0 {
		return
	}
	for i := range msgs {
		d.message(&msgs[i], raw[uint64(i)*size:])
	}
	d.Args[arg] = d.place(Area{Guest: d.args[arg], Len: uint64(len(raw)), Init: raw})
}

// message redirects the pointers in a header. Control data are padded to
// words, and the kernel leaves the padding alone (net/core/scm.c, put_cmsg).
func (d *redirector) message(m *msghdr, raw []byte) {
	put := func(off int, v uint64) { binary.LittleEndian.PutUint64(raw[off:], v) }
	if int32(m.namelen) > 0 {
		put(offName, d.filled(Area{Guest: m.name, Len: min(m.namelen, sizeofSockaddr)}))
	}
	put(offControl, d.filled(Area{Guest: m.control, Len: m.controllen, sparse: true}))
	put(offIov, d.vector(m.iov, m.iovlen, m.vec))
}

// filled places an area that begins with what the guest has there.
func (d *redirector) filled(a Area) uint64 {
	if a.Len <= d.scratch.Len {
		a.Init = d.read(a.Guest, a.Len)
		if uint64(len(a.Init)) < a.Len {
			return a.Guest
		}
	}
	return d.place(a)
}

// place takes scratch memory for a and returns its address. A null pointer
// and what is no user memory stay as they are.
func (d *redirector) place(a Area) uint64 {
	if a.Guest == 0 && a.Init == nil || a.Len == 0 || !inUserSpace(a.Guest, a.Len) {
		return a.Guest
	}
	off := d.offset(a.Guest, a.Len)
	d.Size = min(off+a.Len, 1<<62)
	a.Scratch = d.scratch.Addr + off
	if a.Init != nil {
		a.Len = uint64(len(a.Init))
	}
	if d.Size <= d.scratch.Len {
		d.Areas = append(d.Areas, a)
	}
	return a.Scratch
}

// offset returns where in scratch memory an area may begin: as well aligned
// as the guest's, for direct I/O wants whole blocks (open(2), O_DIRECT).
func (d *redirector) offset(guest, n uint64) uint64 {
	align := uint64(16)
	for align < pageSize && align*2 <= n {
		align *= 2
	}
	at := d.scratch.Addr + d.Size
	return at + (guest-at)&(align-1) - d.scratch.Addr
}

// read returns what can be read of the guest's memory.
func (d *redirector) read(addr, n uint64) []byte {
	b := make([]byte, n)
	got, _ := d.mem.ReadMem(addr, b)
	return b[:max(got, 0)]
}

func inUserSpace(addr, n uint64) bool { return addr <= maxAddress && n <= maxAddress-addr }
