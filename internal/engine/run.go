package engine

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/tracee"
	"hindsight/internal/translate"
)

// StopKind says why Run came back.
type StopKind uint8

const (
	StopSyscall   StopKind = iota + 1 // the guest is about to make a syscall that the stub left to us
	StopFinish                        // the stub made the syscall; logging it is left to us
	StopInsn                          // the stub of an instruction has no room in the log, or no event
	StopNative                        // the instruction at PC is to be executed by the CPU
	StopNondet                        // the same, and its results are to be logged
	StopTick                          // replay: the tick counter reached zero
	StopBreak                         // a breakpoint
	StopFault                         // the instruction at PC raised Signal
	StopSignal                        // Signal came from elsewhere; see ToBoundary
	StopEvent                         // a ptrace event other than an interrupt
	StopInterrupt                     // Interrupt was called; see ToBoundary
	StopEnded                         // the tracee is no more
	StopVDSO                          // Signal was raised within a function of the vDSO; see vdsoFault
	StopForeign                       // the instruction at PC accesses foreign memory, at Info.Addr
	StopHalt                          // job control stops the process; see ToBoundary
	StopTraced                        // with the trap flag set, one instruction was executed; its trap is due
	StopTrapFlag                      // the guest has set its trap flag; no trap is due yet
	StopPause                         // the thread has spun for a while, and others wait for their turn
)

// Stop is what Run came back with. Regs are the guest's where the kind says
// that it stands at an instruction.
type Stop struct {
	Kind   StopKind
	Regs   Regs
	Signal int
	Info   tracee.Siginfo
	Raw    tracee.Stop
	// Result is, for StopFinish, what the syscall returned.
	Result uint64
	// Stack is, for StopVDSO, what the function has put there, at Regs.Rsp.
	Stack []byte
}

// Signal is a signal taken from the tracee and not yet delivered.
type Signal = tracee.Siginfo

// Run lets the guest run until something needs the supervisor. The guest must
// have been put somewhere by SetGuest, or stopped in Run and not moved.
func (e *Engine) Run() (Stop, error) {
	e.where.runs, e.where.known = false, false
	if e.thread.trapFlag {
		return e.trace()
	}
	for {
		sig := e.pass
		e.pass = 0
		if err := e.t.Rejoin(); err != nil {
			return e.ended(err)
		}
		e.where.runs = true
		if err := e.t.Cont(sig); err != nil {
			return e.ended(err)
		}
		raw, err := e.Wait()
		e.where.runs, e.where.known = false, false
		if err != nil {
			return Stop{}, err
		}
		e.pin.stop()
		stop, again, err := e.interpret(raw)
		if err != nil {
			return e.ended(err)
		}
		if !again {
			return stop, nil
		}
		// One that came during what we did has been taken from the kernel. A
		// trap that is still to be told of comes first.
		if !e.opt.Replay && raw.Kind == tracee.SignalDelivery && e.SignalWaits() {
			return Stop{Kind: StopInterrupt, Raw: raw}, nil
		}
	}
}

// Pass lets the kernel do with the signal of the present stop what it does
// without a handler: Run goes on with it.
func (e *Engine) Pass(sig int) { e.pass = sig }

// Wait waits for the next stop. Unless Await sees to that, a process stopped by
// job control stays so until it is continued.
func (e *Engine) Wait() (tracee.Stop, error) {
	if e.Await != nil {
		return e.Await()
	}
	for {
		raw, err := e.t.Wait()
		if err != nil || raw.Kind != tracee.Group {
			return raw, err
		}
		if err := e.t.Listen(); err != nil {
			return raw, err
		}
	}
}

// ended turns the tracee's death into a Stop.
func (e *Engine) ended(err error) (Stop, error) {
	if !errors.Is(err, tracee.ErrGone) {
		return Stop{}, err
	}
	raw, werr := e.t.Wait()
	if werr != nil {
		return Stop{}, err
	}
	return Stop{Kind: StopEnded, Raw: raw}, nil
}

// interpret finds out what a ptrace stop means, and reports whether the guest
// shall just go on.
func (e *Engine) interpret(raw tracee.Stop) (Stop, bool, error) {
	switch raw.Kind {
	case tracee.Exited, tracee.Signaled:
		return Stop{Kind: StopEnded, Raw: raw}, false, nil
	case tracee.Group:
		return e.trapStop(StopHalt, raw)
	case tracee.Event:
		if raw.Event == unix.PTRACE_EVENT_STOP {
			return e.trapStop(StopInterrupt, raw)
		}
		return Stop{Kind: StopEvent, Raw: raw}, false, nil
	case tracee.SignalDelivery:
		return e.signalStop(raw)
	}
	return Stop{}, false, fmt.Errorf("unexpected stop of %v", raw)
}

