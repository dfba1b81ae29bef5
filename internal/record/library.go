package record

import (
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"hindsight/internal/recording"
)

// library stores the files that debugging needs: executables, libraries, and
// their separate debug files. It does so while the program runs, which need not
// wait for it; a file is opened at once, though, since the program may go on to
// remove it.
type library struct {
	w     *recording.Writer
	known map[fileKey]bool // stored, or on their way, but for
	debug map[string]bool  // debug files, which store knows
	queue chan storing
	done  chan error
}

// fileKey tells whether a file is stored already.
type fileKey struct {
	path  string
	size  int64
	mtime int64
}

// storing is an open file on its way to the recording.
type storing struct {
	f    *os.File
	kind recording.FileKind
	st   os.FileInfo
}

// maxStoring bounds the files that are open at once.
const maxStoring = 64

func newLibrary(w *recording.Writer) *library {
	l := &library{w: w, known: map[fileKey]bool{}, debug: map[string]bool{}, queue: make(chan storing, maxStoring), done: make(chan error, 1)}
	go l.run()
	return l
}

// add stores a file, and the separate debug files that belong to it, once.
// A file that cannot be read is not an error: its mapped part is stored anyway.
func (l *library) add(path string, kind recording.FileKind) {
	if s, ok := openRegular(path, kind); ok {
		key := fileKey{path, s.st.Size(), s.st.ModTime().UnixNano()}
		if l.known[key] {
			s.f.Close()
			return
		}
		l.known[key] = true
		l.queue <- s
	}
}

func openRegular(path string, kind recording.FileKind) (storing, bool) {
	// A FIFO with that name by now must not hold us up.
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return storing{}, false
	}
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		f.Close()
		return storing{}, false
	}
	return storing{f, kind, st}, true
}

// close waits until all files are stored, and returns what went wrong.
func (l *library) close() error {
	close(l.queue)
	return <-l.done
}

func (l *library) run() {
	var first error
	for s := range l.queue {
		if err := l.store(s); first == nil {
			first = err
		}
	}
	l.done <- first
}

// store adds a file and its debug files to the recording.
func (l *library) store(s storing) error {
	defer s.f.Close()
	path := s.f.Name()
	blob, err := l.w.AddBlobFrom(s.f)
	if err != nil {
		return fmt.Errorf("storing %s: %w", path, err)
	}
	id, link := buildID(s.f)
	if err := l.w.AddFile(recording.File{
		Path: path, Kind: s.kind, Blob: blob, Size: s.st.Size(), BuildID: id,
		Mode: uint32(s.st.Mode().Perm()), MTime: s.st.ModTime(),
	}); err != nil {
		return err
	}
	if s.kind == recording.FileDebug {
		return nil
	}
	for _, p := range debugFiles(path, id, link) {
		if l.debug[p] {
			continue
		}
		l.debug[p] = true
		d, ok := openRegular(p, recording.FileDebug)
		if !ok {
			continue
		}
		if err := l.store(d); err != nil {
			return err
		}
	}
	return nil
}

// debugFiles lists where gdb looks for the separate debug information of a
// file ("Separate Debug Files" in its manual).
func debugFiles(path, id, link string) []string {
	var out []string
	if len(id) > 2 {
		out = append(out, filepath.Join("/usr/lib/debug/.build-id", id[:2], id[2:]+".debug"))
	}
	if link != "" {
		dir := filepath.Dir(path)
		out = append(out, filepath.Join(dir, link), filepath.Join(dir, ".debug", link), filepath.Join("/usr/lib/debug", dir, link))
	}
	return out
}

// buildID returns the build ID and the debug link of an ELF file.
func buildID(f *os.File) (id, link string) {
	e, err := elf.NewFile(f)
	if err != nil {
		return "", ""
	}
	for _, s := range e.Sections {
		switch s.Name {
		case ".note.gnu.build-id":
			id = noteID(s)
		case ".gnu_debuglink":
			if b, err := s.Data(); err == nil {
				link, _, _ = strings.Cut(string(b), "\x00")
			}
		}
	}
	return id, link
}

// noteID reads the one note of .note.gnu.build-id: sizes of name and
// description, type, name "GNU", description.
func noteID(s *elf.Section) string {
	b, err := s.Data()
	if err != nil || len(b) < 16 {
		return ""
	}
	n := int(binary.LittleEndian.Uint32(b[4:]))
	if n > len(b)-16 {
		return ""
	}
	return hex.EncodeToString(b[16 : 16+n])
}
