package test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// A terminal is what a person at it sees and does.
type terminal struct {
	file *os.File

	mu   sync.Mutex
	seen []byte
	read int // as far as expect has looked
}

// runOnTerminal runs the command on a pseudo terminal of its own, and returns
// what it printed there and its exit status. A session types.
func (c command) runOnTerminal(session func(*terminal) error) ([]byte, int, error) {
	cmd := exec.Command(c.argv[0], c.argv[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(append([]string{}, baseEnv...), c.env...)
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	// The command leads the terminal's session and its process group.
	timer := time.AfterFunc(c.timeout, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer timer.Stop()
	term := &terminal{file: file}
	done := make(chan struct{})
	go func() {
		defer close(done)
		term.watch()
	}()
	if session != nil {
		if err := session(term); err != nil {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
			return term.text(), 0, err
		}
	}
	waitErr := cmd.Wait()
	<-done // the terminal ends with its last user
	if !timer.Stop() {
		return term.text(), 0, fmt.Errorf("killed after %v", c.timeout)
	}
	if cmd.ProcessState == nil {
		return term.text(), 0, waitErr
	}
	return term.text(), status(cmd.ProcessState), nil
}

// watch takes what is printed until the terminal has no users any more,
// which is EIO on Linux.
func (t *terminal) watch() {
	buf := make([]byte, 4096)
	for {
		n, err := t.file.Read(buf)
		t.mu.Lock()
		t.seen = append(t.seen, buf[:n]...)
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// text returns what was printed, with the program's line ends.
func (t *terminal) text() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.ReplaceAll(t.seen, []byte("\r\n"), []byte("\n"))
}

// expect waits until a text is printed behind what was expected before.
func (t *terminal) expect(text string) error {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		t.mu.Lock()
		i := bytes.Index(t.seen[t.read:], []byte(text))
		if i >= 0 {
			t.read += i + len(text)
		}
		t.mu.Unlock()
		if i >= 0 {
			return nil
		}
	}
	return fmt.Errorf("%q was not printed", text)
}

// dialogue returns a session that types a line whenever a text appears:
// pairs of what to expect and what to type.
func dialogue(pairs ...string) func(*terminal) error {
	return func(t *terminal) error {
		for i := 0; i+1 < len(pairs); i += 2 {
			if err := t.expect(pairs[i]); err != nil {
				return err
			}
			if _, err := t.file.WriteString(pairs[i+1]); err != nil {
				return err
			}
		}
		return nil
	}
}
