package engine

import (
	"bytes"
	"debug/elf"

	"hindsight/internal/area"
	"hindsight/internal/x86"
)

// ParseVDSO returns the addresses of the vDSO's functions, given its ELF
// image and where that is mapped. What cannot be found is 0: it is then
// translated like any code.
func ParseVDSO(image []byte, base uint64) (addrs [area.NumVDSO]uint64) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return addrs
	}
	syms, err := f.DynamicSymbols()
	if err != nil {
		return addrs
	}
	var load uint64
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			load = p.Vaddr
			break
		}
	}
	for _, s := range syms {
		for fn, name := range area.VDSOFuncs {
			if s.Name == name && s.Value != 0 {
				addrs[fn] = base + s.Value - load
			}
		}
	}
	return addrs
}

// FindSyscall returns the address of a SYSCALL instruction in code mapped at
// base, or 0.
func FindSyscall(code []byte, base uint64) uint64 {
	if i := bytes.Index(code, []byte{0x0f, 0x05}); i >= 0 {
		return base + uint64(i)
	}
	return 0
}

// vdsoFault describes a fault within a function of the vDSO, which a stub has
// called: a pointer of the guest's is wrong. The function runs on our stack; the
// guest's registers are those that it would have on the guest's own.
func (e *Engine) vdsoFault(stop Stop, regs *Regs) Stop {
	// Where the function's return address lies: on our stack, and the guest's.
	ours, theirs := e.arena+area.StackTop-8, e.Word(area.Save(x86.RSP))
	g := *regs
	for r := x86.RAX; r <= x86.R15; r++ {
		if at := Reg(&g, r); e.arena+area.StackLow <= *at && *at <= ours {
			*at = theirs - (ours - *at)
		}
	}
	g.Gs_base, g.Orig_rax = 0, ^uint64(0)
	low := regs.Rsp - e.arena
	stop.Kind, stop.Regs = StopVDSO, g
	stop.Stack = append([]byte(nil), e.mem[low:area.StackTop-8]...)
	return stop
}
