package replay

import (
	"encoding/binary"
	"fmt"

	"hindsight/internal/tracee"
)

// Layout of the XSAVE area in standard format (SDM vol. 1, 13.4), and the
// initial values of what does not start as zero.
const (
	xsaveMXCSR  = 24
	xsaveXCR0   = 464 // in the bytes for software: what the kernel has enabled
	xsaveHeader = 512
	xsaveData   = 576

	initialFCW   = 0x37f
	initialMXCSR = 0x1f80

	legacyParts = 3 // x87 and SSE in XSTATE_BV
	pkruPart    = 1 << 9
)

// setXState gives the tracee a recorded extended state, as far as this CPU
// has the parts that are in use.
func setXState(t *tracee.Tracee, saved []byte) error {
	if len(saved) < xsaveData {
		return initXState(t)
	}
	x, err := t.XState()
	if err != nil {
		return err
	}
	if len(x) < xsaveData {
		return fmt.Errorf("extended state of %d bytes", len(x))
	}
	has := binary.LittleEndian.Uint64(x[xsaveXCR0:])
	software := append([]byte(nil), x[xsaveXCR0:xsaveHeader]...)
	clear(x[copy(x, saved):])
	copy(x[xsaveXCR0:], software)
	used := binary.LittleEndian.Uint64(x[xsaveHeader:])
	if missing := used &^ has; missing != 0 {
		return fmt.Errorf("the recorded registers need CPU features that this CPU lacks (XSTATE_BV %#x of %#x)", used, has)
	}
	return t.SetXState(x)
}

// initXState gives the tracee the extended state that a program or a signal
// handler starts with. Protection keys stay: the kernel gives a handler the
// same as a new program.
func initXState(t *tracee.Tracee) error {
	x, err := t.XState()
	if err != nil {
		return err
	}
	if len(x) < xsaveData {
		return fmt.Errorf("extended state of %d bytes", len(x))
	}
	clear(x[:xsaveXCR0])
	binary.LittleEndian.PutUint16(x, initialFCW)
	binary.LittleEndian.PutUint32(x[xsaveMXCSR:], initialMXCSR)
	// The legacy parts are set rather than declared unused: for those the
	// kernel leaves MXCSR as it was (copy_uabi_to_xstate).
	used := binary.LittleEndian.Uint64(x[xsaveHeader:])
	binary.LittleEndian.PutUint64(x[xsaveHeader:], used&pkruPart|legacyParts)
	return t.SetXState(x)
}
