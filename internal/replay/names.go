package replay

import (
	"bytes"
	"maps"

	"golang.org/x/sys/unix"

	"hindsight/internal/event"
)

// names are the names that threads gave themselves, by prctl(2). They are
// never changed in place: a checkpoint has the same.
type names map[int]string

// with returns the names after tid got one.
func (n names) with(tid int, name string) names {
	n = maps.Clone(n)
	if n == nil {
		n = names{}
	}
	n[tid] = name
	return n
}

// name is a thread's name; without one of its own, the program's.
func (p *Player) name(tid int) string {
	if name, ok := p.names[tid]; ok {
		return name
	}
	return p.gen.image.Comm
}

// renames reports whether a syscall names the thread that makes it.
func renames(h event.Header, ev []byte) bool {
	if h.NR != unix.SYS_PRCTL {
		return false
	}
	s, err := event.DecodeSyscall(ev)
	return err == nil && isRename(&s)
}

func isRename(s *event.Syscall) bool {
	return s.NR == unix.SYS_PRCTL && s.Args[0] == unix.PR_SET_NAME && s.Result == 0
}

// rename gives the present thread the name that it has asked for.
func (p *Player) rename(s *event.Syscall) {
	var name [16]byte                       // TASK_COMM_LEN (include/linux/sched.h)
	n, _ := p.ReadMem(s.Args[1], name[:15]) // it may end at the end of memory
	text, _, _ := bytes.Cut(name[:n], []byte{0})
	p.names = p.names.with(p.tid, string(text))
}
