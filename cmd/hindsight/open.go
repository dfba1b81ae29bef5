package main

import (
	"errors"
	"fmt"
	"io/fs"

	"hindsight/internal/recording"
)

// openRecording opens a recording that a command was given.
func openRecording(path string) (*recording.Reader, error) {
	r, err := recording.Open(path)
	if err != nil {
		return nil, exitStatus{exitNone, fmt.Errorf("%s: %w", path, openError(err))}
	}
	return r, nil
}

// openError returns what is wrong with a recording, without where it was
// found out.
func openError(err error) error {
	var version *recording.VersionError
	var corrupt *recording.CorruptError
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("no such file")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("not permitted to read it")
	case errors.Is(err, recording.ErrNotRecording):
		return errors.New("not a recording: hindsight record makes one")
	case errors.As(err, &version):
		return version
	case errors.As(err, &corrupt):
		return corrupt
	case errors.As(err, &path):
		return path.Err
	}
	return err
}
