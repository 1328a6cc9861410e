#include "t.h"
#include "mono.h"

static const struct mono start = { 12345 };

/* Waits for a deadline as poll(2) would, and oversleeps each time by so much of
 * the wait; how late that is at the end, and how often it woke. */
static int64_t lateness(int64_t wait, int64_t share, unsigned *wakes)
{
	struct mono deadline = mono_add(start, wait), now = start;

	for (*wakes = 0; !mono_due(deadline, now); ++*wakes) {
		int64_t us = mono_diff(mono_wake(deadline, now), now);

		now = mono_add(now, us + us / share);
	}
	return mono_diff(now, deadline);
}

static void no_wait_ends_late(void **state)
{
	unsigned wakes;

	(void)state;
	for (int64_t us = 1; us < 3600 * US_PER_S; us += us / 3 + 1) {
		assert_in_range(lateness(us, 1000, &wakes), 0, 50);
		assert_in_range(wakes, 1, 5);
		assert_in_range(lateness(us, 200, &wakes), 0, 250);
		assert_in_range(wakes, 1, 8);
	}
}

static void a_wait_that_is_not_long_is_one(void **state)
{
	unsigned wakes;

	(void)state;
	lateness(34 * US_PER_MS, 1000, &wakes);
	assert_int_equal(wakes, 1);
	lateness(US_PER_S, 1000, &wakes);
	assert_int_equal(wakes, 2);
}

static void what_is_due_or_never_is_left(void **state)
{
	const struct mono now = { 5 * US_PER_S }, past = { 1 };

	(void)state;
	assert_int_equal(mono_wake(past, now).us, 1);
	assert_int_equal(mono_wake(now, now).us, now.us);
	assert_true(mono_is_never(mono_wake(MONO_NEVER, now)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_wait_ends_late),
		cmocka_unit_test(a_wait_that_is_not_long_is_one),
		cmocka_unit_test(what_is_due_or_never_is_left),
	};

	return cmocka_run_group_tests_name("mono", tests, NULL, NULL);
}
