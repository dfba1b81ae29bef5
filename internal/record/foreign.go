package record

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/syscalls"
	"hindsight/internal/tracee"
	"hindsight/internal/x86"
)

// foreign does for the guest the instruction at g, which accesses foreign
// memory at the address fault. The log gets what came of it: the registers, and
// what was written, not what was read.
func (r *recorder) foreign(g engine.Regs, fault uint64) error {
	if err := r.e.Relearn(g.Rip); err != nil {
		return err
	}
	inst, known := r.e.DecodeForeign(g.Rip)
	if known && inst.Flow == x86.FlowSyscall {
		return r.syscall(g)
	}
	if err := r.countSharedCode(g.Rip); err != nil {
		return err
	}
	tick := r.e.Tick()
	stop, err := r.e.StepForeign(g, fault)
	if err != nil {
		return err
	}
	after := stop.Regs
	// A store has no results. Replay makes it without asking the log.
	unlogged := stop.Kind == 0 && known && r.e.OnlyStores(&inst)
	if !unlogged && (stop.Kind == 0 || advanced(g, after)) {
		if err := r.logAccess(tick, g, after, inst, known); err != nil {
			return err
		}
	}
	if stop.Kind == engine.StopFault {
		return r.deliver(stop.Info, engine.Boundary{Regs: after}, true)
	}
	if known && inst.Spec == x86.STRING {
		err = r.e.HastenString(&g, &inst)
	} else {
		err = r.e.Hasten(g.Rip, fault)
	}
	if err != nil {
		return err
	}
	return r.goOn(&g, after)
}

// muchSharedCode is how many instructions in shared memory a user will notice.
const muchSharedCode = 20_000

// countSharedCode says why the program is slow if it executes code in shared
// memory that has no alias, so that each instruction comes to us.
func (r *recorder) countSharedCode(pc uint64) error {
	if r.e.Logged(pc, 1) {
		return nil
	}
	if r.sharedCode++; r.sharedCode != muchSharedCode {
		return nil
	}
	return r.tell("the program executes code in shared memory that cannot be translated: exactly recorded, but thousands of times slower")
}

// logCode logs code in foreign memory that the guest, at pc, is about to execute.
func (r *recorder) logCode(pc uint64, code []engine.Code) error {
	for _, c := range code {
		ev := event.Code{PC: pc, Addr: c.Addr, Gone: c.Gone}
		if len(c.Bytes) > 0 {
			ev.Writes = ev.Writes.Append(c.Addr, c.Bytes)
		}
		if err := r.log(event.AppendCode(nil, r.e.Tick(), ev)); err != nil {
			return err
		}
	}
	return nil
}

// advanced reports whether an instruction that has faulted has done some of its
// work. RF, which a fault sets, tells nothing (SDM vol. 3, 19.3.1.1).
func advanced(before, after engine.Regs) bool {
	const rf = 1 << 16
	after.Eflags = after.Eflags&^rf | before.Eflags&rf
	return after != before
}

// raise delivers the fault that an instruction of the guest's has raised,
// unless that is an access to foreign memory.
//
// It is for faults of instructions that were executed otherwise than in Run.
func (r *recorder) raise(stop engine.Stop) error {
	if r.e.ForeignFault(&stop.Info) {
		return r.foreign(stop.Regs, stop.Info.Addr())
	}
	return r.fault(stop)
}

// logAccess logs what the instruction at g has done.
func (r *recorder) logAccess(tick uint64, g, after engine.Regs, inst x86.Inst, known bool) error {
	if r.w == nil {
		return nil
	}
	var w event.Writes
	var err error
	if known && !r.e.Logged(g.Rip, int(inst.Len)) {
		if w, err = r.appendMemory(w, g.Rip, uint64(inst.Len)); err != nil {
			return err
		}
	}
	for _, a := range accessed(&g, &after, &inst, known) {
		if w, err = r.appendMemory(w, a.Addr, a.Len); err != nil {
			return err
		}
	}
	var ev []byte
	if len(w) > 0 {
		ev = event.AppendMem(ev, tick, event.Mem{Writes: w})
	}
	regs := event.Regs{Regs: engine.PackRegs(&after)}
	if !known || !inst.General() {
		if regs.XState, err = r.t.XState(); err != nil {
			return err
		}
	}
	return r.logAll(event.AppendRegs(ev, tick, regs))
}

