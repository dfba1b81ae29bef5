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
	// Check stores checksums of the state at every so many milliseconds of
	// running and at each full log buffer.
	Check time.Duration
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

// Run records a program from its start to its end. An error means that we
// failed, not the program; the program is not running any more then.
func Run(opt Options) (res Result, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	opt.chooseSeed()
	sigs := make(chan os.Signal, 8)
	signal.Notify(sigs, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP)
	defer signal.Stop(sigs)

	cpu := readProcessor()
	t, err := tracee.Launch(tracee.LaunchOptions{Path: opt.Path, Argv: opt.Argv, Env: opt.Env})
	if err != nil {
		return Result{}, err
	}
	done := make(chan struct{})
	defer close(done)
	go relay(sigs, t.PID, done)
	if err := catchClock(); err != nil {
		return Result{}, err
	}
	r := &recorder{opt: opt, t: t, sup: newSupervisor(), told: map[string]bool{}}
	defer func() { err = both(err, r.close(err)) }()
	if !opt.NoLog {
		m, first := manifest(&opt, t.PID), <-cpu
		m.CPUModel, m.CPUFeatures = first.model, first.features
		if r.w, err = recording.Create(opt.Out, m); err != nil {
			return Result{}, err
		}
		r.files = newLibrary(r.w)
	}
	if err := r.begin(0); err != nil {
		return Result{}, err
	}
	r.drainer = startDrain(r)
	r.first()
	err = r.sup.run()
	if r.ended != nil {
		res = *r.ended
	}
	res.Stats = r.e.Stats
	return res, err
}

func (o *Options) chooseSeed() {
	for o.Chaos && o.ChaosSeed == 0 {
		// Short enough to be typed again.
		o.ChaosSeed = uint64(rand.Uint32())
	}
}

// relay keeps what the terminal sends to its whole foreground group from
// ending the recorder before the program, and passes on to the program what
// is meant to end us alone.
func relay(sigs <-chan os.Signal, pid int, done <-chan struct{}) {
	for {
		select {
		case s := <-sigs:
			if s == unix.SIGTERM {
				// Gone is an expected answer.
				_ = unix.Kill(pid, unix.SIGTERM)
			}
		case <-done:
			return
		}
	}
}

// recorder records one process.
type recorder struct {
	opt Options
	sup *supervisor
	e   *engine.Engine
	w   *recording.Writer // nil with NoLog

	// The thread that has the baton, its tracee, and what becomes of its signals.
	th   *thread
	t    *tracee.Tracee
	sigs *dispositions

	baton     baton
	live      map[*thread]bool // the threads that have not ended
	dying     bool             // the holder of the baton has died, and all others will
	snapshots int
	brk       uint64
	files     *library // nil with NoLog
	drainer   *drainer
	told      map[string]bool
	ended     *Result
	exitPC    uint64
	checkDue  time.Time
}

// first begins to record the process's first thread, which has the baton.
func (r *recorder) first() {
	th := &thread{r: r, t: r.t}
	r.present(th)
	r.sup.start(th, th.main)
}

// present makes th, for which a new engine has been made, the present thread
// of a new image.
func (r *recorder) present(th *thread) {
	th.eng, th.sigs, r.th = r.e.Thread(), r.sigs, th
	r.baton = baton{holder: th, last: th}
	r.live, r.dying = map[*thread]bool{th: true}, false
	r.e.Await = func() (tracee.Stop, error) { return r.th.await() }
}

// close ends the recording, and the program if it still runs.
func (r *recorder) close(cause error) error {
	if !r.t.Gone() && !r.detached() {
		// Gone is an expected answer.
		_ = r.t.Kill()
		_, _ = r.t.Wait()
	}
	var err error
	if r.w != nil {
		err = r.closeWriter(both(cause, r.files.close()))
	}
	if r.e != nil {
		err = both(err, r.e.Close())
	}
	return err
}

// both joins two errors, unless the first has the second for its cause: a
// disk that is full is told of once.
func both(first, second error) error {
	if second == nil || first != nil && strings.Contains(first.Error(), second.Error()) {
		return first
	}
	return errors.Join(first, second)
}

func (r *recorder) detached() bool { return r.ended != nil }

func (r *recorder) closeWriter(cause error) error {
	if err := r.lastDrain(); err != nil {
		return both(err, r.w.Abort(err.Error()))
	}
	if cause != nil {
		return r.w.Abort(cause.Error())
	}
	t := recording.Trailer{Ticks: r.ticks()}
	if r.ended != nil {
		t.ExitCode, t.Signal, t.CoreDumped = r.ended.ExitCode, r.ended.Signal, r.ended.Core
	}
	return r.w.Close(t)
}

// lastDrain brings what is still in the log buffer to the writer.
func (r *recorder) lastDrain() error {
	if r.drainer == nil {
		return nil
	}
	err := r.drain()
	r.drainer.stop()
	return both(err, r.drainer.failed())
}

func (r *recorder) ticks() uint64 {
	if r.e == nil {
		return 0
	}
	return r.e.Tick()
}

// report tells the user something once.
func (r *recorder) report(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if r.told[line] || r.opt.Report == nil {
		return
	}
	r.told[line] = true
	r.opt.Report(line)
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
