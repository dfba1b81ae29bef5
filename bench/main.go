// Command bench measures what recording and replaying cost. It runs each
// workload natively, recorded and replayed in turn, several rounds over, and
// prints the medians as ratios, beside what this version is to reach. The fastest
// runs' ratio stands beside them: where other machines share the processor's cores,
// a recording, which has more instructions to execute, loses more by that.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A workload is a program to measure. Its bound is a ratio of recorded to
// native time, or, where it is short, of milliseconds more.
type workload struct {
	name  string
	argv  []string // $DIR is the directory of the programs and inputs
	stdin string
	bound float64
	short bool
	// pinned compares with the program on one CPU, natively: a recording runs
	// one thread at a time.
	pinned bool
	long   bool // a quarter of the rounds
	// client, if set, is what is timed: argv is a server, which stop ends. It
	// can be talked to once ready succeeds.
	client, ready, stop []string
}

var workloads = []workload{
	{name: "arithmetic loop", argv: []string{"$DIR/arith"}, bound: 1.15},
	{name: "branches and calls", argv: []string{"$DIR/branchy"}, bound: 2},
	{name: "bzip2", argv: []string{"bzip2", "-kc", "$DIR/text"}, bound: 1.5},
	{name: "python", argv: []string{"/usr/bin/python3", "$DIR/work.py"}, bound: 3.5},
	{name: "sqlite in memory", argv: []string{"sqlite3", "-batch", ":memory:"}, stdin: "$DIR/work.sql", bound: 3},
	{name: "16-byte reads", argv: []string{"$DIR/reads"}, bound: 4},
	{name: "getppid", argv: []string{"$DIR/getppid"}, bound: 4},
	{name: "clock_gettime", argv: []string{"$DIR/clock"}, bound: 4},
	{name: "rdtsc", argv: []string{"$DIR/rdtsc"}, bound: 4},
	{name: "4 threads", argv: []string{"$DIR/threads"}, bound: 1.5, pinned: true},
	{name: "10 fork, exec, exit", argv: []string{"$DIR/spawn"}, bound: 250, short: true},
	{name: "/bin/true", argv: []string{"/bin/true"}, bound: 60, short: true},
	{name: "make -j2", argv: []string{"make", "-s", "-B", "-j2", "-C", "$DIR/project"}, bound: 6, long: true},
	{name: "redis", argv: []string{"redis-server", "--port", redisPort, "--save", ""},
		client: []string{"redis-benchmark", "-q", "-p", redisPort, "-n", "50000", "-c", "20", "-t", "set,get"},
		ready:  []string{"redis-cli", "-p", redisPort, "ping"},
		stop:   []string{"redis-cli", "-p", redisPort, "shutdown", "nosave"},
		bound:  1 / 0.35},
	{name: "python3 -c pass", argv: []string{"/usr/bin/python3", "-c", "pass"}, short: true},
}

// redisPort is where nobody else listens, one hopes.
const redisPort = "16379"

// replayBound is the longest that a replay may take, as a ratio to recording.
const replayBound = 1.5

func main() {
	hindsight := flag.String("hindsight", "bin/hindsight", "the command to measure")
	rounds := flag.Int("rounds", 5, "rounds of each workload")
	only := flag.String("only", "", "measure workloads whose name contains this")
	flag.Parse()
	if err := bench(*hindsight, *rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(hindsight string, rounds int, only string) error {
	hindsight, err := filepath.Abs(hindsight)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "hindsight-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := prepare(dir); err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "workload\tnative\trecorded\tbound\t\tfastest\treplayed\treplay/record\tbound\t\tsize\t")
	for _, l := range workloads {
		if !strings.Contains(l.name, only) {
			continue
		}
		if _, err := exec.LookPath(l.expand(dir).argv[0]); err != nil {
			fmt.Fprintf(w, "%s\tis not installed\t\t\t\t\t\t\t\t\t\t\n", l.name)
			continue
		}
		r, err := l.expand(dir).measure(hindsight, dir, rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		r.print(w, &l)
	}
	return w.Flush()
}

// prepare makes the programs and their inputs.
func prepare(dir string) error {
	sources, err := filepath.Glob("bench/programs/*")
	if err != nil || len(sources) == 0 {
		return errors.New("bench/programs is not here: run this in the repository's root")
	}
	for _, src := range sources {
		name := filepath.Base(src)
		if base, ok := strings.CutSuffix(name, ".c"); ok {
			out, err := exec.Command("gcc", "-O2", "-o", filepath.Join(dir, base), src).CombinedOutput()
			if err != nil {
				return fmt.Errorf("gcc %s: %w\n%s", src, err, out)
			}
			continue
		}
		p, err := os.ReadFile(src)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), p, 0o600); err != nil {
			return err
		}
	}
	if err := writeProject(filepath.Join(dir, "project")); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "text"), text(8<<20), 0o600)
}

