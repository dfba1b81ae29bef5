package replay

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
)

// backing says which blob a range of memory was filled from: where the
// program drops its changes (MADV_DONTNEED), that comes back.
type backing struct {
	start, end uint64
	blob       recording.BlobID
	off        int64 // in blob, of start
}

// backings are disjoint, in no order.
type backings []backing

// cut removes [start, end).
func (b backings) cut(start, end uint64) backings {
	var out backings
	for _, x := range b {
		if x.end <= start || end <= x.start {
			out = append(out, x)
			continue
		}
		if x.start < start {
			out = append(out, backing{x.start, start, x.blob, x.off})
		}
		if x.end > end {
			out = append(out, backing{end, x.end, x.blob, x.off + int64(end-x.start)})
		}
	}
	return out
}

// within returns the parts in [start, end).
func (b backings) within(start, end uint64) (out backings) {
	for _, x := range b {
		lo, hi := max(x.start, start), min(x.end, end)
		if lo < hi {
			out = append(out, backing{lo, hi, x.blob, x.off + int64(lo-x.start)})
		}
	}
	return out
}

// moved returns b with its addresses changed from old to new.
func (b backings) moved(from, to uint64) (out backings) {
	for _, x := range b {
		out = append(out, backing{x.start - from + to, x.end - from + to, x.blob, x.off})
	}
	return out
}

func imageBackings(image *recording.Snapshot) (b backings) {
	for _, m := range image.Mappings {
		if m.Blob != 0 && m.Path != "" && m.Path[0] == '/' {
			b = append(b, backing{m.Start, m.End, m.Blob, 0})
		}
	}
	return b
}

func pageUp(a uint64) uint64 { return (a + pageSize - 1) &^ (pageSize - 1) }

// changing is called before the mappings in a range become others, and again
// afterwards: translations of code there are dropped, and forks made before
// no longer have the same code.
func (p *Player) changing(start, end uint64) {
	for _, m := range p.e().Space.Within(start, end) {
		if m.Prot&unix.PROT_EXEC != 0 {
			p.version++
			break
		}
	}
	p.e().Changed(start, end)
}

// memoryEvents applies the kinds of events that change the address space.
var memoryEvents = [event.NumKinds]func(*Player, []byte) error{
	event.KindMap:     (*Player).applyMap,
	event.KindUnmap:   (*Player).applyUnmap,
	event.KindProtect: (*Player).applyProtect,
	event.KindRemap:   (*Player).applyRemap,
	event.KindBrk:     (*Player).applyBrk,
	event.KindForeign: (*Player).applyForeign,
}

func (p *Player) applyMap(ev []byte) error {
	m, err := event.DecodeMap(ev)
	if err != nil {
		return err
	}
	mapping := engine.Mapping{
		Start: m.Addr, End: m.Addr + m.Len, Prot: m.Prot & 7, Path: m.Path, Offset: m.FileOff,
		Shared:    m.Flags&unix.MAP_TYPE != unix.MAP_PRIVATE,
		Growsdown: m.Flags&unix.MAP_GROWSDOWN != 0,
		Foreign:   m.Flags&event.MapForeign != 0,
	}
	if err := p.mapFresh(mapping); err != nil {
		return err
	}
	if m.Blob == 0 {
		return nil
	}
	p.back = append(p.back, backing{mapping.Start, mapping.End, recording.BlobID(m.Blob), 0})
	return fill(p.e().Tracee(), p.r, mapping.Start, mapping.End, recording.BlobID(m.Blob), 0)
}

// mapFresh maps zeros in place of whatever was there.
func (p *Player) mapFresh(m engine.Mapping) error {
	if p.e().Ours(m.Start, m.End) {
		if err := p.e().GiveWay(m.Start, m.End); err != nil {
			return err
		}
	}
	if err := p.e().Grow(m.Start, m.End); err != nil {
		return err
	}
	p.changing(m.Start, m.End)
	if err := mapMemory(p.e(), m, access(m), unix.MAP_FIXED); err != nil {
		return err
	}
	p.back = p.back.cut(m.Start, m.End)
	p.e().Space.Map(m)
	p.changing(m.Start, m.End)
	return nil
}

