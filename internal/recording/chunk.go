package recording

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"hindsight/internal/event"
)

// chunkType says what a chunk holds.
type chunkType uint16

const (
	chunkManifest   chunkType = 1
	chunkTrailer    chunkType = 2
	chunkEvents     chunkType = 3
	chunkPages      chunkType = 4
	chunkBlob       chunkType = 5
	chunkFile       chunkType = 6
	chunkSnapshot   chunkType = 7
	chunkIndex      chunkType = 8
	chunkEnd        chunkType = 9
	chunkProcess    chunkType = 10 // since version 2, like those that follow
	chunkExec       chunkType = 11
	chunkProcessEnd chunkType = 12

	numChunkTypes = 13
)

var chunkNames = [numChunkTypes]string{
	chunkManifest: "manifest", chunkTrailer: "trailer", chunkEvents: "events", chunkPages: "pages",
	chunkBlob: "blob", chunkFile: "file", chunkSnapshot: "snapshot", chunkIndex: "index", chunkEnd: "end",
	chunkProcess: "process", chunkExec: "exec", chunkProcessEnd: "process end",
}

// ofProcess are the types of chunks that belong to one process.
var ofProcess = [numChunkTypes]bool{
	chunkEvents: true, chunkSnapshot: true, chunkProcess: true, chunkExec: true, chunkProcessEnd: true,
}

func (t chunkType) known() bool { return t > 0 && t < numChunkTypes }

func (t chunkType) String() string {
	if t.known() {
		return chunkNames[t]
	}
	return fmt.Sprintf("type %d", uint16(t))
}

// Flags of a chunk.
const (
	codecMask uint16 = 0x000f
	codecNone uint16 = 0
	codecZstd uint16 = 1
	codecS2   uint16 = 2
	// codecPacked is added for Events that were packed before they were
	// compressed: see pack.go.
	codecPacked uint16 = 4
	// mustKnow marks a chunk that a reader may not skip where it does not
	// know the type. No type of these versions needs it.
	mustKnow uint16 = 1 << 15
)

// What the attributes of each chunk type mean. Types without a line have none.
const (
	eventsFirstTick = 0
	eventsLastTick  = 1
	eventsWall      = 2 // Unix time in nanoseconds
	eventsOffset    = 3 // bytes of events before the chunk

	pagesFirst = 0 // number of the first page; pages count from 1
	pagesCount = 1

	blobID   = 0
	blobSize = 1

	snapshotIndex  = 0
	snapshotTick   = 1
	snapshotEvents = 2 // bytes of events before it

	indexChunks = 0 // number of chunks before the index
	endIndex    = 0 // offset of the Index chunk
)

const (
	fileMagic      = "HINDSGHT"
	fileHeaderSize = 16
	chunkMagic     = 0x4b434448 // "HDCK"
	headerSize     = 64

	// maxRaw bounds what a reader allocates for a chunk. A chunk of events
	// exceeds it where a single event does.
	maxRaw       = 256 << 20
	maxRawEvents = event.MaxSize
	// maxChunks is how many numbers there are for chunks.
	maxChunks = 1 << 32

	// A zstd block of 4 bytes can stand for 128 KiB (RFC 8878, 3.1.1.2), so
	// no honest chunk expands more than this.
	maxExpansion = 128 << 10 / 4
)

// header is a chunk's header.
type header struct {
	typ     chunkType
	flags   uint16
	stored  uint32 // bytes behind the header
	raw     uint32 // bytes after decompression
	seq     uint64 // less than maxChunks
	process uint32
	attr    [4]uint64
	crc     uint32 // CRC-32C of the stored bytes
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is CRC-32C, which amd64 and arm64 have instructions for.
func checksum(b []byte) uint32 { return checksumMore(0, b) }

// checksumMore continues a checksum.
func checksumMore(sum uint32, b []byte) uint32 { return crc32.Update(sum, castagnoli, b) }

func (h *header) put(b []byte) {
	le := binary.LittleEndian
	le.PutUint32(b, chunkMagic)
	le.PutUint16(b[4:], uint16(h.typ))
	le.PutUint16(b[6:], h.flags)
	le.PutUint32(b[8:], h.stored)
	le.PutUint32(b[12:], h.raw)
	le.PutUint32(b[16:], uint32(h.seq))
	le.PutUint32(b[20:], h.process)
	for i, a := range h.attr {
		le.PutUint64(b[24+8*i:], a)
	}
	le.PutUint32(b[56:], h.crc)
	le.PutUint32(b[60:], checksum(b[:60]))
}

// parseHeader checks everything that can be checked without the stored bytes.
func parseHeader(b []byte) (h header, err error) {
	le := binary.LittleEndian
	switch {
	case len(b) < headerSize:
		return h, fmt.Errorf("chunk header has %d bytes of %d", len(b), headerSize)
	case le.Uint32(b) != chunkMagic:
		return h, fmt.Errorf("no chunk starts here")
	case le.Uint32(b[60:]) != checksum(b[:60]):
		return h, fmt.Errorf("checksum of the chunk header is wrong")
	}
	h = header{
		typ: chunkType(le.Uint16(b[4:])), flags: le.Uint16(b[6:]),
		stored: le.Uint32(b[8:]), raw: le.Uint32(b[12:]),
		seq: uint64(le.Uint32(b[16:])), process: le.Uint32(b[20:]), crc: le.Uint32(b[56:]),
	}
	for i := range h.attr {
		h.attr[i] = le.Uint64(b[24+8*i:])
	}
	return h, h.plausible()
}

func (h *header) plausible() error {
	limit := uint64(maxRaw)
	if h.typ == chunkEvents {
		limit = maxRawEvents
	}
	switch {
	case !h.typ.known() && h.flags&mustKnow != 0:
		return fmt.Errorf("chunk of unknown %v may not be skipped", h.typ)
	case !h.typ.known():
		return nil
	case h.process != 0 && !ofProcess[h.typ]:
		return fmt.Errorf("%v chunk of process %d", h.typ, h.process)
	case h.flags&codecMask == codecNone && h.raw != h.stored:
		return fmt.Errorf("%v chunk stores %d bytes for %d", h.typ, h.stored, h.raw)
	case !h.knownCodec():
		return fmt.Errorf("%v chunk is compressed by unknown method %d", h.typ, h.flags&codecMask)
	case uint64(h.raw) > limit || uint64(h.raw) > uint64(h.stored)*maxExpansion*h.packing():
		return fmt.Errorf("%v chunk claims %d bytes from %d", h.typ, h.raw, h.stored)
	}
	return nil
}

func (h *header) knownCodec() bool {
	switch h.flags & codecMask {
	case codecNone, codecZstd, codecS2:
		return true
	case codecPacked | codecZstd, codecPacked | codecS2:
		return h.typ == chunkEvents
	}
	return false
}

// packing bounds how many times shorter packing made the content.
func (h *header) packing() uint64 {
	if h.flags&codecPacked != 0 {
		return 8 * packWords
	}
	return 1
}

// encoder and decoder are safe for concurrent use by EncodeAll and DecodeAll,
// and costly to make, so there is one of each.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil,
			zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithWindowSize(256<<10),
			zstd.WithLowerEncoderMem(true),
			zstd.WithEncoderCRC(false)) // chunks have their own
		if err != nil {
			panic(fmt.Sprintf("recording: zstd encoder: %v", err)) // options are constants
		}
		return e
	})
	decoder = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil,
			zstd.WithDecoderConcurrency(0),
			zstd.WithDecodeAllCapLimit(true),
			zstd.WithDecoderMaxMemory(maxRawEvents+1))
		if err != nil {
			panic(fmt.Sprintf("recording: zstd decoder: %v", err))
		}
		return d
	})
)

