package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const nobody = 65534

// process is a command that has ended.
type process struct {
	status int // 128+N where signal N killed it
	late   bool
	err    error    // it could not be run
	ours   []string // what hindsight printed, without its name
	last   string   // the last line that it printed to stderr
}

// runCommand runs a command in dir, and kills it and all that it started when
// the time is over.
func runCommand(dir string, timeout time.Duration, argv ...string) process {
	var stderr bytes.Buffer
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Stderr = dir, &stderr
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return process{err: err}
	}
	var late atomic.Bool
	timer := time.AfterFunc(timeout, func() {
		late.Store(true)
		// The group's number is not reused before Wait: it is our child's.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	})
	err := cmd.Wait()
	timer.Stop()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return process{err: err}
	}
	p := process{status: cmd.ProcessState.ExitCode(), late: late.Load()}
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		p.status = 128 + int(ws.Signal())
	}
	for line := range strings.Lines(stderr.String()) {
		line = strings.TrimSpace(line)
		if own, ok := strings.CutPrefix(line, "hindsight: "); ok {
			p.ours = append(p.ours, own)
		}
		if line != "" {
			p.last = line
		}
	}
	return p
}

// stress-ng's exit statuses (stress-ng(1)).
const (
	statusNoResource     = 3
	statusNotImplemented = 4
)

// verdict returns a result and, where it is not good, its cause.
func (p process) verdict() (result, string) {
	cause := p.last
	if len(p.ours) > 0 {
		cause = p.ours[0]
	}
	switch {
	case p.err != nil:
		return resultFailed, p.err.Error()
	case p.late:
		return resultFailed, "does not end"
	case p.status == 0:
		return resultOK, ""
	}
	return resultFailed, fmt.Sprintf("status %d: %s", p.status, cause)
}
