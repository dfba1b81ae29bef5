package record

import (
	"errors"
	"os"
	"os/signal"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/internal/tracee"
)

// What stops a job at its terminal is sent to the job's whole process group, us
// included. To the shell we are the job: we stop when the program has. Not
// before, for on the way to its stop it needs us, and it may handle the signal.
// What is sent to us alone we pass on to it.

// jobSignals stop a job.
var jobSignals = []unix.Signal{unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU}

// takeSignals tells c of the signals that we do not end or stop by at once. What we
// were told to ignore we ignore.
func takeSignals(c chan<- os.Signal, ignored uint64) {
	for _, sig := range append([]unix.Signal{unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP}, jobSignals...) {
		if ignored&(1<<(sig-1)) != 0 {
			signal.Ignore(sig)
		} else {
			signal.Notify(c, sig)
		}
	}
}

const (
	// patience is how long after such a signal the program's stop is taken for
	// its consequence: some tidy the screen up first.
	patience = 2 * time.Second
	// pokeEvery is how often the supervisor looks meanwhile. What it waits for
	// may have come just before it began to wait.
	pokeEvery = 20 * time.Millisecond
	// passDelay is how long after such a signal we know whether the program has
	// got it, too: whoever sends to a group does so in one go.
	passDelay = 100 * time.Millisecond
	// passWindow is how long before us, at most, it may then have been told.
	passWindow = time.Second
	// contDelay is how long after us the program is continued, if we are as one
	// group.
	contDelay = 50 * time.Millisecond
)

// suspension is what is known of stopping the whole job.
type suspension struct {
	tid   int                         // of the supervisor
	asked atomic.Pointer[stopRequest] // nil: none
	alone atomic.Bool                 // we were continued a while ago

	last [int(unix.SIGTTOU) + 1]time.Time // when the program was last sent such a signal
}

// stopRequest is a signal to us that stops jobs.
type stopRequest struct {
	sig    unix.Signal
	at     time.Time
	passed bool // on to the program; the supervisor's
}

// ask notes a signal that stops jobs. pid is the program's process.
func (s *suspension) ask(sig unix.Signal, pid int) error {
	if group, err := unix.Getpgid(pid); err != nil || group != unix.Getpgrp() {
		return s.stop(sig) // it was for us alone
	}
	q := &stopRequest{sig: sig, at: time.Now()}
	s.asked.Store(q)
	go func() {
		for time.Since(q.at) < patience && s.asked.Load() == q {
			s.poke()
			time.Sleep(pokeEvery)
		}
		s.asked.CompareAndSwap(q, nil)
	}()
	return nil
}

// poke interrupts the supervisor's waiting.
func (s *suspension) poke() {
	// Gone is an expected answer: there is nothing to stop any more.
	_ = unix.Tgkill(unix.Getpid(), s.tid, clockSignal)
}

// stop stops us until we are continued.
func (s *suspension) stop(sig unix.Signal) error {
	stood := make(chan error)
	go func() { // on a thread that blocks no signals
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		stood <- stopBy(sig)
	}()
	return <-stood
}

// stopBy is stop by a signal to the calling thread, which so does nothing more
// before we stand. In an orphaned process group nothing stops.
func stopBy(sig unix.Signal) error {
	ours, err := disposition(sig)
	if err != nil {
		return err
	}
	// signal.Reset would leave the runtime's handler, which ignores it.
	if err := dispose(sig, sigaction{}); err != nil {
		return err
	}
	err = unix.Tgkill(unix.Getpid(), unix.Gettid(), sig)
	return errors.Join(err, dispose(sig, ours))
}

// followJob stops us if the first process has been stopped with us, and
// continues it if we were continued without it.
func (s *session) followJob() {
	j := &s.job
	if j.alone.Swap(false) && s.root.stands() {
		// Gone is an expected answer.
		_ = unix.Kill(s.root.pid, unix.SIGCONT)
	}
	q := j.asked.Load()
	if q == nil {
		return
	}
	if !s.root.stands() {
		s.passOn(q)
		return
	}
	j.asked.Store(nil)
	if err := j.stop(q.sig); err != nil {
		s.report("not stopped with the program: %v", err)
	}
	j.last[q.sig] = time.Time{} // the next one is another request
	time.AfterFunc(contDelay, func() {
		j.alone.Store(true)
		j.poke()
	})
}

// noteStop remembers when the program is sent what stops jobs.
func (s *session) noteStop(th *thread, sig int) {
	if th.t.PID == s.root.pid && stops(sig) {
		s.job.last[sig] = time.Now()
	}
}

// passOn sends a request to the first process unless it has been sent that
// itself. Then it is pending there, or somebody's stop, which perhaps nobody has
// waited for yet: the kernel makes the one into the other under one lock.
func (s *session) passOn(q *stopRequest) {
	if q.passed || s.root.ended != nil || time.Since(q.at) < passDelay || q.at.Sub(s.job.last[q.sig]) < passWindow ||
		signalSet(s.root.pid, "ShdPnd")&(1<<(q.sig-1)) != 0 || tracee.Reported() {
		return
	}
	q.passed = true
	// Gone is an expected answer.
	_ = unix.Kill(s.root.pid, q.sig)
}

// stands reports whether job control has stopped all threads of the process.
func (r *recorder) stands() bool {
	stopped := false
	for _, th := range r.sup.threads {
		if th.r != r || th.t.PID != r.pid {
			continue
		}
		if !th.t.Listening() && th.state() != 'Z' {
			return false
		}
		stopped = stopped || th.t.Listening()
	}
	return stopped
}

// blockTTOU lets what the calling thread writes reach the terminal, whoever's it
// is at the time, until restore is called: a report must not wait for a stop.
func blockTTOU() (restore func() error, err error) {
	var mask, old unix.Sigset_t
	mask.Val[0] = 1 << (unix.SIGTTOU - 1)
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &mask, &old); err != nil {
		return nil, err
	}
	return func() error { return unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil) }, nil
}
