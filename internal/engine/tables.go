package engine

import (
	"bytes"
	"encoding/binary"

	"hindsight/internal/area"
)

// Head returns the indirect entry of pc.
func (e *Engine) Head(pc uint64) (uint64, error) {
	if h, ok := e.findHead(pc); ok {
		return h, nil
	}
	if _, err := e.Host(pc); err != nil {
		return 0, err
	}
	if h, ok := e.findHead(pc); ok {
		return h, nil
	}
	r := e.pages[pc/pageSize].region
	if err := e.room(r, headRoom); err != nil {
		return 0, err
	}
	host, ok := e.Translated(pc)
	if !ok { // the room was made there; there is enough now
		return e.Head(pc)
	}
	t, err := e.tr.Head(pc, host, r.next())
	if err != nil {
		return 0, err
	}
	e.keepHead(pc)
	u := e.install(r, t)
	e.entered(host, entrance{from: u, head: true})
	return u.Base + uint64(u.Heads[0].Off), nil // not findHead: see setHead
}

// headRoom is more than an indirect entry takes.
const headRoom = 128

// setHead enters an indirect entry into both tables. That of address 0 stays
// out of them, since 0 marks a free slot: a jump there always leaves.
func (e *Engine) setHead(pc, host uint64) {
	if pc == 0 {
		return
	}
	i, found := e.probe(pc)
	if !found {
		e.level2 = append(e.level2, uint32(i))
	}
	at := area.Level2 + 16*i
	binary.LittleEndian.PutUint64(e.mem[at:], pc)
	binary.LittleEndian.PutUint64(e.mem[at+8:], host)
	e.SetWord(area.Level1+8*int32(pc%area.Level1Len), host)
}

func (e *Engine) setHeads(u *unit) {
	for _, h := range u.Heads {
		e.setHead(u.Bias+h.PC, u.Base+uint64(h.Off))
	}
}

// dropHeads removes the indirect entries that u is or has.
func (e *Engine) dropHeads(u *unit) {
	for _, h := range u.Heads {
		e.dropHead(u.Bias+h.PC, u.Base+uint64(h.Off))
	}
	u.Heads = nil
}

// dropHead removes the indirect entry of pc, if it is at host.
func (e *Engine) dropHead(pc, host uint64) {
	if at, ok := e.findHead(pc); !ok || at != host {
		return
	}
	i, _ := e.probe(pc)
	binary.LittleEndian.PutUint64(e.mem[area.Level2+16*i+8:], e.stubs.stale)
	if slot := area.Level1 + 8*int32(pc%area.Level1Len); e.Word(slot) == host {
		e.SetWord(slot, e.stubs.empty)
	}
}

func (e *Engine) findHead(pc uint64) (uint64, bool) {
	i, found := e.probe(pc)
	if !found {
		return 0, false
	}
	host := binary.LittleEndian.Uint64(e.mem[area.Level2+16*i+8:])
	return host, host != e.stubs.stale
}

// probe returns the slot of pc in the second-level table, or where it goes.
func (e *Engine) probe(pc uint64) (slot uint64, found bool) {
	for i := level2Index(pc); ; i = (i + level2Step(pc)) % area.Level2Len {
		switch binary.LittleEndian.Uint64(e.mem[area.Level2+16*i:]) {
		case 0:
			return i, false
		case pc:
			return i, true
		}
	}
}

// rebuildTables frees the slots of entries that are gone.
func (e *Engine) rebuildTables() {
	e.clearTables()
	for _, r := range e.regions {
		for i := range r.parts {
			for _, u := range r.parts[i].units {
				e.setHeads(u)
			}
		}
	}
	if len(e.level2) >= area.Level2Len/2 {
		e.Flush() // they are not what fills the table
	}
}

func (e *Engine) clearTables() {
	e.clearLevel2()
	e.emptyTable()
}

// clearLevel2 touches no more of the table than is needed: most programs use a
// small part of it.
func (e *Engine) clearLevel2() {
	table := e.mem[area.Level2 : area.Level2+16*area.Level2Len]
	if len(e.level2) >= area.Level2Len/8 {
		clear(table)
	} else {
		for _, i := range e.level2 {
			clear(table[16*i : 16*i+16])
		}
	}
	e.level2 = e.level2[:0]
}

// emptyLevel1 returns a part of a first-level table without targets.
func (e *Engine) emptyLevel1() []byte {
	const part = 8192 // entries; divides the table's length
	if e.vacant == nil {
		e.vacant = bytes.Repeat(binary.LittleEndian.AppendUint64(nil, e.stubs.empty), part)
	}
	return e.vacant
}

// initTables makes the tables of a new arena, which is all zeros.
func (e *Engine) initTables() {
	populate(e.mem[area.Level1:area.Level2])
	e.emptyTable()
}

// emptyTable removes all targets from the first-level table.
func (e *Engine) emptyTable() {
	for at := area.Level1; at < area.Level1+8*area.Level1Len; {
		at += copy(e.mem[at:area.Level1+8*area.Level1Len], e.emptyLevel1())
	}
}
