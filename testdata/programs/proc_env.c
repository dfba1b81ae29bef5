// setenv, unsetenv, putenv and clearenv, and what a child gets of them.
#include "prog.h"

static void show(const char *what)
{
	printf("%s:\n", what);
	fflush(stdout);
	system("echo \"[$PROGA] [$PROGB] [$PROGC]\"");
}

int main(void)
{
	clearenv();
	show("cleared");
	setenv("PROGA", "1", 1), setenv("PROGA", "2", 0), setenv("PROGB", "", 1);
	show("set");
	putenv("PROGC=put");
	unsetenv("PROGA");
	show("put and unset");
	result("bad name", setenv("a=b", "x", 1));
	for (int i = 0; i < 500; i++) {
		char name[20];
		sprintf(name, "N%d", i);
		setenv(name, name, 1);
	}
	setenv("PROGB", getenv("N499"), 1);
	show("many");
}
