package record

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/bpf"
	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// The kernel would apply a seccomp filter of the program's to the calls that we
// make in it, too. So it is never told of one: filters are kept and evaluated
// here (seccomp(2)). Calls that the filters always allow stay with their stubs.

// policy are the filters of a thread, newest first. It is not changed, since
// threads and children share it; nil is none.
type policy struct {
	filter bpf.Program
	older  *policy
	strict bool // SECCOMP_MODE_STRICT, without a filter
}

const (
	seccompStrict      = 0 // operations of seccomp(2)
	seccompFilter      = 1
	seccompActionAvail = 2
	seccompNotifSizes  = 3
	modeStrict         = 1 // modes of prctl(2)
	modeFilter         = 2
	filterTsync        = 1 << 0
	filterLog          = 1 << 1
	filterSpecAllow    = 1 << 2
	filterListener     = 1 << 3
	filterTsyncESRCH   = 1 << 4
	filterWaitKillable = 1 << 5
	retKillProcess     = 0x80000000
	retKillThread      = 0x00000000
	retTrap            = 0x00030000
	retErrno           = 0x00050000
	retUserNotif       = 0x7fc00000
	retTrace           = 0x7ff00000
	retLog             = 0x7ffc0000
	retAllow           = 0x7fff0000
	retAction          = 0xffff0000
	retData            = 0x0000ffff
	auditArchX86_64    = 0xc000003e
	prGetSeccomp       = 21
	prSetSeccomp       = 22
	maxInstsPerPath    = 32768 // MAX_INSNS_PER_PATH, of which each filter costs 4
	filterPenalty      = 4
	sysSeccomp         = 1 // si_code SYS_SECCOMP
	sysUserDispatch    = 2 // SYS_USER_DISPATCH
)

// strictCalls are what SECCOMP_MODE_STRICT allows (mode1_syscalls).
var strictCalls = map[uint64]bool{unix.SYS_READ: true, unix.SYS_WRITE: true, unix.SYS_EXIT: true, unix.SYS_RT_SIGRETURN: true}

// says returns the decision of all filters: the least permissive, of equals
// the newest one's (seccomp_run_filters).
func (p *policy) says(evaluate func(bpf.Program) (uint32, bool)) (ret uint32, sure bool) {
	ret, sure = retAllow, true
	for ; p != nil && p.filter != nil; p = p.older {
		got, ok := evaluate(p.filter)
		sure = sure && ok
		if int32(got&retAction) < int32(ret&retAction) {
			ret = got
		}
	}
	return ret, sure
}

// of returns what becomes of one call.
func (p *policy) of(d *bpf.Data) uint32 {
	ret, _ := p.says(func(f bpf.Program) (uint32, bool) { return f.Run(d), true })
	return ret
}

// lets reports whether all calls of a number are allowed.
func (p *policy) lets(nr int) bool {
	if p.strict {
		return strictCalls[uint64(nr)]
	}
	ret, sure := p.says(func(f bpf.Program) (uint32, bool) { return f.Always(uint32(nr), auditArchX86_64) })
	return sure && (ret&retAction == retAllow || ret&retAction == retLog)
}

// count returns the number of filters, and what they cost of the length that
// all may have together.
func (p *policy) count() (n, insts int) {
	for ; p != nil && p.filter != nil; p = p.older {
		n++
		insts += len(p.filter) + filterPenalty
	}
	return n, insts
}

func (p *policy) mode() uint64 {
	switch {
	case p == nil:
		return 0
	case p.strict:
		return modeStrict
	}
	return modeFilter
}

// descends reports whether p is old or has been added to it.
func (p *policy) descends(old *policy) bool {
	for ; p != nil; p = p.older {
		if p == old {
			return true
		}
	}
	return old == nil
}

// supervisePolicies makes the calls that not all threads may always make come
// to us.
func (r *recorder) supervisePolicies() {
	policies := map[*policy]bool{}
	for th := range r.live {
		if th.policy != nil {
			policies[th.policy] = true
		}
	}
	if len(policies) == 0 {
		return
	}
	r.e.Supervise(unix.SYS_PRCTL, true)
	for nr := range area.Syscalls {
		for p := range policies {
			if !p.lets(nr) {
				r.e.Supervise(nr, true)
			}
		}
	}
}

