package test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// inputsDir returns the directory of what the real programs work on. It is
// made once for each version of this file, and is the same everywhere.
func inputsDir(t *testing.T) string {
	t.Helper()
	dir, err := makeInputs()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var makeInputs = sync.OnceValues(func() (string, error) {
	self, err := os.ReadFile("inputs_test.go")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cacheDir, fmt.Sprintf("inputs-%x", sha256.Sum256(self))[:23])
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	next := fmt.Sprintf("%s.%d", dir, os.Getpid())
	in := inputs{dir: next, rand: rand.New(rand.NewPCG(1, 2))}
	if err := in.make(); err != nil {
		return "", fmt.Errorf("make inputs: %w", err)
	}
	return dir, os.Rename(next, dir)
})

// old is the time of all files: ls must print the same tomorrow.
var old = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

// inputs generates files from a seeded generator.
type inputs struct {
	dir  string
	rand *rand.Rand
	err  error
}

func (in *inputs) make() error {
	words := in.words(300_000)
	in.write("words.txt", words)
	in.write("small.txt", words[:100_000])
	changed := bytes.ReplaceAll(words[:100_000], []byte("ba"), []byte("BA"))
	in.write("changed.txt", changed)
	in.write("numbers.csv", in.numbers(20_000))
	random := make([]byte, 1<<20)
	for i := range random {
		random[i] = byte(in.rand.Uint32())
	}
	in.write("random.bin", random)
	for i := range 2000 {
		in.write(fmt.Sprintf("many/file-%04d.%s", i, []string{"txt", "c", "log"}[i%3]), words[i:2*i])
	}
	for i := range 200 {
		at := i * 5000
		in.write(fmt.Sprintf("tree/%d/%d/%d.txt", i%3, i%7, i), words[at:at+5000])
	}
	in.write("large.c", largeC(600))
	in.compressed()
	in.repository(words)
	if in.err != nil {
		return in.err
	}
	return in.age()
}

func (in *inputs) write(name string, p []byte) {
	if in.err != nil {
		return
	}
	path := filepath.Join(in.dir, name)
	if in.err = os.MkdirAll(filepath.Dir(path), 0o755); in.err == nil {
		in.err = os.WriteFile(path, p, 0o644)
	}
}

// words returns lines of made-up words, some of them frequent.
func (in *inputs) words(n int) []byte {
	var b bytes.Buffer
	syllables := []string{"ba", "ko", "ri", "ten", "sul", "mo", "va", "li", "pre", "dor", "ne", "qui"}
	for i := range n {
		for range 1 + in.rand.IntN(1+in.rand.IntN(4)) {
			b.WriteString(syllables[in.rand.IntN(len(syllables))])
		}
		if i%9 == 8 {
			b.WriteByte('\n')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.Bytes()
}

func (in *inputs) numbers(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "%d,key%03d,%d,%.6f\n", i, in.rand.IntN(500), in.rand.Int32(), in.rand.Float64()*1e4)
	}
	return b.Bytes()
}

// largeC returns a C program of n functions that have something to optimise.
func largeC(n int) []byte {
	var b bytes.Buffer
	b.WriteString("#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n")
	for i := range n {
		fmt.Fprintf(&b, `
struct s%[1]d { int a[%[2]d]; double d; struct s%[1]d *next; };
static double f%[1]d(struct s%[1]d *s, int n)
{
	double sum = %[1]d;
	for (int i = 0; i < n; i++) {
		s->a[i %% %[2]d] += i * %[3]d;
		switch (s->a[i %% %[2]d] & 7) {
		case 0: sum += sqrt(sum * sum + s->d); break;
		case 3: sum -= s->a[(i * 5) %% %[2]d]; break;
		case 5: s->d = sum / (i + 1); break;
		default: sum += i; break;
		}
	}
	for (struct s%[1]d *p = s->next; p; p = p->next)
		sum += p->d;
	return sum;
}
`, i, 3+i%29, 1+i%13)
	}
	b.WriteString("int main(void)\n{\n\tdouble sum = 0;\n")
	for i := range n {
		fmt.Fprintf(&b, "\t{ struct s%d s; memset(&s, 0, sizeof s); sum += f%d(&s, %d); }\n", i, i, 10+i%50)
	}
	b.WriteString("\tprintf(\"%.3f\\n\", sum);\n\treturn 0;\n}\n")
	return b.Bytes()
}

// compressed makes the files that are to be decompressed, and what as, ld
// and objdump work on.
func (in *inputs) compressed() {
	in.run("bzip2", "-k", "small.txt")
	in.run("gzip", "-kn", "small.txt")
	in.run("xz", "-k", "small.txt")
	in.run("gcc", "-O1", "-S", "-o", "large.s", "large.c")
	in.run("gcc", "-O1", "-c", "-o", "large.o", "large.c")
}

// repository makes a git repository of some commits.
func (in *inputs) repository(words []byte) {
	in.write("repo/README", []byte("A repository.\n"))
	in.run("git", "-C", "repo", "init", "-q", "-b", "main")
	for i := range 30 {
		in.write(fmt.Sprintf("repo/src/%d.txt", i%7), words[i*1000:i*1000+8000])
		in.write("repo/log", bytes.Repeat([]byte("a line of the log\n"), i))
		in.run("git", "-C", "repo", "add", "-A")
		in.run("git", "-C", "repo", "commit", "-q", "-m", fmt.Sprintf("Change %d", i))
	}
}

func (in *inputs) run(argv ...string) {
	if in.err != nil {
		return
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = in.dir
	date := old.Format(time.RFC3339)
	cmd.Env = append(append([]string{}, baseEnv...), gitEnv...)
	cmd.Env = append(cmd.Env, "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	if out, err := cmd.CombinedOutput(); err != nil {
		in.err = fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
	}
}

// gitEnv keeps git from this machine's configuration.
var gitEnv = []string{
	"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
	"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.org",
}

// age sets the times of all files outside the repository, whose index knows
// them.
func (in *inputs) age() error {
	return filepath.Walk(in.dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		if info.IsDir() && info.Name() == "repo" {
			return filepath.SkipDir
		}
		return os.Chtimes(path, old, old)
	})
}
