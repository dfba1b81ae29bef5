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
	"cpu_conditions": true, "cpu_flags": true, "cpu_indirect": true, "jit_patch_call": true, "mm_fixed": true,
	"sig_async_state": true, "sig_longjmp": true, "sig_regs": true, "sig_repmovs": true, "sig_singlestep_kinds": true,
	"smc_basic": true, "smc_dlopen": true, "sys_tiny": true, "sys_vector": true, "thr_prodcons": true,
}

// childrenPrint are the programs whose children print, which a replay of the
// parent alone does not show.
var childrenPrint = map[string]bool{
	"proc_env": true, "proc_exit_ways": true, "proc_fexecve": true, "proc_fork": true, "proc_fork_state": true,
	"proc_outlive": true, "proc_script": true, "proc_session": true, "proc_shell": true, "proc_spawn_attr": true,
	"proc_stdin_shared": true, "proc_system": true, "proc_vfork": true, "shm_outside": true, "sig_abort_ways": true,
	"sys_fcntl": true, "sys_seccomp": true, "sys_userns": true,
}

// longRunning are the programs that would translate for minutes if they did
// so anew at each step.
var longRunning = map[string]bool{
	"cpp_exceptions": true, "cpp_stl": true, "cpu_recursion": true,
	"jit_many": true, "mm_alloc": true, "proc_exec_large": true, "san_overflow": true, "san_thread": true, "thr_openmp": true, "thr_std": true, "thr_storm": true,
}

// timed are the programs that do not come forward when each call takes a
// millisecond.
var timed = map[string]bool{"sig_timer_fast": true, "thr_itimer": true}

// knownGaps are the programs whose behaviour this version does not record,
// with what is missing.
var knownGaps = map[string]string{
	"sys_ptrace":      "ptrace between recorded programs",
	"sys_ptrace_more": "ptrace between recorded programs",
}

// TestConformance runs the programs in testdata/programs, one behaviour each.
func TestConformance(t *testing.T) {
	for _, src := range conformancePrograms(t) {
		name := programName(src)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if gap, ok := knownGaps[name]; ok {
				t.Skipf("not supported: %s", gap)
			}
			s := subject{
				stress: stressed[name], large: longRunning[name], workDir: keepDir(t),
				onceReplayed: !stressAll, chaos: strings.HasPrefix(name, "thr_"), calls: !timed[name],
			}
			if childrenPrint[name] {
				s.compare = children
			}
			s.argv, s.dir, s.timeout = []string{compileAnnotated(t, src)}, s.workDir, 20*time.Second
			s.test(t)
		})
	}
}

// conformancePrograms returns the paths of all sources.
func conformancePrograms(t *testing.T) []string {
	t.Helper()
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
	return sources
}

// programName returns the name that a source has among the programs.
func programName(src string) string {
	name, _, _ := strings.Cut(filepath.Base(src), ".")
	return name
}
