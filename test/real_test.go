package test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A realProgram is a program of the distribution, or one built in an unusual
// way, with real work to do. In its arguments $IN is the directory of inputs,
// $DATA that of this package's test data, $SELF the program built from source.
type realProgram struct {
	name    string
	argv    []string
	stdin   string
	env     []string
	compare comparison
	stress  bool
	small   bool                      // takes a few milliseconds
	full    bool                      // takes long: make test-full alone runs it
	needs   []string                  // commands besides the first
	build   func(t *testing.T) string // where the program is to be compiled
}

var realPrograms = []realProgram{
	{name: "ls", argv: words("ls -la $IN/many"), stress: true},
	{name: "cat", argv: words("cat $IN/words.txt $IN/random.bin")},
	{name: "sha256sum", argv: words("sha256sum $IN/words.txt $IN/random.bin"), stress: true},
	{name: "grep", argv: words("grep -rn quiquiqui $IN/tree $IN/many")},
	{name: "grep-none", small: true, argv: words("grep -r notthere $IN/tree")},
	{name: "sort", argv: words("sort --parallel=1 -k2 $IN/words.txt")},
	{name: "sort-n", argv: words("sort --parallel=1 -t, -k4,4gr -k2 $IN/numbers.csv")},
	{name: "awk", argv: words("awk -f $DATA/work.awk $IN/words.txt")},
	{name: "sed", argv: []string{"sed", "-E", "s/([a-z]+) ba([a-z]*)/\\2 \\1/g;/quiqui/d;y/abc/ABC/", "$IN/words.txt"}},
	{name: "find", argv: words("find $IN/tree $IN/many -name *7*.txt -size +0 -newermt 2024-01-01")},
	{name: "perl", argv: words("perl $DATA/work.pl $IN"), env: []string{"PERL_HASH_SEED=0"}},
	{name: "python3", argv: words("/usr/bin/python3 $DATA/work.py $IN"), stress: true},
	{name: "python3-pass", argv: words("/usr/bin/python3 -c pass")},
	// A translator like ours, with its own stack of handlers.
	{name: "valgrind", argv: words("valgrind -q /bin/ls $IN"), full: true, needs: words("valgrind")},
	{name: "bzip2", argv: words("bzip2 -c $IN/words.txt"), stress: true},
	{name: "bunzip2", argv: words("bzip2 -dc $IN/small.txt.bz2")},
	{name: "gzip", argv: words("gzip -c -n $IN/words.txt")},
	{name: "gunzip", argv: words("gzip -dc $IN/small.txt.gz")},
	{name: "xz", argv: words("xz -T1 -1 -c $IN/words.txt")},
	{name: "unxz", argv: words("xz -T1 -dc $IN/small.txt.xz")},
	{name: "zstd", argv: words("zstd --single-thread -q -9 -o out.zst $IN/words.txt")},
	{name: "sqlite-memory", argv: sqlite(":memory:"), stdin: "work.sql", stress: true},
	{name: "sqlite-file", argv: sqlite("file.db"), stdin: "work.sql"},
	{name: "cc1", argv: words("$CC1 -quiet -O2 -o out.s $IN/large.c")},
	{name: "as", argv: words("as -o out.o $IN/large.s"), stress: true},
	{name: "ld", argv: words("ld -r -o out.o $IN/large.o $IN/large.o --allow-multiple-definition")},
	{name: "openssl-digest", argv: words("openssl dgst -sha512 $IN/words.txt $IN/random.bin")},
	{name: "openssl-sha3", argv: words("openssl dgst -sha3-256 $IN/words.txt")},
	{name: "openssl-enc", argv: words("openssl enc -aes-256-ctr -pbkdf2 -pass pass:x -nosalt -in $IN/random.bin")},
	{name: "openssl-rand", argv: words("openssl rand -hex 4096"), compare: ownInput},
	{name: "git-log", argv: words("git --no-pager -C $IN/repo log -p --stat"), env: gitEnv},
	{name: "git-diff", argv: words("git --no-pager -C $IN/repo -c core.preloadIndex=false diff HEAD~20"), env: gitEnv},
	{name: "tar", argv: words("tar -cf out.tar --sort=name -C $IN tree many")},
	{name: "diff", argv: words("diff -u $IN/small.txt $IN/changed.txt")},
	{name: "objdump", argv: words("objdump -d $IN/large.o")},
	{name: "date", small: true, stress: true, argv: words("date +%s.%N"), compare: ownInput},
	{name: "bash", argv: words("bash $DATA/work.sh $IN"), stress: true},
	{name: "bash-children", argv: words("bash $DATA/children.sh $IN"), compare: children},
	{name: "vim", argv: words("vim -u NONE -i NONE -n -es -S $DATA/work.vim $IN/small.txt")},
	{name: "static-glibc", argv: words("$SELF $IN/words.txt"), build: compiled("gcc", "static.c", "-O2", "-static")},
	{name: "static-musl", argv: words("$SELF $IN/words.txt"), build: compiled("musl-gcc", "static.c", "-O2", "-static")},
	{name: "exceptions", argv: words("$SELF"), build: compiled("g++", "exceptions.cc", "-O1"), stress: true},
	{name: "jumps", argv: words("$SELF"), build: compiled("gcc", "jumps.c", "-O1")},
	{name: "floats", argv: words("$SELF"), build: compiled("gcc", "floats.c", "-O1", "-frounding-math", "-lm")},
	{name: "avx512", argv: words("$SELF"), build: avx512},
	{name: "gigabyte", argv: words("$SELF"), build: compiled("gcc", "gigabyte.c", "-O2")},
	{name: "events", argv: words("$SELF"), build: compiled("gcc", "events.c", "-O2"), stress: true},
}

