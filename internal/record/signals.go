package record

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/tracee"
	"hindsight/internal/x86"
)

// sigaction is the kernel's struct sigaction (rt_sigaction(2)).
type sigaction struct {
	handler, flags, restorer, mask uint64
}

// dispositions are what a process does with each signal.
type dispositions [65]sigaction

const (
	sigDFL = 0
	sigIGN = 1
)

// resetSignals does to the dispositions what execve does: handlers become
// the default; what is ignored stays so. Which signals were ignored from the
// start the kernel tells.
func (r *recorder) resetSignals() {
	ignored := signalSet(r.t.PID, "SigIgn")
	r.sigs = &dispositions{}
	for s := range r.sigs {
		if s > 0 && ignored&(1<<(s-1)) != 0 {
			r.sigs[s].handler = sigIGN
			r.watchAction(s)
		}
	}
}

// fate is what becomes of a signal.
type fate uint8

const (
	fateNothing fate = iota // ignored, or only stops or continues: the kernel does it
	fateHandler
	fateDeath
)

// fateOf tells what a signal does to the guest (signal(7)).
func (r *recorder) fateOf(sig int) fate {
	switch r.sigs[sig].handler {
	case sigIGN:
		return fateNothing
	case sigDFL:
		switch unix.Signal(sig) {
		case unix.SIGCHLD, unix.SIGCONT, unix.SIGURG, unix.SIGWINCH,
			unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
			return fateNothing
		}
		return fateDeath
	}
	return fateHandler
}

// signal handles a signal that arrived while the guest ran.
func (r *recorder) signal(info tracee.Siginfo) error {
	if r.t.Halts(info.Signo()) {
		// Now, while a SIGCONT undoes it. Run comes back to the stop.
		_, err := r.t.Halt(info.Signo())
		return err
	}
	if r.fateOf(info.Signo()) == fateNothing {
		// Untraced, it would not even have interrupted a call.
		if done, err := r.continuePartial(); done || err != nil {
			return err
		}
		// Wherever the thread stands, the kernel does what there is to do,
		// and restarts a syscall.
		r.e.Pass(r.passed(info.Signo()))
		return nil
	}
	b, err := r.boundary(info.Signo())
	if err != nil || r.ended != nil || r.th.over {
		return err
	}
	return r.deliverAt(b, info)
}

// deliverAt delivers a signal from outside where ToBoundary has brought the
// guest. A fault there and a syscall to be logged come first, and the signal
// waits.
func (r *recorder) deliverAt(b engine.Boundary, info tracee.Siginfo) error {
	switch {
	case b.Fault != nil:
		r.e.Queue(info)
		return r.raise(engine.Stop{Regs: b.Regs, Info: *b.Fault})
	case b.Finish != nil:
		r.e.Queue(info)
		return r.finishSyscall(b.Regs, *b.Finish)
	}
	return r.deliver(info, b, false)
}

// interruptedOutputs reads what an interrupted call has written all the same,
// such as the time that a sleep had left.
func (r *recorder) interruptedOutputs(b *engine.Boundary) (event.Writes, error) {
	if !b.InSyscall {
		return nil, nil
	}
	before := b.Regs
	before.Rax = before.Orig_rax
	return r.outputs(r.newCall(&before), b.Regs.Rax)
}

// deliver lets the kernel deliver a signal to the guest, from a state in
// which nothing of ours shows, and notes what it made of it.
func (r *recorder) deliver(info tracee.Siginfo, b engine.Boundary, sync bool) error {
	sig := info.Signo()
	pc := b.Regs.Rip
	if b.InSyscall {
		pc -= syscallLen
	}
	if !sync && r.e.Mask()&(1<<(sig-1)) != 0 && !b.InSyscall {
		// Blocked since the kernel chose it: it waits here.
		r.e.Queue(info)
		return r.e.SetGuest(b.Regs)
	}
	masks, err := r.suspendedMasks(&b, sig)
	if err != nil {
		return err
	}
	if err := r.restore(sig); err != nil {
		return err
	}
	if sync {
		if err := r.force(sig); err != nil {
			return err
		}
	}
	if err := r.roomForFrame(&b, sig); err != nil {
		return err
	}
	if err := r.openForSignal(&b, sig); err != nil {
		return err
	}
	if err := r.resuspend(masks); err != nil {
		return err
	}
	r.exitPC, r.exitInfo = pc, info
	written, err := r.interruptedOutputs(&b)
	if err != nil {
		return err
	}
	if err := r.e.SetNative(b.Regs); err != nil {
		return err
	}
	if err := r.t.StepWith(info); err != nil {
		return err
	}
	return r.delivered(delivery{info, pc, sync, written, b.Regs.Eflags, masks})
}

