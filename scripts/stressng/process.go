package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const nobody = 65534

// ownPID is in each line of stress-ng's.
var ownPID = regexp.MustCompile(` \[\d+\]`)

// process is a command that has ended.
type process struct {
	status int // 128+N where signal N killed it
	late   bool
	cpu    time.Duration
	err    error    // it could not be run
	ours   []string // what hindsight printed, without its name
	last   string   // the last line on stderr that is more than an information
	stderr []byte
}

// runCommand runs a command in dir, and kills it and all that it started when
// it has ended or the time is over.
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
	// The child's number is not reused before Wait. SIGABRT makes hindsight say where it stands.
	asked := time.AfterFunc(timeout, func() {
		late.Store(true)
		_ = syscall.Kill(cmd.Process.Pid, syscall.SIGABRT)
	})
	killed := time.AfterFunc(timeout+2*time.Second, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	err := cmd.Wait()
	asked.Stop()
	killed.Stop()
	if err := killOrphans(); err != nil {
		return process{err: err}
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return process{err: err}
	}
	p := process{status: cmd.ProcessState.ExitCode(), late: late.Load(), stderr: stderr.Bytes()}
	p.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		p.status = 128 + int(ws.Signal())
	}
	for line := range strings.Lines(stderr.String()) {
		line = strings.TrimSpace(line)
		if own, ok := strings.CutPrefix(line, "hindsight: "); ok {
			p.ours = append(p.ours, own)
		}
		if line != "" && !strings.Contains(line, "stress-ng: info:") {
			p.last = ownPID.ReplaceAllString(line, "")
		}
	}
	return p
}

// adoptOrphans makes us the parent of what our children leave behind.
func adoptOrphans() error {
	if _, _, e := syscall.Syscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0); e != 0 {
		return fmt.Errorf("prctl(PR_SET_CHILD_SUBREAPER): %w", e)
	}
	return nil
}

const prSetChildSubreaper = 36

// killOrphans kills all children that we have, and theirs, which become ours
// thereby.
func killOrphans() error {
	for {
		files, err := filepath.Glob("/proc/self/task/*/children")
		if err != nil {
			return err
		}
		var pids []string
		for _, f := range files {
			p, err := os.ReadFile(f)
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ESRCH) {
				return err
			}
			pids = append(pids, strings.Fields(string(p))...)
		}
		if len(pids) == 0 {
			return nil
		}
		for _, s := range pids {
			pid, err := strconv.Atoi(s)
			if err != nil {
				return err
			}
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				return fmt.Errorf("kill %d: %w", pid, err)
			}
			if _, err := syscall.Wait4(pid, nil, syscall.WALL, nil); err != nil && err != syscall.EINTR {
				return fmt.Errorf("wait for %d: %w", pid, err)
			}
		}
	}
}

// stress-ng's exit statuses (stress-ng(1)).
const (
	statusNoResource     = 3
	statusNotImplemented = 4
)

// unsuited reports whether stress-ng has found that a stressor cannot run here,
// such as one that needs root.
func (p process) unsuited() bool {
	return p.status == statusNoResource || p.status == statusNotImplemented || strings.Contains(p.last, "No stress workers invoked")
}

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
		return resultFailed, fmt.Sprintf("does not end (%.0f s of CPU time)", p.cpu.Seconds())
	case p.status == 0:
		return resultOK, ""
	}
	return resultFailed, fmt.Sprintf("status %d: %s", p.status, cause)
}
