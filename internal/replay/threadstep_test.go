package replay

import (
	"runtime"
	"testing"

	"hindsight/internal/engine"
)

const racing = `
#include <pthread.h>
static volatile unsigned long sum;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *work(void *arg) {
	for (int i = 0; i < 200000; i++) {
		pthread_mutex_lock(&lock);
		sum += i;
		pthread_mutex_unlock(&lock);
	}
	return arg;
}
int main(void) {
	pthread_t other;
	pthread_create(&other, NULL, work, NULL);
	work(NULL);
	return pthread_join(other, NULL);
}
`

// TestThreadStepsBackAndForward steps each of two threads that take turns, on
// through switches between them, and back.
func TestThreadStepsBackAndForward(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r := recordProgram(t, 0, engine.Options{}, build(t, racing, "-pthread"))
	s, err := NewSession(r)
	session(t, s, err)
	switched := switchAt(t, s)
	threads := s.p.Threads()
	if len(threads) != 2 {
		t.Fatalf("%d threads at %v", len(threads), s.Now())
	}
	for _, th := range threads {
		var way []engine.Regs
		for range 200 {
			at, _ := s.p.thread(th.TID)
			way = append(way, at.Regs)
			if out, err := s.stepThread(th.TID, Limits{}); err != nil || out.Reason != afterStep {
				t.Fatalf("step of %d at %v: %+v, %v", th.TID, s.Now(), out, err)
			}
		}
		if s.Now().Before(switched) {
			t.Errorf("thread %d: no switch on the way to %v", th.TID, s.Now())
		}
		for i := len(way) - 1; i >= 0; i-- {
			if out, err := s.stepThreadBack(th.TID, Limits{}); err != nil || out.Reason != afterStep {
				t.Fatalf("step back of %d at %v: %+v, %v", th.TID, s.Now(), out, err)
			}
			if at, _ := s.p.thread(th.TID); at.Regs != way[i] {
				t.Fatalf("%d, step %d back, at %v:\n%+v, want\n%+v", th.TID, len(way)-i, s.Now(), at.Regs, way[i])
			}
		}
	}
}

// switchAt goes to a few instructions before a switch between threads, and
// returns the moment behind that.
func switchAt(t *testing.T, s *Session) Moment {
	t.Helper()
	if err := s.Goto("50%", nil); err != nil {
		t.Fatal(err)
	}
	out, err := s.forward(Limits{Switch: func(_, to int) bool { return to != 0 }})
	if err != nil || out.Reason != AtSwitch {
		t.Fatalf("no switch: %+v, %v", out, err)
	}
	at := s.Now()
	for range 50 {
		if ok, err := s.reverseStep(); err != nil || !ok {
			t.Fatalf("step back at %v: %v, %v", s.Now(), ok, err)
		}
	}
	return at
}
