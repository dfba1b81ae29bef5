package test

import (
	"os"
	"testing"
	"time"
)

// pythonTests are modules of Python's own tests: programs with threads,
// children, signals and sockets in all combinations.
var pythonTests = []string{
	"test_threading", "test_subprocess", "test_signal", "test_socket", "test_asyncio", "test_multiprocessing_fork",
	"test_multiprocessing_forkserver", "test_multiprocessing_spawn", "test_mmap", "test_os", "test_io", "test_time",
	"test_select", "test_selectors", "test_poll", "test_epoll", "test_queue", "test_concurrent_futures",
	"test_faulthandler",
}

// TestPython records and replays those that pass natively. They take up to
// half an hour each, so only make test-full does.
func TestPython(t *testing.T) {
	if !stressAll {
		t.Skip("takes hours: only make test-full runs it")
	}
	const python = "/usr/bin/python3"
	if _, err := os.Stat("/usr/lib/python3.11/test/test_threading.py"); err != nil {
		t.Skip("libpython3.11-testsuite is not installed")
	}
	for _, name := range pythonTests {
		t.Run(name, func(t *testing.T) {
			// Their output has times in it; that of a replay is the recorded one.
			s := subject{compare: ownInput, workDir: keepDir(t)}
			// VSOCK needs a partner that most virtual machines lack.
			s.argv = []string{python, "-m", "test", "--timeout", "3600", "-i", "*VSOCK*", name}
			s.dir, s.timeout = s.workDir, time.Hour
			want := s.native(t)
			if want.status != 0 {
				t.Skipf("fails natively with status %d", want.status)
			}
			for range repeat {
				s.inSchedules(t, want)
			}
		})
	}
}
