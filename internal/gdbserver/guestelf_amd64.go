package gdbserver

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
)

// guest reads the guest's memory: words, and the ELF structures that the
// dynamic linker works with.
type guest struct{ target Target }

func (g guest) bytes(addr uint64, p []byte) error {
	n, err := g.target.ReadMemory(addr, p)
	if n < len(p) {
		return fmt.Errorf("read %d bytes at %#x: %w", len(p), addr, err)
	}
	return nil
}

func (g guest) word(addr uint64) (uint64, error) {
	var p [8]byte
	err := g.bytes(addr, p[:])
	return binary.LittleEndian.Uint64(p[:]), err
}

func (g guest) half(addr uint64) (uint32, error) {
	var p [4]byte
	err := g.bytes(addr, p[:])
	return binary.LittleEndian.Uint32(p[:]), err
}

// maxHeaders bounds the number of program headers.
const maxHeaders = 256

// programHeaders are those of the program.
func (g guest) programHeaders() ([]elf.Prog64, error) {
	var at, n uint64
	for auxv := g.target.Auxv(); len(auxv) >= 16; auxv = auxv[16:] {
		value := binary.LittleEndian.Uint64(auxv[8:])
		switch binary.LittleEndian.Uint64(auxv) { // getauxval(3)
		case 3:
			at = value
		case 5:
			n = value
		}
	}
	return g.headers(at, n)
}

// loadedHeaders are the program headers of a module. Its file is mapped from its
// beginning on, where the link map says.
func (g guest) loadedHeaders(module uint64) ([]elf.Prog64, error) {
	base, err := g.word(module + linkAddr)
	if err != nil {
		return nil, err
	}
	var p [64]byte
	if err := g.bytes(base, p[:]); err != nil {
		return nil, err
	}
	var h elf.Header64
	if err := binary.Read(bytes.NewReader(p[:]), binary.LittleEndian, &h); err != nil {
		return nil, fmt.Errorf("file header at %#x: %w", base, err)
	}
	return g.headers(base+h.Phoff, uint64(h.Phnum))
}

func (g guest) headers(at, n uint64) ([]elf.Prog64, error) {
	headers := make([]elf.Prog64, min(n, maxHeaders))
	p := make([]byte, binary.Size(headers))
	if err := g.bytes(at, p); err != nil {
		return nil, err
	}
	if err := binary.Read(bytes.NewReader(p), binary.LittleEndian, headers); err != nil {
		return nil, fmt.Errorf("program headers at %#x: %w", at, err)
	}
	return headers, nil
}

// lookUp finds a symbol that one of the modules exports.
func (g guest) lookUp(modules []uint64, name string) (addr uint64, found bool, err error) {
	for _, m := range modules {
		t, err := g.symbols(m)
		if err != nil {
			return 0, false, err
		}
		if addr, found, err = t.find(name); found || err != nil {
			return addr, found, err
		}
	}
	return 0, false, nil
}

// symbolTable is what a module exports.
type symbolTable struct {
	g                      guest
	base                   uint64
	hash, symbols, strings uint64
}

// maxDynamic bounds the number of entries of a dynamic section.
const maxDynamic = 1024

// symbols reads the dynamic section of a module.
func (g guest) symbols(module uint64) (t symbolTable, err error) {
	t.g = g
	if t.base, err = g.word(module + linkAddr); err != nil {
		return t, err
	}
	at, err := g.word(module + linkDynamic)
	if err != nil {
		return t, err
	}
	wanted := map[elf.DynTag]*uint64{elf.DT_GNU_HASH: &t.hash, elf.DT_SYMTAB: &t.symbols, elf.DT_STRTAB: &t.strings}
	for range maxDynamic {
		tag, err := g.word(at)
		if err != nil || tag == 0 {
			return t, err
		}
		if p := wanted[elf.DynTag(tag)]; p != nil {
			if *p, err = g.word(at + 8); err != nil {
				return t, err
			}
			if *p < t.base {
				*p += t.base // musl, and the vDSO, have not relocated it
			}
		}
		at += 16
	}
	return t, nil
}

// find looks in the GNU hash table ("The ELF string hash table" in the
// specification of the GNU gABI extensions): a header of four words, a Bloom
// filter, buckets, and chains of hashes, the last of each with its lowest bit set.
func (t *symbolTable) find(name string) (addr uint64, found bool, err error) {
	if t.hash == 0 || t.symbols == 0 || t.strings == 0 {
		return 0, false, nil
	}
	var header [4]uint32 // buckets, first symbol, words of the filter, its shift
	for i := range header {
		if header[i], err = t.g.half(t.hash + 4*uint64(i)); err != nil {
			return 0, false, err
		}
	}
	if header[0] == 0 {
		return 0, false, nil
	}
	buckets := t.hash + 16 + 8*uint64(header[2])
	chains := buckets + 4*uint64(header[0])
	h := gnuHash(name)
	i, err := t.g.half(buckets + 4*uint64(h%header[0]))
	for ; err == nil && i >= header[1]; i++ {
		var link uint32
		if link, err = t.g.half(chains + 4*uint64(i-header[1])); err != nil {
			break
		}
		if link|1 == h|1 {
			if addr, found, err = t.symbol(i, name); found {
				return addr, true, nil
			}
		}
		if link&1 != 0 {
			break
		}
	}
	return 0, false, err
}

// symbol is the address of symbol i, if it is called name.
func (t *symbolTable) symbol(i uint32, name string) (addr uint64, found bool, err error) {
	at := t.symbols + elf.Sym64Size*uint64(i)
	nameAt, err := t.g.half(at)
	if err != nil {
		return 0, false, err
	}
	p := make([]byte, len(name)+1)
	// A shorter one may stand at the end of memory.
	n, _ := t.g.target.ReadMemory(t.strings+uint64(nameAt), p)
	if string(p[:n]) != name+"\x00" {
		return 0, false, nil
	}
	value, err := t.g.word(at + 8)
	return t.base + value, err == nil && value != 0, err
}

func gnuHash(name string) uint32 {
	h := uint32(5381)
	for i := range len(name) {
		h = h*33 + uint32(name[i])
	}
	return h
}
