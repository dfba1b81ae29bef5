package syscalls

import (
	"maps"
	"regexp"
	"strings"
	"testing"
)

// kernelConstants are those of x/sys/unix that may be commands.
func kernelConstants(t *testing.T) map[string]uint64 {
	t.Helper()
	all := map[string]uint64{}
	for _, file := range []string{"ztypes_linux.go", "zerrors_linux.go", "zerrors_linux_amd64.go"} {
		maps.Copy(all, constants(t, file))
	}
	if len(all) < 5000 {
		t.Fatalf("found only %d constants", len(all))
	}
	return all
}

// TestCommandNumbers compares each command that x/sys/unix knows by its name.
func TestCommandNumbers(t *testing.T) {
	kernel := kernelConstants(t)
	known := 0
	for i := range Table {
		r := &Table[i]
		for _, c := range r.Commands {
			want, ok := kernel[c.Name]
			if !ok {
				continue
			}
			known++
			if strings.HasPrefix(r.Name, "quotactl") {
				want <<= 8
			}
			if c.Cmd != want {
				t.Errorf("%s %s is %#x, in the kernel %#x", r.Name, c.Name, c.Cmd, want)
			}
		}
	}
	if known < 400 {
		t.Errorf("only %d commands compared", known)
	}
}

// TestCommandsComplete: what x/sys/unix has, the table has.
func TestCommandsComplete(t *testing.T) {
	kernel := kernelConstants(t)
	for _, c := range []struct {
		row  string
		are  string // regular expression of the names of commands
		arnt string // of those that only look so, are gone, or belong to a family
	}{
		{"prctl", `^PR_(SET|GET|CAPBSET|MCE_KILL|TASK_PERF|MPX|SVE_[SG]ET_VL$|SME_[SG]ET_VL$|PAC_\w+_KEYS$|RISCV_V_[GS]ET|RISCV_SET|PPC_[SG]ET|LOCK|CAP_AMBIENT$|SCHED_CORE$|FUTEX_HASH$|TIMER_CREATE_RESTORE_IDS$|RSEQ_SLICE_EXTENSION$)`,
			`^PR_(SET_MM_|SET_PTRACER_ANY|SET_VMA_|MCE_KILL_(CLEAR|DEFAULT|EARLY|LATE|SET))`},
		{"fcntl", `^F_(SET|GET|DUPFD|OFD|NOTIFY|ADD_SEALS|CANCELLK)`, `64$`},
		{"madvise", `^MADV_`, ``},
		{"keyctl", `^KEYCTL_`, `^KEYCTL_(CAPS|SUPPORTS|MOVE_EXCL)`},
		{"ptrace", `^PTRACE_`, `^PTRACE_(EVENT|O_|SYSCALL_INFO|PEEKSIGINFO|OLDSETOPTIONS|[GS]ETFPXREGS|GETREGSET|SECCOMP_GET_FILTER)`},
		{"ioctl", `^(TIOC|TC[SG]ET|FION|FIOC|BLK|LOOP_([SG]ET|C)|SIOC|RND|PERF_EVENT_IOC|TUN[SGAD]\w*$|FS_IOC|EVIOC[SG]FF|HDIO_GETGEO|NS_GET)`,
			`^(TC[SG]ETX|RNDGETPOOL|SIOC(GETLINKNAME|GETNODEID|GPPP|KCM|GSTAMP)|LOOP_SET_STATUS_|SIOC(DEV|PROTO)PRIVATE|SIOCINQ|SIOCOUTQ$|TIOC(PKT_|M_|SER_|INQ)|BLKPG_|LOOP_SET_BLOCK|TUN_|SIOC\w*NEW|SIOC\w*OLD|NS_GET_(NSTYPE|PARENT|USERNS|TGID|PID|MNT|ID)|TIOC\w*_[A-Z]+$|TIOCGPTPEER|TIOCCBRK)`},
	} {
		are, arnt := regexp.MustCompile(c.are), regexp.MustCompile(c.arnt)
		have := map[string]bool{}
		for i := range Table {
			if Table[i].Name == c.row {
				for _, k := range Table[i].Commands {
					have[k.Name] = true
				}
			}
		}
		for name, n := range kernel {
			if are.MatchString(name) && (c.arnt == "" || !arnt.MatchString(name)) && !have[name] {
				t.Errorf("%s %s %#x is not in the table", c.row, name, n)
			}
		}
	}
}
