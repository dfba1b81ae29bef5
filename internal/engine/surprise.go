package engine

import (
	"math/rand/v2"
	"slices"
)

// Threads that are interrupted at random times are mostly met in their loops. So
// with Options.Surprises the guest also stops before instructions that are chosen
// from all that has been translated, once before each: code that is seldom executed
// has the same chance.

// Surprises says how often.
type Surprises struct {
	Rand *rand.Rand // for the goroutine that uses the engines
	// Every: of so many new translations one gets one, and so do others at one of
	// so many calls of Surprise.
	Every int
}

const maxSurprises = 64 // at a time

func (s *Surprises) due() bool { return s != nil && s.Rand.IntN(s.Every) == 0 }

// surpriseIn perhaps chooses an instruction of a translation, which nothing has
// executed yet.
func (e *Engine) surpriseIn(u *unit) {
	if len(u.Insts) > 0 && e.opt.Surprises.due() {
		e.armSurprise(u)
	}
}

// Surprise perhaps chooses an instruction of any translation.
func (e *Engine) Surprise() {
	if !e.opt.Surprises.due() || len(e.regions) == 0 {
		return
	}
	rng := e.opt.Surprises.Rand
	r := e.regions[rng.IntN(len(e.regions))]
	p := r.parts[rng.IntN(r.filling+1)]
	if len(p.units) == 0 {
		return
	}
	if u := p.units[rng.IntN(len(p.units))]; !u.dropped && len(u.Insts) > 0 {
		e.armSurprise(u)
	}
}

func (e *Engine) armSurprise(u *unit) {
	pc := u.Bias + u.Insts[e.opt.Surprises.Rand.IntN(len(u.Insts))].PC
	if e.breaks[pc] != nil {
		return
	}
	if len(e.surprises) == maxSurprises {
		e.Surprised(e.surprises[0])
	}
	e.surprises = append(e.surprises, pc)
	e.Break(pc)
}

// Surprised is to be called when the guest has stopped before the instruction at
// pc: it will not do so again.
func (e *Engine) Surprised(pc uint64) {
	e.Unbreak(pc)
	e.surprises = slices.DeleteFunc(e.surprises, func(at uint64) bool { return at == pc })
}
