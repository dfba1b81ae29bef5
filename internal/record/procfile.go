package record

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/procview"
)

// afterwards are what is to be done when a call has succeeded, before it is
// logged.
var afterwards map[uint64]func(*recorder, *call) error

func init() {
	afterwards = map[uint64]func(*recorder, *call) error{
		unix.SYS_OPEN:    (*recorder).opened,
		unix.SYS_OPENAT:  (*recorder).opened,
		unix.SYS_OPENAT2: (*recorder).opened,
		unix.SYS_CREAT:   (*recorder).opened,
		unix.SYS_CHDIR:   (*recorder).moved,
		unix.SYS_FCHDIR:  (*recorder).moved,
	}
}

// procFile is a file of a process's, or a thread's, wherever /proc is mounted.
var procFile = regexp.MustCompile(`/(\d+)(?:/task/\d+)?/(\w+)$`)

// opened looks at what the program has opened. A file of a recorded process
// in /proc that would show us is replaced by one that does not: what it holds
// is that of now, also if the program reads it again later.
func (r *recorder) opened(c *call) error {
	link := fmt.Sprintf("/proc/%d/fd/%d", r.t.TID, c.result)
	file, err := os.Readlink(link)
	if err != nil {
		return nil // closed again by another, or out of our reach
	}
	name := procFile.FindStringSubmatch(file)
	shows := name != nil && (procview.Shows(name[2]) || name[2] == "mem")
	if !shows && !strings.HasPrefix(file, "/proc") {
		return nil
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(link, &fs); err != nil || fs.Type != unix.PROC_SUPER_MAGIC {
		return nil
	}
	if !shows {
		if st, err := os.Stat(link); err == nil && st.IsDir() {
			r.e.NearProc()
		}
		return nil
	}
	if name[2] == "mem" {
		r.memoryOpened()
		return nil
	}
	of := r.sup.named(name[1], r)
	if of == nil {
		return nil
	}
	th := of.threadOf(file)
	if th == nil {
		return nil
	}
	if name[2] == "status" {
		// It tells the affinity, which a burst of stops may have changed.
		of.e.Unpin()
	}
	content, err := of.view(th).File(name[2], func(name string) ([]byte, error) {
		// Beside the file that is open, in whatever /proc.
		return os.ReadFile(fmt.Sprintf("/proc/%d%s/%s", of.pid, th.dir(file), name))
	})
	if err != nil {
		return nil // the process has ended meanwhile, and the file says so
	}
	return r.replaceFile(c, path.Base(file), content)
}

// threadOf returns the thread that a file in /proc is of: of the process's
// first where the path names none.
func (r *recorder) threadOf(file string) *thread {
	number, task := taskOf(file)
	for th := range r.live {
		if task && inNamespace(th.t.TID, number) || !task && th.leads() {
			return th
		}
	}
	if task {
		return nil
	}
	return r.th // the first has ended before the others
}

// taskOf returns the thread that a path in /proc names, if it does.
func taskOf(file string) (number string, ok bool) {
	dir := path.Dir(file)
	return path.Base(dir), path.Base(path.Dir(dir)) == "task"
}

// dir is the part of a path in /proc/PID that leads to what is th's.
func (th *thread) dir(file string) string {
	if _, task := taskOf(file); task {
		return fmt.Sprintf("/task/%d", th.t.TID)
	}
	return ""
}

// moved notes that relative paths begin in /proc from now on.
func (r *recorder) moved(*call) error {
	var fs unix.Statfs_t
	if err := unix.Statfs(fmt.Sprintf("/proc/%d/cwd", r.t.TID), &fs); err == nil && fs.Type == unix.PROC_SUPER_MAGIC {
		r.e.NearProc()
	}
	return nil
}

// named returns the recorder of the process that a /proc calls by number:
// the asking one first, for a /proc of another PID namespace.
func (s *supervisor) named(number string, asking *recorder) *recorder {
	for _, r := range append([]*recorder{asking}, s.recorders()...) {
		if inNamespace(r.pid, number) {
			return r
		}
	}
	return nil
}

// inNamespace reports whether a process has a number in any of its PID
// namespaces.
func inNamespace(pid int, number string) bool {
	if strconv.Itoa(pid) == number {
		return true
	}
	_, line, _ := strings.Cut(string(readProc(pid, "status")), "NSpid:")
	line, _, _ = strings.Cut(line, "\n")
	return slices.Contains(strings.Fields(line), number)
}

// view says what is ours in the process, of its thread th.
func (r *recorder) view(th *thread) *procview.View {
	if th.waiting && !th.t.Kept() {
		// Its stop may have been told to the asking program before us.
		if stop, ok, err := th.t.Poll(); err == nil && ok {
			r.sup.dispatch(stop)
		}
	}
	filters, _ := th.policy.count()
	v := &procview.View{
		Writable: r.e.TakenWrite, Stopped: th.t.Listening(),
		SeccompMode: int(th.policy.mode()), Filters: filters,
	}
	for _, sig := range ourFaults {
		bit := uint64(1) << (sig - 1)
		v.Faults |= bit
		switch th.sigs[sig].handler {
		case sigDFL:
		case sigIGN:
			v.Ignored |= bit
		default:
			v.Caught |= bit
		}
	}
	for _, m := range r.e.Hidden() {
		v.Hidden = append(v.Hidden, procview.Range{Start: m.Start, End: m.End, Exec: m.Prot&unix.PROT_EXEC != 0})
	}
	if n, err := r.e.Resident(); err == nil {
		v.Resident = n
	}
	return v
}

// replaceFile puts a file with the given contents in the place of the one
// that the program has opened: a memfd, opened for reading only.
func (r *recorder) replaceFile(c *call, name string, content []byte) error {
	cloexec := r.openFlags(c.result) & unix.O_CLOEXEC
	memfd, err := r.e.NewFile(name, content, c.result)
	if err != nil {
		return err
	}
	if memfd == c.result {
		return r.setCloexec(memfd, cloexec != 0)
	}
	defer func() { _, _ = r.t.RemoteCall(r.e.Gadget(), unix.SYS_CLOSE, memfd) }()
	from := memfd
	link := fmt.Appendf(nil, "/proc/self/fd/%d\x00", memfd)
	if again, err := r.t.RemoteCall(r.e.Gadget(), unix.SYS_OPEN, r.e.Lend(link), unix.O_RDONLY); err == nil {
		from = again
		defer func() { _, _ = r.t.RemoteCall(r.e.Gadget(), unix.SYS_CLOSE, again) }()
	}
	if _, err := r.t.RemoteCall(r.e.Gadget(), unix.SYS_DUP3, from, c.result, cloexec); err != nil {
		return fmt.Errorf("replacing %s: %w", name, err)
	}
	return nil
}

func (r *recorder) setCloexec(fd uint64, on bool) error {
	flags := uint64(0)
	if on {
		flags = unix.FD_CLOEXEC
	}
	if _, err := r.t.RemoteCall(r.e.Gadget(), unix.SYS_FCNTL, fd, unix.F_SETFD, flags); err != nil {
		return fmt.Errorf("descriptor %d of process %d: %w", fd, r.t.PID, err)
	}
	return nil
}

// afterCallOf does what is to be done behind a successful call.
func (r *recorder) afterCallOf(c *call) error {
	after, ok := afterwards[c.nr]
	if !ok || failed(c.result) {
		return nil
	}
	return after(r, c)
}

// openFlags returns the flags that a descriptor of the guest's is open with,
// from the line in octal of proc_pid_fdinfo(5); 0 for one that is not open.
func (r *recorder) openFlags(fd uint64) uint64 {
	_, s, _ := strings.Cut(string(readProc(r.t.TID, fmt.Sprintf("fdinfo/%d", fd))), "flags:")
	s, _, _ = strings.Cut(s, "\n")
	flags, err := strconv.ParseUint(strings.TrimSpace(s), 8, 64)
	if err != nil {
		return 0
	}
	return flags
}
