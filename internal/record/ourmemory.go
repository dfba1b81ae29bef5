package record

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/engine"
)

// What the program does to addresses where our memory is. To it they are free.

// supervised are calls that would be made in the tracee, but for the addresses
// that they may be asked about.
var supervised = []int{
	unix.SYS_MINCORE, unix.SYS_MLOCK, unix.SYS_MLOCK2, unix.SYS_MUNLOCK,
	unix.SYS_MSYNC, unix.SYS_MADVISE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PTRACE,
}

// superviseImage tells a new image's engine which calls its stubs are not to
// make.
func (r *recorder) superviseImage() error {
	for _, nr := range supervised {
		r.e.Supervise(nr, true)
	}
	r.e.Supervise(unix.SYS_GETRLIMIT, r.as.set)
	if r.memoryOpen {
		r.superviseMemory()
	}
	if r.opt.CheckCalls {
		for nr := range area.Syscalls {
			r.e.Supervise(nr, true)
		}
	}
	r.tellPrivileges()
	return r.moved(nil)
}

// makeRoom moves what is ours in a range where the program wants to map
// something, and reports whether it could.
func (r *recorder) makeRoom(start, end uint64) (bool, error) {
	if !r.e.Ours(start, end) {
		return true, nil
	}
	users, ok := r.aliasUsers(start, end)
	if ok, err := r.withdraw(users, ok, start); !ok || err != nil {
		return false, err
	}
	if err := r.e.GiveWay(start, end); err != nil {
		return false, err
	}
	if err := r.sendBack(users); err != nil {
		return false, err
	}
	if arena := r.e.Arena(); start < arena+engine.ArenaSize && arena < end {
		if moved, err := r.moveArena(start, end); !moved || err != nil {
			return false, err
		}
	}
	return true, nil
}

// roomToGrow makes room for what grows into [start, end), if nothing of the
// program's is there.
func (r *recorder) roomToGrow(start, end uint64) error {
	if start >= end || !r.e.Ours(start, end) {
		return nil
	}
	if err := r.e.Grow(start, end); err != nil || r.e.Space.Overlaps(start, end) {
		return err
	}
	_, err := r.makeRoom(start, end)
	return err
}

// roomForStack makes room for a stack that the guest has touched below its start
// with the fault stop, and reports whether the guest is to try again.
func (r *recorder) roomForStack(stop *engine.Stop) (bool, error) {
	if unix.Signal(stop.Signal) != unix.SIGSEGV || stop.Info.Code() <= 0 {
		return false, nil
	}
	addr := stop.Info.Addr()
	if ok, err := r.roomForStackTo(addr); !ok || err != nil {
		return false, err
	}
	r.e.GrowStack(addr)
	return true, r.e.SetGuest(stop.Regs)
}

// roomForStackTo makes room for a stack to grow to addr, and reports whether
// something of ours was in its way.
func (r *recorder) roomForStackTo(addr uint64) (bool, error) {
	start, end, ok, err := r.e.InStacksWay(addr)
	if !ok || err != nil {
		return false, err
	}
	return r.makeRoom(start, end)
}

// roomForArguments does so for what a call that has failed has been passed.
func (r *recorder) roomForArguments(c *call, result uint64) (made bool, err error) {
	for i := 0; i < len(c.args) && result == errnoResult(unix.EFAULT) && err == nil; i++ {
		var ok bool
		ok, err = r.roomForStackTo(c.args[i])
		made = made || ok
	}
	return made, err
}

// fault delivers what an instruction of the guest's has raised.
func (r *recorder) fault(stop engine.Stop) error {
	if again, err := r.roomForStack(&stop); again || err != nil {
		return err
	}
	return r.deliver(stop.Info, engine.Boundary{Regs: stop.Regs}, true)
}

// otherMemory makes process_vm_readv and process_vm_writev, which do not reach
// our memory in a recorded process: EFAULT.
func (r *recorder) otherMemory(g engine.Regs, c *call) error {
	if r.reachesOurs(c) {
		return r.fail(g, c, unix.EFAULT)
	}
	if c.nr == unix.SYS_PROCESS_VM_WRITEV {
		return r.writeProcess(g, c)
	}
	return r.ordinary(g, c)
}

func (r *recorder) reachesOurs(c *call) bool {
	pid, vector, n := int(int32(c.args[0])), c.args[3], c.args[4]
	of := r
	for _, other := range r.sup.recorders() {
		if other.pid == pid {
			of = other
		}
	}
	const maxVector = 1024 // UIO_MAXIOV
	words, ok := r.words(vector, 2*int(min(n, maxVector)))
	if of.pid != pid || !ok {
		return false
	}
	for i := 0; i+1 < len(words); i += 2 {
		if of.e.Ours(words[i], words[i]+words[i+1]) {
			return true
		}
	}
	return false
}

// addressSpace is what the program has set RLIMIT_AS to, less than which the
// kernel has been told. The zero value says that it has set nothing.
type addressSpace struct {
	set bool
	was [16]byte // the program's struct rlimit
}

// limitAddressSpace makes a call that reads or changes RLIMIT_AS, which our
// memory must not count for.
func (r *recorder) limitAddressSpace(g engine.Regs, c *call) error {
	limit, old := &g.Rsi, uint64(0) // setrlimit
	switch c.nr {
	case unix.SYS_PRLIMIT64:
		limit, old = &g.Rdx, g.R10
	case unix.SYS_GETRLIMIT:
		limit, old = new(uint64), g.Rsi
	}
	next := addressSpace{set: true}
	run := g
	if *limit != 0 {
		if _, err := r.t.ReadMem(*limit, next.was[:]); err != nil {
			return r.plain(g, c)
		}
		lent := r.e.Lend(r.more(next.was))
		if c.nr == unix.SYS_PRLIMIT64 {
			run.Rdx = lent
		} else {
			run.Rsi = lent
		}
	}
	if err := r.execute(run, c); err != nil || c.interrupted {
		return err
	}
	if c.result == 0 && old != 0 && r.as.set {
		if err := r.t.WriteMem(old, r.as.was[:]); err != nil {
			return err
		}
	}
	if c.result == 0 && *limit != 0 {
		r.as = next
		r.e.Supervise(unix.SYS_GETRLIMIT, true)
	}
	return r.complete(g, c)
}

// more adds to a struct rlimit what our memory may come to.
func (r *recorder) more(limit [16]byte) []byte {
	out := make([]byte, 0, len(limit))
	for i := 0; i < len(limit); i += 8 {
		n := binary.LittleEndian.Uint64(limit[i:])
		if sum := n + r.e.Most(); sum > n {
			n = sum
		}
		out = binary.LittleEndian.AppendUint64(out, n)
	}
	return out
}
