package tracee

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ptrace makes a request whose arguments are numbers. Requests do not block,
// so the scheduler need not know of them.
func ptrace(req, tid int, addr, data uintptr) error {
	return errno(unix.RawSyscall6(unix.SYS_PTRACE, uintptr(req), uintptr(tid), addr, data, 0, 0))
}

// ptracePtr makes a request whose data points to one of our variables.
func ptracePtr(req, tid int, addr uintptr, data unsafe.Pointer) error {
	return errno(unix.RawSyscall6(unix.SYS_PTRACE, uintptr(req), uintptr(tid), addr, uintptr(data), 0, 0))
}

func errno(_, _ uintptr, e unix.Errno) error {
	if e != 0 {
		return e
	}
	return nil
}

// rawWait4 is wait4(2) of which the scheduler does not know.
func rawWait4(tid, options int) (got int, ws unix.WaitStatus, err error) {
	r, _, e := unix.RawSyscall6(unix.SYS_WAIT4, uintptr(tid), uintptr(unsafe.Pointer(&ws)), uintptr(options), 0, 0, 0)
	return int(r), ws, errno(0, 0, e)
}

func ptraceGetRegs(tid int, r *Regs) error {
	return ptracePtr(unix.PTRACE_GETREGS, tid, 0, unsafe.Pointer(r))
}

func ptraceSetRegs(tid int, r *Regs) error {
	return ptracePtr(unix.PTRACE_SETREGS, tid, 0, unsafe.Pointer(r))
}

// ptraceGetRegset reads a register set and returns its length, at most len(p).
func ptraceGetRegset(tid int, note uintptr, p []byte) (int, error) {
	iov := unix.Iovec{Base: unsafe.SliceData(p), Len: uint64(len(p))}
	err := ptracePtr(unix.PTRACE_GETREGSET, tid, note, unsafe.Pointer(&iov))
	runtime.KeepAlive(p)
	return int(iov.Len), err
}

func ptraceSetRegset(tid int, note uintptr, p []byte) error {
	iov := unix.Iovec{Base: unsafe.SliceData(p), Len: uint64(len(p))}
	err := ptracePtr(unix.PTRACE_SETREGSET, tid, note, unsafe.Pointer(&iov))
	runtime.KeepAlive(p)
	return err
}

func ptraceGetSiginfo(tid int, si *Siginfo) error {
	return ptracePtr(unix.PTRACE_GETSIGINFO, tid, 0, unsafe.Pointer(si))
}

func ptraceSetSiginfo(tid int, si *Siginfo) error {
	return ptracePtr(unix.PTRACE_SETSIGINFO, tid, 0, unsafe.Pointer(si))
}

func ptraceGetSigmask(tid int, mask *uint64) error {
	return ptracePtr(unix.PTRACE_GETSIGMASK, tid, unsafe.Sizeof(*mask), unsafe.Pointer(mask))
}

func ptraceSetSigmask(tid int, mask *uint64) error {
	return ptracePtr(unix.PTRACE_SETSIGMASK, tid, unsafe.Sizeof(*mask), unsafe.Pointer(mask))
}

func ptraceGetEventMsg(tid int) (uint64, error) {
	var msg uint64
	err := ptracePtr(unix.PTRACE_GETEVENTMSG, tid, 0, unsafe.Pointer(&msg))
	return msg, err
}

// ptracePeekSiginfo reads signals that are pending for one thread, from the
// one with the given index on, and returns how many.
func ptracePeekSiginfo(tid, from int, out []Siginfo) (int, error) {
	args := struct { // struct ptrace_peeksiginfo_args
		off   uint64
		flags uint32
		nr    int32
	}{uint64(from), 0, int32(len(out))}
	n, _, e := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_PEEKSIGINFO, uintptr(tid),
		uintptr(unsafe.Pointer(&args)), uintptr(unsafe.Pointer(unsafe.SliceData(out))), 0, 0)
	return int(n), errno(0, 0, e)
}

// ptraceSyscallOp says which side of a system call the stop is on
// (PTRACE_SYSCALL_INFO_ENTRY, _EXIT, _NONE). Linux 5.3 or newer.
func ptraceSyscallOp(tid int) (byte, error) {
	var info [88]byte // struct ptrace_syscall_info begins with the op
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(tid),
		uintptr(len(info)), uintptr(unsafe.Pointer(&info)), 0, 0)
	return info[0], errno(0, 0, e)
}

// ptraceRseq reads a thread's registration for restartable sequences.
func ptraceRseq(tid int, c *RseqConfiguration) error {
	const getRseqConfiguration = 0x420f // PTRACE_GET_RSEQ_CONFIGURATION
	return errno(unix.RawSyscall6(unix.SYS_PTRACE, getRseqConfiguration, uintptr(tid),
		unsafe.Sizeof(*c), uintptr(unsafe.Pointer(c)), 0, 0))
}

// processVMRead reads remote memory as far as its protection allows.
func processVMRead(pid int, addr uint64, p []byte) (int, error) {
	local := unix.Iovec{Base: unsafe.SliceData(p), Len: uint64(len(p))}
	remote := unix.RemoteIovec{Base: uintptr(addr), Len: len(p)}
	n, _, e := unix.Syscall6(unix.SYS_PROCESS_VM_READV, uintptr(pid),
		uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	runtime.KeepAlive(p)
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}

// setPersonality changes the calling thread's execution domain and returns
// the old one.
func setPersonality(p uintptr) (uintptr, error) {
	old, _, e := unix.RawSyscall(unix.SYS_PERSONALITY, p, 0, 0)
	return old, errno(0, 0, e)
}

func ioctl(fd int, req uintptr, arg unsafe.Pointer) (int, error) {
	n, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), req, uintptr(arg))
	return int(n), errno(0, 0, e)
}
