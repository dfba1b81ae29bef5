package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// projectFiles is how many source files the C project has.
const projectFiles = 100

// writeProject makes a C project in dir, whose files are about as long as those
// of real ones.
func writeProject(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	var objects, calls strings.Builder
	for i := range projectFiles {
		fmt.Fprintf(&objects, " unit%d.o", i)
		fmt.Fprintf(&calls, "\tn += unit%d(argc);\n", i)
		if err := writeSource(dir, fmt.Sprintf("unit%d.c", i), projectUnit(i)); err != nil {
			return err
		}
	}
	var declarations strings.Builder
	for i := range projectFiles {
		fmt.Fprintf(&declarations, "long unit%d(int);\n", i)
	}
	main := declarations.String() + "int main(int argc, char **argv)\n{\n\tlong n = 0;\n" + calls.String() + "\treturn argv[0] == 0 || n == 1;\n}\n"
	if err := writeSource(dir, "main.c", main); err != nil {
		return err
	}
	makefile := "CFLAGS = -O2 -g\nprogram: main.o" + objects.String() + "\n\t$(CC) -o $@ $^\n"
	return writeSource(dir, "Makefile", makefile)
}

func writeSource(dir, name, text string) error {
	return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
}

// projectUnit returns a source file of some hundred lines: a table, and functions
// that search and change it.
func projectUnit(n int) string {
	var b strings.Builder
	b.WriteString("#include <ctype.h>\n#include <errno.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n\n")
	b.WriteString("struct entry { char name[32]; long value; struct entry *next; };\nstatic struct entry *table[64];\n\n")
	const functions = 24
	for f := range functions {
		fmt.Fprintf(&b, `static long step%[1]d(const char *name, long seed)
{
	unsigned hash = %[2]du;
	for (const char *p = name; *p; p++)
		hash = hash * %[3]d + (unsigned)tolower((unsigned char)*p);
	struct entry *e;
	for (e = table[hash %% 64]; e; e = e->next)
		if (strcmp(e->name, name) == 0)
			break;
	if (!e) {
		if (!(e = calloc(1, sizeof *e)))
			return -ENOMEM;
		snprintf(e->name, sizeof e->name, "%%s.%%u", name, hash);
		e->next = table[hash %% 64];
		table[hash %% 64] = e;
	}
	switch ((seed + %[1]d) %% 5) {
	case 0: e->value += seed * %[3]d; break;
	case 1: e->value ^= seed << %[4]d; break;
	case 2: e->value -= e->value / (seed | 1); break;
	case 3: e->value = labs(e->value) %% 1009; break;
	default: return e->value + hash;
	}
	return e->value;
}

`, f, n*functions+f, 31+2*f, 1+f%7)
	}
	fmt.Fprintf(&b, "long unit%d(int n)\n{\n\tlong sum = 0;\n", n)
	for f := range functions {
		fmt.Fprintf(&b, "\tsum += step%d(n > %d ? \"left\" : \"right\", sum + n);\n", f, f)
	}
	b.WriteString("\treturn sum;\n}\n")
	return b.String()
}
