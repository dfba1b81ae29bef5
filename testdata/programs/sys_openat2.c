// openat2: what each resolve flag forbids, sizes of its argument, modes.
#include "prog.h"
#include <linux/openat2.h>
#include <sys/stat.h>

static int dir;

static void try(const char *what, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {.flags = flags, .resolve = resolve};
	int fd = syscall(SYS_openat2, dir, path, &how, sizeof how);
	printf("%s: %s\n", what, fd < 0 ? strerrorname_np(errno) : "opened");
	if (fd >= 0)
		close(fd);
}

int main(void)
{
	char name[] = "/tmp/programXXXXXX";
	struct {
		struct open_how how;
		uint64_t more;
	} large = {{.flags = O_RDONLY}};
	must(!!mkdtemp(name) - 1, "mkdtemp");
	dir = must(open(name, O_PATH | O_DIRECTORY), "open");
	mkdirat(dir, "sub", 0700);
	close(openat(dir, "sub/file", O_CREAT, 0600));
	symlinkat("sub/file", dir, "link"), symlinkat("/etc/passwd", dir, "absolute"), symlinkat("../..", dir, "sub/up");
	try("plain", "sub/file", O_RDONLY, 0);
	try("link", "link", O_RDONLY, 0);
	try("no links", "link", O_RDONLY, RESOLVE_NO_SYMLINKS);
	try("beneath", "link", O_RDONLY, RESOLVE_BENEATH);
	try("beneath, absolute link", "absolute", O_RDONLY, RESOLVE_BENEATH);
	try("beneath, dots", "sub/../..", O_RDONLY, RESOLVE_BENEATH);
	try("in root, dots", "sub/up/sub/file", O_RDONLY, RESOLVE_IN_ROOT);
	try("in root, absolute", "absolute", O_RDONLY, RESOLVE_IN_ROOT);
	try("no magic links", "/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS);
	try("no crossing", "/proc/self/status", O_RDONLY, RESOLVE_NO_XDEV);
	try("bad flags", "sub", 1ull << 40, 0);
	try("bad resolve", "sub", O_RDONLY, 1 << 20);
	result("too small", syscall(SYS_openat2, dir, "sub", &large, 8));
	check(syscall(SYS_openat2, dir, "sub", &large, sizeof large) > 0, "larger, zero");
	large.more = 1;
	result("larger, not zero", syscall(SYS_openat2, dir, "sub", &large, sizeof large));
	unlinkat(dir, "sub/file", 0), unlinkat(dir, "sub/up", 0), unlinkat(dir, "link", 0), unlinkat(dir, "absolute", 0);
	unlinkat(dir, "sub", AT_REMOVEDIR), rmdir(name);
}
