// The address space has the usual order: program, heap, libraries, stack; each where Linux puts it.
#include "prog.h"
#include <sys/auxv.h>

static int data = 1;

int main(void)
{
	uintptr_t code = (uintptr_t)main, heap = (uintptr_t)sbrk(0), lib = (uintptr_t)dup, here = (uintptr_t)&code;
	uintptr_t big = (uintptr_t)mmap(0, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t vdso = getauxval(AT_SYSINFO_EHDR);
	check(code < (uintptr_t)&data && (uintptr_t)&data < heap, "program below its data below the heap");
	check(heap < big && big < here, "mappings between heap and stack");
	check(lib < here && lib >> 40 >= 0x7e, "libraries near the top");
	check(big >> 40 >= 0x7e, "new mappings near the top");
	check(code >> 40 == 0x55 || code >> 40 == 0x56, "position-independent program");
	check(vdso > lib && vdso < 0x7ffffffff000, "vDSO above the libraries");
	check(here >> 36 == 0x7ff, "stack at the top");
	uintptr_t next = (uintptr_t)mmap(0, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(next == big - (1 << 20), "the next mapping right below");
	heap = (uintptr_t)sbrk(0);
	check(sbrk(PAGE) == (void *)heap && sbrk(0) == (void *)(heap + PAGE), "the heap grows");
}