// sandboxed does what the thread's filters say of a call, and reports whether
// that is all that becomes of it.
func (r *recorder) sandboxed(g engine.Regs, c *call) (bool, error) {
	if done, err := r.dispatched(g, c); done || err != nil {
		return done, err
	}
	p := r.th.policy
	if p == nil {
		return false, nil
	}
	if p.strict {
		if strictCalls[c.nr] {
			return false, nil
		}
		return true, r.killThread(g, c, unix.SIGKILL)
	}
	ret := p.of(&bpf.Data{NR: uint32(c.nr), Arch: auditArchX86_64, IP: g.Rip + syscallLen, Args: c.args})
	switch ret & retAction {
	case retAllow, retLog:
		return false, nil
	case retErrno:
		const maxErrno = 4095
		c.result = uint64(-int64(min(ret&retData, maxErrno)))
		return true, r.skip(g, c)
	case retTrap:
		return true, r.trapped(g, c, sysSeccomp, int(ret&retData))
	case retTrace, retUserNotif: // without a tracer or a listener
		c.result = errnoResult(unix.ENOSYS)
		return true, r.skip(g, c)
	case retKillThread:
		if len(r.live) > 1 {
			return true, r.killThread(g, c, unix.SIGSYS)
		}
	}
	return true, r.killProcess(g, c, unix.SIGSYS)
}

// skip logs a call that has not been made.
func (r *recorder) skip(g engine.Regs, c *call) error { return r.finish(g, c, 0, nil) }

// trapped raises SIGSYS in place of a call: the registers are those before it,
// but the PC is behind it (force_sig_seccomp, syscall_rollback).
func (r *recorder) trapped(g engine.Regs, c *call, code, errno int) error {
	info := sigsys(g.Rip+syscallLen, c.nr, code, errno)
	c.result = c.nr
	if err := r.skip(g, c); err != nil {
		return err
	}
	engine.SetResult(&g, c.result)
	const sig = int(unix.SIGSYS)
	if h := r.sigs[sig].handler; h == sigDFL || h == sigIGN || r.e.Mask()&(1<<(sig-1)) != 0 {
		if err := r.exposeTo(sig); err != nil {
			return err
		}
	}
	return r.deliver(info, engine.Boundary{Regs: g}, false)
}

// sigsys is the siginfo of a call that is not made (siginfo_t's _sigsys).
func sigsys(pc, nr uint64, code, errno int) (info tracee.Siginfo) {
	const siErrno, siCallAddr, siSyscall, siArch = 4, 16, 24, 28
	info.SetSigno(int(unix.SIGSYS))
	info.SetCode(code)
	binary.LittleEndian.PutUint32(info[siErrno:], uint32(errno))
	binary.LittleEndian.PutUint64(info[siCallAddr:], pc)
	binary.LittleEndian.PutUint32(info[siSyscall:], uint32(nr))
	binary.LittleEndian.PutUint32(info[siArch:], auditArchX86_64)
	return info
}

// exposeTo makes a signal that the kernel forces upon the program do what it
// does by default, also where it is blocked (force_sig_info_to_task).
func (r *recorder) exposeTo(sig int) error {
	r.sigs[sig] = sigaction{}
	if _, err := r.t.RemoteCall(r.e.Gadget(), unix.SYS_RT_SIGACTION, uint64(sig), r.e.Lend(make([]byte, 32)), 0, 8); err != nil {
		return err
	}
	mask := r.e.Mask() &^ (1 << (sig - 1))
	r.e.SetMask(mask)
	return r.t.SetSigMask(mask)
}

// killProcess ends the process by a signal at a call.
func (r *recorder) killProcess(g engine.Regs, c *call, sig unix.Signal) error {
	if err := r.exposeTo(int(sig)); err != nil {
		return err
	}
	info := sigsys(g.Rip+syscallLen, c.nr, sysSeccomp, 0)
	info.SetSigno(int(sig))
	return r.deliver(info, engine.Boundary{Regs: g}, false)
}

// killThread ends the present thread alone at a call, with a signal as its
// status. For the last one it is the process's.
func (r *recorder) killThread(g engine.Regs, c *call, sig unix.Signal) error {
	if len(r.live) == 1 && sig == unix.SIGKILL {
		if err := r.t.Kill(); err != nil {
			return err
		}
		raw, err := r.e.Wait()
		if err != nil {
			return err
		}
		r.exitPC = g.Rip
		return r.threadDied(r.th, raw)
	}
	c.killed = true
	g.Rax, g.Rdi = unix.SYS_EXIT, uint64(sig)
	return r.exitThread(g, c)
}

