package record

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
)

// A descriptor of /proc/PID/mem reads and writes a process's memory whatever its
// protection (proc_pid_mem(5)). Once any recorded process has one, which may be
// passed on in many ways, all calls that could use it come to us.

// memoryCall is a call by which a file is read or written.
type memoryCall struct {
	writes, vector bool
	at             bool // a position, the fourth argument, in place of the file's
	same           int  // the same with a position
}

var memoryCalls = map[uint64]memoryCall{
	unix.SYS_READ:     {same: unix.SYS_PREAD64},
	unix.SYS_WRITE:    {same: unix.SYS_PWRITE64, writes: true},
	unix.SYS_PREAD64:  {same: unix.SYS_PREAD64, at: true},
	unix.SYS_PWRITE64: {same: unix.SYS_PWRITE64, at: true, writes: true},
	unix.SYS_READV:    {same: unix.SYS_PREADV, vector: true},
	unix.SYS_WRITEV:   {same: unix.SYS_PWRITEV, vector: true, writes: true},
	unix.SYS_PREADV:   {same: unix.SYS_PREADV, vector: true, at: true},
	unix.SYS_PWRITEV:  {same: unix.SYS_PWRITEV, vector: true, at: true, writes: true},
	unix.SYS_PREADV2:  {same: unix.SYS_PREADV2, vector: true, at: true},
	unix.SYS_PWRITEV2: {same: unix.SYS_PWRITEV2, vector: true, at: true, writes: true},
}

// nowhere is an address that no program can map.
const nowhere = 1 << 56

// memoryOpened makes the calls on descriptors come to us.
func (s *session) memoryOpened() {
	if s.memoryOpen {
		return
	}
	s.memoryOpen = true
	for _, r := range s.sup.recorders() {
		r.superviseMemory()
	}
}

func (r *recorder) superviseMemory() {
	for nr := range memoryCalls {
		r.e.Supervise(int(nr), true)
	}
}

// memoryOf returns the recorder of the process whose memory a descriptor of the
// guest's stands for, nil if it is none of a recorded process.
func (r *recorder) memoryOf(fd uint64) *recorder {
	link := fmt.Sprintf("/proc/%d/fd/%d", r.t.TID, int32(fd))
	file, err := os.Readlink(link)
	if err != nil {
		return nil
	}
	name := procFile.FindStringSubmatch(strings.TrimSuffix(file, " (deleted)"))
	if name == nil || name[2] != "mem" {
		return nil
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(link, &fs); err != nil || fs.Type != unix.PROC_SUPER_MAGIC {
		return nil
	}
	return r.withThread(name[1])
}

// withThread returns the recorder of the process that has a thread of that
// number, nil if none is recorded.
func (r *recorder) withThread(number string) *recorder {
	if of := r.sup.named(number, r); of != nil {
		return of
	}
	for _, th := range r.sup.threads {
		if th.r.e != nil && inNamespace(th.t.TID, number) {
			return th.r // it shares its maker's memory, or is not the first thread
		}
	}
	return nil
}

// transfer makes a call that reads or writes a file, which may be a process's
// memory.
func (r *recorder) transfer(g engine.Regs, c *call) error {
	var of *recorder
	if r.memoryOpen {
		of = r.memoryOf(c.args[0])
	}
	if of == nil || of == r || !memoryCalls[c.nr].writes {
		return r.transferWith(of, g, c)
	}
	return r.visit(of, g, func(of *recorder) error { return r.transferWith(of, g, c) })
}

// transferWith is transfer with the memory of of, which may be nil.
func (r *recorder) transferWith(of *recorder, g engine.Regs, c *call) error {
	if of == nil {
		return r.ordinary(g, c)
	}
	how := memoryCalls[c.nr]
	own := []piece{{c.args[1], c.args[2]}}
	if how.vector {
		var ok bool
		if own, ok = r.vector(c.args[1], c.args[2]); !ok {
			return r.ordinary(g, c)
		}
	}
	pos, moving, err := r.position(c, how)
	if err != nil {
		return err
	}
	n := min(total(own), nowhere)
	room := n
	if pos < nowhere {
		room = of.e.UpToOurs(pos, pos+n) - pos
	}
	run, err := r.within(g, c, own, room)
	if err != nil {
		return err
	}
	x := &access{call: c, of: of, writes: how.writes, own: own, other: []piece{{pos, room}}}
	if err := r.access(g, run, x); err != nil || c.interrupted {
		return err
	}
	if moving && !failed(c.result) {
		if now, _, err := r.position(c, how); err != nil || now != pos+c.result {
			if err := of.unreliable("processes share the position of a descriptor of memory"); err != nil {
				return err
			}
		}
	}
	return r.accessed(g, x, how.vector)
}

// position returns where in the other's memory a call begins, and whether that
// is the descriptor's position, which it moves.
func (r *recorder) position(c *call, how memoryCall) (pos uint64, moving bool, err error) {
	second := c.nr == unix.SYS_PREADV2 || c.nr == unix.SYS_PWRITEV2
	if how.at && !(second && c.args[3] == ^uint64(0)) {
		return c.args[3], false, nil
	}
	_, s, _ := strings.Cut(string(readProc(r.t.TID, fmt.Sprintf("fdinfo/%d", int32(c.args[0])))), "pos:")
	s, _, _ = strings.Cut(s, "\n")
	signed, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil {
		return 0, false, fmt.Errorf("position of descriptor %d of process %d: %w", int32(c.args[0]), r.t.PID, err)
	}
	return uint64(signed), true, nil
}

// within returns the registers to make a call with that must end before our
// memory, after room bytes. If that begins at once the call is made with an address
// where there is nothing either.
func (r *recorder) within(g engine.Regs, c *call, own []piece, room uint64) (engine.Regs, error) {
	how := memoryCalls[c.nr]
	switch n := total(own); {
	case room >= n:
	case room == 0:
		g.Rax, g.R10 = uint64(how.same), nowhere
	case !how.vector:
		g.Rdx = room
	default:
		cut := first(own, room)
		at, err := r.putVector(cut)
		if err != nil {
			return g, err
		}
		g.Rsi, g.Rdx = at, uint64(len(cut))
	}
	return g, nil
}
