package event

import "fmt"

// maxFixed is more than any event's header and fixed fields need, so that
// writes up to maxWrites always fit below MaxSize.
const (
	maxFixed  = 4096
	maxWrites = MaxSize - maxFixed
	maxText   = 1 << 20
)

// spill puts writes that are too large for one event into Mem events ahead
// of it. Replay applies Mem events as it meets them, so the effect is the same.
func spill(dst []byte, tick uint64, w Writes, limit int) ([]byte, Writes) {
	if len(w) <= limit {
		return dst, w
	}
	w.split(limit, func(part Writes) {
		dst = appendEvent(dst, KindMem, tick, &Mem{Writes: part})
	})
	return dst, nil
}

// AppendSyscall encodes s behind dst, as all Append functions do.
func AppendSyscall(dst []byte, tick uint64, s Syscall) []byte {
	dst, s.Writes = spill(dst, tick, s.Writes, maxWrites)
	return appendEvent(dst, KindSyscall, tick, &s)
}

// AppendInsn encodes an instruction's result.
func AppendInsn(dst []byte, tick uint64, i Insn) []byte {
	dst, i.Writes = spill(dst, tick, i.Writes, maxWrites)
	return appendEvent(dst, KindInsn, tick, &i)
}

// AppendSignal encodes the start of a signal handler.
func AppendSignal(dst []byte, tick uint64, s Signal) []byte {
	dst, s.Writes = spill(dst, tick, s.Writes, maxWrites)
	return appendEvent(dst, KindSignal, tick, &s)
}

// AppendRegs encodes a new register state.
func AppendRegs(dst []byte, tick uint64, r Regs) []byte {
	return appendEvent(dst, KindRegs, tick, &r)
}

// AppendExit encodes the process's end.
func AppendExit(dst []byte, tick uint64, e Exit) []byte {
	return appendEvent(dst, KindExit, tick, &e)
}

// AppendExec encodes an execve.
func AppendExec(dst []byte, tick uint64, e Exec) []byte {
	return appendEvent(dst, KindExec, tick, &e)
}

// AppendCheck encodes checksums.
func AppendCheck(dst []byte, tick uint64, k Check) []byte {
	return appendEvent(dst, KindCheck, tick, &k)
}

// AppendMap encodes a new mapping.
func AppendMap(dst []byte, tick uint64, m Map) []byte {
	return appendEvent(dst, KindMap, tick, &m)
}

// AppendUnmap encodes an munmap.
func AppendUnmap(dst []byte, tick uint64, u Unmap) []byte {
	return appendEvent(dst, KindUnmap, tick, &u)
}

// AppendProtect encodes an mprotect.
func AppendProtect(dst []byte, tick uint64, p Protect) []byte {
	return appendEvent(dst, KindProtect, tick, &p)
}

// AppendRemap encodes an mremap.
func AppendRemap(dst []byte, tick uint64, r Remap) []byte {
	return appendEvent(dst, KindRemap, tick, &r)
}

// AppendArena encodes memory of the engine's.
func AppendArena(dst []byte, tick uint64, a Arena) []byte {
	return appendEvent(dst, KindArena, tick, &a)
}

// AppendMem encodes writes to guest memory, in several events if need be.
func AppendMem(dst []byte, tick uint64, m Mem) []byte {
	if dst, m.Writes = spill(dst, tick, m.Writes, maxWrites); m.Writes == nil {
		return dst
	}
	return appendEvent(dst, KindMem, tick, &m)
}

// AppendUnreliable encodes why what follows cannot be trusted.
func AppendUnreliable(dst []byte, tick uint64, text string) []byte {
	return appendEvent(dst, KindUnreliable, tick, &Unreliable{Text: text[:min(len(text), maxText)]})
}

// AppendNote encodes text for people.
func AppendNote(dst []byte, tick uint64, text string) []byte {
	return appendEvent(dst, KindNote, tick, &Note{Text: text[:min(len(text), maxText)]})
}

