// Command stressng runs each stressor of stress-ng natively, recorded and
// replayed, and writes a table of the results:
//
//	go run ./scripts/stressng -hindsight bin/hindsight [-run REGEXP] [-o docs/stress-ng.md]
//
// Results are kept in a state file as they come, so that a run that was
// stopped goes on where it was; -redo forgets those that -run chooses, -failed
// only those of them that failed. Root runs the stressors as nobody. Each has
// a limited address space: stressors of memory take what there is. Others fill
// the disk that TMPDIR is on. -keep keeps the recordings of failures.
//
// The table's last column is written by hand, and kept.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// options are the command line's.
type options struct {
	hindsight string
	run       *regexp.Regexp
	state     string
	table     string
	redo      bool
	failed    bool
	seconds   int
	memory    int // MiB of address space
	limit     time.Duration
	keep      string
	files     string
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "stressng:", err)
		os.Exit(1)
	}
}

func run() error {
	var o options
	flag.StringVar(&o.hindsight, "hindsight", "bin/hindsight", "the command under test")
	pattern := flag.String("run", "", "only the stressors that match this")
	flag.StringVar(&o.state, "state", filepath.Join(os.TempDir(), "hindsight-stress-ng.tsv"), "where results are kept")
	flag.StringVar(&o.table, "o", "", "where to write the table of all results so far")
	flag.BoolVar(&o.redo, "redo", false, "run again what has a result")
	flag.BoolVar(&o.failed, "failed", false, "run again what has failed")
	flag.IntVar(&o.seconds, "seconds", 2, "how long each stressor runs")
	flag.IntVar(&o.memory, "memory", 4096, "address space for each, in MiB")
	flag.DurationVar(&o.limit, "limit", 45*time.Second, "how long a recording and a replay may take")
	flag.StringVar(&o.files, "recordings", "/dev/shm", "where recordings are while they are needed: some stressors fill the disk")
	flag.StringVar(&o.keep, "keep", "", "a directory to keep what failed in")
	flag.Parse()
	var err error
	if o.run, err = regexp.Compile(*pattern); err != nil {
		return err
	}
	if o.hindsight, err = filepath.Abs(o.hindsight); err != nil {
		return err
	}
	if _, err := os.Stat(o.hindsight); err != nil {
		return err
	}
	results, err := readState(o.state)
	if err != nil {
		return err
	}
	names, err := stressors()
	if err != nil {
		return err
	}
	if err := adoptOrphans(); err != nil {
		return err
	}
	for _, name := range names {
		if !o.run.MatchString(name) || !o.wanted(results[name]) {
			continue
		}
		r, err := o.try(name)
		if err != nil {
			return err
		}
		results[name] = r
		fmt.Println(r.line())
		if err := writeState(o.state, results); err != nil {
			return err
		}
	}
	if o.table == "" {
		return nil
	}
	return writeTable(o.table, results)
}

// wanted reports whether a stressor with this result is to be run.
func (o *options) wanted(r *outcome) bool {
	return r == nil || o.redo || o.failed && r.native == resultOK && !(r.record == resultOK && r.replay == resultOK)
}

// stressors returns the names of all stressors.
func stressors() ([]string, error) {
	out, err := exec.Command("stress-ng", "--stressors").Output()
	if err != nil {
		return nil, fmt.Errorf("stress-ng --stressors: %w", err)
	}
	names := strings.Fields(string(out))
	slices.Sort(names)
	return names, nil
}

// command is what runs a stressor: natively in dir, as recorded.
func (o *options) command(name, dir string) []string {
	// The shell sets the limit, so that it holds for the stressor alone.
	limit := fmt.Sprintf("ulimit -v %d; exec \"$@\"", o.memory*1024)
	return []string{"sh", "-c", limit, "sh", "stress-ng", "--timeout", fmt.Sprint(o.seconds), "--oomable",
		"--temp-path", dir, "--" + name, "1"}
}

// makeDir makes a directory under parent that the user nobody can write to.
func makeDir(parent string) (string, error) {
	dir, err := os.MkdirTemp(parent, "stress-ng-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o777)
}

// try runs one stressor in all ways. An error means that nothing can be run.
func (o *options) try(name string) (*outcome, error) {
	dir, err := makeDir("")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	files, err := makeDir(o.files)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(files)
	argv := o.command(name, dir)
	r := &outcome{name: name, record: resultNone, replay: resultNone}
	native := runCommand(dir, o.limit, argv...)
	if r.native, r.message = native.verdict(); r.native != resultOK {
		if native.unsuited() {
			r.native = resultMissing
		}
		return r, nil
	}
	file := filepath.Join(files, "recording")
	recorded := runCommand(dir, o.limit, append([]string{o.hindsight, "record", "--check", "-o", file, "--"}, argv...)...)
	if r.record, r.message = recorded.verdict(); r.record != resultOK {
		return r, o.keepFailed(name, file, recorded)
	}
	notes := recorded.ours
	replayed := runCommand(dir, o.limit, o.hindsight, "replay", "--autopilot", file)
	r.replay, r.message = replayed.verdict()
	if r.replay == resultOK && len(replayed.ours) > 0 {
		// Such as: the recording ends before the program did.
		r.replay, r.message = resultPart, replayed.ours[0]
	}
	if len(notes) > 0 {
		r.message = strings.Trim(strings.Join([]string{r.message, notes[0]}, "; "), "; ")
	}
	if r.replay == resultOK {
		return r, nil
	}
	return r, o.keepFailed(name, file, replayed)
}

// keepFailed keeps a recording, and what was said of it, where that is wanted.
func (o *options) keepFailed(name, file string, p process) error {
	if o.keep == "" {
		return nil
	}
	base := filepath.Join(o.keep, name)
	if err := os.WriteFile(base+".err", p.stderr, 0o644); err != nil {
		return err
	}
	if err := exec.Command("mv", file, base+".hindsight").Run(); err != nil {
		return fmt.Errorf("keep %s: %w", file, err)
	}
	return nil
}
