package engine

import "hindsight/internal/area"

// logSlack is what the stubs may write beyond LogEnd before they look again:
// an event without memory writes.
const logSlack = 256

// LogBytes returns the events that the tracee has written since the last
// ResetLog. The slice aliases shared memory.
func (e *Engine) LogBytes() []byte {
	n := e.Word(area.LogPtr) - e.arena - area.Log
	return e.mem[area.Log : area.Log+n]
}

// ResetLog makes the log buffer empty.
func (e *Engine) ResetLog() {
	e.SetWord(area.LogPtr, e.arena+area.Log)
	e.SetWord(area.LogEnd, e.arena+area.Log+e.opt.LogSize-logSlack)
}

// FillLog gives the tracee events to replay, as many of b's bytes as fit,
// and returns how many. b must be cut between events by the caller.
func (e *Engine) FillLog(b []byte) {
	n := copy(e.mem[area.Log:], b)
	e.SetWord(area.LogPtr, e.arena+area.Log)
	e.SetWord(area.LogEnd, e.arena+area.Log+uint64(n))
}

// LogRest returns the events that the tracee has not consumed.
func (e *Engine) LogRest() []byte {
	from, to := e.Word(area.LogPtr), e.Word(area.LogEnd)
	base := e.arena + area.Log
	return e.mem[area.Log+from-base : area.Log+to-base]
}

// SkipLog consumes n bytes of events.
func (e *Engine) SkipLog(n int) { e.SetWord(area.LogPtr, e.Word(area.LogPtr)+uint64(n)) }

// LogCapacity is the size of the log buffer.
func (e *Engine) LogCapacity() int { return int(e.opt.LogSize) }

// AppendLog adds a whole event behind those in the buffer, as the stubs do,
// and reports whether there was room.
func (e *Engine) AppendLog(ev []byte) bool {
	at := e.Word(area.LogPtr)
	if at+uint64(len(ev)) > e.Word(area.LogEnd) {
		return false
	}
	copy(e.mem[area.Log+at-e.arena-area.Log:], ev)
	e.SetWord(area.LogPtr, at+uint64(len(ev)))
	return true
}

// Lend puts a few bytes into the arena for a remote syscall, and returns
// their address there.
func (e *Engine) Lend(b []byte) uint64 {
	if len(b) > area.StackTop-area.StackLow {
		panic("engine: more lent than the arena's scratch space holds")
	}
	copy(e.mem[area.StackLow:], b)
	return e.arena + area.StackLow
}

// SpareSize is the length of the arena's spare memory in bytes.
const SpareSize = area.SpareLen

// Spare returns the address and the bytes of a part of the spare memory.
func (e *Engine) Spare(start, end uint64) (addr uint64, b []byte) {
	start, end = area.Spare+start, area.Spare+end
	return e.arena + start, e.mem[start:end]
}

// Lent returns the first n bytes of what was lent, as the syscall has left
// them.
func (e *Engine) Lent(n int) []byte { return e.mem[area.StackLow : area.StackLow+n] }
