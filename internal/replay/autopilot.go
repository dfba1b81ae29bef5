package replay

import (
	"encoding/binary"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
)

// Result is what came of a replay to the end.
type Result struct {
	Moment   Moment
	Ended    bool // the recording holds the program's end; otherwise it was cut off
	ExitCode int
	Signal   int // the fatal one, or 0
	Core     bool
}

// Autopilot replays the process that r is a view of from its start to its
// end, and writes to stdout and stderr what it wrote to the recorder's.
func Autopilot(r *recording.Reader, stdout, stderr io.Writer) (Result, error) {
	return autopilot(r, engine.NewCodeStore(), stdout, stderr, nil)
}

// pacer is told how far a replay has come, as a position in the event log,
// and may hold it up before it writes.
type pacer interface {
	reached(at uint64)
	turn(at uint64)
}

func autopilot(r *recording.Reader, code *engine.CodeStore, stdout, stderr io.Writer, pace pacer) (res Result, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p, err := open(r, code)
	if err != nil {
		return res, err
	}
	defer func() {
		if e := p.Close(); err == nil {
			err = e
		}
	}()
	echo := &echo{p: p, pace: pace, fds: newDescriptors(p.gen.image.TID, p.gen.image.Outputs), out: [3]io.Writer{1: stdout, 2: stderr}}
	p.mark, p.onSyscall = echo.mark, echo.written
	out, err := p.Run(Limits{})
	res.Moment = p.Now()
	if err == nil && out.Reason != AtEnd {
		err = fmt.Errorf("replay stopped at %v", res.Moment)
	}
	if p.exit != nil {
		res.Ended, res.ExitCode, res.Signal, res.Core = true, int(p.exit.Code), int(p.exit.Signal), p.exit.Core != 0
	}
	return res, err
}

// echo repeats what a program wrote to the recorder's standard output and
// error.
type echo struct {
	p    *Player
	pace pacer // nil where there is no other process
	fds  *descriptors
	out  [3]io.Writer // by descriptor
	due  []dueWrite   // writes ahead, in order
}

// dueWrite is a write ahead.
type dueWrite struct {
	at     uint64 // position of its event
	stream int
}

// mark makes the writes to be echoed stop in the supervisor. It sees all
// syscalls, and what threads do, of a window, and of the next window again those that had not been
// executed.
func (e *echo) mark(h event.Header, ev []byte) bool {
	if h.Kind == event.KindSyscall && (!concernsDescriptors[h.NR] || h.Flags&event.FlagVDSO != 0) {
		return false
	}
	at := e.p.win.end
	if e.pace != nil {
		e.pace.reached(e.p.at)
	}
	if at < e.fds.seen {
		return e.marked(at)
	}
	e.fds.seen = at + uint64(len(ev))
	if h.Kind != event.KindSyscall {
		e.fds.schedule(h.Kind, ev)
		return false
	}
	s, err := event.DecodeSyscall(ev)
	if err != nil {
		return false // the supervisor will say so
	}
	stream := e.fds.writesTo(&s)
	e.fds.follow(&s)
	if stream != 0 {
		e.due = append(e.due, dueWrite{at, stream})
	}
	return stream != 0
}

func (e *echo) marked(at uint64) bool {
	for _, d := range e.due {
		if d.at == at {
			return true
		}
	}
	return false
}

// written echoes a write that is being replayed.
func (e *echo) written(s *event.Syscall) error {
	if len(e.due) == 0 || e.due[0].at != e.p.at {
		return nil
	}
	w := e.out[e.due[0].stream]
	e.due = e.due[1:]
	if e.pace != nil {
		e.pace.turn(e.p.at)
	}
	parts, err := e.parts(s)
	if err != nil {
		return err
	}
	left := s.Result
	for _, part := range parts {
		n := min(part.Len, left)
		if err := e.copy(w, part.Addr, n); err != nil {
			return err
		}
		left -= n
	}
	return nil
}

// parts lists the buffers of a writing syscall.
func (e *echo) parts(s *event.Syscall) ([]memRange, error) {
	switch s.NR {
	case unix.SYS_WRITEV, unix.SYS_PWRITEV, unix.SYS_PWRITEV2:
		return e.iovec(s.Args[1], s.Args[2])
	case unix.SYS_SENDMSG:
		// struct msghdr: name, namelen, iov, iovlen (recvmsg(2)).
		var b [32]byte
		if _, err := e.p.ReadMem(s.Args[1], b[:]); err != nil {
			return nil, err
		}
		return e.iovec(binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:]))
	}
	return []memRange{{s.Args[1], s.Result}}, nil
}

// memRange is a range of guest memory.
type memRange struct{ Addr, Len uint64 }

func (e *echo) iovec(at, n uint64) ([]memRange, error) {
	const most = 1024 // IOV_MAX
	b := make([]byte, 16*min(n, most))
	if _, err := e.p.ReadMem(at, b); err != nil {
		return nil, err
	}
	var out []memRange
	for ; len(b) > 0; b = b[16:] {
		out = append(out, memRange{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])})
	}
	return out, nil
}

func (e *echo) copy(w io.Writer, at, n uint64) error {
	buf := make([]byte, min(n, 1<<20))
	for n > 0 {
		b := buf[:min(n, uint64(len(buf)))]
		if _, err := e.p.ReadMem(at, b); err != nil {
			return fmt.Errorf("echo what the program wrote: %w", err)
		}
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("echo what the program wrote: %w", err)
		}
		at, n = at+uint64(len(b)), n-uint64(len(b))
	}
	return nil
}
