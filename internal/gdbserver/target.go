package gdbserver

import "io"

// Target is the replay as gdb sees it: one process at one moment of its past.
//
// Serve calls it from one goroutine. Between BeginDiversion and EndDiversion
// every method speaks of the throw-away copy instead of the recording.
type Target interface {
	PID() int
	// Threads are those that exist at the present moment. One of them, Current,
	// runs; the others wait for their turn, which the recording has decided.
	Threads() []Thread
	Current() int

	// Registers are those with which tid runs or will go on.
	Registers(tid int) (Registers, error)
	// XSave says how Registers.XState is laid out; it does not change.
	XSave() XSaveLayout
	// ReadMemory reads as much of p as is mapped from addr on. n > 0 with an
	// error is a short read.
	ReadMemory(addr uint64, p []byte) (n int, err error)

	// Resume runs until something stops it, or until interrupt is closed.
	// A point at the present instruction does not stop a forward run before
	// that instruction was executed. After StopSignal the next Resume goes on
	// past the signal, as it was recorded.
	Resume(r Resume, interrupt <-chan struct{}) (Stop, error)
	// Goto moves to the moment that where names (TICK, TICK:PC, N%, start, end).
	// On an error, or once interrupt is closed, it stays at a moment of the recording.
	Goto(where string, interrupt <-chan struct{}) error

	// Points hold in the recording and in a diversion alike. A breakpoint stops
	// a thread that arrives there even if nothing could be fetched from its
	// address: gdb lets functions that it calls return to the stack.
	InsertPoint(p Point) error
	RemovePoint(p Point) error
	// CatchSyscalls makes Resume stop at entry to and return from the syscalls
	// nrs, or at all of them. Both empty: at none.
	CatchSyscalls(all bool, nrs []int)

	// BeginDiversion puts a throw-away copy of the process at this moment in
	// the place of the recording; EndDiversion discards it.
	BeginDiversion() error
	EndDiversion() error
	// WriteRegisters and WriteMemory are called in a diversion only.
	WriteRegisters(tid int, r Registers) error
	WriteMemory(addr uint64, p []byte) error

	// Auxv is the auxiliary vector that the kernel gave to the program.
	Auxv() []byte
	// ExecFile is the absolute path of the program in the recording.
	ExecFile() string
	// OpenFile opens a file of the recording. If the result is an io.Closer,
	// it is closed when gdb closes the file.
	OpenFile(path string) (r io.ReaderAt, size int64, err error)
	// SigInfo is the siginfo_t of the signal at which tid is stopped.
	SigInfo(tid int) ([]byte, error)
	// Monitor executes a command of "monitor" other than goto and discard.
	Monitor(cmd string, out io.Writer) error
}

// Thread is one thread of the process.
type Thread struct {
	TID  int
	Name string
}

// Registers are the registers of a thread.
type Registers struct {
	GPR                    [16]uint64 // rax rbx rcx rdx rsi rdi rbp rsp r8…r15
	RIP, EFLAGS            uint64
	CS, SS, DS, ES, FS, GS uint64
	FSBase, GSBase         uint64
	OrigRAX                uint64
	// XState is an XSAVE area in standard format, or only its 512-byte legacy
	// region. What it lacks is in its initial state.
	XState []byte
}

// RSP is the stack pointer's index in Registers.GPR.
const RSP = 7

// Resume says how to go on.
type Resume struct {
	Reverse bool
	// Step executes one instruction of thread TID; other threads move as they
	// did. What stops one of them before ends the step.
	Step bool
	// TID is the thread to step. In a diversion, where threads are not
	// scheduled, it is also the one that runs.
	TID int
	// A step with RangeEnd > 0 goes on while RangeStart <= PC < RangeEnd.
	RangeStart, RangeEnd uint64

	alone bool // gdb lets no other thread go, and must hear of no stop of one
}

// StopReason says why a Resume ended.
type StopReason uint8

// The reasons to stop.
const (
	StopStep          StopReason = iota // the step, or the range, is done
	StopBreakpoint                      // at a breakpoint, its instruction not yet executed
	StopWatch                           // just after the access; in reverse, just before it
	StopSignal                          // before Signal is delivered
	StopHistoryBegin                    // at the first moment of the recording
	StopHistoryEnd                      // at the last one
	StopExited                          // the program ended here
	StopInterrupt                       // interrupt was closed
	StopSyscallEntry                    // before the syscall that CatchSyscalls named
	StopSyscallReturn                   // after it
)

// ofThread reports whether it is something that a thread did.
func (r StopReason) ofThread() bool {
	switch r {
	case StopHistoryBegin, StopHistoryEnd, StopExited, StopInterrupt:
		return false
	}
	return true
}

var stopNames = [...]string{
	StopStep: "the end of a step", StopBreakpoint: "a breakpoint", StopWatch: "a watchpoint", StopSignal: "a signal",
	StopHistoryBegin: "the beginning", StopHistoryEnd: "the end", StopExited: "its end", StopInterrupt: "an interrupt",
	StopSyscallEntry: "a system call", StopSyscallReturn: "the end of a system call",
}

func (r StopReason) String() string { return stopNames[r] }

// Stop is the end of a Resume.
type Stop struct {
	Reason StopReason
	TID    int // the thread that stopped; 0: the current one
	Signal int // StopSignal: Linux's number

	WatchKind PointKind // StopWatch
	WatchAddr uint64

	Syscall int // StopSyscallEntry, StopSyscallReturn
}

// PointKind is the kind of a Point.
type PointKind uint8

// The kinds of points, numbered as in gdb's Z packets.
const (
	SoftwareBreakpoint PointKind = iota
	HardwareBreakpoint
	WatchWrite
	WatchRead
	WatchAccess
)

// Point is a breakpoint or a watchpoint.
type Point struct {
	Kind PointKind
	Addr uint64
	Len  uint64 // bytes watched; meaningless for breakpoints
}
