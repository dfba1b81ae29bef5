package recording

import (
	"encoding/binary"
	"fmt"
)

// entrySize is the length of an entry of the index: a chunk's offset and a
// copy of its header.
const entrySize = 8 + headerSize

func fileHeader() []byte {
	b := make([]byte, 0, fileHeaderSize)
	b = append(b, fileMagic...)
	b = binary.LittleEndian.AppendUint32(b, Version)
	return binary.LittleEndian.AppendUint32(b, 0)
}

func encodeIndex(entries []entry) []byte {
	b := make([]byte, len(entries)*entrySize)
	for i := range entries {
		at := b[i*entrySize:]
		binary.LittleEndian.PutUint64(at, uint64(entries[i].offset))
		entries[i].put(at[8:])
	}
	return b
}

// decodeIndex accepts only an index that accounts for every byte between the
// file header and the index, so that nothing can be missing from it.
func decodeIndex(b []byte, end int64) ([]entry, error) {
	if len(b)%entrySize != 0 {
		return nil, fmt.Errorf("index has %d bytes", len(b))
	}
	entries := make([]entry, 0, len(b)/entrySize)
	at := int64(fileHeaderSize)
	for ; len(b) > 0; b = b[entrySize:] {
		h, err := parseHeader(b[8:entrySize])
		if err != nil {
			return nil, fmt.Errorf("index entry %d: %w", len(entries), err)
		}
		if int64(binary.LittleEndian.Uint64(b)) != at || h.seq != uint64(len(entries)) {
			return nil, fmt.Errorf("index entry %d is not of chunk %d at byte %d", len(entries), h.seq, at)
		}
		entries = append(entries, entry{at, h})
		at += headerSize + int64(h.stored)
	}
	if at != end {
		return nil, fmt.Errorf("index ends at byte %d, not at %d", at, end)
	}
	return entries, nil
}
