package replay

import (
	"runtime"
	"testing"
	"time"

	"hindsight/internal/engine"
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
	s, err := NewSession(r)
	session(t, s, err)
	if err := s.Goto("70%", nil); err != nil {
		t.Fatal(err)
	}
	const steps = 1000
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
	t.Logf("%v for each step back", time.Since(began)/steps)
}
