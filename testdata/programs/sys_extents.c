// ioctls of files: extents, deduplication, flags, versions, block sizes. What
// a file system cannot do is its own answer, the same recorded.
#include "prog.h"
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/fsmap.h>
#include <sys/ioctl.h>

static char content[64 * PAGE];

int main(void)
{
	memset(content, 'e', sizeof content);
	int fd = tmpfile_fd(content, sizeof content), other = tmpfile_fd(content, sizeof content);
	must(fsync(fd), "fsync");

	struct {
		struct fiemap m;
		struct fiemap_extent e[4];
	} f = {.m = {.fm_length = ~0ull, .fm_extent_count = 4}};
	result("FIEMAP", ioctl(fd, FS_IOC_FIEMAP, &f));
	check(f.m.fm_mapped_extents <= 4 && f.m.fm_extent_count == 4, "extents");
	uint64_t mapped = 0;
	for (unsigned i = 0; i < f.m.fm_mapped_extents; i++)
		mapped += f.e[i].fe_length;
	printf("%lu bytes mapped\n", mapped);
	f.m.fm_extent_count = 0;
	result("FIEMAP count", ioctl(fd, FS_IOC_FIEMAP, &f));
	f.m.fm_flags = 0x40000000;
	result("FIEMAP bad flags", ioctl(fd, FS_IOC_FIEMAP, &f));
	printf("flags left %x\n", f.m.fm_flags);

	struct {
		struct file_dedupe_range r;
		struct file_dedupe_range_info i[2];
	} d = {.r = {.src_length = PAGE, .dest_count = 2}, .i = {{.dest_fd = other}, {.dest_fd = fd, .dest_offset = PAGE}}};
	result("FIDEDUPERANGE", ioctl(fd, FIDEDUPERANGE, &d));
	printf("status %d %d, bytes %llu %llu\n", d.i[0].status, d.i[1].status, d.i[0].bytes_deduped, d.i[1].bytes_deduped);
	result("FICLONE", ioctl(other, FICLONE, fd));

	long flags[2] = {0x5555555555555555, 0x5555555555555555};
	result("FS_IOC_GETFLAGS", ioctl(fd, FS_IOC_GETFLAGS, flags));
	printf("beyond the int: %lx %lx\n", flags[0] >> 32, flags[1]);
	long version = 0x5555555555555555;
	int r = ioctl(fd, FS_IOC_GETVERSION, &version);
	printf("FS_IOC_GETVERSION %d, beyond the int %lx\n", r, version >> 32);
	int block = -1;
	result("FIGETBSZ", ioctl(fd, FIGETBSZ, &block));
	printf("block size %d\n", block);
	struct fsxattr x;
	memset(&x, 0x55, sizeof x);
	result("FS_IOC_FSGETXATTR", ioctl(fd, FS_IOC_FSGETXATTR, &x));
	printf("project %x\n", x.fsx_projid);
	char label[FSLABEL_MAX];
	memset(label, 'L', sizeof label);
	result("FS_IOC_GETFSLABEL", ioctl(fd, FS_IOC_GETFSLABEL, label));
	printf("label hash %lx\n", hash(label, sizeof label));
	int n = -1;
	result("FIONREAD", ioctl(fd, FIONREAD, &n));
	printf("%d bytes\n", n);
	loff_t size = -1;
	result("FIOQSIZE", ioctl(fd, 0x5460, &size));
	printf("%ld\n", (long)size);
	result("FIOCLEX", ioctl(fd, FIOCLEX));
	result("FITHAW", ioctl(fd, FITHAW, 0));
	result("BLKGETSIZE64 of a file", ioctl(fd, BLKGETSIZE64, &size));
	result("unknown", ioctl(fd, 0xc0ff1234, content));
	printf("content %lx\n", hash(content, sizeof content));
}