// accessed returns the memory that inst has accessed, with the registers g
// before and after it. What it has read is among it, so that replay shows it.
func accessed(g, after *engine.Regs, inst *x86.Inst, known bool) (out []engine.Access) {
	if !known {
		return nil
	}
	for _, m := range inst.Mems() {
		a := engine.Access{Addr: engine.Address(g, inst, m), Len: uint64(m.Size), Kind: m.Access}
		switch {
		case m.VSIB || m.Size == 0:
			continue
		case inst.Rep != 0 && inst.Spec == x86.STRING:
			// The address register tells how far it came.
			to := engine.Address(after, inst, m)
			a.Len = to - a.Addr
			if g.Eflags&uint64(x86.DF) != 0 {
				a.Len = a.Addr - to
				a.Addr = to + uint64(m.Size)
			}
		}
		out = append(out, a)
	}
	return out
}

// mayChange reports whether others may change what m shows of a file. One
// that is mapped from a read-only descriptor and that nobody has open for
// writing is taken for constant, as programs and libraries are.
func (r *recorder) mayChange(fd uint64, m *engine.Mapping) bool {
	if r.w == nil {
		return false
	}
	if m.Prot&unix.PROT_WRITE != 0 && m.Shared || r.writable(fd) {
		return true
	}
	return m.Shared && r.writtenByOthers(int(fd))
}

// writable reports whether a descriptor of the guest's is open for writing.
func (r *recorder) writable(fd uint64) bool {
	return r.openFlags(fd)&unix.O_ACCMODE != unix.O_RDONLY
}

// writtenByOthers reports whether somebody has the file open for writing or may
// at any time. The kernel tells: it refuses a read lease then (fcntl(2)).
func (r *recorder) writtenByOthers(fd int) bool {
	f, err := r.t.OpenFD(fd)
	if err != nil {
		return true
	}
	defer f.Close()
	var fs unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &fs); err != nil || fs.Type == unix.TMPFS_MAGIC || fs.Type == unix.HUGETLBFS_MAGIC {
		return true
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK); err != nil {
		// EACCES: the file is somebody else's, who does not expect to be read
		// while it is written. EINVAL: a device.
		return !errors.Is(err, unix.EACCES)
	}
	_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK)
	return err != nil
}

// addMap notes a new mapping of the guest's.
func (r *recorder) addMap(m *engine.Mapping, ev *event.Map) error {
	r.e.Space.Map(*m)
	r.e.Changed(m.Start, m.End)
	if err := r.lockNew(m.Start, m.End); err != nil || !m.Foreign {
		return err
	}
	ev.Flags |= event.MapForeign
	return r.e.Shut(m.Start, m.End)
}

// shareAnonymous makes the memory foreign that a new child will share with the
// program, and returns the events that say so.
func (r *recorder) shareAnonymous() (evs [][]byte, err error) {
	if r.w == nil {
		return nil, nil
	}
	var ranges []uint64
	for _, m := range r.e.Space.Mappings() {
		if m.Shared && !m.Foreign && m.Path == "" {
			ranges = append(ranges, m.Start, m.End)
		}
	}
	return r.makeForeign(ranges...)
}

// makeForeign makes ranges foreign, given as starts and ends.
func (r *recorder) makeForeign(ranges ...uint64) (evs [][]byte, err error) {
	for i := 0; r.w != nil && i < len(ranges); i += 2 {
		for _, m := range r.e.Space.Within(ranges[i], ranges[i+1]) {
			if m.Foreign {
				continue
			}
			m.Foreign = true
			r.e.Space.Map(m)
			r.e.Changed(m.Start, m.End)
			if err := r.e.Shut(m.Start, m.End); err != nil {
				return nil, err
			}
			evs = append(evs, event.AppendForeign(nil, r.e.Tick(), event.Foreign{Addr: m.Start, Len: m.End - m.Start}))
		}
	}
	return evs, nil
}

// openForeign lets the kernel access foreign memory for the guest. It is shut
// before the guest goes on.
func (r *recorder) openForeign() error {
	if r.foreignOpen || !r.e.AnyForeign() {
		return nil
	}
	if err := r.e.Open(0, ^uint64(0)); err != nil {
		return err // SIGKILL, perhaps: see leadKernel
	}
	r.foreignOpen = true
	return nil
}

// openForeignIn is openForeign for a range.
func (r *recorder) openForeignIn(start, end uint64) error {
	if r.foreignOpen {
		return nil
	}
	if r.openRange[1] != 0 { // another one is open
		return r.openForeign()
	}
	r.openRange = [2]uint64{start, end}
	return r.e.Open(start, end)
}

