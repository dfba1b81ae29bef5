// Memory protection keys: available or refused, and how.
#include "prog.h"

int main(void)
{
	int key = pkey_alloc(0, 0);
	char *p = pages(1, PROT_READ | PROT_WRITE);
	if (key < 0) {
		printf("none: %s\n", strerrorname_np(errno));
		check(pkey_mprotect(p, PAGE, PROT_READ, -1) == 0, "the default key");
		return 0;
	}
	check(pkey_mprotect(p, PAGE, PROT_READ | PROT_WRITE, key) == 0, "key set");
	check(pkey_set(key, PKEY_DISABLE_WRITE) == 0 && pkey_get(key) == PKEY_DISABLE_WRITE, "rights");
	check(p[0] == 0, "reading");
	pkey_set(key, 0);
	p[0] = 1;
	check(pkey_free(key) == 0, "freed");
}
