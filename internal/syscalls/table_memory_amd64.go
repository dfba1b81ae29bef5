package syscalls

import "syscall"

// memoryRows are calls on the address space.
var memoryRows = []Row{
	row(9, "mmap", Memory, 0),
	row(10, "mprotect", Memory, 0),
	row(11, "munmap", Memory, 0),
	row(12, "brk", Memory, 0).note("returns the break, never an error"),
	row(25, "mremap", Memory, 0),
	sleeps(26, "msync").unlessZero(2, 4).note("only MS_SYNC waits"),
	data(27, "mincore", of(OutPages, 2, 1)),
	many(28, "madvise", Memory, 2, madviseCommands),
	row(30, "shmat", Memory, 0),
	row(67, "shmdt", Memory, 0),
	data(149, "mlock"),
	data(150, "munlock"),
	row(151, "mlockall", Data, slow).note("made of the program's mappings, one by one"),
	row(152, "munlockall", Data, slow),
	row(216, "remap_file_pages", Memory, 0),
	data(237, "mbind"),
	data(238, "set_mempolicy"),
	data(239, "get_mempolicy", fixed(0, 4), of(OutNodeMask, 1, 2)),
	data(256, "migrate_pages"),
	// What precedes a page that cannot be moved has its state (mm/migrate.c).
	data(279, "move_pages", array(4, 1, 4).always().lax()),
	data(323, "userfaultfd").note("EPERM without UFFD_USER_MODE_ONLY; EINVAL for events and for shared memory"),
	data(325, "mlock2"),
	row(329, "pkey_mprotect", Memory, 0),
	row(330, "pkey_alloc", Memory, 0).note("also sets the key's bits in PKRU"),
	row(331, "pkey_free", Memory, 0),
	many(440, "process_madvise", Data, 3, processMadviseCommands),
	refused(447, "memfd_secret", syscall.ENOSYS, "a tracer cannot read its memory"),
	data(450, "set_mempolicy_home_node"),
	refused(453, "map_shadow_stack", syscall.EOPNOTSUPP, "translated code does not keep a shadow stack"),
	row(462, "mseal", Memory, 0),
}

// madviseCommands: advice that cannot change what memory reads as is Data.
var madviseCommands = []Command{
	cmd(0, "MADV_NORMAL"),
	cmd(1, "MADV_RANDOM"),
	cmd(2, "MADV_SEQUENTIAL"),
	cmd(3, "MADV_WILLNEED"),
	cmdAs(4, "MADV_DONTNEED", Memory),
	cmdAs(8, "MADV_FREE", Memory).note("pages are lost when the kernel likes: must be made certain"),
	cmdAs(9, "MADV_REMOVE", Memory),
	cmdAs(10, "MADV_DONTFORK", Memory).note("snapshots by fork would lack the pages"),
	cmdAs(11, "MADV_DOFORK", Memory),
	cmd(12, "MADV_MERGEABLE"),
	cmd(13, "MADV_UNMERGEABLE"),
	cmd(14, "MADV_HUGEPAGE"),
	cmd(15, "MADV_NOHUGEPAGE"),
	cmd(16, "MADV_DONTDUMP"),
	cmd(17, "MADV_DODUMP"),
	cmdAs(18, "MADV_WIPEONFORK", Memory).note("snapshots by fork would lack the pages"),
	cmdAs(19, "MADV_KEEPONFORK", Memory),
	cmd(20, "MADV_COLD"),
	cmd(21, "MADV_PAGEOUT"),
	cmd(22, "MADV_POPULATE_READ"),
	cmd(23, "MADV_POPULATE_WRITE"),
	cmdAs(24, "MADV_DONTNEED_LOCKED", Memory),
	cmd(25, "MADV_COLLAPSE"),
	cmdAs(100, "MADV_HWPOISON", Memory).refuse(syscall.EPERM, "poisons physical memory"),
	cmdAs(101, "MADV_SOFT_OFFLINE", Memory).refuse(syscall.EPERM, "takes physical memory away"),
	cmdAs(102, "MADV_GUARD_INSTALL", Memory),
	cmdAs(103, "MADV_GUARD_REMOVE", Memory),
}

// processMadviseCommands: advice that destroys contents, which Linux 6.13
// began to allow on the caller itself, is refused as by the kernels before it.
var processMadviseCommands = func() (cs []Command) {
	for _, c := range madviseCommands {
		if c.Class != Data {
			c = c.refuse(syscall.EINVAL, "programs fall back to madvise")
		}
		cs = append(cs, c)
	}
	return supervised(cs...)
}()
