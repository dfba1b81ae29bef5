package main

import (
	gc "runtime/debug"
	"time"
)

// lazyCollector lets the heap grow for a while before garbage is collected:
// what is over soon has no use for it.
func lazyCollector() {
	const lazy, usual = 400, 100 // percent; the latter is the default
	gc.SetGCPercent(lazy)
	time.AfterFunc(2*time.Second, func() { gc.SetGCPercent(usual) })
}