// AppendBrk encodes a move of the program break.
func AppendBrk(dst []byte, tick uint64, b Brk) []byte {
	return appendEvent(dst, KindBrk, tick, &b)
}

// AppendTSC appends a TSC event.
func AppendTSC(dst []byte, tick uint64, t TSC) []byte {
	return appendEvent(dst, KindTSC, tick, &t)
}

// AppendSwitch encodes that another thread goes on.
func AppendSwitch(dst []byte, tick uint64, s Switch) []byte {
	return appendEvent(dst, KindSwitch, tick, &s)
}

// AppendThread encodes a new thread.
func AppendThread(dst []byte, tick uint64, t Thread) []byte {
	dst, t.Writes = spill(dst, tick, t.Writes, maxWrites)
	return appendEvent(dst, KindThread, tick, &t)
}

// AppendThreadEnd encodes the end of a thread.
func AppendThreadEnd(dst []byte, tick uint64, t ThreadEnd) []byte {
	dst, t.Writes = spill(dst, tick, t.Writes, maxWrites)
	return appendEvent(dst, KindThreadEnd, tick, &t)
}

// AppendForeign encodes that others may write memory from now on.
func AppendForeign(dst []byte, tick uint64, f Foreign) []byte {
	return appendEvent(dst, KindForeign, tick, &f)
}

// AppendLoad encodes what was found in memory that others may write.
func AppendLoad(dst []byte, tick uint64, l Load) []byte {
	return appendEvent(dst, KindLoad, tick, &l)
}

// AppendLoads encodes what a string instruction found there.
func AppendLoads(dst []byte, tick uint64, l Loads) []byte {
	return appendEvent(dst, KindLoads, tick, &l)
}

// AppendCode encodes code in memory that others may write. Its writes must fit
// into one event.
func AppendCode(dst []byte, tick uint64, k Code) []byte {
	return appendEvent(dst, KindCode, tick, &k)
}

// DecodeSyscall decodes a Syscall event. Like all Decode functions it wants
// exactly one event of its kind. It does not allocate.
func DecodeSyscall(ev []byte) (s Syscall, err error) {
	c := open(ev, KindSyscall)
	s.layout(&c)
	return s, c.done(KindSyscall)
}

// DecodeInsn decodes an Insn event, without allocation.
func DecodeInsn(ev []byte) (i Insn, err error) {
	c := open(ev, KindInsn)
	i.layout(&c)
	return i, c.done(KindInsn)
}

// decode is the way of the kinds that are rare.
func decode[T any, P interface {
	*T
	payload
}](ev []byte, k Kind) (v T, err error) {
	c := open(ev, k)
	P(&v).layout(&c)
	return v, c.done(k)
}

// DecodeSignal decodes a Signal event.
func DecodeSignal(ev []byte) (Signal, error) { return decode[Signal](ev, KindSignal) }

// DecodeRegs decodes a Regs event.
func DecodeRegs(ev []byte) (Regs, error) { return decode[Regs](ev, KindRegs) }

// DecodeExit decodes an Exit event.
func DecodeExit(ev []byte) (Exit, error) { return decode[Exit](ev, KindExit) }

// DecodeExec decodes an Exec event.
func DecodeExec(ev []byte) (Exec, error) { return decode[Exec](ev, KindExec) }

// DecodeCheck decodes a Check event.
func DecodeCheck(ev []byte) (Check, error) { return decode[Check](ev, KindCheck) }

// DecodeMap decodes a Map event.
func DecodeMap(ev []byte) (Map, error) { return decode[Map](ev, KindMap) }

// DecodeUnmap decodes an Unmap event.
func DecodeUnmap(ev []byte) (Unmap, error) { return decode[Unmap](ev, KindUnmap) }

// DecodeProtect decodes a Protect event.
func DecodeProtect(ev []byte) (Protect, error) { return decode[Protect](ev, KindProtect) }

// DecodeRemap decodes a Remap event.
func DecodeRemap(ev []byte) (Remap, error) { return decode[Remap](ev, KindRemap) }

