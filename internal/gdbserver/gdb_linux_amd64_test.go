package gdbserver

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// runGDB feeds commands to a real gdb that debugs target, and returns what it
// printed. Each command's output follows a line "> command".
func runGDB(t *testing.T, target Target, commands ...string) string {
	t.Helper()
	gdb, err := exec.LookPath("gdb")
	if err != nil {
		t.Skip("no gdb")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	file := filepath.Join(t.TempDir(), "script.gdb")
	if err := os.WriteFile(file, []byte(Script(listener.Addr().String(), "")), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, gdb, "-nx", "-q", "-x", file)
	var input strings.Builder
	for _, c := range commands {
		input.WriteString("echo \\n> " + c + "\\n\n" + c + "\n")
	}
	cmd.Stdin = strings.NewReader("set width 0\nset style enabled off\n" + input.String() + "quit\n")
	type result struct {
		out []byte
		err error
	}
	finished := make(chan result, 1)
	go func() {
		out, err := cmd.CombinedOutput()
		listener.Close() // if gdb never came
		finished <- result{out, err}
	}()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatalf("gdb did not connect:\n%s", (<-finished).out)
	}
	runtime.LockOSThread() // ptrace answers one thread only
	defer runtime.UnlockOSThread()
	serveErr := Serve(conn, target)
	r := <-finished
	out := strings.ReplaceAll(string(r.out), "(gdb) ", "")
	if serveErr != nil || r.err != nil {
		t.Errorf("Serve: %v, gdb: %v", serveErr, r.err)
	}
	t.Logf("gdb:\n%s", out)
	return out
}

// checkDialogue looks for lines of the form "> command" and, after each, the
// texts that gdb must print before the next command. "!text" must not occur.
func checkDialogue(t *testing.T, target Target, dialogue string) string {
	t.Helper()
	var commands []string
	expected := map[int][]string{}
	for line := range strings.SplitSeq(strings.TrimSpace(dialogue), "\n") {
		line = strings.TrimSpace(line)
		if c, ok := strings.CutPrefix(line, "> "); ok {
			commands = append(commands, c)
		} else {
			n := len(commands) - 1
			expected[n] = append(expected[n], line)
		}
	}
	out := runGDB(t, target, commands...)
	for n, c := range commands {
		_, rest, found := strings.Cut(out, "\n> "+c+"\n")
		if !found {
			t.Fatalf("gdb did not get to command %d, %q", n, c)
		}
		out = rest
		said := rest
		if n+1 < len(commands) {
			said, _, _ = strings.Cut(rest, "\n> "+commands[n+1]+"\n")
		}
		for _, want := range expected[n] {
			if forbidden, ok := strings.CutPrefix(want, "!"); ok {
				if strings.Contains(said, forbidden) {
					t.Errorf("%s: said %q:\n%s", c, forbidden, said)
				}
			} else if !strings.Contains(said, want) {
				t.Errorf("%s: did not say %q, but:\n%s", c, want, said)
			}
		}
	}
	return out
}

