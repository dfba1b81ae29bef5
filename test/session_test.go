package test

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTerminalSession runs a shell on a terminal that somebody types at:
// natively and recorded it prints the same, and a replay prints it again.
func TestTerminalSession(t *testing.T) {
	dir := keepDir(t)
	c := command{
		argv:    []string{"bash", "--norc", "--noprofile", "-i"},
		dir:     dir,
		env:     []string{"PS1=<\\#> ", "HISTFILE="},
		timeout: time.Minute,
	}
	session := dialogue(
		"<1> ", "echo one two\r",
		"<2> ", "for i in 1 2 3; do echo $((i * i)); donn\x7fe\r",
		"<3> ", "read -r line\r",
		"\n", "typed\x7f\x7f text\r",
		"<4> ", "echo [$line] $COLUMNS $LINES\r",
		"<5> ", "echo never\x03",
		"<5> ", "while :; do :; done\r",
		"done\r\n", "\x03",
		"<6> ", "exit 6\r",
	)
	want, wantStatus, err := c.runOnTerminal(session)
	if err != nil || wantStatus != 6 {
		t.Fatalf("native session: status %d, %v\n%q", wantStatus, err, want)
	}
	file := filepath.Join(dir, "recording")
	got, gotStatus, err := c.under("record", "-o", file).runOnTerminal(session)
	if err != nil || gotStatus != wantStatus || withoutInterrupts(got) != withoutInterrupts(want) ||
		bytes.Count(got, []byte("^C")) != bytes.Count(want, []byte("^C")) {
		t.Errorf("recorded session: status %d, %v\n%s", gotStatus, err, firstDifference(want, got))
	}
	if !replayable() {
		t.Skip("this build cannot replay")
	}
	c.argv = []string{hindsight, "replay", "--autopilot", file}
	replayed, status, err := c.runOnTerminal(nil)
	if err != nil || status != 0 {
		t.Fatalf("replay: status %d, %v\n%s", status, err, replayed)
	}
	// The terminal's own echo, of the line that read takes, is no output.
	shown := strings.Replace(withoutInterrupts(got), "typed\b \b\b \b text\n", "", 1)
	if got := withoutInterrupts(replayed); got != shown {
		t.Errorf("replay: %s\nto reproduce: %s", firstDifference([]byte(shown), []byte(got)), c)
	}
}

// withoutInterrupts leaves out the echo of Ctrl-C: the terminal writes it after it
// has sent the signal (n_tty.c), and what the program writes then may come first.
func withoutInterrupts(p []byte) string { return strings.ReplaceAll(string(p), "^C", "") }

// TestTerminalJob stops a job with threads by Ctrl-Z in a recorded shell, and
// brings it back.
func TestTerminalJob(t *testing.T) {
	job := compiled("gcc", "job.c", "-pthread")(t)
	for _, flags := range [][]string{nil, {"--chaos"}} {
		dir := keepDir(t)
		c := command{
			argv:    []string{"bash", "--norc", "--noprofile", "-i"},
			dir:     dir,
			env:     []string{"PS1=<\\#> ", "HISTFILE=", "JOB=" + job},
			timeout: time.Minute,
		}
		session := dialogue(
			"<1> ", "\"$JOB\"\r",
			"ready\r\n", "\x1a",
			"<2> ", "fg\r",
			"JOB", "one\r",
			"[one\r\n", "\x1a",
			"<3> ", "fg\r",
			"JOB", "two\r",
			"[two\r\n", "\x04",
			"<4> ", "echo status $?\r",
			"status 5", "exit 6\r",
		)
		file := filepath.Join(dir, "recording")
		c = c.under(append([]string{"record", "--check", "-o", file}, flags...)...)
		out, status, err := c.runOnTerminal(session)
		if err != nil || status != 6 {
			t.Fatalf("recorded session: status %d, %v\n%s\nto reproduce: %s", status, err, out, c)
		}
		if !replayable() {
			t.Skip("this build cannot replay")
		}
		c.argv = []string{hindsight, "replay", "--autopilot", file}
		if out, status, err := c.runOnTerminal(nil); err != nil || status != 0 {
			t.Fatalf("replay: status %d, %v\n%s", status, err, out)
		}
	}
}

