package record

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
)

const pageSize = 4096

func pageEnd(addr, length uint64) uint64 { return (addr + length + pageSize - 1) &^ (pageSize - 1) }

// failed reports whether a result is an errno.
func failed(result uint64) bool { return result > ^uint64(4095) }

func (r *recorder) mmap(g engine.Regs, c *call) error {
	addr, length, prot, flags := c.args[0], c.args[1], c.args[2], c.args[3]
	if end := pageEnd(addr, length); r.takes(addr, end, flags) {
		ok, err := r.makeRoom(addr, end)
		if err != nil {
			return err
		}
		if !ok && flags&(unix.MAP_FIXED|unix.MAP_FIXED_NOREPLACE) != 0 {
			return r.fail(g, c, unix.ENOMEM)
		}
		if err := r.e.Grow(addr, end); err != nil {
			return err
		}
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	if failed(c.result) {
		return r.complete(g, c)
	}
	if flags&unix.MAP_TYPE == unix.MAP_DROPPABLE {
		if err := r.keepPages(c.result, length, prot); err != nil {
			return err
		}
		flags = flags&^unix.MAP_TYPE | unix.MAP_PRIVATE
	}
	m := engine.Mapping{
		Start: c.result, End: pageEnd(c.result, length), Prot: prot & 7,
		Shared: flags&unix.MAP_TYPE != unix.MAP_PRIVATE, Growsdown: flags&unix.MAP_GROWSDOWN != 0,
	}
	ev := event.Map{Addr: m.Start, Len: m.End - m.Start, Prot: m.Prot, Flags: flags}
	if flags&unix.MAP_ANONYMOUS == 0 {
		if err := r.mapFile(c, &m, &ev); err != nil {
			return err
		}
	}
	if err := r.addMap(&m, &ev); err != nil {
		return err
	}
	return r.finish(g, c, event.FlagEffect, nil, event.AppendMap(nil, r.e.Tick(), ev))
}

// takes reports whether mmap would map [start, end) if nothing of ours were
// there.
func (r *recorder) takes(start, end, flags uint64) bool {
	const noReplace = unix.MAP_FIXED_NOREPLACE
	if flags&noReplace == 0 && flags&unix.MAP_FIXED != 0 {
		return true
	}
	return start != 0 && !r.e.Space.Overlaps(start, end)
}

// keepPages replaces a mapping whose pages the kernel may drop at any time
// by one that is the same but for that: private, and empty after a fork.
func (r *recorder) keepPages(addr, length, prot uint64) error {
	const flags = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_FIXED | unix.MAP_NORESERVE
	if _, err := r.t.RemoteCall(r.e.Gadget(), unix.SYS_MMAP, addr, length, prot, flags, ^uint64(0), 0); err != nil {
		return err
	}
	_, err := r.t.RemoteCall(r.e.Gadget(), unix.SYS_MADVISE, addr, pageEnd(0, length), unix.MADV_WIPEONFORK)
	return err
}

// mapFile notes which file was mapped, and what it holds.
func (r *recorder) mapFile(c *call, m *engine.Mapping, ev *event.Map) error {
	m.Offset = c.args[5]
	m.Path = r.mappedPath(c.args[4])
	ev.Path, ev.FileOff = m.Path, m.Offset
	if r.w == nil {
		return nil
	}
	blob, err := r.memoryBlob(m.Start, m.End)
	if err != nil {
		return err
	}
	ev.Blob = uint64(blob)
	m.Foreign = r.mayChange(c.args[4], m)
	if m.Prot&unix.PROT_EXEC != 0 && filepath.IsAbs(m.Path) {
		r.files.add(m.Path, recording.FileLib)
	}
	return nil
}

// mappedPath returns the path of the file that a descriptor stands for, as maps
// names it. Reading maps would take time for each mapping that there is.
func (r *recorder) mappedPath(fd uint64) string {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", r.t.TID, int32(fd)))
	if err != nil {
		return "" // another process that shares the descriptors has closed it
	}
	return strings.TrimSuffix(path, " (deleted)")
}

func (r *recorder) munmap(g engine.Regs, c *call) error {
	start, end := c.args[0], pageEnd(c.args[0], c.args[1])
	if err := r.e.Grow(start, end); err != nil {
		return err
	}
	if start%pageSize == 0 && end < 1<<47 && r.holed(c) {
		return r.unmapAround(g, c)
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	if failed(c.result) {
		return r.complete(g, c)
	}
	r.e.Changed(start, end)
	r.e.Space.Unmap(start, end)
	return r.finish(g, c, event.FlagEffect, nil, event.AppendUnmap(nil, r.e.Tick(), event.Unmap{Addr: start, Len: end - start}))
}

func (r *recorder) mprotect(g engine.Regs, c *call) error {
	start, end := c.args[0], pageEnd(c.args[0], c.args[1])
	run, holed := g, r.holed(c)
	if holed {
		if end = r.e.UpToOurs(start, end); start >= end {
			return r.nowhere(g, c)
		}
		run.Rsi = end - start
	}
	if err := r.e.Grow(start, end); err != nil {
		return err
	}
	if from, ok := r.e.StackFrom(start); ok && c.args[2]&unix.PROT_GROWSDOWN != 0 && start%pageSize == 0 && start < end {
		start = from
		run.Rdi, run.Rsi, run.Rdx = start, end-start, c.args[2]&^unix.PROT_GROWSDOWN
	}
	if err := r.e.Unprotect(start, end); err != nil {
		return err
	}
	if err := r.execute(run, c); err != nil || c.interrupted {
		return err
	}
	if failed(c.result) {
		// Part of the range may have changed: ask the kernel.
		return r.resurvey(g, c, start, end)
	}
	if holed {
		c.result = errnoResult(unix.ENOMEM)
	}
	r.e.Changed(start, end)
	r.e.Space.Protect(start, end, c.args[2]&7)
	if err := r.e.Shut(start, end); err != nil {
		return err
	}
	return r.finish(g, c, event.FlagEffect, nil,
		event.AppendProtect(nil, r.e.Tick(), event.Protect{Addr: start, Len: end - start, Prot: c.args[2] & 7}))
}

// resurvey logs the protections in a range as they are after a call that
// failed halfway.
func (r *recorder) resurvey(g engine.Regs, c *call, start, end uint64) error {
	maps, err := r.t.Maps()
	if err != nil {
		return err
	}
	start &^= pageSize - 1 // that it was not aligned may be why
	r.e.Changed(start, end)
	var evs [][]byte
	for _, m := range maps {
		lo, hi := max(m.Start, start), min(m.End, end)
		if lo >= hi || r.e.Ours(lo, hi) || r.e.InForeign(lo) {
			continue
		}
		r.e.Space.Protect(lo, hi, uint64(m.Prot))
		evs = append(evs, event.AppendProtect(nil, r.e.Tick(), event.Protect{Addr: lo, Len: hi - lo, Prot: uint64(m.Prot)}))
	}
	return r.finish(g, c, event.FlagEffect, nil, evs...)
}

func (r *recorder) mremap(g engine.Regs, c *call) error {
	old, oldLen, newLen, flags := c.args[0], c.args[1], c.args[2], c.args[3]
	to := c.args[4]
	if r.e.Ours(old, pageEnd(old, oldLen)) {
		return r.fail(g, c, unix.EFAULT)
	}
	if flags&unix.MREMAP_FIXED != 0 {
		if ok, err := r.makeRoom(to, pageEnd(to, newLen)); !ok || err != nil {
			c.result = errnoResult(unix.ENOMEM)
			return both(err, r.complete(g, c))
		}
	}
	if flags&^unix.MREMAP_MAYMOVE == 0 && oldLen != 0 {
		if err := r.roomToGrow(pageEnd(old, oldLen), pageEnd(old, newLen)); err != nil {
			return err
		}
	}
	if err := r.e.Grow(old, pageEnd(old, oldLen)); err != nil {
		return err
	}
	if err := r.e.Unprotect(old, pageEnd(old, max(oldLen, newLen))); err != nil {
		return err
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	if failed(c.result) {
		return r.complete(g, c)
	}
	evs := r.relocated(old, c.result, oldLen, newLen, flags)
	m := engine.Mapping{Start: c.result, End: pageEnd(c.result, newLen)}
	if oldLen == 0 {
		// Two mappings of the same memory.
		shared, err := r.makeForeign(old&^(pageSize-1), pageEnd(old, newLen), m.Start, m.End)
		if err != nil {
			return err
		}
		evs = append(evs, shared...)
	}
	return r.finish(g, c, event.FlagEffect, nil, evs...)
}

// relocated notes a move, and returns its events: since Linux 6.17 several mappings may
// move together if their size stays.
func (r *recorder) relocated(old, to, oldLen, newLen, flags uint64) (evs [][]byte) {
	const dontUnmap = 4 // MREMAP_DONTUNMAP
	oldEnd, newEnd := pageEnd(old, oldLen), pageEnd(to, newLen)
	parts := r.e.Space.Within(old, oldEnd)
	if oldEnd-old != newEnd-to || len(parts) == 1 {
		m, _ := r.e.Space.Find(old)
		m.Start, m.End = to, newEnd
		parts = []engine.Mapping{m}
		evs = append(evs, event.AppendRemap(nil, r.e.Tick(), event.Remap{Old: old, OldLen: oldLen, New: to, NewLen: newLen, Flags: flags}))
	} else {
		for i := range parts {
			p := &parts[i]
			n := p.End - p.Start
			evs = append(evs, event.AppendRemap(nil, r.e.Tick(), event.Remap{Old: p.Start, OldLen: n, New: p.Start - old + to, NewLen: n, Flags: flags}))
			p.Start, p.End = p.Start-old+to, p.End-old+to
		}
	}
	r.e.Changed(old, oldEnd)
	if flags&dontUnmap == 0 && oldLen != 0 {
		r.e.Space.Unmap(old, oldEnd)
	}
	for _, m := range parts {
		r.e.Space.Map(m)
	}
	r.e.Changed(to, newEnd)
	return evs
}

func (r *recorder) setBrk(g engine.Regs, c *call) error {
	if r.brk != 0 {
		// The kernel keeps a page free behind it.
		if err := r.roomToGrow(pageEnd(r.brk, 0), pageEnd(c.args[0], pageSize)); err != nil {
			return err
		}
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	old := r.brk
	r.brk = c.result
	if old == 0 || old == c.result {
		return r.finish(g, c, 0, nil)
	}
	from, to := pageEnd(old, 0), pageEnd(c.result, 0)
	if to > from {
		r.e.Space.Map(engine.Mapping{Start: from, End: to, Prot: unix.PROT_READ | unix.PROT_WRITE, Path: "[heap]"})
		if err := r.lockNew(from, to); err != nil {
			return err
		}
	} else {
		r.e.Space.Unmap(to, from)
	}
	r.e.Changed(min(from, to), max(from, to))
	return r.finish(g, c, event.FlagEffect, nil, event.AppendBrk(nil, r.e.Tick(), event.Brk{Old: old, New: c.result}))
}

// setLimit marks a change of the stack's limit for replay, whose stack must
// end at the same place.
func (r *recorder) setLimit(g engine.Regs, c *call) error {
	resource, limit := c.args[0], c.args[1]
	if c.nr == unix.SYS_PRLIMIT64 {
		resource, limit = c.args[1], c.args[2]
	}
	if resource == unix.RLIMIT_AS && (c.nr != unix.SYS_PRLIMIT64 || c.args[0] == 0 || int(c.args[0]) == r.pid) {
		return r.limitAddressSpace(g, c)
	}
	if resource != unix.RLIMIT_STACK || limit == 0 || c.nr == unix.SYS_GETRLIMIT {
		return r.plain(g, c)
	}
	if err := r.execute(g, c); err != nil || c.interrupted {
		return err
	}
	w, err := r.outputs(c, c.result)
	if err != nil {
		return err
	}
	return r.finish(g, c, event.FlagEffect, w)
}

// archPrctl tells the engine of the bases that the guest has set. The kernel finds
// the guest's own in the registers of the call.
func (r *recorder) archPrctl(g engine.Regs, c *call) error {
	const setGS, setFS = 0x1001, 0x1002
	switch c.args[0] {
	case setGS, setFS:
		if err := r.execute(g, c); err != nil || c.interrupted {
			return err
		}
		base := &g.Fs_base
		if c.args[0] == setGS {
			base = &g.Gs_base
		}
		if c.result == 0 {
			*base = c.args[1]
		}
		ev := event.AppendRegs(nil, r.e.Tick(), event.Regs{Regs: engine.PackRegs(afterCall(g, c))})
		return r.finish(g, c, event.FlagEffect, nil, ev)
	}
	return r.plain(g, c)
}

// afterCall returns the registers behind the call.
func afterCall(g engine.Regs, c *call) *engine.Regs {
	engine.SetResult(&g, c.result)
	return &g
}