// trapStop is a stop that may have overtaken what the CPU has raised, which
// comes first.
func (e *Engine) trapStop(kind StopKind, raw tracee.Stop) (Stop, bool, error) {
	if fault, err := e.t.FaultPending(); fault || err != nil {
		return Stop{}, true, err
	}
	return Stop{Kind: kind, Raw: raw}, false, nil
}

func (e *Engine) signalStop(raw tracee.Stop) (Stop, bool, error) {
	regs, err := e.t.Regs()
	if err != nil {
		return Stop{}, false, err
	}
	e.where.stopped(&regs, raw.Signal)
	if raw.Signal == int(unix.SIGTRAP) {
		if err := e.KeepMask(raw.Signal); err != nil {
			return Stop{}, false, err
		}
		if stop, again, found, err := e.trap(&regs); found || err != nil {
			return stop, again, err
		}
	}
	info, err := e.t.Siginfo()
	if err != nil {
		return Stop{}, false, err
	}
	stop := Stop{Kind: StopSignal, Signal: raw.Signal, Info: info, Raw: raw}
	if !syncSignal(raw.Signal) {
		return stop, false, nil
	}
	kept := false
	if e.blocks(raw.Signal) && !e.changesMask(&regs) {
		if kept, err = e.keepMask(raw.Signal); err != nil {
			return Stop{}, false, err
		}
	}
	if info.Code() <= 0 {
		if kept {
			// Pending, it has absorbed a fault that has unblocked it. Without it, the
			// fault comes again.
			e.Queue(info)
		}
		return stop, kept, nil
	}
	return e.fault(stop, &regs)
}

// trap handles the INT3s that are ours.
func (e *Engine) trap(regs *Regs) (stop Stop, again, found bool, err error) {
	at := regs.Rip - 1
	if off := at - e.arena - area.Code; off < area.CodeLen {
		x, ok := e.stubs.exits[uint32(off)]
		if !ok {
			return Stop{}, false, false, nil
		}
		e.Stats.Exits++
		regs.Rip = at
		stop, again, err = e.stubExit(x, regs)
		return stop, again, true, err
	}
	if e.breakAt(at) {
		regs.Rip = at
		return Stop{Kind: StopBreak, Regs: e.guest(regs, e.locate(regs))}, false, true, nil
	}
	_, u := e.unitAt(at)
	if u == nil {
		return Stop{}, false, false, nil
	}
	x, ok := u.Exit(uint32(at - u.Base))
	if !ok {
		return Stop{}, false, false, nil
	}
	e.Stats.Exits++
	regs.Rip = at
	stop, again, err = e.fragmentExit(u, x, regs)
	return stop, again, true, err
}

// exitStops are the stops of exits that only tell the guest's state.
var exitStops = map[translate.ExitKind]StopKind{
	translate.ExitNative:  StopNative,
	translate.ExitNondet:  StopNondet,
	translate.ExitTick:    StopTick,
	translate.ExitTickInd: StopTick,
	translate.ExitPause:   StopPause,
}

func (e *Engine) fragmentExit(u *unit, x translate.Exit, regs *Regs) (Stop, bool, error) {
	if x.Kind == translate.ExitStale {
		again, err := e.staleExit(u, x, regs)
		return Stop{}, again, err
	}
	if x.Kind != translate.ExitLink {
		stop := Stop{Kind: exitStops[x.Kind], Regs: e.guest(regs, e.locate(regs))}
		if e.InForeign(x.PC) && (x.Kind == translate.ExitNative || x.Kind == translate.ExitNondet) {
			stop.Kind = StopForeign
			stop.Info.SetAddr(x.PC)
		}
		return stop, false, nil
	}
	host, err := e.Host(x.PC)
	if err != nil {
		return Stop{}, false, err
	}
	if !u.gone {
		e.link(u, x, host)
	}
	regs.Rip = host
	return Stop{}, true, e.t.SetRegs(regs)
}

