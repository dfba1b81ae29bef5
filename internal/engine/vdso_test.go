package engine

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"hindsight/internal/area"
)

// ownVDSO returns this process's vDSO and where it lies.
func ownVDSO(t *testing.T) ([]byte, uint64) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(maps)) {
		if !strings.HasSuffix(strings.TrimSpace(line), "[vdso]") {
			continue
		}
		from, rest, _ := strings.Cut(line, "-")
		to, _, _ := strings.Cut(rest, " ")
		start, err := strconv.ParseUint(from, 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		end, err := strconv.ParseUint(to, 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open("/proc/self/mem")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		image := make([]byte, end-start)
		if _, err := f.ReadAt(image, int64(start)); err != nil {
			t.Fatal(err)
		}
		return image, start
	}
	t.Skip("this kernel gives no vDSO")
	return nil, 0
}

func TestParseVDSO(t *testing.T) {
	image, base := ownVDSO(t)
	addrs := ParseVDSO(image, base)
	if addrs[area.VDSOClockGettime] == 0 || addrs[area.VDSOGettimeofday] == 0 || addrs[area.VDSOTime] == 0 {
		t.Errorf("functions missing: %#x", addrs)
	}
	seen := map[uint64]bool{0: true}
	for fn, a := range addrs {
		if a == 0 {
			continue
		}
		if seen[a] {
			t.Errorf("%s at %#x, where another one is", area.VDSOFuncs[fn], a)
		}
		seen[a] = true
		if a < base || a >= base+uint64(len(image)) {
			t.Errorf("%s at %#x, outside of [%#x, %#x)", area.VDSOFuncs[fn], a, base, base+uint64(len(image)))
		}
	}
	// Mapped elsewhere, all of them move.
	for fn, a := range ParseVDSO(image, base+0x1000) {
		if addrs[fn] != 0 && a != addrs[fn]+0x1000 {
			t.Errorf("%s at %#x with the image 0x1000 higher, want %#x", area.VDSOFuncs[fn], a, addrs[fn]+0x1000)
		}
	}
	if at := FindSyscall(image, base); at != 0 && (image[at-base] != 0x0f || image[at-base+1] != 0x05) {
		t.Errorf("SYSCALL at %#x is % x", at, image[at-base:at-base+2])
	}
}

func TestPatchVDSO(t *testing.T) {
	image, base := ownVDSO(t)
	whole := append([]byte(nil), image...)
	patch, off, err := PatchVDSO(image)
	if err != nil {
		t.Fatal(err)
	}
	if ParseVDSO(image, base) != ParseVDSO(whole, base) {
		t.Error("the other functions are elsewhere")
	}
	end := off + uint64(len(patch))
	if !bytes.Equal(image[off:end], patch) || !bytes.Equal(image[:off], whole[:off]) || !bytes.Equal(image[end:], whole[end:]) {
		t.Errorf("not only [%#x, %#x) has changed", off, end)
	}
	if again, at, err := PatchVDSO(image); err != nil || at != off || !bytes.Equal(again, patch) {
		t.Errorf("patched again: % x at %#x, %v", again, at, err)
	}
}

func TestParseVDSOOfRubbish(t *testing.T) {
	image, base := ownVDSO(t)
	for _, n := range []int{0, 4, 64, len(image) / 2} {
		ParseVDSO(image[:n], base)
	}
	for off := 0; off < 256; off++ {
		bad := append([]byte(nil), image...)
		bad[off] ^= 0xff
		ParseVDSO(bad, base)
	}
	if addrs := ParseVDSO([]byte("no ELF file"), base); addrs != [area.NumVDSO]uint64{} {
		t.Errorf("functions in what is no vDSO: %#x", addrs)
	}
}

// A gadget that cannot be found is 0, not the start of the code.
func TestFindSyscall(t *testing.T) {
	if at := FindSyscall([]byte{0x90, 0x0f, 0x90, 0x05}, 0x1000); at != 0 {
		t.Errorf("SYSCALL at %#x where there is none", at)
	}
	if at := FindSyscall([]byte{0x90, 0x0f, 0x05}, 0x1000); at != 0x1001 {
		t.Errorf("SYSCALL at %#x, want 0x1001", at)
	}
}
