package replay

// In a replay one thread runs at each moment: the recording has decided which.
// So a step of a thread may be a long way, on which others run.

// stepper is the thread that is to step, or the current one if it does not
// exist: gdb may not have noticed yet.
func (s *Session) stepper(tid int) Thread {
	t, ok := s.p.thread(tid)
	if !ok {
		t, _ = s.p.thread(s.Now().TID)
	}
	return t
}

// moved reports whether a thread stands elsewhere than it stood.
func (s *Session) moved(from Thread) bool {
	t, ok := s.p.thread(from.TID)
	return ok && t.Regs.Rip != from.Regs.Rip
}

// stepThread goes on until a thread has executed one instruction, or what was
// recorded to happen before it, or until something stops another thread.
func (s *Session) stepThread(tid int, lim Limits) (Outcome, error) {
	from := s.stepper(tid)
	between := lim
	between.Switch = func(_, to int) bool { return to == from.TID }
	for {
		ran := s.Now().TID == from.TID
		step := func() (Outcome, error) { return s.forward(between) }
		if ran {
			step = func() (Outcome, error) { return s.p.Step(lim) }
		}
		out, err := step()
		if err != nil || out.Reason != afterStep && out.Reason != AtSwitch {
			return out, err
		}
		now := s.Now()
		switch {
		case ran && now.TID == from.TID, s.moved(from):
			return Outcome{Reason: afterStep}, nil
		case now.TID != from.TID && s.p.breaks[now.PC]:
			return Outcome{Reason: AtBreak}, nil
		}
	}
}

// stepThreadBack goes back to before the last instruction of a thread, or to
// what stops another one first.
func (s *Session) stepThreadBack(tid int, lim Limits) (Outcome, error) {
	from := s.stepper(tid)
	between := lim
	between.Switch = func(leaving, _ int) bool { return leaving == from.TID }
	for {
		ran := s.Now().TID == from.TID
		out, err := s.stepBack(lim)
		if err != nil || out.Reason != afterStep {
			return out, err
		}
		now := s.Now()
		switch {
		case now.TID == from.TID && (ran || s.moved(from)):
			return out, nil
		case now.TID == from.TID:
			continue // it was preempted here
		case s.p.breaks[now.PC]:
			return Outcome{Reason: AtBreak}, nil
		}
		if out, err = s.reverseContinue(between); err != nil || out.Reason != AtSwitch {
			return out, err
		}
	}
}

// stepBack goes back to the moment before. With watchpoints the instruction
// there is executed once more, to see whether it hits one.
func (s *Session) stepBack(lim Limits) (Outcome, error) {
	ok, err := s.reverseStep()
	if err != nil {
		return Outcome{}, err
	}
	if !ok {
		return Outcome{Reason: AtEnd}, nil
	}
	if len(lim.Watch) == 0 {
		return Outcome{Reason: afterStep}, nil
	}
	at := s.Now()
	out, err := s.p.Step(Limits{Watch: lim.Watch})
	if err == nil {
		err = s.back(at)
	}
	if out.Reason != AtWatch {
		out = Outcome{Reason: afterStep}
	}
	return out, err
}
