package x86

import (
	"errors"
	"fmt"
)

var (
	// ErrTruncated reports that the bytes end inside an instruction.
	ErrTruncated = errors.New("x86: instruction continues beyond the bytes given")
	// ErrTooLong reports more than 15 bytes, which the CPU answers with #GP
	// (SDM vol. 2, 2.3.11).
	ErrTooLong = errors.New("x86: instruction longer than 15 bytes")
	// ErrUnknown matches every *UnknownError under errors.Is.
	ErrUnknown = errors.New("x86: unknown instruction")
)

// UnknownError reports an encoding that no manual defines, or one that is
// defined but not described by our tables. Bytes are those at PC as far as
// they were given, at most 15: the instruction's length is not known.
type UnknownError struct {
	PC    uint64
	Bytes []byte
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("x86: unknown instruction at %#x: % x", e.PC, e.Bytes)
}

// Is makes errors.Is(err, ErrUnknown) hold.
func (e *UnknownError) Is(target error) bool { return target == ErrUnknown }
