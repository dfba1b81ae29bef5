package replay

import (
	"errors"
	"fmt"
	"slices"

	"hindsight/internal/engine"
)

// checkpoint is the replayed process at one moment: a fork of it, held
// stopped, and what the Player knew then.
type checkpoint struct {
	gen   *generation
	image engine.Image
	state
}

func (c *checkpoint) moment() Moment {
	return Moment{TID: c.tid, Tick: c.tick, PC: c.regs.Rip}
}

func (c *checkpoint) free() error { return c.gen.release(c.image.Tracee) }

// freeInto frees c at the end of a function that returns an error.
func (c *checkpoint) freeInto(err *error) { *err = errors.Join(*err, c.free()) }

// checkpoint makes a checkpoint of the present moment.
func (p *Player) checkpoint() (*checkpoint, error) {
	im, err := p.e().Fork()
	if err != nil {
		return nil, fmt.Errorf("checkpoint at %v: %w", p.Now(), err)
	}
	c := &checkpoint{gen: p.gen, image: im, state: p.state}
	c.back, c.threads = p.back.clone(), slices.Clone(p.threads)
	p.gen.users++
	return c, nil
}

// restore goes back to a checkpoint, which stays.
func (p *Player) restore(c *checkpoint) error {
	im, err := c.image.Fork()
	if err != nil {
		return fmt.Errorf("return to %v: %w", c.moment(), err)
	}
	old := p.gen
	same := old == c.gen && p.version == c.version
	if old == c.gen {
		old.drop(old.e.Tracee())
	} else {
		if err := old.release(old.e.Tracee()); err != nil {
			return err
		}
		c.gen.users++
		p.gen = c.gen
	}
	if err := p.e().Switch(im, same); err != nil {
		return fmt.Errorf("return to %v: %w", c.moment(), err)
	}
	p.e().Adopt(&c.image)
	p.state = c.state
	p.back, p.threads = c.back.clone(), slices.Clone(c.threads)
	p.win.valid = false
	p.stuck = stuck{}
	p.setBreaks()
	return nil
}

// setBreaks arms the breakpoints in the present engine.
func (p *Player) setBreaks() {
	for pc := range p.breaks {
		p.e().Break(pc)
	}
}

// Break sets a breakpoint.
func (p *Player) Break(pc uint64) {
	p.breaks[pc] = true
	p.e().Break(pc)
}

// Unbreak removes a breakpoint.
func (p *Player) Unbreak(pc uint64) {
	delete(p.breaks, pc)
	p.e().Unbreak(pc)
}

// checkpoints are kept in order of their moments.
type checkpoints []*checkpoint

// before returns the last checkpoint at or before m, and its index; -1 if
// there is none.
func (cs checkpoints) before(m Moment) int {
	i, _ := slices.BinarySearchFunc(cs, m, func(c *checkpoint, m Moment) int {
		if m.Before(c.moment()) {
			return 1
		}
		return -1
	})
	return i - 1
}

// add inserts c, unless there is one of its moment.
func (cs *checkpoints) add(c *checkpoint) error {
	i := cs.before(c.moment())
	if i >= 0 && (*cs)[i].moment() == c.moment() {
		return c.free()
	}
	*cs = slices.Insert(*cs, i+1, c)
	return nil
}

// maxCheckpoints bounds the processes that are held.
const maxCheckpoints = 64

// thin frees the checkpoint that is missed least: the one with the smallest
// distance between its neighbours. The first stays.
func (cs *checkpoints) thin() error {
	for len(*cs) > maxCheckpoints {
		least, gap := 1, ^uint64(0)
		for i := 1; i+1 < len(*cs); i++ {
			if d := (*cs)[i+1].tick - (*cs)[i-1].tick; d < gap {
				least, gap = i, d
			}
		}
		c := (*cs)[least]
		*cs = slices.Delete(*cs, least, least+1)
		if err := c.free(); err != nil {
			return err
		}
	}
	return nil
}
