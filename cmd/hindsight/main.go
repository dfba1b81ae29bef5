// Command hindsight records programs and replays them.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// version is the program's, as manifests carry it.
const version = "0.1"

// Exit statuses, besides those of recorded programs.
const (
	exitUsage      = 2
	exitNone       = 2 // info, events: no recording
	exitDivergence = 3
	exitFailed     = 125
)

// exitStatus ends the program with a status, and without a message where err
// is nil.
type exitStatus struct {
	status int
	err    error
}

func (e exitStatus) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e exitStatus) Unwrap() error { return e.err }

func main() {
	lazyCollector()
	os.Exit(run(os.Args[1:]))
}

// run executes a command line and returns the exit status.
func run(args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.Execute()
	if err == nil {
		return 0
	}
	var e exitStatus
	if !errors.As(err, &e) {
		e = exitStatus{exitUsage, err}
	}
	if e.err != nil {
		say("%v", e.err)
	}
	return e.status
}

// say tells the user something, one line for each line.
func say(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Fprintf(os.Stderr, "hindsight: %s\n", strings.TrimRight(line, "\n"))
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "hindsight",
		Short:         "Record programs, replay them exactly, and walk back from a failure to its cause",
		Long:          rootLong,
		Example:       rootExample,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          noCommand,
	}
	cobra.EnableCommandSorting = false
	root.SuggestionsMinimumDistance = 2
	root.SetUsageTemplate(usageTemplate)
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate("hindsight {{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(helpCommand())
	root.AddCommand(recordCommand(), replayCommand(), serveCommand(), infoCommand(), psCommand(), eventsCommand())
	return root
}
