package syscalls

// signalRows are calls on signals. Sending is Signal, not Data: a signal to
// oneself arrives before the call returns.
var signalRows = []Row{
	row(13, "rt_sigaction", Signal, 0, fixed(2, 32)),
	data(14, "rt_sigprocmask", fixed(2, 8)).note("signals that it unblocks arrive before it returns"),
	row(15, "rt_sigreturn", Signal, 0),
	sleeps(34, "pause"),
	row(62, "kill", Signal, 0),
	data(127, "rt_sigpending", array(0, 1, 1)),
	sleeps(128, "rt_sigtimedwait", fixed(1, 128).positive()),
	row(129, "rt_sigqueueinfo", Signal, 0),
	row(130, "rt_sigsuspend", Signal, blocks),
	row(131, "sigaltstack", Signal, 0, fixed(1, 24)),
	row(200, "tkill", Signal, 0),
	sleeps(219, "restart_syscall").note("executed by the kernel in place of an interrupted call, whose outputs it has"),
	row(234, "tgkill", Signal, 0),
	row(297, "rt_tgsigqueueinfo", Signal, 0),
	row(424, "pidfd_send_signal", Signal, 0),
}
