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
	return buildWith(t, "gcc", source, flags...)
}

func buildWith(t *testing.T, compiler, source string, flags ...string) string {
	t.Helper()
	cc, err := exec.LookPath(compiler)
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	src, exe := filepath.Join(dir, "program.c"), filepath.Join(dir, "program")
	if err := os.WriteFile(src, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-g", "-O0", "-o", exe, src}, flags...)
	if out, err := exec.Command(cc, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", compiler, err, out)
	}
	return exe
}

// recordFile records a program, and returns the path of the recording.
func recordFile(t testing.TB, check time.Duration, opt engine.Options, argv ...string) string {
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
	return file
}

// recordProgram records a program and opens the recording.
func recordProgram(t testing.TB, check time.Duration, opt engine.Options, argv ...string) *recording.Reader {
	t.Helper()
	r, err := recording.Open(recordFile(t, check, opt, argv...))
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

const manyCalls = `
#include <stdio.h>
#include <unistd.h>
static volatile long counter, other[64];
__attribute__((noinline)) static void hit(long n) { counter += n; }
int main(void) {
	for (long n = 0; n < 1000000; n++) hit(n);
	other[3] = counter;
	printf("%ld %d\n", other[3], getppid() > 0);
	return 0;
}
`

func TestGDBManyHits(t *testing.T) {
	r := recordProgram(t, 0, engine.Options{}, build(t, manyCalls))
	dialogue(t, r, `
		> goto end
		> break hit
		> reverse-continue
		hit (n=999999)
		> reverse-continue
		hit (n=999998)
		> print counter
		> when
		> tbreak 10 if counter > 0
		> delete 1
		> awatch counter
		> reverse-continue
		> reverse-continue
		> continue
		> delete
		> watch other
		> continue
		New value
		> delete
		> rwatch other[3]
		> continue
		Value = 499999500000
		> delete
		> catch syscall getppid
		> goto start
		> continue
		call to syscall getppid
		> continue
		returned from syscall getppid
		> reverse-continue
		syscall getppid
		> up
		> finish
		> reverse-finish
		> delete
		> break hit if n == 777777
		> info registers rip
		> print $_siginfo
	`)
}

const handlers = `
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <sys/time.h>
static volatile int alarms; static char *page;
static void on_alarm(int s) { if (++alarms < 3) { struct itimerval t = {{0, 0}, {0, 2000}}; setitimer(ITIMER_REAL, &t, 0); } }
static void on_fault(int s, siginfo_t *i, void *u) { mprotect(page, 4096, PROT_READ | PROT_WRITE); }
int main(void) {
	struct sigaction a; memset(&a, 0, sizeof a);
	a.sa_handler = on_alarm; sigaction(SIGALRM, &a, 0);
	a.sa_sigaction = on_fault; a.sa_flags = SA_SIGINFO; sigaction(SIGSEGV, &a, 0);
	page = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page[1] = 7;
	struct itimerval t = {{0, 0}, {0, 2000}}; setitimer(ITIMER_REAL, &t, 0);
	unsigned long n = 0; while (alarms < 3) n++;

	printf("%d %d\n", page[1], alarms);
	return 3;
}
`

func TestGDBSignals(t *testing.T) {
	r := recordProgram(t, 0, engine.Options{}, build(t, handlers))
	dialogue(t, r, `
		> continue
		SIGSEGV
		> print $_siginfo.si_signo
		= 11
		> stepi
		on_fault
		> bt
		signal handler called
		main
		> handle SIGALRM stop
		> break on_alarm
		> continue
		SIGALRM
		> continue
		Breakpoint
		> bt
		signal handler called
		> delete
		> reverse-continue
		SIGALRM
		> bt
		!signal handler called
		> stepi
		on_alarm
		> reverse-stepi
		> bt
		!signal handler called
		> goto end
		> print alarms
		= 3
		> reverse-stepi
		> stepi
	`)
}

const threadLocals = `
#include <errno.h>
#include <stdio.h>
static __thread int mine = 5;
static __thread char text[13] = "text";
#ifdef LIBRARY
extern __thread int theirs;
#else
static __thread int theirs;
#endif
int main(void) {
	FILE *f = fopen("/nonexistent", "r");
	mine++;
	text[0] = 'n';
	theirs++;
	return f != 0;
}
`

// TestGDBThreadLocals prints thread-local variables with each C library.
func TestGDBThreadLocals(t *testing.T) {
	const (
		inLibrary = "> print theirs\n= 41\n"
		inLibc    = "> print (int) errno\n= 2\n"
	)
	for _, test := range []struct {
		name, compiler string
		static         bool
		more           string
	}{
		{"glibc", "gcc", false, inLibrary + inLibc},
		{"glibc static", "gcc", true, inLibc},
		{"musl", "musl-gcc", false, inLibrary}, // its errno is no variable
		{"musl static", "musl-gcc", true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			flags := []string{"-static"}
			if !test.static {
				library := buildWith(t, test.compiler, "__thread int theirs = 40; int in(void) { return theirs; }", "-shared", "-fPIC")
				flags = []string{"-DLIBRARY", library}
			}
			r := recordProgram(t, 0, engine.Options{}, buildWith(t, test.compiler, threadLocals, flags...))
			dialogue(t, r, `
				> print mine
				Cannot find thread-local storage
				> break 18
				> continue
				> print mine
				= 6
				> print text
				= "next
				`+test.more)
		})
	}
}
