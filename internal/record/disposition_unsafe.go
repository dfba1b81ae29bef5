package record

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// disposition returns what we ourselves do with a signal.
func disposition(sig unix.Signal) (act sigaction, err error) {
	_, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), 0, uintptr(unsafe.Pointer(&act)), 8, 0, 0)
	if e != 0 {
		return act, fmt.Errorf("disposition of signal %d: %w", sig, e)
	}
	return act, nil
}

// dispose sets that, behind the back of the Go runtime.
func dispose(sig unix.Signal, act sigaction) error {
	_, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&act)), 0, 8, 0, 0)
	if e != 0 {
		return fmt.Errorf("disposition of signal %d: %w", sig, e)
	}
	return nil
}
