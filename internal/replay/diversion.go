package replay

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// diversion is a throw-away copy of the process in which gdb calls functions
// of the program. Guest code runs there on the CPU itself, without the engine,
// and breakpoints are INT3s in its memory. It makes no syscalls but those that
// stay within it, and writes to the standard output and error.
//
// The copy has one thread of the kernel's, which is one thread of the guest at
// a time: whose function gdb calls. No other one runs.
type diversion struct {
	t       *tracee.Tracee
	pid     int
	tid     int              // the thread that it is
	waiting map[int]threadAt // the others
	brk     uint64
	points  map[uint64]byte // what the INT3s replaced
	ended   bool
	info    []byte // siginfo of the signal that has stopped it, or nil
}

// threadAt is where a thread of the diversion stands.
type threadAt struct {
	regs   engine.Regs
	xstate []byte
}

// divert makes a diversion at the present moment.
func (p *Player) divert() (*diversion, error) {
	t, err := p.e().Tracee().Fork(p.e().Gadget())
	if err != nil {
		return nil, fmt.Errorf("copy the process at %v: %w", p.Now(), err)
	}
	d := &diversion{
		t: t, pid: p.gen.image.PID, tid: p.Now().TID, waiting: map[int]threadAt{},
		brk: p.brk, points: map[uint64]byte{},
	}
	if err := d.seat(p); err != nil {
		kill(t)
		return nil, err
	}
	return d, nil
}

// seat takes over the registers of all threads.
func (d *diversion) seat(p *Player) error {
	for _, th := range p.Threads() {
		g := th.Regs
		g.Orig_rax = ^uint64(0)
		clearTrapFlag(&g)
		if th.Current {
			if err := d.t.SetRegs(&g); err != nil {
				return err
			}
			continue
		}
		x, err := p.XState(th.TID)
		if err != nil {
			return err
		}
		d.waiting[th.TID] = threadAt{g, x}
	}
	return nil
}

// turnTo makes the copy another thread.
func (d *diversion) turnTo(tid int) error {
	if tid == d.tid {
		return nil
	}
	to, ok := d.waiting[tid]
	if !ok {
		return fmt.Errorf("thread %d: %w", tid, unix.ESRCH)
	}
	regs, x, err := d.registers(d.tid)
	if err != nil {
		return err
	}
	if err := d.load(to.regs, to.xstate); err != nil {
		return err
	}
	d.waiting[d.tid] = threadAt{regs, x}
	delete(d.waiting, tid)
	d.tid = tid
	return nil
}

func (d *diversion) load(regs engine.Regs, xstate []byte) error {
	if err := d.t.SetRegs(&regs); err != nil {
		return err
	}
	if len(xstate) < xsaveData {
		return nil // gdb never saw it
	}
	return d.t.SetXState(xstate)
}

func (d *diversion) registers(tid int) (engine.Regs, []byte, error) {
	if tid != d.tid {
		at, ok := d.waiting[tid]
		if !ok {
			return engine.Regs{}, nil, unix.ESRCH
		}
		return at.regs, at.xstate, nil
	}
	regs, err := d.t.Regs()
	if err != nil {
		return regs, nil, err
	}
	x, err := d.t.XState()
	return regs, x, err
}

func (d *diversion) setRegisters(tid int, regs engine.Regs, xstate []byte) error {
	regs.Orig_rax = ^uint64(0) // no syscall is to be restarted
	if tid == d.tid {
		return d.load(regs, xstate)
	}
	d.waiting[tid] = threadAt{regs, xstate}
	return nil
}

// within reports whether the copy stands elsewhere than it began, with these
// registers: in a function that gdb has called.
func (d *diversion) within(began *engine.Regs) bool {
	regs, err := d.t.Regs()
	return err == nil && (regs.Rip != began.Rip || regs.Rsp != began.Rsp)
}

func (d *diversion) close() { kill(d.t) }

// insert puts an INT3 at addr, if there is memory.
func (d *diversion) insert(addr uint64) {
	var b [1]byte
	if _, ok := d.points[addr]; ok {
		return
	}
	if n, _ := d.t.ReadMem(addr, b[:]); n == 1 && d.t.WriteMem(addr, []byte{0xcc}) == nil {
		d.points[addr] = b[0]
	}
}

func (d *diversion) remove(addr uint64) error {
	old, ok := d.points[addr]
	if !ok {
		return nil
	}
	delete(d.points, addr)
	return d.t.WriteMem(addr, []byte{old})
}

