package event

import (
	"encoding/binary"
	"fmt"
	"iter"
)

// Writes is a list of writes to guest memory in the form that events hold:
// for each {u64 address, u64 length, bytes, padding to a multiple of 8}.
// The zero value is empty.
type Writes []byte

// writeHeader is the length of a write's address and length.
const writeHeader = 16

// Append returns w with a write of data at addr added.
func (w Writes) Append(addr uint64, data []byte) Writes {
	w = binary.LittleEndian.AppendUint64(w, addr)
	w = binary.LittleEndian.AppendUint64(w, uint64(len(data)))
	return appendPadded(w, data)
}

// Next splits off the first write. ok is false at the end and at a write that
// is cut off; decoding an event has excluded the latter.
func (w Writes) Next() (addr uint64, data []byte, rest Writes, ok bool) {
	if len(w) < writeHeader {
		return 0, nil, nil, false
	}
	addr = binary.LittleEndian.Uint64(w)
	n := binary.LittleEndian.Uint64(w[8:])
	body := w[writeHeader:]
	if n > uint64(len(body)) || pad8(n) > uint64(len(body)) {
		return 0, nil, nil, false
	}
	return addr, body[:n:n], body[pad8(n):], true
}

// All iterates over addresses and bytes, in the order written.
func (w Writes) All() iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		for {
			addr, data, rest, ok := w.Next()
			if !ok || !yield(addr, data) {
				return
			}
			w = rest
		}
	}
}

// Len returns the number of writes and of bytes written.
func (w Writes) Len() (writes, bytes int) {
	for _, data := range w.All() {
		writes++
		bytes += len(data)
	}
	return writes, bytes
}

func (w Writes) check() error {
	for rest := w; len(rest) > 0; {
		_, _, next, ok := rest.Next()
		if !ok {
			return fmt.Errorf("%w: memory write cut off %d bytes before the end", ErrMalformed, len(rest))
		}
		rest = next
	}
	return nil
}

// split cuts w into lists of at most limit bytes each, also within a write.
func (w Writes) split(limit int, yield func(Writes)) {
	var part Writes
	for addr, data := range w.All() {
		for first := true; first || len(data) > 0; first = false {
			room := limit - len(part) - writeHeader
			if room < 8 {
				yield(part)
				part, room = nil, limit-writeHeader
			}
			n := min(len(data), room&^7)
			part = part.Append(addr, data[:n])
			addr, data = addr+uint64(n), data[n:]
		}
	}
	if len(part) > 0 {
		yield(part)
	}
}

func pad8(n uint64) uint64 { return (n + 7) &^ 7 }

var zeros [8]byte

func appendPadded(dst, b []byte) []byte {
	dst = append(dst, b...)
	return append(dst, zeros[:pad8(uint64(len(b)))-uint64(len(b))]...)
}
