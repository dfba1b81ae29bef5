// Calls of recent kernels; one that this kernel lacks says ENOSYS.
#include "prog.h"
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <time.h>

struct mnt_req { uint32_t size, spare; uint64_t id, param, ns; };

static void mounts(void)
{
	uint64_t ids[200], buf[1024];
	memset(ids, 0x55, sizeof ids);
	struct mnt_req q = {.size = 24, .id = ~0ull};
	long n = syscall(458, &q, ids, 199, 0); // listmount
	check(n > 0 ? ids[n - 1] != 0x5555555555555555 && ids[n] == 0x5555555555555555 : n == -1, "listmount");
	if (n <= 0)
		return;
	long one = syscall(458, &q, ids, 1, 0);
	printf("listmount of one: %ld\n", one);
	q.id = ids[0], q.param = 0x3f;
	memset(buf, 0x55, sizeof buf);
	long r = syscall(457, &q, buf, sizeof buf, 0); // statmount
	printf("statmount %ld, size is that of the buffer at most: %d\n", r, *(uint32_t *)buf <= sizeof buf);
	check(buf[1023] == 0x5555555555555555, "the rest untouched");
	r = syscall(457, &q, buf, 16, 0);
	printf("statmount cut %ld\n", r);
}

static void attributes(int fd)
{
	uint64_t a[8];
	memset(a, 0x55, sizeof a);
	long r = syscall(468, fd, "", a, 24, 0x1000); // file_getattr, AT_EMPTY_PATH
	printf("file_getattr %s, beyond it %lx\n", r ? strerrorname_np(errno) : "0", a[3]);
	memset(a, 0x55, sizeof a);
	r = syscall(468, fd, "", a, 40, 0x1000);
	printf("file_getattr, longer %s, %lx %lx\n", r ? strerrorname_np(errno) : "0", a[4], a[5]);
	char value[16];
	struct { uint64_t value; uint32_t size, flags; } x = {(uintptr_t)"12345", 5, 0};
	result("setxattrat", syscall(463, fd, "", 0x1000, "user.one", &x, sizeof x));
	x.value = (uintptr_t)value;
	memset(value, '.', sizeof value);
	x.size = 16;
	result("getxattrat", syscall(464, fd, "", 0x1000, "user.one", &x, sizeof x));
	printf("[%.16s]\n", value);
	x.size = 3;
	result("getxattrat short", syscall(464, fd, "", 0x1000, "user.one", &x, sizeof x));
	x.size = 0;
	result("getxattrat length", syscall(464, fd, "", 0x1000, "user.one", &x, sizeof x));
	memset(value, '.', sizeof value);
	result("listxattrat", syscall(465, fd, "", 0x1000, value, sizeof value));
	printf("[%.16s]\n", value);
	result("flistxattr length", flistxattr(fd, 0, 0));
	result("removexattrat", syscall(466, fd, "", 0x1000, "user.one"));
}

static void modules(void)
{
	uint64_t ids[32];
	uint32_t size = sizeof ids;
	memset(ids, 0x55, sizeof ids);
	long n = syscall(461, ids, &size, 0); // lsm_list_modules
	check(n >= 0 ? size == n * 8 && ids[n] == 0x5555555555555555 : errno == ENOSYS, "lsm_list_modules");
	size = 1;
	long r = syscall(461, ids, &size, 0);
	check(n > 0 ? r == -1 && errno == E2BIG && size == n * 8 : 1, "lsm_list_modules, too short");
	uint32_t need = 0;
	r = syscall(459, 100, 0, &need, 0); // lsm_get_self_attr LSM_ATTR_CURRENT
	printf("lsm_get_self_attr %d\n", r == 0 || errno == E2BIG || errno == EOPNOTSUPP || errno == ENOSYS);
}

int main(void)
{
	char page[PAGE] = {1};
	int fd = tmpfile_fd(page, sizeof page);
	mounts();
	attributes(fd);
	modules();
	uint64_t range[2] = {0, 0}, stat[6];
	memset(stat, 0x55, sizeof stat);
	result("cachestat", syscall(451, fd, range, stat, 0));
	printf("cached %lu dirty or not %d, beyond it %lx\n", stat[0], stat[1] <= 1, stat[5]);

	struct file_handle *h = (void *)page;
	int mnt[3] = {0x55555555, 0x55555555, 0x55555555};
	memset(page, 0x55, sizeof page);
	h->handle_bytes = 0;
	result("name_to_handle_at, short", name_to_handle_at(fd, "", h, mnt, AT_EMPTY_PATH));
	unsigned need = h->handle_bytes;
	check(need <= 128, "needs a handle of some length");
	h->handle_bytes = 128;
	result("name_to_handle_at", name_to_handle_at(fd, "", h, mnt, AT_EMPTY_PATH));
	check(h->handle_bytes == need && mnt[1] == 0x55555555, "handle");

	struct statx sx;
	memset(&sx, 0x55, sizeof sx);
	result("statx", statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &sx));
	printf("size %llu, spare %llx\n", sx.stx_size, sx.__spare3[8]);
	result("fchmodat2", syscall(452, fd, "", 0600, 0x1000));
	result("mseal", syscall(462, 1, PAGE, 0));
	result("map_shadow_stack", syscall(453, 0, PAGE, 8) == -1 ? -2 : 0);
	result("futex_wake", syscall(454, mnt, 1, 1, 2));
	result("futex_wait, changed", syscall(455, mnt, 0, 1, 2, 0, 0));
	struct timespec soon = {0, 1};
	struct { uint64_t val, addr; uint32_t flags, zero; } w = {mnt[1], (uintptr_t)&mnt[1], 2, 0};
	result("futex_waitv", syscall(449, &w, 1, 0, &soon, CLOCK_MONOTONIC));
}