// read reads memory as it is without the INT3s.
func (d *diversion) read(addr uint64, p []byte) (int, error) {
	n, err := d.t.ReadMem(addr, p)
	for at, old := range d.points {
		if at-addr < uint64(n) {
			p[at-addr] = old
		}
	}
	return n, err
}

// write writes memory, below the INT3s.
func (d *diversion) write(addr uint64, p []byte) error {
	p = append([]byte(nil), p...)
	for at := range d.points {
		if at-addr < uint64(len(p)) {
			d.points[at] = p[at-addr]
			p[at-addr] = 0xcc
		}
	}
	return d.t.WriteMem(addr, p)
}

// divertedStop is how a run in a diversion ended.
type divertedStop struct {
	breakpoint, stepped, ended, interrupted bool
	signal                                  int
	info                                    tracee.Siginfo
}

// run lets the copy run, or execute one instruction. breaks are the places
// where it must stop even if there is no memory, or none to be executed.
func (d *diversion) run(step bool, breaks map[uint64]bool, interrupt <-chan struct{}) (divertedStop, error) {
	if d.ended {
		return divertedStop{ended: true}, nil
	}
	for at := range breaks {
		d.insert(at)
	}
	regs, err := d.t.Regs()
	if err != nil {
		return divertedStop{}, err
	}
	if old, ok := d.points[regs.Rip]; ok {
		stop, done, err := d.stepOff(regs.Rip, old)
		if done || err != nil || step {
			stop.stepped = !done
			return stop, err
		}
	}
	done := make(chan struct{})
	defer close(done)
	pid := d.t.PID
	go func() {
		select {
		case <-interrupt:
			// If the process is gone, nothing needs to be stopped.
			_ = unix.Kill(pid, unix.SIGURG)
		case <-done:
		}
	}()
	return d.wait(step, breaks, interrupt)
}

// stepOff executes the instruction under an INT3.
func (d *diversion) stepOff(at uint64, old byte) (divertedStop, bool, error) {
	if err := d.t.WriteMem(at, []byte{old}); err != nil {
		return divertedStop{}, false, err
	}
	stop, err := d.wait(true, nil, nil)
	if err != nil || stop.ended {
		return stop, true, err
	}
	if err := d.t.WriteMem(at, []byte{0xcc}); err != nil {
		return stop, false, err
	}
	return stop, !stop.stepped, nil
}

func (d *diversion) wait(step bool, breaks map[uint64]bool, interrupt <-chan struct{}) (divertedStop, error) {
	for {
		resume := d.t.SyscallCont
		if step {
			resume = d.t.Step
		}
		if step {
			if done, err := d.refuseStepped(); done || err != nil {
				return divertedStop{stepped: true}, err
			}
		}
		if err := resume(0); err != nil {
			return divertedStop{}, err
		}
		raw, err := d.t.Wait()
		if err != nil {
			return divertedStop{}, err
		}
		switch raw.Kind {
		case tracee.Exited, tracee.Signaled:
			d.ended = true
			return divertedStop{ended: true}, nil
		case tracee.Syscall:
			if ended, err := d.syscall(); ended || err != nil {
				return divertedStop{ended: ended}, err
			}
		case tracee.SignalDelivery:
			stop, done, err := d.signal(raw, step, breaks, interrupt)
			if done || err != nil {
				return stop, err
			}
		}
	}
}

// signal looks at a signal stop.
func (d *diversion) signal(raw tracee.Stop, step bool, breaks map[uint64]bool, interrupt <-chan struct{}) (divertedStop, bool, error) {
	regs, err := d.t.Regs()
	if err != nil {
		return divertedStop{}, false, err
	}
	info, err := d.t.Siginfo()
	if err != nil {
		return divertedStop{}, false, err
	}
	if raw.Signal == int(unix.SIGTRAP) {
		if _, ok := d.points[regs.Rip-1]; ok && !step {
			regs.Rip--
			return divertedStop{breakpoint: true}, true, d.t.SetRegs(&regs)
		}
		if step {
			return divertedStop{stepped: true}, true, nil
		}
	}
	if breaks[regs.Rip] && raw.Signal == int(unix.SIGSEGV) {
		return divertedStop{breakpoint: true}, true, nil
	}
	if info.Code() <= 0 {
		select {
		case <-interrupt:
			return divertedStop{interrupted: true}, true, nil
		default:
			return divertedStop{}, false, nil // not the program's
		}
	}
	return divertedStop{signal: raw.Signal, info: info}, true, nil
}
