// Package record is the recorder: it starts a program under the engine, does
// for it what the stubs in the tracee cannot do, and writes what was
// non-deterministic to a recording.
//
// Everything here but the drain runs on the one OS thread that Run locks,
// since ptrace belongs to a thread.
package record

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
	"hindsight/internal/tracee"
)

// Options say what to record and how.
type Options struct {
	Path string   // of the program
	Argv []string // with its name
	Env  []string
	Out  string // the recording; unused with NoLog

	// NoLog only translates: no recording is written.
	NoLog bool
	// Check stores checksums of the state at every so much time of running.
	Check time.Duration
	// CheckCalls stores them behind each syscall, too, and makes all calls in the
	// supervisor: what the table says too little of shows at the call itself.
	CheckCalls bool
	// Follow says which processes to record.
	Follow Follow
	// Chaos makes schedules that find bugs, from ChaosSeed: the same seed
	// makes the same choices. Run chooses one where it is 0.
	Chaos     bool
	ChaosSeed uint64
	// Engine holds the stress options.
	Engine engine.Options
	// Report is told what the user should know, one line at a time.
	Report func(line string)
	// Version of the program, for the manifest.
	Version string
}

// Result is how the recorded program ended.
type Result struct {
	ExitCode int
	Signal   int // the fatal signal, or 0
	Core     bool
	Stats    engine.Stats
}

func resultOf(raw tracee.Stop) *Result {
	return &Result{ExitCode: raw.ExitCode, Signal: raw.Signal, Core: raw.CoreDumped}
}

// Run records a program from its start to its end. An error means that we
// failed, not the program; the program is not running any more then.
func Run(opt Options) (res Result, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	opt.chooseSeed()
	ignored, err := tracee.Ignored()
	if err != nil {
		return Result{}, err
	}
	sigs := make(chan os.Signal, 8)
	takeSignals(sigs, ignored)
	defer signal.Stop(sigs)

	cpu := readProcessor()
	t, err := tracee.Launch(tracee.LaunchOptions{Path: opt.Path, Argv: opt.Argv, Env: opt.Env, Ignored: ignored})
	if err != nil {
		return Result{}, err
	}
	restore, err := blockTTOU()
	if err != nil {
		return Result{}, fmt.Errorf("signal mask: %w", err)
	}
	defer func() { err = both(err, restore()) }()
	if err := prepareSignals(); err != nil {
		return Result{}, err
	}
	s := &session{opt: opt, sup: newSupervisor(newSchedule(opt.Chaos, opt.ChaosSeed)), told: map[string]bool{}}
	if s.opt.Engine.Home, err = engine.NewHome(); err != nil {
		return Result{}, err
	}
	s.opt.Engine.Store, s.opt.Engine.Surprises = engine.NewCodeStore(), s.sup.schedule.surprises
	root := &recorder{session: s, pid: t.PID, t: t}
	s.root = root
	s.job.tid, s.sup.checkEvery = unix.Gettid(), opt.Check
	s.sup.beforeWait, s.sup.signaled = s.followJob, s.noteStop
	done := make(chan struct{})
	defer close(done)
	go s.relay(sigs, t.PID, done)
	t.Route = s.sup.dispatch
	defer func() { err = both(err, s.close(root, err)) }()
	if err := root.chooseFirst(); err != nil {
		return Result{}, err
	}
	if !opt.NoLog {
		m, first := manifest(&opt, t.PID), <-cpu
		m.CPUModel, m.CPUFeatures, m.Native = first.model, first.features, root.omitted
		if s.w, err = recording.Create(opt.Out, m); err != nil {
			return Result{}, err
		}
		s.files = newLibrary(s.w)
		root.pw, root.named = s.w.Root(), root.omitted == ""
	}
	if err := root.startFirst(); err != nil {
		return Result{}, err
	}
	err = s.sup.run()
	if err == nil && !s.begun {
		s.report("nothing was recorded: --follow %s leaves out all that ran", opt.Follow)
	}
	if root.ended != nil {
		res = *root.ended
	}
	res.Stats = root.stats
	return res, err
}

// chooseFirst decides whether the first program is recorded.
func (r *recorder) chooseFirst() error {
	if !r.chosen() {
		r.omitted = leftOut
		return nil
	}
	why, err := r.unrecordable()
	if why != "" {
		err = errors.New(why)
	}
	return err
}

// startFirst begins with the first program.
func (r *recorder) startFirst() error {
	if r.omitted != "" {
		th := &thread{r: r, t: r.t}
		r.th = th
		r.tellPrivileges()
		r.sup.start(th, th.main)
		return nil
	}
	r.drainer = startDrain(r)
	if err := r.begin(0); err != nil {
		return err
	}
	r.first(nil)
	return nil
}

// close ends the recording, and the programs if they still run.
func (s *session) close(root *recorder, cause error) error {
	var err error
	for _, r := range append(s.sup.processes(), root) {
		err = both(err, r.close())
	}
	for _, th := range s.sup.threads {
		th.cancel()
	}
	return both(err, s.closeWriter(root, both(cause, err)))
}

func (s *session) closeWriter(root *recorder, cause error) error {
	if s.w == nil {
		return nil
	}
	cause = both(cause, s.files.close())
	if cause != nil {
		return s.w.Abort(cause.Error())
	}
	return s.w.Close(root.trailer())
}

func (o *Options) chooseSeed() {
	for o.Chaos && o.ChaosSeed == 0 {
		// Short enough to be typed again.
		o.ChaosSeed = uint64(rand.Uint32())
	}
}

