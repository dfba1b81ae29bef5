package engine

import (
	"encoding/binary"
	"strings"

	"github.com/zeebo/xxh3"
	"golang.org/x/sys/unix"

	"hindsight/internal/tracee"
)

// StateHash is a checksum of a thread's registers: the general ones, RIP, the
// FS base, and the contents of the x87, SSE and AVX registers. The flags are
// left out, since between the places where they are read a recording does
// not keep them.
func StateHash(regs *Regs, xstate []byte) uint64 {
	g := PackRegs(regs)
	const rax, origRAX, rip, rsp, fsBase = 10, 15, 16, 19, 21
	var b []byte
	for i, v := range g {
		if i <= rip && i != origRAX || i == rsp || i == fsBase {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
	}
	return xxh3.Hash(append(b, vectorState(xstate)...))
}

// Layout of the XSAVE area in standard format (SDM vol. 1, 13.4).
const (
	xsaveST     = 32
	xsaveSTLen  = 8 * 16
	xsaveXMM    = 160
	xsaveXMMLen = 16 * 16
	xsaveHeader = 512
	xsaveYMM    = 576
	xsaveYMMLen = 16 * 16
	featureX87  = 1 << 0
	featureSSE  = 1 << 1
	featureAVX  = 1 << 2
)

// vectorState returns the register contents of an XSAVE area, zero where the
// header says that they are in their initial state.
func vectorState(x []byte) []byte {
	out := make([]byte, xsaveSTLen+xsaveXMMLen+xsaveYMMLen)
	if len(x) < xsaveYMM {
		return out
	}
	bv := binary.LittleEndian.Uint64(x[xsaveHeader:])
	if bv&featureX87 != 0 {
		copy(out, x[xsaveST:xsaveST+xsaveSTLen])
	}
	if bv&featureSSE != 0 {
		copy(out[xsaveSTLen:], x[xsaveXMM:xsaveXMM+xsaveXMMLen])
	}
	if bv&featureAVX != 0 && len(x) >= xsaveYMM+xsaveYMMLen {
		copy(out[xsaveSTLen+xsaveXMMLen:], x[xsaveYMM:xsaveYMM+xsaveYMMLen])
	}
	return out
}

// MemoryHash is a checksum of the guest's writable private memory, and the
// number of pages in it that are not all zeros. Of the stack that sp lies in
// it takes what is in use, the red zone included.
func MemoryHash(mem Memory, space *Space, sp uint64, ours func(start, end uint64) bool) (hash, pages uint64, err error) {
	h := xxh3.New()
	buf := make([]byte, 64<<10)
	for _, m := range space.Mappings() {
		if m.Shared || m.Foreign || m.Prot&unix.PROT_WRITE == 0 || strings.HasPrefix(m.Path, "[v") || ours(m.Start, m.End) {
			continue
		}
		if m.Start <= sp && sp < m.End {
			m.Start = sp - 128
		}
		parts := []tracee.PageRange{{Start: m.Start, End: m.End}}
		if m.Path == "" || m.Path == "[heap]" {
			// Reading would touch the others, and mincore(2) tell.
			parts[0].Start &^= pageSize - 1
			if parts, err = mem.Populated(parts[0], 0); err != nil {
				return 0, 0, err
			}
		}
		for _, part := range parts {
			part.Start = max(part.Start, m.Start)
			pages += hashRange(h, mem, part, buf)
		}
	}
	return h.Sum64(), pages, nil
}

// Memory is that of a process.
type Memory interface {
	ReadMem(addr uint64, p []byte) (int, error)
	Populated(r tracee.PageRange, gap uint64) ([]tracee.PageRange, error)
}

// hashRange adds the pages of r, as far as they can be read.
func hashRange(h *xxh3.Hasher, mem Memory, r tracee.PageRange, buf []byte) (pages uint64) {
	for at := r.Start; at < r.End; {
		n, _ := mem.ReadMem(at, buf[:min(uint64(len(buf))-at%pageSize, r.End-at)])
		if n == 0 {
			at = at&^(pageSize-1) + pageSize
			continue
		}
		pages += hashPages(h, at, buf[:n])
		at += uint64(n)
	}
	return pages
}

// hashPages adds the pages of b that are not zero, each with its address.
func hashPages(h *xxh3.Hasher, at uint64, b []byte) (pages uint64) {
	for len(b) > 0 {
		n := min(len(b), int(pageSize-at%pageSize))
		if !zero(b[:n]) {
			var a [8]byte
			binary.LittleEndian.PutUint64(a[:], at)
			h.Write(a[:])
			h.Write(b[:n])
			pages++
		}
		at += uint64(n)
		b = b[n:]
	}
	return pages
}

func zero(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b) != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
