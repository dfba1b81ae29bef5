package record

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
)

// mlockall(2) would lock our memory too, read all of it in, and count it for
// RLIMIT_MEMLOCK. So each of the guest's mappings is locked by itself, and with
// MCL_FUTURE each that it makes later.

const (
	mclCurrent = 1
	mclFuture  = 2
	mclOnFault = 4
)

// lockAll makes mlockall(2).
func (r *recorder) lockAll(g engine.Regs, c *call) error {
	flags := c.args[0]
	if flags == 0 || flags == mclOnFault || flags&^(mclCurrent|mclFuture|mclOnFault) != 0 {
		return r.fail(g, c, unix.EINVAL)
	}
	limit, err := r.lockLimit()
	if err != nil {
		return err
	}
	if limit == 0 {
		return r.fail(g, c, unix.EPERM)
	}
	if flags&mclCurrent != 0 && r.mapped() > limit {
		return r.fail(g, c, unix.ENOMEM)
	}
	r.locks = 0
	if flags&mclFuture != 0 {
		r.locks = flags
	}
	if flags&mclCurrent != 0 {
		for _, m := range r.e.Space.Mappings() {
			if err := r.lock(m.Start, m.End, flags); err != nil {
				return err
			}
		}
	}
	c.result = 0
	return r.complete(g, c)
}

// unlockAll makes munlockall(2).
func (r *recorder) unlockAll(g engine.Regs, c *call) error {
	r.locks = 0
	return r.ordinary(g, c)
}

// lock brings the pages of [start, end) in and keeps them. What cannot be locked,
// a device's memory for instance, stays as it is.
func (r *recorder) lock(start, end, flags uint64) error {
	how := uint64(0)
	if flags&mclOnFault != 0 {
		how = unix.MLOCK_ONFAULT
	}
	_, err := r.t.RemoteSyscall(r.e.Gadget(), unix.SYS_MLOCK2, start, end-start, how)
	return err
}

// lockNew is told of a mapping that the guest has made.
func (r *recorder) lockNew(start, end uint64) error {
	if r.locks == 0 {
		return nil
	}
	return r.lock(start, end, r.locks)
}

// mapped returns how many bytes the guest's mappings have.
func (r *recorder) mapped() (n uint64) {
	for _, m := range r.e.Space.Mappings() {
		n += m.End - m.Start
	}
	return n
}

// lockLimit returns how many bytes the guest may lock (RLIMIT_MEMLOCK).
func (r *recorder) lockLimit() (uint64, error) {
	if r.capable(unix.CAP_IPC_LOCK) {
		return ^uint64(0), nil
	}
	return r.t.SoftLimit("Max locked memory")
}
