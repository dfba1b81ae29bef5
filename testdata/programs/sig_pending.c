// Blocked signals wait, are pending, and arrive before sigprocmask returns, realtime ones in order.
#include "prog.h"

static char order[64];
static void note(int sig, siginfo_t *si, void *uc)
{
	snprintf(order + strlen(order), sizeof order - strlen(order), "%d:%d ", sig >= SIGRTMIN ? sig - SIGRTMIN + 100 : sig, si->si_code == SI_QUEUE ? si->si_value.sival_int : -1);
}

int main(void)
{
	sigset_t all, old, pend;
	int sigs[] = {SIGUSR1, SIGUSR2, SIGRTMIN, SIGRTMIN + 1};
	sigemptyset(&all);
	for (int i = 0; i < 4; i++)
		handle(sigs[i], note, 0), sigaddset(&all, sigs[i]);
	must(sigprocmask(SIG_BLOCK, &all, &old), "sigprocmask");
	raise(SIGUSR2), raise(SIGUSR1), raise(SIGUSR1);
	for (int i = 0; i < 3; i++)
		sigqueue(getpid(), SIGRTMIN + 1 - i % 2, (union sigval){.sival_int = i});
	printf("handled so far [%s]\n", order);
	must(sigpending(&pend), "sigpending");
	for (int i = 0; i < 4; i++)
		printf("%d", sigismember(&pend, sigs[i]));
	puts("");
	sigset_t usr;
	sigemptyset(&usr);
	sigaddset(&usr, SIGUSR1);
	must(sigprocmask(SIG_UNBLOCK, &usr, 0), "sigprocmask");
	printf("[%s]\n", order);
	must(sigprocmask(SIG_SETMASK, &old, &pend), "sigprocmask");
	printf("%zu handled, usr2 %d\n", strlen(order) / 4, strstr(order, "12:") != 0);
	char *a = strstr(order, "101:0"), *b = strstr(order, "101:2"), *c = strstr(order, "100:1");
	check(a && b && c && (a < b), "realtime signals all arrive, in order");
	check(sigismember(&pend, SIGUSR2) && !sigismember(&pend, SIGUSR1), "old mask");
}
