package gdbserver

import (
	"fmt"
	"strings"
)

// vCont answers "ACTION[:THREAD][;ACTION…]". The order of threads is recorded,
// so what matters is which thread gdb waits for: the one that is to step, or
// the only one with an action, which is how gdb locks the others.
func (s *session) vCont(args string) (string, error) {
	var r Resume
	only, others := 0, false
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
		others = others || tid <= anyThread || only != 0
		only = tid
	}
	if !others {
		r.TID, r.alone = only, true
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

// The packets before vCont, and those for going back, take the thread from Hc.

func (s *session) resumeContinue(string) (string, error) { return s.resume(s.chosen(Resume{})) }
func (s *session) resumeStep(string) (string, error)     { return s.resume(s.chosen(Resume{Step: true})) }
func (s *session) reverseContinue(string) (string, error) {
	return s.resume(s.chosen(Resume{Reverse: true}))
}

func (s *session) reverseStep(string) (string, error) {
	return s.resume(s.chosen(Resume{Reverse: true, Step: true}))
}

func (s *session) chosen(r Resume) Resume {
	if r.alone = s.running > anyThread; r.alone || r.Step {
		r.TID = s.stepper(s.running)
	}
	return r
}

// resume performs a resume and answers with where and why it stopped.
func (s *session) resume(r Resume) (string, error) {
	if s.owed {
		s.owed = false
		return s.stopReply(Stop{Reason: StopInterrupt, TID: r.TID}), nil
	}
	if s.destination != "" {
		stop, arrived := s.goTo(r.TID)
		// gdb's script goes to a moment by a step, so that gdb learns about
		// the new place in the ordinary way.
		if !arrived || r.Step {
			return s.stopReply(stop), nil
		}
	}
	if tid, elsewhere := s.diversion.elsewhere(); elsewhere {
		if r.TID == 0 {
			r.TID = tid
		}
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
//
// To step over a breakpoint, gdb lets one thread go alone, and does not survive
// a stop of another one (finish_step_over in gdb/infrun.c). The recording may
// have switched threads there all the same: what the others come to before
// that step is done, the user is told.
func (s *session) run(r Resume) (Stop, error) {
	for {
		stop, err := s.target.Resume(r, s.interrupt)
		if err != nil {
			return Stop{}, err
		}
		if stop.TID == 0 {
			stop.TID = s.target.Current()
		}
		switch {
		case stop.Reason == StopSignal && !r.Step && s.pass[gdbSignal(stop.Signal)]:
		case !r.alone || stop.TID == r.TID:
			return stop, nil
		case !stop.Reason.ofThread():
			if _, ok := s.thread(r.TID); ok {
				stop.TID = r.TID
			}
			return stop, nil
		case r.Step:
			if err := s.say("thread %d is to step alone, but thread %d came to %v first", r.TID, stop.TID, stop.Reason); err != nil {
				return Stop{}, err
			}
		}
	}
}

// goTo moves to where the last goto command said, which ends a diversion. The
// stop is the stepper's, if it exists there: gdb reports it without a word. Its
// script turns to the thread that runs there.
func (s *session) goTo(stepper int) (stop Stop, arrived bool) {
	where := s.destination
	s.destination = ""
	err := s.diversion.end()
	if err == nil {
		err = s.target.Goto(where, s.interrupt)
	}
	stop.Reason = StopStep
	if _, ok := s.thread(stepper); ok {
		stop.TID = stepper
	}
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

// stopReply describes a stop, with the registers that gdb looks at first. gdb
// takes the thread that it names for selected.
func (s *session) stopReply(stop Stop) string {
	tid := stop.TID
	if tid == 0 {
		tid = s.target.Current()
	}
	s.general, s.interrupted = tid, stop.Reason == StopInterrupt
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
