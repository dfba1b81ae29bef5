package tracee

import (
	"encoding/binary"
	"math/rand/v2"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mark tells the signals that we send for our own sake from all others. Our PID does
// not: it is 0 to a tracee in a PID namespace below ours (pid_namespaces(7)).
var mark = rand.Uint64()

const (
	siQueue = -1 // SI_QUEUE
	siValue = 24 // of sigqueue
)

// sendMarked sends the tracee a signal with our mark.
func (t *Tracee) sendMarked(sig int) error {
	var info Siginfo
	info.SetSigno(sig)
	info.SetCode(siQueue)
	binary.LittleEndian.PutUint64(info[siValue:], mark)
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_TGSIGQUEUEINFO, uintptr(t.PID), uintptr(t.TID), uintptr(sig), uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// marked reports whether sendMarked has sent the signal.
func (s *Siginfo) marked() bool {
	return s.Code() == siQueue && binary.LittleEndian.Uint64(s[siValue:]) == mark
}
