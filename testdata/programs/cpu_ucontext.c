// flags: -O1
// Coroutines by makecontext and swapcontext.
#include "prog.h"

static ucontext_t main_ctx, co[3];
static int value, turns;

static void generator(int id, int step)
{
	for (int i = 0; i < 1000; i++) {
		value = value * 3 + id + i * step;
		turns++;
		swapcontext(&co[id], &co[(id + 1) % 3]);
	}
}

int main(void)
{
	for (int i = 0; i < 3; i++) {
		getcontext(&co[i]);
		co[i].uc_stack.ss_sp = malloc(65536);
		co[i].uc_stack.ss_size = 65536;
		co[i].uc_link = &main_ctx;
		makecontext(&co[i], (void (*)(void))generator, 2, i, i * 7 + 1);
	}
	swapcontext(&main_ctx, &co[0]);
	printf("value %u turns %d\n", (unsigned)value, turns);
}
