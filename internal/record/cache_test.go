package record_test

import (
	"fmt"
	"path/filepath"
	"testing"
)

// cacheStats is what --stats says of the code cache.
type cacheStats struct{ units, insts, exits, links, emptied, flushes int }

func statsOf(t *testing.T, flags, argv []string) (s cacheStats) {
	t.Helper()
	command := append([]string{hindsight(t), "record", "--stats", "-o", filepath.Join(t.TempDir(), "r")}, flags...)
	o := run(t, append(append(command, "--"), argv...)...)
	if _, err := fmt.Sscanf(o.stderr, "hindsight: %d units, %d instructions, %d exits, %d links, %d parts emptied, %d flushes",
		&s.units, &s.insts, &s.exits, &s.links, &s.emptied, &s.flushes); err != nil {
		t.Fatalf("%v in %q", err, o.stderr)
	}
	return s
}

// A program that needs a little more code than the cache holds, over and over,
// finds most of it there. Nothing is dropped that need not be.
func TestSmallCache(t *testing.T) {
	argv := []string{compile(t, "many"), "10"}
	native := run(t, argv...)
	small := []string{"--check", "--cache-size=262144"}
	recordAndReplay(t, native, small, argv)

	all := statsOf(t, nil, argv)
	if all.emptied != 0 || all.flushes != 0 {
		t.Errorf("with room for everything: %+v", all)
	}
	some := statsOf(t, small, argv)
	if some.emptied == 0 || some.flushes != 0 || some.units > 8*all.units {
		t.Errorf("with little room: %+v; with room for everything: %+v", some, all)
	}
}
