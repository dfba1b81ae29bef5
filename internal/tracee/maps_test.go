package tracee

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

const mapsText = `00400000-00452000 r-xp 00001000 08:02 173521      /usr/bin/dbus-daemon
00e03000-00e24000 rw-p 00000000 00:00 0           [heap]
7f0000000000-7f0000001000 rw-s 00000000 00:01 2049  /dev/zero (deleted)
7f0000002000-7f0000003000 ---p 00000000 00:00 0 
7f0000004000-7f0000005000 r--p 00000000 103:05 12   /home/a b/new\012line
7f0000006000-7f0000007000 rw-p 00000000 00:00 0                          [anon:glibc: malloc]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`

func TestParseMaps(t *testing.T) {
	const r, w, x = unix.PROT_READ, unix.PROT_WRITE, unix.PROT_EXEC
	want := []Mapping{
		{Start: 0x400000, End: 0x452000, Prot: r | x, Offset: 0x1000, Dev: unix.Mkdev(8, 2), Inode: 173521, Path: "/usr/bin/dbus-daemon"},
		{Start: 0xe03000, End: 0xe24000, Prot: r | w, Path: "[heap]"},
		{Start: 0x7f0000000000, End: 0x7f0000001000, Prot: r | w, Shared: true, Dev: unix.Mkdev(0, 1), Inode: 2049, Path: "/dev/zero", Deleted: true},
		{Start: 0x7f0000002000, End: 0x7f0000003000},
		{Start: 0x7f0000004000, End: 0x7f0000005000, Prot: r, Dev: unix.Mkdev(0x103, 5), Inode: 12, Path: "/home/a b/new\nline"},
		{Start: 0x7f0000006000, End: 0x7f0000007000, Prot: r | w, Path: "[anon:glibc: malloc]"},
		{Start: 0xffffffffff600000, End: 0xffffffffff601000, Prot: x, Path: "[vsyscall]"},
	}
	got, err := ParseMaps([]byte(mapsText))
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := ParseMaps(nil); err != nil || len(got) != 0 {
		t.Errorf("empty file: %v, %v", got, err)
	}
}

func TestParseMapsErrors(t *testing.T) {
	for _, line := range []string{
		"\n",
		"00400000 r-xp 00000000 08:02 1",
		"00400000-0 r-xp 00000000 08:02 1",
		"0-1 rxwp 00000000 08:02 1",
		"0-1 r-x 00000000 08:02 1",
		"0-1 r-xq 00000000 08:02 1",
		"0-1 r-xp 00000000 0802 1",
		"0-1 r-xp 00000000 08:02",
		"0-1 r-xp x 08:02 1",
		"0-10000000000000000 r-xp 0 08:02 1",
		"0-1 r-xp 0 100000000:02 1",
	} {
		if ms, err := ParseMaps([]byte(line)); err == nil {
			t.Errorf("%q is read as %+v", line, ms)
		}
	}
}

func FuzzParseMaps(f *testing.F) {
	f.Add([]byte(mapsText))
	if own, err := os.ReadFile("/proc/self/maps"); err == nil {
		f.Add(own)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ms, err := ParseMaps(b)
		if err != nil && ms != nil {
			t.Error("both mappings and an error")
		}
		for _, m := range ms {
			if m.End < m.Start || m.Deleted && !m.File() {
				t.Errorf("%+v", m)
			}
		}
	})
}

func TestMapsOfTracee(t *testing.T) {
	tr := guest(t, "spin")
	ms, err := tr.Maps()
	must(t, err)
	found := map[string]bool{}
	pc := regs(t, tr).Rip
	for _, m := range ms {
		found[m.Path] = true
		if pc >= m.Start && pc < m.End && (m.Prot&unix.PROT_EXEC == 0 || !m.File() || m.Inode == 0) {
			t.Errorf("code at %#x is in %+v", pc, m)
		}
	}
	for _, want := range []string{"[stack]", "[vdso]", guestFile(t)} {
		if !found[want] {
			t.Errorf("no mapping of %s", want)
		}
	}
}
