package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// printTo runs print with a buffered standard output. That the reader has
// seen enough ("| head") is no error.
func printTo(stdout *os.File, print func(w io.Writer) error) error {
	// Go's runtime ends a program whose standard output is a broken pipe by
	// SIGPIPE unless it is caught; then the write fails with EPIPE.
	c := make(chan os.Signal, 1)
	signal.Notify(c, unix.SIGPIPE)
	defer signal.Stop(c)

	w := bufio.NewWriterSize(stdout, 1<<16)
	err := print(w)
	if flushErr := w.Flush(); err == nil {
		err = flushErr
	}
	if errors.Is(err, unix.EPIPE) {
		return nil
	}
	return err
}

// size shows a number of bytes to people.
func size(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	v, unit := float64(n)/1024, 0
	for v >= 1024 && unit < len(sizeUnits)-1 {
		v, unit = v/1024, unit+1
	}
	return fmt.Sprintf("%.1f %ciB", v, sizeUnits[unit])
}

const sizeUnits = "KMGTPE"

// grouped shows a number with its thousands apart: 1,234,567.
func grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// span shows a duration with about three digits.
func span(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.String()
}

// shellLine shows a command as one would type it in a shell.
func shellLine(argv []string) string {
	words := make([]string, len(argv))
	for i, a := range argv {
		words[i] = shellWord(a)
	}
	return strings.Join(words, " ")
}

const plainWord = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"

func shellWord(s string) string {
	switch {
	case s != "" && strings.Trim(s, plainWord) == "":
		return s
	case strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }):
		// $'...' of bash, whose escapes Go's quoting shares but for those of '.
		q := strconv.QuoteToASCII(s)
		q = strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
		return "$'" + strings.ReplaceAll(q, "'", `\'`) + "'"
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// signalText names a signal as people do.
func signalText(sig int) string {
	if name := unix.SignalName(unix.Signal(sig)); name != "" {
		return fmt.Sprintf("signal %d (%s)", sig, name)
	}
	return fmt.Sprintf("signal %d", sig)
}

// signalName is a shorter signalText.
func signalName(sig int) string {
	return cmp.Or(unix.SignalName(unix.Signal(sig)), fmt.Sprintf("signal %d", sig))
}
