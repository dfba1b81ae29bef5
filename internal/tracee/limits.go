package tracee

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// SoftLimit returns a limit of the tracee's resources in bytes, the highest
// number where there is none. Its name is that in /proc/PID/limits (proc(5)), for
// prlimit(2) needs privileges over a process of another user.
func (t *Tracee) SoftLimit(name string) (uint64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", t.TID))
	if err != nil {
		return 0, t.wrap("limit", ErrGone)
	}
	_, line, _ := strings.Cut(string(b), "\n"+name)
	soft, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	if soft == "unlimited" {
		return ^uint64(0), nil
	}
	n, err := strconv.ParseUint(soft, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s of process %d: %w", name, t.PID, err)
	}
	return n, nil
}
