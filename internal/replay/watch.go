package replay

import "hindsight/internal/engine"

type Watch struct{ Addr, Len uint64 }
type watcher struct{}

func (p *Player) arm(*Limits) error { return nil }
func (p *Player) disarm() error     { return nil }
func (p *Player) watched(stop *engine.Stop, lim *Limits) (Outcome, bool, error) {
	return Outcome{}, false, nil
}
