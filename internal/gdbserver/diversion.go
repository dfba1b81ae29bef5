package gdbserver

import (
	"fmt"
	"syscall"
)

// diversion is the throw-away copy of the process that takes gdb's writes, and
// in which gdb calls functions.
//
// The protocol does not say when a function call begins or ends: gdb writes
// registers and a frame, lets the program continue, and writes the registers
// back. So:
//
//   - It begins with the first write that changes something. From then on,
//     everything gdb reads comes from it.
//   - A forward resume runs in it if gdb has sent a thread elsewhere: PC or
//     stack pointer are not those at which gdb found the thread. This is so
//     for a call, and also for jump and return.
//   - Any other resume ends it, and moves in the recording: the call is over,
//     or gdb only changed variables, which the user is then told is lost.
//   - A backward resume ends it always. From elsewhere, that is the whole way
//     back: the diversion has no past but the moment where it began.
//   - Moving by goto, and the end of the session, end it. So does the end of
//     the process in it.
//
// It outlives a call on purpose. A call with a string argument is two calls,
// of malloc and of the function, which need the same memory; and what a
// function returned a pointer to can still be printed. The prompt is the first
// place where nobody needs it any more; gdb's script reports the prompt after
// a call with "monitor discard".
type diversion struct {
	target    Target
	registers *registerFile

	active  bool
	changed bool              // something was written
	ran     bool              // something was executed in it
	found   map[int]Registers // as gdb found the threads that it wrote to
	told    bool              // the user knows about lost changes
}

func (d *diversion) begin() error {
	if d.active {
		return nil
	}
	if err := d.target.BeginDiversion(); err != nil {
		return fmt.Errorf("copy the process for changes: %w", err)
	}
	d.active, d.changed, d.ran, d.found = true, false, false, map[int]Registers{}
	return nil
}

func (d *diversion) end() error {
	if !d.active {
		return nil
	}
	d.active = false
	if err := d.target.EndDiversion(); err != nil {
		return fmt.Errorf("discard the copy of the process: %w", err)
	}
	return nil
}

func (d *diversion) writeMemory(addr uint64, p []byte) error {
	if err := d.begin(); err != nil {
		return err
	}
	if err := d.target.WriteMemory(addr, p); err != nil {
		return syscall.EFAULT // why the target could not write it says no more to gdb
	}
	d.changed = true
	return nil
}

func (d *diversion) writeRegisters(tid int, before, after Registers) error {
	if d.registers.equal(&before, &after) {
		return nil
	}
	if err := d.begin(); err != nil {
		return err
	}
	if _, ok := d.found[tid]; !ok {
		d.found[tid] = before
	}
	if err := d.target.WriteRegisters(tid, after); err != nil {
		return fmt.Errorf("write the registers of thread %d: %w", tid, err)
	}
	d.changed = true
	return nil
}

// elsewhere reports whether gdb sent a thread to another place.
func (d *diversion) elsewhere() bool {
	return d.active && d.differs(func(found, now *Registers) bool {
		return found.RIP != now.RIP || found.GPR[RSP] != now.GPR[RSP]
	})
}

// differs reports whether a thread that gdb wrote to is different from how gdb
// found it. Threads that ended in the diversion do not count.
func (d *diversion) differs(different func(found, now *Registers) bool) bool {
	for tid, found := range d.found {
		now, err := d.target.Registers(tid)
		if err == nil && different(&found, &now) {
			return true
		}
	}
	return false
}

// discardRestored ends a diversion if a call is over. A call in which the
// program stopped is not, and changes that no call made are kept.
func (d *diversion) discardRestored() (kept bool, err error) {
	changed := func(found, now *Registers) bool { return !d.registers.equal(found, now) }
	if d.active && (!d.ran || d.differs(changed)) {
		return true, nil
	}
	return false, d.end()
}

// leave ends the diversion because the user moves on in the recording. It
// reports whether to tell the user that changes are lost, which it does once.
func (d *diversion) leave() (tell bool, err error) {
	tell = d.active && d.changed && !d.ran && !d.told
	d.told = d.told || tell
	return tell, d.end()
}
