#include "t.h"
#include "num.h"

static const struct {
	const char *s;
	uint64_t min, max;
	bool ok;
	uint64_t want;
} u64_rows[] = {
	{ "0", 0, 255, true, 0 },
	{ "255", 0, 255, true, 255 },
	{ "256", 0, 255, false, 0 },
	{ "1", 2, 255, false, 0 },
	{ "2", 2, 2, true, 2 },
	{ "007", 0, 255, true, 7 },
	{ "", 0, 255, false, 0 },
	{ " 1", 0, 255, false, 0 },
	{ "1 ", 0, 255, false, 0 },
	{ "1\n", 0, 255, false, 0 },
	{ "+1", 0, 255, false, 0 },
	{ "-1", 0, 255, false, 0 },
	{ "0x10", 0, 255, false, 0 },
	{ "1e2", 0, 255, false, 0 },
	{ "1.0", 0, 255, false, 0 },
	{ "1,000", 0, 5000, false, 0 },
	{ "\xd9\xa1", 0, 255, false, 0 }, /* Arabic-Indic one */
	{ "18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX },
	{ "18446744073709551616", 0, UINT64_MAX, false, 0 },
	{ "18446744073709551617", 0, UINT64_MAX, false, 0 },
	{ "28446744073709551615", 0, UINT64_MAX, false, 0 },
	{ "99999999999999999999999999", 0, UINT64_MAX, false, 0 },
	{ "00000000000000000000000000001", 0, UINT64_MAX, true, 1 },
};

static void whole_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(u64_rows); i++) {
		uint64_t v = 4711;
		bool ok = num_u64(
			u64_rows[i].s, u64_rows[i].min, u64_rows[i].max, &v);

		CHECK_NUM(u64_rows[i].s, ok, u64_rows[i].ok);
		CHECK_NUM(u64_rows[i].s, v, ok ? u64_rows[i].want : 4711);
	}
}

static const struct {
	const char *s;
	int min, max;
	bool ok;
	int want;
} int_rows[] = {
	{ "-10", -253, 253, true, -10 },
	{ "+10", -253, 253, true, 10 },
	{ "10", -253, 253, true, 10 },
	{ "-0", -1, 1, true, 0 },
	{ "-254", -253, 253, false, 0 },
	{ "254", -253, 253, false, 0 },
	{ "--1", -253, 253, false, 0 },
	{ "+-1", -253, 253, false, 0 },
	{ "-", -253, 253, false, 0 },
	{ "+", -253, 253, false, 0 },
	{ "", -253, 253, false, 0 },
	{ "- 1", -253, 253, false, 0 },
	{ "2147483647", INT32_MIN, INT32_MAX, true, INT32_MAX },
	{ "-2147483647", INT32_MIN, INT32_MAX, true, -INT32_MAX },
	{ "2147483648", INT32_MIN, INT32_MAX, false, 0 },
	{ "18446744073709551615", INT32_MIN, INT32_MAX, false, 0 },
};

static void signed_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(int_rows); i++) {
		int v = 4711;
		bool ok = num_int(
			int_rows[i].s, int_rows[i].min, int_rows[i].max, &v);

		CHECK_NUM(int_rows[i].s, ok, int_rows[i].ok);
		CHECK_NUM(int_rows[i].s, v, ok ? int_rows[i].want : 4711);
	}
}

#define S INT64_C(1000000)

