// Package procview turns what the files of /proc/PID tell of a recorded
// process into what they would tell without the recorder: without its memory,
// its write protection and its ptrace. It is pure: text in, text out.
package procview

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Range is memory of the recorder's in the process.
type Range struct {
	Start, End uint64
	Exec       bool
}

// View is what is to be hidden of one process.
type View struct {
	Hidden []Range
	// Writable reports whether the program may write to the page at an address
	// where the kernel says that it may not.
	Writable func(addr uint64) bool
	// Resident is how much of the hidden memory is in RAM, in bytes.
	Resident uint64
	// Stopped says that job control has stopped the process, which the kernel
	// does not tell of one that is traced.
	Stopped bool
	// Faults are signals of which the kernel may have lost the program's disposition;
	// those of them that it ignores, and that it catches: bit n-1 for signal n.
	Faults, Ignored, Caught uint64
	// SeccompMode and Filters are what seccomp(2) has been asked for and the
	// kernel has not been told.
	SeccompMode, Filters int
}

// reader reads a file of the process's in /proc.
type reader func(name string) ([]byte, error)

// files are the files that show us, by their name in /proc/PID (proc(5)).
var files = map[string]func(*View, reader) ([]byte, error){
	"maps":         from("maps", (*View).maps),
	"smaps":        from("smaps", (*View).maps),
	"smaps_rollup": (*View).rollup,
	"numa_maps":    from("numa_maps", (*View).numaMaps),
	"status":       from("status", (*View).status),
	"stat":         from("stat", (*View).stat),
	"statm":        from("statm", (*View).statm),
	"syscall":      always("running\n"),
	"wchan":        always("0"),
}

func from(name string, change func(*View, []byte) []byte) func(*View, reader) ([]byte, error) {
	return func(v *View, read reader) ([]byte, error) {
		b, err := read(name)
		if err != nil {
			return nil, err
		}
		return change(v, b), nil
	}
}

// always is for what a process that reads of itself finds.
func always(text string) func(*View, reader) ([]byte, error) {
	return func(*View, reader) ([]byte, error) { return []byte(text), nil }
}

// Shows reports whether a file in /proc/PID shows the recorder.
func Shows(name string) bool { return files[name] != nil }

// File returns the contents of a file in /proc/PID as they would be without
// us. read reads the files there as they are.
func (v *View) File(name string, read func(name string) ([]byte, error)) ([]byte, error) {
	return files[name](v, read)
}

func (v *View) hides(start uint64) bool {
	for _, h := range v.Hidden {
		if h.Start <= start && start < h.End {
			return true
		}
	}
	return false
}

// size returns how many bytes are hidden, and how many of them are code.
func (v *View) size() (all, code uint64) {
	for _, h := range v.Hidden {
		all += h.End - h.Start
		if h.Exec {
			code += h.End - h.Start
		}
	}
	return all, code
}

// numaMaps drops lines by their first word, an address.
func (v *View) numaMaps(b []byte) []byte {
	var out []byte
	for line := range bytes.Lines(b) {
		word, _, _ := strings.Cut(string(line), " ")
		if start, err := strconv.ParseUint(word, 16, 64); err != nil || !v.hides(start) {
			out = append(out, line...)
		}
	}
	return out
}

// status corrects the lines that count memory, and those that tell of ptrace.
func (v *View) status(b []byte) []byte {
	all, code := v.size()
	less := map[string]uint64{
		"VmPeak": all, "VmSize": all, "VmLib": code,
		"VmHWM": v.Resident, "VmRSS": v.Resident, "RssShmem": v.Resident,
	}
	var out []byte
	for line := range bytes.Lines(b) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), ":")
		switch {
		case name == "State" && strings.Contains(rest, "(tracing stop)"):
			out = fmt.Appendf(out, "State:\t%s\n", v.state())
		case name == "TracerPid":
			out = append(out, "TracerPid:\t0\n"...)
		case name == "SigIgn":
			out = fmt.Appendf(out, "%s:\t%s\n", name, v.signals(rest, v.Ignored))
		case name == "SigCgt":
			out = fmt.Appendf(out, "%s:\t%s\n", name, v.signals(rest, v.Caught))
		case name == "Seccomp" && v.SeccompMode != 0:
			out = fmt.Appendf(out, "%s:\t%d\n", name, v.SeccompMode)
		case name == "Seccomp_filters" && v.Filters != 0:
			// A container's own filters are counted already.
			n, _ := strconv.Atoi(strings.TrimSpace(rest))
			out = fmt.Appendf(out, "%s:\t%d\n", name, n+v.Filters)
		case less[name] != 0:
			kb, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				out = append(out, line...)
				break
			}
			out = fmt.Appendf(out, "%s:\t%8d kB\n", name, minus(kb, less[name]>>10))
		default:
			out = append(out, line...)
		}
	}
	return out
}

// signals replaces what a set says of v.Faults.
func (v *View) signals(set string, faults uint64) string {
	set = strings.TrimSpace(set)
	mask, err := strconv.ParseUint(set, 16, 64)
	if err != nil {
		return set
	}
	return fmt.Sprintf("%016x", mask&^v.Faults|faults)
}

// dispositions is signals for a field of stat, a decimal number without signal 32.
func (v *View) dispositions(fields []string, i int, faults uint64) {
	if i >= len(fields) {
		return
	}
	if mask, err := strconv.ParseUint(fields[i], 10, 64); err == nil {
		fields[i] = strconv.FormatUint(mask&^v.Faults|faults, 10)
	}
}

func (v *View) state() string {
	if v.Stopped {
		return "T (stopped)"
	}
	return "R (running)"
}

func minus(a, b uint64) uint64 { return a - min(a, b) }

// Fields of /proc/PID/stat behind the command's name, from 0 (proc_pid_stat(5)
// counts from 1, and the name is 2).
const (
	statState   = 3 - 3
	statVsize   = 23 - 3
	statRSS     = 24 - 3
	statIgnored = 33 - 3
	statCaught  = 34 - 3
	page        = 4096
)

func (v *View) stat(b []byte) []byte {
	// The name may hold anything.
	i := bytes.LastIndex(b, []byte(") "))
	if i < 0 {
		return b
	}
	all, _ := v.size()
	fields := strings.Split(string(b[i+2:]), " ")
	if fields[statState] == "t" {
		fields[statState] = v.state()[:1]
	}
	lessen(fields, statVsize, all)
	lessen(fields, statRSS, v.Resident/page)
	v.dispositions(fields, statIgnored, v.Ignored)
	v.dispositions(fields, statCaught, v.Caught)
	return append(bytes.Clone(b[:i+2]), strings.Join(fields, " ")...)
}

func (v *View) statm(b []byte) []byte {
	const size, resident, shared = 0, 1, 2
	all, _ := v.size()
	fields := strings.Split(string(b), " ")
	lessen(fields, size, all/page)
	lessen(fields, resident, v.Resident/page)
	lessen(fields, shared, v.Resident/page)
	return []byte(strings.Join(fields, " "))
}

// lessen subtracts n from a field, where there is one.
func lessen(fields []string, i int, n uint64) {
	if i >= len(fields) {
		return
	}
	if old, err := strconv.ParseUint(fields[i], 10, 64); err == nil {
		fields[i] = strconv.FormatUint(minus(old, n), 10)
	}
}
