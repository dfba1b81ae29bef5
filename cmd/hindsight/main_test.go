package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"hindsight": func() { os.Exit(run(os.Args[1:])) },
	})
}

// TestCommandLine runs the scripts in testdata.
func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status": status,
			"cut":    cut,
			"flip":   flip,
			"tree":   writeTree,
		},
	})
}
