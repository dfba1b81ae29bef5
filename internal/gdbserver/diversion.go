package gdbserver

import (
	"fmt"
	"slices"
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
// function returned a pointer to can still be printed. Nobody needs it any more
// when the command is over that made the call: gdb's script reports that, or
// else the next prompt, with "monitor discard".
type diversion struct {
	target    Target
	registers *registerFile

	active  bool
	changed bool            // something was written
	ran     bool            // something was executed in it
	written []writtenThread // the one written to last comes last
	told    bool            // the user knows about lost changes
}

// writtenThread is a thread that gdb wrote to, as gdb found it.
type writtenThread struct {
	tid   int
	found Registers
}

func (d *diversion) begin() error {
	if d.active {
		return nil
	}
	if err := d.target.BeginDiversion(); err != nil {
		return fmt.Errorf("copy the process for changes: %w", err)
	}
	d.active, d.changed, d.ran, d.written = true, false, false, nil
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
	d.wrote(tid, before)
	if err := d.target.WriteRegisters(tid, after); err != nil {
		return fmt.Errorf("write the registers of thread %d: %w", tid, err)
	}
	d.changed = true
	return nil
}

// elsewhere returns the thread that gdb sent to another place; of several, the
// one that it wrote to last.
func (d *diversion) elsewhere() (tid int, ok bool) {
	return d.differs(func(found, now *Registers) bool {
		return found.RIP != now.RIP || found.GPR[RSP] != now.GPR[RSP]
	})
}

// differs returns the last of the threads that gdb wrote to which is different
// from how gdb found it. Threads that ended in the diversion do not count.
func (d *diversion) differs(different func(found, now *Registers) bool) (tid int, ok bool) {
	if !d.active {
		return 0, false
	}
	for _, w := range slices.Backward(d.written) {
		now, err := d.target.Registers(w.tid)
		if err == nil && different(&w.found, &now) {
			return w.tid, true
		}
	}
	return 0, false
}

// wrote notes that gdb is about to write to a thread whose registers it found so.
func (d *diversion) wrote(tid int, found Registers) {
	i := slices.IndexFunc(d.written, func(w writtenThread) bool { return w.tid == tid })
	if i >= 0 {
		found = d.written[i].found
		d.written = slices.Delete(d.written, i, i+1)
	}
	d.written = append(d.written, writtenThread{tid, found})
}

// discardRestored ends a diversion if a call is over. A call in which the
// program stopped is not, and changes that no call made are kept.
func (d *diversion) discardRestored() (kept bool, err error) {
	_, within := d.differs(func(found, now *Registers) bool { return !d.registers.equal(found, now) })
	if within || d.active && !d.ran {
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
