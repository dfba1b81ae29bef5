package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// text shows a recording to people.
func (in *info) text(w io.Writer) error {
	p := &page{w: w}
	in.heading(p)
	p.remarks("unreliable, because", in.Unreliable)
	p.remarks("notes", in.Notes)
	in.tables(p)
	return p.err
}

func (in *info) heading(p *page) {
	p.line("recording", "%s, %s, format %d, %s", in.Path, size(in.Size), in.FormatVersion, in.state())
	if in.Damage != "" {
		p.line("damage", "%s", strings.TrimPrefix(in.Damage, "recording is "))
	}
	if in.Aborted != "" {
		p.line("aborted", "%s", in.Aborted)
	}
	p.line("command", "%s", shellLine(in.Argv))
	p.line("directory", "%s", in.Cwd)
	p.line("process", "%d%s", in.PID, in.rootOmission())
	if in.Processes > 1 {
		p.line("processes", "%s, %s not recorded", grouped(uint64(in.Processes)), grouped(uint64(in.NotRecorded)))
	}
	p.line("host", "%s, %s", in.Hostname, in.Kernel)
	p.line("cpu", "%s", in.CPUModel)
	p.line("recorded", "%s, by hindsight %s", in.Start.Format("2006-01-02 15:04:05 MST"), in.ToolVersion)
	if len(in.Options) > 0 {
		p.line("options", "%s", optionLine(in.Options))
	}
	p.line("duration", "%s, %s ticks", span(in.Duration), grouped(in.Ticks))
	p.line("ended", "%s", in.ending())
}

// optionLine shows the recorder's options: "chaos=7 follow=parent".
func optionLine(options map[string]string) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(options)) {
		words = append(words, name+"="+options[name])
	}
	return strings.Join(words, " ")
}

// state says in a word or two how far the recording can be used.
func (in *info) state() string {
	s := "complete"
	if !in.Complete {
		s = "not complete"
	}
	if !in.Reliable {
		s += ", unreliable"
	}
	return s
}

// ending says how the program ended.
func (in *info) ending() string {
	if !in.Ended && !in.Complete {
		return "unknown: the recording ends before the program"
	}
	how := fmt.Sprintf("exit status %d", in.ExitCode)
	if in.Signal != 0 {
		how = "killed by " + signalText(in.Signal)
	}
	if in.CoreDumped {
		how += ", core dumped"
	}
	if !in.Ended && in.Native == "" {
		how += ", after the end of the recording"
	}
	return how
}

// rootOmission says why the first process was not recorded from its start.
func (in *info) rootOmission() string {
	if in.Native == "" {
		return ""
	}
	return ", not recorded: " + in.Native
}

func (in *info) tables(p *page) {
	kinds := slices.SortedStableFunc(slices.Values(in.Kinds), func(a, b kindUsage) int { return cmp.Compare(b.Bytes, a.Bytes) })
	rows := [][]string{{"events", "count", "size"}}
	for _, k := range kinds {
		rows = append(rows, []string{k.Kind, grouped(k.Count), size(int64(k.Bytes))})
	}
	p.table(append(rows, []string{"total", grouped(in.Events), size(int64(in.EventBytes))}))

	rows = [][]string{{"space", "chunks", "content", "in the file"}}
	for _, u := range in.Space {
		rows = append(rows, []string{u.Type, grouped(uint64(u.Chunks)), size(u.Raw), size(u.Stored)})
	}
	p.table(rows)

	rows = [][]string{{"files", "kind", "size"}}
	for _, f := range in.Files {
		rows = append(rows, []string{f.Path, string(f.Kind), size(f.Size)})
	}
	p.table(rows)
}

// page writes labelled lines and tables. Its first error stays.
type page struct {
	w   io.Writer
	err error
}

func (p *page) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func (p *page) line(label, format string, args ...any) {
	p.printf("%-10s %s\n", label, fmt.Sprintf(format, args...))
}

func (p *page) remarks(title string, list []remark) {
	if len(list) == 0 {
		return
	}
	p.printf("\n%s\n", title)
	for _, r := range list {
		where := ""
		if r.Process != "" {
			where = r.Process + ", "
		}
		p.printf("  %sevent %d, tick %s: %s\n", where, r.Event, grouped(r.Tick), r.Text)
	}
}

// columns writes rows, aligned as one letter for each column says: l flush
// left, r flush right.
func (p *page) columns(align string, rows [][]string) {
	widths := make([]int, len(align))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if align[i] == 'r' {
				line.WriteString(pad + cell + "  ")
			} else {
				line.WriteString(cell + pad + "  ")
			}
		}
		p.printf("%s\n", strings.TrimRight(line.String(), " "))
	}
}

// table writes rows, the first of which is the heading: the first column
// flush left, the others flush right.
func (p *page) table(rows [][]string) {
	if len(rows) == 1 {
		return
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	p.printf("\n")
	for n, row := range rows {
		indent := "  "
		if n == 0 {
			indent = ""
		}
		p.printf("%s%-*s", indent, widths[0]+2-len(indent), row[0])
		for i, cell := range row[1:] {
			p.printf("  %*s", widths[i+1], cell)
		}
		p.printf("\n")
	}
}
