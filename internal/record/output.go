package record

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
	"hindsight/internal/recording"
)

// kernelCopyOut is, for each call that copies between descriptors within the
// kernel, the argument that is the output.
var kernelCopyOut = map[uint64]int{
	unix.SYS_COPY_FILE_RANGE: 2, unix.SYS_SENDFILE: 0, unix.SYS_SPLICE: 2, unix.SYS_TEE: 1,
}

// kernelCopy refuses to copy to the program's standard output or error within
// the kernel: what it wrote could not be shown in replay. EINVAL is what
// these calls say where they cannot (sendfile(2), copy_file_range(2)), and
// programs then read and write.
func (r *recorder) kernelCopy(g engine.Regs, c *call) error {
	if fd := c.args[kernelCopyOut[c.nr]]; r.w != nil && r.isOutput(fd) && !r.isNull(fd) {
		if err := r.note("%s to the standard output is refused while recording", c.effect.Name); err != nil {
			return err
		}
		return r.fail(g, c, unix.EINVAL)
	}
	return r.plain(g, c)
}

// isOutput reports whether a descriptor of the guest's is what our own
// standard output or error is.
func (r *recorder) isOutput(fd uint64) bool {
	return r.outputStream(fd) != 0
}

// isNull reports whether a descriptor of the guest's is /dev/null, where
// nobody misses anything.
func (r *recorder) isNull(fd uint64) bool {
	var st unix.Stat_t
	err := unix.Stat(fmt.Sprintf("/proc/%d/fd/%d", r.t.TID, fd), &st)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == unix.Mkdev(1, 3)
}

// outputStream returns which of our standard output (1) and error (2) a
// descriptor of the guest's is, 0 for neither. Where both are the same file,
// the guest's 2 is the error.
func (r *recorder) outputStream(fd uint64) (stream int) {
	var out unix.Stat_t
	if unix.Stat(fmt.Sprintf("/proc/%d/fd/%d", r.t.TID, fd), &out) != nil {
		return 0
	}
	for _, ours := range [...]int{unix.Stdout, unix.Stderr} {
		var st unix.Stat_t
		if unix.Fstat(ours, &st) == nil && st.Dev == out.Dev && st.Ino == out.Ino && (stream == 0 || fd == 2) {
			stream = ours
		}
	}
	return stream
}

// descriptors lists those of the guest that are our standard output
// or error.
func (r *recorder) descriptors() ([]recording.Output, error) {
	dir := fmt.Sprintf("/proc/%d/fd", r.t.TID)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("descriptors of %d: %w", r.t.PID, err)
	}
	list := []recording.Output{}
	for _, e := range entries {
		fd, err := strconv.ParseUint(e.Name(), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("descriptors of %d: %w", r.t.PID, err)
		}
		if stream := r.outputStream(fd); stream != 0 {
			list = append(list, recording.Output{FD: fd, Stream: stream, CloseOnExec: r.openFlags(fd)&unix.O_CLOEXEC != 0})
		}
	}
	return list, nil
}
