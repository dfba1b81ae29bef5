package recording

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"sync"

	"hindsight/internal/event"
)

// Events of a kind resemble each other: a clock that is read in a loop gives
// the same call over and over, with another time. So events are packed before
// they are compressed: each as what it differs in from the last one with the
// same first word (length, kind, flags and number), 64-bit word by word. That
// is faster than compression, leaves it a tenth to do, and shows it more than
// it would find by itself. docs/format.md specifies the result.

const (
	// packSlots is how many events are remembered to compare with.
	packSlots = 64
	// packVerbatim stands for an event that is not compared.
	packVerbatim = packSlots
	// packWords bounds the words that are compared. What lies behind is the
	// content of buffers, which compression knows better.
	packWords = 16
)

// packer is the state of packing and unpacking a chunk.
type packer struct {
	last [packSlots]int // offset of an event in the chunk, plus 1
	tick int            // offset of the tick of the event before, if there is one
}

// packSlot returns the slot for events with the first word w.
func packSlot(w uint64) uint64 { return w * 0x9e3779b97f4a7c15 >> 58 }

var packBuffers sync.Pool // of *[]byte

// packBuffer returns a buffer of n bytes, to be given back to packBuffers.
func packBuffer(n int) *[]byte {
	if b, ok := packBuffers.Get().(*[]byte); ok && cap(*b) >= n {
		*b = (*b)[:n]
		return b
	}
	b := make([]byte, n, max(n, maxEventChunk))
	return &b
}

// pack puts the events of raw in packed form into dst, which is as long as
// raw, and returns their length there. ok is false where that does not pay, or
// raw is not whole events.
func pack(dst, raw []byte) (n int, ok bool) {
	var p packer
	limit := min(len(raw)/8*7, len(dst)-packSlack)
	var head, slot uint64 // of the event before
	size := 0
	for at := 0; at < len(raw); at += size {
		rest := raw[at:]
		from := p.tick - 8
		if len(rest) < event.HeaderSize || binary.LittleEndian.Uint64(rest) != head {
			ev, _, err := event.Next(rest)
			if err != nil {
				return 0, false
			}
			size, head = len(ev), binary.LittleEndian.Uint64(ev)
			slot = packSlot(head)
			from = p.last[slot] - 1
		}
		if size > len(rest) || n+size > limit {
			return 0, false
		}
		if from < 0 || binary.LittleEndian.Uint64(raw[from:]) != head {
			dst[n] = packVerbatim
			n += 1 + copy(dst[n+1:], rest[:size])
		} else {
			dst[n] = byte(slot)
			n += 1 + packEvent(dst[n+1:], rest[:size], raw[from:from+size], binary.LittleEndian.Uint64(raw[p.tick:]))
		}
		p.last[slot], p.tick = at+1, at+8
	}
	return n, true
}

// packEvent puts into dst how ev differs from old, and its tick from the one
// given, and returns the length. It may write up to packSlack bytes more.
func packEvent(dst, ev, old []byte, tick uint64) int {
	words := ev[:min(len(ev), 8*packWords)]
	masks := maskLen(len(words) / 8)
	code, n := packWord(dst, masks, binary.LittleEndian.Uint64(ev[8:]), tick)
	codes := code
	old = old[:len(words)]
	for off := 16; off <= len(words)-8; off += 8 {
		is, was := binary.LittleEndian.Uint64(words[off:]), binary.LittleEndian.Uint64(old[off:])
		if is != was {
			code, n = packWord(dst, n, is, was)
			codes |= code << (uint(off/4-2) & 31)
		}
	}
	for i := range masks {
		dst[i] = byte(codes)
		codes >>= 8
	}
	if len(ev) > len(words) {
		n += copy(dst[n:], ev[len(words):])
	}
	return n
}

