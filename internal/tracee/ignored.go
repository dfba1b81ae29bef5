package tracee

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const sigIGN = 1 // SIG_IGN

// Ignored returns the signals that we were told to ignore when we began, bit n-1
// for signal n: a program that we start is to ignore them, too. The Go runtime has
// replaced most of these dispositions before any code of ours runs. It keeps what
// they were in a variable, which an executable that is stripped or may not be read
// does not name; then the runtime's own exceptions are left, SIGHUP and SIGINT. It
// must be called before os/signal is told of those.
func Ignored() (mask uint64, err error) {
	if mask, err = StatusMask("thread-self", "SigIgn"); err != nil {
		return 0, err
	}
	const name, signals = "runtime.fwdSig", 65
	addr, size, err := ownVariable(name)
	if errors.Is(err, os.ErrPermission) || err == nil && size != signals*8 {
		return mask, nil // an executable that may not be read
	}
	if err != nil {
		return 0, err
	}
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		return 0, fmt.Errorf("ignored signals: %w", err)
	}
	defer mem.Close()
	var before [signals * 8]byte
	if _, err := mem.ReadAt(before[:], int64(addr)); err != nil {
		return 0, fmt.Errorf("ignored signals: read %s: %w", name, err)
	}
	for sig := 1; sig < signals; sig++ {
		if binary.LittleEndian.Uint64(before[8*sig:]) == sigIGN {
			mask |= 1 << (sig - 1)
		}
	}
	return mask, nil
}

// ownVariable returns address and size of a variable of this program, or zeros
// where its executable does not tell.
func ownVariable(name string) (addr, size uint64, err error) {
	const self = "/proc/self/exe"
	f, err := elf.Open(self)
	if err != nil {
		return 0, 0, fmt.Errorf("symbols of %s: %w", self, err)
	}
	defer f.Close()
	symtab, strtab := f.Section(".symtab"), f.Section(".strtab")
	if symtab == nil || strtab == nil || f.Type != elf.ET_EXEC {
		return 0, 0, nil
	}
	names, err := strtab.Data()
	if err != nil {
		return 0, 0, fmt.Errorf("symbols of %s: %w", self, err)
	}
	at := bytes.Index(names, []byte("\x00"+name+"\x00")) + 1
	if at == 0 {
		return 0, 0, nil
	}
	syms, err := symtab.Data()
	if err != nil {
		return 0, 0, fmt.Errorf("symbols of %s: %w", self, err)
	}
	for ; len(syms) >= elf.Sym64Size; syms = syms[elf.Sym64Size:] {
		if int(binary.LittleEndian.Uint32(syms)) == at { // struct elf64_sym: st_name, st_value, st_size
			return binary.LittleEndian.Uint64(syms[8:]), binary.LittleEndian.Uint64(syms[16:]), nil
		}
	}
	return 0, 0, nil
}

// ignore makes the starter, and so the program, ignore signals.
func (t *Tracee) ignore(s starter, mask uint64) error {
	if mask == 0 {
		return nil
	}
	var action [32]byte // struct kernel_sigaction: handler, flags, restorer, mask
	binary.LittleEndian.PutUint64(action[:], sigIGN)
	if err := t.WriteMem(s.space, action[:]); err != nil {
		return err
	}
	for sig := uint64(1); mask != 0; sig, mask = sig+1, mask>>1 {
		if mask&1 == 0 {
			continue
		}
		res, err := t.remote(s.gadget, unix.SYS_RT_SIGACTION, []uint64{sig, s.space, 0, 8}, nil)
		if err != nil {
			return err
		}
		if errno := resultErrno(res); errno != 0 {
			return t.wrap(fmt.Sprintf("ignore signal %d", sig), errno)
		}
	}
	return nil
}
