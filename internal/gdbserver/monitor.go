package gdbserver

import (
	"fmt"
	"strings"
)

// monitor executes a "monitor" command. The one about moving is ours, as
// is discard, for gdb's script; the target has the others. An error is text for the user: gdb 13 would say
// "Protocol error with Rcmd" about any other kind.
func (s *session) monitor(args string) (string, error) {
	text, err := parseHexBytes(args)
	if err != nil {
		return "", err
	}
	command := strings.TrimSpace(string(text))
	verb, rest, _ := strings.Cut(command, " ")
	switch verb {
	case "goto":
		err = s.prepareGoto(strings.TrimSpace(rest))
	case "discard":
		err = s.discard()
	default:
		err = s.target.Monitor(command, console{s})
	}
	if err != nil {
		err = s.say("%s: %v", verb, err)
	}
	return "OK", err
}

// discard is for gdb's script, which wants to know whether to try again later.
func (s *session) discard() error {
	kept, err := s.diversion.discardRestored()
	if err != nil || !kept {
		return err
	}
	return s.say("kept")
}

// prepareGoto leaves the moving to the next resume: gdb can interrupt a
// resume, and looks at everything anew after it.
func (s *session) prepareGoto(where string) error {
	if where == "" {
		return fmt.Errorf("say where: TICK, TICK:PC, N%%, start or end")
	}
	s.destination = where
	return s.say("reverse-stepi takes you to %s", where)
}

// console writes to the user.
type console struct{ s *session }

func (c console) Write(p []byte) (int, error) {
	if err := c.s.console(p); err != nil {
		return 0, err
	}
	return len(p), nil
}
