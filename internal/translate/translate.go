// Package translate turns guest code into fragments. It is pure: it reads
// guest bytes through Guest, asks for existing translations through the same
// interface, and returns host bytes with what is needed to link them and to
// recover the guest's state at any of their instructions.
//
// Between two guest instructions every guest register is in its hardware
// register and the flags are the guest's, so each translated instruction can
// be entered and left there, and each guest PC is translated at most once.
//
// A Translator may be used by one goroutine at a time.
package translate

import (
	"errors"
	"fmt"
	"slices"

	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// Guest is what translation wants to know of a process.
type Guest interface {
	// Fetch reads executable guest memory at pc, and returns how many
	// bytes of p it filled: fewer where the code ends or is not executable.
	Fetch(pc uint64, p []byte) int
	// Translated returns the host address of the translation of pc, if any.
	Translated(pc uint64) (host uint64, ok bool)
	// Apart reports whether the translation of pc belongs elsewhere than
	// that of the unit being made.
	Apart(pc uint64) bool
	// Checked reports whether the code on the page of pc may change unseen,
	// so that each execution must compare it with what was translated.
	Checked(pc uint64) bool
	// Foreign reports whether the instruction at pc is known to access foreign
	// memory.
	Foreign(pc uint64) bool
	// CodeAlias returns where the code at pc can be read, which has just been
	// fetched, if it is in memory that others may write at any time: what is
	// executed is compared with it.
	CodeAlias(pc uint64) (addr uint64, ok bool)
	// VDSOAt returns the number of the vDSO function that starts at pc.
	VDSOAt(pc uint64) (fn int, ok bool)
}

// Options shape the generated code. They hold for the life of a Translator.
type Options struct {
	// Replay makes ticks count up to zero, where the thread stops, and
	// keeps the flags exact where nothing reads them, too.
	Replay bool
	// RTM says that the CPU has transactions: XBEGIN then aborts at once.
	RTM bool
	// MaxInsts bounds a unit; 0 means 128.
	MaxInsts int
}

// ExitKind says why a fragment leaves for the supervisor.
type ExitKind uint8

const (
	ExitNone    ExitKind = iota
	ExitLink             // a direct transfer to PC, not translated when this one was
	ExitNative           // the instruction at PC is to be executed by the CPU itself, one step
	ExitNondet           // likewise, and its results go to the event log
	ExitTick             // replay: the tick counter reached zero; next is PC
	ExitStale            // the code at PC is no longer what was translated
	ExitTickInd          // the same before the indirect transfer at PC; next is the thread area's Target
	ExitPause            // recording: the thread spins; next is PC
)

// Exit is an INT3 in a fragment.
type Exit struct {
	Off  uint32 // in the unit
	Kind ExitKind
	PC   uint64
	// PatchOff is the offset of a 4-byte displacement which leads to this
	// exit and may be pointed at PC's translation; 0 where there is none.
	// The displacement counts from PatchOff+4.
	PatchOff uint32
	// Far is set where the exit has room for a 14-byte far jump.
	Far bool
}

// Point describes the guest's state at a host instruction, and holds until
// the next Point of the unit.
type Point struct {
	Off uint32 // of the host instruction in the unit
	// Saved are registers whose guest value is in its save slot.
	Saved x86.RegSet
	// Boundary: the guest stands between two instructions, with all its
	// state in the hardware registers; PC is the next instruction. Not set:
	// PC is the instruction being executed.
	Boundary bool
	// Settled: up to the next Point it is as at a boundary, but for where the registers
	// are. With InRCX, PC is in RCX.
	Settled, InRCX bool
	PC             uint64
	// Counts: Reg holds the counter that belongs in the field Counter of
	// the thread area.
	Counts  bool
	Reg     x86.Reg
	Counter int32
}

// Unit is the result of one translation. The guest PCs in it count from Bias,
// which Unit and Head leave 0; see Detach.
type Unit struct {
	Base   uint64
	Bias   uint64
	Code   []byte
	Points []Point // by Off
	Exits  []Exit  // by Off
	Links  []Link  // exits that have been linked already
	Insts  []InstAt
	Heads  []InstAt // indirect entries
	// Copies are further places of instructions that Insts has as well:
	// loops may run there.
	Copies []InstAt
	// Joined are instructions without a place of their own, executed as a part of one
	// that leads to them. Their Off means nothing.
	Joined []InstAt
	relocs []reloc
	shared bool // the slices are those of other units, too
}

// Link is an exit that the code does not come to: what would lead there leads
// to the translation of its PC at Host.
type Link struct {
	Off  uint32 // of the exit
	Host uint64
}

// InstAt places one translated guest instruction.
type InstAt struct {
	PC  uint64
	Off uint32
	Len uint8
}

// Translator holds the buffers of translation.
type Translator struct {
	opt Options

	insts    []node
	arranged []node // the other buffer of insts
	runs     []span
	index    *pcTable // guest PC to insts
	work     []uint64
	returns  *pcTable // return points of calls seen in this unit

	buf       *asm.Buf
	fixes     []fix
	tails     []tail
	lits      []literal
	stop      *stop
	turn      int // the counter used last
	loops     []loop
	stretches []stretch
	targets   *pcTable // direct transfers' in the unit; see findTargets
	// mismatches are where comparisons with foreign memory lead to.
	mismatches []mismatch
	limit      int // of instructions in the unit
	loopFixes  []loopFix
	far        bool // a RIP-relative operand is out of reach
	page       struct {
		known, checked bool
		number         uint64
	}
	joint node // the jump that a transfer is joined with
	unit  Unit // the one that is being made
	guest Guest
}

// node is a guest instruction on its way through translation.
type node struct {
	x86.Inst
	bytes  [15]byte
	kind   nodeKind
	check  bool   // see Guest.Checked
	alias  uint64 // see Guest.CodeAlias; 0: none
	inside bool   // a stretch; see findStretches
	way    Detour
	fn     int // vDSO function
	off    uint32
}

type nodeKind uint8

const (
	nodeInst   nodeKind = iota
	nodeNative          // cannot be decoded or fetched: the CPU shall say what happens
	nodeVDSO            // start of a vDSO function
)

// fix is a rel32 to another instruction of the unit.
type fix struct {
	off    uint32
	target uint64
}

// tail is an exit behind the fragments.
type tail struct {
	off  uint32 // of the rel32 that leads to it
	exit Exit
}

// stop is the exit of a tick that brings the counter to zero.
type stop struct {
	from int // offset behind the short jump that leads to it
	exit Exit
}

// literal is 8 bytes of data that an instruction refers to by RIP.
type literal struct {
	off   uint32 // of the disp32
	value uint64
}

// New returns a Translator.
func New(opt Options) *Translator {
	if opt.MaxInsts == 0 {
		opt.MaxInsts = 128
	}
	return &Translator{opt: opt, index: newPCTable(opt.MaxInsts), returns: newPCTable(opt.MaxInsts), targets: newPCTable(2 * opt.MaxInsts), buf: asm.New(0)}
}

// MaxCode bounds the size of a unit's host code in bytes: what must be free
// behind base when Unit is called.
func (t *Translator) MaxCode() int { return t.opt.MaxInsts*256 + 4096 }

// Unit translates the code at entry and what it reaches by direct transfers,
// for the host address base. The code at entry must not be translated yet.
// It fails only where a displacement cannot reach; guest code that cannot be
// executed becomes an exit.
func (t *Translator) Unit(g Guest, entry, base uint64) (*Unit, error) {
	t.guest = g
	t.page.known = false
	t.discover(entry)
	t.buf.Reset(base)
	t.fixes, t.tails, t.lits = t.fixes[:0], t.tails[:0], t.lits[:0]
	t.far = false
	t.turn = int(entry>>4^entry>>8) % (area.NumMoreTicks + 1)
	t.loopFixes = t.loopFixes[:0]
	t.begin(base)
	t.findLoops()
	t.mismatches = t.mismatches[:0]
	t.findStretches()
	for i := range t.insts {
		t.emit(i)
	}
	t.emitLoops()
	t.emitEntries()
	t.emitTails()
	if err := t.buf.Finish(); err != nil {
		return nil, fmt.Errorf("translate %#x at %#x: %w", entry, base, err)
	}
	if t.far {
		return nil, fmt.Errorf("translate %#x at %#x: %w", entry, base, ErrFar)
	}
	u := t.finish()
	if err := t.resolve(u); err != nil {
		return nil, fmt.Errorf("translate %#x at %#x: %w", entry, base, err)
	}
	return u, nil
}

// begin starts a unit at base, in the memory of the one before.
func (t *Translator) begin(base uint64) {
	u := &t.unit
	*u = Unit{
		Base: base, Points: u.Points[:0], Exits: u.Exits[:0], Links: u.Links[:0],
		Insts: u.Insts[:0], Heads: u.Heads[:0], Copies: u.Copies[:0], Joined: u.Joined[:0], relocs: u.relocs[:0],
	}
}

// finish returns the unit that was begun, in memory of its own.
func (t *Translator) finish() *Unit {
	u := t.unit
	u.Code, u.Points, u.Exits, u.Links = slices.Clone(t.buf.Bytes()), slices.Clone(u.Points), slices.Clone(u.Exits), slices.Clone(u.Links)
	u.Insts, u.Heads, u.Copies, u.Joined = slices.Clone(u.Insts), slices.Clone(u.Heads), slices.Clone(u.Copies), slices.Clone(u.Joined)
	u.relocs = slices.Clone(u.relocs)
	return &u
}

// point notes the state at the current host position.
func (t *Translator) point(p Point) {
	p.Off = uint32(t.buf.Len())
	t.unit.Points = append(t.unit.Points, p)
}

// ErrFar says that an operand or a branch does not reach its target from the
// base given: the unit belongs nearer to its guest code.
var ErrFar = errors.New("displacement out of reach")

// resolve fills the displacements that stayed open.
func (t *Translator) resolve(u *Unit) error {
	for _, f := range t.fixes {
		i, ok := t.index.get(f.target)
		if !ok {
			panic(fmt.Sprintf("translate: branch to %#x, which is not in the unit", f.target))
		}
		to := u.Base + uint64(t.insts[i].off)
		if !patch32(u.Code, f.off, u.Base, to) {
			return ErrFar
		}
	}
	return nil
}

// patch32 points the rel32 at off to the host address to.
func patch32(code []byte, off uint32, base, to uint64) bool {
	d := int64(to - (base + uint64(off) + 4))
	if int64(int32(d)) != d {
		return false
	}
	code[off], code[off+1], code[off+2], code[off+3] = byte(d), byte(d>>8), byte(d>>16), byte(d>>24)
	return true
}
