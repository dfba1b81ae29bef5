package record

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
)

// wholeCalls are the calls that transfer all of a buffer however long that
// takes, but what they have done so far where a signal interrupts them: the
// arguments with the buffer's address and its length, and flags that must be
// set for that.
var wholeCalls = map[uint64]struct {
	buf, n, flagArg, flags int
	receives               bool // into the buffer
}{
	unix.SYS_WRITE:    {1, 2, 0, 0, false},
	unix.SYS_SENDTO:   {1, 2, 0, 0, false},
	unix.SYS_RECVFROM: {1, 2, 3, unix.MSG_WAITALL, true},
}

// neverRestarted are the calls that even an interrupt without a signal ends
// with EINTR (signal(7), "Interruption of system calls ... by stop signals").
var neverRestarted = map[uint64]bool{
	unix.SYS_EPOLL_WAIT: true, unix.SYS_EPOLL_PWAIT: true, unix.SYS_EPOLL_PWAIT2: true,
	unix.SYS_SEMOP: true, unix.SYS_SEMTIMEDOP: true, unix.SYS_RT_SIGTIMEDWAIT: true,
	unix.SYS_FUTEX: true, unix.SYS_MSGRCV: true, unix.SYS_MSGSND: true,
}

// needless reports whether it may be our interrupt alone, or a signal that the program
// ignores, that a call has ended with result for.
func (c *call) needless(result uint64) bool {
	return result == errnoResult(unix.EINTR) && neverRestarted[c.nr]
}

// continuePartial goes on with a call of a stub's that our interrupt, which
// nobody is to see, has ended before its time. A timeout begins anew.
func (r *recorder) continuePartial() (bool, error) {
	g, result, ok, err := r.e.Returned()
	if !ok || err != nil {
		return false, err
	}
	c := r.newCall(&g)
	if c.needless(result) {
		c.begun = result
		return true, r.yieldIn(g, c)
	}
	w, ok := wholeCalls[c.nr]
	if !ok || c.args[w.flagArg]&uint64(w.flags) != uint64(w.flags) {
		return false, nil
	}
	if int64(result) <= 0 || result >= c.args[w.n] {
		return false, nil
	}
	if w.receives && r.wanted() {
		if err := r.logReceived(c.args[w.buf], result); err != nil {
			return true, err
		}
	}
	rest := g
	*engine.Arg(&rest, w.buf) += result
	*engine.Arg(&rest, w.n) -= result
	c.yields, c.partial = true, true
	if err := r.execute(rest, c); err != nil || c.interrupted {
		return true, err
	}
	if int64(c.result) > 0 {
		result += c.result
	}
	c.result = result
	return true, r.complete(g, c)
}

// logReceived logs what a call that goes on has put into memory, since others may
// look at it meanwhile. What it will receive yet goes to spare memory.
func (r *recorder) logReceived(addr, n uint64) error {
	w, err := r.appendMemory(nil, addr, n)
	if err != nil {
		return err
	}
	return r.logMem(w)
}
