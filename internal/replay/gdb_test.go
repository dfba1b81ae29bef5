package replay

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

	"hindsight/internal/engine"
	"hindsight/internal/gdbserver"
	"hindsight/internal/record"
	"hindsight/internal/recording"
)

// build compiles a C program.
func build(t *testing.T, source string, flags ...string) string {
	t.Helper()
	cc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("no C compiler")
	}
	dir := t.TempDir()
	src, exe := filepath.Join(dir, "program.c"), filepath.Join(dir, "program")
	if err := os.WriteFile(src, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-g", "-O0", "-o", exe, src}, flags...)
	if out, err := exec.Command(cc, args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	return exe
}

// recordProgram records a program and opens the recording.
func recordProgram(t testing.TB, check time.Duration, opt engine.Options, argv ...string) *recording.Reader {
	t.Helper()
	path, err := exec.LookPath(argv[0])
	if err != nil {
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "recording")
	_, err = record.Run(record.Options{
		Path: path, Argv: argv, Env: os.Environ(), Out: file, Check: check, Engine: opt,
		Report: func(line string) { t.Log(line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := recording.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// runGDB feeds commands to gdb on a replay, and returns what it printed.
func runGDB(t *testing.T, r *recording.Reader, commands ...string) string {
	t.Helper()
	gdb, err := exec.LookPath("gdb")
	if err != nil {
		t.Skip("no gdb")
	}
	runtime.LockOSThread() // ptrace answers one thread only
	defer runtime.UnlockOSThread()
	s, err := NewSession(r)
	if err != nil {
		t.Fatal(err)
	}
	target := NewTarget(s)
	defer func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	file := filepath.Join(t.TempDir(), "script.gdb")
	script := gdbserver.Script(listener.Addr().String(), target.ExecFile())
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
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
	serveErr := gdbserver.Serve(conn, target)
	end := <-finished
	out := strings.ReplaceAll(string(end.out), "(gdb) ", "")
	if serveErr != nil || end.err != nil {
		t.Errorf("Serve: %v, gdb: %v", serveErr, end.err)
	}
	t.Logf("gdb:\n%s", out)
	return out
}

// dialogue runs gdb with the lines of the form "> command", and looks in the
// output of each for the texts that follow it. "!text" must not occur.
func dialogue(t *testing.T, r *recording.Reader, text string) {
	t.Helper()
	var commands []string
	expected := map[int][]string{}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line = strings.TrimSpace(line)
		if c, ok := strings.CutPrefix(line, "> "); ok {
			commands = append(commands, c)
		} else if line != "" {
			n := len(commands) - 1
			expected[n] = append(expected[n], line)
		}
	}
	rest := runGDB(t, r, commands...)
	for n, c := range commands {
		_, after, found := strings.Cut(rest, "\n> "+c+"\n")
		if !found {
			t.Fatalf("gdb did not get to command %d, %q", n, c)
		}
		rest = after
		said := rest
		if n+1 < len(commands) {
			said, _, _ = strings.Cut(rest, "\n> "+commands[n+1]+"\n")
		}
		for _, want := range expected[n] {
			unwanted, not := strings.CutPrefix(want, "!")
			if not == strings.Contains(said, unwanted) && (not || !strings.Contains(said, want)) {
				t.Errorf("%s: want %q in:\n%s", c, want, said)
			}
		}
	}
}

const corruption = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct item { char name[8]; int value; };
static struct item *items;
static int sum(int n) { int s = 0; for (int i = 0; i < n; i++) s += items[i].value; return s; }
static void rename_item(int i, const char *to) {
	strcpy(items[i].name, to);
}
int main(void) {
	items = calloc(100, sizeof *items);
	for (int i = 0; i < 100; i++) items[i].value = i;
	rename_item(42, "short");
	rename_item(7, "much too long");
	int total = 0;
	for (int k = 0; k < 20000; k++) total += sum(100) & 3;
	printf("total %d\n", total);
	if (items[7].value != 7) *(volatile int *)0 = 1;
	return 0;
}
`

func TestGDBFindsCorruption(t *testing.T) {
	r := recordProgram(t, 0, engine.Options{}, build(t, corruption))
	dialogue(t, r, `
		> shell date +%s.%N
		> continue
		SIGSEGV
		> shell date +%s.%N
		> bt
		main
		> print items[7].value
		= 1852795936
		> watch items[7].value
		> reverse-continue
		New value = 7
		> bt
		rename_item (i=7
		> shell date +%s.%N
		> reverse-continue
		New value = 0
		> shell date +%s.%N
		> when
		tick
		> delete
		> break main
		> reverse-continue
		Breakpoint
		> next
		> next
		> reverse-next
		> reverse-stepi
		> stepi
		> continue
		SIGSEGV
		> continue
		No more reverse-execution history
		> goto start
		> reverse-stepi
		No more reverse-execution history
		> goto 50%
		> when
		> shell date +%s.%N
		> print sum(3)
		= 3
		> info sharedlibrary
		libc
	`)
}
