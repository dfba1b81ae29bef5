package main

import (
	"fmt"
	"os"
	"time"

	"hindsight/internal/recording"
	"hindsight/internal/replay"
)

func main() {
	t := time.Now()
	r, err := recording.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	res, err := replay.Autopilot(r, os.Stdout, os.Stderr)
	fmt.Fprintf(os.Stderr, "[%+v err=%v %v]\n", res, err, time.Since(t))
	if err != nil {
		os.Exit(3)
	}
}
