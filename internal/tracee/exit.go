package tracee

import "golang.org/x/sys/unix"

// WatchExit has f called when the tracee, which must be stopped, is about to end
// for whatever reason, SIGKILL too, with its memory still there. It can make no
// system calls then. The stop for that is seen by nobody else. Threads and
// children that the tracee makes have the stop, too.
func (t *Tracee) WatchExit(f func()) error {
	err := t.request("watch exit", unix.PTRACE_SETOPTIONS, 0, seizeOptions|unix.PTRACE_O_TRACEEXIT)
	if err == nil {
		t.exiting = f
	}
	return err
}

// passExit deals with the stop before t's end, and reports whether s is that.
func (t *Tracee) passExit(s Stop) bool {
	if s.Kind != Event || s.Event != unix.PTRACE_EVENT_EXIT {
		return false
	}
	if t.exiting != nil {
		t.exiting()
	}
	return PassExit(s)
}

// PassExit lets a tracee that nobody knows yet end if s is the stop before that,
// and reports whether it is.
func PassExit(s Stop) bool {
	if s.Kind != Event || s.Event != unix.PTRACE_EVENT_EXIT {
		return false
	}
	// It fails where another SIGKILL was faster: the end comes all the same.
	_ = ptrace(unix.PTRACE_CONT, s.TID, 0, 0)
	return true
}

// meetExit looks whether SIGKILL has brought a stopped tracee to the stop before
// its end, from which it must not be resumed unseen.
func (t *Tracee) meetExit(name string) error {
	if t.exiting == nil || t.kept != nil {
		return nil
	}
	s, ok, err := wait4(t.TID, unix.WALL|unix.WNOHANG)
	if err != nil || !ok {
		return err
	}
	t.Keep(s)
	return t.wrap(name, ErrGone)
}