func (e *Engine) stubExit(x stubExit, regs *Regs) (Stop, bool, error) {
	switch x {
	case stubMiss:
		head, err := e.Head(e.Word(area.Target))
		if err != nil {
			return Stop{}, false, err
		}
		// The head takes the target in RCX, which still holds it.
		regs.Rip = head
		regs.Rcx = e.Word(area.Target)
		return Stop{}, true, e.t.SetRegs(regs)
	case stubSyscall:
		return Stop{Kind: StopSyscall, Regs: e.guest(regs, e.locate(regs))}, false, nil
	case stubFinish:
		g := e.guest(regs, e.locate(regs))
		if _, vdso := e.VDSOAt(g.Rip); !vdso {
			g.Rax = e.Word(area.NR) // its slot holds the result already
		}
		return Stop{Kind: StopFinish, Regs: g, Result: e.Word(area.Result)}, false, nil
	case stubForeign:
		stop := Stop{Kind: StopForeign, Regs: e.guest(regs, e.locate(regs))}
		stop.Info.SetAddr(e.Word(area.ForeignAddr))
		return stop, false, nil
	case stubNondet:
		return Stop{Kind: StopNondet, Regs: e.guest(regs, e.locate(regs))}, false, nil
	case stubInsn:
		return Stop{Kind: StopInsn, Regs: e.guest(regs, e.locate(regs))}, false, nil
	}
	return Stop{}, false, fmt.Errorf("process %d came back from a syscall that nobody made", e.t.PID)
}

// finishStop is the stop in a syscall's stub that has its result. Regs are
// those before the call.
func (e *Engine) finishStop(regs *Regs, st state) Stop {
	g := e.guest(regs, st)
	g.Rax = e.Word(area.NR)
	return Stop{Kind: StopFinish, Regs: g, Result: e.Word(area.Result)}
}

// fault handles a signal that the instruction executing has raised.
func (e *Engine) fault(stop Stop, regs *Regs) (Stop, bool, error) {
	if host, ok := e.bailOut(regs.Rip); ok {
		regs.Rip = host
		return Stop{}, true, e.t.SetRegs(regs)
	}
	st := e.locate(regs)
	if unix.Signal(stop.Signal) == unix.SIGTRAP && e.setsTrapFlag(regs) {
		return Stop{Kind: StopTrapFlag, Regs: e.guest(regs, st)}, false, nil
	}
	if e.comparing(stop.Info.Addr(), st) {
		stop.Kind, stop.Regs = StopForeign, e.guest(regs, st)
		stop.Info.SetAddr(st.pc)
		return stop, false, e.unlearn(st.pc)
	}
	if unix.Signal(stop.Signal) == unix.SIGSEGV {
		handled, err := e.protectionFault(stop.Info.Addr(), regs, st)
		if handled || err != nil {
			return Stop{}, true, err
		}
	}
	foreign := e.ForeignFault(&stop.Info)
	if foreign && st.place == afterCall {
		return e.openUnder()
	}
	if e.opt.Replay && st.place == afterCall {
		if grown, err := e.growUnder(stop.Info.Addr()); grown || err != nil {
			return Stop{}, true, err
		}
	}
	stop.Regs = e.guest(regs, st)
	switch st.place {
	case atBoundary, inside, settled:
		stop.Kind = StopFault
		if foreign {
			stop.Kind = StopForeign
		}
		e.hideHostPC(&stop, regs)
		return stop, false, nil
	case afterCall:
		if e.inVDSO(regs.Rip) {
			return e.vdsoFault(stop, regs), false, nil
		}
		// The guest's buffers went away between the kernel's write and
		// our copy, or the table covers more than was written.
		return e.finishStop(regs, st), false, nil
	case outside:
		stop.Kind = StopFault
		return stop, false, nil
	}
	return Stop{}, false, fmt.Errorf("process %d: %s in the engine at %#x, address %#x",
		e.t.PID, unix.SignalName(unix.Signal(stop.Signal)), regs.Rip, stop.Info.Addr())
}

// hideHostPC corrects the fault address where it is that of an instruction.
func (e *Engine) hideHostPC(stop *Stop, regs *Regs) {
	switch unix.Signal(stop.Signal) {
	case unix.SIGFPE, unix.SIGILL, unix.SIGTRAP:
		if stop.Info.Addr() == regs.Rip {
			stop.Info.SetAddr(stop.Regs.Rip)
		}
	}
}

// protectionFault handles a write to a page that we have made read-only.
func (e *Engine) protectionFault(addr uint64, regs *Regs, st state) (bool, error) {
	page := addr &^ (pageSize - 1)
	if _, ok := e.protected[page]; !ok {
		return false, nil
	}
	if st.place == afterCall {
		// A stub copies the results of a syscall: it keeps its place,
		// since the fragments around it are entered through Cont.
		return true, e.unprotectUnder(page)
	}
	g := e.guest(regs, st)
	e.written(page, g.Rip)
	if err := e.Unprotect(page, page+pageSize); err != nil {
		return true, err
	}
	return true, e.SetGuest(g)
}
