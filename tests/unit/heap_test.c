#include "t.h"
#include "heap.h"

/* Timers against a plain search for the least. */

#define N 300

struct rig {
	struct timer t[N], *room[N];
	struct heap h;
	uint32_t seed;
};

static uint32_t dice(struct rig *r, uint32_t sides)
{
	r->seed = r->seed * 1664525u + 1013904223u;
	return (r->seed >> 8) % sides;
}

static void begin(struct rig *r, uint32_t seed)
{
	*r = (struct rig){ .seed = seed };
	r->h.v = r->room;
}

static bool in_order(const struct heap *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i]->at != i + 1 ||
			(i && h->v[i]->when.us < h->v[(i - 1) / 2]->when.us))
			return false;
	return true;
}

static int64_t least(const struct rig *r)
{
	int64_t us = INT64_MAX;

	for (size_t i = 0; i < N; i++)
		if (r->t[i].at && r->t[i].when.us < us)
			us = r->t[i].when.us;
	return us;
}

static void an_empty_heap_has_no_first(void **state)
{
	static struct rig r;

	(void)state;
	begin(&r, 1);
	assert_null(heap_top(&r.h));
	heap_remove(&r.h, &r.t[0]); /* is not in it */
	assert_null(heap_top(&r.h));
}

static void the_first_is_the_least_whatever_is_done(void **state)
{
	static struct rig r;

	(void)state;
	for (uint32_t seed = 0; seed < 20; seed++) {
		begin(&r, seed);
		for (int step = 0; step < 3000; step++) {
			struct timer *t = &r.t[dice(&r, N)];

			if (dice(&r, 3) == 0)
				heap_remove(&r.h, t);
			else
				heap_set(&r.h, t,
					(struct mono){ dice(&r, 1000) });
			assert_true(in_order(&r.h));
			if (heap_top(&r.h))
				assert_int_equal(
					heap_top(&r.h)->when.us, least(&r));
		}
	}
}

static void they_come_out_in_order(void **state)
{
	static struct rig r;
	int64_t before = -1;
	size_t n = 0;

	(void)state;
	begin(&r, 7);
	for (size_t i = 0; i < N; i++)
		heap_set(&r.h, &r.t[i], (struct mono){ dice(&r, 100) });
	for (struct timer *t; (t = heap_top(&r.h)); n++) {
		assert_true(t->when.us >= before);
		before = t->when.us;
		heap_remove(&r.h, t);
	}
	assert_int_equal(n, N);
}

static void never_comes_last(void **state)
{
	static struct rig r;

	(void)state;
	begin(&r, 3);
	heap_set(&r.h, &r.t[0], MONO_NEVER);
	heap_set(&r.h, &r.t[1], (struct mono){ 5 });
	assert_ptr_equal(heap_top(&r.h), &r.t[1]);
	heap_set(&r.h, &r.t[1], MONO_NEVER);
	heap_set(&r.h, &r.t[0], (struct mono){ 4 });
	assert_ptr_equal(heap_top(&r.h), &r.t[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_heap_has_no_first),
		cmocka_unit_test(the_first_is_the_least_whatever_is_done),
		cmocka_unit_test(they_come_out_in_order),
		cmocka_unit_test(never_comes_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
