package record

import (
	"errors"
	"path"
	"strings"
	"testing"
)

func TestFollow(t *testing.T) {
	tests := []struct {
		follow string
		exe    string
		argv   string
		root   bool
		want   bool
	}{
		{"all", "/bin/ls", "ls -l", true, true},
		{"all", "/bin/ls", "", false, true},
		{"parent", "/bin/ls", "ls", true, true},
		{"parent", "/bin/ls", "ls", false, false},
		{"child", "/bin/ls", "ls", true, false},
		{"child", "/bin/ls", "ls", false, true},
		{"ls", "/bin/ls", "ls", true, true},
		{"ls", "/bin/ls", "ls", false, true},
		{"ls", "/bin/lsblk", "lsblk", true, false},
		{"ls", "/bin/busybox", "ls -l", false, true},
		{"ls", "/bin/busybox", "/usr/bin/ls", false, true},
		{"ls", "/bin/busybox", "cat ls", false, false},
		{"ls", "/bin/busybox", "", false, false},
		{"python3*", "/usr/bin/python3.11", "python3 x.py", false, true},
		{"python3*", "/usr/bin/python2", "python2", false, false},
		{"/usr/bin/*", "/usr/bin/gcc", "gcc", false, true},
		{"/usr/bin/*", "/opt/gcc", "/usr/bin/gcc", false, false},
		{"cc[1x]*", "/usr/lib/gcc/cc1plus", "cc1plus", false, true},
	}
	for _, tt := range tests {
		f, err := ParseFollow(tt.follow)
		if err != nil {
			t.Errorf("%s: %v", tt.follow, err)
		}
		if got := f.Match(tt.exe, strings.Fields(tt.argv), tt.root); got != tt.want {
			t.Errorf("--follow %s: %s as %q, root %v: %v, want %v", tt.follow, tt.exe, tt.argv, tt.root, got, tt.want)
		}
		if f.String() != tt.follow || f.All() != (tt.follow == "all") {
			t.Errorf("%s: String %s, All %v", tt.follow, f.String(), f.All())
		}
	}
	if !(Follow{}).All() {
		t.Error("the zero value does not follow all")
	}
	if _, err := ParseFollow(""); err == nil {
		t.Error("an empty pattern is accepted")
	}
	if _, err := ParseFollow("a[b"); !errors.Is(err, path.ErrBadPattern) {
		t.Errorf("a[b: %v", err)
	}
}

// TestChaosSeed checks that a seed is chosen where none is given, and kept
// with the recording.
func TestChaosSeed(t *testing.T) {
	given := Options{Chaos: true, ChaosSeed: 7}
	given.chooseSeed()
	if given.ChaosSeed != 7 || manifest(&given, 1).Options["chaos"] != "7" {
		t.Errorf("seed 7 became %d", given.ChaosSeed)
	}
	random, another := Options{Chaos: true}, Options{Chaos: true}
	random.chooseSeed()
	another.chooseSeed()
	if random.ChaosSeed == 0 || random.ChaosSeed == another.ChaosSeed {
		t.Errorf("seeds %d, %d", random.ChaosSeed, another.ChaosSeed)
	}
	var none Options
	none.chooseSeed()
	if m := manifest(&none, 1); none.ChaosSeed != 0 || m.Options["chaos"] != "" || m.Options["follow"] != "" {
		t.Errorf("seed %d, options %v", none.ChaosSeed, m.Options)
	}
	var parent Options
	if err := parent.Follow.Set("parent"); err != nil || manifest(&parent, 1).Options["follow"] != "parent" {
		t.Error("--follow is not in the manifest")
	}
}
