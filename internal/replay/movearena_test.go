package replay

import (
	"runtime"
	"testing"

	"hindsight/internal/engine"
)

// TestBackOverTakenPlaces goes back and forth over mappings that the program
// makes where our memory is: that of the arena, that of its code's translations,
// and the second mapping of shared memory; and over stacks that grow to there.
func TestBackOverTakenPlaces(t *testing.T) {
	mapAt := func(place string) string {
		return `
			char *want = ` + place + `;
			char *p = mmap(want, 1 << 24, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			if (p != want)
				return 1;
			sum += *p = i + 1;
			if (i % 2)
				munmap(p, 1 << 24);`
	}
	growAt := func(place string) string {
		return `
			char *top = ` + place + `;
			volatile char *p = mmap(top - 4096, 4096, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
			for (int n = 0; n < 1200; n++)
				sum += p[-n * 4096] = n;
			munmap(top - (1 << 24), 1 << 24);`
	}
	for name, step := range map[string]string{
		"arena":               mapAt("(char *)0x567000000000 + i * (4ul << 30)"),
		"code cache":          mapAt("(char *)(((unsigned long)main & -(256ul << 20)) - (i + 1) * (256ul << 20))"),
		"stack in arena":      growAt("(char *)0x567000000000 + i % 2 * (4ul << 30) + (11 << 20)"),
		"stack in code cache": growAt("(char *)(((unsigned long)main & -(256ul << 20)) - (3 + i % 2) * (256ul << 20) + (3 << 20))"),
		"alias": "shared[i * 300] += i; sum += shared[i * 200] + work(1000) + shared[300];" +
			mapAt("(char *)0x2a0000000000 - i * 4096") + "shared[i * 300] += i; sum += shared[i * 200] + shared[300];",
	} {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			quietly(t)
			r := recordProgram(t, 0, engine.Options{}, build(t, `
				#define _GNU_SOURCE
				#include <sys/mman.h>
				#include <unistd.h>
				enum { RW = PROT_READ | PROT_WRITE };
				static int work(int n) { volatile int sum = 0; for (int i = 0; i < n; i++) sum += i % 7; return sum; }
				int main(void) {
					int sum = 0, fd = memfd_create("shared", 0);
					ftruncate(fd, 1 << 16);
					volatile int *shared = mmap((char *)0x6a0000000000, 1 << 16, RW, MAP_SHARED | MAP_FIXED, fd, 0);
					for (long i = 0; i < 5; i++) {
						sum += work(20000);
						`+step+`
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
