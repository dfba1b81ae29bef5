package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/signal"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"hindsight/internal/gdbserver"
	"hindsight/internal/recording"
)

func serveCommand() *cobra.Command {
	var listen, at string
	var process processFlag
	cmd := &cobra.Command{
		Use:   "serve [-p PID] [--listen ADDR] [--at end|N%|TICK] FILE",
		Short: "Let a gdb elsewhere debug a recording",
		Long: `Wait for a gdb to connect, and serve it a recording until it disconnects.
ADDR is HOST:PORT, or the path of a socket to be made. Without it a free port
of the loopback interface is taken. The address goes to standard output.

Whoever can connect can read all that the recording holds.`,
		Example: `  hindsight serve --listen :2345 crash.hs
  gdb -ex 'target remote machine:2345'`,
		DisableFlagsInUseLine: true,
		Args:                  oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if at != "" && !moment.MatchString(at) {
				return wrongUsage(cmd, "--at %s is no moment: TICK, TICK:PC, N%%, start or end", at)
			}
			network := "tcp"
			if strings.Contains(listen, "/") {
				network = "unix"
			} else if _, _, err := net.SplitHostPort(listen); err != nil {
				return wrongUsage(cmd, "--listen %s is neither HOST:PORT nor the path of a socket", listen)
			}
			r, err := openRecording(args[0])
			if err != nil {
				return err
			}
			defer r.Close()
			warnDamage(args[0], r)
			v, err := process.view(args[0], r)
			if err != nil {
				return err
			}
			l, err := net.Listen(network, listen)
			if err != nil {
				return exitStatus{exitFailed, listenError(listen, err)}
			}
			defer l.Close()
			return serve(v, at, l)
		},
	}
	process.add(cmd, processUsage)
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "where to wait for gdb: HOST:PORT, or a path")
	cmd.Flags().StringVar(&at, "at", "", "where gdb stands at first: start, end, N%, TICK or TICK:PC")
	return cmd
}

// listenError says why there is no listening at an address.
func listenError(addr string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return fmt.Errorf("listening on %s: %w", addr, err)
}

// serve serves one gdb, or none if a signal ends the waiting.
func serve(r *recording.Reader, at string, l net.Listener) error {
	// The replayed process obeys only the thread that started it: ptrace(2).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	t, err := openTarget(r, at)
	if err != nil {
		return replayError(err)
	}
	defer t.close()
	fmt.Println(l.Addr())

	ctx, release := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	defer release()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	conn, err := l.Accept()
	if err == nil {
		defer context.AfterFunc(ctx, func() { conn.Close() })()
		err = gdbserver.Serve(conn, t)
	}
	if err != nil && ctx.Err() == nil {
		return exitStatus{exitFailed, err}
	}
	return nil
}
