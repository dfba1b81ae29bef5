package syscalls

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// constants reads the numeric constants of a source file of x/sys/unix.
func constants(t *testing.T, file string) map[string]uint64 {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/sys/unix").Output()
	if err != nil {
		t.Skipf("go list golang.org/x/sys/unix: %v", err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), file), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]uint64{}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == token.INT {
			if n, err := strconv.ParseUint(lit.Value, 0, 64); err == nil {
				values[v.Names[0].Name] = n
			}
		}
		return true
	})
	return values
}

// kernelNames are the names of the calls, by number.
func kernelNames(t *testing.T) map[int]string {
	t.Helper()
	names := map[int]string{}
	for name, nr := range constants(t, "zsysnum_linux_amd64.go") {
		if call, ok := strings.CutPrefix(name, "SYS_"); ok {
			names[int(nr)] = strings.ToLower(call)
		}
	}
	return names
}

func TestComplete(t *testing.T) {
	names := kernelNames(t)
	if len(names) < 380 {
		t.Fatalf("found only %d numbers", len(names))
	}
	for nr, name := range names {
		if r, ok := ByNumber(nr); !ok || r.Name != name || r.NR != nr {
			t.Errorf("%d: table has %q, kernel %q", nr, Name(nr), name)
		}
	}
	for _, r := range Table {
		if names[r.NR] == "" {
			t.Errorf("%d %s: not a number of the kernel", r.NR, r.Name)
		}
	}
}

func TestNoDuplicates(t *testing.T) {
	for i := 1; i < len(Table); i++ {
		if Table[i].NR <= Table[i-1].NR {
			t.Errorf("%d %s and %s", Table[i].NR, Table[i].Name, Table[i-1].Name)
		}
	}
	for _, r := range Table {
		seen := map[uint64]string{}
		for _, c := range r.Commands {
			if old := seen[c.Cmd]; old != "" {
				t.Errorf("%s: %s and %s are both %#x", r.Name, old, c.Name, c.Cmd)
			}
			seen[c.Cmd] = c.Name
		}
	}
}

func TestRowsAreSane(t *testing.T) {
	for i := range Table {
		r := &Table[i]
		checkEffect(t, Effect{r.Name, r.Class, r.Blocks, r.Fast, r.Out, r.Errno, false, r.Note})
		for _, c := range r.Commands {
			checkEffect(t, Effect{r.Name + " " + c.Name, c.Class, c.Blocks, c.Fast, c.Out, c.Errno, false, c.Note})
		}
	}
}

func checkEffect(t *testing.T, e Effect) {
	t.Helper()
	if e.Class < Data || e.Class > Unmodelled {
		t.Errorf("%s: class %v", e.Name, e.Class)
	}
	if e.Fast && (e.Class != Data || !stubbable(e.Out)) {
		t.Errorf("%s: fast, but %v with %v", e.Name, e.Class, e.Out)
	}
	if (e.Class == Refused) != (e.Errno != 0) {
		t.Errorf("%s: class %v with errno %d", e.Name, e.Class, e.Errno)
	}
	for _, o := range e.Out {
		if o.Arg > 5 || o.LenArg > 5 || o.IfArg > 5 {
			t.Errorf("%s: argument out of range in %+v", e.Name, o)
		}
		if o.Kind < OutFixed || o.Kind > OutXattrArgs {
			t.Errorf("%s: kind %d", e.Name, o.Kind)
		}
		if (o.Kind == OutFixed || o.Kind == OutTable) != (o.Size != 0) {
			t.Errorf("%s: size of %+v", e.Name, o)
		}
		if (o.Kind == OutResult || o.Kind == OutArg || o.Kind == OutValueResult || o.Kind == OutTable) != (o.Scale != 0) {
			t.Errorf("%s: scale of %+v", e.Name, o)
		}
	}
}