// delivery is a signal on its way to its handler.
type delivery struct {
	info    tracee.Siginfo
	pc      uint64 // guest PC of the moment
	sync    bool
	written event.Writes // by the syscall that the signal ended
	eflags  uint64       // the guest's
	masks   *suspended   // see there
}

const (
	syscallLen  = 2
	saResethand = 0x80000000 // SA_RESETHAND
	saOnstack   = 0x08000000 // SA_ONSTACK
)

// delivered looks at what a signal's delivery made of the guest: the stop is
// at the handler's first instruction.
func (r *recorder) delivered(d delivery) error {
	for {
		raw, err := r.t.Wait()
		if err != nil {
			return err
		}
		switch {
		case raw.Ended():
			return r.threadDied(r.th, raw)
		case raw.Kind == tracee.SignalDelivery && raw.Signal == int(unix.SIGTRAP):
			return r.handlerStarts(d)
		case raw.Kind == tracee.SignalDelivery:
			// The frame could not be written: SIGSEGV instead
			// (signal_setup_done).
			got, err := r.t.Siginfo()
			if err != nil {
				return err
			}
			d.info, r.exitPC, r.exitInfo = got, d.pc, got
			if err := r.t.Step(raw.Signal); err != nil {
				return err
			}
		default:
			return fmt.Errorf("process %d: %v while a signal was delivered", r.t.PID, raw)
		}
	}
}

// handlerStarts logs the frame and the registers that the handler starts with.
func (r *recorder) handlerStarts(d delivery) error {
	g, err := r.t.Regs()
	if err != nil {
		return err
	}
	mask, err := r.t.SigMask()
	if err != nil {
		return err
	}
	r.e.SetMask(mask)
	if err := r.frameTF(&g, d.eflags&uint64(x86.TF)); err != nil {
		return err
	}
	if err := r.frameMask(&g, d.masks); err != nil {
		return err
	}
	writes, err := r.frame(&g, d.written)
	if err != nil {
		return err
	}
	sig := d.info.Signo()
	if r.sigs[sig].flags&saResethand != 0 {
		r.sigs[sig] = sigaction{}
	}
	ev := event.Signal{NR: uint16(sig), PC: d.pc, Siginfo: d.info, Regs: engine.PackRegs(&g), Writes: writes}
	if d.sync && unix.Signal(sig) != unix.SIGBUS {
		// A bus error comes from the file behind a mapping, which replay
		// does not have: there it is delivered like a signal from outside.
		ev.Flags = event.FlagSync
	}
	if err := r.log(event.AppendSignal(nil, r.e.Tick(), ev)); err != nil {
		return err
	}
	r.e.AddTick()
	r.exitPC, r.exitInfo = 0, tracee.Siginfo{} // SIGKILL comes from nowhere
	return r.e.SetGuest(g)
}

// roomForFrame makes room for a stack that grows by a signal's frame. In a call
// that is not looked for: see suspended.
func (r *recorder) roomForFrame(b *engine.Boundary, sig int) error {
	const length = 16 << 10 // and more than most have
	if b.InSyscall || r.fateOf(sig) != fateHandler {
		return nil
	}
	_, err := r.roomForStackTo(b.Regs.Rsp - length)
	return err
}

// frame adds the signal frame that the kernel has just written to w. It lies
// from RSP up to the end of the extended state that it points to
// (arch/x86/include/uapi/asm/sigcontext.h).
func (r *recorder) frame(g *engine.Regs, w event.Writes) (event.Writes, error) {
	const (
		fpstatePtr   = 8 + 40 + 184 // return address, ucontext up to the mcontext, its fpstate
		extendedSize = 464 + 4      // sw_reserved.extended_size
		largest      = 64 << 10
	)
	var p [8]byte
	if _, err := r.t.ReadMem(g.Rsp+fpstatePtr, p[:]); err != nil {
		return nil, err
	}
	fp := binary.LittleEndian.Uint64(p[:])
	if _, err := r.t.ReadMem(fp+extendedSize, p[:4]); err != nil {
		return nil, err
	}
	end := fp + uint64(binary.LittleEndian.Uint32(p[:4]))
	if end-g.Rsp > largest {
		return nil, fmt.Errorf("process %d: signal frame of %d bytes at %#x", r.t.PID, end-g.Rsp, g.Rsp)
	}
	return r.appendMemory(w, g.Rsp, end-g.Rsp)
}

