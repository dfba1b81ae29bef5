package replay

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/x86"
)

// Watch is a range of memory, and which accesses to it stop a Run.
type Watch struct {
	Addr, Len uint64
	Kind      x86.Access
}

func (w Watch) overlaps(addr, n uint64) bool { return addr < w.Addr+w.Len && w.Addr < addr+n }

// watcher finds accesses to watched memory during one Run. Where the CPU's
// debug registers cannot watch it all, the watcher takes the permission for
// the accesses away from whole pages: the access faults, and the instruction
// is executed by itself, with the permission back. What we write ourselves,
// such as the result of a syscall, is compared with the ranges.
type watcher struct {
	list  []Watch
	regs  *debugregs      // nil: by page
	pages map[uint64]bool // true: may not even be read
	open  bool            // the guest has its permissions
	hit   *Outcome
}

// arm prepares a Run: watchpoints are in force, and the tracee's log stops
// where the limits want it to.
func (p *Player) arm(lim *Limits) error {
	if lim.Catch != nil || len(lim.Watch) > 0 {
		p.win.valid = false
	}
	p.catch = lim.Catch
	if len(lim.Watch) == 0 {
		return nil
	}
	w := &watcher{list: lim.Watch, pages: map[uint64]bool{}}
	for _, x := range lim.Watch {
		for page := x.Addr &^ (pageSize - 1); page < x.Addr+x.Len; page += pageSize {
			w.pages[page] = w.pages[page] || x.Kind&x86.Read != 0
		}
	}
	p.watches = w
	p.e().Slowly(true)
	if d, ok := useDebugregs(lim.Watch); ok && d.set(p.e().Tracee().PID) == nil {
		w.regs = d
		return nil
	}
	return p.closePages()
}

// disarm undoes arm.
func (p *Player) disarm() error {
	if p.catch != nil || p.watches != nil {
		p.sync()
		p.win.valid = false
	}
	p.catch = nil
	w := p.watches
	if w == nil {
		return nil
	}
	var err error
	if w.regs != nil {
		err = w.regs.unset(p.e().Tracee().PID)
	} else {
		err = p.openPages()
	}
	p.watches = nil
	p.e().Slowly(false)
	return err
}

// stops decides which syscalls stop in the supervisor.
func (p *Player) stops(h event.Header, ev []byte) bool {
	switch h.Kind {
	case event.KindSyscall:
	case event.KindThread, event.KindSwitch, event.KindThreadEnd:
		return p.mark != nil && p.mark(h, ev)
	default:
		return false
	}
	stop := p.mark != nil && p.mark(h, ev) || renames(h, ev)
	if p.catch != nil && h.Flags&event.FlagVDSO == 0 {
		return true
	}
	return stop || p.watches != nil && p.watches.written(ev)
}

// written reports whether a syscall wrote to a watched page.
func (w *watcher) written(ev []byte) bool {
	s, err := event.DecodeSyscall(ev)
	if err != nil {
		return false // the supervisor will say so
	}
	for addr, data := range s.Writes.All() {
		for page := addr &^ (pageSize - 1); page < addr+uint64(len(data)); page += pageSize {
			if _, ok := w.pages[page]; ok {
				return true
			}
		}
	}
	return false
}

// permission is the protection of a guest page as things are without us.
func (p *Player) permission(page uint64) (uint64, bool) {
	if err := p.e().Grow(page, page+pageSize); err != nil {
		return 0, false
	}
	m, ok := p.e().Space.Find(page)
	if !ok {
		return 0, false
	}
	if p.e().Protected(page, page+pageSize) {
		m.Prot &^= unix.PROT_WRITE
	}
	return access(m) & m.Prot, true
}

func (p *Player) closePages() error {
	p.watches.open = false
	return p.setPages(func(prot uint64, unreadable bool) uint64 {
		if unreadable {
			return unix.PROT_NONE
		}
		return prot &^ unix.PROT_WRITE
	})
}

func (p *Player) openPages() error {
	p.watches.open = true
	return p.setPages(func(prot uint64, _ bool) uint64 { return prot })
}

func (p *Player) setPages(prot func(prot uint64, unreadable bool) uint64) error {
	for page, unreadable := range p.watches.pages {
		now, ok := p.permission(page)
		if !ok {
			continue
		}
		if err := p.remote(unix.SYS_MPROTECT, page, pageSize, prot(now, unreadable)); err != nil {
			return fmt.Errorf("watch memory at %#x: %w", page, err)
		}
	}
	return nil
}

// noteWrite is told of what we write to guest memory.
func (p *Player) noteWrite(addr, n uint64) {
	if p.watches == nil || p.watches.hit != nil {
		return
	}
	for _, w := range p.watches.list {
		if w.Kind&x86.Write != 0 && w.overlaps(addr, n) {
			p.watches.hit = &Outcome{Reason: AtWatch, Watch: w, Before: p.Now()}
			return
		}
	}
}

