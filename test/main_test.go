// Package test runs whole programs under the built command: natively (the
// oracle), translated only, recorded and replayed, and compares what they
// printed, how they ended and which files they left. It knows the command
// line and nothing of the packages behind it.
//
// HINDSIGHT names a command to test instead of building one,
// HINDSIGHT_REPEAT says how often each program is run through all modes,
// HINDSIGHT_STRESS=all runs the stress modes on every program.
package test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

var (
	root      string // of the repository
	cacheDir  string // of compiled programs and of the command
	failedDir string // of this run's failures
	hindsight string // the command under test
	repeat    = 1
	stressAll = os.Getenv("HINDSIGHT_STRESS") == "all"
)

func TestMain(m *testing.M) {
	status, err := setUp(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "test:", err)
		status = 1
	}
	os.Exit(status)
}

func setUp(m *testing.M) (int, error) {
	wd, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	root = filepath.Dir(wd)
	cacheDir = filepath.Join(os.TempDir(), fmt.Sprintf("hindsight-test-%d", os.Getuid()))
	if s := os.Getenv("HINDSIGHT_REPEAT"); s != "" {
		if repeat, err = strconv.Atoi(s); err != nil || repeat < 1 {
			return 0, fmt.Errorf("HINDSIGHT_REPEAT=%q is no positive number", s)
		}
	}
	// A core file would count as a file that the program left.
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return 0, fmt.Errorf("no core files: %w", err)
	}
	if hindsight = os.Getenv("HINDSIGHT"); hindsight == "" {
		if hindsight, err = buildCommand(); err != nil {
			return 0, err
		}
	}
	if err := makeFailedDir(); err != nil {
		return 0, err
	}
	status := m.Run()
	_ = os.Remove(failedDir) // only if it is empty
	return status, nil
}

// makeFailedDir makes a place for the recordings of failures, and removes
// those of earlier runs.
func makeFailedDir() error {
	parent := filepath.Join(cacheDir, "failed")
	entries, err := os.ReadDir(parent)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		// Another run of the tests may be going on.
		pid, err := strconv.Atoi(e.Name())
		if err == nil && syscall.Kill(pid, 0) == nil {
			continue
		}
		if err := os.RemoveAll(filepath.Join(parent, e.Name())); err != nil {
			return err
		}
	}
	failedDir = filepath.Join(parent, strconv.Itoa(os.Getpid()))
	return os.MkdirAll(failedDir, 0o755)
}

// buildCommand builds the command at a path that stays the same, so that the
// command lines that failures print can be used after the test. Each checkout has
// its own: tests of several may run at a time.
func buildCommand() (string, error) {
	checkout := sha256.Sum256([]byte(root))
	dir := filepath.Join(cacheDir, "bin", fmt.Sprintf("%x", checkout[:4]))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "hindsight")
	next := fmt.Sprintf("%s.%d", path, os.Getpid())
	cmd := exec.Command("go", "build", "-trimpath", "-o", next, "./cmd/hindsight")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the command: %w\n%s", err, out)
	}
	return path, os.Rename(next, path)
}