func (r *recorder) shutForeign() error {
	part := r.openRange
	r.openRange = [2]uint64{}
	switch {
	case r.foreignOpen:
		r.foreignOpen = false
		return r.e.Shut(0, ^uint64(0))
	case part[1] != 0:
		return r.e.Shut(part[0], part[1])
	}
	return nil
}

// openIn gives the foreign memory back to a child that is not recorded.
func (r *recorder) openIn(t *tracee.Tracee) error {
	for _, m := range r.e.Space.Mappings() {
		if !m.Foreign {
			continue
		}
		if _, err := t.RemoteCall(r.e.Gadget(), unix.SYS_MPROTECT, m.Start, m.End-m.Start, m.Prot); err != nil {
			return fmt.Errorf("shared memory of process %d: %w", t.PID, err)
		}
	}
	return nil
}

// openForSignal opens foreign memory if the kernel needs it for delivering a
// signal: for the frame, or for the robust futexes of a thread that dies.
func (r *recorder) openForSignal(b *engine.Boundary, sig int) error {
	switch {
	case r.fateOf(sig) == fateDeath:
		return r.openForeign()
	case b.InSyscall && !r.framedInForeign(b, sig):
		return nil
	}
	return r.openForFrame(&b.Regs)
}

// framedInForeign reports whether the frame of a signal may come to lie in
// foreign memory, without asking the thread.
func (r *recorder) framedInForeign(b *engine.Boundary, sig int) bool {
	return r.e.AnyForeign() && (r.sigs[sig].flags&saOnstack != 0 || r.e.InForeign(b.Regs.Rsp))
}

// openForFrame opens foreign memory if the kernel may read or write a signal's
// frame there.
func (r *recorder) openForFrame(g *engine.Regs) error {
	if !r.e.AnyForeign() {
		return nil
	}
	start, end, err := r.e.OwnStack()
	if err != nil {
		return err
	}
	if r.e.InForeign(g.Rsp) || end > start && (r.e.InForeign(start) || r.e.InForeign(end-1)) {
		return r.openForeign()
	}
	return nil
}

// ranged are calls on the mappings in a range, which their first two arguments
// say, not on what these hold.
var ranged = map[uint64]bool{
	unix.SYS_MSYNC: true, unix.SYS_MLOCK: true, unix.SYS_MLOCK2: true, unix.SYS_MUNLOCK: true,
	unix.SYS_MINCORE: true, unix.SYS_MADVISE: true, unix.SYS_MBIND: true, unix.SYS_MUNMAP: true,
	unix.SYS_MMAP: true, unix.SYS_MPROTECT: true, unix.SYS_PKEY_MPROTECT: true,
	unix.SYS_SET_MEMPOLICY_HOME_NODE: true, unix.SYS_MSEAL: true, unix.SYS_REMAP_FILE_PAGES: true,
}

// direct are other calls that are made with the address itself.
var direct = map[uint64]bool{
	unix.SYS_MREMAP: true, unix.SYS_SET_TID_ADDRESS: true, unix.SYS_SET_ROBUST_LIST: true, unix.SYS_ARCH_PRCTL: true,
	unix.SYS_SHMAT: true, unix.SYS_SHMDT: true, unix.SYS_RT_SIGRETURN: true,
}

// reachForeign makes the arguments of a call that point to foreign memory point
// to its alias. Where there can be none the memory is opened: other threads that
// run meanwhile shut it.
func (r *recorder) reachForeign(native *engine.Regs, c *call) error {
	if c.restarts || !r.e.AnyForeign() {
		return nil
	}
	for i := range c.args {
		at := engine.Arg(native, i)
		if !r.e.InForeign(*at) {
			continue
		}
		m, _ := r.e.Space.Find(*at)
		if i == 0 && ranged[c.nr] && !m.SystemV() {
			if err := r.openForeignIn(c.args[0]&^(pageSize-1), pageEnd(c.args[0], c.args[1])); err != nil {
				return err
			}
			continue
		}
		if ranged[c.nr] || direct[c.nr] || c.effect.Class == syscalls.Memory {
			return r.openForeign()
		}
		if m.SystemV() && c.nr != unix.SYS_FUTEX {
			return r.openForeign() // an alias would be counted
		}
		to, ok, err := r.e.Alias(*at)
		if err != nil {
			return err
		}
		if !ok {
			return r.openForeign()
		}
		*at = to
	}
	return nil
}

// shutOut reports whether a call has failed because foreign memory was shut.
func (r *recorder) shutOut(c *call) bool {
	return c.result == errnoResult(unix.EFAULT) && !c.interrupted && !r.foreignOpen && r.e.AnyForeign()
}
