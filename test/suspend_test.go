package test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSuspendAlone stops and continues hindsight record by signals to it alone,
// not to its group: it passes them on to the program, and stops when that has.
func TestSuspendAlone(t *testing.T) {
	program := compiled("gcc", "suspend.c")(t)
	for mode, stops := range map[string]bool{"compute": true, "tidy": true, "read": true, "ignore": false} {
		for _, flags := range [][]string{nil, {"--follow", "child"}, {"--no-log"}} {
			if flags != nil && mode != "tidy" {
				continue
			}
			t.Run(mode+strings.Join(flags, ""), func(t *testing.T) {
				dir := keepDir(t)
				c := command{argv: []string{program, mode}, dir: dir, timeout: time.Minute}
				c = c.under(append([]string{"record", "-o", "recording"}, flags...)...)
				j := startJob(t, c)
				for range 2 {
					j.kill(t, syscall.SIGTSTP)
					if !stops {
						time.Sleep(500 * time.Millisecond)
						j.expect(t, c, "RS", "RS")
						continue
					}
					j.expect(t, c, "T", "tT")
					j.kill(t, syscall.SIGCONT)
					j.expect(t, c, "RS", "RS")
				}
				j.end(t, c, map[bool]string{true: "tidied\n"}[mode == "tidy"])
				if flags != nil || !replayable() {
					return
				}
				c.argv = []string{hindsight, "replay", "--autopilot", "recording"}
				if o, err := c.run(); err != nil || o.status != 0 || !bytes.HasSuffix(o.stdout, []byte("[end\n")) {
					t.Errorf("replay: status %d, %v\n%s%s", o.status, err, o.stdout, o.ours)
				}
			})
		}
	}
}

// job is a hindsight that records suspend.c.
type job struct {
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	stdout  bytes.Buffer
	program string // its PID
}

// startJob returns when the program is ready.
func startJob(t *testing.T, c command) *job {
	t.Helper()
	j := &job{cmd: exec.Command(c.argv[0], c.argv[1:]...)}
	j.cmd.Dir, j.cmd.Env, j.cmd.Stdout = c.dir, baseEnv, &j.stdout
	j.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	var err error
	if j.stdin, err = j.cmd.StdinPipe(); err == nil {
		err = j.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(c.timeout, func() { _ = j.cmd.Process.Kill() })
	t.Cleanup(func() {
		timer.Stop()
		_ = j.cmd.Process.Kill()
		_ = j.cmd.Wait()
	})
	j.await(t, c, func() bool {
		pid, err := os.ReadFile(filepath.Join(c.dir, "pid"))
		j.program = strings.TrimSpace(string(pid))
		return err == nil && j.program != ""
	})
	return j
}

func (j *job) kill(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := j.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// expect waits until hindsight and the program are in one of these states (proc(5)).
func (j *job) expect(t *testing.T, c command, ours, program string) {
	t.Helper()
	j.await(t, c, func() bool {
		return strings.Contains(ours, processState(fmt.Sprint(j.cmd.Process.Pid))) && strings.Contains(program, processState(j.program))
	})
}

func (j *job) await(t *testing.T, c command, reached func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !reached(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("hindsight is in state %s, the program in %s\nto reproduce: %s",
				processState(fmt.Sprint(j.cmd.Process.Pid)), processState(j.program), c)
		}
	}
}

// processState is what the kernel calls the state of a process, "?" if there is none.
func processState(pid string) string {
	stat, _ := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if _, rest, ok := strings.Cut(string(stat), ") "); ok {
		return rest[:1]
	}
	return "?"
}

// end types the line that the program waits for. While it was stopped it has
// printed tidied, each time.
func (j *job) end(t *testing.T, c command, tidied string) {
	t.Helper()
	if _, err := j.stdin.Write([]byte("end\n")); err != nil {
		t.Fatal(err)
	}
	err := j.cmd.Wait()
	want := strings.Repeat(tidied, 2) + "ready\n[end\n"
	if status(j.cmd.ProcessState) != 5 || j.stdout.String() != want {
		t.Errorf("%v, stdout %q, want %q\nto reproduce: %s", err, j.stdout.String(), want, c)
	}
}
