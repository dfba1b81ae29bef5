package record

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"hindsight/internal/engine"
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
	if r.w != nil && r.isOutput(c.args[kernelCopyOut[c.nr]]) {
		if err := r.note("%s to the standard output is refused while recording", c.effect.Name); err != nil {
			return err
		}
		c.result = errnoResult(unix.EINVAL)
		return r.complete(g, c)
	}
	return r.plain(g, c)
}

// isOutput reports whether a descriptor of the guest's is what our own
// standard output or error is.
func (r *recorder) isOutput(fd uint64) bool {
	var out unix.Stat_t
	if unix.Stat(fmt.Sprintf("/proc/%d/fd/%d", r.t.TID, fd), &out) != nil {
		return false
	}
	for _, f := range [...]*os.File{os.Stdout, os.Stderr} {
		var st unix.Stat_t
		if unix.Fstat(int(f.Fd()), &st) == nil && st.Dev == out.Dev && st.Ino == out.Ino {
			return true
		}
	}
	return false
}
