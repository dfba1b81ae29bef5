package gdbserver

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden dialogues")

// stopsOf are the stops that dialogues can ask for with a line "! NAME".
var stopsOf = map[string]Stop{
	"step":       {Reason: StopStep},
	"step 4d":    {Reason: StopStep, TID: 0x4d},
	"step 4e":    {Reason: StopStep, TID: 0x4e},
	"breakpoint": {Reason: StopBreakpoint},
	"break 4d":   {Reason: StopBreakpoint, TID: 0x4d},
	"break 4f":   {Reason: StopBreakpoint, TID: 0x4f},
	"break 4e":   {Reason: StopBreakpoint, TID: 0x4e},
	"watch":      {Reason: StopWatch, WatchKind: WatchWrite, WatchAddr: 0x1008},
	"rwatch":     {Reason: StopWatch, WatchKind: WatchRead, WatchAddr: 0x1008},
	"awatch":     {Reason: StopWatch, WatchKind: WatchAccess, WatchAddr: 0x1008},
	"SIGUSR1":    {Reason: StopSignal, Signal: 10, TID: 0x4e},
	"SIGUSR1 4d": {Reason: StopSignal, Signal: 10, TID: 0x4d},
	"begin":      {Reason: StopHistoryBegin},
	"end":        {Reason: StopHistoryEnd},
	"end 4e":     {Reason: StopHistoryEnd, TID: 0x4e},
	"exited":     {Reason: StopExited},
	"entry":      {Reason: StopSyscallEntry, Syscall: 231},
	"return":     {Reason: StopSyscallReturn, Syscall: 231},
	"error":      {Signal: -1},
}

// TestDialogues plays testdata/dialogues/*.txt. Their lines:
//
//	> packet   gdb sends it
//	< packet   the server sends it
//	= note     what was asked of the target
//	! stop     the end of the next Resume; "interrupt" comes from gdb meanwhile
//	# comment
//
// A test says what gdb and the target do; the rest is rewritten by -update.
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogues/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogues", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := playDialogue(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

func playDialogue(t *testing.T, script string) string {
	var out bytes.Buffer
	target := newStill(XSaveLayout{XCR0: 3})
	target.scripted = true
	s := newSession(newWriter(&out), target)
	s.out.noAck = true
	var played strings.Builder
	interrupt := make(chan struct{}) // of the next packet
	late := false
	for line := range strings.SplitAfterSeq(script, "\n") {
		text := strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(text, "<") || strings.HasPrefix(text, "=") {
			continue
		}
		played.WriteString(line)
		if text == "! interrupt" {
			close(interrupt)
		} else if name, ok := strings.CutPrefix(text, "! "); ok {
			stop, known := stopsOf[name]
			if !known {
				t.Fatalf("unknown stop %q", name)
			}
			target.stops = append(target.stops, stop)
		}
		packet, ok := strings.CutPrefix(text, "> ")
		if !ok {
			continue
		}
		packet = strings.ReplaceAll(packet, `\x7d`, "}")
		out.Reset()
		target.journal = nil
		if err := s.answer(request{data: packet, interrupt: interrupt, late: late}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-interrupt:
			late = true
		default:
			late = false
		}
		interrupt = make(chan struct{})
		for _, note := range target.journal {
			fmt.Fprintf(&played, "= %s\n", note)
		}
		for _, reply := range strings.Split(out.String(), "$")[1:] {
			fmt.Fprintf(&played, "< %s\n", readable(reply[:len(reply)-len("#00")]))
		}
	}
	return played.String()
}

