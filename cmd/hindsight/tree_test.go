package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"hindsight/internal/event"
	"hindsight/internal/recording"
	"hindsight/internal/replay"
)

// began is when the synthetic tree was recorded.
var began = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

func after(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }

// member is a process of the synthetic tree.
type member struct {
	parent, pid int
	start       int // ms
	images      []recording.Image
	end         *recording.Trailer
}

var synthetic = []member{
	{end: &recording.Trailer{End: after(3000), ExitCode: 2}},
	{0, 101, 100, []recording.Image{{Argv: []string{"make", "all"}}, {Argv: []string{"sh", "-c", "cc x.c"}}},
		&recording.Trailer{End: after(2000), ExitCode: 139}},
	{1, 102, 150, []recording.Image{{Argv: []string{"cc", "x.c"}}},
		&recording.Trailer{End: after(1900), Signal: 11, CoreDumped: true}},
	{0, 103, 2100, []recording.Image{{Argv: []string{"sudo", "id"}, Native: "it is setuid"}},
		&recording.Trailer{End: after(2200)}},
	{2, 101, 1800, []recording.Image{{Argv: []string{"sleep", "100"}}, {Comm: "kept", Native: "32-bit"}}, nil},
}

// writeTree is "tree FILE": it writes a recording of synthetic processes.
// None has a snapshot; each recorded one has as many notes as its number + 1.
func writeTree(ts *testscript.TestScript, _ bool, args []string) {
	w, err := recording.Create(ts.MkAbs(args[0]), recording.Manifest{PID: 100, Argv: []string{"make", "all"}, Start: began,
		Options: map[string]string{"follow": "all", "chaos": "7"}})
	ts.Check(err)
	procs := []*recording.ProcessWriter{w.Root()}
	for _, m := range synthetic[1:] {
		p, err := w.Process(recording.Process{Parent: m.parent, PID: m.pid, Start: after(m.start),
			Origin: recording.OriginFork, Images: m.images[:1]})
		ts.Check(err)
		procs = append(procs, p)
	}
	for n := len(synthetic) - 1; n >= 0; n-- {
		ts.Check(synthetic[n].write(n, procs[n]))
	}
	ts.Check(w.Close(recording.Trailer{}))
}

// TestTreeStatus checks the exit status where processes were not replayed well.
func TestTreeStatus(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tree")
	w, err := recording.Create(path, recording.Manifest{PID: 100})
	if err == nil {
		_, err = w.Process(recording.Process{PID: 101})
	}
	if err == nil {
		err = w.Close(recording.Trailer{})
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	good, cut := replay.Result{Ended: true}, replay.Result{}
	for name, tt := range map[string]struct {
		root, child replay.Replayed
		want        int
	}{
		"good":     {replay.Replayed{Result: good}, replay.Replayed{Result: good}, 0},
		"cut":      {replay.Replayed{Result: good}, replay.Replayed{Result: cut}, 0},
		"diverged": {replay.Replayed{Result: good}, replay.Replayed{Err: &replay.Divergence{}}, exitDivergence},
		"failed":   {replay.Replayed{Err: errors.New("no memory")}, replay.Replayed{Result: good}, exitFailed},
		"both":     {replay.Replayed{Err: &replay.Divergence{}}, replay.Replayed{Err: errors.New("no memory")}, exitDivergence},
	} {
		all := r.Processes()
		tt.root.Process, tt.child.Process = all[0], all[1]
		var e exitStatus
		err := treeStatus(r, []replay.Replayed{tt.root, tt.child})
		if errors.As(err, &e); e.status != tt.want {
			t.Errorf("%s: %v, want %d", name, err, tt.want)
		}
	}
}

func (m *member) write(n int, p *recording.ProcessWriter) error {
	var err error
	if len(m.images) > 1 {
		err = p.Exec(m.images[1])
	}
	if n == 0 || m.images[0].Native == "" {
		for i := range n + 1 {
			b := event.AppendNote(nil, uint64(i), fmt.Sprintf("process %d was here", n))
			err = errors.Join(err, p.AppendEvents(b, uint64(i), uint64(i)))
		}
	}
	if m.end != nil {
		err = errors.Join(err, p.End(*m.end))
	}
	return err
}
