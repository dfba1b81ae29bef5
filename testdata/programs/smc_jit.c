// A small compiler: 2,000 functions emitted into one growing region, each calling the one before it.
#include "prog.h"

int main(void)
{
	unsigned char *p = (void *)pages(64, PROT_READ | PROT_WRITE | PROT_EXEC), *w = p;
	unsigned char *prev = 0;
	long bad = 0, want = 0;
	for (int i = 0; i < 2000; i++) {
		unsigned char *start = w;
		if (prev) {
			*w++ = 0xe8; // call prev
			int rel = prev - (w + 4);
			memcpy(w, &rel, 4), w += 4;
		} else {
			*w++ = 0x31, *w++ = 0xc0; // xor %eax, %eax
		}
		*w++ = 0x05, memcpy(w, &i, 4), w += 4; // add $i, %eax
		*w++ = 0xc3;
		prev = i % 100 == 99 ? 0 : start;
		want = (i % 100 ? want : 0) + i;
		bad += ((int (*)(void))start)() != want;
	}
	printf("%ld wrong, %ld bytes\n", bad, (long)(w - p));
}
