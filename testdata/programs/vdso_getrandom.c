// flags: -O1
// The vDSO's getrandom, called as C libraries do: with a state in memory that the kernel may drop, and wipes in children.
#include "prog.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/random.h>

#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 8
#endif

typedef long getrandom_fn(void *, size_t, unsigned, void *, size_t);

// kernel is what there is where the vDSO has no such function.
static long kernel(void *buf, size_t n, unsigned flags, void *state, size_t size)
{
	(void)state, (void)size;
	long r = getrandom(buf, n, flags);
	return r < 0 ? -errno : r;
}

static getrandom_fn *lookup(const char *name)
{
	char *base = (char *)getauxval(AT_SYSINFO_EHDR), *strs;
	Elf64_Ehdr *eh = (void *)base;
	Elf64_Shdr *sh = (void *)(base + eh->e_shoff);
	for (int i = 0; i < eh->e_shnum; i++)
		if (sh[i].sh_type == SHT_DYNSYM) {
			Elf64_Sym *syms = (void *)(base + sh[i].sh_offset);
			strs = base + sh[sh[i].sh_link].sh_offset;
			for (unsigned k = 0; k < sh[i].sh_size / sizeof *syms; k++)
				if (!strcmp(strs + syms[k].st_name, name))
					return (void *)(base + syms[k].st_value);
		}
	return 0;
}

int main(void)
{
	struct {
		uint32_t size, prot, flags, reserved[13];
	} params = {.size = 144, .prot = PROT_READ | PROT_WRITE, .flags = MAP_DROPPABLE | MAP_ANONYMOUS};
	getrandom_fn *f = lookup("__vdso_getrandom");
	// Nobody has to offer the function, nor a state for it.
	if (!f || f(0, 0, 0, &params, -1) != 0)
		f = kernel;
	check(params.size > 0 && params.size <= PAGE, "size of the state");
	char *state = mmap(0, PAGE, params.prot, params.flags, -1, 0);
	if (state == MAP_FAILED) // an older kernel
		state = pages(1, PROT_READ | PROT_WRITE);

	unsigned char buf[4096], seen[256] = {0};
	long got = 0, different = 0;
	for (int i = 0; i < 500; i++) {
		got += f(buf, 32, 0, state, params.size);
		seen[buf[i % 32]] = 1;
	}
	for (int i = 0; i < 256; i++)
		different += seen[i];
	printf("%ld bytes\n", got);
	check(different > 100, "random");
	printf("a page: %ld\n", f(buf, sizeof buf, GRND_NONBLOCK, state, params.size));
	printf("nothing: %ld\n", f(buf, 0, 0, state, params.size));
	check(f(buf, 1, 0x1000, state, params.size) == -EINVAL, "wrong flags");

	memset(state, 1, PAGE);
	pid_t child = must(fork(), "fork");
	if (child == 0) {
		long r = f(buf, 16, 0, state, params.size);
		_exit(r == 16 ? 7 : 8);
	}
	int status;
	must(waitpid(child, &status, 0), "waitpid");
	printf("child: %d\n", WEXITSTATUS(status));
	char *own = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_DROPPABLE | MAP_ANONYMOUS, -1, 0);
	if (own != MAP_FAILED)
		own[100] = 5;
	child = must(fork(), "fork");
	if (child == 0)
		_exit(own == MAP_FAILED ? 0 : own[100]);
	must(waitpid(child, &status, 0), "waitpid");
	printf("a child has %d\n", WEXITSTATUS(status));
	check(own == MAP_FAILED || own[100] == 5 || own[100] == 0, "its parent keeps it");
}
