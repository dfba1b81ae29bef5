package replay

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/syscalls"
	"hindsight/internal/x86"
)

func isSyscall(inst *x86.Inst) bool { return inst.Flow == x86.FlowSyscall }

func syscallName(nr int) string {
	if row, ok := syscalls.ByNumber(nr); ok {
		return row.Name
	}
	return fmt.Sprintf("syscall_%d", nr)
}

// syscall does what was recorded of the syscall that the guest stands before.
func (p *Player) syscall(lim *Limits) (Outcome, error) {
	nr, args := engine.SyscallArgs(&p.regs)
	mems, ev, h, err := p.owner()
	if err != nil {
		return Outcome{}, err
	}
	switch {
	case ev == nil:
		p.over = true // cut off here
		return Outcome{Reason: AtEnd}, nil
	case h.Kind == event.KindExit && (nr == unix.SYS_EXIT || nr == unix.SYS_EXIT_GROUP):
		return p.exits(ev, h, nr, args[0], lim)
	case h.Kind != event.KindSyscall:
		// Perhaps an event whose moment is here.
		return Outcome{}, p.progress(fmt.Sprintf("%s(%#x, %#x, %#x)", syscallName(int(nr)), args[0], args[1], args[2]))
	}
	s, err := event.DecodeSyscall(ev)
	if err != nil {
		return Outcome{}, err
	}
	// The log keeps the low 16 bits of a number that no call has.
	if s.NR != uint16(nr) || h.Tick != p.tick || s.Args != [3]uint64(args[:3]) || h.Flags&event.FlagVDSO != 0 {
		return Outcome{}, p.diverged(fmt.Sprintf("%s(%#x, %#x, %#x)", syscallName(int(nr)), args[0], args[1], args[2]))
	}
	caught := lim.Catch != nil && lim.Catch(int(nr))
	if caught && p.shown != p.at+1 {
		p.shown = p.at + 1
		return Outcome{Reason: AtSyscallEntry, Syscall: int(nr)}, nil
	}
	if err := p.applyMems(mems); err != nil {
		return Outcome{}, err
	}
	if err := p.perform(ev, &s); err != nil {
		return Outcome{}, err
	}
	if caught {
		return Outcome{Reason: AtSyscallReturn, Syscall: int(nr)}, nil
	}
	return Outcome{}, nil
}

// exits ends history at a call that ends the process.
func (p *Player) exits(ev []byte, h event.Header, nr, status uint64, lim *Limits) (Outcome, error) {
	x, err := event.DecodeExit(ev)
	if err != nil {
		return Outcome{}, err
	}
	leads := p.tid == p.r.Info().PID
	if x.Signal == 0 && h.Tick != p.tick || !exitsWith(&x, nr, status, leads) {
		return Outcome{}, p.diverged(fmt.Sprintf("%s(%#x)", syscallName(int(nr)), status))
	}
	return p.finish(ev, lim)
}

// exitsWith reports whether a call with that status can have ended the process
// as recorded. After exit by a thread that is not the first, it depends on the
// kernel's version whose status counts.
func exitsWith(x *event.Exit, nr, status uint64, leads bool) bool {
	if x.Signal != 0 || nr == unix.SYS_EXIT && !leads {
		return true
	}
	return x.Code == status&0xff
}

// perform applies a syscall and the events that belong to it.
func (p *Player) perform(ev []byte, s *event.Syscall) error {
	if err := p.write(s.Writes); err != nil {
		return err
	}
	if p.onSyscall != nil {
		if err := p.onSyscall(s); err != nil {
			return err
		}
	}
	engine.SetResult(&p.regs, s.Result)
	p.advance(ev)
	if isRename(s) {
		p.rename(s)
	}
	if s.Flags&event.FlagEffect == 0 {
		return nil
	}
	switch int(s.NR) {
	case unix.SYS_MADVISE:
		if err := p.madvise(s); err != nil {
			return err
		}
	case unix.SYS_SETRLIMIT, unix.SYS_PRLIMIT64:
		if err := p.stackLimit(s); err != nil {
			return err
		}
	case unix.SYS_RT_SIGRETURN:
		return p.sigreturn()
	case unix.SYS_EXECVE, unix.SYS_EXECVEAT:
		return p.exec()
	case unix.SYS_ARCH_PRCTL:
		return p.replaceRegs()
	case unix.SYS_CLONE, unix.SYS_CLONE3:
		_, h, err := p.upcoming()
		if err != nil {
			return err
		}
		if h.Kind != event.KindForeign {
			return p.newThread()
		}
	case unix.SYS_EXIT, unix.SYS_EXIT_GROUP:
		return p.endThread()
	}
	return p.effects()
}

