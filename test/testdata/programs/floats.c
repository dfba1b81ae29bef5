// long double, float and double arithmetic that shows every bit.
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	long double x = 1, y = 0.1L;
	double d = 1;
	float f = 1;
	for (int i = 1; i < 20000; i++) {
		x = x * 1.000001L + sinl(y) / i;
		y = fmodl(y * 1.7L + expl(-x / 1e4L), 10);
		d = d * 0.999999 + cos(d) / i;
		f = f * 0.9999f + sqrtf(i);
	}
	printf("%.25Lg %.25Lg %a %a\n", x, y, d, f);
	int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
	for (int i = 0; i < 4; i++) {
		fesetround(modes[i]);
		volatile double a = 1, b = 3;
		volatile long double c = 1, e = 3;
		printf("%a %La %ld\n", a / b, c / e, lrint(2.5));
	}
	feclearexcept(FE_ALL_EXCEPT);
	volatile double zero = 0;
	volatile double inf = 1 / zero;
	printf("%d %d\n", fetestexcept(FE_DIVBYZERO) != 0, isinf(inf) != 0);
	return 0;
}
