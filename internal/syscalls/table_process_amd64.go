package syscalls

import "syscall"

const (
	clonePIDFD        = 0x1000     // CLONE_PIDFD
	cloneVfork        = 0x4000     // CLONE_VFORK
	cloneParentSetTID = 0x00100000 // CLONE_PARENT_SETTID
	waitNohang        = 1          // WNOHANG
)

// processRows are calls on processes, threads and their scheduling.
var processRows = []Row{
	data(24, "sched_yield"),
	data(39, "getpid"),
	row(56, "clone", Process, blocks, fixed(2, 4).when(0, clonePIDFD|cloneParentSetTID).inPlace()).unlessZero(0, cloneVfork),
	row(57, "fork", Process, 0),
	row(58, "vfork", Process, blocks),
	row(59, "execve", Process, 0),
	row(60, "exit", Process, 0),
	sleeps(61, "wait4", fixed(1, 4).positive(), fixed(3, 144).positive()).unless(2, waitNohang),
	data(97, "getrlimit", fixed(1, 16)),
	data(98, "getrusage", fixed(1, 144)),
	many(101, "ptrace", Unmodelled, 0, ptraceCommands),
	data(110, "getppid"),
	data(109, "setpgid"),
	data(111, "getpgrp"),
	data(112, "setsid"),
	data(121, "getpgid"),
	data(124, "getsid"),
	row(135, "personality", Memory, 0).note("READ_IMPLIES_EXEC and the layout flags shape later mappings"),
	data(140, "getpriority"),
	data(141, "setpriority"),
	data(142, "sched_setparam"),
	data(143, "sched_getparam", fixed(1, 4)),
	data(144, "sched_setscheduler"),
	data(145, "sched_getscheduler"),
	data(146, "sched_get_priority_max"),
	data(147, "sched_get_priority_min"),
	data(148, "sched_rr_get_interval", fixed(1, 16)),
	refused(154, "modify_ldt", syscall.ENOSYS, "segments with a base of their own"),
	many(157, "prctl", Unmodelled, 0, prctlCommands),
	many(158, "arch_prctl", Unmodelled, 0, archPrctlCommands),
	row(160, "setrlimit", Data, slow).note("RLIMIT_STACK decides where a stack ends"),
	data(186, "gettid"),
	futex,
	row(203, "sched_setaffinity", Data, slow),
	row(204, "sched_getaffinity", Data, slow, result(2, 1).len32()),
	row(218, "set_tid_address", Thread, 0),
	row(231, "exit_group", Process, 0),
	// Unlike wait4, waitid fills the siginfo also where it found no child and
	// where it fails (kernel/exit.c).
	sleeps(247, "waitid", fixed(2, 128).always().lax().sparse(), fixed(4, 144).lax().sparse()).unless(3, waitNohang),
	data(251, "ioprio_set"),
	data(252, "ioprio_get"),
	row(272, "unshare", Process, 0),
	row(273, "set_robust_list", Thread, 0),
	row(274, "get_robust_list", Thread, 0, fixed(1, 8), fixed(2, 8)),
	row(302, "prlimit64", Data, slow, fixed(3, 16)).note("RLIMIT_STACK decides where a stack ends"),
	row(308, "setns", Process, 0),
	data(309, "getcpu", fixed(0, 4), fixed(1, 4)),
	data(310, "process_vm_readv", of(OutIovec, 1, 2)),
	data(311, "process_vm_writev").note("logged as a write to the memory of the recorded process that it reaches"),
	data(312, "kcmp"),
	// A structure of another version makes the kernel write the size that it
	// knows, with E2BIG.
	data(314, "sched_setattr", fixed(1, 4).always().lax()),
	data(315, "sched_getattr", array(1, 2, 1).len32()),
	many(317, "seccomp", Process, 0, seccompCommands),
	row(322, "execveat", Process, 0),
	data(324, "membarrier"),
	refused(334, "rseq", syscall.ENOSYS, "the kernel would write CPU numbers into guest memory"),
	refused(335, "uretprobe", syscall.ENOSYS, "only for the kernel's own trampolines"),
	refused(336, "uprobe", syscall.ENOSYS, "only for the kernel's own trampolines"),
	data(434, "pidfd_open"),
	row(435, "clone3", Process, blocks, of(OutCloneArgs, 0, 0)).
		note("blocks with CLONE_VFORK, which stands in memory"),
	data(438, "pidfd_getfd"),
	data(448, "process_mrelease"),
	sleeps(449, "futex_waitv"),
	data(454, "futex_wake"),
	sleeps(455, "futex_wait"),
	data(456, "futex_requeue"),
	data(470, "listns", results(1, 2, 8)),
	data(471, "rseq_slice_yield"),
}

