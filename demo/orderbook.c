/* A toy exchange. It takes 20,000 orders and crashes when it closes, because
 * of something that happened long before. */
#include <stdio.h>
#include <stdlib.h>

#define ORDERS 20000
#define LEVELS 10 /* prices 0-9, 10-19, ... 90-99 */

struct report {
	const char *title;
	long orders, shares;
};

struct book {
	long last[LEVELS]; /* number of the last order at each level */
	struct report *report;
};

struct order {
	long number;
	int price, shares;
};

static struct order next_order(long number)
{
	static unsigned long seed = 1;
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	struct order o = { number, (int)((seed >> 33) % 100), (int)((seed >> 40) % 50) + 1 };
	if (number == 4711)
		o.price = 100; /* a customer who pays the highest price */
	return o;
}

static void place(struct book *b, const struct order *o)
{
	b->last[o->price / 10] = o->number;
}

static void close_book(struct book *b, long shares)
{
	b->report->orders = ORDERS;
	b->report->shares = shares;
	printf("%s: %ld orders, %ld shares\n", b->report->title, b->report->orders, b->report->shares);
}

int main(void)
{
	struct book *book = calloc(1, sizeof *book);
	book->report = calloc(1, sizeof *book->report);
	book->report->title = "the day";

	long shares = 0;
	for (long number = 1; number <= ORDERS; number++) {
		struct order o = next_order(number);
		place(book, &o);
		shares += o.shares;
	}
	fputs("closing the book\n", stderr);
	close_book(book, shares);
	return 0;
}
