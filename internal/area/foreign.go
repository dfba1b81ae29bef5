package area

import "math/bits"

// Foreign memory that code in the tracee can access: see translate/foreign.go.
const (
	// Foreign is a table of ForeignRegions times three words: where foreign
	// memory with an alias begins, for how many bytes from there loads may
	// begin, and for how many stores. 0 where there is none.
	Foreign        = 0x5000
	ForeignRegions = 8

	ForeignAddr   = 0x50c0 // guest address of the access
	ForeignPlain  = 0x50c8 // where the instruction itself is
	ForeignRetry  = 0x50d0 // where an atomic access begins again
	ForeignLoaded = 0x50d8 // what it has found
	ForeignFlags  = 0x50e0 // flags before it, as LAHF and SETO leave them
	ForeignAfter  = 0x50e8 // flags behind it
	ForeignSlot   = 0x5140 // what the instruction works on, 64 bytes
	ForeignOld    = 0x5180 // registers before an atomic access
)

// StringKind is what the stub of string instructions is told of one.
const (
	StringKind = 0x5200

	StringSize     = 3 << 0 // the element's size is 1 << this
	StringReadsSI  = 1 << 2
	StringReadsDI  = 1 << 3
	StringWritesDI = 1 << 4
	StringRepeats  = 1 << 5
	StringUntil    = 1 << 6  // REPNE: a comparison ends it that finds the same
	StringCompares = 1 << 7  // sets the flags
	StringLoadsAX  = 1 << 8  // LODS
	StringDown     = 1 << 10 // the stub's: DF is set, of which this is the place in RFLAGS
	StringInsn     = 16      // from this bit on: which of the stub's instructions it is
)

// ForeignStub is a stub for accesses to foreign memory, of which there is one
// for each size.
type ForeignStub int32

const (
	ForeignRead   ForeignStub = iota // fills the slot
	ForeignUpdate                    // the same, if the memory is writable
	ForeignProbe                     // finds out whether it is
	ForeignAtomic                    // ForeignUpdate, to be logged by ForeignSwap
	ForeignStore                     // stores the slot
	ForeignSwap                      // the same, if nobody has stored meanwhile
	NumForeign

	foreignSizes = 7 // powers of 2

	// LargestForeign is the most that a stub accesses, in bytes.
	LargestForeign = 1 << (foreignSizes - 1)
)

// ForeignSize returns which of the sizes n is, or -1.
func ForeignSize(n uint16) int {
	if n == 0 || n > LargestForeign || n&(n-1) != 0 {
		return -1
	}
	return bits.TrailingZeros16(n)
}

// At returns the stub for accesses of size bytes.
func (s ForeignStub) At(size uint16) Stub {
	return StubForeign + Stub(s)*foreignSizes + Stub(ForeignSize(size))
}
