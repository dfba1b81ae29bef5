package test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// compile compiles a C or C++ program, and returns where the result is. It
// stays in the cache directory under a name made from all that goes into it.
func compile(t *testing.T, compiler, src string, flags ...string) string {
	t.Helper()
	key := sha256.New()
	fmt.Fprintln(key, compilerVersion(compiler), flags)
	headers, err := filepath.Glob(filepath.Join(filepath.Dir(src), "*.h"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(headers, src) {
		p, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(key, filepath.Base(name), len(p))
		key.Write(p)
	}
	return built(t, key.Sum(nil), src, func(next string) *exec.Cmd {
		return exec.Command(compiler, append([]string{"-w", "-g", "-o", next, src}, flags...)...)
	})
}

// built returns where in the cache directory the result of a command is, which
// is made to put it at next.
func built(t *testing.T, key []byte, src string, build func(next string) *exec.Cmd) string {
	t.Helper()
	dir := filepath.Join(cacheDir, "programs", fmt.Sprintf("%x", key[:8]))
	name, _, _ := strings.Cut(filepath.Base(src), ".")
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	next := fmt.Sprintf("%s.%d", path, os.Getpid())
	cmd := build(next)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
	return path
}

var versions sync.Map // of compilers

// compilerVersion returns what the compiler calls itself.
func compilerVersion(compiler string) string {
	if v, ok := versions.Load(compiler); ok {
		return v.(string)
	}
	out, err := exec.Command(compiler, "--version").Output()
	v := string(out)
	if err != nil {
		v = err.Error()
	}
	versions.Store(compiler, v)
	return v
}

// compileAnnotated compiles a program whose first lines may have a comment
// "// flags: FLAG..." for the compiler.
func compileAnnotated(t *testing.T, src string) string {
	t.Helper()
	compiler := "gcc"
	if filepath.Ext(src) != ".c" {
		compiler = "g++"
	}
	return compile(t, compiler, src, annotation(t, src, "flags")...)
}

// annotation returns the words of a comment "// NAME: WORD..." among the
// first lines of a source file.
func annotation(t *testing.T, src, name string) []string {
	t.Helper()
	f, err := os.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(p) {
		if words, ok := strings.CutPrefix(string(line), "// "+name+":"); ok {
			return strings.Fields(words)
		}
	}
	return nil
}

// compiledGo returns what compiles a Go program of this package's test data.
func compiledGo(src string) func(t *testing.T) string {
	return builtFrom("go", src, func(next, src string) *exec.Cmd {
		return exec.Command("go", "build", "-o", next, src)
	})
}

// compiledJava returns what makes a directory with the classes of a Java program
// of this package's test data.
func compiledJava(src string) func(t *testing.T) string {
	return builtFrom("javac", src, func(next, src string) *exec.Cmd {
		return exec.Command("javac", "-d", next, src)
	})
}

// compiledRust returns what compiles a Rust program of this package's test data.
func compiledRust(src string) func(t *testing.T) string {
	return builtFrom("rustc", src, func(next, src string) *exec.Cmd {
		return exec.Command("rustc", "-O", "-o", next, src)
	})
}

func builtFrom(compiler, src string, build func(next, src string) *exec.Cmd) func(t *testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		if _, err := exec.LookPath(compiler); err != nil {
			t.Skipf("%s is not installed", compiler)
		}
		path := filepath.Join(root, "test", "testdata", src)
		p, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		key := sha256.Sum256(append([]byte(compilerVersion(compiler)), p...))
		return built(t, key[:], src, func(next string) *exec.Cmd { return build(next, path) })
	}
}
