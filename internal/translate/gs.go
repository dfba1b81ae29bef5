package translate

import (
	"slices"

	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// GS is ours while fragments run, and few programs have a use for it: Wine, whose
// Windows programs find their thread there. The guest's base is in the thread area,
// and comes to a register that the instruction leaves alone.

// gsOperand translates n, whose operand is addressed through GS. It reports false where
// that is not possible: an index has the place that the base needs.
func (t *Translator) gsOperand(n *node) bool {
	r, ok := scratch(n)
	if !ok {
		return false
	}
	modRM, sib, ok := n.based(r)
	if !ok {
		return false
	}
	prefixes := n.legacy()
	flat := slices.DeleteFunc(slices.Clone(prefixes), func(p byte) bool { return slices.Contains(segments, p) })
	load := func() { t.buf.MovLoad(r, asm.GS(area.GSBase)) }
	t.through(n, r, load, flat, n.bytes[len(prefixes):n.ModRMOff], []byte{modRM}, sib, n.bytes[n.addressEnd():n.Len])
	return true
}

// segments are the prefixes that name one (SDM vol. 2, 2.1.1).
var segments = []byte{0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65}

// based returns ModRM and SIB for n's operand with r added to its address.
func (n *node) based(r x86.Reg) (modRM byte, sib []byte, ok bool) {
	const (
		hasSIB  = 4 // as rm
		noIndex = 4 // in a SIB byte
		noBase  = 5 // there, with mod 0: a displacement of 32 bits only
		disp32  = 2 << 6
	)
	vector := slices.ContainsFunc(n.Mems(), func(m x86.Mem) bool { return m.VSIB })
	if !n.HasModRM || n.ModRM>>6 == 3 || n.RIPRel || vector || n.REX&rexX != 0 {
		return 0, nil, false
	}
	reg := n.ModRM & 0x38
	if n.ModRM&7 != hasSIB { // [base+disp]
		return n.ModRM&^7 | hasSIB, []byte{byte(r)<<3 | n.ModRM&7}, true
	}
	old := n.bytes[n.ModRMOff+1]
	switch base := old & 7; {
	case old>>3&7 != noIndex:
		return 0, nil, false
	case n.ModRM>>6 == 0 && base == noBase:
		return disp32 | reg | byte(r), nil, n.REX&rexB == 0
	default:
		return n.ModRM, []byte{byte(r)<<3 | base}, true
	}
}
