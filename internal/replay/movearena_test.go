package replay

import (
	"runtime"
	"testing"

	"hindsight/internal/engine"
)

// TestBackOverTakenPlaces goes back and forth over mappings that the program
// makes where our memory is: that of the arena, and that of its code's
// translations.
func TestBackOverTakenPlaces(t *testing.T) {
	for name, place := range map[string]string{
		"arena":      "(char *)0x567000000000 + i * (4ul << 30)",
		"code cache": "(char *)(((unsigned long)main & -(256ul << 20)) - (i + 1) * (256ul << 20))",
	} {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			quietly(t)
			r := recordProgram(t, 0, engine.Options{}, build(t, `
				#include <sys/mman.h>
				static int work(int n) { volatile int sum = 0; for (int i = 0; i < n; i++) sum += i % 7; return sum; }
				int main(void) {
					int sum = 0;
					for (long i = 0; i < 5; i++) {
						char *want = `+place+`;
						sum += work(20000);
						char *p = mmap(want, 1 << 24, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
						if (p != want)
							return 1;
						sum += *p = i + 1;
						if (i % 2)
							munmap(p, 1 << 24);
					}
					return sum % 100 + work(20000) % 2;
				}`))
			s, err := NewSession(r)
			session(t, s, err)
			var way []standing
			var points []*checkpoint
			for _, to := range []string{"start", "20%", "35%", "50%", "65%", "80%", "95%", "end"} {
				if err := s.Goto(to, nil); err != nil {
					t.Fatal(err)
				}
				way = append(way, look(t, s))
				c, err := s.p.checkpoint()
				if err != nil {
					t.Fatal(err)
				}
				points = append(points, c)
				defer func() {
					if err := c.free(); err != nil {
						t.Error(err)
					}
				}()
			}
			for from := range way {
				for to := from; to < len(way); to++ {
					i := len(way) - 1 - from // the latest first
					if err := s.p.restore(points[i]); err != nil {
						t.Fatalf("return to %v: %v", way[i].Moment, err)
					}
					if got := look(t, s); got != way[i] {
						t.Fatalf("at %+v, want %+v", got, way[i])
					}
					if ok, err := s.seek(way[to].Moment, nil); err != nil || !ok {
						t.Fatalf("from %v to %v: %v, %v", way[i].Moment, way[to].Moment, ok, err)
					}
					if got := look(t, s); got != way[to] {
						t.Fatalf("at %+v, want %+v", got, way[to])
					}
				}
			}
			for range 300 {
				if ok, err := s.reverseStep(); err != nil || !ok {
					t.Fatalf("step back at %v: %v, %v", s.Now(), ok, err)
				}
			}
			if err := s.Goto("end", nil); err != nil {
				t.Fatal(err)
			}
			if got := look(t, s); got != way[len(way)-1] {
				t.Errorf("end: at %+v, want %+v", got, way[len(way)-1])
			}
		})
	}
}
