package recording

import (
	"os"
	"path/filepath"
	"testing"

	"hindsight/internal/event"
)

// BenchmarkTrue writes what a recording of /bin/true holds: the program, libc
// and the dynamic linker as files, a snapshot of 200 KiB, and 100 events.
func BenchmarkTrue(b *testing.B) {
	var files [][]byte
	for _, path := range []string{"/bin/true", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"} {
		content, err := os.ReadFile(path)
		if err != nil {
			b.Skip(err)
		}
		files = append(files, content)
	}
	memory := random(200<<10, 1)
	events := syscalls(1, 100)
	path := filepath.Join(b.TempDir(), "r")
	var size int64
	for b.Loop() {
		w, err := Create(path, testManifest)
		if err != nil {
			b.Fatal(err)
		}
		for _, content := range files {
			id, err := w.AddBlob(content)
			if err == nil {
				err = w.AddFile(File{Blob: id})
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		id, err := w.AddBlob(memory)
		if err == nil {
			_, err = w.AddSnapshot(&Snapshot{Mappings: []Mapping{{Blob: id}}})
		}
		if err == nil {
			err = w.AppendEvents(events, 1, 100)
		}
		if err == nil {
			err = w.Close(Trailer{})
		}
		if err != nil {
			b.Fatal(err)
		}
		if st, err := os.Stat(path); err == nil {
			size = st.Size()
		}
	}
	b.ReportMetric(float64(size), "file-bytes")
}

// BenchmarkEvents writes small events in the portions a log buffer has.
func BenchmarkEvents(b *testing.B) {
	var events []byte
	payload := random(64, 9)
	for i := range 800 {
		events = event.AppendSyscall(events, uint64(i), event.Syscall{NR: 0, Result: 64,
			Args: [3]uint64{3, 0x7ffe12345678, 64}, Writes: event.Writes(nil).Append(0x7ffe12345678, payload)})
	}
	w, err := Create(filepath.Join(b.TempDir(), "r"), testManifest)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(events)))
	for b.Loop() {
		if err := w.AppendEvents(events, 0, 800); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(Trailer{}); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkBlobRead(b *testing.B) {
	content, err := os.ReadFile("/lib/x86_64-linux-gnu/libc.so.6")
	if err != nil {
		b.Skip(err)
	}
	path := filepath.Join(b.TempDir(), "r")
	w, err := Create(path, testManifest)
	if err == nil {
		_, err = w.AddBlob(content)
	}
	if err == nil {
		err = w.Close(Trailer{})
	}
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		r, err := Open(path)
		if err == nil {
			_, err = r.Blob(1)
		}
		if err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}
