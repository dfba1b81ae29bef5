package recording

import (
	"errors"
	"fmt"
)

var (
	// ErrNotRecording says that a file is something else.
	ErrNotRecording = errors.New("not a recording")
	// ErrClosed is returned by a Writer after Close or Abort.
	ErrClosed = errors.New("recording is closed")
	// ErrEnded is returned for a process after its End.
	ErrEnded = errors.New("process has ended")
	// ErrNoProcess says that a recording has no process of that number or ID.
	ErrNoProcess = errors.New("no such process")
	// ErrNoBlob says that a recording has no blob of that number.
	ErrNoBlob = errors.New("no such blob")
)

// VersionError says that a recording is of a format this program cannot read.
type VersionError struct {
	Version uint32
	Flags   uint32
}

func (e *VersionError) Error() string {
	if e.Version <= Version {
		return fmt.Sprintf("recording uses features %#x that this program does not know", e.Flags)
	}
	return fmt.Sprintf("recording is of format version %d, this program reads up to %d", e.Version, Version)
}

// CorruptError says where a recording stops being readable.
type CorruptError struct {
	Offset int64  // in the file
	Chunk  uint64 // number of the chunk
	Reason string
	Cut    bool // the file merely ends there: its writer was killed, or it was copied in part
}

func (e *CorruptError) Error() string {
	what := "damaged"
	if e.Cut {
		what = "cut off"
	}
	return fmt.Sprintf("recording is %s at byte %d (chunk %d): %s", what, e.Offset, e.Chunk, e.Reason)
}
