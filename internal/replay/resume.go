package replay

import "hindsight/internal/gdbserver"

// Resume implements gdbserver.Target.
func (t *Target) Resume(r gdbserver.Resume, interrupt <-chan struct{}) (gdbserver.Stop, error) {
	if t.div != nil {
		return t.resumeDiverted(r, interrupt)
	}
	lim := Limits{Signals: true, Catch: t.s.catch, Interrupt: interrupt, Watch: t.s.watches}
	way := t.s.forward
	switch {
	case r.Step:
		way = func(lim Limits) (Outcome, error) { return t.s.stepRange(r, lim) }
	case r.Reverse:
		way = t.s.reverseContinue
	}
	out, err := way(lim)
	s := t.stop(out)
	if r.Reverse && s.Reason == gdbserver.StopHistoryEnd {
		s.Reason = gdbserver.StopHistoryBegin
	}
	return s, err
}

// stepRange steps a thread as long as its PC is in the range.
func (s *Session) stepRange(r gdbserver.Resume, lim Limits) (Outcome, error) {
	step := s.stepThread
	if r.Reverse {
		step = s.stepThreadBack
	}
	tid := s.stepper(r.TID).TID
	for {
		out, err := step(tid, lim)
		if err != nil || out.Reason != afterStep {
			return out, err
		}
		t, ok := s.p.thread(tid)
		switch pc := t.Regs.Rip; {
		case !ok || r.RangeEnd == 0 || pc < r.RangeStart || pc >= r.RangeEnd:
			return out, nil
		case s.p.breaks[pc]:
			return Outcome{Reason: AtBreak}, nil
		case interrupted(&lim):
			return Outcome{Reason: AtInterrupt}, nil
		}
	}
}

var stopReasons = map[Reason]gdbserver.StopReason{
	AtBreak: gdbserver.StopBreakpoint, AtSignal: gdbserver.StopSignal, AtWatch: gdbserver.StopWatch,
	AtSyscallEntry: gdbserver.StopSyscallEntry, AtSyscallReturn: gdbserver.StopSyscallReturn,
	AtInterrupt: gdbserver.StopInterrupt, AtEnd: gdbserver.StopHistoryEnd, AtTick: gdbserver.StopStep,
	afterStep: gdbserver.StopStep,
}

func (t *Target) stop(out Outcome) gdbserver.Stop {
	s := gdbserver.Stop{Reason: stopReasons[out.Reason], TID: t.Current(), Signal: out.Signal, Syscall: out.Syscall}
	if out.Reason == AtWatch {
		s.WatchAddr = out.Watch.Addr
		for kind, access := range watchAccess {
			if access == out.Watch.Kind {
				s.WatchKind = kind
			}
		}
	}
	return s
}

func (t *Target) resumeDiverted(r gdbserver.Resume, interrupt <-chan struct{}) (gdbserver.Stop, error) {
	s := gdbserver.Stop{TID: r.TID}
	if err := t.div.turnTo(r.TID); err != nil {
		return s, err
	}
	t.div.info = nil
	out, err := t.div.run(r.Step, t.breaks(), interrupt)
	switch {
	case err != nil:
		return s, err
	case out.ended:
		s.Reason = gdbserver.StopExited
	case out.breakpoint:
		s.Reason = gdbserver.StopBreakpoint
	case out.interrupted:
		s.Reason = gdbserver.StopInterrupt
	case out.signal != 0:
		s.Reason, s.Signal = gdbserver.StopSignal, out.signal
		t.div.info = out.info[:]
	default:
		s.Reason = gdbserver.StopStep
	}
	return s, nil
}
