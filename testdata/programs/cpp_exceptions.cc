// flags: -O1
// Exceptions: types, rethrow, destructors in order, through C functions of libc, uncaught in the end.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

struct Noisy {
	const char *name;
	~Noisy() { std::printf("~%s ", name); }
};

static int compare(const void *a, const void *)
{
	if (*(const int *)a == 42)
		throw std::string("from qsort");
	return 1;
}

static void deep(int n)
{
	Noisy x{n % 2 ? "odd" : "even"};
	if (n == 0)
		throw std::out_of_range("bottom");
	deep(n - 1);
}

int main()
{
	try {
		deep(5);
	} catch (const std::exception &e) {
		std::printf("caught %s\n", e.what());
	}
	int a[] = {1, 42, 3, 4};
	try {
		std::qsort(a, 4, sizeof(int), compare);
	} catch (const std::string &s) {
		std::printf("caught %s\n", s.c_str());
	}
	try {
		try {
			std::vector<int>().at(3);
		} catch (...) {
			std::printf("rethrow\n");
			throw;
		}
	} catch (const std::logic_error &) {
		std::printf("logic_error\n");
	}
	long sum = 0;
	for (int i = 0; i < 2000; i++) {
		try {
			std::function<void()> f = [i] { if (i % 3) throw i; };
			f();
		} catch (int v) {
			sum += v;
		}
	}
	std::printf("sum %ld\n", sum);
	try {
		std::vector<int> v = {3, 1, 2};
		std::sort(v.begin(), v.end(), [](int x, int y) { if (x == 2) throw 2.5; return x < y; });
	} catch (double d) {
		std::printf("double %g\n", d);
	}
	std::fflush(stdout);
	std::set_terminate([] { std::printf("terminate\n"); std::exit(33); });
	throw 1;
}
