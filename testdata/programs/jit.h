// Shared by the conformance programs that write code.
#include "prog.h"

typedef long (*function)(long);

// constant writes a function that returns v + its argument, and returns the end.
static inline unsigned char *constant(unsigned char *w, int v)
{
	*w++ = 0x48, *w++ = 0x8d, *w++ = 0x87; // lea v(%rdi), %rax
	memcpy(w, &v, 4), w += 4;
	*w++ = 0xc3;
	return w;
}

static inline long call(const void *code, long arg)
{
	return ((function)code)(arg);
}
