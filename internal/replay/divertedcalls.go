package replay

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"hindsight/internal/tracee"
)

// harmless are the syscalls that stay within the copy.
var harmless = map[uint64]bool{
	unix.SYS_MMAP: true, unix.SYS_MUNMAP: true, unix.SYS_MPROTECT: true, unix.SYS_MREMAP: true,
	unix.SYS_MADVISE: true, unix.SYS_RT_SIGPROCMASK: true, unix.SYS_RT_SIGACTION: true,
	unix.SYS_CLOCK_GETTIME: true, unix.SYS_SCHED_YIELD: true,
}

// syscall decides on a syscall at its entry, and sees it through.
func (d *diversion) syscall() (ended bool, err error) {
	regs, err := d.t.Regs()
	if err != nil {
		return false, err
	}
	nr, args := regs.Orig_rax, [6]uint64{regs.Rdi, regs.Rsi, regs.Rdx, regs.R10, regs.R8, regs.R9}
	if nr == unix.SYS_EXIT || nr == unix.SYS_EXIT_GROUP {
		d.ended = true
		return true, nil
	}
	allowed, result := d.allows(nr, args)
	if !allowed {
		regs.Orig_rax = ^uint64(0)
		if err := d.t.SetRegs(&regs); err != nil {
			return false, err
		}
	}
	if err := d.t.SyscallCont(0); err != nil {
		return false, err
	}
	if raw, err := d.t.Wait(); err != nil || raw.Kind != tracee.Syscall {
		d.ended = true
		return true, err
	}
	if allowed {
		return false, nil
	}
	if regs, err = d.t.Regs(); err != nil {
		return false, err
	}
	regs.Rax = result
	return false, d.t.SetRegs(&regs)
}

// allows reports whether a syscall may be made; if not, what it returns.
func (d *diversion) allows(nr uint64, args [6]uint64) (bool, uint64) {
	const enosys = ^uint64(unix.ENOSYS) + 1
	switch nr {
	case unix.SYS_WRITE, unix.SYS_WRITEV:
		return args[0] == 1 || args[0] == 2, args[2]
	case unix.SYS_FSTAT, unix.SYS_IOCTL:
		return args[0] <= 2, enosys
	case unix.SYS_NEWFSTATAT:
		return args[0] <= 2, enosys
	case unix.SYS_MMAP:
		return args[3]&unix.MAP_ANONYMOUS != 0, enosys
	case unix.SYS_GETPID:
		return false, uint64(d.pid)
	case unix.SYS_GETTID:
		return false, uint64(d.tid)
	case unix.SYS_BRK:
		return false, d.brk // the real one is not the program's: malloc uses mmap
	}
	return harmless[nr], enosys
}

// refuseStepped handles a SYSCALL instruction that is about to be stepped:
// stepping would make it without asking.
func (d *diversion) refuseStepped() (bool, error) {
	regs, err := d.t.Regs()
	if err != nil {
		return false, err
	}
	var b [2]byte
	if n, _ := d.t.ReadMem(regs.Rip, b[:]); n < len(b) || binary.BigEndian.Uint16(b[:]) != 0x0f05 {
		return false, nil
	}
	if err := d.t.SyscallCont(0); err != nil {
		return false, err
	}
	if _, err := d.t.Wait(); err != nil {
		return false, err
	}
	_, err = d.syscall()
	return true, err
}