// words splits a command line at its spaces.
func words(line string) []string { return strings.Fields(line) }

// sqlite returns a command line that imports a table before it reads stdin.
func sqlite(db string) []string {
	return []string{"sqlite3", "-batch", "-cmd", "create table t (id integer primary key, k text, n integer, x real)",
		"-cmd", ".mode csv", "-cmd", ".import $IN/numbers.csv t", db}
}

func TestRealPrograms(t *testing.T) {
	for _, p := range realPrograms {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.subject(t).test(t)
		})
	}
}

// subject makes the program ready to run.
func (p *realProgram) subject(t *testing.T) subject {
	t.Helper()
	if p.full && !stressAll {
		t.Skip("takes long: only make test-full runs it")
	}
	for _, name := range p.needs {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	s := subject{compare: p.compare, stress: p.stress, large: !p.small, workDir: keepDir(t)}
	s.dir, s.env, s.timeout = s.workDir, p.env, 60*time.Second
	data := filepath.Join(root, "test", "testdata")
	if p.stdin != "" {
		s.stdin = filepath.Join(data, p.stdin)
	}
	names := map[string]func() string{
		"$IN":   func() string { return inputsDir(t) },
		"$DATA": func() string { return data },
		"$SELF": func() string { return p.build(t) },
		"$CC1":  func() string { return cc1(t) },
	}
	for _, word := range p.argv {
		for name, value := range names {
			if strings.Contains(word, name) {
				word = strings.ReplaceAll(word, name, value())
			}
		}
		s.argv = append(s.argv, word)
	}
	path, err := exec.LookPath(s.argv[0])
	if err != nil {
		t.Skipf("%s is not installed", s.argv[0])
	}
	s.argv[0] = path
	return s
}

// compiled returns what compiles a program of this package's test data.
func compiled(compiler, src string, flags ...string) func(t *testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		if _, err := exec.LookPath(compiler); err != nil {
			t.Skipf("%s is not installed", compiler)
		}
		return compile(t, compiler, filepath.Join(root, "test", "testdata", "programs", src), flags...)
	}
}

// avx512 builds its program where the CPU can run it.
func avx512(t *testing.T) string {
	t.Helper()
	for _, feature := range []string{"avx512f", "avx512vl", "avx512bw", "avx512dq"} {
		needCPU(t, feature)
	}
	src := filepath.Join(root, "test", "testdata", "programs", "avx512.c")
	return compileAnnotated(t, src)
}

// cc1 returns the C compiler proper.
func cc1(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("gcc", "-print-prog-name=cc1").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
