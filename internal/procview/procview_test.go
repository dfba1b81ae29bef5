package procview

import (
	"strings"
	"testing"
)

const ours = 0x2a0000000000

// view hides a page of data and a page of code at ours, and says that the page
// at 0x402000 may be written.
var view = &View{
	Hidden:   []Range{{Start: ours, End: ours + 0x1000}, {Start: ours + 0x1000, End: ours + 0x2000, Exec: true}},
	Writable: func(addr uint64) bool { return addr == 0x402000 },
	Resident: 0x1000,
}

const maps = `00401000-00402000 rwxp 00001000 fe:00 7                                  /bin/it
00402000-00403000 r-xp 00002000 fe:00 7                                  /bin/it
00403000-00404000 rwxp 00003000 fe:00 7                                  /bin/it
00404000-00405000 rw-p 00000000 00:00 0 
2a0000000000-2a0000001000 rw-s 00000000 00:01 9                          /memfd:hindsight (deleted)
2a0000001000-2a0000002000 r-xs 00001000 00:01 9                          /memfd:hindsight (deleted)
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
`

func contents(m map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) { return []byte(m[name]), nil }
}

func show(t *testing.T, v *View, name string, files map[string]string) string {
	t.Helper()
	b, err := v.File(name, contents(files))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestMaps(t *testing.T) {
	want := `00401000-00404000 rwxp 00001000 fe:00 7                                  /bin/it
00404000-00405000 rw-p 00000000 00:00 0 
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
`
	if got := show(t, view, "maps", map[string]string{"maps": maps}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestMapsKept: mappings that the kernel keeps apart for reasons of its own
// stay apart.
func TestMapsKept(t *testing.T) {
	apart := "00404000-00405000 rw-p 00000000 00:00 0 \n00405000-00406000 rw-p 00000000 00:00 0 \n"
	if got := show(t, view, "maps", map[string]string{"maps": apart}); got != apart {
		t.Errorf("got\n%s", got)
	}
}

const smaps = `00401000-00402000 rw-p 00000000 00:00 0 
Size:                  4 kB
KernelPageSize:        4 kB
Rss:                   4 kB
Pss:                   4 kB
THPeligible:           0
VmFlags: rd wr mr mw me ac 
00402000-00403000 r--p 00000000 00:00 0 
Size:                  4 kB
KernelPageSize:        4 kB
Rss:                   4 kB
Pss:                   2 kB
THPeligible:           0
VmFlags: rd mr mw me ac 
2a0000000000-2a0000001000 rw-s 00000000 00:01 9                          /memfd:hindsight (deleted)
Size:                  4 kB
KernelPageSize:        4 kB
Rss:                   4 kB
Pss:                   3 kB
`

func TestSmaps(t *testing.T) {
	want := `00401000-00403000 rw-p 00000000 00:00 0 
Size:                  8 kB
KernelPageSize:        4 kB
Rss:                   8 kB
Pss:                   6 kB
THPeligible:           0
VmFlags: rd wr mr mw me ac 
`
	if got := show(t, view, "smaps", map[string]string{"smaps": smaps}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestRollup(t *testing.T) {
	files := map[string]string{"smaps": smaps, "smaps_rollup": `00401000-2a0000001000 ---p 00000000 00:00 0                              [rollup]
Rss:                  12 kB
Pss:                   9 kB
Pss_Anon:              6 kB
Pss_Shmem:             3 kB
`}
	want := `00401000-00403000 ---p 00000000 00:00 0                                  [rollup]
Rss:                   8 kB
Pss:                   6 kB
Pss_Anon:              6 kB
Pss_Shmem:             0 kB
`
	if got := show(t, view, "smaps_rollup", files); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestStatus(t *testing.T) {
	const in = "Name:\tit\nState:\tt (tracing stop)\nTracerPid:\t77\nVmPeak:\t     108 kB\nVmSize:\t     100 kB\nVmRSS:\t      20 kB\nVmLib:\t      10 kB\nSigIgn:\t0000000000000410\nSigCgt:\t0000000000000001\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n"
	v := *view
	v.SeccompMode, v.Filters = 2, 3
	v.Faults, v.Ignored, v.Caught = 0x450, 0x40, 0x400
	want := "Name:\tit\nState:\tR (running)\nTracerPid:\t0\nVmPeak:\t     100 kB\nVmSize:\t      92 kB\nVmRSS:\t      16 kB\nVmLib:\t       6 kB\nSigIgn:\t0000000000000040\nSigCgt:\t0000000000000401\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t4\n"
	if got := show(t, &v, "status", map[string]string{"status": in}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	v.Stopped = true
	if got := show(t, &v, "status", map[string]string{"status": in}); !strings.Contains(got, "State:\tT (stopped)\n") {
		t.Errorf("stopped by job control:\n%s", got)
	}
}

func TestStat(t *testing.T) {
	const in = "7 (a) t b) t 1 7 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 99 1000000 50 18446744073709551615 1 2 3 4 5 0 0 1040 1 0\n"
	want := "7 (a) t b) R 1 7 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 99 991808 49 18446744073709551615 1 2 3 4 5 0 0 64 1025 0\n"
	v := *view
	v.Faults, v.Ignored, v.Caught = 0x450, 0x40, 0x400
	if got := show(t, &v, "stat", map[string]string{"stat": in}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := show(t, view, "statm", map[string]string{"statm": "100 20 10 1 0 30 0\n"}); got != "98 19 9 1 0 30 0\n" {
		t.Errorf("statm: %s", got)
	}
}

func TestNumaMaps(t *testing.T) {
	const in = "00401000 default file=/bin/it mapped=3\n2a0000000000 default file=/memfd:hindsight\\040(deleted) mapped=1\n"
	if got := show(t, view, "numa_maps", map[string]string{"numa_maps": in}); got != in[:strings.Index(in, "2a")] {
		t.Errorf("got %s", got)
	}
}

// FuzzFile: whatever the kernel writes one day, the rest stays what it is and
// nothing goes wrong.
func FuzzFile(f *testing.F) {
	f.Add("maps", maps)
	f.Add("smaps", smaps)
	f.Add("stat", "1 (x) t 2\n")
	f.Add("status", "VmSize:\n")
	f.Fuzz(func(t *testing.T, name, content string) {
		if !Shows(name) {
			return
		}
		if _, err := view.File(name, contents(map[string]string{name: content, "smaps": content})); err != nil {
			t.Error(err)
		}
	})
}
