package syscalls

// timeRows are calls on clocks and timers.
//
// The sleeps write the remaining time whenever a signal or a stop interrupts
// them, even if they are restarted and end with 0 (kernel/time/hrtimer.c,
// hrtimer_nanosleep).
var timeRows = []Row{
	sleeps(35, "nanosleep", fixed(1, 16).eintr().lax().sparse()),
	data(36, "getitimer", fixed(1, 32)),
	data(37, "alarm"),
	data(38, "setitimer", fixed(2, 32)),
	data(96, "gettimeofday", fixed(0, 16), fixed(1, 8)),
	data(100, "times", fixed(0, 32)),
	data(159, "adjtimex", fixed(0, 208).always().lax()),
	data(164, "settimeofday"),
	data(201, "time", fixed(0, 8)),
	// The clock may refuse when the number is written already (kernel/time/posix-timers.c).
	data(222, "timer_create", fixed(2, 4).always().lax()),
	data(223, "timer_settime", fixed(3, 32)),
	data(224, "timer_gettime", fixed(1, 32)),
	data(225, "timer_getoverrun"),
	data(226, "timer_delete"),
	data(227, "clock_settime"),
	data(228, "clock_gettime", fixed(1, 16)),
	data(229, "clock_getres", fixed(1, 16)),
	sleeps(230, "clock_nanosleep", fixed(3, 16).eintr().lax().sparse()),
	data(305, "clock_adjtime", fixed(1, 208)),
}
