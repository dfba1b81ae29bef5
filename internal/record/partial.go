package record

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
)

// wholeCalls are the calls that transfer all of a buffer however long that
// takes, but what they have done so far where a signal interrupts them: the
// arguments with the buffer's address and its length, and flags that must be
// set for that.
var wholeCalls = map[uint64]struct{ buf, n, flagArg, flags int }{
	unix.SYS_WRITE:    {1, 2, 0, 0},
	unix.SYS_SENDTO:   {1, 2, 0, 0},
	unix.SYS_RECVFROM: {1, 2, 3, unix.MSG_WAITALL},
}

// continuePartial goes on with a call of a stub's that our interrupt, which
// nobody is to see, has ended before its time.
func (r *recorder) continuePartial() (bool, error) {
	g, result, ok, err := r.e.Returned()
	if !ok || err != nil {
		return false, err
	}
	c := r.newCall(&g)
	w, ok := wholeCalls[c.nr]
	if !ok || c.args[w.flagArg]&uint64(w.flags) != uint64(w.flags) {
		return false, nil
	}
	if int64(result) <= 0 || result >= c.args[w.n] {
		return false, nil
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
