// Package engine is what we put into a tracee, and how the supervisor talks
// to it: the arena with its stubs and tables, the code cache, and the loop
// that runs guest code and comes back with what needs the supervisor.
//
// An Engine belongs to the OS-locked goroutine that traces its process; none
// of its methods may be called from elsewhere, except those of Log.
package engine

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"hindsight/internal/area"
	"hindsight/internal/tracee"
	"hindsight/internal/translate"
)

// Regs are the general registers as ptrace(2) gives them.
type Regs = unix.PtraceRegs

// Options shape an engine. The stress options make rare things frequent.
type Options struct {
	Replay bool
	// CacheSize is the size of a code cache region in bytes; 0 means 256 MiB.
	CacheSize uint64
	// LogSize bounds the log buffer in bytes; 0 means all of it.
	LogSize uint64
	// FlushAlways drops all fragments before each translation.
	FlushAlways bool
	// VDSO are the addresses of the vDSO's functions in guest memory; a
	// recorder leaves it zero and they are looked up.
	VDSO [area.NumVDSO]uint64
	// Arena is where the arena lies; 0 lets the engine choose.
	Arena uint64
	// RTM says that the recorded CPU has transactions.
	RTM bool
	// Store keeps translations for other processes, those of the same Program
	// above all; nil keeps none.
	Store   *CodeStore
	Program Program
	// Home is the supervisor's thread where other engines have it too.
	Home *Home
	// Surprises, if set, chooses instructions before which the guest stops once,
	// with StopBreak; see Surprised.
	Surprises *Surprises
}

// Engine is our presence in one process.
type Engine struct {
	Space *Space
	// VDSO are the addresses of the vDSO's functions.
	VDSO [area.NumVDSO]uint64
	// OnRegion, if set, is told of each new range of ours.
	OnRegion func(start, length uint64, code bool) error
	// PlaceRegion, if set, says where a code cache region for pc goes.
	PlaceRegion func(pc uint64) (base, size uint64, ok bool)
	// OnCode is told of new code in foreign memory, where the guest stands at pc
	// and is about to execute some of it. It must be set while recording.
	OnCode func(pc uint64, code []Code) error
	// Await, if set, waits for the present thread's next stop in Run and Wait. A
	// Group that it returns ends Run.
	Await func() (tracee.Stop, error)
	// Stats count what costs time.
	Stats Stats

	t       *tracee.Tracee
	thread  *Thread // the present one
	opt     Options
	arena   uint64
	mem     []byte // the arena, shared with the tracee
	fd      int    // its memfd
	stubs   *stubs
	tr      *translate.Translator
	regions []*region
	target  *region // of the unit being translated
	pages   map[uint64]*codePage
	// lastPage is one of pages.
	lastPage struct {
		number uint64
		page   *codePage
	}
	level2 []uint32 // slots in use
	vacant []byte   // see emptyLevel1
	// protected are pages of the guest that we have made read-only because
	// they hold translated code; the value is the protection to restore.
	protected map[uint64]uint64
	faults    map[uint64]int  // writes to each page that had been protected
	stranded  map[uint64]bool // code that no region can be near, by strandedBits of its address
	mixed     map[uint64]bool // pages that mix code and data: not protected, but checked
	stale     int             // exits through dropped fragments since the last flush
	fetched   fetchCache
	breaks    map[uint64]*breakpoint
	surprises []uint64               // those of breaks that are surprises, oldest first
	sites     map[uint64]*breakpoint // by host address
	queue     []Signal
	stepping  bool
	pin       *pinner
	where     whereabouts
	pass      int    // signal that the next resumption delivers
	forced    uint64 // signals that the kernel has unblocked; see KeepMask
	// supervised are the calls that go to the supervisor whatever their stub.
	supervised [area.Syscalls]bool
	aliases    []alias
	slowly     bool                   // no stub accesses foreign memory
	served     []tracee.PageRange     // see ServePages
	detours    map[uint64]bool        // instructions that access foreign memory, by PC
	outdated   []alias                // aliases of what is no longer there
	shared     map[uint64]*sharedPage // code in foreign memory, by page
	modules    map[mapped]*moduleUse
	verified   map[uint64]*pageContent // pages that hold what a kept translation comes from
	promotions uint32
	claimed    [2]uint64 // where the guest is about to map memory
}

// Stats count the rare things.
type Stats struct {
	Units, Insts, Exits, Flushes, Links int
	Emptied                             int // parts of the code cache
}

// ArenaSize is the length of the arena in bytes.
const ArenaSize = area.Size