// takeHit returns the access that was found, if there was one.
func (p *Player) takeHit() Outcome {
	if p.watches == nil || p.watches.hit == nil {
		return Outcome{}
	}
	out := *p.watches.hit
	p.watches.hit = nil
	return out
}

// watched handles a fault that a watchpoint has caused: it executes the
// instruction, and finds out what that accessed.
func (p *Player) watched(stop *engine.Stop, lim *Limits) (Outcome, bool, error) {
	w := p.watches
	if w != nil && w.regs != nil && unix.Signal(stop.Signal) == unix.SIGTRAP && stop.Info.Code() == trapHWBkpt {
		out, err := p.debugregHit()
		return out, true, err
	}
	if w == nil || w.regs != nil || w.open || unix.Signal(stop.Signal) != unix.SIGSEGV {
		return Outcome{}, false, nil
	}
	fault := stop.Info.Addr()
	if _, ok := w.pages[fault&^(pageSize-1)]; !ok {
		return Outcome{}, false, nil
	}
	before := p.Now()
	accesses := p.accesses()
	old, err := p.values()
	if err != nil {
		return Outcome{}, true, err
	}
	if err := p.openPages(); err != nil {
		return Outcome{}, true, err
	}
	out, _, err := p.stepOver(lim)
	if p.watches == nil || err != nil || out.Reason != 0 {
		return out, true, err
	}
	if err := p.closePages(); err != nil {
		return Outcome{}, true, err
	}
	now, err := p.values()
	if err != nil {
		return Outcome{}, true, err
	}
	for i, x := range w.list {
		if x.Kind&x86.Write != 0 && !bytes.Equal(old[i], now[i]) || x.accessed(accesses, fault) {
			return Outcome{Reason: AtWatch, Watch: x, Before: before}, true, nil
		}
	}
	return Outcome{}, true, nil
}

// trapHWBkpt is the si_code of a hit of the debug registers (TRAP_HWBKPT).
const trapHWBkpt = 4

// debugregHit goes to the end of the instruction that has made an access.
func (p *Player) debugregHit() (Outcome, error) {
	w := p.watches
	pid := p.e().Tracee().PID
	if err := w.regs.unset(pid); err != nil {
		return Outcome{}, err
	}
	b, err := p.e().ToBoundary()
	if err != nil {
		return Outcome{}, err
	}
	p.sync()
	p.regs, p.tick = b.Regs, p.e().Tick()
	out, err := p.lookAtDebugregs()
	if err != nil {
		return Outcome{}, err
	}
	return out, w.regs.set(pid)
}

// lookAtDebugregs asks the CPU whether a watchpoint was hit.
func (p *Player) lookAtDebugregs() (Outcome, error) {
	w := p.watches
	if w == nil || w.regs == nil {
		return Outcome{}, nil
	}
	addr, hit, err := w.regs.take(p.e().Tracee().PID)
	if !hit || err != nil {
		return Outcome{}, err
	}
	for _, x := range w.list {
		if x.overlaps(addr, 1) {
			return Outcome{Reason: AtWatch, Watch: x}, nil
		}
	}
	return Outcome{}, nil
}

// stepOver executes the present instruction alone. It reports false where that
// has not, or not only, brought the guest behind it.
func (p *Player) stepOver(lim *Limits) (out Outcome, done bool, err error) {
	traced := trapFlag(&p.regs)
	stop, err := p.e().StepGuest(p.regs)
	if err != nil {
		return Outcome{}, false, err
	}
	p.sync()
	p.tick = p.e().Tick()
	if stop.Kind == 0 {
		p.regs, p.trapDue = stop.Regs, traced
		return Outcome{}, true, nil
	}
	out, err = p.dispatch(stop, lim)
	return out, false, err
}

func (p *Player) accesses() []engine.Access {
	inst, ok := p.e().Decode(p.regs.Rip)
	if !ok {
		return nil
	}
	return engine.Watchable(&p.regs, &inst)
}

// values returns what the watched ranges hold.
func (p *Player) values() ([][]byte, error) {
	out := make([][]byte, len(p.watches.list))
	for i, w := range p.watches.list {
		b := make([]byte, w.Len)
		n, err := p.ReadMem(w.Addr, b)
		if n == 0 && err != nil {
			continue // not mapped at this moment
		}
		out[i] = b[:n]
	}
	return out, nil
}

// accessed reports whether one of an instruction's accesses, which faulted at
// the address fault, is one that w is about.
func (w Watch) accessed(list []engine.Access, fault uint64) bool {
	for _, a := range list {
		if a.Kind&w.Kind == 0 {
			continue
		}
		if a.Known && w.overlaps(a.Addr, a.Len) || !a.Known && w.overlaps(fault, 1) {
			return true
		}
	}
	return false
}
