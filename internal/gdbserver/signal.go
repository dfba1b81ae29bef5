package gdbserver

// gdb numbers signals in its own way on the wire (include/gdb/signals.def),
// the same for all systems.
const (
	gdbSIGINT  = 2
	gdbSIGTRAP = 5
	gdbUnknown = 143
)

var gdbSignals = [32]uint8{
	1: 1, 2: gdbSIGINT, 3: 3, 4: 4, 5: gdbSIGTRAP, 6: 6, 8: 8, 9: 9, 11: 11, 13: 13, 14: 14, 15: 15,
	7:  10, // SIGBUS
	10: 30, // SIGUSR1
	12: 31, // SIGUSR2
	16: gdbUnknown,
	17: 20, // SIGCHLD
	18: 19, // SIGCONT
	19: 17, // SIGSTOP
	20: 18, // SIGTSTP
	21: 21, // SIGTTIN
	22: 22, // SIGTTOU
	23: 16, // SIGURG
	24: 24, // SIGXCPU
	25: 25, // SIGXFSZ
	26: 26, // SIGVTALRM
	27: 27, // SIGPROF
	28: 28, // SIGWINCH
	29: 23, // SIGIO
	30: 32, // SIGPWR
	31: 12, // SIGSYS
}

// gdbSignal is gdb's number of a Linux signal.
func gdbSignal(linux int) uint8 {
	switch {
	case linux > 0 && linux < 32:
		return gdbSignals[linux]
	case linux == 32: // SIG32 and SIG64 were added to gdb after the others
		return 77
	case linux > 32 && linux < 64:
		return uint8(45 + linux - 33)
	case linux == 64:
		return 78
	}
	return gdbUnknown
}
