package main

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"hindsight/internal/event"
	"hindsight/internal/recording"
	"hindsight/internal/syscalls"
)

func eventsCommand() *cobra.Command {
	var asJSON bool
	var process processFlag
	cmd := &cobra.Command{
		Use:   "events [-p PID] [--json] FILE",
		Short: "Print what a recording has logged",
		Long: `Print the events of a process of a recording, one line each: the event's number,
the tick at which it happened, what it was, and the memory that it changed. The
process is the first that was recorded, or the one that -p names.

With --json each line is an object, with all the bytes in hexadecimal. Numbers
that may exceed 2^53 are hexadecimal strings.`,
		DisableFlagsInUseLine: true,
		Args:                  oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := openRecording(args[0])
			if err != nil {
				return err
			}
			defer r.Close()
			v, err := process.view(args[0], r)
			if err != nil {
				return err
			}
			return list(args[0], r, func(w io.Writer) error { return printEvents(w, v, asJSON) })
		},
	}
	process.add(cmd, processUsage)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object for each event")
	return cmd
}

// list prints what a recording holds, and says if there is no more to see of it.
func list(path string, r *recording.Reader, print func(io.Writer) error) error {
	if err := printTo(os.Stdout, print); err != nil {
		return exitStatus{exitFailed, fmt.Errorf("%s: %w", path, err)}
	}
	warnDamage(path, r)
	return nil
}

// warnDamage says that there is no more to see of a recording than was shown.
func warnDamage(path string, r *recording.Reader) {
	if d := r.Damage(); d != nil {
		say("%s: %v; what lies before that is intact", path, d)
	}
}

// eachEvent calls do with every event of a process and its number, from 0.
func eachEvent(r *recording.Reader, do func(n uint64, ev []byte) error) error {
	n := uint64(0)
	for i := range r.EventChunks() {
		rest, err := r.EventChunk(i)
		if err != nil {
			return err
		}
		for {
			var ev []byte
			if ev, rest, err = event.Next(rest); err != nil {
				return err
			}
			if ev == nil {
				break
			}
			if err := do(n, ev); err != nil {
				return err
			}
			n++
		}
	}
	return nil
}

func printEvents(w io.Writer, r *recording.Reader, asJSON bool) error {
	p := event.Printer{SyscallName: syscalls.Name}
	if asJSON {
		p.MaxData = -1
	}
	var line []byte
	return eachEvent(r, func(n uint64, ev []byte) error {
		if !asJSON {
			line = strconv.AppendUint(line[:0], n, 10)
			line = append(line, ' ')
			line = append(line, p.Line(ev)...)
			_, err := w.Write(append(line, '\n'))
			return err
		}
		object, err := p.JSON(ev)
		if err != nil {
			return fmt.Errorf("event %d: %w", n, err)
		}
		line = strconv.AppendUint(append(line[:0], `{"event":`...), n, 10)
		line = append(append(line, ','), object[1:]...)
		_, err = w.Write(append(line, '\n'))
		return err
	})
}
