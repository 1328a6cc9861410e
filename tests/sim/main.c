/* sim [OPTION...] [FILE...]: plays scenario files, TAP; without a file, a
 * campaign of random ones from a seed.  What fails is shrunk and printed as a
 * scenario file. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chance.h"
#include "num.h"
#include "sim.h"

#define FAULTS 60

static const char usage[] =
	"usage: sim [OPTION...] [FILE...]\n"
	"  -s, --seed=N       of the campaign; else a fresh one\n"
	"      --one=N        only the scenario of this seed\n"
	"  -n, --runs=N       so many scenarios (1)\n"
	"  -t, --seconds=N    go on for so much CPU time\n"
	"  -f, --faults=N     in each (60)\n"
	"  -r, --routers=N    in each (2 to 5, drawn)\n"
	"  -i, --interval=DUR of all of them (drawn)\n"
	"  -c, --calm=DUR     besides, before each fault\n"
	"  -w, --write=FILE   what fails, as a scenario; else to stdout\n"
	"  -v, --verbose      every event\n";

struct told {
	uint64_t seed, one, runs, seconds;
	bool has_seed, has_one, verbose;
	const char *write;
	struct sim_wish wish;
};

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void report(const struct sim_stats *st)
{
	double cpu = cpu_seconds(), hours = (double)st->us / 3.6e9;

	printf("# %llu runs, %llu faults, %llu takeovers, %llu bounds, "
	       "%llu refused\n"
	       "# %.0f simulated hours, %llu events, %.2f s CPU: %.0f hours "
	       "per CPU minute, %.1f M events/s\n",
		(unsigned long long)st->runs, (unsigned long long)st->faults,
		(unsigned long long)st->takeovers,
		(unsigned long long)st->bounds, (unsigned long long)st->refused,
		hours, (unsigned long long)st->events, cpu, hours / cpu * 60,
		(double)st->events / cpu / 1e6);
}

static void print_failure(const struct sim_failure *f, FILE *out)
{
	fprintf(out, "# %s: at %.6f s: %s\n", f->invariant, (double)f->at / 1e6,
		f->text);
}

static void write_failure(const struct told *t, const struct scenario *sc,
	const struct sim_failure *f)
{
	FILE *out = t->write ? fopen(t->write, "w") : stdout;

	if (!out) {
		perror(t->write);
		exit(111);
	}
	print_failure(f, out);
	sim_write(sc, out);
	fputs(f->trace, out);
	if (out != stdout)
		fclose(out);
}

/* Shrinks and shows it. */
static void explain(
	const struct told *t, struct scenario *sc, struct sim_failure *f)
{
	int faults = sc->nfaults, routers = sc->n, plays;

	print_failure(f, stdout);
	plays = sim_shrink(sc, f);
	printf("# shrunk in %d plays: %d of %d faults, %d of %d routers\n",
		plays, sc->nfaults, faults, sc->n, routers);
	write_failure(t, sc, f);
}

static bool play_seed(const struct told *t, uint64_t seed, struct sim_stats *st)
{
	struct scenario sc;
	struct sim_failure f;

	sim_draw(&sc, seed, &t->wish);
	if (sim_play(&sc, st, &f, t->verbose ? stdout : NULL))
		return true;
	printf("# run %llu fails; SIM_SEED=%llu repeats it\n",
		(unsigned long long)st->runs, (unsigned long long)seed);
	explain(t, &sc, &f);
	return false;
}

static uint64_t fresh(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int campaign(const struct told *t)
{
	uint64_t seed = t->has_seed ? t->seed : fresh(), rng = seed;
	struct sim_stats st = { 0 };
	bool ok = true;

	if (t->has_one) {
		ok = play_seed(t, t->one, &st);
		report(&st);
		return !ok;
	}
	printf("# campaign --seed=%llu\n", (unsigned long long)seed);
	while (ok && (st.runs < t->runs || cpu_seconds() < (double)t->seconds))
		ok = play_seed(t, rnd(&rng), &st);
	report(&st);
	return !ok;
}

static bool play_file(const struct told *t, const char *name, int n)
{
	FILE *in = fopen(name, "r");
	struct sim_stats st = { 0 };
	struct sim_failure f;
	struct scenario sc;
	char error[SIM_ERROR];
	bool ok;

	if (!in) {
		perror(name);
		exit(111);
	}
	if (!sim_read(&sc, in, error)) {
		fprintf(stderr, "sim: %s: %s\n", name, error);
		exit(100);
	}
	fclose(in);
	ok = sim_play(&sc, &st, &f, t->verbose ? stdout : NULL);
	printf("%sok %d - %s\n", ok ? "" : "not ", n, name);
	if (!ok) {
		print_failure(&f, stdout);
		fputs(f.trace, stdout);
	}
	return ok;
}

static _Noreturn void misuse(void)
{
	fputs(usage, stderr);
	exit(100);
}

static uint64_t number(const char *s, uint64_t min, uint64_t max)
{
	uint64_t n;

	if (!num_u64(s, min, max, &n))
		misuse();
	return n;
}

static void take(struct told *t, int opt)
{
	switch (opt) {
	case 's':
		t->has_seed = true;
		t->seed = number(optarg, 0, UINT64_MAX);
		break;
	case 'o':
		t->has_one = true;
		t->one = number(optarg, 0, UINT64_MAX);
		break;
	case 'n':
		t->runs = number(optarg, 0, UINT64_MAX);
		break;
	case 't':
		t->seconds = number(optarg, 0, 1000000);
		break;
	case 'f':
		t->wish.faults = (int)number(optarg, 1, SIM_FAULTS);
		break;
	case 'r':
		t->wish.routers = (int)number(optarg, 2, SIM_ROUTERS);
		break;
	case 'i':
		if (!dur_parse(optarg, &t->wish.interval) ||
			t->wish.interval % 10000 || !t->wish.interval)
			misuse();
		break;
	case 'c':
		if (!dur_parse(optarg, &t->wish.calm))
			misuse();
		break;
	case 'w':
		t->write = optarg;
		break;
	case 'v':
		t->verbose = true;
		break;
	default:
		misuse();
	}
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "one", required_argument, NULL, 'o' },
		{ "runs", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 't' },
		{ "faults", required_argument, NULL, 'f' },
		{ "routers", required_argument, NULL, 'r' },
		{ "interval", required_argument, NULL, 'i' },
		{ "calm", required_argument, NULL, 'c' },
		{ "write", required_argument, NULL, 'w' },
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	struct told t = { .runs = 1, .wish = { .faults = FAULTS } };
	int opt, bad = 0;

	setlinebuf(stdout);
	while ((opt = getopt_long(
			argc, argv, "s:n:t:f:r:i:c:w:v", longs, NULL)) != -1)
		take(&t, opt);
	if (optind == argc)
		return campaign(&t);
	printf("1..%d\n", argc - optind);
	for (int i = optind; i < argc; i++)
		bad |= !play_file(&t, argv[i], i - optind + 1);
	return bad;
}