// TestTerminalSuspend stops hindsight record, a shell's foreground job, by
// Ctrl-Z: it stops when the program does, and only then.
func TestTerminalSuspend(t *testing.T) {
	program := compiled("gcc", "suspend.c")(t)
	// Whether the program has used the CPU meanwhile. What is typed must not
	// look like what is printed.
	const stands = `t() { cut -d' ' -f14,15 /proc/$(cat pid)/stat; }; a=$(t); sleep 0.3; [ "$a" = "$(t)" ] && echo st$((1))nds` + "\r"
	stopAndGoOn := []string{"Stopped", "", "<2> ", stands, "st1nds", "", "<3> ", "fg\r", "record", "end\r"}
	for mode, keys := range map[string][]string{
		"compute": append([]string{"\x1a"}, stopAndGoOn...),
		"tidy":    append([]string{"\x1a", "tidied", ""}, stopAndGoOn...),
		"ignore":  {"\x1a", "^Z", "end\r"},
	} {
		for _, flags := range []string{"", "--follow child", "--no-log"} {
			t.Run(mode+strings.ReplaceAll(flags, " ", ""), func(t *testing.T) {
				dir := keepDir(t)
				c := command{
					argv:    []string{"bash", "--norc", "--noprofile", "-i"},
					dir:     dir,
					env:     []string{"PS1=<\\#> ", "HISTFILE=", "HINDSIGHT=" + hindsight, "JOB=" + program},
					timeout: 40 * time.Second,
				}
				line := "\"$HINDSIGHT\" record -o recording " + flags + " \"$JOB\" " + mode + "\r"
				session := append([]string{"<1> ", line, "ready\r\n"}, keys...)
				session = append(session, "[end\r\n", "", "> ", "echo status $?\r", "status 5", "exit 6\r")
				out, status, err := c.runOnTerminal(dialogue(session...))
				if err != nil || status != 6 {
					t.Fatalf("session: status %d, %v\n%s\nto reproduce: %s", status, err, out, c)
				}
				if flags != "" || !replayable() {
					return
				}
				c.argv = []string{hindsight, "replay", "--autopilot", "recording"}
				if out, status, err := c.runOnTerminal(nil); err != nil || status != 0 {
					t.Errorf("replay: status %d, %v\n%s", status, err, out)
				}
			})
		}
	}
}

// TestInterrupt presses Ctrl-C while gdb goes forwards, and backwards, on a
// terminal.
func TestInterrupt(t *testing.T) {
	if !replayable() {
		t.Skip("this build cannot replay")
	}
	dir := keepDir(t)
	program := compiled("gcc", "long.c", "-O0")(t)
	c := command{argv: []string{program}, dir: dir, timeout: time.Minute}
	if o, err := c.under("record", "-o", "recording").run(); err != nil || o.status != 0 {
		t.Fatalf("record: status %d, %v\n%s", o.status, err, o.ours)
	}
	c.argv = []string{hindsight, "replay", "recording", "--", "-q", "-ex", "set pagination off", "-ex", "set confirm off", "-ex", "break main"}
	steps := []func(*terminal) error{
		dialogue("(gdb) ", "continue\r", "(gdb) ", "delete\r", "(gdb) ", "continue\r"),
		interrupt,
		dialogue("(gdb) ", "print stage\r", "(gdb) ", "print n > 0\r",
			"(gdb) ", "goto end\r", "(gdb) ", "break never\r", "(gdb) ", "reverse-continue\r"),
		interrupt,
		dialogue("(gdb) ", "print stage == 2\r", "(gdb) ", "delete\r",
			// Its condition is false whenever it is hit: gdb goes on by itself,
			// past the interrupt that came while the hit was being looked for.
			"(gdb) ", "watch stage if stage == 100\r", "(gdb) ", "reverse-continue\r"),
		interrupt,
		dialogue("(gdb) ", "quit\r"),
	}
	out, status, err := c.runOnTerminal(func(term *terminal) error {
		for _, step := range steps {
			if err := step(term); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || status != 0 {
		t.Fatalf("gdb: status %d, %v\n%s\nto reproduce: %s", status, err, out, c)
	}
	if n := len(regexp.MustCompile(`SIGINT`).FindAll(out, -1)); n != 3 {
		t.Errorf("%d interruptions, want 3:\n%s", n, out)
	}
	if n := len(regexp.MustCompile(`\$[0-9] = 1\b`).FindAll(out, -1)); n != 3 {
		t.Errorf("gdb printed other values:\n%s", out)
	}
}

// interrupt presses Ctrl-C some time after gdb has let the program go.
func interrupt(term *terminal) error {
	if err := term.expect("Continuing."); err != nil {
		return err
	}
	time.Sleep(300 * time.Millisecond)
	if _, err := term.file.WriteString("\x03"); err != nil {
		return err
	}
	return term.expect("SIGINT")
}
