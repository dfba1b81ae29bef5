package gdbserver

import (
	"fmt"
	"strings"
)

// vCont answers "ACTION[:THREAD][;ACTION…]". The order of threads is recorded,
// so only a step matters: its thread is the one that gdb waits for.
func (s *session) vCont(args string) (string, error) {
	var r Resume
	for field := range strings.SplitSeq(args, ";") {
		action, thread, given := strings.Cut(field, ":")
		tid := allThreads
		if given {
			var err error
			if tid, err = parseThread(thread); err != nil {
				return "", err
			}
		}
		step, err := parseAction(action)
		if err != nil {
			return "", err
		}
		if step.Step && !r.Step {
			r = step
			r.TID = s.stepper(tid)
		}
	}
	return s.resume(r)
}

// parseAction parses c, s, "r START,END", and C and S with a signal. The
// signal is the recording's: gdb cannot choose another one.
func parseAction(action string) (Resume, error) {
	kind, rest := "", ""
	if action != "" {
		kind, rest = action[:1], action[1:]
	}
	switch kind {
	case "c", "C":
		return Resume{}, nil
	case "s", "S":
		return Resume{Step: true}, nil
	case "r":
		bounds, err := parseHexes(rest, 2)
		if err != nil {
			return Resume{}, err
		}
		return Resume{Step: true, RangeStart: bounds[0], RangeEnd: bounds[1]}, nil
	}
	return Resume{}, fmt.Errorf("%w: vCont action %q", errMalformed, action)
}

// stepper is the thread that a step for tid means.
func (s *session) stepper(tid int) int {
	if tid > anyThread {
		return tid
	}
	return s.target.Current()
}

func (s *session) resumeContinue(string) (string, error)  { return s.resume(Resume{}) }
func (s *session) reverseContinue(string) (string, error) { return s.resume(Resume{Reverse: true}) }

func (s *session) resumeStep(string) (string, error) {
	return s.resume(Resume{Step: true, TID: s.stepper(s.running)})
}

func (s *session) reverseStep(string) (string, error) {
	return s.resume(Resume{Reverse: true, Step: true, TID: s.stepper(s.running)})
}

// resume performs a resume and answers with where and why it stopped.
func (s *session) resume(r Resume) (string, error) {
	if s.destination != "" {
		stop, arrived := s.goTo()
		// gdb's script goes to a moment by a step, so that gdb learns about
		// the new place in the ordinary way.
		if !arrived || r.Step {
			return s.stopReply(stop), nil
		}
	}
	if s.diversion.elsewhere() {
		return s.resumeDiverted(r)
	}
	tell, err := s.diversion.leave()
	if err != nil {
		return "", err
	}
	if tell {
		err := s.say("the past cannot be changed: what was set was set in a copy of the process, which is discarded now")
		if err != nil {
			return "", err
		}
	}
	stop, err := s.run(r)
	if err != nil {
		stop = s.stuck(r, err)
	}
	return s.stopReply(stop), nil
}

// resumeDiverted goes on in the diversion, forward; backward, it leaves it.
func (s *session) resumeDiverted(r Resume) (string, error) {
	if r.Reverse {
		if err := s.diversion.end(); err != nil {
			return "", err
		}
		return s.stopReply(Stop{Reason: StopHistoryBegin}), nil
	}
	s.diversion.ran = true
	stop, err := s.run(r)
	switch {
	case err != nil:
		stop = s.stuck(r, err)
	case stop.Reason == StopExited || stop.Reason == StopHistoryEnd:
		stop = s.stuck(r, fmt.Errorf("the process ended in the copy that gdb's changes had made; back to the recording"))
	default:
		return s.stopReply(stop), nil
	}
	if err := s.diversion.end(); err != nil {
		return "", err
	}
	return s.stopReply(stop), nil
}

// stuck tells the user why there is no way on. That history ends here, on this
// side, is the stop that lets the user go the other way.
func (s *session) stuck(r Resume, why error) Stop {
	// If the connection failed, sending the reply will fail as well.
	_ = s.say("%v", why)
	if r.Reverse {
		return Stop{Reason: StopHistoryBegin}
	}
	return Stop{Reason: StopHistoryEnd}
}

// run resumes until there is something that gdb wants to see.
func (s *session) run(r Resume) (Stop, error) {
	for {
		stop, err := s.target.Resume(r, s.interrupt)
		if err != nil {
			return Stop{}, err
		}
		if stop.Reason != StopSignal || r.Step || !s.pass[gdbSignal(stop.Signal)] {
			return stop, nil
		}
	}
}

// goTo moves to where the last goto command said, which ends a diversion.
func (s *session) goTo() (stop Stop, arrived bool) {
	where := s.destination
	s.destination = ""
	err := s.diversion.end()
	if err == nil {
		err = s.target.Goto(where, s.interrupt)
	}
	stop.Reason = StopStep
	if err == nil {
		return stop, true
	}
	select {
	case <-s.interrupt:
		stop.Reason = StopInterrupt
	default:
		// If the connection failed, sending the reply will fail as well.
		_ = s.say("goto %s: %v", where, err)
	}
	return stop, false
}

func (s *session) whyStopped(string) (string, error) {
	return s.stopReply(Stop{Reason: StopStep}), nil
}

// watchWords are the protocol's words for kinds of watchpoints.
var watchWords = map[PointKind]string{WatchWrite: "watch", WatchRead: "rwatch", WatchAccess: "awatch"}

// stopReply describes a stop, with the registers that gdb looks at first.
func (s *session) stopReply(stop Stop) string {
	tid := stop.TID
	if tid == 0 {
		tid = s.target.Current()
	}
	registers, err := s.target.Registers(tid)

	signal := uint8(gdbSIGTRAP)
	reason := ""
	switch stop.Reason {
	case StopBreakpoint:
		if word := s.breakpointKind(registers.RIP); word != "" {
			reason = word + ":;"
		}
	case StopWatch:
		reason = fmt.Sprintf("%s:%x;", watchWords[stop.WatchKind], stop.WatchAddr)
	case StopSignal:
		signal = gdbSignal(stop.Signal)
	case StopInterrupt:
		signal = gdbSIGINT
	case StopHistoryBegin:
		reason = "replaylog:begin;"
	case StopHistoryEnd, StopExited: // the way back is open: no exit for gdb
		reason = "replaylog:end;"
	case StopSyscallEntry:
		reason = fmt.Sprintf("syscall_entry:%x;", stop.Syscall)
	case StopSyscallReturn:
		reason = fmt.Sprintf("syscall_return:%x;", stop.Syscall)
	}
	reply := fmt.Sprintf("T%02x%sthread:%x;", signal, reason, tid)
	if err != nil {
		return reply
	}
	for _, num := range []int{numRBP, numRSP, numRIP} {
		reply += fmt.Sprintf("%02x:%x;", num, s.registers.get(&registers, num))
	}
	return reply
}
