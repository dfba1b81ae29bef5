package test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// emptyWorkDir makes the program find its directory as all runs before it.
func (s subject) emptyWorkDir(t *testing.T) {
	t.Helper()
	if s.workDir == "" {
		return
	}
	entries, err := os.ReadDir(s.workDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(s.workDir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// filesLeft returns mode and digest of all files in the program's directory.
func (s subject) filesLeft(t *testing.T) map[string]string {
	t.Helper()
	if s.workDir == "" {
		return nil
	}
	files := map[string]string{}
	err := filepath.WalkDir(s.workDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == s.workDir {
			return err
		}
		name, err := filepath.Rel(s.workDir, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files[name] = info.Mode().String()
		if !info.Mode().IsRegular() {
			return nil
		}
		p, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files[name] += fmt.Sprintf(" %x", sha256.Sum256(p))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// keepDir returns a directory that goes away only if the test and its
// subtests succeed.
func keepDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(failedDir, strings.ReplaceAll(t.Name(), "/", "."))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("kept: %s", dir)
		} else if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
