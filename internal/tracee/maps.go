package tracee

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Mapping is one line of /proc/PID/maps. Path is a file, a name in brackets
// such as [stack] and [vdso], or empty.
type Mapping struct {
	Start, End uint64
	Prot       int // PROT_READ, PROT_WRITE, PROT_EXEC
	Shared     bool
	Offset     uint64
	Dev        uint64 // as unix.Mkdev makes it
	Inode      uint64
	Path       string
	Deleted    bool // the file has been unlinked; Path has no mark of it
}

// Len returns the mapping's length in bytes.
func (m *Mapping) Len() uint64 { return m.End - m.Start }

// File reports whether the mapping is of a file.
func (m *Mapping) File() bool { return strings.HasPrefix(m.Path, "/") }

// Maps returns the tracee's mappings in order of address.
func (t *Tracee) Maps() ([]Mapping, error) {
	if t.place == reaped {
		return nil, t.wrap("read maps", ErrGone)
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", t.TID))
	if errors.Is(err, fs.ErrNotExist) {
		err = unix.ESRCH
	}
	if err != nil {
		return nil, t.wrap("read maps", err)
	}
	return ParseMaps(b)
}

var errMapsLine = errors.New("malformed line")

// ParseMaps parses the contents of /proc/PID/maps.
func ParseMaps(b []byte) ([]Mapping, error) {
	ms := make([]Mapping, 0, bytes.Count(b, []byte{'\n'}))
	for n := 1; len(b) > 0; n++ {
		var line []byte
		line, b, _ = bytes.Cut(b, []byte{'\n'})
		m, err := parseMapsLine(string(line))
		if err != nil {
			return nil, fmt.Errorf("maps line %d %q: %w", n, line, err)
		}
		ms = append(ms, m)
	}
	return ms, nil
}

// parseMapsLine parses "start-end prot offset major:minor inode  path"; see
// proc_pid_maps(5). The path may hold spaces.
func parseMapsLine(s string) (m Mapping, err error) {
	var field [5]string
	for i := range field {
		s = strings.TrimLeft(s, " ")
		field[i], s, _ = strings.Cut(s, " ")
	}
	start, end, ok1 := strings.Cut(field[0], "-")
	major, minor, ok2 := strings.Cut(field[3], ":")
	if !ok1 || !ok2 {
		return m, errMapsLine
	}
	var maj, mnr uint64
	for _, n := range []struct {
		text string
		base int
		dst  *uint64
	}{{start, 16, &m.Start}, {end, 16, &m.End}, {field[2], 16, &m.Offset}, {major, 16, &maj}, {minor, 16, &mnr}, {field[4], 10, &m.Inode}} {
		if *n.dst, err = strconv.ParseUint(n.text, n.base, 64); err != nil {
			return m, err
		}
	}
	if m.End < m.Start || maj > 1<<32-1 || mnr > 1<<32-1 {
		return m, errMapsLine
	}
	m.Dev = unix.Mkdev(uint32(maj), uint32(mnr))
	if m.Prot, m.Shared, ok1 = parseProt(field[1]); !ok1 {
		return m, errMapsLine
	}
	m.Path, m.Deleted = parseMapsPath(strings.TrimLeft(s, " "))
	return m, nil
}

func parseProt(s string) (prot int, shared, ok bool) {
	if len(s) != 4 {
		return 0, false, false
	}
	for i, bit := range []int{unix.PROT_READ, unix.PROT_WRITE, unix.PROT_EXEC} {
		switch s[i] {
		case "rwx"[i]:
			prot |= bit
		case '-':
		default:
			return 0, false, false
		}
	}
	return prot, s[3] == 's', s[3] == 's' || s[3] == 'p'
}

// parseMapsPath undoes what the kernel does to a path: it writes newlines as
// \012 (and nothing else so, not even backslashes) and marks unlinked files.
func parseMapsPath(s string) (path string, deleted bool) {
	path = strings.ReplaceAll(s, `\012`, "\n")
	if strings.HasPrefix(path, "/") {
		path, deleted = strings.CutSuffix(path, " (deleted)")
	}
	return path, deleted
}
