package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/spf13/cobra"

	"hindsight/internal/recording"
	"hindsight/internal/replay"
)

func replayCommand() *cobra.Command {
	var at, profile string
	var autopilot bool
	var process processFlag
	cmd := &cobra.Command{
		Use:   "replay [-p PID] [--at end|N%|TICK] FILE [-- GDB-ARG...]",
		Short: "Debug a recording in gdb, forwards and backwards",
		Long: `Start gdb on a recording, at the program's start or where --at says. Programs,
libraries and debug information come from the recording: the machine need not
have them. Of the processes of a recording it is the first recorded one that is
debugged, or the one that -p names; hindsight ps lists them.

With --autopilot the program runs once more from its start to its end, with all
its processes or only the one that -p names. They write what they wrote to the
standard output and standard error, in the order in which they were recorded,
and are compared with what was recorded. The exit status is 0, or 3 where the
two differ.`,
		Example: `  hindsight replay crash.hs
  hindsight replay --at end crash.hs -- -ex bt
  hindsight replay -p 4711 build.hs
  hindsight replay --autopilot crash.hs`,
		DisableFlagsInUseLine: true,
		Args: func(cmd *cobra.Command, args []string) error {
			dash := cmd.ArgsLenAtDash()
			files := args
			if dash >= 0 {
				files = args[:dash]
			}
			if len(files) > 1 {
				return wrongUsage(cmd, "%q is too much: what is meant for gdb stands behind --", files[1])
			}
			return oneFile(cmd, files)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case autopilot && at != "":
				return wrongUsage(cmd, "--autopilot starts at the start, so --at does not go with it")
			case autopilot && len(args) > 1:
				return wrongUsage(cmd, "--autopilot starts no gdb, so there is no use for %q", args[1])
			case at != "" && !moment.MatchString(at):
				return wrongUsage(cmd, "--at %s is no moment: TICK, TICK:PC, N%%, start or end", at)
			}
			r, err := openRecording(args[0])
			if err != nil {
				return err
			}
			defer r.Close()
			warnDamage(args[0], r)
			stop, err := startProfile(profile)
			if err != nil {
				return exitStatus{exitFailed, err}
			}
			defer stop()
			if autopilot && !process.given() {
				return replayAll(args[0], r)
			}
			v, err := process.view(args[0], r)
			switch {
			case err != nil:
				return err
			case autopilot:
				return replayOne(v)
			}
			return debug(v, at, args[1:])
		},
	}
	process.add(cmd, processUsage)
	cmd.Flags().StringVar(&at, "at", "", "where gdb stands at first: start, end, N%, TICK or TICK:PC")
	cmd.Flags().BoolVar(&autopilot, "autopilot", false, "replay to the end without gdb, and compare")
	cmd.Flags().StringVar(&profile, "cpu-profile", "", "file for a profile of the replayer")
	if err := cmd.Flags().MarkHidden("cpu-profile"); err != nil {
		panic(err)
	}
	return cmd
}

// moment is what names a moment of a recording.
var moment = regexp.MustCompile(`^(start|end|[0-9]+(\.[0-9]+)?%|[0-9]+(:(0x)?[0-9a-fA-F]+)?)$`)

// replayAll replays all processes to their ends, without a debugger.
func replayAll(path string, r *recording.Reader) error {
	if _, err := firstRecorded(path, r); err != nil {
		return err
	}
	if len(r.Processes()) == 1 {
		return replayOne(r)
	}
	done, err := replay.Tree(r, os.Stdout, os.Stderr)
	if err != nil {
		return replayError(err)
	}
	return treeStatus(r, done)
}

// treeStatus tells what went wrong with which process. A divergence counts
// more than that we failed.
func treeStatus(r *recording.Reader, done []replay.Replayed) error {
	status := 0
	for i := range done {
		d := &done[i]
		name := processName(r, &d.Process)
		var e exitStatus
		switch err := replayError(d.Err); {
		case errors.As(err, &e):
			say("%s: %v", name, e.err)
			if status != exitDivergence {
				status = e.status
			}
		case !d.Ended && d.Process.Image().Native == "":
			say("%s: its recording ends at tick %d, before the process did", name, d.Moment.Tick)
		}
	}
	if status != 0 {
		return exitStatus{status: status}
	}
	return nil
}

// replayOne replays a process to its end, without a debugger.
func replayOne(r *recording.Reader) error {
	res, err := replay.Autopilot(r, os.Stdout, os.Stderr)
	if err != nil {
		return replayError(err)
	}
	p := r.Info()
	switch why := p.Image().Native; {
	case res.Ended:
	case why != "":
		say("not recorded from tick %d on: %s", res.Moment.Tick, why)
	default:
		say("the recording ends at tick %d, before the program did", res.Moment.Tick)
	}
	return nil
}

// replayError gives an error of replay its exit status.
func replayError(err error) error {
	var d *replay.Divergence
	var status exitStatus
	switch {
	case err == nil:
		return nil
	case errors.As(err, &status):
		return err
	case errors.As(err, &d):
		return exitStatus{exitDivergence, err}
	}
	return exitStatus{exitFailed, fmt.Errorf("replay: %w", err)}
}