// packWord puts into dst at n how a word differs from what it was.
func packWord(dst []byte, n int, is, was uint64) (code uint32, end int) {
	d := is - was
	switch {
	case d == uint64(int8(d)):
		dst[n] = byte(d)
		return packByte, n + 1
	case d == uint64(int16(d)):
		binary.LittleEndian.PutUint16(dst[n:], uint16(d))
		return packShort, n + 2
	}
	binary.LittleEndian.PutUint64(dst[n:], is)
	return packWhole, n + 8
}

// What became of a word: two bits in the mask.
const (
	packSame  = 0
	packByte  = 1 // the difference, 1 byte
	packShort = 2 // the difference, 2 bytes
	packWhole = 3 // the word itself
)

// maskLen is the length of the mask for an event's compared words. The first
// needs none.
func maskLen(words int) int { return (2*(words-1) + 7) / 8 }

// packSlack is how far unpacking may look beyond an event's bytes.
const packSlack = 4 + 8*packWords

var errPackCut = errors.New("packed events end within an event")

// unpack returns the n bytes of events that b was packed from.
func unpack(b []byte, n int) ([]byte, error) {
	var p packer
	dst := make([]byte, 0, n)
	b = append(b, make([]byte, packSlack)...)
	for len(b) > packSlack {
		at := len(dst)
		var slot uint64
		var err error
		if slot = uint64(b[0]); slot < packSlots {
			dst, b, err = p.unpackEvent(dst, b[1:], p.last[slot]-1)
		} else if dst, b, err = unpackVerbatim(dst, b); err == nil {
			slot = packSlot(binary.LittleEndian.Uint64(dst[at:]))
		}
		if err != nil {
			return nil, err
		}
		p.last[slot], p.tick = at+1, at+8
	}
	if len(b) < packSlack || len(dst) != cap(dst) {
		return nil, errPackCut
	}
	return dst, nil
}

// unpackVerbatim appends to dst the event that stands in b behind a byte that
// says so, and returns what follows it.
func unpackVerbatim(dst, b []byte) (events, rest []byte, err error) {
	if b[0] != packVerbatim {
		return nil, nil, fmt.Errorf("packed event starts with %#x", b[0])
	}
	ev, rest, err := event.Next(b[1:])
	if err == nil && len(ev) > cap(dst)-len(dst) {
		err = errPackCut
	}
	return append(dst, ev...), rest, err
}

// unpackEvent appends to dst the event that differs from the one at from as b
// says, and returns what follows in b.
func (p *packer) unpackEvent(dst, b []byte, from int) (events, rest []byte, err error) {
	if from < 0 {
		return nil, nil, errors.New("packed event refers to none before it")
	}
	at := len(dst)
	n := int(binary.LittleEndian.Uint32(dst[from:]))
	if n > cap(dst)-at {
		return nil, nil, errPackCut
	}
	words := min(n/8, packWords)
	tick := dst[p.tick : p.tick+8]
	dst = append(dst, dst[from:from+8*words]...)
	copy(dst[at+8:], tick)
	masks := maskLen(words)
	codes := binary.LittleEndian.Uint32(b) & (1<<(8*masks) - 1)
	b = b[masks:]
	for codes != 0 {
		i := bits.TrailingZeros32(codes) / 2
		if i >= words-1 {
			return nil, nil, errors.New("packed event has more words than bytes")
		}
		word := dst[at+8+8*i:][:8]
		switch codes >> (2 * i) & 3 {
		case packByte:
			binary.LittleEndian.PutUint64(word, binary.LittleEndian.Uint64(word)+uint64(int8(b[0])))
			b = b[1:]
		case packShort:
			binary.LittleEndian.PutUint64(word, binary.LittleEndian.Uint64(word)+uint64(int16(binary.LittleEndian.Uint16(b))))
			b = b[2:]
		case packWhole:
			copy(word, b[:8])
			b = b[8:]
		}
		codes &^= 3 << (2 * i)
	}
	if n > 8*words {
		if n-8*words > len(b) {
			return nil, nil, errPackCut
		}
		dst, b = append(dst, b[:n-8*words]...), b[n-8*words:]
	}
	return dst, b, nil
}