// DecodeArena decodes an Arena event.
func DecodeArena(ev []byte) (Arena, error) { return decode[Arena](ev, KindArena) }

// DecodeMem decodes a Mem event.
func DecodeMem(ev []byte) (Mem, error) { return decode[Mem](ev, KindMem) }

// DecodeUnreliable decodes an Unreliable event.
func DecodeUnreliable(ev []byte) (Unreliable, error) {
	return decode[Unreliable](ev, KindUnreliable)
}

// DecodeNote decodes a Note event.
func DecodeNote(ev []byte) (Note, error) { return decode[Note](ev, KindNote) }

// DecodeBrk decodes a Brk event.
func DecodeBrk(ev []byte) (Brk, error) { return decode[Brk](ev, KindBrk) }

// DecodeTSC decodes a TSC event.
func DecodeTSC(ev []byte) (TSC, error) { return decode[TSC](ev, KindTSC) }

// DecodeSwitch decodes a Switch event.
func DecodeSwitch(ev []byte) (Switch, error) { return decode[Switch](ev, KindSwitch) }

// DecodeThread decodes a Thread event.
func DecodeThread(ev []byte) (Thread, error) { return decode[Thread](ev, KindThread) }

// DecodeThreadEnd decodes a ThreadEnd event.
func DecodeThreadEnd(ev []byte) (ThreadEnd, error) { return decode[ThreadEnd](ev, KindThreadEnd) }

// DecodeForeign decodes a Foreign event.
func DecodeForeign(ev []byte) (Foreign, error) { return decode[Foreign](ev, KindForeign) }

// DecodeLoad decodes a Load event.
func DecodeLoad(ev []byte) (Load, error) { return decode[Load](ev, KindLoad) }

// DecodeLoads decodes a Loads event.
func DecodeLoads(ev []byte) (Loads, error) { return decode[Loads](ev, KindLoads) }

// DecodeCode decodes a Code event.
func DecodeCode(ev []byte) (Code, error) { return decode[Code](ev, KindCode) }

var payloads = [NumKinds]func() payload{
	KindSyscall:    func() payload { return new(Syscall) },
	KindInsn:       func() payload { return new(Insn) },
	KindSignal:     func() payload { return new(Signal) },
	KindRegs:       func() payload { return new(Regs) },
	KindExit:       func() payload { return new(Exit) },
	KindExec:       func() payload { return new(Exec) },
	KindCheck:      func() payload { return new(Check) },
	KindMap:        func() payload { return new(Map) },
	KindUnmap:      func() payload { return new(Unmap) },
	KindProtect:    func() payload { return new(Protect) },
	KindRemap:      func() payload { return new(Remap) },
	KindArena:      func() payload { return new(Arena) },
	KindMem:        func() payload { return new(Mem) },
	KindUnreliable: func() payload { return new(Unreliable) },
	KindNote:       func() payload { return new(Note) },
	KindBrk:        func() payload { return new(Brk) },
	KindTSC:        func() payload { return new(TSC) },
	KindSwitch:     func() payload { return new(Switch) },
	KindThread:     func() payload { return new(Thread) },
	KindThreadEnd:  func() payload { return new(ThreadEnd) },
	KindForeign:    func() payload { return new(Foreign) },
	KindLoad:       func() payload { return new(Load) },
	KindLoads:      func() payload { return new(Loads) },
	KindCode:       func() payload { return new(Code) },
}

// decodeAny decodes an event of whatever kind.
func decodeAny(ev []byte) (Header, payload, error) {
	h, err := ParseHeader(ev)
	if err != nil {
		return h, nil, err
	}
	if !h.Kind.Valid() {
		return h, nil, fmt.Errorf("%w: unknown kind %d", ErrMalformed, uint8(h.Kind))
	}
	c := open(ev, h.Kind)
	p := payloads[h.Kind]()
	p.layout(&c)
	return h, p, c.done(h.Kind)
}

// Validate reports what is wrong with ev, if it is not one whole event of a
// kind that this version knows.
func Validate(ev []byte) error {
	_, _, err := decodeAny(ev)
	return err
}