func (p *Player) applyUnmap(ev []byte) error {
	u, err := event.DecodeUnmap(ev)
	if err != nil {
		return err
	}
	return p.unmap(u.Addr, u.Addr+u.Len)
}

func (p *Player) unmap(start, end uint64) error {
	if err := p.e().Grow(start, end); err != nil {
		return err
	}
	p.changing(start, end)
	ranges := []engine.Mapping{{Start: start, End: end}}
	if p.e().Ours(start, end) {
		ranges = p.e().Space.Within(start, end)
	}
	for _, m := range ranges {
		if err := p.remote(unix.SYS_MUNMAP, m.Start, m.End-m.Start); err != nil {
			return err
		}
	}
	p.back = p.back.cut(start, end)
	p.e().Space.Unmap(start, end)
	return nil
}

func (p *Player) applyProtect(ev []byte) error {
	c, err := event.DecodeProtect(ev)
	if err != nil {
		return err
	}
	start, end := c.Addr&^(pageSize-1), pageUp(c.Addr+c.Len)
	if err := p.e().GrowTo(start, end); err != nil {
		return err
	}
	p.changing(start, end)
	// Changed forgets the pages that were write-protected for their code;
	// the new protection replaces that.
	for _, m := range p.e().Space.Within(start, end) {
		m.Prot = c.Prot & 7
		if err := p.remote(unix.SYS_MPROTECT, m.Start, m.End-m.Start, access(m)); err != nil {
			return err
		}
	}
	p.e().Space.Protect(start, end, c.Prot&7)
	p.changing(start, end)
	return nil
}

func (p *Player) applyBrk(ev []byte) error {
	b, err := event.DecodeBrk(ev)
	if err != nil {
		return err
	}
	p.brk = b.New
	from, to := pageUp(b.Old), pageUp(b.New)
	switch {
	case to > from:
		return p.mapFresh(engine.Mapping{Start: from, End: to, Prot: unix.PROT_READ | unix.PROT_WRITE, Path: "[heap]"})
	case to < from:
		return p.unmap(to, from)
	}
	return nil
}

// mremapDontUnmap is MREMAP_DONTUNMAP (linux/mman.h): the old range stays,
// and is empty afterwards.
const mremapDontUnmap = 4

func (p *Player) applyRemap(ev []byte) error {
	m, err := event.DecodeRemap(ev)
	if err != nil {
		return err
	}
	oldLen, newLen := pageUp(m.OldLen), pageUp(m.NewLen)
	if err := p.e().GrowTo(m.Old, m.Old+oldLen); err != nil {
		return err
	}
	was, ok := p.e().Space.Find(m.Old)
	if !ok {
		return fmt.Errorf("mremap of %#x, where nothing is mapped", m.Old)
	}
	// Pages write-protected for their code make several mappings of one.
	if err := p.e().Unprotect(m.Old, m.Old+max(oldLen, 1)); err != nil {
		return err
	}
	p.changing(m.Old, m.Old+oldLen)
	fresh := m.New
	if m.New == m.Old {
		fresh += min(oldLen, newLen)
	}
	if err := p.e().GiveWay(fresh, m.New+newLen); err != nil {
		return err
	}
	moved := p.back.within(m.Old, m.Old+min(oldLen, newLen)).moved(m.Old, m.New)
	if err := p.move(m.Old, oldLen, m.New, newLen, m.Flags&mremapDontUnmap, was); err != nil {
		return err
	}
	if m.Flags&mremapDontUnmap == 0 {
		p.back = p.back.cut(m.Old, m.Old+oldLen)
		p.e().Space.Unmap(m.Old, m.Old+oldLen)
	}
	p.back = append(p.back.cut(m.New, m.New+newLen), moved...)
	was.Start, was.End = m.New, m.New+newLen
	p.e().Space.Map(was)
	p.changing(m.New, m.New+newLen)
	return nil
}

