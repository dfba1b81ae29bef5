package record

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/tracee"
)

// remapped makes a call that may change the address space in any way, and
// finds out how by comparing the kernel's mappings with what they were.
func (r *recorder) remapped(g engine.Regs, c *call) error {
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	w, err := r.outputs(c, c.result)
	if err != nil {
		return err
	}
	if err := r.e.Grow(0, ^uint64(0)); err != nil {
		return err
	}
	maps, err := r.t.Maps()
	if err != nil {
		return err
	}
	if c.nr == unix.SYS_SHMAT && !failed(c.result) {
		r.replaced(c.result, maps) // with SHM_REMAP
	}
	var evs [][]byte
	for _, gone := range missing(r.e.Space.Mappings(), coverage(maps)) {
		r.e.Changed(gone.Start, gone.End)
		r.e.Space.Unmap(gone.Start, gone.End)
		evs = append(evs, event.AppendUnmap(nil, r.e.Tick(), event.Unmap{Addr: gone.Start, Len: gone.End - gone.Start}))
	}
	for _, m := range maps {
		added, err := r.addNew(m)
		if err != nil {
			return err
		}
		evs = append(evs, added...)
	}
	return r.finish(g, c, event.FlagEffect, w, evs...)
}

// attach makes shmat.
func (r *recorder) attach(g engine.Regs, c *call) error {
	const round = 020000 // SHM_RND
	start := c.args[1]
	if c.args[2]&round != 0 {
		start &^= pageSize - 1
	}
	if start != 0 && start%pageSize == 0 {
		if err := r.roomForSegment(c.args[0], start, c.args[2]); err != nil {
			return err
		}
	}
	return r.remapped(g, c)
}

// roomForSegment makes room for a segment that is to be attached at start.
func (r *recorder) roomForSegment(id, start, flags uint64) error {
	const (
		replace = 040000 // SHM_REMAP
		sizeAt  = 48     // of shm_segsz in struct shmid_ds, behind shm_perm
		length  = 112
	)
	result, err := r.t.RemoteSyscall(r.e.Gadget(), unix.SYS_SHMCTL, id, unix.IPC_STAT, r.e.Lend(make([]byte, length)))
	if err != nil || failed(result) {
		return err // the call will say why
	}
	end := pageEnd(start, binary.LittleEndian.Uint64(r.e.Lent(length)[sizeAt:]))
	if flags&replace == 0 {
		return r.roomToGrow(start, end)
	}
	_, err = r.makeRoom(start, end)
	return err
}

// replaced forgets what was mapped before where there is now the mapping that
// begins at start.
func (r *recorder) replaced(start uint64, maps []tracee.Mapping) {
	for _, m := range maps {
		if m.Start == start {
			r.e.Changed(m.Start, m.End)
			r.e.Space.Unmap(m.Start, m.End)
		}
	}
}

// remapPages makes remap_file_pages, by which two pages of a shared mapping may
// show the same memory: that is foreign from now on.
func (r *recorder) remapPages(g engine.Regs, c *call) error {
	evs, err := r.shareAnonymous()
	if err != nil {
		return err
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	start, end := c.args[0]&^(pageSize-1), pageEnd(c.args[0], c.args[1])
	if r.w != nil && !failed(c.result) {
		r.e.Changed(start, end)
		for _, m := range r.e.Space.Within(start, end) {
			m.Foreign = true
			// A mapping of its own, as for the kernel: an alias shows one alone.
			r.e.Space.Map(m)
			evs = append(evs, event.AppendForeign(nil, r.e.Tick(), event.Foreign{Addr: m.Start, Len: m.End - m.Start}))
		}
		if err := r.e.Shut(start, end); err != nil {
			return err
		}
	}
	return r.finish(g, c, event.FlagEffect, nil, evs...)
}

// coverage returns the ranges of the kernel's mappings, as a Space.
func coverage(maps []tracee.Mapping) *engine.Space {
	s := &engine.Space{}
	for _, m := range maps {
		s.Map(guestMapping(m))
	}
	return s
}

// missing returns the parts of the mappings ms that s lacks. A stack may have
// grown, which is no change.
func missing(ms []engine.Mapping, s *engine.Space) (out []engine.Mapping) {
	for _, m := range ms {
		at := m.Start
		for _, have := range s.Within(m.Start, m.End) {
			if at < have.Start {
				out = append(out, engine.Mapping{Start: at, End: have.Start})
			}
			at = have.End
		}
		if at < m.End {
			out = append(out, engine.Mapping{Start: at, End: m.End})
		}
	}
	return out
}

// addNew notes the parts of m that were not there before, and what they hold.
func (r *recorder) addNew(m tracee.Mapping) (evs [][]byte, err error) {
	if r.e.Ours(m.Start, m.End) || m.Path == "[stack]" {
		return nil, nil
	}
	for _, part := range missing([]engine.Mapping{guestMapping(m)}, r.e.Space) {
		n := guestMapping(m)
		n.Start, n.End = part.Start, part.End
		ev := event.Map{Addr: n.Start, Len: n.End - n.Start, Prot: n.Prot, Flags: mapFlags(n), Path: n.Path}
		if r.w != nil && !strings.HasPrefix(n.Path, "[v") {
			blob, err := r.memoryBlob(n.Start, n.End)
			if err != nil {
				return nil, err
			}
			ev.Blob = uint64(blob)
		}
		n.Foreign = n.Shared && r.w != nil
		if err := r.addMap(&n, &ev); err != nil {
			return nil, err
		}
		evs = append(evs, event.AppendMap(nil, r.e.Tick(), ev))
	}
	return evs, nil
}
