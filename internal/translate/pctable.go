package translate

// pcTable maps guest PCs of one unit to numbers. It is emptied by counting up
// a generation, since a unit is made in less time than a map is cleared.
type pcTable struct {
	slots []pcSlot // a power of two, at least twice what is put in
	gen   uint32
}

type pcSlot struct {
	pc    uint64
	value int32
	gen   uint32
}

func newPCTable(n int) *pcTable {
	size := 64
	for size < 4*n {
		size *= 2
	}
	return &pcTable{slots: make([]pcSlot, size)}
}

// reset empties the table.
func (t *pcTable) reset() {
	if t.gen++; t.gen == 0 {
		clear(t.slots)
		t.gen = 1
	}
}

// slot returns where pc is, or where it goes.
func (t *pcTable) slot(pc uint64) *pcSlot {
	// Fibonacci hashing: neighbours spread, and clusters do not form.
	for i := pc * 0x9e3779b97f4a7c15 >> 32; ; i++ {
		s := &t.slots[i&uint64(len(t.slots)-1)]
		if s.gen != t.gen || s.pc == pc {
			return s
		}
	}
}

func (t *pcTable) get(pc uint64) (int, bool) {
	s := t.slot(pc)
	return int(s.value), s.gen == t.gen
}

func (t *pcTable) put(pc uint64, v int) {
	*t.slot(pc) = pcSlot{pc, int32(v), t.gen}
}

func (t *pcTable) has(pc uint64) bool { return t.slot(pc).gen == t.gen }
