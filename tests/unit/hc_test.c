#include "t.h"
#include "hc.h"

#define MS(n) ((struct mono){ (n)*US_PER_MS })

static struct hc_rule rule(unsigned rise, unsigned fall, unsigned forgive)
{
	return (struct hc_rule){ .every = 5 * US_PER_S,
		.fast = US_PER_S,
		.rise = rise,
		.fall = fall,
		.forgive = forgive };
}

/* Results, + and -; what was said after each: U, D or a dot. */
static const struct {
	const char *name;
	unsigned rise, fall, forgive;
	const char *results, *want;
} rows[] = {
	{ "first verdict up", 2, 3, 1, "++", ".U" },
	{ "first verdict down", 2, 3, 1, "---", "..D" },
	{ "before the first, failures add up", 2, 3, 1, "-+-+-", "....D" },
	{ "at once", 1, 1, 1, "+-+-", "UDUD" },
	{ "a success clears the failures", 1, 3, 1, "+--+--+--", "U........" },
	{ "fall in a row", 1, 3, 1, "+--+---", "U.....D" },
	{ "rise in a row", 3, 1, 1, "-++-+++", "D.....U" },
	{ "every other time is not seen", 1, 3, 1, "+-+-+-+-", "U......." },
	{ "but with forgive 2 it is", 1, 3, 2, "+-+-+-+-", "U....DU." },
	{ "forgiven", 1, 3, 2, "+-+-++-+-", "U........" },
	{ "up again", 1, 2, 1, "+--+", "U.DU" },
	{ "down stays", 2, 1, 1, "----+-", "D....." },
};

static void verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct hc_rule r =
			rule(rows[i].rise, rows[i].fall, rows[i].forgive);
		char got[32] = "";
		struct hc h;

		hc_init(&h, &r, 0, 0, MS(0));
		for (const char *s = rows[i].results; *s; s++) {
			bool said = hc_result(&h, &r, *s == '+');

			strcat(got, !said ? "." : h.state == HC_UP ? "U" : "D");
		}
		CHECK_STR(rows[i].name, got, rows[i].want);
	}
}

static void spread(void **state)
{
	struct hc_rule r = rule(2, 3, 1);
	const uint32_t n = 10000;
	unsigned per[100] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		struct hc h;

		hc_init(&h, &r, i, US_PER_S, MS(7));
		assert_true(h.next.us >= MS(7).us && h.next.us < MS(1007).us);
		assert_true(h.base.us >= MS(7).us && h.base.us < MS(5007).us);
		per[(h.base.us - MS(7).us) / (r.every / 100)]++;
	}
	for (int i = 0; i < 100; i++) /* a hundredth each, but for one or two */
		assert_in_range(per[i], n / 100 - 2, n / 100 + 2);
}

static void first_is_at_once(void **state)
{
	struct hc_rule r = rule(2, 3, 1);
	struct hc h;

	(void)state;
	hc_init(&h, &r, 0, 0, MS(500));
	assert_int_equal(h.next.us, MS(500).us);
}

static void grid(void **state)
{
	struct hc_rule r = rule(1, 2, 1);
	struct hc h;

	(void)state;
	hc_init(&h, &r, 0, 0, MS(100));
	hc_result(&h, &r, true);
	hc_schedule(&h, &r, MS(133)); /* a probe takes its time */
	assert_int_equal(h.next.us, MS(5100).us);
	hc_result(&h, &r, true);
	hc_schedule(&h, &r, MS(5990));
	assert_int_equal(h.next.us, MS(10100).us);
	hc_result(&h, &r, true);
	hc_schedule(&h, &r, MS(31000)); /* we slept: what was missed is gone */
	assert_int_equal(h.next.us, MS(35100).us);
	hc_schedule(&h, &r, MS(35100)); /* never twice at one point */
	assert_int_equal(h.next.us, MS(40100).us);
}

static void fast(void **state)
{
	struct hc_rule r = rule(2, 2, 1);
	struct hc h;

	(void)state;
	hc_init(&h, &r, 0, 0, MS(0));
	hc_result(&h, &r, true); /* undecided */
	hc_schedule(&h, &r, MS(10));
	assert_int_equal(h.next.us, MS(1000).us);
	hc_result(&h, &r, true); /* up */
	hc_schedule(&h, &r, MS(1010));
	assert_int_equal(h.next.us, MS(5000).us);
	hc_result(&h, &r, false);
	assert_true(hc_in_transition(&h));
	hc_schedule(&h, &r, MS(7000)); /* a timeout of 2 s */
	assert_int_equal(h.next.us, MS(8000).us);
	hc_result(&h, &r, false); /* down */
	hc_schedule(&h, &r, MS(8001));
	assert_int_equal(h.next.us, MS(10000).us); /* the grid of old */
	hc_result(&h, &r, true);		   /* coming up */
	hc_schedule(&h, &r, MS(10001));
	assert_int_equal(h.next.us, MS(11000).us);
}

static void slower_fast_is_ignored(void **state)
{
	struct hc_rule r = rule(2, 2, 1);
	struct hc h;

	(void)state;
	r.every = US_PER_S / 2;
	hc_init(&h, &r, 0, 0, MS(0));
	hc_schedule(&h, &r, MS(1));
	assert_int_equal(h.next.us, MS(500).us);
}

static void regrid(void **state)
{
	struct hc_rule r = rule(1, 1, 1);
	struct hc h;

	(void)state;
	r.every = 3600 * US_PER_S;
	hc_init(&h, &r, 0, 0, MS(0));
	hc_result(&h, &r, true);
	hc_schedule(&h, &r, MS(1));
	r.every = US_PER_S;
	hc_regrid(&h, &r, MS(10));
	assert_true(mono_diff(h.next, MS(10)) <= r.every);
	assert_int_equal(h.state, HC_UP);
	hc_schedule(&h, &r, MS(5000));
	assert_true(mono_diff(h.next, MS(5000)) <= r.every);
}

/* Any results: the state is what the counts say, and next is in the future. */
static void random_results(void **state)
{
	uint64_t seed = t_seed();

	(void)state;
	for (int run = 0; run < 200; run++) {
		struct hc_rule r = rule(1 + (unsigned)t_below(&seed, 4),
			1 + (unsigned)t_below(&seed, 4),
			1 + (unsigned)t_below(&seed, 4));
		struct mono now = MS(0);
		unsigned good = 0, bad = 0;
		struct hc h;

		hc_init(&h, &r, (uint32_t)run, US_PER_S, now);
		for (int i = 0; i < 200; i++) {
			bool ok = t_below(&seed, 3);
			enum hc_state was = h.state;
			bool said;

			now = mono_add(
				h.next, (int64_t)t_below(&seed, 9000000));
			said = hc_result(&h, &r, ok);
			good = ok ? good + 1 : 0;
			bad = ok ? 0 : bad + 1;
			assert_int_equal(said, was != h.state);
			if (said && h.state == HC_UP)
				assert_true(good >= r.rise);
			if (bad >= r.fall)
				assert_int_equal(h.state, HC_DOWN);
			if (good >= r.rise)
				assert_int_equal(h.state, HC_UP);
			hc_schedule(&h, &r, now);
			assert_true(mono_before(now, h.next));
			assert_true(mono_diff(h.next, now) <= r.every);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(spread),
		cmocka_unit_test(first_is_at_once),
		cmocka_unit_test(grid),
		cmocka_unit_test(fast),
		cmocka_unit_test(slower_fast_is_ignored),
		cmocka_unit_test(regrid),
		cmocka_unit_test(random_results),
	};

	return cmocka_run_group_tests_name("hc", tests, NULL, NULL);
}
