package tracee

import (
	"encoding/binary"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sendQueued is sigqueue(3).
func sendQueued(t *testing.T, pid int, sig unix.Signal, value int32) {
	t.Helper()
	var si Siginfo
	si.SetSigno(int(sig))
	si.SetCode(siQueue)
	binary.LittleEndian.PutUint32(si[16:], uint32(unix.Getpid())) // si_pid
	binary.LittleEndian.PutUint32(si[siValue:], uint32(value))
	_, _, e := unix.RawSyscall(unix.SYS_RT_SIGQUEUEINFO, uintptr(pid), uintptr(sig), uintptr(unsafe.Pointer(&si)))
	must(t, errno(0, 0, e))
}

func runLocked(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f()
}

func TestPageMapStructs(t *testing.T) {
	// The sizes are part of the ioctl numbers (asm-generic/ioctl.h).
	if got := uintptr(pagemapScan >> 16 & 0x3fff); got != unsafe.Sizeof(pmScanArg{}) {
		t.Errorf("struct pm_scan_arg has %d bytes, ours %d", got, unsafe.Sizeof(pmScanArg{}))
	}
}
