package event

import (
	"encoding/binary"
	"fmt"
)

// A payload is one kind's content. Its layout method names each field once, in
// the order of the bytes; the coder's mode decides what happens to them.
type payload interface {
	layout(c *coder)
}

type mode uint8

const (
	decoding mode = iota
	encoding
	describing
)

// style is how a number is shown to people.
type style uint8

const (
	decimal style = iota
	hex
	signed
)

// coder walks over a payload's fields. After an error it does nothing more.
type coder struct {
	mode  mode
	buf   []byte // decoding: what is left; encoding: what has been written
	head  Header
	err   error
	shown []field // describing
}

func (c *coder) number(v *uint16, name string) {
	switch c.mode {
	case decoding:
		*v = c.head.NR
	case encoding:
		c.head.NR = *v
	case describing:
		c.show(name, field{style: decimal, num: uint64(*v)})
	}
}

func (c *coder) flags(v *Flags) {
	switch c.mode {
	case decoding:
		*v = c.head.Flags
	case encoding:
		c.head.Flags = *v
	case describing:
		c.show("flags", field{style: hex, num: uint64(*v)})
	}
}

func (c *coder) u64(name string, s style, v *uint64) {
	switch c.mode {
	case decoding:
		if b := c.take(8); b != nil {
			*v = binary.LittleEndian.Uint64(b)
		}
	case encoding:
		c.buf = binary.LittleEndian.AppendUint64(c.buf, *v)
	case describing:
		c.show(name, field{style: s, num: *v})
	}
}

func (c *coder) u64s(name string, v []uint64) {
	switch c.mode {
	case decoding:
		if b := c.take(8 * uint64(len(v))); b != nil {
			for i := range v {
				v[i] = binary.LittleEndian.Uint64(b[8*i:])
			}
		}
	case encoding:
		for _, x := range v {
			c.buf = binary.LittleEndian.AppendUint64(c.buf, x)
		}
	case describing:
		c.show(name, field{list: append([]uint64(nil), v...)})
	}
}

// registers is a user_regs_struct.
func (c *coder) registers(v []uint64) {
	c.u64s("regs", v)
	if c.mode == describing {
		c.shown[len(c.shown)-1].regs = true
	}
}

// fixed is a byte array whose length is a multiple of 8.
func (c *coder) fixed(name string, v []byte) {
	switch c.mode {
	case decoding:
		copy(v, c.take(uint64(len(v))))
	case encoding:
		c.buf = append(c.buf, v...)
	case describing:
		c.show(name, field{data: append([]byte{}, v...)})
	}
}

// bytes is a u64 length, the bytes, and padding.
func (c *coder) bytes(name string, v *[]byte) {
	switch c.mode {
	case decoding:
		*v = c.counted()
	case encoding:
		c.buf = binary.LittleEndian.AppendUint64(c.buf, uint64(len(*v)))
		c.buf = appendPadded(c.buf, *v)
	case describing:
		c.show(name, field{data: append([]byte{}, *v...)})
	}
}

// bytesIfAny are bytes at an event's end which may be missing.
func (c *coder) bytesIfAny(name string, v *[]byte) {
	if c.mode == decoding && len(c.buf) > 0 || c.mode != decoding && len(*v) > 0 {
		c.bytes(name, v)
	}
}

func (c *coder) text(name string, v *string) {
	switch c.mode {
	case decoding:
		*v = string(c.counted())
	case encoding:
		c.buf = binary.LittleEndian.AppendUint64(c.buf, uint64(len(*v)))
		c.buf = appendPadded(c.buf, []byte(*v))
	case describing:
		c.show(name, field{text: *v, isText: true})
	}
}

// writes is the rest of the event.
func (c *coder) writes(v *Writes) {
	switch c.mode {
	case decoding:
		if c.err != nil || len(c.buf) == 0 {
			return
		}
		*v, c.buf = Writes(c.buf), nil
		c.err = v.check()
	case encoding:
		c.buf = append(c.buf, *v...)
	case describing:
		if len(*v) > 0 {
			c.show("writes", field{writes: *v})
		}
	}
}

func (c *coder) show(name string, f field) {
	f.name = name
	c.shown = append(c.shown, f)
}

func (c *coder) counted() []byte {
	var n uint64
	c.u64("", decimal, &n)
	// Compared before padding: n may be near 2^64, where padding wraps.
	if c.err == nil && n > uint64(len(c.buf)) {
		c.err = fmt.Errorf("%w: %d bytes announced, %d left", ErrMalformed, n, len(c.buf))
	}
	b := c.take(pad8(n))
	if b == nil {
		return nil
	}
	return b[:n:n]
}

func (c *coder) take(n uint64) []byte {
	if c.err != nil {
		return nil
	}
	if n > uint64(len(c.buf)) {
		c.err = fmt.Errorf("%w: field of %d bytes, %d left", ErrMalformed, n, len(c.buf))
		return nil
	}
	b := c.buf[:n:n]
	c.buf = c.buf[n:]
	return b
}

// open starts decoding ev, which must be one whole event of kind k.
func open(ev []byte, k Kind) coder {
	h, err := ParseHeader(ev)
	switch {
	case err != nil:
	case uint64(h.Size) > uint64(len(ev)):
		err = fmt.Errorf("%w: %d bytes of %d", ErrTruncated, len(ev), h.Size)
	case uint64(h.Size) < uint64(len(ev)):
		err = fmt.Errorf("%w: %d bytes behind it", ErrMalformed, uint64(len(ev))-uint64(h.Size))
	case h.Kind != k:
		err = fmt.Errorf("%w: is of kind %v", ErrMalformed, h.Kind)
	}
	if err != nil {
		return coder{err: err}
	}
	return coder{buf: ev[HeaderSize:], head: h}
}

// done is the error of a decoded payload.
func (c *coder) done(k Kind) error {
	if c.err == nil && len(c.buf) > 0 {
		c.err = fmt.Errorf("%w: %d bytes too many", ErrMalformed, len(c.buf))
	}
	if c.err != nil {
		return fmt.Errorf("decode %v event at tick %d: %w", k, c.head.Tick, c.err)
	}
	return nil
}

// appendEvent encodes p behind dst.
func appendEvent(dst []byte, k Kind, tick uint64, p payload) []byte {
	start := len(dst)
	c := coder{mode: encoding, head: Header{Kind: k, Tick: tick}}
	c.buf = append(dst, make([]byte, HeaderSize)...)
	p.layout(&c)
	size := len(c.buf) - start
	if size > MaxSize {
		panic(fmt.Sprintf("event: %v of %d bytes exceeds %d", k, size, MaxSize))
	}
	c.head.Size = uint32(size)
	c.head.put(c.buf[start:])
	return c.buf
}
