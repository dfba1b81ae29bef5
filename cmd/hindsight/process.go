package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"hindsight/internal/recording"
)

// processFlag is the option -p, which names a process of a recording.
type processFlag struct {
	text string
	n    int
	// number means that n cannot be a process ID.
	number bool
}

const processUsage = "process to take: its PID, or nN for the N of hindsight ps"

func (f *processFlag) add(cmd *cobra.Command, usage string) {
	cmd.Flags().VarP(f, "process", "p", usage)
}

// String, Set and Type implement pflag.Value.
func (f *processFlag) String() string { return f.text }

func (f *processFlag) Type() string { return "PID" }

func (f *processFlag) Set(s string) error {
	digits, number := strings.CutPrefix(s, "n")
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return fmt.Errorf("%q is neither a PID nor n and a number", s)
	}
	*f = processFlag{s, int(n), number}
	return nil
}

// given reports whether the option was.
func (f *processFlag) given() bool { return f.text != "" }

// view returns the process that the option names, or else the first that was
// recorded: of those with that ID the first, or where there is none the one with
// that number.
func (f *processFlag) view(path string, r *recording.Reader) (*recording.Reader, error) {
	if !f.given() {
		v, err := firstRecorded(path, r)
		if err != nil {
			return nil, err
		}
		if p := v.Info(); p.Number != recording.RootNumber {
			say("%s, the first that was recorded: %s", processName(r, &p), command(&p))
		}
		return v, nil
	}
	r, err := f.find(r)
	if err != nil {
		return nil, exitStatus{exitNone, fmt.Errorf("%s: it has no process %s; hindsight ps lists them", path, f.text)}
	}
	p := r.Info()
	if !p.Recorded() {
		return nil, exitStatus{exitNone, fmt.Errorf("%s: process %d was not recorded: %s", path, p.PID, p.Image().Native)}
	}
	return r, nil
}

// firstRecorded returns the first process that was recorded.
func firstRecorded(path string, r *recording.Reader) (*recording.Reader, error) {
	for n, p := range r.Processes() {
		if p.Recorded() {
			return r.Process(n)
		}
	}
	return nil, exitStatus{exitNone, fmt.Errorf("%s: no process of it was recorded; hindsight ps lists them", path)}
}

func (f *processFlag) find(r *recording.Reader) (*recording.Reader, error) {
	if !f.number {
		if v, err := r.ByPID(f.n); err == nil {
			return v, nil
		}
	}
	return r.Process(f.n)
}

// processName tells processes of a recording apart in messages: by ID, and by
// number as well where the ID alone would be another.
func processName(r *recording.Reader, p *recording.Process) string {
	first, err := r.ByPID(p.PID)
	if err == nil && first.Info().Number == p.Number {
		return fmt.Sprintf("process %d", p.PID)
	}
	return fmt.Sprintf("process %d (n%d)", p.PID, p.Number)
}

// ending says in a few words how a process ended.
func ending(t *recording.Trailer) string {
	how := fmt.Sprintf("exit %d", t.ExitCode)
	if t.Signal != 0 {
		how = signalName(t.Signal)
	}
	if t.CoreDumped {
		how += ", core"
	}
	return cmp.Or(t.Aborted, how)
}
