package gdbserver

import (
	"fmt"
	"strings"
	"syscall"
)

func (s *session) supported(args string) (string, error) {
	for feature := range strings.SplitSeq(args, ";") {
		switch feature {
		case "swbreak+":
			s.swbreak = true
		case "hwbreak+":
			s.hwbreak = true
		}
	}
	return fmt.Sprintf("PacketSize=%x;", packetSize) +
		"QStartNoAckMode+;QCatchSyscalls+;QPassSignals+;" +
		"qXfer:features:read+;qXfer:auxv:read+;qXfer:threads:read+;qXfer:siginfo:read+;qXfer:exec-file:read+;" +
		"swbreak+;hwbreak+;vContSupported+;ReverseStep+;ReverseContinue+", nil
}

// startNoAck is acknowledged itself; nothing after it is.
func (s *session) startNoAck(string) (string, error) {
	s.out.noAck = true
	return "OK", nil
}

// objects are what qXfer can read.
var objects = map[string]func(s *session, annex string) ([]byte, error){
	"features": func(s *session, annex string) ([]byte, error) {
		if annex != "target.xml" {
			return nil, syscall.ENOENT
		}
		return []byte(s.registers.description()), nil
	},
	"auxv":      func(s *session, _ string) ([]byte, error) { return s.target.Auxv(), nil },
	"exec-file": func(s *session, _ string) ([]byte, error) { return []byte(s.target.ExecFile()), nil },
	"siginfo":   func(s *session, _ string) ([]byte, error) { return s.target.SigInfo(s.registerThread()) },
	"threads":   func(s *session, _ string) ([]byte, error) { return threadsXML(s.listThreads()) },
}

// transfer answers "OBJECT:read:ANNEX:OFFSET,LENGTH" with a piece of the object.
func (s *session) transfer(args string) (string, error) {
	fields := strings.Split(args, ":")
	if len(fields) != 4 {
		return "", fmt.Errorf("%w: qXfer:%s", errMalformed, args)
	}
	read, ok := objects[fields[0]]
	if !ok || fields[1] != "read" {
		return "", errUnsupported
	}
	bounds, err := parseHexes(fields[3], 2)
	if err != nil {
		return "", err
	}
	object, err := read(s, fields[2])
	if err != nil {
		return "", err
	}
	piece, last := slice(object, bounds[0], min(bounds[1], packetSize/4))
	if last {
		return "l" + escape(piece), nil
	}
	return "m" + escape(piece), nil
}

// slice returns the bytes of p at offset, and whether they are the last ones.
func slice(p []byte, offset, length uint64) (piece []byte, last bool) {
	size := uint64(len(p))
	if offset >= size {
		return nil, true
	}
	if length >= size-offset {
		return p[offset:], true
	}
	return p[offset : offset+length], false
}

// catchSyscalls answers "0", "1", and "1;NR;NR…".
func (s *session) catchSyscalls(args string) (string, error) {
	enable, list, some := strings.Cut(args, ";")
	if enable == "0" && !some {
		s.target.CatchSyscalls(false, nil)
		return "OK", nil
	}
	if enable != "1" {
		return "", errMalformed
	}
	var nrs []int
	for field := range strings.SplitSeq(list, ";") {
		if !some {
			break
		}
		nr, err := parseHex(field)
		if err != nil || nr > 1<<30 {
			return "", errMalformed
		}
		nrs = append(nrs, int(nr))
	}
	s.target.CatchSyscalls(!some, nrs)
	return "OK", nil
}

// passSignals answers "SIG;SIG…", a list that replaces the one before.
func (s *session) passSignals(args string) (string, error) {
	pass := map[uint8]bool{}
	for field := range strings.SplitSeq(args, ";") {
		if field == "" {
			continue
		}
		sig, err := parseHex(field)
		if err != nil || sig > 0xff {
			return "", errMalformed
		}
		pass[uint8(sig)] = true
	}
	s.pass = pass
	return "OK", nil
}
