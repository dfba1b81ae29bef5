package replay

import (
	"maps"

	"golang.org/x/sys/unix"

	"hindsight/internal/event"
	"hindsight/internal/recording"
)

// descriptors follows which descriptors of the program are the recorder's
// standard output and error.
type descriptors struct {
	open map[uint64]descriptor // of the thread that runs
	seen uint64                // position in the log up to which events have been followed

	tid    uint64
	others map[uint64]map[uint64]descriptor // of the other threads, by number: often the same map
}

type descriptor struct {
	stream  int // 1 or 2
	cloexec bool
}

// newDescriptors starts with those that a snapshot says. One that does not say
// is of a program that was started with ours.
func newDescriptors(tid int, outputs []recording.Output) *descriptors {
	if outputs == nil {
		outputs = []recording.Output{{FD: 1, Stream: 1}, {FD: 2, Stream: 2}}
	}
	d := &descriptors{open: map[uint64]descriptor{}, tid: uint64(tid), others: map[uint64]map[uint64]descriptor{}}
	for _, o := range outputs {
		if o.Stream == 1 || o.Stream == 2 {
			d.open[o.FD] = descriptor{stream: o.Stream, cloexec: o.CloseOnExec}
		}
	}
	return d
}

// schedule follows which thread runs. An event that cannot be decoded is
// noticed by whoever carries it out.
func (d *descriptors) schedule(k event.Kind, ev []byte) {
	switch k {
	case event.KindThread:
		if t, err := event.DecodeThread(ev); err == nil {
			d.others[t.TID] = d.open
			if t.Flags&event.FlagFiles != 0 {
				d.others[t.TID] = maps.Clone(d.open)
			}
		}
	case event.KindSwitch:
		if s, err := event.DecodeSwitch(ev); err == nil {
			d.others[d.tid] = d.open
			d.tid, d.open = s.TID, d.others[s.TID]
		}
	case event.KindThreadEnd:
		d.tid = 0
	}
}

// writers are the syscalls that write what their first argument names.
var writers = map[uint16]bool{
	unix.SYS_WRITE: true, unix.SYS_WRITEV: true, unix.SYS_PWRITE64: true,
	unix.SYS_PWRITEV: true, unix.SYS_PWRITEV2: true, unix.SYS_SENDTO: true, unix.SYS_SENDMSG: true,
}

// concernsDescriptors are the syscalls that writesTo and follow look at.
var concernsDescriptors = func() (set [1 << 16]bool) {
	for _, nr := range [...]uint16{unix.SYS_DUP, unix.SYS_DUP2, unix.SYS_DUP3, unix.SYS_FCNTL, unix.SYS_CLOSE,
		unix.SYS_CLOSE_RANGE, unix.SYS_EXECVE, unix.SYS_EXECVEAT} {
		set[nr] = true
	}
	for nr := range writers {
		set[nr] = true
	}
	return set
}()

// writesTo returns the stream that a syscall has written to, 0 if none.
func (d *descriptors) writesTo(s *event.Syscall) int {
	if !writers[s.NR] || int64(s.Result) <= 0 {
		return 0
	}
	return d.open[s.Args[0]].stream
}

// follow notes what a syscall did to descriptors.
func (d *descriptors) follow(s *event.Syscall) {
	if int64(s.Result) < 0 {
		return
	}
	switch s.NR {
	case unix.SYS_DUP:
		d.dup(s.Args[0], s.Result, false)
	case unix.SYS_DUP2:
		if s.Args[0] != s.Args[1] {
			d.dup(s.Args[0], s.Result, false)
		}
	case unix.SYS_DUP3:
		d.dup(s.Args[0], s.Result, s.Args[2]&unix.O_CLOEXEC != 0)
	case unix.SYS_FCNTL:
		d.fcntl(s)
	case unix.SYS_CLOSE:
		delete(d.open, s.Args[0])
	case unix.SYS_CLOSE_RANGE:
		d.closeRange(s.Args[0], s.Args[1], s.Args[2]&unix.CLOSE_RANGE_CLOEXEC != 0)
	case unix.SYS_EXECVE, unix.SYS_EXECVEAT:
		for fd, x := range d.open {
			if x.cloexec {
				delete(d.open, fd)
			}
		}
	}
}

func (d *descriptors) dup(from, to uint64, cloexec bool) {
	if x, ok := d.open[from]; ok {
		d.open[to] = descriptor{stream: x.stream, cloexec: cloexec}
	} else {
		delete(d.open, to)
	}
}

func (d *descriptors) fcntl(s *event.Syscall) {
	switch s.Args[1] {
	case unix.F_DUPFD, unix.F_DUPFD_CLOEXEC:
		d.dup(s.Args[0], s.Result, s.Args[1] == unix.F_DUPFD_CLOEXEC)
	case unix.F_SETFD:
		if x, ok := d.open[s.Args[0]]; ok {
			x.cloexec = s.Args[2]&unix.FD_CLOEXEC != 0
			d.open[s.Args[0]] = x
		}
	}
}

func (d *descriptors) closeRange(first, last uint64, cloexec bool) {
	for fd, x := range d.open {
		switch {
		case fd < first || fd > last:
		case cloexec:
			x.cloexec = true
			d.open[fd] = x
		default:
			delete(d.open, fd)
		}
	}
}
