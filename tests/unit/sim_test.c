/* Campaigns of the simulator: the same seeds each time, then fresh ones; and
 * that it can be trusted: what fails is repeated exactly, by its file too, and
 * shrinks.  SIM_SEED=N plays only the scenario of that seed. */
#include "t.h"
#include "../sim/chance.h"
#include "../sim/sim.h"

#define FIXED	  4000
#define FRESH	  3000
#define TAKEOVERS 10000 /* with fewer it would test nothing */

static const struct sim_wish wish = { .faults = 60 };

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void report(const char *what, const struct sim_stats *st, double cpu)
{
	print_message("           %s: %llu runs, %llu faults, %llu takeovers, "
		      "%llu bounds, %llu refused\n"
		      "           %.0f simulated hours, %llu events, "
		      "%.2f s CPU: %.0f h/s, %.0f events/s\n",
		what, (unsigned long long)st->runs,
		(unsigned long long)st->faults,
		(unsigned long long)st->takeovers,
		(unsigned long long)st->bounds, (unsigned long long)st->refused,
		(double)st->us / 3.6e9, (unsigned long long)st->events, cpu,
		(double)st->us / 3.6e9 / cpu, (double)st->events / cpu);
}

static void play(uint64_t seed, struct sim_stats *st)
{
	struct sim_failure f;
	struct scenario sc;

	sim_draw(&sc, seed, &wish);
	if (sim_play(&sc, st, &f, NULL))
		return;
	print_error("SIM_SEED=%llu: %s: at %.6f s: %s\n",
		(unsigned long long)seed, f.invariant, (double)f.at / 1e6,
		f.text);
	sim_shrink(&sc, &f);
	sim_write(&sc, stderr);
	fail_msg("%s", f.trace);
}

static void campaign(const char *what, uint64_t seed, uint64_t runs)
{
	struct sim_stats st = { 0 };
	double start = cpu_seconds();

	if (getenv("SIM_SEED")) {
		play(strtoull(getenv("SIM_SEED"), NULL, 0), &st);
		return;
	}
	while (st.runs < runs)
		play(rnd(&seed), &st);
	assert_true(st.takeovers > TAKEOVERS * st.runs / FIXED);
	report(what, &st, cpu_seconds() - start);
}

static void the_invariants_hold_for_fixed_seeds(void **state)
{
	(void)state;
	campaign("fixed", 1, FIXED);
}

static void the_invariants_hold_for_fresh_seeds(void **state)
{
	(void)state;
	campaign("fresh", t_seed(), FRESH);
}

static void through_a_file(struct scenario *out, const struct scenario *in)
{
	char error[SIM_ERROR];
	FILE *f = tmpfile();

	assert_non_null(f);
	sim_write(in, f);
	rewind(f);
	if (!sim_read(out, f, error))
		fail_msg("%s", error);
	fclose(f);
}

static void a_file_says_all_of_a_scenario(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct sim_stats drawn = { 0 }, read = { 0 };
		struct scenario sc, again;
		struct sim_failure f;

		sim_draw(&sc, seed, &wish);
		through_a_file(&again, &sc);
		assert_true(sim_play(&sc, &drawn, &f, NULL));
		assert_true(sim_play(&again, &read, &f, NULL));
		assert_memory_equal(&drawn, &read, sizeof read);
	}
}

/* What cannot hold for long among random faults. */
static void demand_few_takeovers(struct scenario *sc)
{
	for (sc->nchecks = 0; sc->nchecks < 20; sc->nchecks++)
		sc->check[sc->nchecks] = (struct sim_check){
			.at = sc->until * (sc->nchecks + 1) / 20,
			.kind = CHECK_TAKEOVERS,
			.most = true,
			.num = 3,
		};
}

static void what_fails_shrinks_to_what_fails_again(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct sim_stats st = { 0 };
		struct sim_failure f, again;
		struct scenario sc, file;

		sim_draw(&sc, seed, &wish);
		demand_few_takeovers(&sc);
		assert_false(sim_play(&sc, &st, &f, NULL));
		sim_shrink(&sc, &f);
		assert_true(sc.nfaults + sc.n <= 6); /* of 60 and 5 */
		through_a_file(&file, &sc);
		assert_false(sim_play(&file, &st, &again, NULL));
		assert_true(f.at == again.at);
		assert_string_equal(f.text, again.text);
		assert_string_equal(f.trace, again.trace);
	}
}

static void a_bad_file_is_refused(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "r0 prio=1\n", "fewer than two routers" },
		{ "r0 prio=1\nr0 prio=2\n", "line 2: r0" },
		{ "r5 prio=1\n", "line 1: r5" },
		{ "r0 host=9\n", "line 1: no prio=" },
		{ "r0 prio=256\n", "line 1: prio=256" },
		{ "r0 prio=1 clock=+10001ppm\n", "line 1: clock=+10001ppm" },
		{ "net versoin=3\n", "line 1: versoin=3" },
		{ "\n# two\nat 1s crush r0\n", "line 3: crush" },
		{ "at 1s crash r0>r1\n", "line 1: r0>r1" },
		{ "at 1s one-way r0\n", "line 1: r0" },
		{ "at 1s loss r0>*\n", "line 1: no number" },
		{ "at 2s junk r0\nat 1s junk r0\n",
			"line 2: earlier than the last" },
		{ "at 1s expect masters=r0\n", "line 1: masters" },
		{ "until tomorrow\n", "line 1: no time" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char error[SIM_ERROR], *text = strdup(rows[i].text);
		FILE *f = fmemopen(text, strlen(text), "r");
		struct scenario sc;

		assert_false(sim_read(&sc, f, error));
		CHECK_STR(rows[i].text, error, rows[i].error);
		fclose(f);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_invariants_hold_for_fixed_seeds),
		cmocka_unit_test(the_invariants_hold_for_fresh_seeds),
		cmocka_unit_test(a_file_says_all_of_a_scenario),
		cmocka_unit_test(what_fails_shrinks_to_what_fails_again),
		cmocka_unit_test(a_bad_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
