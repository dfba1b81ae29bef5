package record

import (
	"errors"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/tracee"
	"hindsight/internal/x86"
)

// isCall32 reports whether an instruction makes a system call of the 32-bit
// kind, which has numbers of its own.
func isCall32(inst *x86.Inst) bool {
	return inst.Flow == x86.FlowInt && inst.Imm == 0x80 || inst.Flow == x86.FlowSysenter
}

// lastCall32 is above all numbers of 32-bit calls; others do nothing.
const lastCall32 = 1 << 10

// shaping32 are the 32-bit calls that change what the recorder keeps account
// of: memory, signals, threads, the process (arch/x86/entry/syscalls/syscall_32.tbl).
var shaping32 = map[uint32]string{
	2: "fork", 11: "execve", 26: "ptrace", 45: "brk", 48: "signal", 67: "sigaction", 68: "sgetmask", 69: "ssetmask",
	72: "sigsuspend", 86: "uselib", 90: "mmap", 91: "munmap", 117: "ipc", 119: "sigreturn", 120: "clone", 123: "modify_ldt",
	125: "mprotect", 126: "sigprocmask", 163: "mremap", 172: "prctl", 173: "rt_sigreturn", 174: "rt_sigaction",
	175: "rt_sigprocmask", 179: "rt_sigsuspend", 190: "vfork", 192: "mmap2", 219: "madvise", 243: "set_thread_area",
	245: "io_setup", 257: "remap_file_pages", 258: "set_tid_address", 311: "set_robust_list", 354: "seccomp", 358: "execveat",
	374: "userfaultfd", 380: "pkey_mprotect", 384: "arch_prctl", 386: "rseq", 397: "shmat", 398: "shmdt", 425: "io_uring_setup",
	435: "clone3",
}

// call32 lets the CPU make a 32-bit system call. Nobody has described what
// those write: it is found by write tracking.
func (r *recorder) call32(g engine.Regs) error {
	nr := uint32(g.Rax)
	if name, ok := shaping32[nr]; ok {
		if err := r.unreliable("%s, as a 32-bit system call at %#x", name, g.Rip); err != nil {
			return err
		}
	}
	if err := r.openForeign(); err != nil {
		return err
	}
	var tr *tracee.WriteTracker
	if nr < lastCall32 {
		var err error
		if tr, err = r.trackWrites(); err != nil {
			return err
		}
	}
	stop, w, err := r.stepTracked(g, tr)
	if tr != nil {
		err = both(err, tr.Close())
	}
	if err != nil {
		return err
	}
	if stop.Kind == engine.StopFault {
		return r.raise(stop)
	}
	return r.logStep(&g, stop.Regs, w)
}

// trackWrites begins to track what is written. Where the kernel cannot, it
// returns nil, and the recording is unreliable.
func (r *recorder) trackWrites() (*tracee.WriteTracker, error) {
	tr, err := tracee.NewWriteTracker(r.t, r.e.Gadget())
	if errors.Is(err, tracee.ErrGone) {
		return nil, err
	}
	if err != nil {
		return nil, r.unreliable("a 32-bit system call, and writes cannot be tracked: %v", err)
	}
	if err := tr.Start(); err != nil {
		return nil, both(err, tr.Close())
	}
	return tr, nil
}

// stepTracked executes one instruction, and returns what tr saw written.
func (r *recorder) stepTracked(g engine.Regs, tr *tracee.WriteTracker) (engine.Stop, event.Writes, error) {
	stop, err := r.e.StepNative(g)
	if err != nil || stop.Kind == engine.StopFault || tr == nil {
		return stop, nil, err
	}
	w, err := r.written(tr)
	return stop, w, err
}

// logStep logs what the instruction at g has written and the registers behind it,
// and lets the guest go on.
func (r *recorder) logStep(g *engine.Regs, after engine.Regs, w event.Writes) error {
	if len(w) > 0 {
		if err := r.log(event.AppendMem(nil, r.e.Tick(), event.Mem{Writes: w})); err != nil {
			return err
		}
	}
	if err := r.log(event.AppendRegs(nil, r.e.Tick(), event.Regs{Regs: engine.PackRegs(&after)})); err != nil {
		return err
	}
	return r.goOn(g, after)
}
