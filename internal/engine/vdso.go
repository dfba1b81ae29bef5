package engine

import (
	"bytes"
	"debug/elf"
	"errors"

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
	load := loadAddress(f)
	for _, s := range syms {
		for fn, name := range area.VDSOFuncs {
			if s.Name == name && s.Value != 0 {
				addrs[fn] = base + s.Value - load
			}
		}
	}
	return addrs
}

// plainGetrandom is what stands in place of the vDSO's getrandom: the system
// call. The function itself would make numbers from a key that the kernel
// renews when it likes. Asked what it needs for that (its last argument is -1),
// it says ENOSYS, as where there is none: C libraries then make the call.
var plainGetrandom = []byte{
	0x49, 0x83, 0xf8, 0xff, // cmp r8, -1
	0x74, 0x08, // je behind the ret
	0xb8, 0x3e, 0x01, 0x00, 0x00, // mov eax, 318
	0x0f, 0x05, // syscall
	0xc3,                                     // ret
	0x48, 0xc7, 0xc0, 0xda, 0xff, 0xff, 0xff, // mov rax, -38
	0xc3, // ret
}

// PatchVDSO replaces functions of the vDSO that cannot be recorded in its ELF
// image, and returns what is to be written where, counted from the image's
// start. There is nothing to write where the kernel has no such function.
func PatchVDSO(image []byte) (patch []byte, off uint64, err error) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, 0, nil // nothing in it can be found by anybody
	}
	syms, _ := f.DynamicSymbols()
	for _, s := range syms {
		if s.Name != "__vdso_getrandom" || s.Value == 0 {
			continue
		}
		off = s.Value - loadAddress(f)
		if size := uint64(len(plainGetrandom)); s.Size < size || off > uint64(len(image))-size {
			return nil, 0, errors.New("the vDSO's getrandom cannot be replaced: it is too short")
		}
		copy(image[off:], plainGetrandom)
		return plainGetrandom, off, nil
	}
	return nil, 0, nil
}

// loadAddress returns the address that the image's start was linked for.
func loadAddress(f *elf.File) uint64 {
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			return p.Vaddr
		}
	}
	return 0
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
	g.Gs_base, g.Orig_rax = e.Word(area.GSBase), ^uint64(0)
	low := regs.Rsp - e.arena
	stop.Kind, stop.Regs = StopVDSO, g
	stop.Stack = append([]byte(nil), e.mem[low:area.StackTop-8]...)
	return stop
}
