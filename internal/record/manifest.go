package record

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/internal/recording"
)

// manifest describes the program and this machine, but for its processor.
func manifest(opt *Options, pid int) recording.Manifest {
	m := recording.Manifest{
		ToolVersion: opt.Version, Argv: opt.Argv, Env: opt.Env, Start: time.Now(), PID: pid,
		Options: map[string]string{},
	}
	// What cannot be found out stays empty: it is only for people.
	m.Cwd, _ = os.Getwd()
	m.Exe, _ = os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	m.Hostname, _ = os.Hostname()
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		m.Kernel = unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
	}
	if opt.Check > 0 {
		m.Options["check"] = opt.Check.String()
	}
	if opt.Chaos {
		m.Options["chaos"] = strconv.FormatUint(opt.ChaosSeed, 10)
	}
	if !opt.Follow.All() {
		m.Options["follow"] = opt.Follow.String()
	}
	return m
}

// processor is the first CPU.
type processor struct {
	model    string
	features []string
}

// readProcessor finds out what the first CPU is. The kernel takes its time to
// tell.
func readProcessor() <-chan processor {
	c := make(chan processor, 1)
	go func() {
		var p processor
		defer func() { c <- p }()
		f, err := os.Open("/proc/cpuinfo")
		if err != nil {
			return
		}
		defer f.Close()
		for s := bufio.NewScanner(f); s.Scan() && p.features == nil; {
			key, value, _ := strings.Cut(s.Text(), ":")
			switch strings.TrimSpace(key) {
			case "model name":
				p.model = strings.TrimSpace(value)
			case "flags":
				p.features = strings.Fields(value)
			}
		}
	}()
	return c
}
