package recording

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// adopters put one chunk of each type into the reader's tables. They check
// what later chunks and the reader's methods rely on.
var adopters = [numChunkTypes]func(*Reader, entry) error{
	chunkManifest: (*Reader).adoptManifest,
	chunkTrailer:  (*Reader).adoptTrailer,
	chunkEvents:   (*Reader).adoptEvents,
	chunkPages:    (*Reader).adoptPages,
	chunkBlob:     (*Reader).adoptBlob,
	chunkFile:     (*Reader).adoptFile,
	chunkSnapshot: (*Reader).adoptSnapshot,
	chunkIndex:    func(*Reader, entry) error { return nil },
	chunkEnd:      (*Reader).adoptEnd,

	chunkProcess:    (*Reader).adoptProcess,
	chunkExec:       (*Reader).adoptExec,
	chunkProcessEnd: (*Reader).adoptProcessEnd,
}

// adopt fills the tables up to the first chunk that is wrong.
func (r *Reader) adopt(entries []entry) {
	end := int64(fileHeaderSize)
	for i, e := range entries {
		err := r.adoptOne(i, e)
		if err != nil {
			var bad *CorruptError
			if !errors.As(err, &bad) {
				bad = &CorruptError{Offset: e.offset, Chunk: e.seq, Reason: err.Error()}
			}
			r.damage = bad
			return
		}
		r.entries = append(r.entries, e)
		end = e.offset + headerSize + int64(e.stored)
	}
	if r.damage == nil && !r.ended {
		r.damage = &CorruptError{Offset: end, Chunk: uint64(len(entries)), Reason: "the file ends before its last chunk", Cut: true}
	}
}

func (r *Reader) adoptOne(i int, e entry) error {
	switch {
	case (i == 0) != (e.typ == chunkManifest):
		return fmt.Errorf("%v chunk at place %d", e.typ, i)
	case r.ended:
		return fmt.Errorf("%v chunk behind the end", e.typ)
	case !e.typ.known():
		return nil // of a later version, which says that it may be skipped
	case ofProcess[e.typ] && e.typ != chunkProcess:
		if err := r.alive(e); err != nil {
			return err
		}
	}
	return adopters[e.typ](r, e)
}

// adoptManifest announces the root.
func (r *Reader) adoptManifest(e entry) error {
	if err := r.readJSON(e, &r.manifest); err != nil {
		return err
	}
	m := &r.manifest
	if m.FormatVersion > int(r.version) {
		return &CorruptError{Offset: 8, Chunk: e.seq, Reason: fmt.Sprintf("version %d, where the manifest says %d", r.version, m.FormatVersion)}
	}
	r.announce(Process{Parent: NoParent, PID: m.PID, Start: m.Start, Origin: OriginRoot,
		Images: []Image{{At: m.Start, Exe: m.Exe, Argv: m.Argv, Native: m.Native}}})
	return nil
}

func (r *Reader) adoptTrailer(e entry) error {
	var t Trailer
	if r.total != nil {
		return fmt.Errorf("second trailer")
	}
	if err := r.readJSON(e, &t); err != nil {
		return err
	}
	r.total = &t
	if r.version == 1 { // there is one process, and no other chunk with its end
		r.procs[RootNumber].info.End = &t
	}
	return nil
}

func (r *Reader) adoptEvents(e entry) error {
	p := r.procs[e.process]
	if e.attr[eventsOffset] != p.streamEnd {
		return fmt.Errorf("events at %d of their stream, %d expected", e.attr[eventsOffset], p.streamEnd)
	}
	if e.attr[eventsFirstTick] > e.attr[eventsLastTick] {
		return fmt.Errorf("events from tick %d to %d", e.attr[eventsFirstTick], e.attr[eventsLastTick])
	}
	p.chunks = append(p.chunks, ChunkInfo{
		Seq:          len(p.chunks),
		Order:        e.seq,
		FirstTick:    e.attr[eventsFirstTick],
		LastTick:     e.attr[eventsLastTick],
		Bytes:        int(e.raw),
		Wall:         time.Unix(0, int64(e.attr[eventsWall])),
		StreamOffset: p.streamEnd,
	})
	p.eventsAt = append(p.eventsAt, e)
	p.streamEnd += uint64(e.raw)
	return nil
}

func (r *Reader) adoptPages(e entry) error {
	n := e.attr[pagesCount]
	if e.attr[pagesFirst] != r.lastPage+1 || n == 0 || n > maxRaw/PageSize || n*PageSize != uint64(e.raw) {
		return fmt.Errorf("pages %d+%d in %d bytes, page %d expected", e.attr[pagesFirst], n, e.raw, r.lastPage+1)
	}
	r.pages = append(r.pages, e)
	r.lastPage += n
	return nil
}

func (r *Reader) adoptBlob(e entry) error {
	if e.attr[blobID] != uint64(len(r.blobs))+1 || e.attr[blobSize] > math.MaxInt64-PageSize {
		return fmt.Errorf("blob %d of %d bytes, blob %d expected", e.attr[blobID], e.attr[blobSize], len(r.blobs)+1)
	}
	r.blobs = append(r.blobs, e)
	return nil
}

func (r *Reader) adoptFile(e entry) error {
	var f File
	if err := r.readJSON(e, &f); err != nil {
		return err
	}
	if uint64(f.Blob) > uint64(len(r.blobs)) {
		return fmt.Errorf("file %q refers to blob %d of %d", f.Path, f.Blob, len(r.blobs))
	}
	r.files = append(r.files, f)
	return nil
}

func (r *Reader) adoptSnapshot(e entry) error {
	p := r.procs[e.process]
	if e.attr[snapshotIndex] != uint64(len(p.snapshots)) || e.attr[snapshotEvents] != p.streamEnd {
		return fmt.Errorf("snapshot %d after %d bytes of events, %d after %d expected",
			e.attr[snapshotIndex], e.attr[snapshotEvents], len(p.snapshots), p.streamEnd)
	}
	p.snapshots = append(p.snapshots, SnapshotInfo{
		Index:    len(p.snapshots),
		Tick:     e.attr[snapshotTick],
		EventSeq: e.attr[snapshotEvents],
	})
	p.snapAt = append(p.snapAt, e)
	return nil
}

func (r *Reader) adoptEnd(entry) error {
	r.ended = true
	return nil
}
