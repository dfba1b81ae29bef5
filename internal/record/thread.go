package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/tracee"
)

// main records th until it ends, and watches it while it runs natively. The
// thread starts with the baton.
func (th *thread) main() error {
	for !th.over {
		run := th.r.step
		if th.r.omitted != "" {
			run = th.watch
		}
		if err := th.survive(run()); err != nil {
			return err
		}
	}
	th.r.leave(th)
	return nil
}

// begin is main for a thread that another has made.
func (th *thread) begin() error {
	th.at, th.last = th.regs, th.regs.Rip
	err := th.acquire()
	if err == nil {
		err = th.r.e.SetGuest(th.regs)
	}
	if err := th.survive(err); err != nil {
		return err
	}
	return th.main()
}

// survive takes note of th's end, if err says that it has died, and returns
// any other error.
func (th *thread) survive(err error) error {
	if err == nil || errors.Is(err, errCancelled) {
		return err
	}
	raw, ok := th.death(err)
	if !ok {
		return err
	}
	return th.r.threadDied(th, raw)
}

// death returns how th's tracee ended, if err says that it did: SIGKILL may
// come at any call.
func (th *thread) death(err error) (tracee.Stop, bool) {
	if raw, ok := engine.AsEnded(err); ok {
		return raw, true
	}
	if !errors.Is(err, tracee.ErrGone) {
		// What /proc answers for a process that SIGKILL is ending says nothing
		// of that. Other errors, of the recording, come again.
		if _, err := th.t.Regs(); !errors.Is(err, tracee.ErrGone) {
			return tracee.Stop{}, false
		}
	}
	raw, err := th.t.Wait()
	return raw, err == nil && raw.Ended()
}

// leads reports whether th's end is its process's, and r's.
func (th *thread) leads() bool { return th.t.TID == th.r.pid }

// threadDied is told of the end of a thread that came with its process's. The
// kernel reports the first thread's last, with the process's status.
func (r *recorder) threadDied(th *thread, raw tracee.Stop) error {
	th.over = true
	delete(r.live, th)
	if th.t.PID != r.pid {
		return r.sharerDied(th)
	}
	if r.baton.holder == th {
		r.dying = true
	}
	if !th.leads() || r.ended != nil {
		return nil
	}
	return r.end(raw)
}

// watchExit sees to it that we learn of the end of th, which is stopped, if SIGKILL
// may leave something then: robust futexes in foreign memory, or the memory of a process
// that shares it.
func (r *recorder) watchExit(th *thread) error {
	if th.watched || !th.sharer && (th.robust == 0 || !r.e.AnyForeign()) {
		return nil
	}
	th.watched = true
	return th.t.WatchExit(th.exits)
}

// exits is called when th is about to end.
func (th *thread) exits() {
	r := th.r
	if r.e == nil {
		return
	}
	if th.robust != 0 && !r.foreignOpen {
		th.leadKernel()
	}
	if th.sharer && r.baton.holder == th && th.running {
		th.last, _ = r.e.Last()
	}
}

// sharerDied notes the end, by a signal, of a process that shares memory with
// the one that is recorded here: it does not go with it.
func (r *recorder) sharerDied(th *thread) error {
	if r.baton.holder != th {
		return nil // it has been in a call, and will not be heard of again
	}
	pc := r.exitPC
	if pc == 0 {
		pc = th.last
	}
	if pc == 0 {
		if err := r.unreliable("process %d, which shares the program's memory, was killed", th.t.PID); err != nil {
			return err
		}
	}
	err := r.log(event.AppendThreadEnd(nil, r.e.Tick(), event.ThreadEnd{TID: uint64(th.t.TID), PC: pc}))
	r.release(th, pc)
	return err
}

// exitThread ends the present thread, and not its process. What the kernel
// then does to memory, for those who wait for the thread or its locks, it does
// while nobody else runs.
func (r *recorder) exitThread(g engine.Regs, c *call) error {
	th := r.th
	left := r.heritage(th)
	if err := r.openForeign(); err != nil {
		return err
	}
	if r.e.SignalWaits() && !c.killed {
		return r.e.SetGuest(g) // it may be for the whole process
	}
	if gone, err := r.letExit(g, c); !gone || err != nil {
		return err
	}
	delete(r.live, th)
	w := r.inherited(left)
	engine.SetResult(&g, 0)
	pc := g.Rip
	if c.killed {
		pc -= syscallLen
	}
	if err := r.logThreadEnd(c, event.ThreadEnd{TID: uint64(th.t.TID), Writes: w}, pc); err != nil {
		return err
	}
	r.release(th, pc)
	if !th.leads() {
		th.over = true
		return nil
	}
	// The first thread's end is the process's.
	raw, err := th.await()
	if err != nil {
		return err
	}
	th.over = true
	return r.end(raw)
}

// logThreadEnd logs the end of a thread by a call, or in place of one at pc.
func (r *recorder) logThreadEnd(c *call, end event.ThreadEnd, pc uint64) error {
	if c.killed {
		end.PC = pc
		return r.log(event.AppendThreadEnd(nil, r.e.Tick(), end))
	}
	return r.logCall(c, event.FlagEffect, nil, event.AppendThreadEnd(nil, r.e.Tick(), end))
}

