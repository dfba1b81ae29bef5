package tracee

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// LaunchOptions says which program to start. Standard input, output and error
// are ours, and so are all descriptors that are not close-on-exec.
type LaunchOptions struct {
	Path string   // of the executable; relative to Dir, PATH is not searched
	Argv []string // with the program's name
	Env  []string
	Dir  string // working directory; ours if empty
	// Ignored are signals to ignore, besides those that we do: bit n-1 for n.
	Ignored uint64
}

// ExecError says that the kernel refused to execute Path.
type ExecError struct {
	Path  string
	Errno unix.Errno
}

func (e *ExecError) Error() string { return fmt.Sprintf("execute %s: %v", e.Path, e.Errno) }

// Unwrap returns the kernel's error.
func (e *ExecError) Unwrap() error { return e.Errno }

// errExeced ends the remote execve in its event.
var errExeced = errors.New("execve succeeded")

// Launch starts a program and returns it in the PTRACE_EVENT_EXEC stop, before
// the first instruction of its image. The execve itself ends when the tracee
// is resumed and then sets Rax to 0, whatever it was set to. It is a child as any other: parent,
// process group, session, terminal, limits and signal dispositions are those
// that a plain fork and execve give.
//
// The program is executed by a starter process, in which Launch makes the
// execve happen once it is traced: PTRACE_TRACEME, the usual way, does not
// give the tracee that PTRACE_SEIZE does.
func Launch(opt LaunchOptions) (*Tracee, error) {
	img := execImage{}
	path, argv, envp := img.addString(opt.Path), img.addStrings(opt.Argv), img.addStrings(opt.Env)
	s, err := newStarter(img.size())
	if err != nil {
		return nil, err
	}
	t, err := start(s, opt.Dir)
	if err != nil {
		return nil, err
	}
	if err := t.ignore(s, opt.Ignored); err != nil {
		t.discard()
		return nil, err
	}
	if err := t.exec(s, opt.Path, img.bytes(s.space), []uint64{
		s.space + path, s.space + argv, s.space + envp,
	}); err != nil {
		t.discard()
		return nil, err
	}
	return t, nil
}

// exec makes the starter become the program.
func (t *Tracee) exec(s starter, path string, image []byte, args []uint64) error {
	if err := t.WriteMem(s.space, image); err != nil {
		return err
	}
	res, err := t.remote(s.gadget, unix.SYS_EXECVE, args, func(s Stop) error {
		if s.Event == unix.PTRACE_EVENT_EXEC {
			return errExeced
		}
		return nil
	})
	switch {
	case errors.Is(err, errExeced):
		t.Gadget = 0
		return nil
	case err != nil:
		// A failure behind the point of no return kills the process.
		return fmt.Errorf("execute %s: %w", path, err)
	}
	return &ExecError{Path: path, Errno: resultErrno(res)}
}

// LaunchBlank starts a process to be filled with a snapshot: the starter
// itself, stopped, without address space randomisation. Besides the starter's
// code it has only what the kernel maps: stack, vdso, vvar, vsyscall. Its
// Gadget is in the starter's code.
func LaunchBlank() (*Tracee, error) {
	s, err := newStarter(0)
	if err != nil {
		return nil, err
	}
	// The personality of the thread is inherited by the child.
	old, err := setPersonality(queryPersonality)
	if err == nil {
		_, err = setPersonality(old | addrNoRandomize)
	}
	if err != nil {
		return nil, fmt.Errorf("disable address space randomisation: %w", err)
	}
	t, err := start(s, "")
	if _, e := setPersonality(old); e != nil && err == nil {
		t.discard()
		return nil, fmt.Errorf("restore personality: %w", e)
	}
	return t, err
}

const (
	queryPersonality = 0xffffffff // makes personality(2) change nothing
	addrNoRandomize  = 0x0040000  // linux/personality.h, ADDR_NO_RANDOMIZE
)

// start runs the starter and seizes it.
func start(s starter, dir string) (*Tracee, error) {
	pid, err := spawn(s.elf, dir)
	if err != nil {
		return nil, err
	}
	t := newTracee(pid)
	t.child, t.Gadget = true, s.gadget
	if err := t.seize(); err != nil {
		t.discard()
		return nil, err
	}
	return t, nil
}

