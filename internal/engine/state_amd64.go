package engine

import (
	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/translate"
	"hindsight/internal/x86"
)

// place says where a stopped thread stands.
type place uint8

const (
	atBoundary place = iota // between two guest instructions
	inside                  // inside one: it can be stepped to its end
	settled                 // in a fragment between two: as good as a boundary
	beforeCall              // in a stub that has done nothing yet: as good as a boundary
	afterCall               // in a stub that has its result: to be run to its end
	inSyscall               // interrupted in a syscall, which is to be restarted
	outside                 // in no code of ours: the PC is the guest's
)

// state is what a host PC means for the guest.
type state struct {
	place place
	pc    uint64     // guest PC
	saved x86.RegSet // registers to be taken from the save slots
	flags bool       // RFLAGS are to be taken from the thread area
	// counts: reg holds the counter of the field counter.
	counts  bool
	reg     x86.Reg
	counter int32
}

// locate tells the guest's state of a thread stopped with regs, not counting
// an INT3 that it has just executed.
func (e *Engine) locate(regs *Regs) state {
	if off := regs.Rip - e.arena - area.Code; off < area.CodeLen {
		return e.locateStub(uint32(off), regs)
	}
	if _, u := e.unitAt(regs.Rip); u != nil {
		return e.locateUnit(u, regs)
	}
	if e.inVDSO(regs.Rip) && e.mayCallVDSO() {
		return state{place: afterCall}
	}
	return state{place: outside, pc: regs.Rip}
}

// inVDSO reports whether pc lies in the vDSO.
func (e *Engine) inVDSO(pc uint64) bool {
	m, ok := e.Space.Find(pc)
	return ok && m.Path == "[vdso]"
}

// mayCallVDSO: only the stubs run the real vDSO, and only while recording.
func (e *Engine) mayCallVDSO() bool { return !e.opt.Replay && !e.stepping }

func (e *Engine) locateUnit(u *unit, regs *Regs) state {
	host := regs.Rip
	x, exits := u.Exit(uint32(host - u.Base))
	if exits && x.Kind == translate.ExitTickInd {
		return e.indirectState()
	}
	p := u.pointAt(host)
	st := state{place: inside, pc: p.PC, saved: p.Saved, counts: p.Counts, reg: p.Reg, counter: p.Counter}
	if exits {
		st.place, st.pc = atBoundary, x.PC
		return st
	}
	switch {
	case p.Boundary && uint64(p.Off)+u.Base == host:
		st.place = atBoundary
	case p.Settled:
		st.place = settled
	}
	if p.InRCX {
		st.pc = regs.Rcx
	}
	return st
}

// indirectState is that of an indirect transfer on its way to Target.
func (e *Engine) indirectState() state {
	return state{place: atBoundary, pc: e.Word(area.Target), saved: set(x86.RAX, x86.RCX)}
}

func (e *Engine) locateStub(off uint32, regs *Regs) state {
	if e.stubs.exits[off] == stubMiss {
		return e.indirectState()
	}
	r := e.stubs.rangeAt(off)
	st := state{saved: r.saved, flags: r.flags}
	switch {
	case e.stubs.syscallAt[off] && Interrupted(e.Word(area.NR), regs.Rax):
		st.place, st.pc = inSyscall, e.Word(area.NextPC)
	case r.phase == phaseBefore:
		st.place, st.pc = beforeCall, e.callPC()
	case r.phase == phaseAfter:
		st.place, st.pc = afterCall, e.callPC()
	default:
		st.place = inside
	}
	return st
}

// callPC returns the guest PC of the instruction whose stub is running.
func (e *Engine) callPC() uint64 {
	cont := e.Word(area.Cont) - 1
	if _, u := e.unitAt(cont); u != nil {
		return u.pointAt(cont).PC
	}
	return 0
}

func (s *stubs) rangeAt(off uint32) stubRange {
	at := s.ranges[0]
	for _, r := range s.ranges {
		if r.off > off {
			break
		}
		at = r
	}
	return at
}

// RestartCode reports whether a syscall's result asks the kernel to restart
// it (ERESTARTSYS and kin, include/linux/errno.h).
func RestartCode(rax uint64) bool {
	switch -int64(rax) {
	case 512, 513, 514, 516:
		return true
	}
	return false
}

