// name_to_handle_at: sizes, and a handle that is the same twice.
#include "prog.h"

int main(void)
{
	union {
		struct file_handle h;
		char room[200];
	} a = {0}, b = {0};
	int mount, again;
	char name[] = "/tmp/programXXXXXX";
	int fd = must(mkstemp(name), "mkstemp");
	a.h.handle_bytes = 0;
	result("size", name_to_handle_at(AT_FDCWD, name, &a.h, &mount, 0));
	check(a.h.handle_bytes > 0 && a.h.handle_bytes <= MAX_HANDLE_SZ, "a size");
	a.h.handle_bytes = b.h.handle_bytes = MAX_HANDLE_SZ;
	result("by name", name_to_handle_at(AT_FDCWD, name, &a.h, &mount, 0));
	result("by descriptor", name_to_handle_at(fd, "", &b.h, &again, AT_EMPTY_PATH));
	check(mount == again && a.h.handle_type == b.h.handle_type && !memcmp(a.h.f_handle, b.h.f_handle, a.h.handle_bytes), "the same");
	result("missing", name_to_handle_at(AT_FDCWD, "/nonexistent", &a.h, &mount, 0));
	unlink(name);
}
