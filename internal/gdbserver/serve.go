// Package gdbserver lets gdb debug a replay, through the GDB Remote Serial
// Protocol (gdb manual, appendix E), backwards too.
//
// Serve's goroutine does everything but read from the connection: a second
// goroutine reads, so that an interrupt is seen while the target runs. Only
// Serve's goroutine calls the Target and writes to the connection.
//
// A recording cannot be changed. Whatever gdb writes goes to a throw-away copy
// of the process; see diversion.
package gdbserver

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Serve answers gdb until it detaches, kills, or closes the connection, and
// then closes conn. What the target reports as an error, gdb shows; Serve's
// own error is that of the connection, or of releasing the target.
func Serve(conn io.ReadWriteCloser, t Target) error {
	done := make(chan struct{})
	in := newReader(conn, done)
	go in.run()

	s := newSession(newWriter(conn), t)
	err := s.serve(in.requests)
	if err == nil && !s.over {
		err = in.err
	}
	close(done)
	if releaseErr := s.release(); err == nil {
		err = releaseErr
	}
	conn.Close() // both sides are through with it: nothing depends on the result
	for range in.requests {
		// The reader closes the channel as it ends.
	}
	return err
}

// session is the state of one connection.
type session struct {
	out       *writer
	target    Target
	registers *registerFile
	diversion diversion
	files     openFiles

	interrupt   <-chan struct{} // of the packet being answered
	interrupted bool            // the reply before answered an interrupt
	// owed: gdb has interrupted, and got another stop. If it does not want that,
	// its condition being false, say, it resumes, and must stop then.
	owed bool

	swbreak, hwbreak bool // gdb wants to know which kind of breakpoint stopped it

	general int // thread for registers, from Hg or of the last stop; or anyThread
	running int // thread for steps, from Hc; or anyThread

	points      map[Point]bool // inserted
	pass        map[uint8]bool // gdb's numbers of signals that gdb does not want to see
	destination string         // of a goto that the next resume performs
	over        bool
}

func newSession(out *writer, t Target) *session {
	registers := newRegisterFile(t.XSave())
	return &session{
		out:       out,
		target:    t,
		registers: registers,
		diversion: diversion{target: t, registers: registers},
		points:    map[Point]bool{},
		pass:      map[uint8]bool{},
	}
}

func (s *session) serve(requests <-chan request) error {
	for req := range requests {
		if err := s.answer(req); err != nil {
			return err
		}
		if s.over {
			return nil
		}
	}
	return nil
}

// answer returns an error only if the connection failed.
func (s *session) answer(req request) error {
	switch req.event {
	case gotResend:
		return s.out.resend()
	case gotCorrupt:
		if !s.out.noAck {
			return s.out.ack(false)
		}
		return s.out.send(errorReply(errMalformed))
	case gotTooLong:
		if err := s.out.ack(true); err != nil {
			return err
		}
		return s.out.send(errorReply(errMalformed))
	}
	if err := s.out.ack(true); err != nil {
		return err
	}
	s.interrupt = req.interrupt
	s.owed = s.owed || req.late && !s.interrupted
	s.interrupted = false
	reply, err := s.dispatch(req.data)
	if err != nil {
		reply = errorReply(err)
	}
	err = s.out.send(reply)
	if s.over {
		return nil // after a kill gdb does not wait for the reply
	}
	return err
}

// release leaves the target as it was before gdb came, but for the moment.
func (s *session) release() error {
	s.files.closeAll()
	errs := []error{s.diversion.end()}
	for p := range s.points {
		errs = append(errs, s.target.RemovePoint(p))
	}
	s.target.CatchSyscalls(false, nil)
	return errors.Join(errs...)
}

// handler answers one kind of packet, given what follows its name.
type handler func(s *session, args string) (reply string, err error)

// letters are the packets that are named by their first letter.
var letters = map[byte]handler{
	'?': (*session).whyStopped,
	'g': (*session).readRegisters,
	'G': (*session).writeRegisters,
	'p': (*session).readRegister,
	'P': (*session).writeRegister,
	'm': (*session).readMemory,
	'M': (*session).writeMemoryHex,
	'X': (*session).writeMemoryBinary,
	'Z': (*session).insertPoint,
	'z': (*session).removePoint,
	'H': (*session).selectThread,
	'T': (*session).threadAlive,
	'D': (*session).detach,
	'k': (*session).detach,
	'c': (*session).resumeContinue,
	'C': (*session).resumeContinue,
	's': (*session).resumeStep,
	'S': (*session).resumeStep,
}

// named are the packets with a name, which begins with one of b, q, Q, v.
var named = map[string]handler{
	"bc":               (*session).reverseContinue,
	"bs":               (*session).reverseStep,
	"vCont":            (*session).vCont,
	"vCont?":           fixed("vCont;c;C;s;S;r"),
	"vKill":            (*session).detach,
	"vFile":            (*session).vFile,
	"qSupported":       (*session).supported,
	"qAttached":        fixed("1"), // at its end gdb detaches instead of killing
	"qC":               (*session).currentThread,
	"qfThreadInfo":     (*session).threadList,
	"qsThreadInfo":     fixed("l"),
	"qThreadExtraInfo": (*session).threadName,
	"qXfer":            (*session).transfer,
	"qGetTLSAddr":      (*session).tlsAddress,
	"qRcmd":            (*session).monitor,
	"qSymbol":          fixed("OK"), // we need no symbols
	"QStartNoAckMode":  (*session).startNoAck,
	"QCatchSyscalls":   (*session).catchSyscalls,
	"QPassSignals":     (*session).passSignals,
}

func fixed(reply string) handler {
	return func(*session, string) (string, error) { return reply, nil }
}

func (s *session) dispatch(packet string) (string, error) {
	if packet == "" {
		return "", nil
	}
	if h, ok := letters[packet[0]]; ok {
		return h(s, packet[1:])
	}
	name, args := splitName(packet)
	if h, ok := named[name]; ok {
		return h(s, args)
	}
	return "", errUnsupported
}

// splitName cuts a packet behind its name, at the first of ":;,", or behind a '?'.
func splitName(packet string) (name, args string) {
	i := strings.IndexAny(packet, ":;,?")
	switch {
	case i < 0:
		return packet, ""
	case packet[i] == '?':
		return packet[:i+1], packet[i+1:]
	}
	return packet[:i], packet[i+1:]
}

// say shows text to the user. gdb takes it only while it waits for a stop or
// for the end of a monitor command.
func (s *session) say(format string, args ...any) error {
	return s.console([]byte("hindsight: " + fmt.Sprintf(format, args...) + "\n"))
}

// console sends text in pieces that fit into packets.
func (s *session) console(text []byte) error {
	const most = (packetSize - len("$O#00")) / 2
	for len(text) > 0 {
		n := min(len(text), most)
		if err := s.out.send(fmt.Sprintf("O%x", text[:n])); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

// detach ends the session: there is nothing to kill in a recording.
func (s *session) detach(string) (string, error) {
	s.over = true
	return "OK", nil
}