// TestFast names the calls that must never cost a stop.
func TestFast(t *testing.T) {
	fast := strings.Fields(`read write pread64 pwrite64 readv writev open openat close
		stat fstat lstat newfstatat statx lseek access faccessat faccessat2 getpid getppid
		gettid getuid geteuid getgid getegid getrandom clock_gettime gettimeofday time
		nanosleep clock_nanosleep poll ppoll select pselect6 epoll_wait epoll_pwait epoll_ctl
		recvfrom recvmsg recvmmsg sendto sendmsg sendmmsg getdents64 readlink readlinkat uname getcwd dup dup2 pipe2
		rt_sigprocmask wait4 accept4 getsockname getsockopt sched_yield`)
	for _, r := range Table {
		if i := slices.Index(fast, r.Name); i >= 0 {
			fast = slices.Delete(fast, i, i+1)
			if !r.Fast {
				t.Errorf("%s is not fast", r.Name)
			}
		}
	}
	if len(fast) > 0 {
		t.Errorf("not in the table: %v", fast)
	}
	for _, c := range []struct {
		nr   int
		args [6]uint64
	}{
		{unix.SYS_IOCTL, [6]uint64{0, unix.TIOCGWINSZ}},
		{unix.SYS_IOCTL, [6]uint64{0, unix.TCGETS}},
		{unix.SYS_IOCTL, [6]uint64{0, 0x541b}},
		{unix.SYS_IOCTL, [6]uint64{0, 0xffffffff<<32 | unix.TCGETS}},
		{unix.SYS_FCNTL, [6]uint64{0, unix.F_GETFL}},
		{unix.SYS_FCNTL, [6]uint64{0, unix.F_DUPFD_CLOEXEC}},
		{unix.SYS_FUTEX, [6]uint64{0, 128}},
		{unix.SYS_FUTEX, [6]uint64{0, 9 | 128 | 256}},
		{unix.SYS_MADVISE, [6]uint64{0, 0, unix.MADV_WILLNEED}},
	} {
		r, _ := ByNumber(c.nr)
		if e := r.Effect(&c.args); !e.Fast || e.Class != Data {
			t.Errorf("%s %x: %+v", r.Name, c.args, e)
		}
	}
}

func TestEffect(t *testing.T) {
	for _, c := range []struct {
		nr    int
		args  [6]uint64
		class Class
		name  string
	}{
		{unix.SYS_MADVISE, [6]uint64{0, 0, unix.MADV_DONTNEED}, Memory, "madvise MADV_DONTNEED"},
		{unix.SYS_MADVISE, [6]uint64{0, 0, 77}, Memory, "madvise"},
		{unix.SYS_FUTEX, [6]uint64{0, 6 | 128}, Thread, "futex FUTEX_LOCK_PI"},
		{unix.SYS_FCNTL, [6]uint64{0, 999}, Unmodelled, "fcntl"},
		{unix.SYS_ARCH_PRCTL, [6]uint64{0x1002}, Thread, "arch_prctl ARCH_SET_FS"},
		{unix.SYS_PRCTL, [6]uint64{59}, Thread, "prctl PR_SET_SYSCALL_USER_DISPATCH"},
		{unix.SYS_RSEQ, [6]uint64{}, Refused, "rseq"},
		{unix.SYS_IOCTL, [6]uint64{0, 0xc0481234}, Unmodelled, "ioctl 0xc0481234"},
		{unix.SYS_KILL, [6]uint64{}, Signal, "kill"},
	} {
		r, _ := ByNumber(c.nr)
		if e := r.Effect(&c.args); e.Class != c.class || e.Name != c.name {
			t.Errorf("%s %x: got %v %q, want %v %q", r.Name, c.args, e.Class, e.Name, c.class, c.name)
		}
	}
}

func TestGenericIoctl(t *testing.T) {
	const iowr = 0xc0481234 // _IOWR('\x12', 0x34, 72 bytes)
	if e := genericIoctl(iowr); !e.Generic || len(e.Out) != 1 || e.Out[0].Size != 72 {
		t.Errorf("%+v", e)
	}
	for _, req := range []uint32{0x40481234, 0x1234, 0x80001234} {
		if e := genericIoctl(req); len(e.Out) != 0 {
			t.Errorf("%#x: %+v", req, e)
		}
	}
}