// move does what the recorded mremap did.
func (p *Player) move(old, oldLen, to, newLen, flags uint64, was engine.Mapping) error {
	if oldLen == 0 {
		return p.twin(old, to, newLen, was)
	}
	if to != old {
		flags |= unix.MREMAP_FIXED | unix.MREMAP_MAYMOVE
	}
	err := p.remote(unix.SYS_MREMAP, old, oldLen, newLen, flags, to)
	if err == nil {
		return nil
	}
	// Here the range may be several mappings where it was one (EFAULT).
	content := make([]byte, min(oldLen, newLen))
	if _, rerr := p.e().Tracee().ReadMem(old, content); rerr != nil {
		return err
	}
	if flags&mremapDontUnmap == 0 {
		err = p.remote(unix.SYS_MUNMAP, old, oldLen)
	} else {
		err = p.remote(unix.SYS_MADVISE, old, oldLen, unix.MADV_DONTNEED)
	}
	if err != nil {
		return err
	}
	was.Start, was.End = to, to+newLen
	if err := mapMemory(p.e(), was, access(was), unix.MAP_FIXED); err != nil {
		return err
	}
	return writeNonzero(p.e().Tracee(), to, content)
}

// discard gives memory back the content that it had at first. What is shared
// keeps its content if keeps says so (madvise(2)).
func (p *Player) discard(start, end uint64, keeps bool) error {
	start, end = start&^(pageSize-1), pageUp(end)
	if err := p.e().Grow(start, end); err != nil {
		return err
	}
	// The mappings stay, so that they must get their protection back.
	if err := p.e().Unprotect(start, end); err != nil {
		return err
	}
	p.changing(start, end)
	for _, m := range p.e().Space.Within(start, end) {
		if m.Shared && keeps {
			continue
		}
		if err := p.remote(unix.SYS_MADVISE, m.Start, m.End-m.Start, unix.MADV_DONTNEED); err != nil {
			return err
		}
	}
	for _, b := range p.back.within(start, end) {
		if err := fill(p.e().Tracee(), p.r, b.start, b.end, b.blob, b.off); err != nil {
			return err
		}
	}
	return nil
}

// remote makes a syscall in the replayed process, for us.
func (p *Player) remote(nr uint64, args ...uint64) error {
	_, err := p.e().Tracee().RemoteCall(p.e().Gadget(), nr, args...)
	return err
}

// write applies recorded writes to guest memory.
func (p *Player) write(w event.Writes) error {
	for addr, data := range w.All() {
		end := addr + uint64(len(data))
		if p.e().Protected(addr, end) {
			if err := p.e().Unprotect(addr, end); err != nil {
				return err
			}
		}
		if err := p.writeTo(addr, data); err != nil {
			return fmt.Errorf("apply a recorded write: %w", err)
		}
		if err := p.e().Mirror(addr, uint64(len(data))); err != nil {
			return err
		}
		p.rewritten(addr, end)
		p.noteWrite(addr, uint64(len(data)))
	}
	return nil
}

// writeTo writes to memory, where a stack may still have to grow to.
func (p *Player) writeTo(addr uint64, data []byte) error {
	err := p.e().Tracee().WriteMem(addr, data)
	if err == nil {
		return nil
	}
	if grown, gerr := p.roomForStackTo(addr); !grown || gerr != nil {
		return errors.Join(err, gerr)
	}
	return p.e().Tracee().WriteMem(addr, data)
}

// rewritten drops what is known of code in [start, end) that the guest could
// not have written there: it has by a descriptor of its memory.
func (p *Player) rewritten(start, end uint64) {
	for _, m := range p.e().Space.Within(start, end) {
		if m.Prot&(unix.PROT_EXEC|unix.PROT_WRITE) == unix.PROT_EXEC && !m.Foreign {
			p.changing(m.Start&^(pageSize-1), pageUp(m.End))
		}
	}
}

func (b backings) clone() backings { return slices.Clone(b) }