// defaultArena is above where Linux puts executables and their heaps, and below
// its other mappings. It is also where programs made with a sanitizer may have
// mappings: much of the address space has a meaning to those
// (compiler-rt, tsan_platform.h, msan.h, asan_mapping.h).
const defaultArena = 0x5670_0000_0000

// New puts an engine into a stopped tracee. gadget is the address of a
// SYSCALL instruction there, and space what the guest has mapped.
func New(t *tracee.Tracee, space *Space, gadget uint64, opt Options) (*Engine, error) {
	if opt.CacheSize == 0 {
		opt.CacheSize = 256 << 20
	}
	if opt.LogSize == 0 || opt.LogSize > area.LogLen {
		opt.LogSize = area.LogLen
	}
	if opt.FlushAlways {
		opt.Store = nil
	}
	e := newEngine(t, space, opt)
	var err error
	if e.pin, err = newPinner(t.PID, opt.Home); err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	if err := e.createArena(gadget); err != nil {
		e.pin.close()
		return nil, fmt.Errorf("engine: %w", err)
	}
	return e, nil
}

func newEngine(t *tracee.Tracee, space *Space, opt Options) *Engine {
	return &Engine{
		Space: space, VDSO: opt.VDSO, t: t, thread: &Thread{Tracee: t}, opt: opt,
		pages: map[uint64]*codePage{}, protected: map[uint64]uint64{}, faults: map[uint64]int{}, mixed: map[uint64]bool{}, stranded: map[uint64]bool{},
		breaks: map[uint64]*breakpoint{}, sites: map[uint64]*breakpoint{}, detours: map[uint64]bool{},
		shared: map[uint64]*sharedPage{}, modules: map[mapped]*moduleUse{}, verified: map[uint64]*pageContent{},
		tr: translate.New(translate.Options{Replay: opt.Replay, RTM: opt.RTM}),
	}
}

// createArena maps the arena in the tracee and here, and fills it.
func (e *Engine) createArena(gadget uint64) error {
	e.arena = e.opt.Arena
	if e.arena == 0 {
		e.arena = e.free(defaultArena, area.Size)
	}
	var err error
	if e.stubs, err = e.opt.Store.stubs(e.arena, e.opt.Replay, presentVDSO(e.VDSO)); err != nil {
		return err
	}
	m, err := e.share(gadget, area.Size)
	if err != nil {
		return err
	}
	return e.useArena(gadget, m, unix.MAP_FIXED_NOREPLACE)
}

// useArena makes m the arena, and maps it.
func (e *Engine) useArena(gadget uint64, m shared, how uint64) error {
	e.fd, e.mem = m.fd, m.mem
	e.fill()
	return e.mapParts(gadget, m.theirs, how)
}

// fill writes the stubs and empty tables to the arena.
func (e *Engine) fill() {
	populate(e.mem[area.Code:][:(len(e.stubs.code)+pageSize-1)&^(pageSize-1)])
	e.installStubs()
	for fn, addr := range e.VDSO {
		e.SetWord(area.VDSOFunc+8*int32(fn), addr)
	}
	e.initTables()
	e.ResetLog()
}

// installStubs writes the stubs to the arena, and where they are.
func (e *Engine) installStubs() {
	copy(e.mem[area.Code:], e.stubs.code)
	for s, addr := range e.stubs.entry {
		e.SetWord(area.Stub(s).Ptr(), addr)
	}
	for nr := range e.stubs.table {
		e.setSyscall(nr)
	}
}

// populate has the kernel provide whole pages at once, which takes less time
// than faults. Before Linux 5.14 it cannot.
func populate(b []byte) { _ = unix.Madvise(b, unix.MADV_POPULATE_WRITE) }

// mapParts maps the arena from the tracee's descriptor fd, and closes that.
func (e *Engine) mapParts(gadget, fd, how uint64) error {
	parts := []struct{ off, length, prot uint64 }{
		{0, area.Code, unix.PROT_READ | unix.PROT_WRITE},
		{area.Code, area.CodeLen, unix.PROT_READ | unix.PROT_EXEC},
		{area.Log, area.LogLen + area.SpareLen, unix.PROT_READ | unix.PROT_WRITE},
	}
	for _, p := range parts {
		if err := e.mapFD(gadget, e.arena+p.off, p.length, p.prot, how, fd, p.off); err != nil {
			return err
		}
	}
	_, err := e.t.RemoteCall(gadget, unix.SYS_CLOSE, fd)
	return err
}

func (e *Engine) tellRegion(start, length uint64, code bool) error {
	if e.OnRegion == nil {
		return nil
	}
	return e.OnRegion(start, length, code)
}

