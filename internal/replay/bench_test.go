package replay

import (
	"os/exec"
	"runtime"
	"testing"

	"hindsight/internal/engine"
)

func BenchmarkRestore(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, err := exec.LookPath("python3"); err != nil {
		b.Skip(err)
	}
	r := recordProgram(b, 0, engine.Options{}, "python3", "-c", "pass")
	s, err := NewSession(r)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.Goto("50%", nil); err != nil {
		b.Fatal(err)
	}
	if err := s.keep(); err != nil {
		b.Fatal(err)
	}
	c := s.points[len(s.points)-1]
	for b.Loop() {
		if err := s.p.restore(c); err != nil {
			b.Fatal(err)
		}
		if _, err := s.p.Step(Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
