package replay

import (
	"runtime"
	"testing"

	"hindsight/internal/engine"
)

const turns = `
#include <pthread.h>
#include <semaphore.h>
static sem_t turn[2];
static void *work(void *arg) {
	int me = arg != 0;
	for (int i = 0; i < 500; i++) {
		sem_post(&turn[!me]);
		sem_wait(&turn[me]);
	}
	sem_post(&turn[!me]);
	return 0;
}
int main(void) {
	pthread_t other;
	pthread_create(&other, 0, work, turn);
	work(0);
	return pthread_join(other, 0);
}
`

// TestThreadStepsBackAndForward steps threads through the switches between
// them, and back.
func TestThreadStepsBackAndForward(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r := recordProgram(t, 0, engine.Options{}, build(t, turns, "-pthread"))
	s, err := NewSession(r)
	session(t, s, err)

	switched := beforeSwitch(t, s, func(from, _ int) bool { return from != 0 })
	for _, th := range s.p.Threads() {
		stepThereAndBack(t, s, th.TID, switched)
	}
	// Where a thread ends, and nobody runs for a moment.
	switched = beforeSwitch(t, s, func(from, _ int) bool { return from == 0 })
	for _, th := range s.p.Threads() {
		if !th.Current {
			stepThereAndBack(t, s, th.TID, switched)
		}
	}
}

// beforeSwitch goes to a few instructions before a switch between threads, and
// returns the moment behind that.
func beforeSwitch(t *testing.T, s *Session, which func(from, to int) bool) Moment {
	t.Helper()
	if err := s.Goto("50%", nil); err != nil {
		t.Fatal(err)
	}
	out, err := s.forward(Limits{Switch: which})
	if err != nil || out.Reason != AtSwitch {
		t.Fatalf("no switch: %+v, %v", out, err)
	}
	behind := s.Now()
	for range 50 {
		if ok, err := s.reverseStep(); err != nil || !ok {
			t.Fatalf("step back at %v: %v, %v", s.Now(), ok, err)
		}
	}
	return behind
}

func stepThereAndBack(t *testing.T, s *Session, tid int, beyond Moment) {
	t.Helper()
	var way []engine.Regs
	stand := func() engine.Regs {
		th, ok := s.p.thread(tid)
		if !ok {
			t.Fatalf("no thread %d at %v", tid, s.Now())
		}
		return th.Regs
	}
	for range 100 {
		way = append(way, stand())
		if out, err := s.stepThread(tid, Limits{}); err != nil || out.Reason != afterStep {
			t.Fatalf("step of %d at %v: %+v, %v", tid, s.Now(), out, err)
		}
	}
	if s.Now().Before(beyond) {
		t.Errorf("thread %d: no switch on the way to %v", tid, s.Now())
	}
	for i := len(way) - 1; i >= 0; i-- {
		if out, err := s.stepThreadBack(tid, Limits{}); err != nil || out.Reason != afterStep {
			t.Fatalf("step back of %d at %v: %+v, %v", tid, s.Now(), out, err)
		}
		if at := stand(); at != way[i] {
			t.Fatalf("%d, step %d back, at %v:\n%+v, want\n%+v", tid, len(way)-i, s.Now(), at, way[i])
		}
	}
}
