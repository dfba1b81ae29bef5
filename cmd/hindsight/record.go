package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"hindsight/internal/record"
)

func recordCommand() *cobra.Command {
	var opt record.Options
	var every time.Duration
	var check, stats bool
	var profile string
	var cache, logSize uint64
	cmd := &cobra.Command{
		Use:                   "record [-o FILE] [--] CMD [ARG...]",
		Short:                 "Record a program from its start to its end",
		DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("record: say which program: hindsight record [-o FILE] [--] CMD [ARG...]")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			opt.Argv, opt.Env, opt.Version, opt.Report = args, os.Environ(), version, func(line string) { say("%s", line) }
			if check || opt.CheckCalls {
				opt.Check = every
			}
			opt.Engine.CacheSize, opt.Engine.LogSize = cache, logSize
			stop, err := startProfile(profile)
			if err != nil {
				return exitStatus{exitFailed, err}
			}
			defer stop()
			return recordProgram(&opt, stats)
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false)
	f.StringVarP(&opt.Out, "output", "o", "", "recording to write (default PROGRAM-N.hindsight)")
	f.Var(&opt.Follow, "follow", "which processes to record: all, parent, child (all but the first), or those whose program matches a pattern")
	f.Var((*chaosFlag)(&opt), "chaos", "choose schedules that find bugs, from a seed to repeat them with")
	f.Lookup("chaos").NoOptDefVal = randomSeed
	f.BoolVar(&check, "check", false, "store checksums of the program's state, which replay verifies")
	f.DurationVar(&every, "check-every", 20*time.Millisecond, "time between checksums")
	f.BoolVar(&opt.CheckCalls, "check-calls", false, "store checksums behind each syscall, too")
	f.BoolVar(&opt.NoLog, "no-log", false, "translate only, record nothing")
	f.BoolVar(&stats, "stats", false, "print what translation did")
	f.Uint64Var(&cache, "cache-size", 0, "size of a code cache region in bytes")
	f.Uint64Var(&logSize, "log-size", 0, "size of the log buffer in bytes")
	f.BoolVar(&opt.Engine.FlushAlways, "flush-always", false, "drop all translations before each new one")
	f.StringVar(&profile, "cpu-profile", "", "file for a profile of the recorder")
	for _, name := range []string{"cpu-profile", "check-every", "check-calls", "no-log", "stats", "cache-size", "log-size", "flush-always"} {
		if err := f.MarkHidden(name); err != nil {
			panic(err)
		}
	}
	return cmd
}

// chaosFlag is the option --chaos[=SEED].
type chaosFlag record.Options

// randomSeed stands for a seed that the recorder chooses.
const randomSeed = "random"

// String, Set and Type implement pflag.Value.
func (c *chaosFlag) String() string {
	switch {
	case !c.Chaos:
		return ""
	case c.ChaosSeed == 0:
		return randomSeed
	}
	return strconv.FormatUint(c.ChaosSeed, 10)
}

func (c *chaosFlag) Set(s string) (err error) {
	c.Chaos, c.ChaosSeed = true, 0
	if s != randomSeed {
		if c.ChaosSeed, err = strconv.ParseUint(s, 0, 64); err != nil {
			return fmt.Errorf("%q is no seed: a number below 2^64", s)
		}
	}
	return nil
}

func (c *chaosFlag) Type() string { return "SEED" }

// recordProgram records, and ends as the program did.
func recordProgram(opt *record.Options, stats bool) error {
	path, err := exec.LookPath(opt.Argv[0])
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return exitStatus{exitFailed, startError(opt.Argv[0], err)}
	}
	if opt.Path, err = filepath.Abs(path); err != nil {
		return exitStatus{exitFailed, err}
	}
	if err := recordable(opt.Path); err != nil {
		return exitStatus{exitFailed, err}
	}
	if strings.Contains(opt.Argv[0], "/") {
		opt.Path = opt.Argv[0]
	}
	named := opt.Out != ""
	if !named && !opt.NoLog {
		opt.Out = freeName(filepath.Base(opt.Argv[0]))
	}
	res, err := record.Run(*opt)
	if err != nil {
		return exitStatus{exitFailed, err}
	}
	if stats {
		say("%d units, %d instructions, %d exits, %d links, %d parts emptied, %d flushes", res.Stats.Units, res.Stats.Insts,
			res.Stats.Exits, res.Stats.Links, res.Stats.Emptied, res.Stats.Flushes)
	}
	if !named && !opt.NoLog {
		say("recorded to %s", opt.Out)
	}
	if res.Signal != 0 {
		return exitStatus{status: dieBy(res.Signal)}
	}
	if res.ExitCode != 0 {
		return exitStatus{status: res.ExitCode}
	}
	return nil
}

// startProfile writes a CPU profile of ours to path, until stop.
func startProfile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}

// dieBy returns the status of a program killed by a signal, as shells have
// it, and leaves no core of ours.
func dieBy(sig int) int {
	signal.Reset()
	return 128 + sig
}

// startError says why a program cannot be started.
func startError(name string, err error) error {
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s: no such program", name)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: no such file", name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: not permitted to execute it", name)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// freeName returns the first name for a recording of base that is not taken
// in this directory.
func freeName(base string) string {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s-%d.hindsight", base, n)
		if _, err := os.Lstat(name); errors.Is(err, unix.ENOENT) {
			return name
		}
	}
}
