package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A comparison says what must agree between a program's runs.
type comparison int

const (
	// exact: streams, status and files left, in all modes.
	exact comparison = iota
	// ownInput is for programs that print times, pids or random bytes:
	// the status in all modes, the streams in the recorded run and its replays.
	ownInput
	// children is for programs whose children print too. Where children run
	// natively, a replay prints only the program's own part.
	children
)

// A subject is a program to be run in all modes.
type subject struct {
	command
	compare comparison
	stress  bool // run the stress modes in the short suite, too
	chaos   bool // run it with --chaos there
	calls   bool // check the state behind each call there
	large   bool // takes the stress modes' larger figures
	// onceReplayed spares the second replay of the same recording.
	onceReplayed bool
	// workDir, where set, is emptied before each run, and what the program
	// leaves there is compared.
	workDir string
}

// stressModes are options of the engine that make rare paths frequent. A
// large program gets a cache that holds what it is at work on: smaller ones,
// and flushing always, make it translate for minutes. Chaos tries other orders of
// its threads.
var stressModes = []struct {
	name         string
	small, large []string
	slow         time.Duration // how much longer than usual it may take
}{
	{"tiny-cache", []string{"--cache-size", "262144"}, []string{"--cache-size", "1048576"}, 4},
	{"tiny-log", []string{"--log-size", "8192"}, []string{"--log-size", "8192"}, 4},
	{"flush-always", []string{"--flush-always"}, nil, 8},
	{chaosMode, []string{"--chaos"}, []string{"--chaos"}, 4},
	{callsMode, []string{"--check-calls"}, []string{"--check-calls"}, 8},
}

const (
	chaosMode = "chaos"
	callsMode = "check-calls"
)

// replayable says whether the command under test can replay.
var replayable = sync.OnceValue(func() bool {
	o, err := command{argv: []string{hindsight, "replay", "--help"}, dir: "/", timeout: time.Minute}.run()
	return err == nil && o.status == 0
})

// recordsTrees says whether the command under test records children, too, so
// that a replay prints all that they printed.
var recordsTrees = sync.OnceValue(func() bool {
	// The help of a command that does not exist is that of all commands.
	o, err := command{argv: []string{hindsight, "ps", "--help"}, dir: "/", timeout: time.Minute}.run()
	return err == nil && o.status == 0 && bytes.Contains(o.stdout, []byte("hindsight ps"))
})

// test runs the subject in all modes, as often as the environment asks.
func (s subject) test(t *testing.T) {
	if s.compare == children && recordsTrees() {
		s.compare = exact
	}
	for i := range repeat {
		if repeat == 1 {
			s.round(t)
		} else {
			t.Run(fmt.Sprintf("round%d", i+1), s.round)
		}
	}
}

func (s subject) round(t *testing.T) {
	want := s.native(t)
	t.Run("translated", func(t *testing.T) {
		s.expect(t, s.compare, s.under("record", "--no-log"), want)
	})
	t.Run("recorded", func(t *testing.T) {
		replays := 2
		if s.onceReplayed {
			replays = 1
		}
		s.recordAndReplay(t, want, replays, "--check")
	})
	for _, mode := range stressModes {
		if !s.stress && !stressAll && !(s.chaos && mode.name == chaosMode) && !(s.calls && mode.name == callsMode) {
			continue
		}
		args := mode.small
		if s.large {
			args = mode.large
		}
		if args == nil {
			continue
		}
		t.Run(mode.name, func(t *testing.T) {
			s := s
			s.timeout *= mode.slow
			s.recordAndReplay(t, want, 1, append([]string{"--check"}, args...)...)
		})
	}
}

// A result is the outcome of a run and the digests of the files it left.
type result struct {
	outcome
	files map[string]string
}

func (s subject) native(t *testing.T) result {
	t.Helper()
	s.emptyWorkDir(t)
	o, err := s.run()
	if err != nil {
		t.Fatalf("native run: %v\n%s", err, s.command)
	}
	return result{o, s.filesLeft(t)}
}

// recordAndReplay records once and replays some times. The recording stays
// where a failure can be looked at.
func (s subject) recordAndReplay(t *testing.T, want result, replays int, flags ...string) {
	t.Helper()
	dir := keepDir(t)
	file := filepath.Join(dir, "recording")
	args := append([]string{"record", "-o", file}, flags...)
	got, ok := s.expect(t, s.compare, s.under(args...), want)
	if !ok {
		return
	}
	checkInfo(t, file, got.status)
	for i := range replays {
		if !t.Run(fmt.Sprintf("replayed%d", i+1), func(t *testing.T) { s.replay(t, file, got) }) {
			return // the next would say the same
		}
	}
}