// letExit makes the call by which the present thread ends. It reports false if
// a signal that the guest sees, or the process's end, has come first. A stop by
// job control goes on without the thread.
func (r *recorder) letExit(g engine.Regs, c *call) (gone bool, err error) {
	th, sig := r.th, 0
	if err := r.enterGadget(g); err != nil {
		return false, err
	}
	for {
		if err := th.t.Cont(sig); err != nil {
			return false, err
		}
		raw, gone, err := th.awaitExit()
		if gone || err != nil {
			return gone, err
		}
		if raw.Ended() {
			return false, r.threadDied(th, raw)
		}
		sig = 0
		if raw.Kind != tracee.SignalDelivery || c.killed {
			continue
		}
		if r.fateOf(raw.Signal) == fateNothing {
			sig = raw.Signal
			continue
		}
		info, err := th.t.Siginfo()
		if err != nil {
			return false, err
		}
		return false, r.deliver(info, engine.Boundary{Regs: g}, false)
	}
}

// awaitExit waits until the kernel is through with th's memory, or for a stop
// on the way there. The end of the first thread is not reported before that of
// the others.
func (th *thread) awaitExit() (raw tracee.Stop, gone bool, err error) {
	if th.leads() {
		if err := th.awaitState('Z'); err != nil || !th.t.Kept() {
			return raw, err == nil, err
		}
	}
	raw, err = th.awaitAny()
	return raw, err == nil && raw.Ended() && !th.leads(), err
}

// awaitState waits until the kernel has th in a state (proc(5)), or th has
// stopped.
func (th *thread) awaitState(state byte) error {
	for {
		switch th.state() {
		case state:
			return nil
		case 0:
			return fmt.Errorf("state of thread %d: %w", th.t.TID, os.ErrNotExist)
		}
		stop, stopped, err := th.t.Poll()
		if err != nil {
			return err
		}
		if stopped {
			th.t.Keep(stop)
			return nil
		}
		time.Sleep(20 * time.Microsecond)
	}
}

// state is what the kernel calls th's state (proc(5)), 0 if there is no th.
func (th *thread) state() byte {
	b := readProc(th.t.PID, fmt.Sprintf("task/%d/stat", th.t.TID))
	// It follows the command's name, which may hold anything.
	if i := strings.LastIndex(string(b), ") "); i >= 0 {
		return b[i+2]
	}
	return 0
}

// lockingPI notes what the kernel has written to a futex whose priority it
// lets its owner inherit: that somebody waits for it (futex(2)). The owner will
// see it, long before the call is over.
func (r *recorder) lockingPI(c *call) error {
	const lockPI, lockPI2, command = 6, 13, 0x7f
	if op := c.args[1] & command; c.nr != unix.SYS_FUTEX || op != lockPI && op != lockPI2 {
		return nil
	}
	if err := r.th.awaitState('S'); err != nil {
		return err
	}
	w, err := r.appendMemory(nil, c.args[0], 4)
	if err != nil {
		return err
	}
	return r.log(event.AppendMem(nil, r.e.Tick(), event.Mem{Writes: w}))
}

// heritage returns the words that the kernel may write when th ends: the
// cleared TID (set_tid_address(2)) and its robust futexes (get_robust_list(2)).
func (r *recorder) heritage(th *thread) (words []uint64) {
	if th.clearTID != 0 {
		words = append(words, th.clearTID)
	}
	if th.robust == 0 {
		return words
	}
	// struct robust_list_head: list, futex_offset, list_op_pending.
	head, ok := r.words(th.robust, 3)
	if !ok {
		return words
	}
	offset, pending := head[1], head[2]
	at := head[0]
	for range robustLimit {
		if at&^1 == th.robust&^1 {
			break
		}
		words = append(words, at&^1+offset)
		next, ok := r.words(at&^1, 1)
		if !ok {
			break
		}
		at = next[0]
	}
	if pending&^1 != 0 {
		words = append(words, pending&^1+offset)
	}
	return words
}

// inherited reads the 4-byte words, through another thread than the one that
// has ended. If all are gone, by SIGKILL, nobody will see what they hold.
func (r *recorder) inherited(words []uint64) event.Writes {
	for th := range r.live {
		w, err := th.readWords(words)
		if !errors.Is(err, tracee.ErrGone) {
			return w
		}
	}
	return nil
}

// readWords reads those of the 4-byte words that can be read.
func (th *thread) readWords(words []uint64) (w event.Writes, err error) {
	for _, addr := range words {
		var b [4]byte
		n, err := th.t.ReadMem(addr, b[:])
		if errors.Is(err, tracee.ErrGone) {
			return nil, err
		}
		if n == len(b) {
			w = w.Append(addr, b[:])
		}
	}
	return w, nil
}

// words reads n 8-byte words of guest memory.
func (r *recorder) words(addr uint64, n int) ([]uint64, bool) {
	b := make([]byte, 8*n)
	if _, err := r.t.ReadMem(addr, b); err != nil {
		return nil, false
	}
	out := make([]uint64, n)
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return out, true
}

// setWord writes an 8-byte word of guest memory.
func (r *recorder) setWord(addr, v uint64) error {
	return r.t.WriteMem(addr, binary.LittleEndian.AppendUint64(nil, v))
}

// setTIDAddress remembers where the kernel shall note the thread's end.
func (r *recorder) setTIDAddress(g engine.Regs, c *call) error {
	r.th.clearTID = c.args[0]
	return r.plain(g, c)
}

// setRobustList remembers the thread's list of robust futexes.
func (r *recorder) setRobustList(g engine.Regs, c *call) error {
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	if c.result == 0 {
		r.th.robust = c.args[0]
	}
	return r.complete(g, c)
}
