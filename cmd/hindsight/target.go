package main

import (
	"errors"

	"hindsight/internal/recording"
	"hindsight/internal/replay"
)

// target is a replay that gdb can look at.
type target struct {
	*replay.Target
	session *replay.Session
}

// openTarget starts a replay that stands at the moment at, or at its start.
// The calling goroutine must be locked to its thread, and make all calls.
func openTarget(r *recording.Reader, at string) (*target, error) {
	s, err := replay.NewSession(r)
	if err != nil {
		return nil, err
	}
	if at != "" {
		if err := s.Goto(at, nil); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return &target{replay.NewTarget(s), s}, nil
}

func (t *target) close() {
	if err := t.session.Close(); err != nil {
		say("ending the replay: %v", err)
	}
}
