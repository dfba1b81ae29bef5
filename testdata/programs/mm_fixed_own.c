// MAP_FIXED over the program's own things: data, code that ran, heap, library pages, half a mapping.
#include "prog.h"
#include <sys/resource.h>

static char data[3 * PAGE] __attribute__((aligned(PAGE))) = "data";

__attribute__((section(".text.alone"), aligned(PAGE), noinline)) static int alone(int v)
{
	return v * 3;
}
__attribute__((section(".text.alone"), aligned(PAGE), used)) static void after(void)
{
}

int main(void)
{
	char *p = mmap(data + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	check(p == data + PAGE, "over data");
	strcpy(data + PAGE - 3, "across the border");
	printf("[%s] [%s]\n", data, data + PAGE - 3);

	printf("%d\n", alone(5));
	char copy[PAGE];
	memcpy(copy, (void *)((uintptr_t)alone & -PAGE), PAGE);
	p = mmap((void *)((uintptr_t)alone & -PAGE), PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memcpy(p, copy, PAGE);
	printf("%d\n", alone(6));
	memcpy(p + ((uintptr_t)alone & (PAGE - 1)), "\x8d\x47\x01\xc3", 4); // lea 1(%rdi), %eax; ret
	printf("%d\n", alone(7));

	char *heap = malloc(100 * PAGE), *mid = (char *)(((uintptr_t)heap + 50 * PAGE) & -PAGE);
	memset(heap, 'h', 100 * PAGE);
	mmap(mid, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	printf("heap %c %d %c\n", mid[-1], mid[0], mid[PAGE]);
	free(heap);

	char *r = pages(4, PROT_READ | PROT_WRITE);
	memset(r, 'r', 4 * PAGE);
	mmap(r + 3 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	printf("half %c %d\n", r[3 * PAGE - 1], r[3 * PAGE]);
	munmap(r + PAGE, PAGE);
	printf("%c %c\n", r[0], r[2 * PAGE]);
}