// spawn starts an executable that exists in memory only. ForkExec gives it
// the file limit and the signal mask that we were started with.
func spawn(image []byte, dir string) (int, error) {
	fd, err := memfd()
	if err != nil {
		return 0, fmt.Errorf("create starter: %w", err)
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, image); err != nil {
		return 0, fmt.Errorf("write starter: %w", err)
	}
	pid, err := syscall.ForkExec(fmt.Sprintf("/proc/self/fd/%d", fd), []string{"hindsight"},
		&syscall.ProcAttr{Dir: dir, Files: []uintptr{0, 1, 2}})
	if err != nil {
		if dir != "" {
			return 0, fmt.Errorf("start a process in %s: %w", dir, err)
		}
		return 0, fmt.Errorf("start a process: %w", err)
	}
	return pid, nil
}

// memfd returns a new file in memory that may be executed.
func memfd() (int, error) {
	// Linux before 6.3 does not know MFD_EXEC and always allows it.
	fd, err := unix.MemfdCreate("hindsight", unix.MFD_CLOEXEC|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) {
		fd, err = unix.MemfdCreate("hindsight", unix.MFD_CLOEXEC)
	}
	return fd, err
}

// seize attaches to a starter and stops it.
func (t *Tracee) seize() error {
	if err := ptrace(unix.PTRACE_SEIZE, t.TID, 0, unix.PTRACE_O_EXITKILL); err != nil {
		return t.wrap("seize", err)
	}
	if err := t.Interrupt(); err != nil {
		return err
	}
	for {
		s, err := t.waitInner()
		if err != nil {
			return fmt.Errorf("seize: %w", err)
		}
		if t.place == atTrap {
			// Not before: the starter's own execve is not an event of interest.
			return t.request("set options", unix.PTRACE_SETOPTIONS, 0, seizeOptions)
		}
		if s.Kind == SignalDelivery {
			if err := t.deferSignal(); err != nil {
				return err
			}
		}
		if err := t.resumeRaw("continue", unix.PTRACE_CONT, 0); err != nil {
			return err
		}
	}
}

// execImage lays out the strings and vectors of an execve.
type execImage struct {
	data    []byte
	vectors []int // offsets of words that point into data, relative for now
}

func (m *execImage) addString(s string) uint64 {
	at := len(m.data)
	m.data = append(append(m.data, s...), 0)
	return uint64(at)
}

// addStrings adds strings and a vector that points to them.
func (m *execImage) addStrings(ss []string) uint64 {
	at := make([]uint64, len(ss))
	for i, s := range ss {
		at[i] = m.addString(s)
	}
	for len(m.data)%8 != 0 {
		m.data = append(m.data, 0)
	}
	vector := len(m.data)
	for _, a := range at {
		m.vectors = append(m.vectors, len(m.data))
		m.data = binary.LittleEndian.AppendUint64(m.data, a)
	}
	m.data = binary.LittleEndian.AppendUint64(m.data, 0)
	return uint64(vector)
}

func (m *execImage) size() int { return len(m.data) }

// bytes returns the image for the address base.
func (m *execImage) bytes(base uint64) []byte {
	for _, off := range m.vectors {
		a := binary.LittleEndian.Uint64(m.data[off:])
		binary.LittleEndian.PutUint64(m.data[off:], a+base)
	}
	m.vectors = nil
	return m.data
}

// FindGadget sets Gadget to a SYSCALL instruction in the vdso, which the kernel
// maps into every new image.
func (t *Tracee) FindGadget() error {
	ms, err := t.Maps()
	if err != nil {
		return err
	}
	if len(ms) == 0 {
		return t.wrap("find a system call instruction", ErrGone)
	}
	for _, m := range ms {
		if m.Path != "[vdso]" {
			continue
		}
		code := make([]byte, m.Len())
		if _, err := t.ReadMem(m.Start, code); err != nil {
			return err
		}
		if off := findSyscall(code); off >= 0 {
			t.Gadget = m.Start + uint64(off)
			return nil
		}
	}
	return fmt.Errorf("find a system call instruction in the vdso of %d: %w", t.TID, os.ErrNotExist)
}