// futex: FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME do not choose a command.
var futex = func() Row {
	r := many(202, "futex", Thread, 1, futexCommands)
	r.CmdMask &^= 128 | 256
	return r
}()

// futexWord is the word at an argument. That of a lock is marked as waited for before
// the kernel knows whether the call can succeed (kernel/futex/pi.c,
// futex_lock_pi_atomic).
func futexWord(arg uint8) Output { return fixed(arg, 4).always().lax().inPlace() }

var futexCommands = []Command{
	cmd(0, "FUTEX_WAIT").sleeps(),
	cmd(1, "FUTEX_WAKE"),
	cmd(3, "FUTEX_REQUEUE"),
	cmd(4, "FUTEX_CMP_REQUEUE"),
	cmdAs(5, "FUTEX_WAKE_OP", Thread, futexWord(4)),
	cmdAs(6, "FUTEX_LOCK_PI", Thread, futexWord(0)).sleeps(),
	cmdAs(7, "FUTEX_UNLOCK_PI", Thread, futexWord(0)),
	cmdAs(8, "FUTEX_TRYLOCK_PI", Thread, futexWord(0)),
	cmd(9, "FUTEX_WAIT_BITSET").sleeps(),
	cmd(10, "FUTEX_WAKE_BITSET"),
	cmdAs(11, "FUTEX_WAIT_REQUEUE_PI", Thread, futexWord(4)).sleeps(),
	cmdAs(12, "FUTEX_CMP_REQUEUE_PI", Thread, futexWord(4)),
	cmdAs(13, "FUTEX_LOCK_PI2", Thread, futexWord(0)).sleeps(),
}

// credentialRows are calls on users, groups and capabilities. A change of
// user makes the process undumpable, which the supervisor must know.
var credentialRows = []Row{
	data(102, "getuid"),
	data(104, "getgid"),
	row(105, "setuid", Process, 0),
	row(106, "setgid", Process, 0),
	data(107, "geteuid"),
	data(108, "getegid"),
	row(113, "setreuid", Process, 0),
	row(114, "setregid", Process, 0),
	data(115, "getgroups", results(1, 0, 4).len32()),
	row(116, "setgroups", Process, 0),
	row(117, "setresuid", Process, 0),
	data(118, "getresuid", fixed(0, 4), fixed(1, 4), fixed(2, 4)),
	row(119, "setresgid", Process, 0),
	data(120, "getresgid", fixed(0, 4), fixed(1, 4), fixed(2, 4)),
	row(122, "setfsuid", Process, 0),
	row(123, "setfsgid", Process, 0),
	// A version that the kernel does not know is replaced in the header;
	// version 1 has 12 bytes of data, the others 24 (kernel/capability.c).
	data(125, "capget", fixed(0, 4).always().lax(), fixed(1, 24).lax()),
	row(126, "capset", Process, 0, fixed(0, 4).always().lax()),
	data(444, "landlock_create_ruleset"),
	data(445, "landlock_add_rule"),
	row(446, "landlock_restrict_self", Process, 0),
	data(459, "lsm_get_self_attr", valueResult(1, 2), fixed(2, 4).always().lax()),
	data(460, "lsm_set_self_attr"),
	data(461, "lsm_list_modules", valueResult(0, 1), fixed(1, 4).always().lax()),
}
