/* Seeds of the simulator: the same ones each time, then a fresh one.
 * SIM_SEED=N runs only that one; SIM_SECONDS=N goes on with fresh ones for so
 * much CPU time. */
#include "t.h"
#include "../sim/sim.h"

#define FAULTS	  60
#define SEEDS	  4000
#define FRESH	  600
#define TAKEOVERS 10000 /* with fewer it would test nothing */

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

static void one_seed(const char *seed)
{
	struct sim_stats st = { 0 };

	assert_true(sim_run(strtoull(seed, NULL, 0), FAULTS, &st));
	report("SIM_SEED", &st, cpu_seconds());
}

static void the_invariants_hold_for_fixed_seeds(void **state)
{
	struct sim_stats st = { 0 };
	double start = cpu_seconds();

	(void)state;
	if (getenv("SIM_SEED")) {
		one_seed(getenv("SIM_SEED"));
		return;
	}
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		assert_true(sim_run(seed, FAULTS, &st));
	assert_true(st.takeovers > TAKEOVERS);
	report("fixed", &st, cpu_seconds() - start);
}

static void the_invariants_hold_for_fresh_seeds(void **state)
{
	const char *secs = getenv("SIM_SECONDS");
	double start = cpu_seconds(), more = secs ? atof(secs) : 0;
	struct sim_stats st = { 0 };
	uint64_t rng;

	(void)state;
	if (getenv("SIM_SEED"))
		return;
	rng = t_seed();
	while (st.runs < FRESH || cpu_seconds() - start < more)
		assert_true(sim_run(t_rand(&rng), FAULTS, &st));
	report("fresh", &st, cpu_seconds() - start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_invariants_hold_for_fixed_seeds),
		cmocka_unit_test(the_invariants_hold_for_fresh_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
