package event

import "encoding/binary"

// Syscall is a syscall that returned, or a call of the vDSO.
type Syscall struct {
	NR     uint16
	Flags  Flags
	Result uint64    // RAX as the kernel returned it: -errno from -4095
	Args   [3]uint64 // RDI, RSI, RDX at entry
	Writes Writes    // what the kernel wrote to guest memory
}

func (s *Syscall) layout(c *coder) {
	c.number(&s.NR, "nr")
	c.flags(&s.Flags)
	c.u64("result", signed, &s.Result)
	c.u64s("args", s.Args[:])
	c.writes(&s.Writes)
}

// Insn is an instruction such as RDTSC, with the registers after it.
type Insn struct {
	NR                         uint16 // x86.Special
	RAX, RBX, RCX, RDX, RFLAGS uint64
	Writes                     Writes
}

func (i *Insn) layout(c *coder) {
	c.number(&i.NR, "nr")
	c.u64("rax", hex, &i.RAX)
	c.u64("rbx", hex, &i.RBX)
	c.u64("rcx", hex, &i.RCX)
	c.u64("rdx", hex, &i.RDX)
	c.u64("rflags", hex, &i.RFLAGS)
	c.writes(&i.Writes)
}

// Signal is the start of a signal handler.
type Signal struct {
	NR      uint16
	Flags   Flags
	PC      uint64 // guest PC of the moment
	Siginfo [SiginfoSize]byte
	Regs    [NumRegs]uint64 // after the handler's frame was built
	Writes  Writes          // the frame
}

func (s *Signal) layout(c *coder) {
	c.number(&s.NR, "nr")
	c.flags(&s.Flags)
	c.u64("pc", hex, &s.PC)
	c.fixed("siginfo", s.Siginfo[:])
	c.registers(s.Regs[:])
	c.writes(&s.Writes)
}

// Regs is the whole register state after rt_sigreturn and its like.
type Regs struct {
	Regs   [NumRegs]uint64
	XState []byte // XSAVE area in standard format
}

func (r *Regs) layout(c *coder) {
	c.registers(r.Regs[:])
	c.bytes("xstate", &r.XState)
}

// Exit is the end of the process.
type Exit struct {
	Code   uint64
	Signal uint64 // the fatal signal, or 0
	Core   uint64 // 1 where a core was dumped
	PC     uint64
	// Siginfo is the fatal signal's, nil where nobody could see it.
	Siginfo []byte
}

func (e *Exit) layout(c *coder) {
	c.u64("code", decimal, &e.Code)
	c.u64("signal", decimal, &e.Signal)
	c.u64("core", decimal, &e.Core)
	c.u64("pc", hex, &e.PC)
	c.bytesIfAny("siginfo", &e.Siginfo)
}

// Exec is an execve that succeeded.
type Exec struct {
	Snapshot uint64 // of the new image before its first instruction
}

func (e *Exec) layout(c *coder) { c.u64("snapshot", decimal, &e.Snapshot) }

// Check holds checksums of the guest state.
type Check struct {
	PC       uint64
	RegsHash uint64
	MemHash  uint64
	MemPages uint64 // number of pages that MemHash covers
}

func (k *Check) layout(c *coder) {
	c.u64("pc", hex, &k.PC)
	c.u64("regs_hash", hex, &k.RegsHash)
	c.u64("mem_hash", hex, &k.MemHash)
	c.u64("mem_pages", decimal, &k.MemPages)
}

// Map is a new mapping.
type Map struct {
	Addr, Len uint64
	Prot      uint64
	Flags     uint64 // of mmap
	Blob      uint64 // what the mapping held at first; 0 is all zeros
	FileOff   uint64
	Path      string
}

func (m *Map) layout(c *coder) {
	c.u64("addr", hex, &m.Addr)
	c.u64("len", hex, &m.Len)
	c.u64("prot", hex, &m.Prot)
	c.u64("flags", hex, &m.Flags)
	c.u64("blob", decimal, &m.Blob)
	c.u64("file_off", hex, &m.FileOff)
	c.text("path", &m.Path)
}

// MapForeign in the flags of a Map event says that others may write the memory
// at any time: what the guest reads there is in the log.
const MapForeign = 1 << 32

// Foreign says the same of memory that is mapped already.
type Foreign struct {
	Addr, Len uint64
}

func (f *Foreign) layout(c *coder) {
	c.u64("addr", hex, &f.Addr)
	c.u64("len", hex, &f.Len)
}

// Load is what an instruction has found in memory that others may write.
type Load struct {
	Len   uint16 // bytes: a power of 2, up to 64
	Addr  uint64
	Value [8]uint64 // as many words as Len needs
}

func (l *Load) layout(c *coder) {
	c.number(&l.Len, "len")
	c.u64("addr", hex, &l.Addr)
	c.u64s("value", l.Value[:min((int(l.Len)+7)/8, len(l.Value))])
}

