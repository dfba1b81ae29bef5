// Whatever way leads to a file in /proc, of this process, its threads or its child, shows no tracer.
#include "prog.h"
#include <sys/prctl.h>
#include <sys/stat.h>

static void tracer(const char *what, int fd)
{
	char text[4096];
	if (fd < 0) {
		printf("%s: %s\n", what, strerrorname_np(errno));
		return;
	}
	ssize_t n = read(fd, text, sizeof text - 1), again;
	text[n > 0 ? n : 0] = 0;
	char *at = strstr(text, "TracerPid:"), *state = strstr(text, "State:");
	if (!strcmp(what, "the last descriptor")) {
		printf("%s: %.12s, cloexec %d\n", what, at ? at : "none", fcntl(fd, F_GETFD));
		return;
	}
	printf("%s: %.12s, %.8s, %s", what, at ? at : "none", state ? state : "none", n > 0 ? "" : "nothing ");
	// Once more from the beginning, and only for reading.
	char *first = strdup(text);
	lseek(fd, 0, SEEK_SET);
	again = read(fd, text, sizeof text - 1);
	printf("%s, access %d, cloexec %d, write %d\n", again > 0 && !strncmp(text, first, 5) ? "again" : "changed", fcntl(fd, F_GETFL) & O_ACCMODE,
	       fcntl(fd, F_GETFD), write(fd, first, 1) == -1 ? errno : 0);
	free(first);
	close(fd);
}

int main(void)
{
	char path[100];
	tracer("absolute", open("/proc/self/status", O_RDONLY));
	tracer("close on exec", open("/proc/self/status", O_RDONLY | O_CLOEXEC));
	tracer("slashes", open("//proc//self/status", O_RDONLY));
	tracer("dots", open("/./proc/self/../self/status", O_RDONLY));
	tracer("thread", open("/proc/thread-self/status", O_RDONLY));
	sprintf(path, "/proc/%d/task/%d/status", getpid(), getpid());
	tracer("by number", open(path, O_RDONLY));
	must(chdir("/"), "chdir");
	tracer("from the root", open("proc/self/status", O_RDONLY));
	int dir = must(open("/proc/self", O_RDONLY | O_DIRECTORY), "open");
	tracer("directory", openat(dir, "status", O_RDONLY));
	close(dir);
	must(chdir("/proc/self"), "chdir");
	tracer("working directory", open("status", O_RDONLY));
	tracer("no such file", open("/proc/self/nothing", O_RDONLY));

	int go[2], st;
	must(pipe(go), "pipe");
	pid_t pid = fork();
	if (pid == 0) {
		tracer("in the child", open("/proc/self/status", O_RDONLY));
		fflush(stdout);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(pid, &st, WUNTRACED);
	sprintf(path, "/proc/%d/status", pid);
	tracer("stopped child", open(path, O_RDONLY));
	kill(pid, SIGCONT);
	waitpid(pid, &st, 0);

	// All descriptors in use.
	int fd, n = 0;
	while ((fd = dup(1)) >= 0)
		n++;
	printf("%s\n", strerrorname_np(errno));
	close(2);
	tracer("the last descriptor", open("/proc/self/status", O_RDONLY));
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE));
	close(3);
	close(4);
	prctl(PR_SET_DUMPABLE, 0);
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE));
	if (fork() == 0)
		_exit(prctl(PR_GET_DUMPABLE));
	wait(&st);
	printf("child's %d\n", WEXITSTATUS(st));
}
