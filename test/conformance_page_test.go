package test

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// conformanceGroups are the groups of conformance programs by the prefix of
// their names, with what they are about.
var conformanceGroups = []struct{ prefix, about string }{
	{"cpu", "instructions, flags and registers"},
	{"cpp", "C++: exceptions, the standard library"},
	{"exit", "exit statuses"},
	{"vdso", "the vDSO and the auxiliary vector"},
	{"vsyscall", "the old vsyscall page"},
	{"smc", "code that changes"},
	{"jit", "programs that write code: W^X, double mappings, patching"},
	{"mm", "memory: mapping, protection, stacks, the heap"},
	{"shm", "shared memory: inside a process, between processes, System V, POSIX"},
	{"sig", "signals"},
	{"thr", "threads, futexes, signals to threads"},
	{"proc", "processes: fork, exec, wait, groups, sessions"},
	{"sys", "other system calls"},
	{"san", "programs made with sanitizers"},
	{"tr", "transparency: what a program sees of itself"},
}

// TestConformancePage compares docs/conformance.md with the programs, or with
// -update writes it.
func TestConformancePage(t *testing.T) {
	path := filepath.Join(root, "docs", "conformance.md")
	want := conformancePage(t)
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s does not tell what there is (go test ./test -run TestConformancePage -update)\n%s",
			path, firstDifference(want, got))
	}
}

// conformancePage returns what docs/conformance.md should be.
func conformancePage(t *testing.T) []byte {
	t.Helper()
	groups := map[string][]string{} // sources by prefix
	sources := conformancePrograms(t)
	slices.SortFunc(sources, func(a, b string) int { return strings.Compare(programName(a), programName(b)) })
	for _, src := range sources {
		prefix, _, _ := strings.Cut(programName(src), "_")
		groups[prefix] = append(groups[prefix], src)
	}
	var b bytes.Buffer
	fmt.Fprint(&b, `# Conformance programs

Small programs in `+"`testdata/programs`"+`, one behaviour each. Each runs natively, translated, recorded and replayed; the
native run is the oracle for output, exit status and files left. [testing.md](testing.md) tells how. This page is made by
`+"`go test ./test -run TestConformancePage -update`"+`.

| group | about | programs | skipped |
| --- | --- | ---: | ---: |
`)
	skipped := 0
	for _, g := range conformanceGroups {
		n := 0
		for _, src := range groups[g.prefix] {
			if _, ok := knownGaps[programName(src)]; ok {
				n++
			}
		}
		skipped += n
		fmt.Fprintf(&b, "| %s | %s | %d | %d |\n", g.prefix, g.about, len(groups[g.prefix]), n)
	}
	fmt.Fprintf(&b, "| | **all** | **%d** | **%d** |\n", len(sources), skipped)
	pageOfGaps(&b)
	for _, g := range conformanceGroups {
		fmt.Fprintf(&b, "\n## %s: %s\n\n", g.prefix, g.about)
		for _, src := range groups[g.prefix] {
			fmt.Fprintf(&b, "- `%s`: %s\n", programName(src), firstComment(t, src))
		}
		delete(groups, g.prefix)
	}
	for prefix := range groups {
		t.Errorf("programs %s_* belong to no group", prefix)
	}
	return b.Bytes()
}

// pageOfGaps writes what is compared in part only, and what not at all.
func pageOfGaps(b *bytes.Buffer) {
	list := func(names map[string]bool) string {
		return "`" + strings.Join(slices.Sorted(maps.Keys(names)), "`, `") + "`"
	}
	fmt.Fprint(b, "\n## What is skipped, and why\n\n")
	for _, name := range slices.Sorted(maps.Keys(knownGaps)) {
		fmt.Fprintf(b, "- `%s`: not supported: %s.\n", name, knownGaps[name])
	}
	fmt.Fprintf(b, "- The lines that children print, in a replay of the parent alone, of %s.\n", list(childrenPrint))
	fmt.Fprintf(b, "- The stress mode that translates anew at each step, for those that would take minutes: %s.\n", list(longRunning))
	fmt.Fprintf(b, "- Checksums behind each call, which timers would overtake: %s.\n", list(timed))
}

// firstComment returns the comment that a program begins with, behind the
// compiler's flags.
func firstComment(t *testing.T, src string) string {
	t.Helper()
	f, err := os.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Scan()
	if strings.HasPrefix(in.Text(), "// flags:") {
		in.Scan()
	}
	text, ok := strings.CutPrefix(in.Text(), "// ")
	if !ok {
		t.Errorf("%s does not begin with what it is about", src)
	}
	return strings.TrimSuffix(text, ".")
}
