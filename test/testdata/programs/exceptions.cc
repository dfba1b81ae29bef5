// Exceptions thrown through frames of other libraries.
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <stdlib.h>

struct Trace {
	const char *name;
	static int alive;
	explicit Trace(const char *n) : name(n) { alive++; }
	~Trace() { alive--; }
};
int Trace::alive;

static int compare(const void *a, const void *b)
{
	Trace t("compare");
	int x = *static_cast<const int *>(a), y = *static_cast<const int *>(b);
	if (x == 57 && y == 58)
		throw std::out_of_range("met " + std::to_string(x));
	return x - y;
}

static int deep(int n)
{
	Trace t("deep");
	if (n == 0)
		throw std::string("bottom");
	return deep(n - 1) + 1;
}

int main()
{
	int caught = 0;
	for (int i = 0; i < 2000; i++) {
		try {
			Trace t("loop");
			if (i % 3 == 0)
				throw i;
			if (i % 3 == 1)
				std::vector<int>(3).at(i);
			deep(i % 50);
		} catch (int n) {
			caught += n == i;
		} catch (const std::exception &e) {
			caught++;
		} catch (const std::string &s) {
			caught += s == "bottom";
		}
	}
	std::cout << caught << " caught, " << Trace::alive << " alive\n";
	try { // through qsort of libc
		int v[100];
		for (int i = 0; i < 100; i++)
			v[i] = i;
		qsort(v, 100, sizeof *v, compare);
	} catch (const std::out_of_range &e) {
		std::cout << e.what() << ", " << Trace::alive << " alive\n";
	}
	try { // out of libstdc++
		std::regex("(unclosed");
	} catch (const std::regex_error &e) {
		std::cout << "regex error " << e.code() << "\n";
	}
	try {
		try {
			throw std::runtime_error("inner");
		} catch (...) {
			std::throw_with_nested(std::logic_error("outer"));
		}
	} catch (const std::exception &e) {
		std::cout << e.what();
		try {
			std::rethrow_if_nested(e);
		} catch (const std::exception &in) {
			std::cout << " " << in.what() << std::endl;
		}
	}
	throw 1; // ends by SIGABRT
}
