package record

import (
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/tracee"
)

// supervisor runs the recording of all threads on its OS thread. Each of
// them is a coroutine: what is to be done for a thread reads as a sequence, and
// wherever its tracee runs for long it pauses, until the tracee has stopped.
type supervisor struct {
	threads map[int]*thread     // by TID
	early   map[int]tracee.Stop // of threads that nobody knows yet
	ready   []*thread           // to be resumed
	clock   clock               // ticks while threads wait for each other
	err     error
	// checkEvery is how often the clock interrupts without any thread waiting for
	// another; 0: never.
	checkEvery time.Duration
	checkDue   time.Time // when a process may note checksums again

	beforeWait func()                    // may be nil
	signaled   func(th *thread, sig int) // as tracee.Signaled; may be nil

	schedule schedule
}

// thread is one thread that is recorded.
type thread struct {
	r    *recorder
	sup  *supervisor
	t    *tracee.Tracee
	eng  *engine.Thread
	sigs *dispositions
	regs engine.Regs // where it starts
	at   engine.Regs // where it stands, or in which call, without the baton

	attached attachment

	resume func() (struct{}, bool)
	yield  func(struct{}) bool
	cancel func()

	waiting bool    // for a stop of its tracee
	running bool    // guest code, in engine.Run
	calling bool    // in a call that we make, without the baton
	blocked bool    // in one with the baton, which nobody else wanted
	made    attempt // the call that we make for it
	queued  bool    // for the baton
	asked   bool    // interrupted for the baton's sake
	over    bool    // has nothing more to do
	done    bool    // its coroutine has ended

	priority int       // with chaos
	phase    time.Time // for which it has that

	policy   *policy // seccomp(2)
	dispatch *userDispatch
	clearTID uint64 // set_tid_address(2); 0: none
	robust   uint64 // set_robust_list(2)
	sharer   bool   // is a process of its own
	watched  bool   // its end is
	last     uint64 // PC at which SIGKILL ends it, if that is known
}

// errCancelled ends the coroutines when recording has failed.
var errCancelled = errors.New("recording is over")

func newSupervisor(s schedule) *supervisor {
	return &supervisor{schedule: s, threads: map[int]*thread{}, early: map[int]tracee.Stop{}}
}

// first returns the first stop of a new thread, if it has come already.
func (s *supervisor) first(tid int) *tracee.Stop {
	stop, ok := s.early[tid]
	if !ok {
		return nil
	}
	delete(s.early, tid)
	return &stop
}

// start makes th's coroutine, which runs main.
func (s *supervisor) start(th *thread, main func() error) {
	th.sup = s
	s.threads[th.t.TID] = th
	if s.signaled != nil {
		th.t.Signaled = func(sig int) { s.signaled(th, sig) }
	}
	th.resume, th.cancel = iter.Pull(func(yield func(struct{}) bool) {
		th.yield = yield
		defer func() {
			if p := recover(); p != nil {
				panic(fmt.Sprintf("%v\n%s", p, debug.Stack())) // the stack ends at the coroutine
			}
		}()
		if err := main(); err != nil && !errors.Is(err, errCancelled) && s.err == nil {
			s.err = err
		}
		th.done = true
		delete(s.threads, th.t.TID)
	})
	s.ready = append(s.ready, th)
}

// run goes on until all threads have ended.
func (s *supervisor) run() (err error) {
	defer func() { err = both(err, s.clock.close()) }()
	if now := time.Now(); s.checkEvery > 0 {
		if err := s.clock.wake(now.Add(s.checkEvery), now); err != nil {
			return err
		}
	}
	for len(s.threads) > 0 && s.err == nil {
		for len(s.ready) > 0 && s.err == nil {
			th := s.ready[0]
			s.ready = s.ready[1:]
			if !th.done {
				th.resume()
			}
		}
		if len(s.threads) == 0 || s.err != nil {
			break
		}
		if s.beforeWait != nil {
			s.beforeWait()
		}
		wait := tracee.WaitAny
		if s.clock.ticks() {
			wait = tracee.WaitAnyBriefly
		}
		stop, ok, err := wait()
		switch {
		case err != nil:
			s.err = fmt.Errorf("waiting for the recorded threads: %w", err)
		case !ok:
			s.err = s.tick()
		default:
			s.dispatch(stop)
		}
	}
	return s.err
}

// dispatch gives a stop to the thread that it is of.
func (s *supervisor) dispatch(stop tracee.Stop) {
	if stop.Kind == tracee.Event && stop.Event == unix.PTRACE_EVENT_EXEC {
		s.renumber(int(stop.EventMsg), stop.TID)
	}
	th := s.threads[stop.TID]
	if th == nil {
		if !tracee.PassExit(stop) {
			s.early[stop.TID] = stop
		}
		return
	}
	th.t.Keep(stop)
	if th.waiting || stop.Ended() {
		s.wake(th)
	}
}

// renumber follows an execve by another thread than the first: the caller
// becomes the first, whose end nobody reports (ptrace(2)).
func (s *supervisor) renumber(from, to int) {
	th := s.threads[from]
	if from == to || th == nil {
		return
	}
	if first := s.threads[to]; first != nil {
		first.r.leave(first)
		first.cancel()
	}
	delete(s.threads, from)
	th.t.TID = to
	s.threads[to] = th
}

func (s *supervisor) wake(th *thread) {
	th.waiting = false
	s.ready = append(s.ready, th)
}

// pause lets the other threads go on until somebody wakes this one.
func (th *thread) pause() error {
	if !th.yield(struct{}{}) {
		return errCancelled
	}
	return nil
}

// await waits for the tracee's next stop. A thread stopped by job control stays
// so until it is continued.
func (th *thread) await() (tracee.Stop, error) {
	for {
		raw, err := th.awaitAny()
		if err != nil || raw.Kind != tracee.Group {
			return raw, err
		}
		if err := th.t.Listen(); err != nil {
			return raw, err
		}
	}
}

func (th *thread) awaitAny() (tracee.Stop, error) {
	for !th.t.Kept() {
		if th.t.Gone() {
			break // Wait says so
		}
		th.waiting = true
		err := th.pause()
		th.waiting = false
		if err != nil {
			return tracee.Stop{}, err
		}
	}
	th.asked = false
	return th.t.Wait()
}

// recorders returns those whose processes are being recorded.
func (s *supervisor) recorders() []*recorder {
	return slices.DeleteFunc(s.processes(), func(r *recorder) bool { return r.e == nil })
}

// processes returns those whose threads have not all ended.
func (s *supervisor) processes() []*recorder {
	seen := map[*recorder]bool{}
	var out []*recorder
	for _, th := range s.threads {
		if !seen[th.r] {
			seen[th.r] = true
			out = append(out, th.r)
		}
	}
	return out
}
