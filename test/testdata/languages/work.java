import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.*;

// What makes the compilers and the collector work, in threads.
class Work {
	interface Shape { double area(); }
	record Round(double r) implements Shape { public double area() { return 3 * r * r; } }
	record Square(double side) implements Shape { public double area() { return side * side; } }

	static int depth(int n) { return depth(n + 1) + 1; }

	static long primes(int limit) {
		return IntStream.range(2, limit).parallel().filter(n -> IntStream.iterate(2, d -> d * d <= n, d -> d + 1).noneMatch(d -> n % d == 0)).count();
	}

	public static void main(String[] args) throws Exception {
		Shape[] shapes = IntStream.range(0, 100_000).mapToObj(i -> i % 3 == 0 ? new Round(i % 100) : new Square(i % 50)).toArray(Shape[]::new);
		for (int i = 0; i < 10; i++)
			System.out.println(Arrays.stream(shapes).mapToDouble(Shape::area).sum() + i);
		System.out.println(primes(20_000));

		var count = new ConcurrentHashMap<String, LongAdder>();
		var threads = new ArrayList<Thread>();
		for (int t = 0; t < 4; t++) {
			var thread = new Thread(() -> {
				for (int i = 0; i < 30_000; i++)
					count.computeIfAbsent("k" + (i * 7919) % 1009, k -> new LongAdder()).add(i);
			});
			thread.start();
			threads.add(thread);
		}
		for (var t : threads) t.join();
		System.out.println(count.size() + " " + count.values().stream().mapToLong(LongAdder::sum).sum());

		var kept = new ArrayDeque<byte[]>();
		for (int i = 0; i < 20_000; i++) {
			kept.add(new byte[10_000]);
			if (kept.size() > 300) kept.remove();
		}
		System.gc();
		System.out.println(kept.size());
		try {
			depth(0);
		} catch (StackOverflowError e) {
			System.out.println("too deep");
		}
		String nothing = args.length == 0 ? null : "";
		int caught = 0;
		for (int i = 0; i < 20_000; i++)
			try {
				caught += nothing.length();
			} catch (NullPointerException e) {
				caught++;
			}
		System.out.println(caught);
		Object turn = new Object();
		int[] whose = {0};
		var ping = new Thread(() -> {
			for (int i = 0; i < 1000; i++)
				synchronized (turn) {
					while (whose[0] != 1) try { turn.wait(); } catch (InterruptedException e) { return; }
					whose[0] = 0;
					turn.notify();
				}
		});
		ping.start();
		for (int i = 0; i < 1000; i++)
			synchronized (turn) {
				while (whose[0] != 0) turn.wait();
				whose[0] = 1;
				turn.notify();
			}
		ping.join();
		System.out.println("done");
	}
}
