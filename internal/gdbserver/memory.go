package gdbserver

import (
	"encoding/hex"
	"fmt"
	"strings"
	"syscall"
)

func (s *session) readMemory(args string) (string, error) {
	at, err := parseHexes(args, 2)
	if err != nil {
		return "", err
	}
	p := make([]byte, min(at[1], (packetSize-16)/2))
	// Why the target could not read more of it says nothing to gdb.
	n, _ := s.target.ReadMemory(at[0], p)
	if n == 0 && len(p) > 0 {
		return "", syscall.EFAULT
	}
	return hex.EncodeToString(p[:n]), nil
}

// splitWrite splits "ADDR,LENGTH:DATA".
func splitWrite(args string) (addr, length uint64, data string, err error) {
	head, data, ok := strings.Cut(args, ":")
	if !ok {
		return 0, 0, "", fmt.Errorf("%w: a write of no data", errMalformed)
	}
	at, err := parseHexes(head, 2)
	if err != nil {
		return 0, 0, "", err
	}
	return at[0], at[1], data, nil
}

func (s *session) writeMemoryHex(args string) (string, error) {
	addr, length, data, err := splitWrite(args)
	if err != nil {
		return "", err
	}
	p, err := parseHexBytes(data)
	if err != nil {
		return "", err
	}
	return s.writeMemory(addr, length, p)
}

func (s *session) writeMemoryBinary(args string) (string, error) {
	addr, length, data, err := splitWrite(args)
	if err != nil {
		return "", err
	}
	return s.writeMemory(addr, length, unescape(data))
}

func (s *session) writeMemory(addr, length uint64, p []byte) (string, error) {
	if uint64(len(p)) != length {
		return "", fmt.Errorf("%w: %d bytes to write instead of %d", errMalformed, len(p), length)
	}
	if length == 0 {
		return "OK", nil // gdb asks in this way whether X is supported
	}
	return "OK", s.diversion.writeMemory(addr, p)
}

func (s *session) readRegisters(string) (string, error) {
	r, err := s.target.Registers(s.registerThread())
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(s.registers.encode(&r)), nil
}

func (s *session) readRegister(args string) (string, error) {
	num, err := s.registerNumber(args)
	if err != nil {
		return "", err
	}
	r, err := s.target.Registers(s.registerThread())
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(s.registers.get(&r, num)), nil
}

func (s *session) registerNumber(arg string) (int, error) {
	num, err := parseHex(arg)
	if err != nil {
		return 0, err
	}
	if num >= uint64(len(s.registers.registers)) {
		return 0, fmt.Errorf("%w: there is no register %#x", errMalformed, num)
	}
	return int(num), nil
}

func (s *session) writeRegisters(args string) (string, error) {
	p, err := parseHexBytes(args)
	if err != nil {
		return "", err
	}
	return s.changeRegisters(func(r *Registers) error { return s.registers.decode(r, p) })
}

// writeRegister answers "NUMBER=VALUE".
func (s *session) writeRegister(args string) (string, error) {
	number, value, _ := strings.Cut(args, "=")
	num, err := s.registerNumber(number)
	if err != nil {
		return "", err
	}
	p, err := parseHexBytes(value)
	if err != nil {
		return "", err
	}
	return s.changeRegisters(func(r *Registers) error { return s.registers.put(r, num, p) })
}

func (s *session) changeRegisters(change func(*Registers) error) (string, error) {
	tid := s.registerThread()
	before, err := s.target.Registers(tid)
	if err != nil {
		return "", err
	}
	after := before.clone()
	if err := change(&after); err != nil {
		return "", err
	}
	return "OK", s.diversion.writeRegisters(tid, before, after)
}

// parsePoint parses "KIND,ADDR,LENGTH". Conditions and commands may follow
// behind a ';', but we do not offer to evaluate them.
func parsePoint(args string) (Point, error) {
	if strings.Contains(args, ";") {
		return Point{}, errUnsupported
	}
	n, err := parseHexes(args, 3)
	if err != nil {
		return Point{}, err
	}
	if n[0] > uint64(WatchAccess) {
		return Point{}, errUnsupported
	}
	p := Point{PointKind(n[0]), n[1], n[2]}
	if p.Kind >= WatchWrite && (p.Len == 0 || p.Addr+p.Len-1 < p.Addr) {
		return Point{}, fmt.Errorf("%w: a watchpoint of %d bytes at %#x", errMalformed, p.Len, p.Addr)
	}
	return p, nil
}

func (s *session) insertPoint(args string) (string, error) {
	p, err := parsePoint(args)
	if err != nil {
		return "", err
	}
	// The protocol wants Z and z to be idempotent: gdb may send one again.
	if s.points[p] {
		return "OK", nil
	}
	if err := s.target.InsertPoint(p); err != nil {
		return "", err
	}
	s.points[p] = true
	return "OK", nil
}

func (s *session) removePoint(args string) (string, error) {
	p, err := parsePoint(args)
	if err != nil {
		return "", err
	}
	if !s.points[p] {
		return "OK", nil
	}
	if err := s.target.RemovePoint(p); err != nil {
		return "", err
	}
	delete(s.points, p)
	return "OK", nil
}

// breakpointKind returns the protocol's word for the kind of breakpoint at pc,
// if gdb wants to know it.
func (s *session) breakpointKind(pc uint64) string {
	word := ""
	for p := range s.points {
		switch {
		case p.Addr != pc:
		case p.Kind == SoftwareBreakpoint && s.swbreak:
			return "swbreak"
		case p.Kind == HardwareBreakpoint && s.hwbreak:
			word = "hwbreak"
		}
	}
	return word
}
