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
	cause                  string
}

// line is the outcome in the state file.
func (r *outcome) line() string {
	cause := strings.NewReplacer("\t", " ", "\n", " ").Replace(r.cause)
	return strings.Join([]string{r.name, string(r.native), string(r.record), string(r.replay), cause}, "\t")
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

// table returns the page that shows all results.
func table(results map[string]*outcome) []byte {
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

Each stressor of stress-ng, natively, recorded and replayed; made by `+"`go run ./scripts/stressng`"+`. "Not here" is
what the machine or the permissions do not allow natively. %d run natively, %d are recorded, %d are replayed whole.

| stressor | native | recorded | replayed | cause |
| --- | --- | --- | --- | --- |
`, native, recorded, replayed)
	for _, name := range slices.Sorted(maps.Keys(results)) {
		r := results[name]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.name, r.native, r.record, r.replay, strings.ReplaceAll(r.cause, "|", `\|`))
	}
	return b.Bytes()
}
