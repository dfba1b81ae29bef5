package bpf

// evaluate returns what the filter returns, which is unknown where what it
// loads does not decide it. Jumps only lead forward: taking the way that is
// furthest behind first, ways that meet are joined before they go on.
func (p Program) evaluate(load func(off uint32) value) value {
	var r result
	ways := map[int]*state{0: {a: known(0), x: known(0)}}
	for len(ways) > 0 {
		pc := first(ways)
		s := ways[pc]
		delete(ways, pc)
		for {
			next := p.step(pc, s, load, &r)
			if len(next) != 1 || len(ways) > 0 {
				for _, to := range next {
					meet(ways, int(to), s)
				}
				break
			}
			pc = int(next[0])
		}
	}
	return r.value
}

// result joins what the filter returns on all ways.
type result struct {
	value
	returned bool
}

func (r *result) give(v value) {
	if !r.returned {
		r.value, r.returned = v, true
		return
	}
	r.meet(v)
}

// step executes the instruction at pc and returns where it may lead.
func (p Program) step(pc int, s *state, load func(off uint32) value, r *result) []uint64 {
	in := p[pc]
	o := ops[in.Code]
	if o.halts && (!s.x.known || s.x.v == 0) {
		r.give(known(0))
		if s.x.known {
			return nil
		}
	}
	switch {
	case o.ret != nil:
		r.give(o.ret(s, in.K))
	case o.do != nil:
		o.do(s, in.K, load)
	}
	all := o.targets(pc, in)
	if o.test == nil {
		return all
	}
	switch taken, known := o.test(s, in.K); {
	case !known:
		return all
	case taken:
		return all[:1]
	}
	return all[1:]
}

func first(ways map[int]*state) int {
	least := MaxInsts
	for pc := range ways {
		least = min(least, pc)
	}
	return least
}

// meet adds another way to an instruction.
func meet(ways map[int]*state, at int, s *state) {
	have := ways[at]
	if have == nil {
		c := *s
		ways[at] = &c
		return
	}
	have.a.meet(s.a)
	have.x.meet(s.x)
	for i := range have.mem {
		have.mem[i].meet(s.mem[i])
	}
}

func (v *value) meet(other value) {
	if *v != other {
		*v = value{}
	}
}
