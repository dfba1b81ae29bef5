package test

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

// baseEnv is the environment of every program: the same everywhere, so that
// what is printed does not depend on who runs the tests.
var baseEnv = []string{
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C", "TZ=UTC", "HOME=/nonexistent", "TERM=dumb",
}

// A command is one run of a program in a process group of its own.
type command struct {
	argv    []string
	dir     string
	env     []string // besides baseEnv
	stdin   string   // a file; /dev/null where empty
	timeout time.Duration
	nobody  bool // run without privileges, where we have them
}

// An outcome is what a run shows to the outside.
type outcome struct {
	stdout, stderr []byte
	ours           []byte // the lines of stderr that begin with "hindsight: "
	status         int    // 128+N where signal N killed the process
	took           time.Duration
}

// under returns the command that runs c's program under hindsight.
func (c command) under(args ...string) command {
	c.argv = append(append([]string{hindsight}, args...), append([]string{"--"}, c.argv...)...)
	return c
}

// run runs the command to its end. An error means that it could not be
// started, or that it had to be killed.
func (c command) run() (outcome, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(c.argv[0], c.argv[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(append([]string{}, baseEnv...), c.env...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if c.argv[0] == hindsight {
		// Nothing of ours outlives a test that is killed. Natively run
		// programs could see this.
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	}
	// Grandchildren may keep the pipes open when the program has ended.
	cmd.WaitDelay = 5 * time.Second
	if c.nobody && os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	if c.stdin != "" {
		f, err := os.Open(c.stdin)
		if err != nil {
			return outcome{}, err
		}
		defer f.Close()
		cmd.Stdin = f
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return outcome{}, err
	}
	var late atomic.Bool
	timer := time.AfterFunc(c.timeout, func() {
		late.Store(true)
		// The group's number is not reused before Wait: it is our child's.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	})
	err := cmd.Wait()
	timer.Stop()
	o := outcome{stdout: stdout.Bytes(), status: status(cmd.ProcessState), took: time.Since(start)}
	o.stderr, o.ours = splitOurs(stderr.Bytes())
	switch {
	case late.Load():
		return o, fmt.Errorf("killed after %v", c.timeout)
	case errors.Is(err, exec.ErrWaitDelay):
		return o, fmt.Errorf("ended with status %d, but something it started goes on", o.status)
	}
	return o, nil
}

// status returns an exit status as shells have it.
func status(p *os.ProcessState) int {
	ws, ok := p.Sys().(syscall.WaitStatus)
	if ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return p.ExitCode()
}

// splitOurs takes hindsight's own lines out of a program's stderr.
func splitOurs(stderr []byte) (theirs, ours []byte) {
	for line := range bytes.Lines(stderr) {
		if bytes.HasPrefix(line, []byte("hindsight: ")) {
			ours = append(ours, line...)
		} else {
			theirs = append(theirs, line...)
		}
	}
	return theirs, ours
}

// String returns a shell command line that does the same.
func (c command) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cd %s && env -i", quote(c.dir))
	for _, v := range append(append([]string{}, baseEnv...), c.env...) {
		b.WriteString(" " + quote(v))
	}
	for _, a := range c.argv {
		b.WriteString(" " + quote(a))
	}
	stdin := c.stdin
	if stdin == "" {
		stdin = "/dev/null"
	}
	return b.String() + " <" + quote(stdin)
}

// quote quotes a word for the shell where it must be.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,+@%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
