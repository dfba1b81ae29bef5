// Package recording reads and writes recordings: one file that holds a tree of
// processes, each with its event log and its snapshots, and the files needed to
// debug them. docs/format.md specifies the bytes.
//
// A file is a sequence of checksummed chunks that is only ever appended to, and
// a chunk refers only to chunks before it. So whatever kills a recorder leaves
// a file that is readable up to its last whole chunk, for every process, and
// nothing readable refers to something lost.
//
// # Processes
//
// A process is known by its number: 0 is the root, the others count on in the
// order in which they were announced, parents before children. Process IDs are
// used again by the kernel, numbers are not. Blobs and files are shared by all
// processes, and each page is stored once.
//
// To write:
//
//	w, err := Create(path, manifest)     // announces the root
//	root := w.Root()                     // its *ProcessWriter
//	child, err := w.Process(Process{Parent: root.Number(), PID: pid, Origin: OriginFork, ...})
//	id, err := w.AddBlob(memory)         // shared
//	n, err := child.AddSnapshot(&s)
//	err = child.AppendEvents(b, first, last)
//	err = child.Exec(Image{...})         // at each execve
//	err = child.End(Trailer{...})        // the process has ended
//	err = w.Close(Trailer{...})          // the recording has
//
// For a recording of one process the Writer itself has the root's
// AppendEvents, AddSnapshot and Flush, and its Close ends the root.
//
// To read:
//
//	r, err := Open(path)                 // a view of the root
//	for _, p := range r.Processes() {...}
//	c, err := r.Process(n)               // a view of another process
//
// A Reader is a view of one process: what it says of events, snapshots and the
// end is that process's, what it says of blobs, files and damage is the same in
// each view. So whoever replays a process does not see the others.
//
// # Order
//
// The chunks of all processes are numbered in the order in which they were
// written. The Writer hands on what waits of the parent and of the process
// itself when a process begins and when it ends: what a parent did before it
// forked stands before all of its child's doing, and that before what the
// parent does once it knows of the child's end. What processes did at the
// same time is ordered no better than within a fraction of a second.
//
// # Goroutines
//
// Writers and Readers may be used from several goroutines at once. A Writer's
// lock is held while it waits for compression or the disk (that is its
// back-pressure), never by the goroutines that do that work. A ProcessWriter
// has a lock of its own, so that processes do not wait for each other before
// a chunk of events is full.
package recording

import (
	"encoding/json"
	"time"

	"hindsight/internal/event"
)

const (
	// Version is the format that this package writes, and the newest it reads.
	Version = 5
	// PageSize is the unit in which blobs are stored and deduplicated.
	PageSize = 4096
)

// Manifest says what was recorded, where and how. It is the first chunk.
type Manifest struct {
	FormatVersion int               `json:"format_version"` // set by Create
	ToolVersion   string            `json:"tool_version"`
	Exe           string            `json:"exe,omitempty"` // of the root at its start, like Argv and Native
	Argv          []string          `json:"argv"`
	Native        string            `json:"native,omitempty"` // as in Image
	Cwd           string            `json:"cwd"`
	Env           []string          `json:"env,omitempty"`
	Hostname      string            `json:"hostname"`
	Kernel        string            `json:"kernel"`
	CPUModel      string            `json:"cpu_model"`
	CPUFeatures   []string          `json:"cpu_features,omitempty"`
	Start         time.Time         `json:"start"`
	PID           int               `json:"pid"`
	Options       map[string]string `json:"options,omitempty"`
}

// KindCount counts the events of one kind.
type KindCount struct {
	Count uint64 `json:"count"`
	Bytes uint64 `json:"bytes"`
}

// Origin says how a process came to be.
type Origin string

const (
	OriginRoot  Origin = "root" // started by the recorder
	OriginFork  Origin = "fork"
	OriginVfork Origin = "vfork"
	OriginClone Origin = "clone"
)

// RootNumber is the number of the process that the recorder started.
const RootNumber = 0

// NoParent is the root's parent.
const NoParent = -1

// Process is what a recording says of one process.
type Process struct {
	Number int       `json:"number"` // set by Writer.Process
	Parent int       `json:"parent"` // its number: NoParent for the root
	PID    int       `json:"pid"`
	Start  time.Time `json:"start"` // set by Writer.Process if zero
	Origin Origin    `json:"origin"`
	// Images are what the process executed: first what it began with, which
	// a forked child has from its parent, then one for each execve.
	Images []Image `json:"images"`
	// End is how it ended, nil where that is not known.
	End *Trailer `json:"end,omitempty"`
}

// Image is a program that a process executed.
type Image struct {
	At   time.Time `json:"at"` // set by the Writer if zero
	Tick uint64    `json:"tick"`
	Exe  string    `json:"exe,omitempty"`
	Argv []string  `json:"argv,omitempty"`
	Comm string    `json:"comm,omitempty"`
	// Native says why the process runs unrecorded from here, empty if it does not.
	Native string `json:"native,omitempty"`
}

