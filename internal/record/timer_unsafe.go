package record

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// newTimer makes a timer that sends sig to the calling thread
// (timer_create(2)).
func newTimer(sig unix.Signal) (id int32, err error) {
	const threadID = 4 // SIGEV_THREAD_ID
	event := struct {
		value  uint64
		signal int32
		notify int32
		tid    int32
		_      [11]int32
	}{signal: int32(sig), notify: threadID, tid: int32(unix.Gettid())}
	_, _, e := unix.RawSyscall(unix.SYS_TIMER_CREATE, unix.CLOCK_MONOTONIC, uintptr(unsafe.Pointer(&event)), uintptr(unsafe.Pointer(&id)))
	if e != 0 {
		return 0, fmt.Errorf("making a timer: %w", e)
	}
	return id, nil
}

// setTimer lets it send after a time, and then at each end of a period; 0 stops it.
func setTimer(id int32, after, period time.Duration) error {
	spec := [2]unix.Timespec{unix.NsecToTimespec(period.Nanoseconds()), unix.NsecToTimespec(after.Nanoseconds())}
	_, _, e := unix.RawSyscall6(unix.SYS_TIMER_SETTIME, uintptr(id), 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	if e != 0 {
		return fmt.Errorf("setting a timer: %w", e)
	}
	return nil
}

func deleteTimer(id int32) error {
	if _, _, e := unix.RawSyscall(unix.SYS_TIMER_DELETE, uintptr(id), 0, 0); e != 0 {
		return fmt.Errorf("deleting a timer: %w", e)
	}
	return nil
}
