package tracee

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWriteTracker(t *testing.T) {
	if err := WriteTrackingSupported(); errors.Is(err, ErrNotSupported) {
		t.Skip(err)
	}
	const page = 4096
	tr := guest(t, "writes")
	_, mem := toStop(t, tr)
	_, file := toStop(t, tr)
	_, data := toStop(t, tr)
	stack := regs(t, tr).Rsp &^ (page - 1)

	w, err := NewWriteTracker(tr, tr.Gadget)
	must(t, err)
	defer w.Close()
	must(t, w.Start())
	if got, err := w.Written(); err != nil || len(got) != 0 {
		t.Errorf("written at the start: %#x, %v", got, err)
	}
	toStop(t, tr)
	got, err := w.Written()
	must(t, err)
	for _, c := range []struct {
		name    string
		addr    uint64
		written bool
	}{
		{"store", mem + 3*page, true},
		{"read(2), first page", mem + 4*page, true},
		{"read(2), second page", mem + 5*page, true},
		{"first touch", mem + 40*page, true},
		{"private file page", file + page, true},
		{"bss", data + 9*page, true},
		{"untouched", mem + 6*page, false},
		{"loaded only", mem, false},
		{"untouched file page", file, false},
		{"loaded only, unpopulated", mem + 50*page, false},
		{"bss, loaded only", data + 2*page, false},
		{"stack", stack, false},
	} {
		if c.name == "stack" {
			continue // calls may or may not touch this page
		}
		if has := contains(got, c.addr); has != c.written {
			t.Errorf("%s: written is %v, want %v", c.name, has, c.written)
		}
	}
	if !slices.IsSortedFunc(got, func(a, b PageRange) int { return int(int64(a.End - b.Start)) }) {
		t.Errorf("ranges out of order: %#x", got)
	}

	must(t, w.Start())
	must(t, tr.WriteMem(mem+20*page, []byte{1})) // ours count, too
	_, fresh := toStop(t, tr)
	got, err = w.Written()
	must(t, err)
	for addr, want := range map[uint64]bool{
		mem + 60*page: true, mem + 20*page: true, mem + 3*page: false,
		fresh: true, fresh + 3*page: true, // mapped since
	} {
		if contains(got, addr) != want {
			t.Errorf("%#x: written is %v after the second start", addr, !want)
		}
	}
	if fds, err := tr.RemoteSyscall(tr.Gadget, unix.SYS_CLOSE, 4); err != nil || int64(fds) != -int64(unix.EBADF) {
		t.Errorf("the tracee still holds descriptor 4: %d, %v", int64(fds), err)
	}
	exits(t, tr, 0)
}

// TestWriteTrackerClosed checks that the program goes on without a tracker.
func TestWriteTrackerClosed(t *testing.T) {
	if err := WriteTrackingSupported(); errors.Is(err, ErrNotSupported) {
		t.Skip(err)
	}
	tr := guest(t, "writes")
	for range 3 {
		toStop(t, tr)
	}
	w, err := NewWriteTracker(tr, tr.Gadget)
	must(t, err)
	must(t, w.Start())
	must(t, w.Close())
	for range 2 {
		toStop(t, tr)
	}
	exits(t, tr, 0)
}

func TestSplit(t *testing.T) {
	w := &WriteTracker{armed: []PageRange{{10, 20}, {20, 30}, {40, 50}}}
	for _, c := range []struct {
		r    PageRange
		want []trackedRange
	}{
		{PageRange{0, 5}, []trackedRange{{PageRange{0, 5}, false}}},
		{PageRange{0, 10}, []trackedRange{{PageRange{0, 10}, false}}},
		{PageRange{12, 15}, []trackedRange{{PageRange{12, 15}, true}}},
		{PageRange{5, 60}, []trackedRange{
			{PageRange{5, 10}, false}, {PageRange{10, 20}, true}, {PageRange{20, 30}, true},
			{PageRange{30, 40}, false}, {PageRange{40, 50}, true}, {PageRange{50, 60}, false},
		}},
		{PageRange{30, 40}, []trackedRange{{PageRange{30, 40}, false}}},
		{PageRange{50, 60}, []trackedRange{{PageRange{50, 60}, false}}},
	} {
		if got := w.split(c.r); !slices.Equal(got, c.want) {
			t.Errorf("split %v is %v, want %v", c.r, got, c.want)
		}
	}
}

func contains(rs []PageRange, addr uint64) bool {
	return slices.ContainsFunc(rs, func(r PageRange) bool { return addr >= r.Start && addr < r.End })
}