// effects applies the changes of the address space that come next.
func (p *Player) effects() error {
	for {
		ev, h, err := p.upcoming()
		if err != nil || ev == nil {
			return err
		}
		apply := memoryEvents[min(h.Kind, event.NumKinds-1)]
		if apply == nil || !h.Kind.Valid() {
			if p.watches != nil && p.watches.regs == nil && !p.watches.open {
				return p.closePages() // of new mappings
			}
			return nil
		}
		if err := apply(p, ev); err != nil {
			return fmt.Errorf("replay at tick %d: %w", p.tick, err)
		}
		p.advance(ev)
	}
}

// stackLimit does what the guest did to the limit of its stack. Only such
// calls of setrlimit and prlimit64 are marked.
func (p *Player) stackLimit(s *event.Syscall) error {
	if s.Result != 0 {
		return nil
	}
	at := s.Args[1]
	if s.NR == unix.SYS_PRLIMIT64 {
		if at = s.Args[2]; s.Args[0] != 0 && s.Args[0] != uint64(p.r.Info().PID) {
			return nil
		}
	}
	var b [8]byte
	if _, err := p.e().Tracee().ReadMem(at, b[:]); err != nil {
		return err
	}
	return setStackLimit(p.e().Tracee().PID, binary.LittleEndian.Uint64(b[:]))
}

const madvDontneedLocked = 24 // MADV_DONTNEED_LOCKED

// enomem is the result of a madvise that was applied in part.
const enomem = ^uint64(unix.ENOMEM) + 1

func (p *Player) madvise(s *event.Syscall) error {
	switch s.Args[2] {
	case unix.MADV_DONTNEED, unix.MADV_FREE, unix.MADV_REMOVE, madvDontneedLocked:
		if s.Result == 0 || s.Result == enomem {
			return p.discard(s.Args[0], s.Args[0]+s.Args[1], s.Args[2] != unix.MADV_REMOVE)
		}
	}
	return nil
}

// sigreturn takes over the state that was in a signal frame. It moves the PC
// back, so it is a tick.
func (p *Player) sigreturn() error {
	if err := p.replaceRegs(); err != nil {
		return err
	}
	p.tick++
	return nil
}

// consequence returns the event of kind k that must come next, as part of the
// one before it; what says what it is. It is nil where the recording is cut
// off there.
func (p *Player) consequence(k event.Kind, what string) ([]byte, error) {
	ev, h, err := p.upcoming()
	switch {
	case err != nil:
		return nil, err
	case ev == nil:
		p.over = true
		return nil, nil
	case h.Kind != k:
		return nil, p.diverged(what)
	}
	return ev, nil
}

// replaceRegs takes over the registers of the Regs event that must come next.
func (p *Player) replaceRegs() error {
	ev, err := p.consequence(event.KindRegs, "a change of the registers")
	if err != nil || ev == nil {
		return err
	}
	r, err := event.DecodeRegs(ev)
	if err != nil {
		return err
	}
	p.regs = engine.UnpackRegs(&r.Regs)
	p.advance(ev)
	if len(r.XState) > 0 {
		return setXState(p.e().Tracee(), r.XState)
	}
	return nil
}

// exec goes on with the image that execve has loaded, unless that is a
// process of its own from then on, which has shared memory with this one.
func (p *Player) exec() error {
	if _, h, err := p.upcoming(); err == nil && h.Kind == event.KindThreadEnd {
		return p.endThread()
	}
	ev, err := p.consequence(event.KindExec, "a new image")
	if err != nil || ev == nil {
		return err
	}
	x, err := event.DecodeExec(ev)
	if err != nil {
		return err
	}
	if x.Snapshot >= uint64(len(p.r.Snapshots())) {
		p.over = true // cut off between the event and its snapshot
		return nil
	}
	return p.load(int(x.Snapshot))
}
