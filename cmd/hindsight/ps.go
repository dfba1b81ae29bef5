package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hindsight/internal/recording"
)

func psCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ps [--json] FILE",
		Short: "List the processes of a recording as a tree",
		Long: `List the processes of a recording, children below their parents: number, process
ID and parent's, when each began and ended in seconds from the recording's
start, how it ended, and the command that it executed last.

What replay, serve and events take with -p is a PID, or n and the number N: a
process ID may have been used again.

With --json it is an array of objects, which also tell how each process came to
be and all that it executed.`,
		DisableFlagsInUseLine: true,
		Args:                  oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := openRecording(args[0])
			if err != nil {
				return err
			}
			defer r.Close()
			return list(args[0], r, func(w io.Writer) error { return printProcesses(w, r, asJSON) })
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as one JSON array")
	return cmd
}

func printProcesses(w io.Writer, r *recording.Reader, asJSON bool) error {
	all := r.Processes()
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(all)
	}
	l := listing{all: all, start: r.Manifest().Start, stopped: r.Total() != nil, children: make([][]int, len(all)),
		rows: [][]string{{"N", "PID", "PARENT", "START", "END", "STATUS", "COMMAND"}}}
	for n, p := range all {
		if p.Parent != recording.NoParent {
			l.children[p.Parent] = append(l.children[p.Parent], n)
		}
	}
	l.add(recording.RootNumber, 0)
	p := &page{w: w}
	p.columns("rrrrrll", l.rows)
	return p.err
}

// listing makes the rows of a tree of processes.
type listing struct {
	all      []recording.Process
	children [][]int // by parent
	start    time.Time
	stopped  bool // the recorder came to an end, and knew who was running then
	rows     [][]string
}

// maxIndent bounds how far a row is moved to the right, in generations.
const maxIndent = 40

// add adds a process and below it its descendants.
func (l *listing) add(n, depth int) {
	p := &l.all[n]
	parent := "-"
	if p.Parent != recording.NoParent {
		parent = strconv.Itoa(l.all[p.Parent].PID)
	}
	indent := ""
	if depth > 0 {
		indent = strings.Repeat("   ", min(depth-1, maxIndent)) + `\_ `
	}
	end, status := "-", "unknown"
	switch {
	case p.End != nil:
		end, status = l.seconds(p.End.End), ending(p.End)
	case l.stopped:
		status = "running"
	}
	l.rows = append(l.rows, []string{strconv.Itoa(n), strconv.Itoa(p.PID), parent, l.seconds(p.Start), end, status, indent + command(p)})
	for _, c := range l.children[n] {
		l.add(c, depth+1)
	}
}

func (l *listing) seconds(t time.Time) string {
	return fmt.Sprintf("%.3f", max(0, t.Sub(l.start).Seconds()))
}

// command is what a process executed last, and whether that was recorded.
func command(p *recording.Process) string {
	m := p.Image()
	line := shellLine(m.Argv)
	if len(m.Argv) == 0 {
		line = "[" + shellWord(m.Comm) + "]"
	}
	switch {
	case m.Native == "":
		return line
	case p.Recorded():
		return line + " (not recorded from here on: " + m.Native + ")"
	}
	return line + " (not recorded: " + m.Native + ")"
}
