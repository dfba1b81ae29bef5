package gdbserver

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"
)

// errMalformed is the error of a packet that breaks the protocol.
var errMalformed = errors.New("malformed packet")

// errUnsupported makes the reply empty, which is how the protocol says it.
var errUnsupported = errors.New("unsupported packet")

func parseHex(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not a hexadecimal number", errMalformed, s)
	}
	return n, nil
}

// parseHexes parses "A,B,…" into exactly n numbers.
func parseHexes(s string, n int) ([]uint64, error) {
	fields := strings.Split(s, ",")
	if len(fields) != n {
		return nil, fmt.Errorf("%w: %q does not have %d fields", errMalformed, s, n)
	}
	numbers := make([]uint64, n)
	for i, f := range fields {
		var err error
		if numbers[i], err = parseHex(f); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

func parseHexBytes(s string) ([]byte, error) {
	p, err := hex.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return p, nil
}

// anyThread and allThreads are the special thread ids.
const (
	anyThread  = 0
	allThreads = -1
)

// parseThread parses a thread id, with or without the process in front ("pPID.TID").
func parseThread(s string) (int, error) {
	if rest, ok := strings.CutPrefix(s, "p"); ok {
		_, tid, found := strings.Cut(rest, ".")
		if !found {
			return allThreads, nil
		}
		s = tid
	}
	if s == "-1" {
		return allThreads, nil
	}
	n, err := strconv.ParseUint(s, 16, 31)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not a thread", errMalformed, s)
	}
	return int(n), nil
}

// errorReply turns an error into a packet: Enn for an errno, whose meaning gdb
// knows, and otherwise the text, which gdb shows.
func errorReply(err error) string {
	if errors.Is(err, errUnsupported) {
		return ""
	}
	if errors.Is(err, errMalformed) {
		err = syscall.EINVAL
	}
	var errno syscall.Errno
	if errors.As(err, &errno) && errno < 0x100 {
		return fmt.Sprintf("E%02x", int(errno))
	}
	printable := func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune("#$}*", r) {
			return ' '
		}
		return r
	}
	return "E." + strings.Map(printable, err.Error())
}