// seccomp keeps the filter that the program installs.
func (r *recorder) seccomp(g engine.Regs, c *call) error {
	switch op, flags, arg := c.args[0], c.args[1], c.args[2]; op {
	case seccompStrict:
		if flags != 0 || arg != 0 {
			return r.fail(g, c, unix.EINVAL)
		}
		return r.setStrict(g, c)
	case seccompFilter:
		return r.addFilter(g, c, flags, arg)
	}
	return r.plain(g, c)
}

// prctlSeccomp is PR_SET_SECCOMP.
func (r *recorder) prctlSeccomp(g engine.Regs, c *call) error {
	switch c.args[1] {
	case modeStrict:
		return r.setStrict(g, c)
	case modeFilter:
		return r.addFilter(g, c, 0, c.args[2])
	}
	return r.fail(g, c, unix.EINVAL)
}

func (r *recorder) setStrict(g engine.Regs, c *call) error {
	c.result = errnoResult(unix.EINVAL)
	if r.th.policy.mode() != modeFilter {
		r.th.policy, c.result = &policy{strict: true}, 0
		r.supervisePolicies()
	}
	return r.complete(g, c)
}

func (r *recorder) addFilter(g engine.Regs, c *call, flags, arg uint64) error {
	const all = filterTsync | filterLog | filterSpecAllow | filterListener | filterTsyncESRCH | filterWaitKillable
	if flags&filterListener != 0 {
		if err := r.tell("seccomp's notification of another process is not supported: a filter with SECCOMP_FILTER_FLAG_NEW_LISTENER is refused"); err != nil {
			return err
		}
	}
	if flags&^all != 0 || flags&(filterListener|filterWaitKillable) != 0 {
		return r.fail(g, c, unix.EINVAL)
	}
	filter, errno := r.readFilter(arg)
	switch _, insts := r.th.policy.count(); {
	case errno != 0:
	case r.th.policy.mode() == modeStrict:
		errno = unix.EINVAL
	case insts+len(filter)+filterPenalty > maxInstsPerPath:
		errno = unix.ENOMEM
	}
	if errno != 0 {
		return r.fail(g, c, errno)
	}
	next := &policy{filter: filter, older: r.th.policy}
	if other := r.outOfSync(); flags&filterTsync != 0 && other != nil {
		c.result = uint64(other.t.TID)
		if flags&filterTsyncESRCH != 0 {
			c.result = errnoResult(unix.ESRCH)
		}
		return r.complete(g, c)
	}
	r.th.policy, c.result = next, 0
	if flags&filterTsync != 0 {
		for th := range r.live {
			th.policy = next
		}
	}
	r.supervisePolicies()
	return r.complete(g, c)
}

// readFilter reads and checks a struct sock_fprog, as seccomp_prepare_filter
// does.
func (r *recorder) readFilter(at uint64) (bpf.Program, unix.Errno) {
	var head [16]byte // length, padding, pointer
	if _, err := r.t.ReadMem(at, head[:]); err != nil {
		return nil, unix.EFAULT
	}
	n := int(binary.LittleEndian.Uint16(head[:]))
	if n == 0 || n > bpf.MaxInsts {
		return nil, unix.EINVAL
	}
	if !r.mayFilter() {
		return nil, unix.EACCES
	}
	code := make([]byte, n*bpf.InstSize)
	if _, err := r.t.ReadMem(binary.LittleEndian.Uint64(head[8:]), code); err != nil {
		return nil, unix.EFAULT
	}
	filter, err := bpf.Load(bpf.Decode(code))
	if errors.Is(err, bpf.ErrInvalid) {
		return nil, unix.EINVAL
	}
	return filter, 0
}

// mayFilter reports whether the thread may install a filter: it gets no
// privileges from execve, or has them all.
func (r *recorder) mayFilter() bool {
	return statusField(string(readProc(r.t.TID, "status")), "NoNewPrivs") == "1" || r.capable(unix.CAP_SYS_ADMIN)
}

// capable reports whether the thread has a capability (capabilities(7)).
func (r *recorder) capable(capability int) bool {
	caps, err := tracee.StatusMask(strconv.Itoa(r.t.TID), "CapEff")
	return err == nil && caps&(1<<capability) != 0
}

// statusField returns a field of /proc/PID/status.
func statusField(status, name string) string {
	_, rest, _ := strings.Cut(status, "\n"+name+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

// outOfSync returns a thread that cannot be given the present one's filters,
// since it has others.
func (r *recorder) outOfSync() *thread {
	for th := range r.live {
		if th.policy.mode() == modeStrict || !r.th.policy.descends(th.policy) {
			return th
		}
	}
	return nil
}
