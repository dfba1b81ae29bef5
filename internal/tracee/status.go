package tracee

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// StatusMask returns a set that the kernel tells of a task in its status file, of
// signals or capabilities (proc(5)). The task is its directory in /proc: a number,
// thread-self, or PID/task/TID.
func StatusMask(task, field string) (uint64, error) {
	b, err := os.ReadFile("/proc/" + task + "/status")
	if err != nil {
		return 0, fmt.Errorf("%s of task %s: %w", field, task, err)
	}
	_, rest, _ := strings.Cut(string(b), "\n"+field+":")
	line, _, _ := strings.Cut(rest, "\n")
	mask, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	if err != nil {
		return 0, fmt.Errorf("%s of task %s: %w", field, task, err)
	}
	return mask, nil
}
