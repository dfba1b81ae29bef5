package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"hindsight/internal/event"
	"hindsight/internal/recording"
)

func infoCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info [--json] FILE",
		Short: "Tell what is in a recording",
		Long: `Tell what a recording is of: the command, where and when it ran and how it ended,
what the logs hold and what takes the space, and what is not as it should be. The
sums are over all its processes, which hindsight ps lists.`,
		DisableFlagsInUseLine: true,
		Args:                  oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := openRecording(args[0])
			if err != nil {
				return err
			}
			defer r.Close()
			in, err := gather(args[0], r)
			if err == nil {
				err = printTo(os.Stdout, func(w io.Writer) error { return in.print(w, asJSON) })
			}
			if err != nil {
				return exitStatus{exitFailed, fmt.Errorf("%s: %w", args[0], err)}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as one JSON object")
	return cmd
}

// info is what there is to say about a recording, in the order of its JSON.
type info struct {
	Path     string `json:"path"`
	Size     int64  `json:"size"`
	Complete bool   `json:"complete"`
	Damage   string `json:"damage,omitempty"`
	Aborted  string `json:"aborted,omitempty"`
	Reliable bool   `json:"reliable"`

	recording.Manifest

	Processes   int `json:"processes"`
	NotRecorded int `json:"processes_not_recorded,omitempty"`

	Ended      bool          `json:"ended"` // the end of the program was recorded
	ExitCode   int           `json:"exit_code"`
	Signal     int           `json:"signal,omitempty"`
	CoreDumped bool          `json:"core_dumped,omitempty"`
	Duration   time.Duration `json:"duration_ns"`
	Ticks      uint64        `json:"ticks"`

	Events     uint64            `json:"events"`
	EventBytes uint64            `json:"event_bytes"`
	Kinds      []kindUsage       `json:"events_by_kind"`
	Space      []recording.Usage `json:"space"`
	Snapshots  int               `json:"snapshots"`
	Files      []recording.File  `json:"files"`
	Unreliable []remark          `json:"unreliable,omitempty"`
	Notes      []remark          `json:"notes,omitempty"`
}

// kindUsage is what the events of one kind come to.
type kindUsage struct {
	Kind  string `json:"kind"`
	Count uint64 `json:"count"`
	Bytes uint64 `json:"bytes"`
}

// remark is a text that the recorder left in a log.
type remark struct {
	Process string `json:"process,omitempty"` // where there is more than one
	Event   uint64 `json:"event"`
	Tick    uint64 `json:"tick"`
	Text    string `json:"text"`
}

func gather(path string, r *recording.Reader) (*info, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	in := &info{
		Kinds: make([]kindUsage, 256),
		Path:  path, Size: st.Size(), Complete: r.Complete(), Manifest: r.Manifest(),
		Space: r.Usage(), Files: r.Files(), Processes: len(r.Processes()),
	}
	if d := r.Damage(); d != nil {
		in.Damage = d.Error()
	}
	in.end(r)
	for n, p := range r.Processes() {
		v, err := r.Process(n)
		if err != nil {
			return nil, err
		}
		if !p.Recorded() {
			in.NotRecorded++
		}
		if err := in.add(v); err != nil {
			return nil, err
		}
	}
	in.Kinds = slices.DeleteFunc(in.Kinds, func(u kindUsage) bool { return u.Count == 0 })
	in.Reliable = len(in.Unreliable) == 0
	return in, nil
}

// end takes how the recording ended from its trailer, and how the root did
// from the root's.
func (in *info) end(r *recording.Reader) {
	if t := r.Total(); t != nil {
		in.Duration, in.Ticks, in.Aborted = t.Duration, t.Ticks, t.Aborted
	}
	if t := r.Trailer(); t != nil {
		in.ExitCode, in.Signal, in.CoreDumped = t.ExitCode, t.Signal, t.CoreDumped
	}
}

// add takes what is to be said of one process.
func (in *info) add(r *recording.Reader) error {
	in.EventBytes += r.EventBytes()
	in.Snapshots += len(r.Snapshots())
	if chunks := r.EventChunks(); len(chunks) > 0 && r.Total() == nil {
		last := chunks[len(chunks)-1]
		in.Ticks += last.LastTick
		in.Duration = max(in.Duration, last.Wall.Sub(in.Start))
	}
	return eachEvent(r, func(n uint64, ev []byte) error {
		h, err := event.ParseHeader(ev)
		if err != nil {
			return err
		}
		in.Events++
		u := &in.Kinds[h.Kind]
		u.Kind = h.Kind.String()
		u.Count++
		u.Bytes += uint64(h.Size)
		return in.see(r, n, h, ev)
	})
}

// see takes from an event what is shown of it.
func (in *info) see(r *recording.Reader, n uint64, h event.Header, ev []byte) error {
	switch h.Kind {
	case event.KindNote:
		note, err := event.DecodeNote(ev)
		in.Notes = append(in.Notes, in.remark(r, n, h.Tick, note.Text))
		return err
	case event.KindUnreliable:
		u, err := event.DecodeUnreliable(ev)
		in.Unreliable = append(in.Unreliable, in.remark(r, n, h.Tick, u.Text))
		return err
	case event.KindExit:
		if r.Info().Number != recording.RootNumber {
			return nil
		}
		e, err := event.DecodeExit(ev)
		in.Ended = true
		in.ExitCode, in.Signal, in.CoreDumped = int(e.Code), int(e.Signal), e.Core != 0
		return err
	}
	return nil
}

func (in *info) remark(r *recording.Reader, n, tick uint64, text string) remark {
	m := remark{Event: n, Tick: tick, Text: text}
	if p := r.Info(); in.Processes > 1 {
		m.Process = processName(r, &p)
	}
	return m
}

func (in *info) print(w io.Writer, asJSON bool) error {
	if !asJSON {
		return in.text(w)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(in)
}
