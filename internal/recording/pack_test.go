package recording

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"hindsight/internal/event"
)

// clockEvents are n calls of clock_gettime and readings of the time stamp
// counter, as a program makes them in a loop.
func clockEvents(n int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	var b []byte
	now, tick := uint64(1<<40), uint64(100)
	for i := range n {
		tick += uint64(r.IntN(3))
		now += 20 + uint64(r.IntN(30))
		if i%1000 == 999 {
			now += 70000 // we were away
		}
		b = event.AppendTSC(b, tick, event.TSC{Value: now})
		var data [16]byte
		binary.LittleEndian.PutUint64(data[:], now>>30)
		binary.LittleEndian.PutUint64(data[8:], now&(1<<30-1))
		b = event.AppendSyscall(b, tick, event.Syscall{NR: 228, Flags: event.FlagVDSO,
			Args: [3]uint64{1, 0x7ffe12345678, 5}, Writes: event.Writes(nil).Append(0x7ffe12345678, data[:])})
	}
	return b
}

// mixedEvents are n calls with outputs of all lengths.
func mixedEvents(n int) []byte {
	r := rand.New(rand.NewPCG(5, 6))
	var b []byte
	for i := range n {
		b = event.AppendSyscall(b, uint64(i), event.Syscall{NR: uint16(r.IntN(10)), Result: uint64(r.IntN(100)),
			Args: [3]uint64{uint64(r.IntN(5)), 0x7ffe12345678, 0}, Writes: event.Writes(nil).Append(0x7ffe12345678, make([]byte, 70*r.IntN(4)))})
	}
	return b
}

// packed returns events in packed form.
func packed(events []byte) ([]byte, bool) {
	b := make([]byte, len(events))
	n, ok := pack(b, events)
	return b[:n:n], ok
}

func TestPack(t *testing.T) {
	for name, events := range map[string][]byte{"clock": clockEvents(5000), "mixed": mixedEvents(5000)} {
		packed, ok := packed(events)
		if !ok {
			t.Fatalf("%s: %d bytes of events are not packed", name, len(events))
		}
		t.Logf("%s: %d bytes packed to %d", name, len(events), len(packed))
		got, err := unpack(bytes.Clone(packed), len(events))
		if err != nil || !bytes.Equal(got, events) {
			t.Fatalf("%s: unpacking gives other bytes: %v", name, err)
		}
		for _, cut := range []int{1, 2, len(packed) / 2, len(packed) - 1} {
			if _, err := unpack(bytes.Clone(packed[:cut]), len(events)); err == nil {
				t.Errorf("%s: unpacking %d bytes of %d succeeds", name, cut, len(packed))
			}
		}
		for _, n := range []int{0, 8, len(events) - 8, len(events) + 8} {
			if _, err := unpack(bytes.Clone(packed), n); err == nil {
				t.Errorf("%s: unpacking to %d bytes of %d succeeds", name, n, len(events))
			}
		}
	}
	if _, ok := packed(mixedEvents(10)[:100]); ok {
		t.Error("what ends within an event is packed")
	}
}

// A clock that is read in a loop takes a few bytes for each time.
func TestPackClock(t *testing.T) {
	const n = 10000
	for _, codec := range []uint16{codecZstd, codecS2} {
		chunk, _ := seal(nil, header{typ: chunkEvents}, clockEvents(n), codec)
		if perEvent := len(chunk) / (2 * n); perEvent > 6 {
			t.Errorf("method %d takes %d bytes for each event", codec, perEvent)
		}
	}
}

// What is all the same gets so short that a reader could take it for damaged.
func TestSealMonotonous(t *testing.T) {
	zeros := make([]byte, 64<<20)
	mem := event.AppendMem(nil, 1, event.Mem{Writes: event.Writes(nil).Append(PageSize, zeros)})
	for typ, raw := range map[chunkType][]byte{chunkEvents: mem, chunkPages: zeros} {
		for _, codec := range []uint16{codecZstd, codecS2} {
			chunk, _ := seal(nil, header{typ: typ}, raw, codec)
			h, err := parseHeader(chunk)
			if err != nil {
				t.Errorf("%v, method %d: %v", typ, codec, err)
				continue
			}
			if got, err := decompress(h, chunk[headerSize:]); err != nil || !bytes.Equal(got, raw) {
				t.Errorf("%v, method %d: %d other bytes come back: %v", typ, codec, len(got), err)
			}
		}
	}
}

// FuzzUnpack unpacks arbitrary bytes. What it accepts can be packed again.
func FuzzUnpack(f *testing.F) {
	for _, events := range [][]byte{clockEvents(50), mixedEvents(50)} {
		if packed, ok := packed(events); ok {
			f.Add(packed, len(events))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if n < 0 || n > 1<<20 {
			return
		}
		events, err := unpack(bytes.Clone(b), n)
		if err != nil {
			return
		}
		packed, ok := packed(events)
		if !ok {
			return
		}
		again, err := unpack(packed, n)
		if err != nil || !bytes.Equal(again, events) {
			t.Fatalf("packed again it is something else: %v", err)
		}
	})
}

func BenchmarkPack(b *testing.B) {
	var tsc, clock []byte
	for i := range uint64(20000) {
		tsc = event.AppendTSC(tsc, i, event.TSC{Value: 37 * i})
		clock = event.AppendSyscall(clock, i, event.Syscall{NR: 228, Flags: event.FlagVDSO, Args: [3]uint64{1, 0x7ffe12345678, 5},
			Writes: event.Writes(nil).Append(0x7ffe12345678, binary.LittleEndian.AppendUint64(make([]byte, 8), 55*i))})
	}
	for name, events := range map[string][]byte{"tsc": tsc, "clock": clock, "both": clockEvents(10000)} {
		packed, _ := packed(events)
		buf := make([]byte, len(events))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(events)))
			for b.Loop() {
				pack(buf, events)
			}
		})
		b.Run(name+"-un", func(b *testing.B) {
			b.SetBytes(int64(len(events)))
			for b.Loop() {
				if _, err := unpack(packed, len(events)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