func TestGDB(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	program := buildToy(t)

	for name, dialogue := range map[string]string{
		"forward and backward": `
			> frame
			_start
			> break store
			Breakpoint 1
			> continue
			Breakpoint 1, store (i=1)
			> continue 2
			Breakpoint 1, store (i=3)
			> reverse-continue
			Breakpoint 1, store (i=2)
			> print total
			= 1
			> backtrace
			#0  store (i=2)
			#1
			in run ()
			#2
			in begin ()
			> finish
			Run till exit
			> reverse-step
			store (i=2)
			> reverse-finish
			Run back to call of
			Breakpoint 1, store (i=2)
			> delete
			> next
			> reverse-next
			> reverse-stepi
			> stepi
			> reverse-continue
			No more reverse-execution history.
			_start
			> continue
			No more reverse-execution history.
			begin ()
			> print total
			= 15
			> reverse-continue
			No more reverse-execution history.
			> info threads
			Thread 77 "toy"`,
		"watchpoints": `
			> watch total
			Hardware watchpoint 1: total
			> continue
			Old value = 0
			New value = 1
			store (i=1)
			> continue
			Old value = 1
			New value = 3
			> reverse-continue
			Old value = 3
			New value = 1
			> goto end
			!hindsight
			> reverse-continue
			Old value = 15
			New value = 10
			> goto 0
			_start
			> continue
			Old value = 0
			New value = 1
			> delete
			> watch text
			Hardware watchpoint
			> continue
			Old value = "unset"
			New value = "Xnset"`,
		"when and goto": `
			> when
			step 0 of
			> goto end
			#0  0x
			in begin ()
			!stepi
			> when
			!step 0 of
			> info registers rip
			begin+
			> goto start
			#0  0x
			_start ()
			> goto 50%
			#0  0x
			> goto 50%
			#0  0x
			store (i=
			> when
			!step 0 of
			> goto 999999
			hindsight: goto 999999: there is no such moment
			> frame
			store (i=
			> goto
			Usage: goto
			> display counter
			counter = 42
			> goto end
			counter = 7
			> break run
			> reverse-continue
			Breakpoint 1, run ()
			> step
			> monitor nonsense
			nonsense: unknown command`,
		"calls": `
			> break store
			> continue
			> print bump(1)
			= 43
			> print counter
			= 42
			> print bump(1)
			= 43
			> print length("four")
			= 4
			> print shout()
			"HEY"
			> print heap_used
			= 0
			> continue
			Breakpoint 1, store (i=2)
			!discarded
			> set var counter = 5
			> print counter
			= 5
			> print bump(1)
			= 6
			> print counter
			= 6
			> continue
			store (i=3)
			> print counter
			= 42
			> set var counter = 5
			> stepi
			the past cannot be changed
			> print counter
			= 42
			> set var counter = 5
			> stepi
			!the past
			> reverse-stepi
			> break bump
			> print bump(2)
			The program being debugged stopped while in a function called from GDB.
			> backtrace
			bump (by=2)
			<function called from gdb>
			store (i=3)
			> print counter
			= 42
			> next
			> print counter
			= 44
			> finish
			Run till exit
			Value returned is
			> print counter
			= 42
			> backtrace
			#0  0x
			store (i=3)
			!called from gdb
			> print crash()
			Program received signal SIGSEGV
			crash ()
			> reverse-continue
			No more reverse-execution history.
			store (i=3)
			> print crash()
			SIGSEGV
			> goto start
			_start ()
			> continue
			store (i=1)`,
	} {
		t.Run(name, func(t *testing.T) {
			program.at = 0
			checkDialogue(t, program, dialogue)
			if program.diverted != nil || len(program.points) != 0 {
				t.Errorf("left behind: diversion %v, points %v", program.diverted, program.points)
			}
		})
	}
	t.Run("vectors", func(t *testing.T) {
		if !haveAVX() {
			t.Skip("no AVX2")
		}
		program.at = 0
		checkDialogue(t, program, `
			> break vectors
			> continue
			vectors ()
			> print $ymm1.v4_int64
			= {0, 0, 0, 0}
			> finish
			> print $ymm1.v4_int64
			= {-1, -1, -1, -1}
			> print $ymm1.v8_int32[7] = 5
			> print $ymm1.v8_int32
			= {-1, -1, -1, -1, -1, -1, -1, 5}
			> stepi
			the past cannot be changed
			> print $ymm1.v8_int32
			= {-1, -1, -1, -1, -1, -1, -1, -1}
			> print $mxcsr
			= [ IM DM ZM OM UM PM ]
			> print $fctrl
			= 895
			> print $ftag
			= 65535`)
	})
}

// TestGDBRegisters shows a CPU with everything to gdb, which need not run on one.
func TestGDBRegisters(t *testing.T) {
	layout := XSaveLayout{XCR0: 0x2e7}
	still := newStill(layout)
	main := still.registers[0x4d]
	main.XState = allVectors(&layout)
	still.registers[0x4d] = main
	checkDialogue(t, still, `
		> print/x $rax
		= 0x100
		> print/x $r15
		= 0x10f
		> print/x $xmm0.uint128
		= 0x1211101c1b1a19181716151413121110
		> print/x $ymm0.v2_int128[1]
		= 0x2221202c2b2a29282726252423222120
		> print/x $k1
		= 0x5251505c5b5a5958
		> print/x $zmm0h
		> print/x $zmm31.v64_int8[63]
		> print/x $pkru
		= 0x93929190
		> print $eflags
		= [ IF ]
		> print/x $fs_base
		= 0x7000
		> print $orig_rax
		= -1
		> info all-registers
		zmm31
		!Invalid`)
}

// TestGDBThreads shows three threads to gdb. A step over a breakpoint, for which
// gdb locks the other threads, ends in another one's breakpoint.
func TestGDBThreads(t *testing.T) {
	still := newStill(XSaveLayout{XCR0: 3})
	still.scripted = true
	still.stops = []Stop{
		{Reason: StopBreakpoint, TID: 0x4e},
		{Reason: StopBreakpoint, TID: 0x4f},
		{Reason: StopStep, TID: 0x4e},
		{Reason: StopSignal, Signal: 10, TID: 0x4d},
		{Reason: StopStep, TID: 0x4f},
		{Reason: StopStep, TID: 0x4f},
	}
	checkDialogue(t, still, `
		> info threads
		* 1    Thread 77 "main"
		  2    Thread 78 "a<b"
		  3    Thread 79 "worker"
		> thread apply all print $rip
		= (void (*)()) 0x1014
		= (void (*)()) 0x100c
		= (void (*)()) 0x1004
		> thread 3
		[Switching to thread 3 (Thread 79)]
		> print/x $rax
		= 0x300
		> print/x $fs_base
		= 0x9000
		> break *0x100c
		> break *0x1010
		> continue
		Thread 2 "a<b" hit Breakpoint 1
		> print/x $rax
		= 0x200
		> continue
		thread 78 is to step alone, but thread 79 came to a breakpoint first
		Thread 1 "main" received signal SIGUSR1
		> print/x $rax
		= 0x100
		> thread 3
		> info threads
		* 3    Thread 79
		> reverse-stepi
		!SIGTRAP
		0x0000000000001013
		> thread 1
		> thread 3
		> stepi
		!SIGTRAP
		0x0000000000001014
		> goto main
		0x0000000000001004
		!SIGTRAP
		> goto worker
		0x0000000000001014
		> thread
		[Current thread is 3 (Thread 79)]`)
}
