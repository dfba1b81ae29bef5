// prctl: more of its commands, with what they return afterwards.
#include "prog.h"
#include <linux/securebits.h>
#include <sys/prctl.h>

int main(void)
{
	int v = -1;
	result("SET_DUMPABLE", prctl(PR_SET_DUMPABLE, 0));
	result("GET_DUMPABLE", prctl(PR_GET_DUMPABLE));
	result("SET_DUMPABLE", prctl(PR_SET_DUMPABLE, 1));
	result("bad dumpable", prctl(PR_SET_DUMPABLE, 7));
	result("SET_KEEPCAPS", prctl(PR_SET_KEEPCAPS, 1));
	result("GET_KEEPCAPS", prctl(PR_GET_KEEPCAPS));
	result("SET_TIMERSLACK", prctl(PR_SET_TIMERSLACK, 12345));
	result("GET_TIMERSLACK", prctl(PR_GET_TIMERSLACK));
	result("default", prctl(PR_SET_TIMERSLACK, 0));
	result("GET_TIMERSLACK", prctl(PR_GET_TIMERSLACK));
	result("GET_SECUREBITS", prctl(PR_GET_SECUREBITS));
	result("CAPBSET_READ", prctl(PR_CAPBSET_READ, 0) >= 0);
	result("MCE_KILL_GET", prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
	result("GET_THP_DISABLE", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	result("SET_THP_DISABLE", prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	result("GET_THP_DISABLE", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	result("GET_SECCOMP", prctl(PR_GET_SECCOMP));
	result("GET_SPECULATION_CTRL", prctl(PR_GET_SPECULATION_CTRL, 99, 0, 0, 0));
	char *p = pages(2, PROT_READ | PROT_WRITE);
	long named = prctl(0x53564d41 /* PR_SET_VMA */, 0, p, PAGE, "a name");
	check(named == 0 || errno == EINVAL, "PR_SET_VMA");
	unsigned long sa = 0;
	result("GET_TID_ADDRESS", prctl(PR_GET_TID_ADDRESS, &sa));
	check(sa != 0 || errno == EINVAL, "an address");
	result("TASK_PERF_EVENTS_DISABLE", prctl(PR_TASK_PERF_EVENTS_DISABLE));
	result("GET_FPEMU", prctl(PR_GET_FPEMU, &v));
	result("SET_NO_NEW_PRIVS", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	result("GET_NO_NEW_PRIVS", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	result("never back", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	result("GET_PDEATHSIG", prctl(PR_GET_PDEATHSIG, (void *)8));
}
