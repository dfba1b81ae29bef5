// flags: -O2
// Containers, virtual calls, dynamic_cast, streams and locale-free formatting.
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <unordered_map>
#include <vector>

struct Shape {
	virtual ~Shape() = default;
	virtual double area() const = 0;
};
struct Square : Shape {
	double s;
	explicit Square(double s) : s(s) {}
	double area() const override { return s * s; }
};
struct Circle : Shape {
	double r;
	explicit Circle(double r) : r(r) {}
	double area() const override { return 3 * r * r; }
};

int main()
{
	std::vector<std::unique_ptr<Shape>> v;
	for (int i = 0; i < 10000; i++)
		if (i * 7919 % 3)
			v.push_back(std::make_unique<Square>(i));
		else
			v.push_back(std::make_unique<Circle>(i));
	double sum = 0;
	int squares = 0;
	for (auto &s : v)
		sum += s->area(), squares += dynamic_cast<Square *>(s.get()) != nullptr;
	std::cout << std::fixed << sum << ' ' << squares << '\n';
	std::map<std::string, int> m;
	std::unordered_map<int, int> u;
	for (int i = 0; i < 20000; i++)
		m[std::to_string(i * 31 % 1000)]++, u[i % 977] += i;
	long h = 0;
	for (auto &[k, n] : m)
		h = h * 31 + k.size() * n;
	for (int i = 0; i < 977; i++)
		h = h * 33 + u[i];
	std::ostringstream o;
	o << std::hex << h;
	std::cout << o.str() << std::endl;
}
