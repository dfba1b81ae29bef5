package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// recordable says why the program at path cannot be recorded, before
// anything is started or written. Scripts are left to the kernel.
func recordable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		// Executable but not readable: the kernel decides.
		return nil
	}
	defer f.Close()
	var h [20]byte
	n, err := io.ReadFull(f, h[:])
	if n < 2 || err != nil && n < 4 {
		return fmt.Errorf("%s: not a program: %d bytes long", path, n)
	}
	if h[0] == '#' && h[1] == '!' {
		return nil
	}
	if !bytes.HasPrefix(h[:n], []byte(elf.ELFMAG)) {
		return fmt.Errorf("%s: not a program: neither ELF nor a script with a #! line", path)
	}
	if n < len(h) {
		return fmt.Errorf("%s: not a program: its ELF header is cut", path)
	}
	if elf.Class(h[elf.EI_CLASS]) != elf.ELFCLASS64 {
		return fmt.Errorf("%s: a 32-bit program: only x86-64 programs can be recorded", path)
	}
	machine := elf.Machine(binary.LittleEndian.Uint16(h[18:]))
	if elf.Data(h[elf.EI_DATA]) == elf.ELFDATA2MSB {
		machine = elf.Machine(binary.BigEndian.Uint16(h[18:]))
	}
	if machine != elf.EM_X86_64 {
		return fmt.Errorf("%s: a program for %v: only x86-64 programs can be recorded", path, machine)
	}
	return nil
}
