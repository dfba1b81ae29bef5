// Package event is the codec of the event log: what was non-deterministic in
// a process, as little-endian byte records that are a multiple of 8 bytes long
// and 8-byte aligned. They are written by machine code in the tracee and by
// this package, so the layout is part of the contract between the two; it is
// specified in docs/format.md.
//
// The package is pure: it takes and returns bytes and knows no process. Its
// functions may be called from any goroutine. Decoded values alias the event
// they were decoded from (Writes, Regs.XState).
package event

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Kind says what an event describes. The numbers are in recordings: they are
// never used again for something else.
type Kind uint8

const (
	KindSyscall    Kind = 1  // a syscall returned
	KindInsn       Kind = 2  // an instruction whose result the program cannot foresee
	KindSignal     Kind = 3  // a signal's handler frame was built
	KindRegs       Kind = 4  // the whole register state was replaced
	KindExit       Kind = 5  // the process ended
	KindExec       Kind = 6  // execve; the new image is a snapshot
	KindCheck      Kind = 7  // checksums that replay must agree with
	KindMap        Kind = 8  // memory was mapped
	KindUnmap      Kind = 9  // memory was unmapped
	KindProtect    Kind = 10 // protection changed
	KindRemap      Kind = 11 // mremap
	KindArena      Kind = 12 // memory of ours that replay must have at the same place
	KindMem        Kind = 13 // something outside wrote guest memory
	KindUnreliable Kind = 14 // from here the recording cannot be trusted
	KindNote       Kind = 15 // text for people
	KindBrk        Kind = 16 // the program break moved
	KindTSC        Kind = 17 // RDTSC, of which programs make too many for an Insn

	KindSwitch    Kind = 18 // another thread goes on
	KindThread    Kind = 19 // a thread begins
	KindThreadEnd Kind = 20 // a thread ends, but not its process

	KindForeign Kind = 21 // from here on others may write some memory

	KindLoad Kind = 22 // what an instruction found in such memory

	KindLoads Kind = 23 // what a string instruction found there

	KindCode Kind = 24 // what it executes there from now on

	// NumKinds is one more than the highest kind.
	NumKinds = 25
)

var kindNames = [NumKinds]string{
	KindSyscall: "syscall", KindInsn: "insn", KindSignal: "signal", KindRegs: "regs",
	KindExit: "exit", KindExec: "exec", KindCheck: "check", KindMap: "map",
	KindUnmap: "unmap", KindProtect: "protect", KindRemap: "remap", KindArena: "arena",
	KindMem: "mem", KindUnreliable: "unreliable", KindNote: "note", KindBrk: "brk", KindTSC: "tsc",
	KindSwitch: "switch", KindThread: "thread", KindThreadEnd: "threadend",
	KindForeign: "foreign", KindLoad: "load", KindLoads: "loads", KindCode: "code",
}

// Valid reports whether this version knows the kind.
func (k Kind) Valid() bool { return k > 0 && k < NumKinds }

func (k Kind) String() string {
	if k.Valid() {
		return kindNames[k]
	}
	return fmt.Sprintf("kind%d", uint8(k))
}

// Flags of an event. Their meaning depends on the kind.
type Flags uint8

const (
	FlagEffect Flags = 1 << 0 // Syscall: the supervisor must act in replay
	FlagVDSO   Flags = 1 << 1 // Syscall: it was a call of the vDSO
	FlagStop   Flags = 1 << 2 // Syscall: set in memory during replay, never in a file

	FlagFiles Flags = 1 << 0 // Thread: it has descriptors of its own, copies of its creator's

	FlagSync Flags = 1 << 0 // Signal: raised by the instruction at PC, recurs by itself
)

const (
	// HeaderSize is the length of what every event starts with.
	HeaderSize = 16
	// MaxSize bounds one event. The encoders put memory writes that do not
	// fit into Mem events ahead of the event they belong to.
	MaxSize = 1 << 30
)

var (
	// ErrTruncated says that the bytes end within an event.
	ErrTruncated = errors.New("event is cut off")
	// ErrMalformed says that the bytes are no event.
	ErrMalformed = errors.New("malformed event")
)

// Header is what every event starts with.
type Header struct {
	Size  uint32 // of the whole event, a multiple of 8
	Kind  Kind
	Flags Flags
	NR    uint16 // syscall, instruction or signal number
	Tick  uint64
}

// ParseHeader reads the header at the start of b. It checks the size against
// the format's limits, not against len(b).
func ParseHeader(b []byte) (Header, error) {
	if len(b) < HeaderSize {
		return Header{}, errShort(len(b))
	}
	h := Header{
		Size:  binary.LittleEndian.Uint32(b),
		Kind:  Kind(b[4]),
		Flags: Flags(b[5]),
		NR:    binary.LittleEndian.Uint16(b[6:]),
		Tick:  binary.LittleEndian.Uint64(b[8:]),
	}
	if !validSize(h.Size) {
		return h, h.errSize()
	}
	return h, nil
}

// Errors are made apart from what is called for every event.

func errShort(n int) error {
	return fmt.Errorf("%w: %d bytes for a header of %d", ErrTruncated, n, HeaderSize)
}

func (h Header) errSize() error {
	return fmt.Errorf("%w: %v at tick %d has size %d", ErrMalformed, h.Kind, h.Tick, h.Size)
}

func validSize(n uint32) bool { return n >= HeaderSize && n <= MaxSize && n%8 == 0 }

func (h Header) put(b []byte) {
	binary.LittleEndian.PutUint32(b, h.Size)
	b[4], b[5] = byte(h.Kind), byte(h.Flags)
	binary.LittleEndian.PutUint16(b[6:], h.NR)
	binary.LittleEndian.PutUint64(b[8:], h.Tick)
}

// Next splits b after its first event. At the end of b, ev is nil without an
// error. It does not look into the payload, so kinds of later versions pass.
func Next(b []byte) (ev, rest []byte, err error) {
	if len(b) >= HeaderSize {
		if n := binary.LittleEndian.Uint32(b); validSize(n) && uint64(n) <= uint64(len(b)) {
			return b[:n:n], b[n:], nil
		}
	}
	return nil, b, errNext(b)
}

// errNext says why Next found no event at the start of b, nil if b is empty.
func errNext(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	h, err := ParseHeader(b)
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: %v at tick %d has %d bytes of %d", ErrTruncated, h.Kind, h.Tick, len(b), h.Size)
}