static const struct {
	const char *s;
	int64_t want; /* -1: refused */
} dur_rows[] = {
	{ "1", S },
	{ "0", 0 },
	{ "0ms", 0 },
	{ "1s", S },
	{ "01s", S },
	{ "1.5", 1500000 },
	{ "1.5s", 1500000 },
	{ "1.500000s", 1500000 },
	{ "0.000001", 1 },
	{ "0.000001s", 1 },
	{ "1.000001s", 1000001 },
	{ "250ms", 250000 },
	{ "0.25ms", 250 },
	{ "0.001ms", 1 },
	{ "800us", 800 },
	{ "2m", 120 * S },
	{ "1.5m", 90 * S },
	{ "0.000001m", 60 },
	{ "1h", 3600 * S },
	{ "1.25h", 4500 * S },
	{ "1d", 86400 * S },
	{ "366d", 366 * 86400 * S },
	{ "31622400", 366 * 86400 * S },
	{ "", -1 },
	{ "s", -1 },
	{ ".5s", -1 },
	{ "1.s", -1 },
	{ "1.", -1 },
	{ ".", -1 },
	{ "1..5s", -1 },
	{ "1.5.5s", -1 },
	{ "-1s", -1 },
	{ "+1s", -1 },
	{ " 1s", -1 },
	{ "1s ", -1 },
	{ "1 s", -1 },
	{ "1S", -1 },
	{ "1MS", -1 },
	{ "1sec", -1 },
	{ "1ss", -1 },
	{ "1ms1s", -1 },
	{ "1ns", -1 },
	{ "1w", -1 },
	{ "1y", -1 },
	{ "0x1s", -1 },
	{ "1e3ms", -1 },
	{ "1,5s", -1 },
	{ "inf", -1 },
	{ "nan", -1 },
	{ "1.5us", -1 }, /* half a microsecond is none */
	{ "0.0001ms", -1 },
	{ "1.0000001s", -1 }, /* seven digits */
	{ "1.0000000s", -1 },
	{ "366.000001d", -1 },
	{ "367d", -1 },
	{ "31622401", -1 },
	{ "31622400.000001", -1 },
	{ "9223372036854775807us", -1 },
	{ "9223372036854775807", -1 },
	{ "18446744073709551615d", -1 },
	{ "18446744073709551616us", -1 },
	{ "99999999999999999999d", -1 },
};

static void durations(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(dur_rows); i++) {
		int64_t us = -1;
		bool ok = dur_parse(dur_rows[i].s, &us);

		CHECK_NUM(dur_rows[i].s, ok, dur_rows[i].want >= 0);
		if (ok)
			CHECK_NUM(dur_rows[i].s, us, dur_rows[i].want);
	}
}

static const struct {
	int64_t us;
	const char *want;
} str_rows[] = {
	{ 0, "0s" },
	{ 1, "1us" },
	{ 999, "999us" },
	{ 1000, "1ms" },
	{ 1001, "1001us" },
	{ 250000, "250ms" },
	{ 1000000, "1s" },
	{ 1500000, "1500ms" },
	{ 60000000, "60s" },
	{ 1000001, "1000001us" },
	{ DUR_MAX, "31622400s" },
	{ DUR_MAX - 1, "31622399999999us" },
};

static void durations_as_text(void **state)
{
	char buf[DUR_STRLEN];
	int64_t back;

	(void)state;
	for (size_t i = 0; i < N_OF(str_rows); i++) {
		CHECK_STR(str_rows[i].want, dur_str(str_rows[i].us, buf),
			str_rows[i].want);
		assert_true(dur_parse(buf, &back));
		CHECK_NUM(str_rows[i].want, back, str_rows[i].us);
	}
}

static void numbers_as_text(void **state)
{
	char buf[NUM_STRLEN];

	(void)state;
	assert_string_equal(num_str(0, buf), "0");
	assert_string_equal(num_str(10, buf), "10");
	assert_string_equal(num_str(UINT64_MAX, buf), "18446744073709551615");
}

static void random_durations_come_back(void **state)
{
	uint64_t rng = t_seed();
	char buf[DUR_STRLEN];
	int64_t back;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t us = (int64_t)t_below(&rng, (uint64_t)DUR_MAX + 1);

		us >>= t_below(&rng, 45);
		assert_true(dur_parse(dur_str(us, buf), &back));
		CHECK_NUM(buf, back, us);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(signed_numbers),
		cmocka_unit_test(durations),
		cmocka_unit_test(durations_as_text),
		cmocka_unit_test(numbers_as_text),
		cmocka_unit_test(random_durations_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