// Bytes returns the content of the memory.
func (l *Load) Bytes() []byte {
	var b []byte
	for _, v := range l.Value {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b[:min(int(l.Len), len(b))]
}

// Loads is what some repetitions of a string instruction have found in memory
// that others may write.
type Loads struct {
	Addr uint64 // the lowest
	Data []byte
}

func (l *Loads) layout(c *coder) {
	c.u64("addr", hex, &l.Addr)
	c.bytes("data", &l.Data)
}

// Code is code that the guest executes from memory that others may write. It has
// a moment of its own, from which on it holds.
type Code struct {
	PC     uint64 // guest PC of the moment
	Addr   uint64 // of what is no code any more
	Gone   uint64 // its length
	Writes Writes
}

func (k *Code) layout(c *coder) {
	c.u64("pc", hex, &k.PC)
	c.u64("addr", hex, &k.Addr)
	c.u64("gone", decimal, &k.Gone)
	c.writes(&k.Writes)
}

// Unmap is an munmap.
type Unmap struct {
	Addr, Len uint64
}

func (u *Unmap) layout(c *coder) {
	c.u64("addr", hex, &u.Addr)
	c.u64("len", hex, &u.Len)
}

// Protect is an mprotect.
type Protect struct {
	Addr, Len, Prot uint64
}

func (p *Protect) layout(c *coder) {
	c.u64("addr", hex, &p.Addr)
	c.u64("len", hex, &p.Len)
	c.u64("prot", hex, &p.Prot)
}

// Remap is an mremap.
type Remap struct {
	Old, OldLen uint64
	New, NewLen uint64
	Flags       uint64
}

func (r *Remap) layout(c *coder) {
	c.u64("old", hex, &r.Old)
	c.u64("old_len", hex, &r.OldLen)
	c.u64("new", hex, &r.New)
	c.u64("new_len", hex, &r.NewLen)
	c.u64("flags", hex, &r.Flags)
}

// What an Arena is for.
const (
	ArenaData = 1
	ArenaCode = 2 // code cache
)

// Arena is memory of the engine's.
type Arena struct {
	Addr, Len, Prot uint64
	Kind            uint64 // ArenaData or ArenaCode
}

func (a *Arena) layout(c *coder) {
	c.u64("addr", hex, &a.Addr)
	c.u64("len", hex, &a.Len)
	c.u64("prot", hex, &a.Prot)
	c.u64("use", decimal, &a.Kind)
}

// Mem is memory that the kernel or another process wrote.
type Mem struct {
	Writes Writes
}

func (m *Mem) layout(c *coder) { c.writes(&m.Writes) }

// Unreliable says why what follows cannot be trusted.
type Unreliable struct {
	Text string
}

func (u *Unreliable) layout(c *coder) { c.text("text", &u.Text) }

// Note is text for people.
type Note struct {
	Text string
}

func (n *Note) layout(c *coder) { c.text("text", &n.Text) }

// Brk is a move of the program break.
type Brk struct {
	Old, New uint64
}

func (b *Brk) layout(c *coder) {
	c.u64("old", hex, &b.Old)
	c.u64("new", hex, &b.New)
}

// TSC is a time stamp that RDTSC read: EAX in the low half, EDX in the high.
type TSC struct {
	Value uint64
}

func (t *TSC) layout(c *coder) { c.u64("value", hex, &t.Value) }

// Switch hands the baton to another thread. It is a tick.
type Switch struct {
	PC  uint64 // guest PC of the thread that stops, at the event's moment
	TID uint64 // of the thread that goes on
}

func (s *Switch) layout(c *coder) {
	c.u64("pc", hex, &s.PC)
	c.u64("tid", decimal, &s.TID)
}

// Thread is a thread that clone made. Its extended state is its creator's.
type Thread struct {
	Flags  Flags
	TID    uint64
	PC     uint64          // guest PC of the moment; 0: the event belongs to the syscall before it
	Regs   [NumRegs]uint64 // before its first instruction
	Writes Writes          // what the kernel wrote for it
}

func (t *Thread) layout(c *coder) {
	c.flags(&t.Flags)
	c.u64("tid", decimal, &t.TID)
	c.u64("pc", hex, &t.PC)
	c.registers(t.Regs[:])
	c.writes(&t.Writes)
}

// ThreadEnd is the end of the thread that runs.
type ThreadEnd struct {
	TID    uint64
	PC     uint64 // as in Thread
	Writes Writes // what the kernel left for others: robust futexes, the cleared TID
}

func (t *ThreadEnd) layout(c *coder) {
	c.u64("tid", decimal, &t.TID)
	c.u64("pc", hex, &t.PC)
	c.writes(&t.Writes)
}
