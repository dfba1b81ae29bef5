package recording

import "fmt"

// process is what a Reader knows of one process.
type process struct {
	info      Process
	snapshots []SnapshotInfo
	snapAt    []entry
	chunks    []ChunkInfo
	eventsAt  []entry
	streamEnd uint64 // bytes of events
}

func (r *Reader) announce(info Process) {
	info.Number = len(r.procs)
	r.procs = append(r.procs, &process{info: info})
}

// alive checks that the process of a chunk was announced and has not ended.
func (r *Reader) alive(e entry) error {
	switch {
	case uint64(e.process) >= uint64(len(r.procs)):
		return fmt.Errorf("%v chunk of process %d of %d", e.typ, e.process, len(r.procs))
	case r.procs[e.process].info.End != nil:
		return fmt.Errorf("%v chunk behind the end of process %d", e.typ, e.process)
	}
	return nil
}

func (r *Reader) adoptProcess(e entry) error {
	var p Process
	if err := r.readJSON(e, &p); err != nil {
		return err
	}
	if uint64(e.process) != uint64(len(r.procs)) || p.Parent < 0 || p.Parent >= len(r.procs) {
		return fmt.Errorf("process %d, child of %d, behind %d others", e.process, p.Parent, len(r.procs))
	}
	p.End = nil // it has a chunk of its own
	r.announce(p)
	return nil
}

func (r *Reader) adoptExec(e entry) error {
	var m Image
	if err := r.readJSON(e, &m); err != nil {
		return err
	}
	p := &r.procs[e.process].info
	p.Images = append(p.Images, m)
	return nil
}

func (r *Reader) adoptProcessEnd(e entry) error {
	var t Trailer
	if err := r.readJSON(e, &t); err != nil {
		return err
	}
	r.procs[e.process].info.End = &t
	return nil
}

// Processes lists all processes, by number.
func (r *Reader) Processes() []Process {
	all := make([]Process, len(r.procs))
	for i, p := range r.procs {
		all[i] = p.info
	}
	return all
}

// Process returns a view of the process with a number.
func (r *Reader) Process(n int) (*Reader, error) {
	if n < 0 || n >= len(r.procs) {
		return nil, fmt.Errorf("process %d of %d: %w", n, len(r.procs), ErrNoProcess)
	}
	view := *r
	view.process = r.procs[n]
	return &view, nil
}

// ByPID returns a view of the first process that had a process ID.
func (r *Reader) ByPID(pid int) (*Reader, error) {
	for n, p := range r.procs {
		if p.info.PID == pid {
			return r.Process(n)
		}
	}
	return nil, fmt.Errorf("process ID %d: %w", pid, ErrNoProcess)
}

// Info tells about the process of this view.
func (r *Reader) Info() Process { return r.info }

// Trailer says how the process ended; nil where that is not known.
func (r *Reader) Trailer() *Trailer { return r.info.End }

// Snapshots lists the snapshots.
func (r *Reader) Snapshots() []SnapshotInfo { return r.snapshots }

// Snapshot reads the i-th snapshot.
func (r *Reader) Snapshot(i int) (*Snapshot, error) {
	if i < 0 || i >= len(r.snapAt) {
		return nil, fmt.Errorf("read snapshot %d: recording has %d", i, len(r.snapAt))
	}
	var s Snapshot
	if err := r.readJSON(r.snapAt[i], &s); err != nil {
		return nil, fmt.Errorf("read snapshot %d: %w", i, err)
	}
	s.Tick, s.EventSeq = r.snapshots[i].Tick, r.snapshots[i].EventSeq
	return &s, nil
}

// EventChunks lists the chunks of events, in order.
func (r *Reader) EventChunks() []ChunkInfo { return r.chunks }

// EventBytes is the length of the process's whole stream of events.
func (r *Reader) EventBytes() uint64 { return r.streamEnd }

// EventChunk reads the i-th chunk of events, whole events only.
func (r *Reader) EventChunk(i int) ([]byte, error) {
	if i < 0 || i >= len(r.eventsAt) {
		return nil, fmt.Errorf("read events: chunk %d of %d", i, len(r.eventsAt))
	}
	b, err := r.content(r.eventsAt[i])
	if err != nil {
		return nil, fmt.Errorf("read events from tick %d: %w", r.chunks[i].FirstTick, err)
	}
	return b, nil
}
