package main

import (
	"errors"
	"io"

	"hindsight/internal/gdbserver"
	"hindsight/internal/recording"
)

// target is a replay that gdb can look at.
type target interface {
	gdbserver.Target
	io.Closer
}

// openTarget starts a replay that stands at the moment at, or at its start.
func openTarget(*recording.Reader, string) (target, error) {
	return nil, errors.New("a replay for gdb is not in this build")
}