// Image is the program that the process executed last.
func (p *Process) Image() Image {
	if len(p.Images) == 0 {
		return Image{}
	}
	return p.Images[len(p.Images)-1]
}

// Recorded reports whether any part of the process was recorded.
func (p *Process) Recorded() bool {
	for _, m := range p.Images {
		if m.Native == "" {
			return true
		}
	}
	return len(p.Images) == 0
}

// Trailer says how a process ended, or the recording as a whole: then its sums
// are over all processes, and its exit status is the root's. End and Close
// fill in what is zero and can be known from what was written: End, Duration,
// Ticks, Events, Unreliable, Processes.
type Trailer struct {
	End        time.Time            `json:"end"`
	Duration   time.Duration        `json:"duration_ns"`
	Ticks      uint64               `json:"ticks"`
	Events     map[string]KindCount `json:"events"` // by event.Kind's name
	ExitCode   int                  `json:"exit_code"`
	Signal     int                  `json:"signal,omitempty"` // the fatal one
	CoreDumped bool                 `json:"core_dumped,omitempty"`
	Unreliable []string             `json:"unreliable,omitempty"`
	Processes  int                  `json:"processes,omitempty"` // of the recording as a whole
	Complete   bool                 `json:"complete"`            // set by Close, and by End unless Aborted is set
	Aborted    string               `json:"aborted,omitempty"`   // why it was recorded no further
}

// FileKind says what a stored file is needed for.
type FileKind string

const (
	FileExe   FileKind = "exe"
	FileLib   FileKind = "lib"
	FileDebug FileKind = "debug"
)

// File is a file of the recorded machine that debugging needs.
type File struct {
	Path    string    `json:"path"`
	Kind    FileKind  `json:"kind"`
	Blob    BlobID    `json:"blob"`
	Size    int64     `json:"size"`
	BuildID string    `json:"build_id,omitempty"` // hexadecimal
	Mode    uint32    `json:"mode"`
	MTime   time.Time `json:"mtime"`
}

// BlobID names content within a recording. 0 is no blob.
type BlobID uint64

// Mapping is one mapping of a snapshot's address space.
type Mapping struct {
	Start  uint64 `json:"start"`
	End    uint64 `json:"end"`
	Prot   uint32 `json:"prot"`
	Flags  uint32 `json:"flags"` // of mmap
	Path   string `json:"path,omitempty"`
	Offset uint64 `json:"offset,omitempty"`
	Blob   BlobID `json:"blob,omitempty"` // 0: all zeros, but for Parts
	Parts  []Part `json:"parts,omitempty"`
}

// Part is memory at Start, in a mapping that is zeros for the most part.
type Part struct {
	Start uint64 `json:"start"`
	Blob  BlobID `json:"blob"`
}

// MapForeign in a Mapping's Flags says that others may write the memory at any
// time.
const MapForeign = 1 << 31

// SigAction is a signal's disposition (struct kernel_sigaction).
type SigAction struct {
	Signo    int    `json:"signo"`
	Handler  uint64 `json:"handler"`
	Flags    uint64 `json:"flags"`
	Restorer uint64 `json:"restorer"`
	Mask     uint64 `json:"mask"`
}

// SigStack is an alternate signal stack (stack_t).
type SigStack struct {
	SP    uint64 `json:"sp"`
	Flags int32  `json:"flags"`
	Size  uint64 `json:"size"`
}

// Snapshot is the whole guest state of a process at one moment.
type Snapshot struct {
	Tick     uint64                `json:"tick"`
	EventSeq uint64                `json:"event_seq"` // bytes of events before it; set by AddSnapshot
	PID      int                   `json:"pid"`
	TID      int                   `json:"tid"`
	Regs     [event.NumRegs]uint64 `json:"regs"` // user_regs_struct order
	XState   []byte                `json:"xstate,omitempty"`
	Mappings []Mapping             `json:"mappings"`

	BrkStart   uint64      `json:"brk_start,omitempty"`
	Brk        uint64      `json:"brk,omitempty"`
	SigMask    uint64      `json:"sig_mask,omitempty"`
	SigActions []SigAction `json:"sig_actions,omitempty"`
	SigStack   SigStack    `json:"sig_stack"`
	Auxv       []byte      `json:"auxv,omitempty"`
	Comm       string      `json:"comm,omitempty"`
	Exe        string      `json:"exe,omitempty"`

	// Outputs are the descriptors that are the recorder's standard output or
	// error; nil where they are 1 and 2.
	Outputs []Output `json:"outputs"`

	// Extra is a Limits.
	Extra json.RawMessage `json:"extra,omitempty"`
}

// Output is a descriptor that is the recorder's standard output or error.
type Output struct {
	FD          uint64 `json:"fd"`
	Stream      int    `json:"stream"` // 1 or 2
	CloseOnExec bool   `json:"close_on_exec,omitempty"`
}

// Limits is a snapshot's Extra: the process's resource limits that its memory
// depends on.
type Limits struct {
	Stack uint64 `json:"stack"` // RLIMIT_STACK in bytes
}
