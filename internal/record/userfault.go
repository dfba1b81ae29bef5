package record

import (
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// By userfaultfd(2) a thread provides the pages that others touch first, or hears of the
// first store to a page. Who waits for it does so in the middle of an instruction, as
// long as it has the baton; it loses that when its time is up. What comes into a page is
// logged with the ioctl that brings it.

// Requests and structures of linux/userfaultfd.h.
const (
	uffdNew        = 0xaa00 // USERFAULTFD_IOC_NEW, of /dev/userfaultfd
	uffdioAPI      = 0xc018aa3f
	uffdioRegister = 0xc020aa00
	uffdioCopy     = 0xc028aa03
	uffdioZeroPage = 0xc020aa04
	uffdioMove     = 0xc028aa05

	userModeOnly = 1 // UFFD_USER_MODE_ONLY

	// Of the features these remain: the flag that tells a store to a protected page,
	// thread numbers, exact addresses, unpopulated pages, and protection that resolves
	// itself. Events hold up calls of whoever causes them; the rest is about shared
	// memory, or accesses that fail.
	userfaultFeatures = 1<<0 | 1<<8 | 1<<11 | 1<<13 | 1<<15
	missingOrProtect  = 1 | 2 // UFFDIO_REGISTER_MODE_MISSING, _WP
)

// userfaultfd makes the call if only accesses of programs, not of the kernel, are to
// wait: the kernel would keep calls of ours waiting, too. The kernel's own answer to who
// may not have more (vm.unprivileged_userfaultfd) is EPERM.
func (r *recorder) userfaultfd(g engine.Regs, c *call) error { return r.newUserfault(g, c, c.args[0]) }

func (r *recorder) newUserfault(g engine.Regs, c *call, flags uint64) error {
	if flags&userModeOnly == 0 {
		if err := r.note("userfaultfd without UFFD_USER_MODE_ONLY is refused while recording"); err != nil {
			return err
		}
		return r.fail(g, c, unix.EPERM)
	}
	return r.ordinary(g, c)
}

// ioctl makes ioctl(2): some requests need more than the table says.
func (r *recorder) ioctl(g engine.Regs, c *call) error {
	switch uint32(c.args[1]) {
	case uffdNew:
		return r.newUserfault(g, c, c.args[2])
	case uffdioAPI:
		return r.userfaultAPI(g, c)
	case uffdioRegister:
		return r.userfaultRegister(g, c)
	case uffdioCopy, uffdioZeroPage, uffdioMove:
		return r.providePages(g, c)
	}
	return r.ordinary(g, c)
}

// userfaultAPI is UFFDIO_API as of a kernel that has our features only.
func (r *recorder) userfaultAPI(g engine.Regs, c *call) error {
	features := c.args[2] + 8
	w, ok := r.words(c.args[2], 3)
	excess := ok && w[1]&^userfaultFeatures != 0
	if excess {
		if err := r.note("features of userfaultfd are refused while recording: %#x", w[1]&^userfaultFeatures); err != nil {
			return err
		}
		if err := r.setWord(features, ^uint64(0)); err != nil { // no kernel has them
			return err
		}
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	switch now, _ := r.words(c.args[2], 3); {
	case now == nil:
	case excess && now[1] == ^uint64(0): // it is no userfaultfd
		if err := r.setWord(features, w[1]); err != nil {
			return err
		}
	case !failed(c.result):
		if err := r.setWord(features, now[1]&userfaultFeatures); err != nil {
			return err
		}
	}
	return r.complete(g, c)
}

// userfaultRegister is UFFDIO_REGISTER of private memory. Shared memory we access at
// another address, where nobody waits.
func (r *recorder) userfaultRegister(g engine.Regs, c *call) error {
	w, ok := r.words(c.args[2], 3)
	if !ok {
		return r.ordinary(g, c)
	}
	start, end := w[0], w[0]+w[1]
	shared := slices.ContainsFunc(r.e.Space.Within(start, end), func(m engine.Mapping) bool { return m.Shared || m.Foreign })
	if shared || w[2]&^missingOrProtect != 0 || r.e.Ours(start, end) {
		if err := r.note("userfaultfd of shared memory is refused while recording"); err != nil {
			return err
		}
		return r.fail(g, c, unix.EINVAL)
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	if !failed(c.result) {
		r.e.ServePages(start, end)
	}
	return r.complete(g, c)
}

// providePages makes a request that brings content into pages, perhaps of another
// process.
func (r *recorder) providePages(g engine.Regs, c *call) error {
	w, ok := r.words(c.args[2], 1)
	of := r
	if ok && !r.e.Served(w[0]) {
		of = r.servedAt(w[0])
	}
	if of == r || of == nil {
		return r.provideTo(of, g, c)
	}
	return r.visit(of, g, func(of *recorder) error { return r.provideTo(of, g, c) })
}

// servedAt returns the other process, if there is one, that waits for a page at addr, or
// might: the descriptor does not tell whose pages it provides.
func (r *recorder) servedAt(addr uint64) (of *recorder) {
	for _, x := range r.sup.recorders() {
		if x.e.Served(addr) && (of == nil || x.e.Withheld(addr, addr+1)) {
			of = x
		}
	}
	return of
}

// provideTo is providePages for the memory of of, nil if that is not recorded.
func (r *recorder) provideTo(of *recorder, g engine.Regs, c *call) error {
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	// The last word of the structure is the length done, or an error.
	const sizeAt, sizeMask = 16, 1<<14 - 1 // in the request's number
	fields := int(c.args[1]>>sizeAt&sizeMask) / 8
	w, ok := r.words(c.args[2], fields)
	if !ok || of == nil || int64(w[fields-1]) <= 0 || failed(c.result) && c.result != errnoResult(unix.EAGAIN) {
		return r.complete(g, c)
	}
	n := w[fields-1]
	out, err := r.outputs(c, c.result)
	if err != nil {
		return err
	}
	if uint32(c.args[1]) == uffdioMove {
		out = out.Append(w[1], make([]byte, n)) // the next access waits
	}
	return r.wrote(of, []piece{{w[0], n}}, g, c, out)
}

// awaitPages lets the others run while the guest at g waits for pages. Signals that come
// meanwhile end that, unless it is to wait for all that the instruction needs.
func (r *recorder) awaitPages(g engine.Regs, all bool) error {
	if r.wanted() {
		if err := r.giveWay(g); err != nil { // the page may be there then
			return err
		}
	}
	for all || !r.e.SignalWaits() {
		probe, waits, err := r.e.Probe(g)
		if err != nil {
			return err
		}
		if !waits {
			break
		}
		if over, err := r.runProbe(probe, g); over || err != nil {
			return err
		}
	}
	return r.e.SetGuest(g)
}

// runProbe has the thread wait for a page without the baton. It reports whether it has
// ended, or has found that the page is not to be accessed.
func (r *recorder) runProbe(probe, g engine.Regs) (over bool, err error) {
	th := r.th
	if err := r.e.SetNative(probe); err != nil {
		return false, err
	}
	if err := th.t.Cont(0); err != nil {
		return false, err
	}
	raw, over, err := r.aside(g)
	if over || err != nil {
		return over, err
	}
	if raw.Kind != tracee.SignalDelivery {
		return false, nil
	}
	info, err := th.t.Siginfo()
	if err != nil {
		return false, err
	}
	switch sig := unix.Signal(raw.Signal); {
	case info.Code() <= 0:
	case sig == unix.SIGTRAP:
		return false, r.e.KeepMask(raw.Signal)
	case sig == unix.SIGSEGV || sig == unix.SIGBUS:
		return true, errors.Join(r.e.KeepMask(raw.Signal), r.e.SetGuest(g)) // the instruction raises it again
	}
	r.e.Queue(info)
	return false, nil
}

// boundary brings the guest to an instruction boundary to deliver a signal there. No
// event can tell how far a string instruction has come: it comes to its end.
func (r *recorder) boundary(sig int) (b engine.Boundary, err error) {
	for {
		b, err = r.e.ToBoundary()
		if err != nil || !b.InString || r.fateOf(sig) == fateDeath {
			return b, err
		}
		if err := r.awaitPages(b.Regs, true); err != nil || r.ended != nil || r.th.over {
			return b, err
		}
	}
}
