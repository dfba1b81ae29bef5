package engine

import (
	"bytes"
	"debug/elf"

	"hindsight/internal/area"
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
