package tracee

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// The starter is the program that a tracee is before it becomes the program
// asked for, or before it gets a snapshot's memory. It sleeps until it is
// seized; if that never happens, because we died, it ends by itself.
const (
	starterBase  = 0x10000 // the lowest address that vm.mmap_min_addr leaves free
	starterSpace = 0x20000 // of the scratch memory behind the code
	starterSleep = 60      // seconds
	starterExit  = 125     // the status that says that we failed
)

// starter is the executable and where things are in it.
type starter struct {
	elf    []byte
	gadget uint64 // address of a SYSCALL instruction
	space  uint64 // address of the scratch memory
}

// newStarter makes a static executable with size bytes of scratch memory.
func newStarter(size int) (starter, error) {
	s := starter{space: starterSpace}
	progs := []elf.Prog64{
		{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X), Vaddr: starterBase, Align: 0x1000},
		{Type: uint32(elf.PT_GNU_STACK), Flags: uint32(elf.PF_R | elf.PF_W), Align: 16},
	}
	if size > 0 {
		progs = append(progs, elf.Prog64{
			Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_W),
			Vaddr: starterSpace, Memsz: uint64(size), Align: 0x1000,
		})
	}
	hdr := elf.Header64{
		Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT),
		Phnum: uint16(len(progs)),
	}
	copy(hdr.Ident[:], elf.ELFMAG)
	hdr.Ident[elf.EI_CLASS] = byte(elf.ELFCLASS64)
	hdr.Ident[elf.EI_DATA] = byte(elf.ELFDATA2LSB)
	hdr.Ident[elf.EI_VERSION] = byte(elf.EV_CURRENT)
	hdr.Ehsize = uint16(binary.Size(hdr))
	hdr.Phoff = uint64(hdr.Ehsize)
	hdr.Phentsize = uint16(binary.Size(elf.Prog64{}))
	entry := hdr.Phoff + uint64(len(progs))*uint64(hdr.Phentsize)
	hdr.Entry = starterBase + entry

	code, err := starterCode(hdr.Entry, &s)
	if err != nil {
		return s, err
	}
	progs[0].Filesz = entry + uint64(len(code))
	progs[0].Memsz = progs[0].Filesz

	var b bytes.Buffer
	for _, part := range []any{hdr, progs, code} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			return s, fmt.Errorf("write starter: %w", err)
		}
	}
	s.elf = b.Bytes()
	return s, nil
}

// starterCode is nanosleep({starterSleep, 0}, NULL); exit_group(starterExit).
func starterCode(at uint64, s *starter) ([]byte, error) {
	b := asm.New(at)
	duration := b.NewLabel()
	b.MovImm(x86.RAX, unix.SYS_NANOSLEEP)
	b.LeaLabel(x86.RDI, duration)
	b.MovImm(x86.RSI, 0)
	s.gadget = b.PC()
	b.Syscall()
	b.MovImm(x86.RAX, unix.SYS_EXIT_GROUP)
	b.MovImm(x86.RDI, starterExit)
	b.Syscall()
	b.Align(8, 0xcc)
	b.Bind(duration)
	b.Quad(starterSleep)
	b.Quad(0)
	if err := b.Finish(); err != nil {
		return nil, fmt.Errorf("assemble starter: %w", err)
	}
	return b.Bytes(), nil
}
