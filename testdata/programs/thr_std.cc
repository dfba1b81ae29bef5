// C++ threads: thread, mutex, condition_variable, future, async, thread_local, exceptions across threads.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>

static thread_local int local = 3;

int main()
{
	std::mutex m;
	std::condition_variable cv;
	std::vector<std::thread> threads;
	long sum = 0;
	int ready = 0;
	for (int i = 0; i < 6; i++)
		threads.emplace_back([&, i] {
			local += i;
			std::unique_lock<std::mutex> lock(m);
			ready++;
			cv.notify_all();
			cv.wait(lock, [&] { return ready == 6; });
			sum += local;
		});
	for (auto &t : threads)
		t.join();
	std::printf("sum %ld local %d\n", sum, local);

	auto f = std::async(std::launch::async, [](int n) {
		long s = 0;
		for (int i = 0; i <= n; i++)
			s += i;
		return s;
	}, 1000);
	std::printf("async %ld\n", f.get());

	auto thrown = std::async(std::launch::async, []() -> int { throw std::runtime_error("from a thread"); });
	try {
		thrown.get();
	} catch (const std::exception &e) {
		std::printf("caught [%s]\n", e.what());
	}

	std::promise<int> p;
	std::thread t([&] { p.set_value(99); });
	std::printf("promise %d\n", p.get_future().get());
	t.join();

	std::atomic<int> left{4000};
	std::shared_mutex sm;
	std::atomic<long> taken{0};
	threads.clear();
	for (int i = 0; i < 4; i++)
		threads.emplace_back([&] {
			while (left.fetch_sub(1) > 0) {
				std::shared_lock<std::shared_mutex> l(sm);
				taken++;
			}
		});
	for (auto &t : threads)
		t.join();
	std::printf("taken %ld\n", taken.load());
}
