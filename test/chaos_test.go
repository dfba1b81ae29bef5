package test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// manySeeds is after how many recordings a race that --chaos cannot show is one
// that it does not find. Those here show in one of 10 to 20.
const manySeeds = 300

// TestChaosFindsRaces looks for a seed with which a program fails that natively
// hardly ever does, and replays that failure.
func TestChaosFindsRaces(t *testing.T) {
	sources, err := filepath.Glob(filepath.Join("testdata", "races", "*.c"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, src := range sources {
		t.Run(strings.TrimSuffix(filepath.Base(src), ".c"), func(t *testing.T) {
			t.Parallel()
			dir := keepDir(t)
			program := command{argv: []string{compile(t, "gcc", src, "-O1", "-pthread")}, dir: dir, timeout: time.Minute}
			file := filepath.Join(dir, "recording")
			for seed := 1; seed <= manySeeds; seed++ {
				c := program.under("record", "-o", file, fmt.Sprintf("--chaos=%d", seed))
				found, err := c.run()
				if err != nil || found.status > 1 {
					t.Fatalf("status %d, %v\n%s\nto reproduce: %s", found.status, err, found.stderr, c)
				}
				if found.status == 0 {
					continue
				}
				t.Logf("found with seed %d", seed)
				again, err := command{argv: []string{hindsight, "replay", "--autopilot", file}, dir: "/", timeout: time.Minute}.run()
				if err != nil || again.status != 0 || string(again.stdout) != string(found.stdout) {
					t.Errorf("replay: status %d, %v: %q, want %q\n%s", again.status, err, again.stdout, found.stdout, again.stderr)
				}
				return
			}
			t.Errorf("not found with %d seeds", manySeeds)
		})
	}
}
