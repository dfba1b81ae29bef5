package syscalls

// waitRows are calls that wait for descriptors, and the descriptors that exist
// to be waited for.
//
// poll writes revents also when a signal interrupts it (fs/select.c,
// do_sys_poll). select, pselect6 and ppoll write the remaining time whatever
// happens, and ignore that they cannot (poll_select_finish).
var waitRows = []Row{
	sleeps(7, "poll", array(0, 1, 8).len32().eintr().sparse()).unlessZero(2, timeoutBits),
	sleeps(23, "select", fdset(1), fdset(2), fdset(3), fixed(4, 16).always().lax().sparse()),
	data(213, "epoll_create"),
	sleeps(232, "epoll_wait", results(1, 2, 12).len32()).unlessZero(3, timeoutBits),
	data(233, "epoll_ctl"),
	data(253, "inotify_init"),
	data(254, "inotify_add_watch"),
	data(255, "inotify_rm_watch"),
	sleeps(270, "pselect6", fdset(1), fdset(2), fdset(3), fixed(4, 16).always().lax().sparse()),
	sleeps(271, "ppoll", array(0, 1, 8).len32().eintr().sparse(), fixed(2, 16).always().lax().sparse()),
	sleeps(281, "epoll_pwait", results(1, 2, 12).len32()).unlessZero(3, timeoutBits),
	data(282, "signalfd"),
	data(283, "timerfd_create"),
	data(284, "eventfd"),
	data(286, "timerfd_settime", fixed(3, 32)),
	data(287, "timerfd_gettime", fixed(1, 32)),
	data(289, "signalfd4"),
	data(290, "eventfd2"),
	data(291, "epoll_create1"),
	data(294, "inotify_init1"),
	data(300, "fanotify_init"),
	data(301, "fanotify_mark"),
	sleeps(441, "epoll_pwait2", results(1, 2, 12).len32()),
}

// timeoutBits are those of an int of milliseconds.
const timeoutBits = 0xffffffff

// fdset is an fd_set of args[0] bits. The kernel stops at the size of the
// process's descriptor table, so the range may be more than it writes.
func fdset(arg uint8) Output {
	return Output{Arg: arg, Kind: OutFDSet, Len32: true, Lax: true, Sparse: true}
}
