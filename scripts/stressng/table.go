package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

// result is what became of one way to run a stressor.
type result string

const (
	resultOK      result = "ok"
	resultFailed  result = "failed"
	resultMissing result = "not here" // the kernel or the permissions lack what it needs
	resultPart    result = "part"     // replayed, but not all of it
	resultNone    result = "-"        // not run
)

// outcome is what is known of a stressor.
type outcome struct {
	name                   string
	native, record, replay result
	message                string // what hindsight or the stressor said
}

// line is the outcome in the state file.
func (r *outcome) line() string {
	message := strings.NewReplacer("\t", " ", "\n", " ").Replace(r.message)
	return strings.Join([]string{r.name, string(r.native), string(r.record), string(r.replay), message}, "\t")
}

// readState reads the results so far: none where there is no file yet.
func readState(path string) (map[string]*outcome, error) {
	results := map[string]*outcome{}
	p, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return results, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(p)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 5 {
			return nil, fmt.Errorf("%s: cannot read %q", path, line)
		}
		results[f[0]] = &outcome{f[0], result(f[1]), result(f[2]), result(f[3]), f[4]}
	}
	return results, nil
}

// writeState replaces the state file whole, so that it is never cut.
func writeState(path string, results map[string]*outcome) error {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(results)) {
		fmt.Fprintln(&b, results[name].line())
	}
	next := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(next, b.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(next, path)
}

// writeTable writes the page of all results. What somebody has written there
// into the last column of a stressor that does not succeed is kept.
func writeTable(path string, results map[string]*outcome) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, table(results, causes(string(old))), 0o644)
}

// causes returns the last column of a page that table has made.
func causes(page string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(page) {
		if cells := strings.Split(strings.TrimSpace(line), " | "); len(cells) == 6 {
			m[strings.TrimPrefix(cells[0], "| ")] = strings.TrimSpace(strings.TrimSuffix(cells[5], "|"))
		}
	}
	return m
}

// table returns the page that shows all results, with the causes that are known.
func table(results map[string]*outcome, causes map[string]string) []byte {
	var native, recorded, replayed int
	for _, r := range results {
		if r.native != resultOK {
			continue
		}
		native++
		if r.record == resultOK {
			recorded++
		}
		if r.replay == resultOK {
			replayed++
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `# stress-ng

Each stressor of Debian's stress-ng, one instance with `+"`--timeout 2`"+`, natively, recorded with `+"`--check`"+` and
replayed; made by `+"`make stress-ng`"+`, but for the last column, which is written by hand and kept. "Not here" is what
the machine or the permissions do not allow natively. Of %d stressors %d run natively, %d of them are recorded, %d
replayed whole.

| stressor | native | recorded | replayed | message | cause |
| --- | --- | --- | --- | --- | --- |
`, len(results), native, recorded, replayed)
	for _, name := range slices.Sorted(maps.Keys(results)) {
		r, cause := results[name], ""
		if r.record != resultOK || r.replay != resultOK {
			cause = causes[name]
		}
		message := strings.ReplaceAll(r.message, "|", `\|`)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.name, r.native, r.record, r.replay, message, cause)
	}
	return b.Bytes()
}