// text returns what bzip2 has something to do with.
func text(n int) []byte {
	words := strings.Fields("the of and to in a is that for it as was with be by on not he his but at are this have had from")
	p := make([]byte, 0, n+16)
	for x := uint32(1); len(p) < n; {
		x = x*1664525 + 1013904223
		p = append(p, words[(x>>20)%uint32(len(words))]...)
		p = append(p, ' ', 'a'+byte(x>>28))
	}
	return p
}

func (l workload) expand(dir string) workload {
	l.argv = slices.Clone(l.argv)
	for i := range l.argv {
		l.argv[i] = strings.ReplaceAll(l.argv[i], "$DIR", dir)
	}
	l.stdin = strings.ReplaceAll(l.stdin, "$DIR", dir)
	return l
}

// measured are the medians of a workload, and the fastest runs.
type measured struct {
	native, recorded, replayed      time.Duration
	fastestNative, fastestRecording time.Duration
	size                            int64
}

// measure runs the three modes in turn, so that what disturbs the machine
// disturbs all of them.
func (l workload) measure(hindsight, dir string, rounds int) (measured, error) {
	switch {
	case l.short:
		rounds *= 4
	case l.long:
		rounds = (rounds + 3) / 4
	}
	file := filepath.Join(dir, "recording")
	record := append([]string{hindsight, "record", "-o", file, "--"}, l.argv...)
	replay := []string{hindsight, "replay", "--autopilot", file}
	native := l.argv
	if l.pinned {
		native = append([]string{"taskset", "-c", "0"}, native...)
	}
	const replaying = 2
	modes := [][]string{native, record, replay}
	times := make([][]time.Duration, len(modes))
	for range rounds {
		// Giving back the space of an old recording takes its time.
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return measured{}, err
		}
		for i, argv := range modes {
			run := l.run
			if l.client != nil && i < replaying {
				run = l.serve
			}
			t, err := run(argv)
			if err != nil {
				return measured{}, err
			}
			times[i] = append(times[i], t)
		}
	}
	st, err := os.Stat(file)
	if err != nil {
		return measured{}, err
	}
	return measured{
		median(times[0]), median(times[1]), median(times[2]), slices.Min(times[0]), slices.Min(times[1]), st.Size(),
	}, nil
}

func (l workload) run(argv []string) (time.Duration, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout = io.Discard
	var said strings.Builder
	cmd.Stderr = &said
	if l.stdin != "" {
		f, err := os.Open(l.stdin)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		cmd.Stdin = f
	}
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, said.String())
	}
	return took, nil
}

// serve starts a server, and times its client.
func (l workload) serve(argv []string) (t time.Duration, err error) {
	server := exec.Command(argv[0], argv[1:]...)
	var said strings.Builder
	server.Stderr = &said
	if err := server.Start(); err != nil {
		return 0, err
	}
	defer func() {
		stop := exec.Command(l.stop[0], l.stop[1:]...).Run()
		if werr := server.Wait(); werr != nil && err == nil {
			err = fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), werr, said.String())
		}
		err = errors.Join(err, stop)
	}()
	for end := time.Now().Add(readyWithin); exec.Command(l.ready[0], l.ready[1:]...).Run() != nil; {
		if time.Now().After(end) {
			return 0, errors.Join(fmt.Errorf("%s does not answer", argv[0]), server.Process.Kill())
		}
		time.Sleep(10 * time.Millisecond)
	}
	return l.run(l.client)
}

// readyWithin bounds how long a server takes to start.
const readyWithin = 20 * time.Second

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func (r measured) print(w io.Writer, l *workload) {
	cost, best, form := ratio(r.recorded, r.native), ratio(r.fastestRecording, r.fastestNative), "%.2f"
	if l.short {
		cost, best = milliseconds(r.recorded-r.native), milliseconds(r.fastestRecording-r.fastestNative)
		form = "+%.0f ms"
	}
	bound := fmt.Sprintf(form, l.bound)
	if l.bound == 0 {
		bound = ""
	}
	back := ratio(r.replayed, r.recorded)
	fmt.Fprintf(w, "%s\t%v\t"+form+"\t%s\t%s\t"+form+"\t%v\t%.2f\t%.2f\t%s\t%.1f MB\t\n", l.name, round(r.native),
		cost, bound, verdict(cost, l.bound), best, round(r.replayed), back, replayBound, verdict(back, replayBound), float64(r.size)/1e6)
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond / 10) }

// verdict marks what is beyond its bound.
func verdict(value, bound float64) string {
	if bound != 0 && value > bound {
		return "over"
	}
	return ""
}
