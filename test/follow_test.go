package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// treeArgs are all the ways in which tree.c makes processes.
var treeArgs = []string{"fork", "vfork", "threads", "exec", "stop", "daemon"}

// TestFollow records parts of a tree of processes: what is recorded is
// replayed, and all the rest does what it does natively.
func TestFollow(t *testing.T) {
	tree, leaf := compiled("gcc", "tree.c", "-pthread")(t), compiled("gcc", "leaf.c")(t)
	ofChild := func(line string) bool {
		return strings.HasPrefix(line, "child:") || strings.HasPrefix(line, "on a cpu:")
	}
	ofLeaf := func(line string) bool { return strings.HasPrefix(line, "leaf") }
	tests := []struct {
		follow   string
		recorded int // of 13
		listed   int
		shows    func(line string) bool
	}{
		{"all", 13, 13, func(string) bool { return true }},
		{"parent", 1, 1, func(line string) bool { return !ofChild(line) && !ofLeaf(line) }},
		{"child", 12, 13, func(line string) bool { return ofChild(line) || ofLeaf(line) }},
		{"leaf", 7, 13, ofLeaf},
		{tree, 12, 13, func(line string) bool { return !ofLeaf(line) }}, // all but what was vforked
		{"*/none", 0, 13, func(string) bool { return false }},
	}
	dir := keepDir(t)
	c := command{argv: append([]string{tree, leaf}, treeArgs...), dir: dir, timeout: time.Minute}
	native, err := c.run()
	if err != nil || native.status != 5 {
		t.Fatalf("native run: status %d, %v\n%s", native.status, err, native.stdout)
	}
	for _, tt := range tests {
		t.Run(filepath.Base(tt.follow), func(t *testing.T) {
			f := followed{t: t, c: c, file: filepath.Join(dir, "recording"), follow: tt.follow}
			f.record(native)
			all := f.processes()
			n := len(slices.DeleteFunc(slices.Clone(all), func(p process) bool { return !p.recorded() }))
			if n != tt.recorded || len(all) != tt.listed {
				t.Errorf("%d processes recorded of %d, want %d of %d", n, len(all), tt.recorded, tt.listed)
			}
			var want strings.Builder
			for line := range strings.Lines(string(native.stdout)) {
				if tt.shows(line) {
					want.WriteString(line)
				}
			}
			f.replay(tt.recorded > 0, want.String())
		})
	}
}

// TestFollowPrograms follows programs through shells, scripts and what they
// execute one after the other.
func TestFollowPrograms(t *testing.T) {
	leaf := compiled("gcc", "leaf.c")(t)
	dir := keepDir(t)
	script := filepath.Join(dir, "script")
	text := "#!/bin/sh\necho script\n\"$LEAF\" one env \"$LEAF\" two\n\"$LEAF\" three sh -c 'echo four; exit 4'\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	c := command{
		argv: []string{"sh", "-c", `echo shell; "$SCRIPT"; s=$?; true; exit $s`},
		dir:  dir, env: []string{"LEAF=" + leaf, "SCRIPT=" + script}, timeout: time.Minute,
	}
	native, err := c.run()
	if err != nil || native.status != 4 {
		t.Fatalf("native run: status %d, %v\n%s", native.status, err, native.stdout)
	}
	for follow, want := range map[string]string{
		"leaf":  "leaf one\nleaf two\nleaf three\n",
		"env":   "",
		"*sh":   "shell\nscript\nfour\n",
		"child": "script\nleaf one\nleaf two\nleaf three\nfour\n",
	} {
		t.Run(follow, func(t *testing.T) {
			f := followed{t: t, c: c, file: filepath.Join(dir, "recording"), follow: follow}
			f.record(native)
			f.replay(true, want)
			if follow == "leaf" {
				f.again()
			}
		})
	}
}

// followed is one recording of a part of a tree.
type followed struct {
	t      *testing.T
	c      command
	file   string
	follow string
}

func (f *followed) record(want outcome) {
	f.t.Helper()
	c := f.c.under("record", "--check", "-o", f.file, "--follow", f.follow)
	got, err := c.run()
	if problem := disagreement(false, result{want, nil}, result{got, nil}, err); problem != "" {
		f.t.Fatalf("%s%sto reproduce: %s", problem, got.ours, c)
	}
	checkInfo(f.t, f.file, want.status)
}

// replay replays all that was recorded, if anything was.
func (f *followed) replay(recorded bool, want string) {
	f.t.Helper()
	if !replayable() {
		f.t.Skip("this build cannot replay")
	}
	status := 0
	if !recorded {
		status = 2
	}
	c := command{argv: []string{hindsight, "replay", "--autopilot", f.file}, dir: f.t.TempDir(), timeout: f.c.timeout}
	got, err := c.run()
	if err != nil || got.status != status || string(got.stdout) != want {
		f.t.Errorf("replay: status %d, %v\n%s%s", got.status, err, got.ours, firstDifference([]byte(want), got.stdout))
	}
}

// process is what hindsight ps tells of one.
type process struct {
	PID    int `json:"pid"`
	Images []struct {
		Argv   []string `json:"argv"`
		Native string   `json:"native"`
	} `json:"images"`
	End *struct{} `json:"end"`
}

func (p process) recorded() bool {
	for _, m := range p.Images {
		if m.Native == "" {
			return true
		}
	}
	return false
}

func (f *followed) processes() (all []process) {
	f.t.Helper()
	o, err := command{argv: []string{hindsight, "ps", "--json", f.file}, dir: "/", timeout: time.Minute}.run()
	if err == nil && o.status == 0 {
		err = json.Unmarshal(o.stdout, &all)
	}
	if err != nil || o.status != 0 {
		f.t.Fatalf("ps: status %d, %v\n%s", o.status, err, o.ours)
	}
	for _, p := range all {
		if p.End == nil {
			f.t.Errorf("nothing is known of the end of process %d", p.PID)
		}
	}
	return all
}

// again checks that a process that is recorded, not recorded and recorded again
// is one process, and that the first recorded one is chosen where none is named.
func (f *followed) again() {
	f.t.Helper()
	found := false
	for _, p := range f.processes() {
		var native []bool
		for _, m := range p.Images {
			native = append(native, m.Native != "")
		}
		found = found || slices.Equal(native, []bool{true, false, true, false})
	}
	if !found {
		f.t.Errorf("no process was recorded twice: %v", f.processes())
	}
	o, err := command{argv: []string{hindsight, "events", f.file}, dir: "/", timeout: time.Minute}.run()
	if err != nil || o.status != 0 || !strings.Contains(string(o.ours), "the first that was recorded: ") {
		f.t.Errorf("events: status %d, %v\n%s", o.status, err, o.ours)
	}
}
