package record

import "hindsight/internal/engine"

// moveArena moves the arena out of [start, end), and reports whether it could.
func (r *recorder) moveArena(start, end uint64) (bool, error) {
	to, ok := r.e.PlaceBeside(start, end)
	if !ok {
		r.report("a mapping at %#x is refused: the recorder's own memory is there, and has no other place", start)
		return false, nil
	}
	for th := range r.live {
		if th.calling {
			r.report("a mapping at %#x is refused: the recorder's own memory is there, and other threads are in calls", start)
			return false, nil
		}
	}
	if err := r.drain(); err != nil {
		return false, err
	}
	if err := r.drainer.moveArena(to); err != nil {
		return false, err
	}
	return true, r.logArena(to, engine.ArenaSize, false)
}

// moveArena moves the arena while nobody reads the log buffer.
func (d *drainer) moveArena(to uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.e.MoveArena(to)
}
