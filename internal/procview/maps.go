package procview

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// mapping is one mapping in maps or smaps: its line, and what smaps says of it.
type mapping struct {
	start, end, offset uint64
	perms              string
	file               string // device and inode
	path               string
	text               string // the line, where it is as the kernel wrote it
	disguised          bool   // the recorder has taken the permission to write
	counts             []count
}

// count is a line below a mapping in smaps.
type count struct {
	name string
	kb   uint64
	text string // the line, where it is as the kernel wrote it
	size bool   // kb counts
}

// mapsLine is a mapping's line (show_map_vma, fs/proc/task_mmu.c).
var mapsLine = regexp.MustCompile(`^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) (\S+ \d+) *(.*)$`)

// maps drops the recorder's mappings, and joins those that only its write
// protection has split.
func (v *View) maps(b []byte) []byte {
	visible, _ := v.parse(b)
	var out []byte
	for _, m := range visible {
		out = m.append(out)
	}
	return out
}

// parse returns the mappings in maps or smaps: those that are the program's,
// as it made them, and ours.
func (v *View) parse(b []byte) (visible, hidden []mapping) {
	var all []mapping
	for line := range bytes.Lines(b) {
		text := strings.TrimSuffix(string(line), "\n")
		if m, ok := parseMapping(text); ok {
			all = append(all, m)
		} else if n := len(all); n > 0 {
			all[n-1].counts = append(all[n-1].counts, parseCount(text))
		}
	}
	for _, m := range all {
		if v.hides(m.start) {
			hidden = append(hidden, m)
			continue
		}
		v.undisguise(&m)
		if n := len(visible); n > 0 && visible[n-1].joins(&m) {
			visible[n-1].join(&m)
			continue
		}
		visible = append(visible, m)
	}
	return visible, hidden
}

func parseMapping(line string) (m mapping, ok bool) {
	f := mapsLine.FindStringSubmatch(line)
	if f == nil {
		return m, false
	}
	for i, to := range map[int]*uint64{1: &m.start, 2: &m.end, 4: &m.offset} {
		n, err := strconv.ParseUint(f[i], 16, 64)
		if err != nil {
			return m, false
		}
		*to = n
	}
	m.perms, m.file, m.path, m.text = f[3], f[5], f[6], line
	return m, true
}

func parseCount(line string) count {
	name, rest, _ := strings.Cut(line, ":")
	number, isSize := strings.CutSuffix(strings.TrimSpace(rest), " kB")
	kb, err := strconv.ParseUint(number, 10, 64)
	return count{name: name, kb: kb, text: line, size: isSize && err == nil}
}

// undisguise gives m the permission back that the recorder has taken.
func (v *View) undisguise(m *mapping) {
	if m.perms[1] == 'w' || v.Writable == nil || !v.Writable(m.start) {
		return
	}
	m.disguised, m.text = true, ""
	m.perms = m.perms[:1] + "w" + m.perms[2:]
	for i, c := range m.counts {
		if c.name == "VmFlags" {
			m.counts[i].text = strings.Replace(c.text, "VmFlags: rd ", "VmFlags: rd wr ", 1)
		}
	}
}

// joins reports whether only our protection has split m and next.
func (m *mapping) joins(next *mapping) bool {
	if !m.disguised && !next.disguised || m.end != next.start || m.perms != next.perms || m.file != next.file || m.path != next.path {
		return false
	}
	anonymous := strings.HasSuffix(m.file, " 0")
	return anonymous || m.offset+m.end-m.start == next.offset
}

// notSummed are the sizes in smaps that are no sums over pages.
var notSummed = map[string]bool{"KernelPageSize": true, "MMUPageSize": true}

func (m *mapping) join(next *mapping) {
	m.end, m.disguised, m.text = next.end, true, ""
	for i, c := range next.counts {
		if i < len(m.counts) && m.counts[i].name == c.name && !notSummed[c.name] {
			m.counts[i].set(m.counts[i].kb + c.kb)
		}
	}
}

// set changes a count that is a size.
func (c *count) set(kb uint64) {
	if c.size {
		c.kb, c.text = kb, ""
	}
}

// append writes m as the kernel does: the path begins in column 73.
func (m *mapping) append(out []byte) []byte {
	line := m.text
	if line == "" {
		line = fmt.Sprintf("%08x-%08x %s %08x %s ", m.start, m.end, m.perms, m.offset, m.file)
		if m.path != "" {
			line = fmt.Sprintf("%-73s%s", line, m.path)
		}
	}
	out = append(append(out, line...), '\n')
	for _, c := range m.counts {
		out = append(append(out, c.line()...), '\n')
	}
	return out
}

func (c *count) line() string {
	if c.text != "" {
		return c.text
	}
	return fmt.Sprintf("%-16s%8d kB", c.name+":", c.kb)
}

// rollup subtracts what is ours, which is shared memory without a file, from
// the sums over all mappings.
func (v *View) rollup(read reader) ([]byte, error) {
	smaps, err := read("smaps")
	if err != nil {
		return nil, err
	}
	b, err := read("smaps_rollup")
	if err != nil {
		return nil, err
	}
	visible, hidden := v.parse(smaps)
	total, _ := (&View{}).parse(b)
	if len(total) != 1 || len(visible) == 0 {
		return b, nil // of a process that has no memory any more
	}
	ours := map[string]uint64{}
	for _, m := range hidden {
		for _, c := range m.counts {
			ours[c.name] += c.kb
		}
	}
	ours["Pss_Shmem"] = ours["Pss"]
	sum := &total[0]
	sum.start, sum.end, sum.text = visible[0].start, visible[len(visible)-1].end, ""
	for i, c := range sum.counts {
		sum.counts[i].set(minus(c.kb, ours[c.name]))
	}
	return sum.append(nil), nil
}