// relay keeps what the terminal sends to its whole foreground group from
// ending or stopping the recorder before the program, and passes on to the
// program what is meant to end us alone.
func (s *session) relay(sigs <-chan os.Signal, pid int, done <-chan struct{}) {
	for {
		select {
		case sig := <-sigs:
			switch sig {
			case unix.SIGTERM:
				// Gone is an expected answer.
				_ = unix.Kill(pid, unix.SIGTERM)
			case unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
				if err := s.job.ask(sig.(unix.Signal), pid); err != nil {
					s.opt.Report(fmt.Sprintf("not stopped: %v", err))
				}
			}
		case <-done:
			return
		}
	}
}

// session is what the recorders of a tree of processes share.
type session struct {
	opt   Options
	sup   *supervisor
	w     *recording.Writer // nil with NoLog
	files *library          // nil with NoLog
	told  map[string]bool
	root  *recorder
	job   suspension
	begun bool // something was recorded

	memoryOpen bool // a recorded process has a descriptor of a process's memory
}

// recorder records one process.
type recorder struct {
	*session
	pid int
	e   *engine.Engine
	pw  *recording.ProcessWriter // nil with NoLog

	// The thread that has the baton, its tracee, and what becomes of its signals.
	th   *thread
	t    *tracee.Tracee
	sigs *dispositions

	omitted string // why the process runs natively now; empty while it is recorded
	past    uint64 // ticks, when it does
	named   bool   // the recording knows of the present image

	baton       baton
	live        map[*thread]bool // the threads that have not ended
	foreignOpen bool             // foreign memory can be accessed: the guest may not run
	openRange   [2]uint64        // where alone it can
	dying       bool             // the holder of the baton has died, and all others will
	lent        []part           // parts of the spare memory, in order
	snapshots   int
	brk         uint64
	as          addressSpace
	locks       uint64 // mlockall's flags for mappings to come; 0: none
	undumpable  bool   // PR_SET_DUMPABLE
	drainer     *drainer
	ended       *Result
	stats       engine.Stats
	exitPC      uint64
	exitInfo    tracee.Siginfo // of the signal on its way
	checkDue    time.Time
	checkCost   time.Duration
	sharedCode  int // instructions executed in shared memory
}

// first begins to record the process's first thread, which has the baton.
func (r *recorder) first(p *policy) *thread {
	th := &thread{r: r, t: r.t, policy: p}
	r.present(th)
	r.sup.start(th, th.main)
	return th
}

// present makes th, for which a new engine has been made, the present thread
// of a new image.
func (r *recorder) present(th *thread) {
	th.eng, th.sigs, r.th = r.e.Thread(), r.sigs, th
	th.watchHalts()
	r.baton = baton{holder: th, last: th, queue: r.visitors()}
	r.live, r.dying = map[*thread]bool{th: true}, false
	r.lent = nil
	r.supervisePolicies()
	r.e.Await = r.awaitHolder
}

// close gives back what the recorder holds, and ends the process if that has
// not ended. A second call does nothing.
func (r *recorder) close() error {
	if r.ended == nil && !r.t.Gone() {
		// Gone is an expected answer.
		_ = r.t.Kill()
		_, _ = r.t.Wait()
	}
	err := r.lastDrain()
	if r.e == nil {
		return err
	}
	r.stats = r.e.Stats
	err = both(err, r.e.Close())
	r.e = nil
	return err
}

// finishProcess completes what the recording says of a process that has ended.
func (r *recorder) finishProcess() error {
	t := r.trailer()
	err := r.close()
	if r.pw != nil {
		err = both(err, r.pw.End(t))
	}
	return err
}

func (r *recorder) trailer() recording.Trailer {
	t := recording.Trailer{Ticks: r.ticks()}
	if r.ended != nil {
		t.ExitCode, t.Signal, t.CoreDumped = r.ended.ExitCode, r.ended.Signal, r.ended.Core
	}
	return t
}

// both joins two errors, unless the first has the second for its cause: a
// disk that is full is told of once.
func both(first, second error) error {
	if second == nil || first != nil && strings.Contains(first.Error(), second.Error()) {
		return first
	}
	return errors.Join(first, second)
}

// lastDrain brings what is still in the log buffer to the writer.
func (r *recorder) lastDrain() error {
	if r.drainer == nil {
		return nil
	}
	var err error
	if r.e != nil {
		err = r.drain()
	}
	r.drainer.stop()
	err = both(err, r.drainer.err)
	r.drainer = nil
	return err
}

func (r *recorder) ticks() uint64 {
	if r.e == nil {
		return 0
	}
	return r.e.Tick()
}

// report tells the user something once.
func (s *session) report(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if s.told[line] || s.opt.Report == nil {
		return
	}
	s.told[line] = true
	s.opt.Report(line)
}

// unreliable says that replay may differ from here on, and why.
func (r *recorder) unreliable(format string, args ...any) error {
	line := fmt.Sprintf(format, args...)
	r.report("the recording is unreliable from here: %s", line)
	return r.log(event.AppendUnreliable(nil, r.e.Tick(), line))
}

// note logs something that explains a difference to running alone, once.
func (r *recorder) note(format string, args ...any) error {
	line := fmt.Sprintf(format, args...)
	if r.told[line] {
		return nil
	}
	r.told[line] = true
	return r.log(event.AppendNote(nil, r.e.Tick(), line))
}