// TestIoctlNumbers: the size in a number says what the command transfers,
// but for the exceptions named here.
func TestIoctlNumbers(t *testing.T) {
	odd := map[string]bool{
		"FIFREEZE": true, "FITHAW": true, "FS_IOC_GETFLAGS": true, "FS_IOC_GETVERSION": true,
		"BLKBSZGET": true, "TUNSETIFF": true, "TUNGETIFF": true,
		"TUNSETSTEERINGEBPF": true, "TUNSETFILTEREBPF": true, "RTC_PARAM_GET": true, "EVIOCSFF": true,
		"EVIOCGMASK": true, "FS_IOC_SET_ENCRYPTION_POLICY": true, "FS_IOC_GET_ENCRYPTION_PWSALT": true,
		"FS_IOC_GET_ENCRYPTION_POLICY": true, "FS_IOC_GET_ENCRYPTION_POLICY_EX": true,
		"FS_IOC_MEASURE_VERITY": true, "FS_IOC_READ_VERITY_METADATA": true,
		"UFFDIO_UNREGISTER": true, "UFFDIO_WAKE": true, "UFFDIO_WRITEPROTECT": true, "UFFDIO_CONTINUE": true, "UFFDIO_POISON": true,
	}
	for _, c := range ioctlCommands {
		req := uint32(c.Cmd)
		if req>>30 == 0 || odd[c.Name] {
			continue
		}
		read, size := req>>30&2 != 0, req>>16&0x3fff
		if read != (len(c.Out) == 1) || read && c.Out[0].Size != size {
			t.Errorf("%s: number says read %v, %d bytes; table %+v", c.Name, read, size, c.Out)
		}
	}
	if c, ok := Ioctl(unix.TIOCGWINSZ); !ok || c.Name != "TIOCGWINSZ" {
		t.Errorf("TIOCGWINSZ: %+v %v", c, ok)
	}
}

func TestIoctlConstants(t *testing.T) {
	for name, req := range map[string]uint32{
		"TCGETS": unix.TCGETS, "TCSETSF": unix.TCSETSF, "TIOCGPGRP": unix.TIOCGPGRP,
		"TIOCOUTQ": unix.TIOCOUTQ, "TIOCGSID": unix.TIOCGSID, "TIOCGPTN": unix.TIOCGPTN,
		"TCGETS2": unix.TCGETS2, "TIOCGSERIAL": unix.TIOCGSERIAL, "TIOCGICOUNT": unix.TIOCGICOUNT,
		"FICLONE": unix.FICLONE, "FICLONERANGE": unix.FICLONERANGE,
		"FS_IOC_GETFLAGS": unix.FS_IOC_GETFLAGS, "BLKGETSIZE64": unix.BLKGETSIZE64,
		"BLKBSZGET": unix.BLKBSZGET, "BLKSSZGET": unix.BLKSSZGET, "BLKSECTGET": unix.BLKSECTGET,
		"SIOCGIFCONF": unix.SIOCGIFCONF, "SIOCGIFFLAGS": unix.SIOCGIFFLAGS, "SIOCGIFMTU": unix.SIOCGIFMTU,
		"SIOCGIFINDEX": unix.SIOCGIFINDEX, "SIOCGIFHWADDR": unix.SIOCGIFHWADDR, "SIOCGARP": unix.SIOCGARP,
		"SIOCOUTQNSD": unix.SIOCOUTQNSD, "TUNSETIFF": unix.TUNSETIFF, "TUNGETIFF": unix.TUNGETIFF,
		"TUNGETFEATURES": unix.TUNGETFEATURES,
		"RNDGETENTCNT":   unix.RNDGETENTCNT, "NS_GET_OWNER_UID": unix.NS_GET_OWNER_UID,
		"LOOP_GET_STATUS64": unix.LOOP_GET_STATUS64, "HDIO_GETGEO": unix.HDIO_GETGEO,
		"PERF_EVENT_IOC_ID": unix.PERF_EVENT_IOC_ID, "SIOCGSTAMP_NEW": unix.SIOCGSTAMP_NEW,
		"FIONREAD": unix.SIOCINQ,
	} {
		if c, ok := Ioctl(req); !ok || c.Name != name {
			t.Errorf("%s %#x: %+v", name, req, c)
		}
	}
}

