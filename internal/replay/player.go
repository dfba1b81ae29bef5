package replay

import (
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/event"
	"hindsight/internal/recording"
)

// Player replays a recording, forward only.
type Player struct {
	r   *recording.Reader
	log *stream
	gen *generation
	state

	win window
	// filled is how many bytes of the window the tracee got.
	filled int
	// mark chooses syscalls that shall stop in the supervisor.
	mark marker
	// onSyscall, if set, sees each syscall that stopped in the supervisor,
	// before the guest goes on behind it.
	onSyscall func(s *event.Syscall) error

	code    *engine.CodeStore
	breaks  map[uint64]bool // breakpoints, by PC
	here    uint64          // PC of a moment that the guest is being run to; 0: none
	watches *watcher
	catch   func(nr int) bool
	stuck   stuck
	endTick uint64 // no moment is known at or behind it
}

// state is where a Player stands, apart from the process itself.
type state struct {
	tid     int      // the thread that runs
	threads contexts // the others
	names   names
	regs    engine.Regs // of the guest, at an instruction boundary
	tick    uint64
	at      uint64 // position in the event log
	back    backings
	brk     uint64
	version uint64 // number of changes of executable mappings so far
	over    bool   // history ends here
	exit    *event.Exit
	shown   uint64 // position of the event that a stop was last reported for, plus 1
	trapDue bool   // the guest's trap flag has stopped it here
}

// stuck notices that the guest comes back to us with nothing changed.
type stuck struct {
	tick, at, pc uint64
	times        int
}

// Open makes a Player that stands at the beginning of a recording. The
// calling goroutine must be locked to its OS thread, and make all calls.
func Open(r *recording.Reader) (*Player, error) { return open(r, engine.NewCodeStore()) }

// open is Open with translations that Players of other processes have made.
func open(r *recording.Reader, code *engine.CodeStore) (*Player, error) {
	if len(r.Snapshots()) == 0 {
		return nil, fmt.Errorf("the recording holds no snapshot to start from: it was cut off at its very beginning")
	}
	p := &Player{r: r, log: newStream(r), code: code, breaks: map[uint64]bool{}}
	p.endTick = p.log.lastTick() + 1
	if err := p.load(0); err != nil {
		return nil, err
	}
	return p, nil
}

// Close ends the replayed process.
func (p *Player) Close() error {
	if p.gen == nil {
		return nil
	}
	g := p.gen
	p.gen = nil
	return g.release(g.e.Tracee())
}

// load starts anew from a snapshot.
func (p *Player) load(n int) error {
	image, err := p.r.Snapshot(n)
	if err != nil {
		return err
	}
	plan, err := planArena(p.log, image.EventSeq)
	if err != nil {
		return err
	}
	if err := p.Close(); err != nil {
		return err
	}
	opt := plan.options(p.r)
	opt.Store = p.code
	opt.Program = engine.Program{Path: image.Exe, Forked: n == 0 && p.r.Info().Origin == recording.OriginFork}
	if p.gen, err = newGeneration(p.r, image, opt); err != nil {
		return err
	}
	p.gen.e.PlaceRegion = p.placeRegion
	p.state = state{
		tid:  image.TID,
		regs: engine.UnpackRegs(&image.Regs), tick: image.Tick, at: image.EventSeq,
		back: imageBackings(image), brk: image.Brk, version: p.version + 1,
	}
	p.win.valid = false
	return nil
}

func (p *Player) e() *engine.Engine { return p.gen.e }

// Now is the present moment.
func (p *Player) Now() Moment { return Moment{TID: p.tid, Tick: p.tick, PC: p.regs.Rip} }

// Regs are the guest's registers.
func (p *Player) Regs() engine.Regs { return p.regs }

// ReadMem reads guest memory, whatever its protection.
func (p *Player) ReadMem(addr uint64, b []byte) (int, error) {
	return p.e().ReadKnown(addr, b)
}

// Event is the number of events before the present moment.
func (p *Player) Event() (uint64, error) { return p.log.number(p.at) }

// placeRegion tells the engine where the recording had the code cache region
// for pc: in the next Arena event.
func (p *Player) placeRegion(pc uint64) (base, size uint64, ok bool) {
	at := p.at
	if p.win.valid {
		at = p.win.start + p.consumed()
	}
	const far = 64 // events
	for range far {
		ev, err := p.log.next(at)
		if err != nil || ev == nil {
			return 0, 0, false
		}
		if a, err := event.DecodeArena(ev); err == nil && a.Kind == event.ArenaCode {
			return a.Addr, a.Len, true
		}
		at += uint64(len(ev))
	}
	return 0, 0, false
}

// diverged reports that the guest came to what is found instead of the next
// event.
func (p *Player) diverged(found string) error {
	d := &Divergence{Moment: p.Now(), Found: found, Expected: "nothing more"}
	n, err := p.log.number(p.at)
	if err != nil {
		return err
	}
	d.Event = n
	ev, err := p.log.next(p.at)
	if err != nil {
		return err
	}
	if ev != nil {
		d.Expected = describe(ev)
	}
	return d
}

// signalName names a signal for people.
func signalName(sig int) string {
	if s := unix.SignalName(unix.Signal(sig)); s != "" {
		return s
	}
	return fmt.Sprintf("signal %d", sig)
}
