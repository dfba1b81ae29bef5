package replay

import (
	"testing"

	"golang.org/x/sys/unix"

	"hindsight/internal/event"
)

// TestExitStatus compares recorded ends with the calls that the guest stands before.
func TestExitStatus(t *testing.T) {
	for _, c := range []struct {
		name   string
		x      event.Exit
		nr     uint64
		status uint64
		leads  bool
		want   bool
	}{
		{"same", event.Exit{Code: 3}, unix.SYS_EXIT_GROUP, 3, true, true},
		{"low byte", event.Exit{Code: 0xff}, unix.SYS_EXIT_GROUP, ^uint64(0), true, true},
		{"other", event.Exit{Code: 3}, unix.SYS_EXIT_GROUP, 4, true, false},
		{"other, any thread", event.Exit{Code: 3}, unix.SYS_EXIT_GROUP, 4, false, false},
		{"first thread's exit", event.Exit{Code: 3}, unix.SYS_EXIT, 4, true, false},
		{"another thread's exit", event.Exit{Code: 3}, unix.SYS_EXIT, 4, false, true},
		{"killed", event.Exit{Signal: 9}, unix.SYS_EXIT_GROUP, 4, true, true},
	} {
		if got := exitsWith(&c.x, c.nr, c.status, c.leads); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