// TestSizes compares fixed sizes with the structures of x/sys/unix.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		nr   int
		args [6]uint64
		arg  uint8
		size uintptr
	}{
		{unix.SYS_FSTAT, [6]uint64{}, 1, unsafe.Sizeof(unix.Stat_t{})},
		{unix.SYS_NEWFSTATAT, [6]uint64{}, 2, unsafe.Sizeof(unix.Stat_t{})},
		{unix.SYS_STATX, [6]uint64{}, 4, unsafe.Sizeof(unix.Statx_t{})},
		{unix.SYS_STATFS, [6]uint64{}, 1, unsafe.Sizeof(unix.Statfs_t{})},
		{unix.SYS_USTAT, [6]uint64{}, 1, unsafe.Sizeof(unix.Ustat_t{})},
		{unix.SYS_UNAME, [6]uint64{}, 0, unsafe.Sizeof(unix.Utsname{})},
		{unix.SYS_SYSINFO, [6]uint64{}, 0, unsafe.Sizeof(unix.Sysinfo_t{})},
		{unix.SYS_TIMES, [6]uint64{}, 0, unsafe.Sizeof(unix.Tms{})},
		{unix.SYS_ADJTIMEX, [6]uint64{}, 0, unsafe.Sizeof(unix.Timex{})},
		{unix.SYS_CLOCK_GETTIME, [6]uint64{}, 1, unsafe.Sizeof(unix.Timespec{})},
		{unix.SYS_GETTIMEOFDAY, [6]uint64{}, 0, unsafe.Sizeof(unix.Timeval{})},
		{unix.SYS_TIMERFD_SETTIME, [6]uint64{}, 3, unsafe.Sizeof(unix.ItimerSpec{})},
		{unix.SYS_GETITIMER, [6]uint64{}, 1, unsafe.Sizeof(unix.Itimerval{})},
		{unix.SYS_WAIT4, [6]uint64{}, 3, unsafe.Sizeof(unix.Rusage{})},
		{unix.SYS_WAITID, [6]uint64{}, 2, unsafe.Sizeof(unix.Siginfo{})},
		{unix.SYS_PRLIMIT64, [6]uint64{}, 3, unsafe.Sizeof(unix.Rlimit{})},
		{unix.SYS_CACHESTAT, [6]uint64{}, 2, unsafe.Sizeof(unix.Cachestat_t{})},
		{unix.SYS_CAPGET, [6]uint64{}, 1, 2 * unsafe.Sizeof(unix.CapUserData{})},
		{unix.SYS_FCNTL, [6]uint64{0, unix.F_GETLK}, 2, unsafe.Sizeof(unix.Flock_t{})},
		{unix.SYS_SHMCTL, [6]uint64{0, unix.IPC_STAT}, 2, unsafe.Sizeof(unix.SysvShmDesc{})},
		{unix.SYS_PTRACE, [6]uint64{unix.PTRACE_GETREGS}, 3, unsafe.Sizeof(unix.PtraceRegs{})},
		{unix.SYS_IOCTL, [6]uint64{0, unix.TIOCGWINSZ}, 2, unsafe.Sizeof(unix.Winsize{})},
		{unix.SYS_IOCTL, [6]uint64{0, unix.TCGETS2}, 2, unsafe.Sizeof(unix.Termios{})},
		{unix.SYS_IOCTL, [6]uint64{0, unix.RTC_RD_TIME}, 2, unsafe.Sizeof(unix.RTCTime{})},
		{unix.SYS_IOCTL, [6]uint64{0, unix.LOOP_GET_STATUS64}, 2, unsafe.Sizeof(unix.LoopInfo64{})},
	} {
		r, _ := ByNumber(c.nr)
		e := r.Effect(&c.args)
		i := slices.IndexFunc(e.Out, func(o Output) bool { return o.Arg == c.arg && o.Kind == OutFixed })
		if i < 0 || uintptr(e.Out[i].Size) != c.size {
			t.Errorf("%s argument %d: %+v, want %d bytes", e.Name, c.arg, e.Out, c.size)
		}
	}
	if s := unsafe.Sizeof(unix.Msghdr{}); s != sizeofMsghdr {
		t.Errorf("struct msghdr has %d bytes", s)
	}
	if s := unsafe.Sizeof(unix.EpollEvent{}); s != 12 {
		t.Errorf("struct epoll_event has %d bytes", s)
	}
}

func TestName(t *testing.T) {
	for nr, want := range map[int]string{0: "read", 231: "exit_group", 400: "syscall_400", -1: "syscall_-1", 1 << 30: "syscall_1073741824"} {
		if got := Name(nr); got != want {
			t.Errorf("Name(%d) = %q, want %q", nr, got, want)
		}
	}
}