// Interrupted reports whether a syscall's result says that it waits for a
// signal to be delivered from where it stands: it is to be restarted, or has
// changed the signal mask until then.
func Interrupted(nr, rax uint64) bool {
	switch nr {
	case unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_PWAIT2:
		return RestartCode(rax) || int64(rax) == -int64(unix.EINTR)
	}
	return RestartCode(rax)
}

// RestartBlock reports whether a syscall's result asks for restart_syscall(2),
// since the call's own arguments do not say how it goes on.
func RestartBlock(rax uint64) bool { return int64(rax) == -516 }

// guest returns the guest's registers of a thread in st with host registers
// regs, and makes the thread area's tick right.
func (e *Engine) guest(regs *Regs, st state) Regs {
	g := *regs
	g.Rip = st.pc
	if st.counts {
		e.SetWord(st.counter, *Reg(regs, st.reg))
	}
	for r := x86.RAX; r <= x86.R15; r++ {
		if st.saved.Has(r) {
			*Reg(&g, r) = e.Word(area.Save(r))
		}
	}
	if st.flags {
		g.Eflags = e.Word(area.Flags)
	}
	g.Eflags &^= uint64(x86.TF)
	if e.thread.trapFlag || e.setsTrapFlag(regs) {
		g.Eflags |= uint64(x86.TF)
	}
	if g.Gs_base == e.arena {
		g.Gs_base = e.Word(area.GSBase)
	}
	g.Orig_rax = ^uint64(0)
	if st.place == inSyscall {
		// As SYSCALL leaves them (SDM vol. 2).
		g.Rcx, g.R11 = g.Rip, g.Eflags
		g.Rax, g.Orig_rax = regs.Rax, e.Word(area.NR)
	}
	return g
}

// Reg returns the field of r in regs.
func Reg(regs *Regs, r x86.Reg) *uint64 {
	return [...]*uint64{
		&regs.Rax, &regs.Rcx, &regs.Rdx, &regs.Rbx, &regs.Rsp, &regs.Rbp, &regs.Rsi, &regs.Rdi,
		&regs.R8, &regs.R9, &regs.R10, &regs.R11, &regs.R12, &regs.R13, &regs.R14, &regs.R15,
	}[r]
}

// SetGuest puts the guest into the state g, from which Run goes on.
func (e *Engine) SetGuest(g Regs) error {
	if err := e.unalias(); err != nil {
		return err
	}
	host, err := e.Host(g.Rip)
	if err != nil {
		return err
	}
	e.SetWord(area.GSBase, g.Gs_base)
	g.Rip, g.Gs_base, g.Orig_rax = host, e.arena, ^uint64(0)
	e.keepTrapFlag(&g)
	e.SetWord(area.Calling, 0)
	return e.t.SetRegs(&g)
}

// SetNative puts the tracee into the state g with nothing of ours in its
// registers: the CPU will execute guest code itself.
func (e *Engine) SetNative(g Regs) error {
	e.SetWord(area.GSBase, g.Gs_base)
	e.keepTrapFlag(&g)
	e.SetWord(area.Calling, 0)
	return e.t.SetRegs(&g)
}

// SyscallArgs returns the number and the arguments of the syscall that the
// guest is about to make.
func SyscallArgs(g *Regs) (nr uint64, args [6]uint64) {
	// The kernel takes the number from EAX (entry_SYSCALL_64, arch/x86/entry).
	return g.Rax & 0xffff_ffff, [6]uint64{g.Rdi, g.Rsi, g.Rdx, g.R10, g.R8, g.R9}
}

// Arg returns the register of a syscall's argument.
func Arg(g *Regs, i int) *uint64 {
	return [...]*uint64{&g.Rdi, &g.Rsi, &g.Rdx, &g.R10, &g.R8, &g.R9}[i]
}

// SetResult makes g the state behind its SYSCALL instruction, with a result.
func SetResult(g *Regs, result uint64) {
	g.Rip += 2
	g.Rax, g.Rcx, g.R11 = result, g.Rip, g.Eflags
}

// syncSignals can be raised by the instruction that executes.
func syncSignal(sig int) bool {
	switch unix.Signal(sig) {
	case unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP:
		return true
	}
	return false
}
