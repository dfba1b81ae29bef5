package test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"
)

// TestChecksumsAreNoted looks whether --check, by which all tests would notice a
// divergence, notes checksums: of a thread that is alone, and of threads that take
// turns.
func TestChecksumsAreNoted(t *testing.T) {
	program := compiled("gcc", "spin.c", "-pthread")(t)
	for _, threads := range []string{"1", "3"} {
		t.Run(threads, func(t *testing.T) {
			dir := keepDir(t)
			file := filepath.Join(dir, "recording")
			c := command{argv: []string{program, threads}, dir: dir, timeout: time.Minute}.under("record", "-o", file, "--check")
			if o, err := c.run(); err != nil || o.status != 0 {
				t.Fatalf("status %d, %v\n%s", o.status, err, o.stderr)
			}
			o, err := command{argv: []string{hindsight, "info", "--json", file}, dir: "/", timeout: time.Minute}.run()
			if err != nil {
				t.Fatal(err)
			}
			var in struct {
				Events []struct {
					Kind  string
					Count int
				} `json:"events_by_kind"`
			}
			if err := json.Unmarshal(o.stdout, &in); err != nil {
				t.Fatal(err)
			}
			const enough = 3 // of 25
			for _, e := range in.Events {
				if e.Kind == "check" && e.Count >= enough {
					return
				}
			}
			t.Errorf("fewer than %d checksums: %v\nto reproduce: %s", enough, in.Events, c)
		})
	}
}