func (e *Engine) mapFD(gadget, addr, length, prot, how, fd, off uint64) error {
	got, err := e.t.RemoteCall(gadget, unix.SYS_MMAP, addr, length, prot,
		unix.MAP_SHARED|how, fd, off)
	if err == nil && got != addr {
		err = unix.EEXIST
	}
	if err != nil {
		return fmt.Errorf("mapping %#x bytes at %#x in process %d: %w", length, addr, e.t.PID, err)
	}
	// A core of the program is to hold what is the program's.
	if _, err := e.t.RemoteCall(gadget, unix.SYS_MADVISE, addr, length, unix.MADV_DONTDUMP); err != nil {
		return fmt.Errorf("keeping %#x out of cores: %w", addr, err)
	}
	return nil
}

// free returns a free range of the tracee at or above want.
func (e *Engine) free(want, length uint64) uint64 {
	for e.taken(want, want+length) {
		want += 1 << 32
	}
	return want
}

// taken reports whether the guest or the engine has something in a range.
func (e *Engine) taken(start, end uint64) bool {
	return e.Space.Overlaps(start, end) || e.Ours(start, end) || start < e.claimed[1] && e.claimed[0] < end
}

// Ours reports whether [start, end) overlaps memory of the engine's.
func (e *Engine) Ours(start, end uint64) bool {
	if e.mem != nil && start < e.arena+area.Size && e.arena < end {
		return true
	}
	for _, r := range e.regions {
		if start < r.base+r.size && r.base < end {
			return true
		}
	}
	return e.inAlias(start, end)
}

// UpToOurs returns where in [start, end) the engine's memory begins, end if it
// has none there.
func (e *Engine) UpToOurs(start, end uint64) uint64 {
	for _, r := range e.held() {
		if r[0] < end && start < r[0]+r[1] {
			end = max(r[0], start)
		}
	}
	return end
}

// Around returns the parts of [start, end) where the engine has nothing, by
// address.
func (e *Engine) Around(start, end uint64) (parts [][2]uint64) {
	held := e.held()
	slices.SortFunc(held, func(a, b [2]uint64) int { return cmp.Compare(a[0], b[0]) })
	for _, r := range held {
		if start >= end {
			break
		}
		if lo := min(r[0], end); start < lo {
			parts = append(parts, [2]uint64{start, lo})
		}
		start = max(start, r[0]+r[1])
	}
	if start < end {
		parts = append(parts, [2]uint64{start, end})
	}
	return parts
}

// held returns all that the engine has mapped in the tracee, as start and length.
func (e *Engine) held() [][2]uint64 {
	out := e.Ranges()
	for _, list := range [2][]alias{e.aliases, e.outdated} {
		for _, a := range list {
			out = append(out, [2]uint64{a.start ^ aliasBit, a.end - a.start})
		}
	}
	return out
}

// Ranges returns the engine's memory in the tracee, as start and length.
func (e *Engine) Ranges() [][2]uint64 {
	out := [][2]uint64{{e.arena, area.Size}}
	for _, r := range e.regions {
		out = append(out, [2]uint64{r.base, r.size})
	}
	return out
}

// Close releases the supervisor's side. The tracee keeps its mappings.
func (e *Engine) Close() error {
	if e.pin != nil { // nil where New failed
		e.pin.close()
	}
	err := errors.Join(unix.Munmap(e.mem), unix.Close(e.fd))
	e.mem = nil
	for _, r := range e.regions {
		err = errors.Join(err, unix.Munmap(r.mem), unix.Close(r.fd))
	}
	e.regions = nil
	e.forgetPages()
	return err
}

// Word returns a field of the thread area.
func (e *Engine) Word(off int32) uint64 { return binary.LittleEndian.Uint64(e.mem[off:]) }

// SetWord sets a field of the thread area.
func (e *Engine) SetWord(off int32, v uint64) { binary.LittleEndian.PutUint64(e.mem[off:], v) }

// Arena returns the address of the arena.
func (e *Engine) Arena() uint64 { return e.arena }

// Gadget returns the address of a SYSCALL instruction for remote syscalls.
func (e *Engine) Gadget() uint64 { return e.stubs.gadget }

// Tracee returns the process that the engine is in.
func (e *Engine) Tracee() *tracee.Tracee { return e.t }

// AddTick counts a tick that the kernel made: a handler's start, rt_sigreturn.
func (e *Engine) AddTick() { e.SetWord(area.Tick, e.Word(area.Tick)+1) }

// Tick returns the guest's tick. The guest must stand at a boundary.
func (e *Engine) Tick() uint64 {
	n := e.Word(area.Tick) + e.Word(area.TickBase)
	for i := range int32(area.NumMoreTicks) {
		n += e.Word(area.MoreTicks + 8*i)
	}
	return n
}
