package tracee

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// Regs is the kernel's struct user_regs_struct.
type Regs = unix.PtraceRegs

// ntX86XState is the note type of the XSAVE area (linux/elf.h, NT_X86_XSTATE).
const ntX86XState = 0x202

// noSyscall in orig_rax tells the kernel that there is no system call to
// restart.
const noSyscall = ^uint64(0)

// trapFlag is TF of RFLAGS.
const trapFlag = 1 << 8

// syscallLen is the length of the SYSCALL instruction.
const syscallLen = 2

// Regs returns the general registers.
func (t *Tracee) Regs() (Regs, error) {
	var r Regs
	if err := t.stopped("read registers"); err != nil {
		return r, err
	}
	return r, t.wrap("read registers", ptraceGetRegs(t.TID, &r))
}

// SetRegs sets the general registers. An Orig_rax other than -1 beside an Rax
// that asks for a restart makes the kernel restart that system call.
func (t *Tracee) SetRegs(r *Regs) error {
	if err := t.stopped("write registers"); err != nil {
		return err
	}
	return t.wrap("write registers", ptraceSetRegs(t.TID, r))
}

// XState returns the XSAVE area in standard format, of the length that the
// kernel uses for the enabled features (XCR0 stands at offset 464).
func (t *Tracee) XState() ([]byte, error) {
	if err := t.stopped("read extended state"); err != nil {
		return nil, err
	}
	if t.xstateLen == 0 {
		t.xstateLen = 4 << 10
	}
	for {
		p := make([]byte, t.xstateLen)
		n, err := ptraceGetRegset(t.TID, ntX86XState, p)
		if err != nil {
			return nil, t.wrap("read extended state", err)
		}
		if n < len(p) { // else it may have been cut
			return p[:n], nil
		}
		t.xstateLen *= 2
	}
}

// SetXState sets what XState returned.
func (t *Tracee) SetXState(p []byte) error {
	if err := t.stopped("write extended state"); err != nil {
		return err
	}
	return t.wrap("write extended state", ptraceSetRegset(t.TID, ntX86XState, p))
}

// syscallRegs returns r changed to execute a system call at gadget. The
// arguments are those of the kernel's calling convention (syscall(2)).
func syscallRegs(r Regs, gadget, nr uint64, args []uint64) Regs {
	var a [6]uint64
	copy(a[:], args)
	r.Rax, r.Orig_rax = nr, noSyscall
	r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9 = a[0], a[1], a[2], a[3], a[4], a[5]
	r.Rip = gadget
	r.Eflags &^= trapFlag
	return r
}

// syscallResult returns what a system call that has just ended returned.
func syscallResult(r *Regs) uint64 { return r.Rax }

// atGadget reports whether the thread entered the kernel at gadget.
func atGadget(r *Regs, gadget uint64) bool { return r.Rip == gadget+syscallLen }

// restarts reports whether the kernel, on the way through its signal code,
// would turn r into the restart of a system call.
func restarts(r *Regs) bool {
	return int64(r.Orig_rax) >= 0 && isRestart(r.Rax)
}

// findSyscall returns the offset of a SYSCALL instruction in code, or -1. It
// need not be one that the program itself would reach.
func findSyscall(code []byte) int { return bytes.Index(code, []byte{0x0f, 0x05}) }
