package replay

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// diversion is a throw-away copy of the process in which gdb calls functions
// of the program. Guest code runs there on the CPU itself, without the engine,
// and breakpoints are INT3s in its memory. It makes no syscalls but those that
// stay within it, and writes to the standard output and error.
type diversion struct {
	t      *tracee.Tracee
	space  *engine.Space
	brk    uint64
	points map[uint64]byte // what the INT3s replaced
	ended  bool
}

// divert makes a diversion at the present moment.
func (p *Player) divert() (*diversion, error) {
	t, err := p.e().Tracee().Fork(p.e().Gadget())
	if err != nil {
		return nil, fmt.Errorf("copy the process at %v: %w", p.Now(), err)
	}
	g := p.regs
	g.Gs_base, g.Orig_rax = 0, ^uint64(0)
	if err := t.SetRegs(&g); err != nil {
		kill(t)
		return nil, err
	}
	d := &diversion{t: t, space: p.e().Space.Clone(), brk: p.brk, points: map[uint64]byte{}}
	return d, nil
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

// harmless are the syscalls that stay within the copy.
var harmless = map[uint64]bool{
	unix.SYS_MMAP: true, unix.SYS_MUNMAP: true, unix.SYS_MPROTECT: true, unix.SYS_MREMAP: true,
	unix.SYS_MADVISE: true, unix.SYS_RT_SIGPROCMASK: true, unix.SYS_RT_SIGACTION: true,
	unix.SYS_GETTID: true, unix.SYS_CLOCK_GETTIME: true, unix.SYS_SCHED_YIELD: true,
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
