// Command runtests runs go test with its arguments, shows what fails and why
// tests are skipped, and ends with the line "N passed, N failed, N skipped".
// It counts the tests that have no subtests: each is one check.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// line is one of go test -json (go doc test2json).
type line struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// test is what is known of a test.
type test struct {
	pkg, name string
	result    string // pass, fail or skip
	parent    bool   // has subtests
	output    []string
}

// run collects the lines.
type run struct {
	tests  map[string]*test // by package and name
	order  []*test
	builds []string // packages that failed beside their tests
}

func main() {
	if err := runTests(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "runtests:", err)
		os.Exit(1)
	}
}

func runTests(args []string) error {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	r := run{tests: map[string]*test{}}
	readErr := r.read(out)
	waitErr := cmd.Wait()
	failed := r.report()
	switch {
	case readErr != nil:
		return readErr
	case failed > 0:
		os.Exit(1)
	case waitErr != nil:
		return fmt.Errorf("go test: %w", waitErr)
	}
	return nil
}

func (r *run) read(out io.Reader) error {
	in := bufio.NewReader(out)
	for {
		text, err := in.ReadBytes('\n')
		if len(text) > 0 {
			var l line
			if json.Unmarshal(text, &l) != nil {
				fmt.Printf("%s", text) // of the build
			} else {
				r.take(l)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *run) take(l line) {
	t := r.test(l.Package, l.Test)
	switch l.Action {
	case "output", "build-output":
		if l.Action == "build-output" {
			fmt.Print(l.Output)
		}
		t.output = append(t.output, l.Output)
	case "pass", "fail", "skip":
		t.result = l.Action
		if l.Test == "" {
			r.endPackage(t, l.Elapsed)
		} else if l.Action == "fail" {
			fmt.Printf("FAIL %s %s\n%s", l.Package, l.Test, t.text())
		}
	}
}

// test returns what is known of a test; the one without name is its package.
func (r *run) test(pkg, name string) *test {
	key := pkg + " " + name
	t := r.tests[key]
	if t != nil {
		return t
	}
	t = &test{pkg: pkg, name: name}
	r.tests[key] = t
	if name == "" {
		return t
	}
	r.order = append(r.order, t)
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		r.test(pkg, name[:i]).parent = true
	}
	return t
}

// endPackage tells how a package ended. A package can fail without a test
// that does: by a panic, a time-out or a failed build.
func (r *run) endPackage(p *test, elapsed float64) {
	took := time.Duration(elapsed * float64(time.Second)).Round(100 * time.Millisecond)
	fmt.Printf("%-4s %s (%v)\n", p.result, p.pkg, took)
	if p.result != "fail" {
		return
	}
	for _, t := range r.order {
		if t.pkg == p.pkg && t.result == "fail" {
			return
		}
	}
	r.builds = append(r.builds, p.pkg)
	for _, t := range r.order {
		if t.pkg == p.pkg && t.result == "" {
			fmt.Printf("unfinished: %s\n%s", t.name, t.text())
		}
	}
	fmt.Print(p.text())
}

// text returns what a test printed, without go test's own lines.
func (t *test) text() string {
	own := func(s string) bool {
		s = strings.TrimLeft(s, " ")
		return strings.HasPrefix(s, "=== ") || strings.HasPrefix(s, "--- ")
	}
	return strings.Join(slices.DeleteFunc(slices.Clone(t.output), own), "")
}

// report prints the skipped tests and the counts, and returns how many
// failed.
func (r *run) report() (failed int) {
	var passed, skipped int
	failed = len(r.builds)
	for _, t := range r.order {
		switch {
		case t.parent && !t.failedAlone(r):
		case t.result == "pass":
			passed++
		case t.result == "skip":
			skipped++
			reason := strings.TrimSpace(strings.ReplaceAll(t.text(), "\n", " "))
			fmt.Printf("skipped: %s %s: %s\n", t.pkg, t.name, reason)
		default: // failed, or never ended
			failed++
		}
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	return failed
}

// failedAlone reports whether a test failed although no subtest did.
func (t *test) failedAlone(r *run) bool {
	if t.result == "pass" || t.result == "skip" {
		return false
	}
	for _, sub := range r.order {
		if sub.pkg == t.pkg && sub.result != "pass" && sub.result != "skip" && strings.HasPrefix(sub.name, t.name+"/") {
			return false
		}
	}
	return true
}
