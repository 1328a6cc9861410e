#include "t.h"
#include "steady.h"

#define S US_PER_S

static const int64_t wall = INT64_C(1767225600) * US_PER_S;

static int64_t at(struct steady *s, int64_t stamp, int64_t read)
{
	return steady_us(s, wall + stamp * S, (struct mono){ read * S }) - wall;
}

static void it_is_the_time_of_the_packet(void **state)
{
	struct steady s = { 0 };

	(void)state;
	assert_int_equal(steady_now(&s, (struct mono){ 5 }), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(at(&s, i, 100 + i), i * S);
	assert_int_equal(
		steady_now(&s, (struct mono){ 115 * S }), wall + 15 * S);
}

static void what_is_read_late_keeps_its_time(void **state)
{
	struct steady s = { 0 };

	(void)state;
	at(&s, 0, 100);
	for (int i = 1; i < 20; i++)
		assert_int_equal(at(&s, i, 120), i * S);
	assert_int_equal(at(&s, 21, 121), 21 * S);
	assert_int_equal(
		steady_now(&s, (struct mono){ 122 * S }), wall + 22 * S);
}

static void steps_are_taken_out(void **state)
{
	struct steady s = { 0 };

	(void)state;
	at(&s, 0, 100);
	assert_int_equal(at(&s, 3601, 101), 1 * S);
	assert_int_equal(at(&s, 3602, 102), 2 * S);
	assert_int_equal(at(&s, 3, 103), 3 * S);
	assert_int_equal(at(&s, -3596, 104), 4 * S);
	assert_int_equal(
		steady_now(&s, (struct mono){ 105 * S }), wall + 5 * S);
}

static void silence_is_no_step(void **state)
{
	struct steady s = { 0 };

	(void)state;
	at(&s, 0, 100);
	assert_int_equal(at(&s, 900, 1000), 900 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_time_of_the_packet),
		cmocka_unit_test(what_is_read_late_keeps_its_time),
		cmocka_unit_test(steps_are_taken_out),
		cmocka_unit_test(silence_is_no_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
