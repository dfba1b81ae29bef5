package gdbserver

import (
	_ "embed"
	"strconv"
	"strings"
)

//go:embed script.gdb
var script string

// Script is a gdb script that connects to a server at addr (HOST:PORT, or the
// path of a socket) and adds the commands when and goto. The program of the
// recording, exe, is loaded if neither the user nor the server named one.
func Script(addr, exe string) string {
	// Go's quoting in ASCII is Python's too.
	return strings.NewReplacer(
		"@ADDRESS@", addr,
		"@ADDRESS_STRING@", strconv.QuoteToASCII(addr),
		"@PROGRAM_STRING@", strconv.QuoteToASCII(exe),
	).Replace(script)
}
