package record

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
)

// dumpable makes PR_SET_DUMPABLE and PR_GET_DUMPABLE. The memory of a process
// that is not dumpable is closed to a tracer without privileges: such a wish is
// remembered and not carried out.
func (r *recorder) dumpable(g engine.Regs, c *call) error {
	const set = 4
	switch {
	case c.args[0] == set && c.args[1] == 0:
		r.undumpable = true
		r.e.Supervise(unix.SYS_PRCTL, true)
		c.result = 0
	case c.args[0] == set:
		if err := r.execute(g, c); err != nil || c.interrupted {
			return err
		}
		r.undumpable = r.undumpable && failed(c.result)
	case r.undumpable:
		c.result = 0
	default:
		return r.plain(g, c)
	}
	return r.complete(g, c)
}

// tell says something to the user and in the recording, once.
func (r *recorder) tell(line string) error {
	if r.told[line] {
		return nil
	}
	r.report("%s", line)
	return r.log(event.AppendNote(nil, r.e.Tick(), line))
}

// unrecordable says why the image that a process has just executed cannot be
// recorded, if it cannot.
func (r *recorder) unrecordable() (string, error) {
	regs, err := r.t.Regs()
	if err != nil {
		return "", err
	}
	switch {
	case regs.Cs == user32:
		return "32-bit programs cannot be recorded", nil
	case filters(r.pid) > filters(os.Getpid()):
		return "a program under a seccomp filter of an unrecorded one cannot be recorded", nil
	case !r.widen():
		return "a program with so tight a limit of its address space (ulimit -v) cannot be recorded", nil
	}
	return "", nil
}

// user32 is __USER32_CS (arch/x86/include/asm/segment.h).
const user32 = 0x23

// filters returns how many seccomp filters the kernel applies to a process.
func filters(pid int) (n int) {
	_, line, _ := strings.Cut(string(readProc(pid, "status")), "Seccomp_filters:")
	// A kernel that does not tell has none for all we know.
	_, _ = fmt.Sscan(line, &n)
	return n
}

// tellPrivileges says what becomes of a program's set-user-ID and set-group-ID
// bits: the kernel ignores them where the tracer has no privileges
// (execve(2)).
func (r *recorder) tellPrivileges() {
	st, err := os.Stat(fmt.Sprintf("/proc/%d/exe", r.t.PID))
	if err != nil || st.Mode()&(os.ModeSetuid|os.ModeSetgid) == 0 || os.Geteuid() == 0 {
		return
	}
	how := "is recorded"
	if r.omitted != "" {
		how = "is watched for what it starts"
	}
	r.report("%s runs without the privileges of its file's owner while it %s, unless hindsight runs as root", imageOf(r.t.PID, 0).Exe, how)
}
