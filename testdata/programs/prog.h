// Shared by the conformance programs. What they print must be the same in
// every native run: derived facts, never pids, times or addresses.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 4096

// check prints whether a fact holds.
static inline void check(int ok, const char *what)
{
	printf("%s: %s\n", what, ok ? "ok" : "WRONG");
}

// result prints the value of a call, or its error.
static inline void result(const char *what, long r)
{
	if (r == -1)
		printf("%s = -1 %s\n", what, strerrorname_np(errno));
	else
		printf("%s = %ld\n", what, r);
}

// must ends the program when a step that prepares the test fails.
static inline long must(long r, const char *what)
{
	if (r == -1) {
		perror(what);
		exit(99);
	}
	return r;
}

// hash is FNV-1a, to print large contents in one word.
static inline uint64_t hash(const void *p, size_t n)
{
	const unsigned char *b = p;
	uint64_t h = 14695981039346656037u;
	while (n--)
		h = (h ^ *b++) * 1099511628211u;
	return h;
}

// pages maps n anonymous pages.
static inline char *pages(size_t n, int prot)
{
	char *p = mmap(0, n * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		perror("mmap");
		exit(99);
	}
	return p;
}

// tmpfile_fd opens an unlinked file with this content.
static inline int tmpfile_fd(const void *content, size_t n)
{
	char name[] = "/tmp/programXXXXXX";
	int fd = must(mkstemp(name), "mkstemp");
	unlink(name);
	must(write(fd, content, n), "write");
	must(lseek(fd, 0, SEEK_SET), "lseek");
	return fd;
}

// access_of says what may be done to a page, as the kernel sees it.
static inline const char *access_of(char *p)
{
	static int pipe_fd[2];
	char c;
	if (!pipe_fd[1])
		must(pipe(pipe_fd), "pipe");
	if (write(pipe_fd[1], p, 1) != 1)
		return "none";
	return read(pipe_fd[0], p, 1) == 1 ? "write" : (read(pipe_fd[0], &c, 1), "read");
}

// handle installs a SA_SIGINFO handler.
static inline void handle(int sig, void (*f)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = {.sa_sigaction = f, .sa_flags = SA_SIGINFO | flags};
	must(sigaction(sig, &sa, 0), "sigaction");
}

#define REG(uc, r) (((ucontext_t *)(uc))->uc_mcontext.gregs[REG_##r])