// readable shows console output as text, and binary data escaped.
func readable(reply string) string {
	if text, err := parseHexBytes(strings.TrimPrefix(reply, "O")); err == nil && strings.HasPrefix(reply, "O") && reply != "OK" {
		return fmt.Sprintf("console %q", text)
	}
	quoted := fmt.Sprintf("%q", reply)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

func packet(data string) string {
	var out bytes.Buffer
	if err := newWriter(&out).send(data); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	return out.String()
}

func TestAcknowledgements(t *testing.T) {
	long := "$" + strings.Repeat("x", packetSize+1) + "#00"
	for _, test := range []struct{ name, in, want string }{
		{"acknowledged", packet("qC"), "+" + packet("QC4d")},
		{"wrong checksum", "$qC#00", "-"},
		{"no checksum", "$qC#zz", "-"},
		{"asked again", packet("qC") + "-", "+" + packet("QC4d") + packet("QC4d")},
		{"no-ack", packet("QStartNoAckMode") + "+" + packet("qC"), "+" + packet("OK") + packet("QC4d")},
		{"no-ack, wrong checksum", packet("QStartNoAckMode") + "$qC#00", "+" + packet("OK") + packet("E16")},
		{"too long", long, "-"},
		{"noise", "++abc\x03" + packet("qC"), "+" + packet("QC4d")},
		{"interrupted late", packet("qC") + "\x03" + packet("qC"), strings.Repeat("+"+packet("QC4d"), 2)},
		{"detached", packet("D") + packet("qC"), "+" + packet("OK")},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := &pipe{Reader: strings.NewReader(test.in)}
			if err := Serve(conn, newStill(XSaveLayout{XCR0: 3})); err != nil {
				t.Fatal(err)
			}
			if got := conn.out.String(); got != test.want {
				t.Errorf("got  %.200q\nwant %.200q", got, test.want)
			}
		})
	}
}

func TestTruncatedPacketIsAnError(t *testing.T) {
	for _, in := range []string{"$", "$qC", "$qC#", "$qC#1"} {
		if err := Serve(&pipe{Reader: strings.NewReader(in)}, newStill(XSaveLayout{})); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

// TestInterrupt sends Ctrl-C while the target runs, both ways, and to a goto.
func TestInterrupt(t *testing.T) {
	for _, packets := range [][]string{{"vCont;c"}, {"bc"}, {"qRcmd,676f746f20666f7265766572", "vCont;s:4d"}} {
		client, server := net.Pipe()
		served := make(chan error, 1)
		go func() { served <- Serve(server, newStill(XSaveLayout{XCR0: 3})) }()
		if err := client.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		go func() {
			for _, p := range packets {
				io.WriteString(client, packet(p))
			}
			client.Write([]byte{interruptByte})
		}()
		var got strings.Builder
		p := make([]byte, 1000)
		for !strings.Contains(got.String(), "T02") {
			n, err := client.Read(p)
			if err != nil {
				t.Fatalf("%q: got %q, %v", packets, got.String(), err)
			}
			got.Write(p[:n])
		}
		client.Close()
		<-served
	}
}

// TestHangUp closes the connection while the target runs.
func TestHangUp(t *testing.T) {
	for _, in := range []string{packet("vCont;c"), packet("vCont;c") + "-", packet("vCont;c") + packet("g"), packet("vCont;c") + "+$g#00"} {
		conn := &pipe{Reader: strings.NewReader(in)}
		if err := Serve(conn, newStill(XSaveLayout{XCR0: 3})); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzServe(f *testing.F) {
	files, err := filepath.Glob("testdata/dialogues/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		packets := packet("QStartNoAckMode")
		for line := range strings.SplitSeq(string(script), "\n") {
			if p, ok := strings.CutPrefix(line, "> "); ok {
				packets += packet(p)
				f.Add([]byte(packet("QStartNoAckMode") + packet(p)))
			}
		}
		f.Add([]byte(packets))
	}
	f.Add([]byte("$qC#b4-\x03$}#7d"))
	f.Fuzz(func(t *testing.T, in []byte) {
		// Checksums would keep the fuzzer from reaching anything: a '#' of
		// its own input ends a packet, with the right checksum added.
		conn := &pipe{Reader: bytes.NewReader(in)}
		var resealed bytes.Buffer
		for p := range bytes.SplitSeq(in, []byte("#")) {
			resealed.WriteString(packet(strings.TrimPrefix(string(p), "$")))
		}
		for _, r := range []io.Reader{bytes.NewReader(in), &resealed} {
			conn.Reader = r
			conn.out.Reset()
			target := newStill(XSaveLayout{XCR0: 0x2e7})
			target.stops = []Stop{{}, {Reason: StopSignal, Signal: 10}, {Reason: StopExited}}
			watchdog := time.AfterFunc(10*time.Second, func() { panic("Serve hangs") })
			_ = Serve(conn, target) // an error is fine; a panic or a hang is not
			watchdog.Stop()
			if target.saved != nil {
				t.Error("a diversion is left behind")
			}
		}
	})
}
