package gdbserver

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// packetSize is what we promise to take, and the most that we send.
	packetSize = 0x20000

	interruptByte = 0x03
	escapeByte    = '}'
	escapeXOR     = 0x20
)

// wireEvent is what arrived from gdb.
type wireEvent uint8

const (
	gotPacket  wireEvent = iota
	gotCorrupt           // the checksum is wrong
	gotTooLong
	gotResend // gdb did not understand our last packet
)

// request is one thing that arrived from gdb.
type request struct {
	event wireEvent
	data  string
	// interrupt is closed when gdb interrupts what this packet started, or goes
	// away. Being the packet's own, it makes an interrupt that comes too late,
	// after the reply, harmless to the next packet.
	interrupt chan struct{}
	// late: an interrupt came after the packet before, perhaps too late for it.
	late bool
}

// reader turns the bytes from gdb into requests, in a goroutine of its own:
// an interrupt must be seen while a resume is under way.
type reader struct {
	in       *bufio.Reader
	requests chan request
	done     <-chan struct{} // nobody takes requests any more
	running  chan struct{}   // the last packet's interrupt, until closed
	late     bool            // an interrupt came after the last packet
	err      error           // why requests was closed
}

func newReader(r io.Reader, done <-chan struct{}) *reader {
	return &reader{in: bufio.NewReaderSize(r, 1<<14), requests: make(chan request), done: done}
}

func (r *reader) run() {
	r.err = r.readAll()
	r.interruptRunning()
	close(r.requests)
}

// readAll returns nil when the connection ends between packets.
func (r *reader) readAll() error {
	for {
		b, err := r.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read from gdb: %w", err)
		}
		switch b {
		case interruptByte:
			r.interruptRunning()
			r.late = true
			continue
		case '-':
			err = r.deliver(request{event: gotResend})
		case '$':
			err = r.packet()
		}
		if err != nil {
			return err
		}
	}
}

func (r *reader) interruptRunning() {
	if r.running != nil {
		close(r.running)
		r.running = nil
	}
}

// deliver interrupts what the last packet started: it would never end if gdb
// sent something else meanwhile, and the interrupt behind that were not read.
func (r *reader) deliver(req request) error {
	r.interruptRunning()
	r.running = req.interrupt
	select {
	case r.requests <- req:
		return nil
	case <-r.done:
		return errors.New("the session is over")
	}
}

// packet reads what follows a '$'. A packet that is too long is read to its
// end but not kept.
func (r *reader) packet() error {
	var data strings.Builder
	var sum byte
	req := request{}
	for {
		b, err := r.in.ReadByte()
		if err != nil {
			return fmt.Errorf("read a packet from gdb: %w", err)
		}
		if b == '#' {
			break
		}
		sum += b
		if data.Len() < packetSize {
			data.WriteByte(b)
		} else {
			req.event = gotTooLong
		}
	}
	var digits [2]byte
	if _, err := io.ReadFull(r.in, digits[:]); err != nil {
		return fmt.Errorf("read a packet's checksum from gdb: %w", err)
	}
	if want, err := parseHex(string(digits[:])); err != nil || want != uint64(sum) {
		req.event = gotCorrupt
	}
	if req.event == gotPacket {
		req.data = data.String()
	}
	req.interrupt, req.late = make(chan struct{}), r.late
	r.late = false
	return r.deliver(req)
}

// writer sends packets. Only the session's goroutine uses it.
type writer struct {
	out   *bufio.Writer
	last  string // for gdb to ask for again
	noAck bool
}

func newWriter(w io.Writer) *writer { return &writer{out: bufio.NewWriterSize(w, 1<<14)} }

func (w *writer) ack(good bool) error {
	if w.noAck {
		return nil
	}
	b := byte('+')
	if !good {
		b = '-'
	}
	if err := w.out.WriteByte(b); err != nil {
		return fmt.Errorf("acknowledge a packet: %w", err)
	}
	return w.out.Flush()
}

// send sends a packet whose payload is escaped already, where it has to be.
func (w *writer) send(payload string) error {
	var sum byte
	for i := range len(payload) {
		sum += payload[i]
	}
	w.last = payload
	fmt.Fprintf(w.out, "$%s#%02x", payload, sum)
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("send a packet to gdb: %w", err)
	}
	return nil
}

func (w *writer) resend() error { return w.send(w.last) }

// escape makes bytes fit for a packet: '#', '$' and '}' delimit, and '*' would
// start a run-length encoding.
func escape(p []byte) string {
	var b strings.Builder
	b.Grow(len(p))
	for _, c := range p {
		switch c {
		case '#', '$', '}', '*':
			b.WriteByte(escapeByte)
			c ^= escapeXOR
		}
		b.WriteByte(c)
	}
	return b.String()
}

func unescape(s string) []byte {
	p := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == escapeByte && i+1 < len(s) {
			i++
			c = s[i] ^ escapeXOR
		}
		p = append(p, c)
	}
	return p
}
