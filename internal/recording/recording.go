// Package recording reads and writes recordings: one file that holds a
// process's event log, its snapshots, and the files needed to debug it.
// docs/format.md specifies the bytes.
//
// A file is a sequence of checksummed chunks that is only ever appended to, and
// a chunk refers only to chunks before it. So whatever kills a recorder leaves
// a file that is readable up to its last whole chunk, and nothing readable
// refers to something lost.
//
// Writers and Readers may be used from several goroutines at once. A Writer's
// lock is held while it waits for compression or the disk (that is its
// back-pressure), never by the goroutines that do that work.
package recording

import (
	"encoding/json"
	"time"

	"hindsight/internal/event"
)

const (
	// Version is the format that this package writes, and the newest it reads.
	Version = 1
	// PageSize is the unit in which blobs are stored and deduplicated.
	PageSize = 4096
)

// Manifest says what was recorded, where and how. It is the first chunk.
type Manifest struct {
	FormatVersion int               `json:"format_version"` // set by Create
	ToolVersion   string            `json:"tool_version"`
	Argv          []string          `json:"argv"`
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

// Trailer says how the recording ended. Close fills in what is zero and can
// be known from what was written: End, Duration, Ticks, Events, Unreliable.
type Trailer struct {
	End        time.Time            `json:"end"`
	Duration   time.Duration        `json:"duration_ns"`
	Ticks      uint64               `json:"ticks"`
	Events     map[string]KindCount `json:"events"` // by event.Kind's name
	ExitCode   int                  `json:"exit_code"`
	Signal     int                  `json:"signal,omitempty"` // the fatal one
	CoreDumped bool                 `json:"core_dumped,omitempty"`
	Unreliable []string             `json:"unreliable,omitempty"`
	Complete   bool                 `json:"complete"` // set by Close
	Aborted    string               `json:"aborted,omitempty"`
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
	Blob   BlobID `json:"blob,omitempty"` // 0: all zeros
}

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

	// Extra is a Limits.
	Extra json.RawMessage `json:"extra,omitempty"`
}

// Limits is a snapshot's Extra: the process's resource limits that its memory
// depends on.
type Limits struct {
	Stack uint64 `json:"stack"` // RLIMIT_STACK in bytes
}
