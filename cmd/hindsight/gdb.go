package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"hindsight/internal/gdbserver"
	"hindsight/internal/recording"
)

// debug runs gdb on a recording until the user leaves it.
func debug(r *recording.Reader, at string, args []string) error {
	path, err := exec.LookPath("gdb")
	if err != nil {
		return exitStatus{exitFailed, errors.New("gdb is not installed; write: apt-get install gdb (or, for a gdb elsewhere: hindsight serve FILE)")}
	}
	// The replayed process obeys only the thread that started it: ptrace(2).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	t, err := openTarget(r, at)
	if err != nil {
		return replayError(err)
	}
	defer t.close()

	// Only the owner may enter the directory, so only the owner's gdb can
	// connect.
	dir, err := os.MkdirTemp("", "hindsight-")
	if err != nil {
		return exitStatus{exitFailed, err}
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "gdb")
	l, err := net.Listen("unix", socket)
	if err != nil {
		return exitStatus{exitFailed, err}
	}
	defer l.Close()
	script := filepath.Join(dir, "script.gdb")
	if err := os.WriteFile(script, []byte(gdbserver.Script(socket, t.ExecFile())), 0o600); err != nil {
		return exitStatus{exitFailed, err}
	}
	g, err := startGDB(path, append([]string{"-q", "-x", script}, args...))
	if err != nil {
		return exitStatus{exitFailed, err}
	}
	go func() {
		<-g.ended
		l.Close()
	}()
	serveErr := serveAll(l, t)
	<-g.ended
	if serveErr != nil {
		say("%v", serveErr)
	}
	return g.status()
}

// serveAll serves one gdb after the other until the listener is closed.
func serveAll(l net.Listener, t gdbserver.Target) error {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err == nil {
			err = gdbserver.Serve(conn, t)
		}
		if err != nil {
			return err
		}
	}
}

// gdb is a debugger that runs in the foreground of our terminal.
type gdb struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has
	err   error         // of waiting for it
}

// startGDB starts gdb with our terminal. It is in our process group, so what
// the user types reaches it, and what the terminal sends to all of the group
// must not end us: SIGINT is meant for gdb, which asks us to stop then.
func startGDB(path string, args []string) (*gdb, error) {
	g := &gdb{cmd: exec.Command(path, args...), ended: make(chan struct{})}
	g.cmd.Stdin, g.cmd.Stdout, g.cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 8)
	// Caught, not ignored: gdb would inherit that.
	signal.Notify(signals, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP)
	if err := g.cmd.Start(); err != nil {
		signal.Stop(signals)
		return nil, fmt.Errorf("starting gdb: %w", err)
	}
	go func() {
		g.err = g.cmd.Wait()
		close(g.ended)
	}()
	go g.passOn(signals)
	return g, nil
}

// passOn ends gdb where somebody wants to end us; we end with it.
func (g *gdb) passOn(signals chan os.Signal) {
	defer signal.Stop(signals)
	for {
		select {
		case s := <-signals:
			if s == unix.SIGTERM || s == unix.SIGHUP {
				// That it is gone already is as good.
				_ = g.cmd.Process.Signal(s)
			}
		case <-g.ended:
			return
		}
	}
}

// status is the exit status that stands for gdb's.
func (g *gdb) status() error {
	var exit *exec.ExitError
	switch {
	case g.err == nil:
		return nil
	case !errors.As(g.err, &exit):
		return exitStatus{exitFailed, fmt.Errorf("waiting for gdb: %w", g.err)}
	}
	if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return exitStatus{status: 128 + int(ws.Signal())}
	}
	return exitStatus{status: exit.ExitCode()}
}
