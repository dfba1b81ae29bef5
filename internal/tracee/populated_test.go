package tracee

import (
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// TestPopulated finds the touched pages of our own memory in both ways.
func TestPopulated(t *testing.T) {
	const size, page = 1 << 30, 4096
	mem, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mem)
	if err := unix.Madvise(mem, unix.MADV_NOHUGEPAGE); err != nil {
		t.Fatal(err)
	}
	var want []PageRange
	all := rangeOf(mem)
	for _, at := range []uint64{0, 5 * page, 6 * page, 9 * page, size / 2, size - page} {
		mem[at] = 1
		want = join(want, PageRange{all.Start + at, all.Start + at + page}, 2*page)
	}
	pagemap, err := os.Open("/proc/self/pagemap")
	if err != nil {
		t.Fatal(err)
	}
	defer pagemap.Close()
	for name, find := range map[string]func(*os.File, PageRange, uint64) ([]PageRange, error){"scan": scanPopulated, "read": readPopulated} {
		t.Run(name, func(t *testing.T) {
			got, err := find(pagemap, all, 2*page)
			if err != nil && name == "scan" && WriteTrackingSupported() != nil {
				t.Skip(err)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%x, %v; want %x", got, err, want)
			}
		})
	}
}
