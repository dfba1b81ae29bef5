package tracee

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Siginfo is the kernel's siginfo_t, in the layout that 64-bit machines share.
type Siginfo [128]byte

const (
	siSigno = 0
	siCode  = 8
	siAddr  = 16 // of faults

	siTimerID = 16 // of timers
	siOverrun = 20
)

// Signo returns the signal's number.
func (s *Siginfo) Signo() int { return int(int32(binary.LittleEndian.Uint32(s[siSigno:]))) }

// Code returns si_code: positive if the kernel made the signal.
func (s *Siginfo) Code() int { return int(int32(binary.LittleEndian.Uint32(s[siCode:]))) }

// Addr returns the address of a fault.
func (s *Siginfo) Addr() uint64 { return binary.LittleEndian.Uint64(s[siAddr:]) }

// SetAddr sets the address of a fault.
func (s *Siginfo) SetAddr(a uint64) { binary.LittleEndian.PutUint64(s[siAddr:], a) }

// SetSigno sets the signal's number.
func (s *Siginfo) SetSigno(n int) { binary.LittleEndian.PutUint32(s[siSigno:], uint32(n)) }

// SetCode sets si_code.
func (s *Siginfo) SetCode(c int) { binary.LittleEndian.PutUint32(s[siCode:], uint32(c)) }

// fault reports whether the CPU raised the signal at the current instruction,
// so that it would come again and again.
func (s *Siginfo) fault() bool {
	switch unix.Signal(s.Signo()) {
	case unix.SIGSEGV, unix.SIGBUS, unix.SIGILL, unix.SIGFPE, unix.SIGTRAP, unix.SIGSYS:
		return s.Code() > 0
	}
	return false
}

// Siginfo returns the signal of a signal-delivery-stop, even after
// RemoteSyscall has moved the tracee away from it.
func (t *Tracee) Siginfo() (Siginfo, error) {
	var si Siginfo
	if err := t.stopped("read siginfo"); err != nil {
		return si, err
	}
	if t.held != nil {
		return *t.held, nil
	}
	return si, t.wrap("read siginfo", ptraceGetSiginfo(t.TID, &si))
}

// SetSiginfo sets the siginfo that Cont delivers with the signal of the same
// number, in any kind of stop.
func (t *Tracee) SetSiginfo(si *Siginfo) error {
	if err := t.stopped("write siginfo"); err != nil {
		return err
	}
	if t.place != atSignal {
		held := *si
		t.held = &held
		return nil
	}
	return t.wrap("write siginfo", ptraceSetSiginfo(t.TID, si))
}

// SigMask returns the blocked signals, bit n-1 for signal n. While a system
// call such as sigsuspend has put another mask in place for its duration, it
// is the mask that will come back.
func (t *Tracee) SigMask() (uint64, error) {
	var mask uint64
	if err := t.stopped("read signal mask"); err != nil {
		return 0, err
	}
	return mask, t.wrap("read signal mask", ptraceGetSigmask(t.TID, &mask))
}

// SetSigMask sets the blocked signals, and forgets a mask that would come back.
func (t *Tracee) SetSigMask(mask uint64) error {
	if err := t.stopped("write signal mask"); err != nil {
		return err
	}
	return t.wrap("write signal mask", ptraceSetSigmask(t.TID, &mask))
}

// Synchronous are the signals that instructions raise: blocking them would
// make them fatal.
const Synchronous = uint64(1<<(unix.SIGSEGV-1) | 1<<(unix.SIGBUS-1) | 1<<(unix.SIGFPE-1) | 1<<(unix.SIGILL-1) | 1<<(unix.SIGTRAP-1))

// Patience is after how many signals on the way of one instruction Hush is due.
const Patience = 4

// Hush blocks all signals but those that instructions raise, until it is undone.
// A timer that expires faster than a tracee can be resumed would keep it from
// executing anything.
func (t *Tracee) Hush() (undo func() error, err error) {
	mask, err := t.SigMask()
	if err != nil {
		return nil, err
	}
	return func() error { return t.SetSigMask(mask) }, t.SetSigMask(mask | ^Synchronous)
}

// MergeTimer adds what o says of expirations to s, if both are signals of one
// POSIX timer, of which the kernel has no more than one pending, and reports
// whether they are.
func (s *Siginfo) MergeTimer(o *Siginfo) bool {
	le := binary.LittleEndian
	const siTimer = -2 // SI_TIMER
	if s.Code() != siTimer || o.Code() != siTimer || s.Signo() != o.Signo() || le.Uint32(s[siTimerID:]) != le.Uint32(o[siTimerID:]) {
		return false
	}
	le.PutUint32(s[siOverrun:], le.Uint32(s[siOverrun:])+le.Uint32(o[siOverrun:])+1)
	return true
}

// FaultPending reports whether the CPU has raised a signal at the instruction
// that the tracee has stopped at, which comes as soon as it is resumed. An
// interrupt overtakes it (get_signal, kernel/signal.c).
func (t *Tracee) FaultPending() (bool, error) {
	var buf [16]Siginfo
	for from := 0; ; from += len(buf) {
		n, err := ptracePeekSiginfo(t.TID, from, buf[:])
		if err != nil {
			return false, t.wrap("read pending signals", err)
		}
		for i := range buf[:n] {
			if buf[i].fault() {
				return true, nil
			}
		}
		if n < len(buf) {
			return false, nil
		}
	}
}
