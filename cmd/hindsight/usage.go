package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

const rootLong = `Hindsight records an unmodified program as it runs, and replays it exactly:
gdb then stands at any moment of its past, and walks backwards from a failure
to its cause.

In gdb every command that goes forward has a reverse form (reverse-continue,
reverse-step, ...). "when" says where in the recording you are; "goto TICK",
"goto 50%", "goto start" and "goto end" take you elsewhere.`

const rootExample = `  hindsight record -o crash.hs ./program     run a program and record it
  hindsight info crash.hs                    what is in the recording
  hindsight ps crash.hs                      its processes
  hindsight replay crash.hs                  gdb, at the program's start
  hindsight replay --at end crash.hs         gdb, where the program ended`

// usageTemplate is how help shows a command's usage (text/template, with
// cobra's functions).
const usageTemplate = `Usage: {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND ...{{else}}{{.UseLine}}{{end}}
{{- if .HasAvailableSubCommands}}

Commands:
{{- range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{- end}}{{if .HasExample}}

Examples:
{{.Example}}
{{- end}}{{if .HasAvailableLocalFlags}}

Options:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{- end}}
`

// wrongUsage is an error in the command line: what is wrong, and the line to
// write instead.
func wrongUsage(cmd *cobra.Command, format string, args ...any) error {
	return exitStatus{exitUsage, fmt.Errorf("%s: %s; write: %s",
		cmd.Name(), fmt.Sprintf(format, args...), cmd.UseLine())}
}

// flagError is what cobra calls with an option that it does not understand.
func flagError(cmd *cobra.Command, err error) error {
	if !cmd.HasParent() {
		return exitStatus{exitUsage, fmt.Errorf("%w; write: hindsight COMMAND ... (hindsight --help tells more)", err)}
	}
	return wrongUsage(cmd, "%v", err)
}

// noCommand is for a command line that names no command, or an unknown one.
func noCommand(cmd *cobra.Command, args []string) error {
	const list = "record, replay, serve, info, ps or events (hindsight --help tells more)"
	if len(args) == 0 {
		return exitStatus{exitUsage, errors.New("say what to do: " + list)}
	}
	if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
		return exitStatus{exitUsage, fmt.Errorf("there is no command %q; write: hindsight %s", args[0], strings.Join(like, " or "))}
	}
	return exitStatus{exitUsage, fmt.Errorf("there is no command %q; write one of %s", args[0], list)}
}

// oneFile accepts exactly one argument, a recording.
func oneFile(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return wrongUsage(cmd, "say which recording")
	case len(args) > 1:
		return wrongUsage(cmd, "one recording at a time, and %q is too much", args[1])
	}
	return nil
}

// helpCommand is "hindsight help COMMAND".
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:                   "help [COMMAND]",
		Short:                 "Tell about a command",
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noCommand(cmd.Root(), args)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