// minCompress is the length below which compression does not pay.
const minCompress = 128

// minZstd is the length below which zstd does not pay: making its encoder takes
// a millisecond, which short recordings do without.
const minZstd = 32 << 10

// seal returns a whole chunk with the given content, in dst if it fits, and
// its completed header. codec is what to compress it with.
func seal(dst []byte, h header, raw []byte, codec uint16) ([]byte, header) {
	dst = append(dst[:0], make([]byte, headerSize)...)
	h.raw = uint32(len(raw))
	if len(raw) >= minCompress {
		content := raw
		if h.typ == chunkEvents {
			buf := packBuffer(len(raw))
			defer packBuffers.Put(buf)
			if n, ok := pack(*buf, raw); ok {
				content = (*buf)[:n]
				h.flags |= codecPacked
			}
		}
		h.flags |= codec
		dst = compress(dst, content, codec)
		if h.stored = uint32(len(dst) - headerSize); codec == codecS2 && h.plausible() != nil {
			// One copy of S2's can stand for 16 MiB, more than readers believe.
			h.flags ^= codecS2 | codecZstd
			dst = compress(dst[:headerSize], content, codecZstd)
		}
	}
	if len(raw) < minCompress || len(dst)-headerSize >= len(raw) {
		dst = append(dst[:headerSize], raw...)
		h.flags &^= codecMask
	}
	h.stored = uint32(len(dst) - headerSize)
	h.crc = checksum(dst[headerSize:])
	h.put(dst)
	return dst, h
}

// compress appends b, compressed, to dst.
func compress(dst, b []byte, codec uint16) []byte {
	if codec == codecZstd {
		return encoder().EncodeAll(b, dst)
	}
	dst = slices.Grow(dst, compressedLen(len(b)))
	n := len(s2.Encode(dst[len(dst):cap(dst)], b))
	return dst[:len(dst)+n]
}

// compressedLen bounds the compressed length of n bytes.
func compressedLen(n int) int { return max(s2.MaxEncodedLen(n), 0) }

// decompress undoes compress and pack.
func decompress(h header, stored []byte) ([]byte, error) {
	packed := h.flags&codecPacked != 0
	if h.flags&codecZstd != 0 {
		// What was packed got shorter.
		b, err := decoder().DecodeAll(stored, make([]byte, 0, h.raw))
		if err == nil && packed {
			return unpack(b, int(h.raw))
		}
		return b, err
	}
	n, err := s2.DecodedLen(stored)
	if err == nil && (n > int(h.raw) || n < int(h.raw) && !packed) {
		err = fmt.Errorf("it holds %d bytes, its header says %d", n, h.raw)
	}
	if err != nil {
		return nil, err
	}
	b, err := s2.Decode(make([]byte, n), stored)
	if err == nil && packed {
		return unpack(b, int(h.raw))
	}
	return b, err
}

// unseal returns the content of a chunk. The result may alias stored.
func unseal(h header, stored []byte) ([]byte, error) {
	if checksum(stored) != h.crc {
		return nil, fmt.Errorf("checksum of the %v chunk is wrong", h.typ)
	}
	if h.flags&codecMask == codecNone {
		return stored, nil
	}
	out, err := decompress(h, stored)
	if err != nil {
		return nil, fmt.Errorf("decompress %v chunk: %w", h.typ, err)
	}
	if len(out) != int(h.raw) {
		return nil, fmt.Errorf("%v chunk has %d bytes, its header says %d", h.typ, len(out), h.raw)
	}
	return out, nil
}
