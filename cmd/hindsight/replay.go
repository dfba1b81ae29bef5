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
	var at string
	var autopilot bool
	cmd := &cobra.Command{
		Use:   "replay [--at end|N%|TICK] FILE [-- GDB-ARG...]",
		Short: "Debug a recording in gdb, forwards and backwards",
		Long: `Start gdb on a recording, at the program's start or where --at says. Programs,
libraries and debug information come from the recording: the machine need not
have them.

With --autopilot the program runs once more from its start to its end, writes
what it wrote to its standard output and standard error, and is compared with
what was recorded. The exit status is 0, or 3 where the two differ.`,
		Example: `  hindsight replay crash.hs
  hindsight replay --at end crash.hs -- -ex bt
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
			if autopilot {
				return replayAll(r)
			}
			return debug(r, at, args[1:])
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "where gdb stands at first: start, end, N%, TICK or TICK:PC")
	cmd.Flags().BoolVar(&autopilot, "autopilot", false, "replay to the end without gdb, and compare")
	return cmd
}

// moment is what names a moment of a recording.
var moment = regexp.MustCompile(`^(start|end|[0-9]+(\.[0-9]+)?%|[0-9]+(:(0x)?[0-9a-fA-F]+)?)$`)

// replayAll replays to the end without a debugger.
func replayAll(r *recording.Reader) error {
	res, err := replay.Autopilot(r, os.Stdout, os.Stderr)
	if err != nil {
		return replayError(err)
	}
	if !res.Ended {
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
