package test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stressed are the conformance programs that the short suite runs in the
// stress modes, too: one for each mechanism that stress can break.
var stressed = map[string]bool{
	"cpu_conditions": true, "cpu_flags": true, "cpu_indirect": true, "mm_fixed": true,
	"sig_async_state": true, "sig_longjmp": true, "sig_regs": true, "sig_repmovs": true,
	"smc_basic": true, "smc_dlopen": true, "sys_tiny": true, "sys_vector": true,
}

// childrenPrint are the programs whose children print, which a replay of the
// parent does not show.
var childrenPrint = map[string]bool{
	"proc_fork": true, "proc_system": true, "proc_vfork": true, "sys_fcntl": true,
}

// longRunning are the programs that would translate for minutes if they did
// so anew at each step.
var longRunning = map[string]bool{
	"cpp_exceptions": true, "cpp_stl": true, "cpu_recursion": true,
}

// knownGaps are the programs whose behaviour this version does not record,
// with what is missing.
var knownGaps = map[string]string{
	"shm_robust":     "a robust futex in shared memory whose owner is killed by SIGKILL",
	"sig_singlestep": "a program that sets its own trap flag",
}

// TestConformance runs the programs in testdata/programs, one behaviour each.
func TestConformance(t *testing.T) {
	var sources []string
	for _, pattern := range []string{"*.c", "*.cc"} {
		found, err := filepath.Glob(filepath.Join(root, "testdata", "programs", pattern))
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, found...)
	}
	if len(sources) == 0 {
		t.Fatal("no conformance programs")
	}
	for _, src := range sources {
		name, _, _ := strings.Cut(filepath.Base(src), ".")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if gap, ok := knownGaps[name]; ok {
				t.Skipf("not supported: %s", gap)
			}
			s := subject{stress: stressed[name], large: longRunning[name], workDir: keepDir(t)}
			if childrenPrint[name] {
				s.compare = children
			}
			s.argv, s.dir, s.timeout = []string{compileAnnotated(t, src)}, s.workDir, 20*time.Second
			s.test(t)
		})
	}
}
