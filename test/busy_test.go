package test

import (
	"fmt"
	"testing"
	"time"
)

// busyPrograms keep threads, children or both at work at the same time.
var busyPrograms = []realProgram{
	{name: "xz-threads", argv: words("xz -T2 --block-size=300000 -1 -c $IN/words.txt")},
	{name: "zstd-threads", argv: words("zstd -T2 -q -9 -c $IN/words.txt")},
	{name: "git-clone", env: gitEnv, argv: []string{
		"sh", "-c",
		"git clone -q --no-local $IN/repo clone && git -C clone log --stat && rm -rf clone",
	}},
	{name: "bash-jobs", argv: words("bash $DATA/jobs.sh")},
	{name: "dash-jobs", argv: words("dash $DATA/jobs.sh")},
	{name: "sox", argv: words("sox -R -n -t wav out.wav synth 2 sine 300-3000 reverb rate 16000")},
	{name: "ffmpeg-mpeg4", argv: video("mpeg4", 4)},
	{name: "ffmpeg-x264", argv: video("libx264", 3), full: true},
	{name: "ffmpeg-vp9", argv: video("libvpx-vp9", 4), full: true},
	{name: "gcc", argv: words("gcc -O1 -g -o a.out $DATA/programs/jumps.c"), full: true},
	{name: "g++", argv: words("g++ -O1 -g -o a.out $DATA/programs/exceptions.cc"), full: true},
	{name: "clang", argv: words("clang -O1 -g -c -o large.o $IN/large.c"), full: true},
	{name: "clang++", argv: words("clang++ -O2 -o a.out $DATA/programs/exceptions.cc"), full: true},
	{name: "tmux-vim", argv: words("sh $DATA/tmux.sh"), full: true, needs: words("tmux vim")},
	{name: "redis", argv: words("sh $DATA/redis.sh"), full: true, needs: words("redis-server redis-benchmark")},
	{name: "nginx", argv: words("sh $DATA/nginx.sh"), full: true, needs: words("nginx wrk")},
	{name: "postgres", argv: words("sh $DATA/postgres.sh " + postgres), full: true, needs: words(postgres + "/initdb")},
	{name: "mariadb", argv: words("sh $DATA/mariadb.sh"), full: true, needs: words("mariadbd mariadb-install-db")},
	{name: "apache", argv: words("sh $DATA/apache.sh"), full: true, needs: words("apache2 ab")},
	{name: "memcached", argv: words("sh $DATA/memcached.sh"), full: true, needs: words("memcached")},
	{name: "wine", argv: words("sh $DATA/wine.sh"), full: true, needs: words("/usr/lib/wine/wine64")},
	{name: "chromium", argv: words("sh $DATA/chromium.sh"), full: true, needs: words("chromium")},
	{name: "firefox", argv: words("sh $DATA/firefox.sh"), full: true, needs: words("firefox-esr")},
	{name: "make", argv: words("sh $DATA/make.sh"), full: true, needs: words("make gcc")},
	{name: "net-http", argv: words("$SELF"), full: true, build: compiledGo("programs/httpserver.go")},
	{name: "node-server", argv: words("node $DATA/server.js"), full: true},
	{name: "java-server", argv: words("java -cp $SELF Server"), full: true, build: compiledJava("programs/Server.java")},
}

// postgres is where Debian keeps PostgreSQL's programs.
const postgres = "/usr/lib/postgresql/15/bin"

// video returns a command line that encodes a generated picture in threads.
func video(codec string, threads int) []string {
	return words(fmt.Sprintf("ffmpeg -v error -nostdin -f lavfi -i testsrc=duration=1:size=320x240:rate=25 "+
		"-threads %d -c:v %s -f framemd5 -", threads, codec))
}

// TestBusyPrograms lets the threads take turns, and run in the order that
// finds races.
func TestBusyPrograms(t *testing.T) { testSchedules(t, busyPrograms, 5*time.Minute) }

// testSchedules records and replays programs in all schedules.
func testSchedules(t *testing.T, programs []realProgram, timeout time.Duration) {
	t.Helper()
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			s := p.subject(t)
			s.timeout = timeout
			for range repeat {
				s.inSchedules(t, s.native(t))
			}
		})
	}
}

// inSchedules records and replays the subject with threads that take turns, and
// with --chaos; in make test-full twice, each time with another seed.
func (s subject) inSchedules(t *testing.T, want result) {
	t.Helper()
	modes := []string{"--check", "--chaos"}
	if stressAll {
		modes = append(modes, "--chaos")
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) { s.recordAndReplay(t, want, 1, "--check", mode) })
	}
}
