// Package syscalls says what each Linux x86-64 system call does to the memory
// and state of its caller: a table, not code. A recorder takes from it which
// buffers to log and who may execute a call; nothing here touches a process.
//
// One Row describes one call. A call that is many in one (ioctl, fcntl, prctl,
// futex, ...) has a sub-table of Commands, chosen by one of its arguments;
// Row.Effect resolves it. Row.Prepare, before the call, and Row.Outputs, after
// it, turn the description into address ranges for one concrete call.
//
// To add a call: one line in the table_*_amd64.go of its family. The tests
// compare numbers and names with golang.org/x/sys/unix, and sizes with its
// structs.
package syscalls

import (
	"slices"
	"strconv"
	"syscall"
)

// Class is the replay policy of a call.
type Class uint8

const (
	// Data calls only return data: result and outputs are logged and copied
	// back in replay. The kernel's state behind them (files, descriptors,
	// timers) is not rebuilt in replay.
	Data Class = iota + 1
	// Memory calls change the address space.
	Memory
	// Process calls create, replace, end or restrict the process.
	Process
	// Signal calls change or use signal dispositions in a way that the
	// supervisor must see.
	Signal
	// Thread calls change what belongs to one thread: its segment bases, the
	// words that the kernel writes for it, its locks.
	Thread
	// Refused calls are not executed: the guest gets the Errno, as from a
	// kernel built without them, and the user is told once.
	Refused
	// Unmodelled calls have effects that the table does not know. They are
	// found by write tracking, or the recording is marked unreliable.
	Unmodelled
)

var classNames = [...]string{"?", "data", "memory", "process", "signal", "thread", "refused", "unmodelled"}

func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return "class " + strconv.Itoa(int(c))
}

// Row describes one system call.
type Row struct {
	NR       int
	Name     string
	Class    Class
	Blocks   bool    // may sleep until something outside the thread happens
	Prompt   []Match // any of them: it does not sleep
	Fast     bool    // a stub inside the tracee may execute and log it
	Out      []Output
	CmdArg   uint8         // index of the argument that chooses among Commands
	CmdMask  uint64        // bits of that argument that count
	Commands []Command     // of calls that are many in one
	Errno    syscall.Errno // of a Refused call
	Note     string
}

// Match holds for arguments of which args[Arg]&Mask is Value.
type Match struct {
	Arg         uint8
	Mask, Value uint64
}

func (m Match) holds(args *[6]uint64) bool { return args[m.Arg]&m.Mask == m.Value }

// Command describes one command of a call such as ioctl. It replaces class,
// outputs and flags of its Row.
type Command struct {
	Cmd    uint64
	Name   string
	Class  Class
	Blocks bool
	Fast   bool
	Out    []Output
	Errno  syscall.Errno
	Note   string
}

// Effect is what one concrete call does: that of its Command where there is
// one, else that of its Row.
type Effect struct {
	Name    string // "read", "ioctl TCGETS"
	Class   Class
	Blocks  bool
	Fast    bool
	Out     []Output
	Errno   syscall.Errno // what a Refused call returns
	Generic bool          // outputs are only guessed, from an ioctl's number
	Note    string
}

const maxNR = 512

var byNumber = func() (t [maxNR]*Row) {
	for i := range Table {
		t[Table[i].NR] = &Table[i]
	}
	return t
}()

// ByNumber returns the row of a call. Numbers with the x32 bit have none.
func ByNumber(nr int) (*Row, bool) {
	if nr < 0 || nr >= maxNR || byNumber[nr] == nil {
		return nil, false
	}
	return byNumber[nr], true
}

// Name returns the name of a call, or "syscall_N" where N is not known.
func Name(nr int) string {
	if r, ok := ByNumber(nr); ok {
		return r.Name
	}
	return "syscall_" + strconv.Itoa(nr)
}

// Command returns the command that args choose, or nil.
func (r *Row) Command(args *[6]uint64) *Command {
	if r.Commands == nil {
		return nil
	}
	cmd := args[r.CmdArg] & r.CmdMask
	for i := range r.Commands {
		if r.Commands[i].Cmd == cmd {
			return &r.Commands[i]
		}
	}
	return nil
}

// Effect resolves the call with these arguments.
func (r *Row) Effect(args *[6]uint64) Effect {
	if c := r.Command(args); c != nil {
		return Effect{
			Name: r.Name + " " + c.Name, Class: c.Class, Blocks: c.Blocks,
			Fast: c.Fast, Out: c.Out, Errno: c.Errno, Note: c.Note,
		}
	}
	if r.NR == nrIoctl {
		return genericIoctl(uint32(args[1]))
	}
	return Effect{
		Name: r.Name, Class: r.Class, Blocks: r.blocks(args),
		Fast: r.Fast, Out: r.Out, Errno: r.Errno, Note: r.Note,
	}
}

// blocks reports whether a call with these arguments may sleep. Where a
// timeout in memory decides, it may.
func (r *Row) blocks(args *[6]uint64) bool {
	return r.Blocks && !slices.ContainsFunc(r.Prompt, func(m Match) bool { return m.holds(args) })
}
