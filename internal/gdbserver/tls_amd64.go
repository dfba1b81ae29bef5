package gdbserver

import (
	"debug/elf"
	"errors"
	"fmt"
	"strings"
)

// gdb knows a thread-local variable as an offset in the block of its module,
// and asks us where the block is. A thread's blocks are listed in its dtv, by
// the number of the module ("ELF Handling for Thread-Local Storage", section 3).
// Where a module's number is, the C libraries keep to themselves; glibc says it
// in symbols for libthread_db (nptl_db/structs.def).

// Where every C library for x86-64 has what follows.
const (
	tcbDTV = 8 // in the thread control block, to which FS base points

	// struct link_map (<link.h>)
	linkAddr    = 0
	linkDynamic = 16
	linkNext    = 24
	linkPrev    = 32
)

// One entry of a dtv. glibc's has a second word, what to free; all that it says
// of a block that is not yet allocated is -1 (TLS_DTV_UNALLOCATED).
const (
	glibcDTVEntry = 16
	muslDTVEntry  = 8
	unallocated   = ^uint64(0)
)

// maxModules bounds the walk through what may not be a list.
const maxModules = 4096

// errNotAllocated is about a block that the C library makes at its first use.
var errNotAllocated = errors.New("the thread has not used the thread-local variables of this module yet")

// tlsAddress answers "THREAD,OFFSET,LINKMAP".
func (s *session) tlsAddress(args string) (string, error) {
	id, numbers, _ := strings.Cut(args, ",")
	tid, err := parseThread(id)
	if err != nil {
		return "", err
	}
	n, err := parseHexes(numbers, 2)
	if err != nil {
		return "", err
	}
	registers, err := s.target.Registers(tid)
	if err != nil {
		return "", err
	}
	block, err := tlsBlock(guest{s.target}, registers.FSBase, n[1])
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", block+n[0]), nil
}

// tlsBlock finds the thread-local block of the module with the link map at
// module, for the thread whose control block is at tcb.
func tlsBlock(g guest, tcb, module uint64) (uint64, error) {
	if tcb == 0 {
		return 0, errors.New("the thread has no thread-local variables yet")
	}
	if module == 0 {
		return g.staticBlock(tcb)
	}
	modules, err := g.modules(module)
	if err != nil {
		return 0, err
	}
	id, entry, err := g.moduleID(modules, module)
	if err != nil {
		return 0, err
	}
	dtv, err := g.word(tcb + tcbDTV)
	if err != nil {
		return 0, err
	}
	block, err := g.word(dtv + id*entry)
	if err == nil && (id == 0 || block == 0 || block == unallocated) {
		err = errNotAllocated
	}
	return block, err
}

// staticBlock is the block of a program without a dynamic linker. It lies right
// below the thread control block (variant II).
func (g guest) staticBlock(tcb uint64) (uint64, error) {
	headers, err := g.programHeaders()
	if err != nil {
		return 0, err
	}
	for _, h := range headers {
		if elf.ProgType(h.Type) == elf.PT_TLS {
			align := max(h.Align, 1)
			return tcb - (h.Memsz+align-1)/align*align, nil
		}
	}
	return 0, errors.New("the program has no thread-local variables")
}

// modules lists the link maps, given one of them, in the order of loading.
func (g guest) modules(one uint64) ([]uint64, error) {
	for range maxModules {
		prev, err := g.word(one + linkPrev)
		if err != nil {
			return nil, err
		}
		if prev == 0 {
			break
		}
		one = prev
	}
	var list []uint64
	for one != 0 && len(list) < maxModules {
		list = append(list, one)
		var err error
		if one, err = g.word(one + linkNext); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// moduleID returns the number of a module, and the size of a dtv's entries.
func (g guest) moduleID(modules []uint64, module uint64) (id, entry uint64, err error) {
	at, found, err := g.lookUp(modules, "_thread_db_link_map_l_tls_modid")
	if err != nil {
		return 0, 0, err
	}
	if found {
		// Size in bits, number of elements, offset in bytes, 32 bits each.
		where, err := g.word(at + 4)
		if err != nil {
			return 0, 0, err
		}
		id, err := g.word(module + where>>32)
		return id, glibcDTVEntry, err
	}
	if _, glibc, err := g.lookUp(modules, "gnu_get_libc_version"); glibc || err != nil {
		return 0, 0, errors.Join(err, errors.New("this C library tells where thread-local variables are to programs with threads only"))
	}
	id, err = g.countTLS(modules, module)
	return id, muslDTVEntry, err
}

// countTLS is the number that musl gave to a module: it counts those with
// thread-local variables as it loads them, and never unloads one.
func (g guest) countTLS(modules []uint64, module uint64) (uint64, error) {
	n := uint64(0)
	for i, m := range modules {
		has, err := g.hasTLS(m, i == 0)
		if err != nil {
			return 0, err
		}
		if has {
			n++
		}
		if m == module {
			if !has {
				n = 0
			}
			break
		}
	}
	return n, nil
}

// hasTLS reports whether a module has thread-local variables. The first one is
// the program.
func (g guest) hasTLS(module uint64, program bool) (bool, error) {
	var headers []elf.Prog64
	var err error
	if program {
		headers, err = g.programHeaders()
	} else {
		headers, err = g.loadedHeaders(module)
	}
	for _, h := range headers {
		if elf.ProgType(h.Type) == elf.PT_TLS {
			return true, nil
		}
	}
	return false, err
}