// parseAction reads the kernel's struct sigaction.
func parseAction(b []byte) sigaction {
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	return sigaction{word(0), word(1), word(2), word(3)}
}

// rtSigaction makes the guest's rt_sigaction, and remembers what it set.
func (r *recorder) rtSigaction(g engine.Regs, c *call) error {
	if err := r.restore(int(min(c.args[0], 64))); err != nil {
		return err
	}
	var act [32]byte
	have := false
	if c.args[1] != 0 {
		n, _ := r.t.ReadMem(c.args[1], act[:])
		have = n == len(act)
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	if sig := c.args[0]; c.result == 0 && have && sig < uint64(len(r.sigs)) {
		r.sigs[sig] = parseAction(act[:])
		r.watchAction(int(sig))
	}
	return r.complete(g, c)
}

// rtSigreturn lets the kernel restore what the frame holds.
func (r *recorder) rtSigreturn(g engine.Regs, c *call) error {
	if err := r.openForFrame(&g); err != nil {
		return err
	}
	// A signal that came now would be taken from the kernel, and the mask that
	// comes back may block it.
	undo, err := r.t.Hush()
	if err != nil {
		return err
	}
	hushed, err := r.t.SigMask()
	if err != nil {
		return err
	}
	if err := r.enterGadget(g); err != nil {
		return err
	}
	for range 2 { // entry and exit
		if err := r.t.SyscallCont(0); err != nil {
			return err
		}
		raw, err := r.toSyscallStop()
		if err != nil {
			return err
		}
		if raw.Ended() {
			return r.threadDied(r.th, raw)
		}
		if raw.Kind == tracee.SignalDelivery {
			// A bad frame: SIGSEGV, from behind the syscall.
			if mask, err := r.t.SigMask(); err != nil || mask == hushed {
				return both(err, both(undo(), r.badFrame(g)))
			}
			return r.badFrame(g)
		}
	}
	return r.sigreturned(c)
}

// toSyscallStop waits for a syscall stop; signals from elsewhere are queued.
func (r *recorder) toSyscallStop() (tracee.Stop, error) {
	for {
		pass := 0
		raw, err := r.t.Wait()
		if err != nil || raw.Kind == tracee.Syscall || raw.Ended() {
			return raw, err
		}
		if raw.Kind == tracee.SignalDelivery {
			info, err := r.t.Siginfo()
			if err != nil || info.Code() > 0 && unix.Signal(raw.Signal) == unix.SIGSEGV {
				return raw, err
			}
			if r.t.Halts(raw.Signal) {
				pass = raw.Signal
			} else {
				r.e.Queue(info)
			}
		}
		if err := r.t.SyscallCont(pass); err != nil {
			return raw, err
		}
	}
}

func (r *recorder) badFrame(g engine.Regs) error {
	info, err := r.t.Siginfo()
	if err != nil {
		return err
	}
	engine.SetResult(&g, 0)
	return r.deliver(info, engine.Boundary{Regs: g}, true)
}

func (r *recorder) sigreturned(c *call) error {
	after, err := r.t.Regs()
	if err != nil {
		return err
	}
	mask, err := r.t.SigMask()
	if err != nil {
		return err
	}
	xstate, err := r.t.XState()
	if err != nil {
		return err
	}
	r.e.SetMask(mask)
	after.Orig_rax = ^uint64(0)
	tick := r.e.Tick()
	if err := r.log(event.AppendSyscall(nil, tick, event.Syscall{
		NR: uint16(c.nr), Flags: event.FlagEffect, Args: [3]uint64(c.args[:3]), Result: after.Rax,
	})); err != nil {
		return err
	}
	ev := event.AppendRegs(nil, tick, event.Regs{Regs: engine.PackRegs(&after), XState: xstate})
	if err := r.log(ev); err != nil {
		return err
	}
	r.e.AddTick()
	return r.e.SetGuest(after)
}
