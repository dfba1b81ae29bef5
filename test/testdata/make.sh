# A hundred files compiled by two compilers at a time, and one again.
cat >Makefile <<'END'
objects = $(patsubst %.c,%.o,$(wildcard *.c))
CFLAGS = -O1
all: $(objects)
	$(CC) -o all $(objects)
$(objects): all.h
END
{
	echo 'int main(void) { int sum = 0;'
	for i in $(seq 99); do
		printf '#include "all.h"\nint f%d(int n) { return mix(n, %d); }\n' $i $i >f$i.c
		echo "extern int f$i(int); sum += f$i($i);"
	done
	echo 'return sum % 97; }'
} >main.c
echo 'static inline int mix(int a, int b) { return a * 31 + b; }' >all.h
make -s -j2 && ./all
echo "all $?"
touch f7.c
make -j2 | grep -c f7.c
ls *.o | wc -l
rm ./*
