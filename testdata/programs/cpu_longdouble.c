// flags: -lm
// long double, x87 control word and rounding, denormals, NaN.
#include "prog.h"
#include <fenv.h>
#include <math.h>

int main(void)
{
	volatile long double a = 1.0L, b = 3.0L, s = 0;
	printf("%.20Lg %.20Lg\n", a / b, sqrtl(2 * a));
	for (int i = 1; i < 100000; i++)
		s += 1 / (b * i);
	printf("%.18Lg\n", s);
	printf("%.18Lg %.18Lg %.18Lg\n", sinl(a), expl(b), powl(b, 40.5L));
	static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
	for (int i = 0; i < 4; i++) {
		fesetround(modes[i]);
		volatile double x = 1, y = 10;
		printf("%a %lld %.3f\n", x / y, llrintl(a * 2.5L), 2.0005);
	}
	fesetround(FE_TONEAREST);
	feclearexcept(FE_ALL_EXCEPT);
	volatile double z = 0, inf = a / z;
	printf("%g %d %d\n", inf, fetestexcept(FE_DIVBYZERO) != 0, fetestexcept(FE_INVALID) != 0);
	printf("%d %g %d\n", isnan(sqrt(-1.0 - z)), 5e-324 / (z + 2), fetestexcept(FE_INVALID) != 0);
}
