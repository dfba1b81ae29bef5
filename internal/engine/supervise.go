package engine

import "hindsight/internal/area"

// Supervise sends all calls of a number to the supervisor from now on, or
// leaves them to their stub again, if they have one.
func (e *Engine) Supervise(nr int, on bool) {
	e.supervised[nr] = on
	e.setSyscall(nr)
}

// setSyscall enters where SYSCALL's stub goes for a number.
func (e *Engine) setSyscall(nr int) {
	to := e.stubs.table[nr]
	if e.supervised[nr] {
		to = e.stubs.slow
	}
	e.SetWord(area.SyscallTb+8*int32(nr), to)
}

// NearProc makes the stubs leave the opening of relative paths to the
// supervisor, too, since they may lead into /proc.
func (e *Engine) NearProc() { e.SetWord(area.NearProc, 1) }
