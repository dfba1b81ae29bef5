package replay

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
)

// session opens a session on r, on a locked thread.
func session(t *testing.T, s *Session, err error) *Session {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// standing is all that can be seen of a moment.
type standing struct {
	Moment
	regs engine.Regs
	hash uint64
}

func look(t *testing.T, s *Session) standing {
	t.Helper()
	x, err := s.p.e().Tracee().XState()
	if err != nil {
		t.Fatal(err)
	}
	return standing{s.Now(), s.p.regs, engine.StateHash(&s.p.regs, x)}
}

func TestStepsBackAndForward(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r := recordProgram(t, 0, engine.Options{}, "/bin/echo", "hello")
	stepBackAndForward(t, r, "70%", 1000)
}

// codeChanges executes code in shared memory, and changes it each time.
const codeChanges = `
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	static const unsigned char code[] = {0xb8, 0, 0, 0, 0, 0x01, 0xf8, 0xc3}; // mov eax, imm32; add eax, edi; ret
	int fd = memfd_create("code", 0), sum = 0;
	ftruncate(fd, 4096);
	unsigned char *writable = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int (*run)(int) = mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	memcpy(writable, code, sizeof code);
	for (int i = 0; i < 500; i++) {
		writable[1] = i;
		sum += run(i);
	}
	return sum & 0x7f;
}
`

func TestStepsBackOverChangedCode(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r := recordProgram(t, 0, engine.Options{}, build(t, codeChanges))
	s := stepBackAndForward(t, r, "95%", 100)
	for at := s.p.at; ; {
		ev, err := s.p.log.next(at)
		if err != nil || ev == nil {
			t.Fatalf("no code changes behind the moments that were stepped over (%v)", err)
		}
		if event.Kind(ev[4]) == event.KindCode {
			return
		}
		at += uint64(len(ev))
	}
}

// stepBackAndForward makes steps from a moment and the same ones backwards, and
// wants to see the same.
func stepBackAndForward(t *testing.T, r *recording.Reader, from string, steps int) *Session {
	t.Helper()
	s, err := NewSession(r)
	session(t, s, err)
	if err := s.Goto(from, nil); err != nil {
		t.Fatal(err)
	}
	var way []standing
	for range steps {
		way = append(way, look(t, s))
		out, err := s.p.Step(Limits{})
		if err != nil || out.Reason != afterStep {
			t.Fatalf("step at %v: %v, %v", s.Now(), out, err)
		}
	}
	began := time.Now()
	for i := steps - 1; i >= 0; i-- {
		ok, err := s.reverseStep()
		if err != nil || !ok {
			t.Fatalf("reverse step to %v: %v %v", way[i].Moment, ok, err)
		}
		if got := look(t, s); got != way[i] {
			t.Fatalf("step %d back: at %v, want %v:\n%+v\n%+v", steps-i, got.Moment, way[i].Moment, got.regs, way[i].regs)
		}
	}
	t.Logf("%v for each step back", time.Since(began)/time.Duration(steps))
	return s
}

func TestInterrupt(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	quietly(t)
	r := recordProgram(t, 0, engine.Options{}, build(t, `
		int main(void) { volatile unsigned long n = 0; while (n < 400000000) n++; return 0; }`))
	s, err := NewSession(r)
	session(t, s, err)
	interrupt := make(chan struct{})
	time.AfterFunc(50*time.Millisecond, func() { close(interrupt) })
	out, err := s.forward(Limits{Interrupt: interrupt})
	if err != nil || out.Reason != AtInterrupt {
		t.Fatalf("forward: %+v, %v", out, err)
	}
	at := look(t, s)
	if at.Tick == 0 {
		t.Error("interrupted before it began")
	}
	if err := s.Goto("start", nil); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.seek(at.Moment, nil); err != nil || !ok {
		t.Fatalf("seek %v: %v, %v", at.Moment, ok, err)
	}
	if got := look(t, s); got != at {
		t.Errorf("at %+v, want %+v", got, at)
	}
	interrupt = make(chan struct{})
	close(interrupt)
	if out, err := s.reverseContinue(Limits{Interrupt: interrupt}); err != nil || out.Reason != AtInterrupt || s.Now() != at.Moment {
		t.Errorf("backwards: %+v, %v, at %v", out, err, s.Now())
	}
}

// TestCut replays what is left of a recording whose writer was killed.
func TestCut(t *testing.T) {
	quietly(t)
	whole := recordFile(t, 0, engine.Options{}, "/bin/ls", "/")
	b, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []int{50, 80, 95, 99} {
		file := filepath.Join(t.TempDir(), "cut")
		if err := os.WriteFile(file, b[:len(b)*part/100], 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := recording.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Snapshots()) == 0 {
			r.Close()
			continue
		}
		res, err := Autopilot(r, io.Discard, io.Discard)
		if err != nil {
			t.Errorf("%d%%: %v", part, err)
		}
		t.Logf("%d%%: %+v", part, res)
		r.Close()
	}
}

func TestExecIsLater(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	quietly(t)
	r := recordProgram(t, 0, engine.Options{}, "/bin/sh", "-c", "exec /bin/echo x")
	s, err := NewSession(r)
	session(t, s, err)
	if err := s.Goto("end", nil); err != nil {
		t.Fatal(err)
	}
	end := s.Now()
	if err := s.Goto("50%", nil); err != nil {
		t.Fatal(err)
	}
	middle := look(t, s)
	if !middle.Moment.Before(end) {
		t.Errorf("the middle %v is not before the end %v", middle.Moment, end)
	}
	if err := s.Goto("end", nil); err != nil || s.Now() != end {
		t.Fatalf("end again: %v, at %v, want %v", err, s.Now(), end)
	}
	for range 20 {
		if ok, err := s.reverseStep(); err != nil || !ok {
			t.Fatalf("step back: %v, %v", ok, err)
		}
	}
	if ok, err := s.seek(middle.Moment, nil); err != nil || !ok || look(t, s) != middle {
		t.Errorf("middle again: %v, %v, at %v", ok, err, s.Now())
	}
}