// checkInfo compares the exit status that a recording tells with the real
// one: autopilot ends with its own.
func checkInfo(t *testing.T, file string, want int) {
	t.Helper()
	c := command{argv: []string{hindsight, "info", "--json", file}, dir: "/", timeout: time.Minute}
	o, err := c.run()
	if err != nil || o.status != 0 {
		t.Errorf("%s: status %d, %v\n%s", strings.Join(c.argv, " "), o.status, err, o.ours)
		return
	}
	var in struct {
		Complete bool `json:"complete"`
		ExitCode int  `json:"exit_code"`
		Signal   int  `json:"signal"`
	}
	if err := json.Unmarshal(o.stdout, &in); err != nil {
		t.Errorf("%s: %v", strings.Join(c.argv, " "), err)
		return
	}
	told := in.ExitCode
	if in.Signal != 0 {
		told = 128 + in.Signal
	}
	if !in.Complete || told != want {
		t.Errorf("info tells status %d (complete: %v), want %d\nto reproduce: %s", told, in.Complete, want, strings.Join(c.argv, " "))
	}
}

// replay compares a replay with the run that was recorded. It stands in an
// empty directory, for a recording needs nothing else, and leaves it empty.
func (s subject) replay(t *testing.T, file string, recorded result) {
	if !replayable() {
		t.Skip("this build cannot replay")
	}
	elsewhere := t.TempDir()
	c := command{
		argv: []string{hindsight, "replay", "--autopilot", file},
		dir:  elsewhere, timeout: s.timeout,
	}
	want := recorded
	want.status, want.files = 0, nil
	compare := exact
	if s.compare == children {
		compare = children
	}
	got, err := c.run()
	if problem := disagreement(compare == children, want, result{got, nil}, err); problem != "" {
		t.Errorf("%s%sto reproduce: %s", problem, got.ours, strings.Join(c.argv, " "))
	}
	if bytes.Contains(got.ours, []byte(", before the pro")) { // gram did, cess did
		t.Errorf("a complete recording is replayed in part\n%sto reproduce: %s", got.ours, strings.Join(c.argv, " "))
	}
	if left, err := os.ReadDir(elsewhere); err != nil || len(left) != 0 {
		t.Errorf("replay left %v behind (%v)", left, err)
	}
}

// expect runs c, and compares it with what is wanted.
func (s subject) expect(t *testing.T, compare comparison, c command, want result) (result, bool) {
	t.Helper()
	s.emptyWorkDir(t)
	o, err := c.run()
	got := result{o, s.filesLeft(t)}
	compared := want
	if compare == ownInput {
		compared.stdout, compared.stderr, compared.files = got.stdout, got.stderr, got.files
	}
	if problem := disagreement(false, compared, got, err); problem != "" {
		t.Errorf("%s%sto reproduce: %s", problem, got.ours, c)
		return got, false
	}
	return got, true
}

// disagreement says how a run differs from what is wanted. With part, the
// run may print less, but nothing else and in no other order.
func disagreement(part bool, want, got result, err error) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "%v\n", err)
	}
	if got.status != want.status {
		fmt.Fprintf(&b, "status %d, want %d\n", got.status, want.status)
	}
	streams := []struct {
		name      string
		want, got []byte
	}{{"stdout", want.stdout, got.stdout}, {"stderr", want.stderr, got.stderr}}
	for _, s := range streams {
		if part && isPart(s.want, s.got) || bytes.Equal(s.want, s.got) {
			continue
		}
		fmt.Fprintf(&b, "%s: %s", s.name, firstDifference(s.want, s.got))
	}
	for name, digest := range want.files {
		if got.files[name] != digest {
			fmt.Fprintf(&b, "file %s is %q, want %q\n", name, got.files[name], digest)
		}
	}
	for name := range got.files {
		if _, ok := want.files[name]; !ok {
			fmt.Fprintf(&b, "file %s should not be there\n", name)
		}
	}
	return b.String()
}

// isPart reports whether part's lines are in whole, in the same order.
func isPart(whole, part []byte) bool {
	rest := bytes.SplitAfter(whole, []byte("\n"))
	for line := range bytes.Lines(part) {
		for len(rest) > 0 && !bytes.Equal(rest[0], line) {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return false
		}
		rest = rest[1:]
	}
	return true
}

// firstDifference shows where two texts part.
func firstDifference(want, got []byte) string {
	n := 0
	for n < len(want) && n < len(got) && want[n] == got[n] {
		n++
	}
	from := max(0, n-40)
	cut := func(p []byte) []byte { return p[from:min(len(p), n+160)] }
	return fmt.Sprintf("differs at byte %d (of %d, want %d)\n  got  %q\n  want %q\n", n, len(got), len(want), cut(got), cut(want))
}
