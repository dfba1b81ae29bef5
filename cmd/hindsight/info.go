package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
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
what the log holds and what takes the space, and what is not as it should be.`,
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

// remark is a text that the recorder left in the log.
type remark struct {
	Event uint64 `json:"event"`
	Tick  uint64 `json:"tick"`
	Text  string `json:"text"`
}

func gather(path string, r *recording.Reader) (*info, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	in := &info{
		Path: path, Size: st.Size(), Complete: r.Complete(), Manifest: r.Manifest(),
		EventBytes: r.EventBytes(), Space: r.Usage(), Snapshots: len(r.Snapshots()), Files: r.Files(),
	}
	if d := r.Damage(); d != nil {
		in.Damage = d.Error()
	}
	in.end(r)
	if err := in.scan(r); err != nil {
		return nil, err
	}
	in.Reliable = len(in.Unreliable) == 0
	return in, nil
}

// end takes how the recording ended from its trailer, or else as much of it
// as the chunks of events tell.
func (in *info) end(r *recording.Reader) {
	if t := r.Trailer(); t != nil {
		in.Duration, in.Ticks, in.Aborted = t.Duration, t.Ticks, t.Aborted
		in.ExitCode, in.Signal, in.CoreDumped = t.ExitCode, t.Signal, t.CoreDumped
		return
	}
	if chunks := r.EventChunks(); len(chunks) > 0 {
		last := chunks[len(chunks)-1]
		in.Ticks, in.Duration = last.LastTick, max(0, last.Wall.Sub(in.Start))
	}
}

// scan looks at all events.
func (in *info) scan(r *recording.Reader) error {
	var kinds [256]kindUsage
	err := eachEvent(r, func(n uint64, ev []byte) error {
		h, err := event.ParseHeader(ev)
		if err != nil {
			return err
		}
		in.Events++
		kinds[h.Kind].Count++
		kinds[h.Kind].Bytes += uint64(h.Size)
		return in.see(n, h, ev)
	})
	for k, u := range kinds {
		if u.Count > 0 {
			u.Kind = event.Kind(k).String()
			in.Kinds = append(in.Kinds, u)
		}
	}
	return err
}

// see takes from an event what is shown of it.
func (in *info) see(n uint64, h event.Header, ev []byte) error {
	switch h.Kind {
	case event.KindNote:
		note, err := event.DecodeNote(ev)
		in.Notes = append(in.Notes, remark{n, h.Tick, note.Text})
		return err
	case event.KindUnreliable:
		u, err := event.DecodeUnreliable(ev)
		in.Unreliable = append(in.Unreliable, remark{n, h.Tick, u.Text})
		return err
	case event.KindExit:
		e, err := event.DecodeExit(ev)
		in.Ended = true
		in.ExitCode, in.Signal, in.CoreDumped = int(e.Code), int(e.Signal), e.Core != 0
		return err
	}
	return nil
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
