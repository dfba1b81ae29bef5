package syscalls

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var update = flag.Bool("update", false, "write docs/syscalls.md anew")

const docsFile = "../../docs/syscalls.md"

// TestDocs: the page says what the table says.
func TestDocs(t *testing.T) {
	page := docs()
	if *update {
		if err := os.WriteFile(docsFile, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != page {
		t.Error("docs/syscalls.md is out of date: go test ./internal/syscalls -run TestDocs -update")
	}
}

const docsIntro = `# System calls

What happens to each system call of Linux on x86-64, up to Linux 7.0, while a program is recorded. Generated from the
table in ` + "`internal/syscalls`" + `: ` + "`go test ./internal/syscalls -run TestDocs -update`" + `.

What a call reads needs no record: it is the program's own memory. What a call writes to the program's memory, and its
result, are in the recording, and replay takes them from there. The column *support* says how they get there:

| support | meaning |
| --- | --- |
| in the tracee | executed and logged inside the program, without a stop |
| supervisor | executed by the supervisor, which logs the result and what the call wrote |
| memory | the same; what it changes in the address space is logged, too, and done again in replay |
| process, signal, thread | the same for what the supervisor has to know of processes, signals and threads |
| write tracking | nobody has described what it writes: the pages that it changed are found and logged. Needs Linux 6.7; without it the recording is marked unreliable from there |
| refused | not executed: the program gets the error, as from a kernel built without the call, and ` + "`hindsight info`" + ` names it |
| by command | one of its arguments chooses among commands, which are listed below |

*Blocks*: the call may sleep until something outside the thread happens; other threads run meanwhile. *Depends* means
that it does not sleep with certain flags or a timeout of 0. *Writes* lists the memory that a call can write, by the
number of the argument (from 1) that points to it.

`

// docs renders the page.
func docs() string {
	var b strings.Builder
	b.WriteString(docsIntro)
	docsCounts(&b)
	b.WriteString("## Calls\n\n| nr | call | support | blocks | writes | note |\n| ---: | --- | --- | --- | --- | --- |\n")
	for i := range Table {
		r := &Table[i]
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s |\n",
			r.NR, r.Name, rowSupport(r), rowBlocks(r), writes(r.Out), r.Note)
	}
	for i := range Table {
		if r := &Table[i]; r.Commands != nil && r.NR != nrIoctl {
			docsCommands(&b, r)
		}
	}
	docsIoctls(&b)
	return b.String()
}

// docsCounts renders how many calls and commands have which support.
func docsCounts(b *strings.Builder) {
	kinds := []string{"in the tracee", "supervisor", "memory", "process", "signal", "thread", "write tracking", "refused", "by command"}
	calls, commands := map[string]int{}, map[string]int{}
	all := 0
	for i := range Table {
		r := &Table[i]
		calls[kindOf(rowSupport(r))]++
		for _, c := range r.Commands {
			commands[kindOf(commandSupport(&c))]++
			all++
		}
	}
	fmt.Fprintf(b, "## Summary\n\n%d calls, and %d commands of those that are many in one.\n\n", len(Table), all)
	b.WriteString("| support | calls | commands |\n| --- | ---: | ---: |\n")
	for _, k := range kinds {
		fmt.Fprintf(b, "| %s | %d | %d |\n", k, calls[k], commands[k])
	}
	b.WriteString("\n")
}

// kindOf strips the error from what support says.
func kindOf(support string) string {
	kind, _, _ := strings.Cut(support, ":")
	return kind
}

func docsCommands(b *strings.Builder, r *Row) {
	fmt.Fprintf(b, "\n## %s\n\n", r.Name)
	fmt.Fprintf(b, "Argument %d chooses. Any other: %s.\n\n", r.CmdArg+1, support(r.Class, r.Fast, r.Errno))
	commandTable(b, r.Commands)
}

func commandTable(b *strings.Builder, commands []Command) {
	b.WriteString("| command | support | blocks | writes | note |\n| --- | --- | --- | --- | --- |\n")
	for _, c := range commands {
		blocks := ""
		if c.Blocks {
			blocks = "yes"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", c.Name, commandSupport(&c), blocks, writes(c.Out), c.Note)
	}
}

func docsIoctls(b *strings.Builder) {
	b.WriteString("\n## ioctl\n\nRequests known one by one:\n")
	for _, g := range []struct {
		title    string
		commands []Command
	}{
		{"Terminals and serial lines", ttyIoctls},
		{"Virtual consoles", consoleIoctls},
		{"Files and file systems", fileIoctls},
		{"Extents, encryption, verity, FAT", extentIoctls},
		{"Block devices", blockIoctls},
		{"Disks, zones, reservations, loop, CD-ROM, SCSI, NBD", diskIoctls},
		{"Sockets and network interfaces", netIoctls},
		{"Rarer ones of network interfaces, tun and tap", deviceNetIoctls},
		{"Devices", deviceIoctls},
	} {
		fmt.Fprintf(b, "\n### %s\n\n", g.title)
		commandTable(b, g.commands)
	}
	b.WriteString("\n### Families\n\nOther requests, by the type and number that they are made of. What they write is as long as the request says;\n" +
		"where the structures may point to more memory, write tracking finds it.\n\n")
	b.WriteString("| type | numbers | what | support |\n| --- | --- | --- | --- |\n")
	for _, f := range ioctlFamilies {
		kind := fmt.Sprintf("%#x", f.Type)
		if f.Type < 0x80 {
			kind = fmt.Sprintf("%q", f.Type)
		}
		fmt.Fprintf(b, "| %s | %#x–%#x | %s | %s |\n", kind, f.From, f.To, f.Name, support(f.Class, false, 0))
	}
	b.WriteString("| any other | | | write tracking |\n")
}

func rowSupport(r *Row) string {
	if r.Commands != nil && !r.Fast {
		return "by command"
	}
	return support(r.Class, r.Fast, r.Errno)
}

func commandSupport(c *Command) string { return support(c.Class, c.Fast, c.Errno) }

func support(c Class, fast bool, errno unix.Errno) string {
	switch {
	case c == Data && fast:
		return "in the tracee"
	case c == Data:
		return "supervisor"
	case c == Refused:
		return "refused: " + unix.ErrnoName(errno)
	case c == Unmodelled:
		return "write tracking"
	}
	return c.String()
}

func rowBlocks(r *Row) string {
	switch {
	case !r.Blocks:
		return ""
	case len(r.Prompt) > 0:
		return "depends"
	}
	return "yes"
}

// writes renders outputs; several at one argument are one entry.
func writes(outs []Output) string {
	var parts []string
	for i := range outs {
		parts = append(parts, fmt.Sprintf("%d: %s", outs[i].Arg+1, extent(&outs[i])))
	}
	return strings.Join(parts, "; ")
}

// extent renders the length of an output.
func extent(o *Output) string {
	count := fmt.Sprintf("argument %d", o.LenArg+1)
	times := func(unit string) string {
		if o.Scale > 1 {
			return fmt.Sprintf("%s × %d bytes", unit, o.Scale)
		}
		return unit + " bytes"
	}
	switch o.Kind {
	case OutFixed:
		return fmt.Sprintf("%d bytes", o.Size)
	case OutResult:
		return times("result")
	case OutArg:
		return times(count)
	case OutPages:
		return "a byte for each page"
	case OutFDSet, OutNodeMask:
		return count + " bits"
	case OutValueResult:
		return times("the word at " + count)
	case OutWord:
		return "as long as it says"
	case OutTable:
		return fmt.Sprintf("%d bytes, then elements of %d", o.Size, o.Scale)
	case OutIovec:
		return "a vector of buffers"
	case OutMsghdr:
		return "a message: name, data, control data, lengths, flags"
	case OutMmsghdr:
		return "messages"
	case OutMmsgLen:
		return "the lengths of messages"
	case OutIfconf:
		return "a list of interfaces"
	case OutCloneArgs, OutXattrArgs:
		return "through the structure's pointers"
	}
	return "?"
}

// Each kind of output has its words.
func TestExtentNames(t *testing.T) {
	for k := OutFixed; k <= OutXattrArgs; k++ {
		if extent(&Output{Kind: k}) == "?" {
			t.Errorf("output kind %d has no words", k)
		}
	}
}
