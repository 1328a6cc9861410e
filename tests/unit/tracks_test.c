#include "t.h"
#include "../../vrrp-elect/tracks.c"

/* Health lines to priorities: keepalived's arithmetic, row by row. */

static struct track room[TRACKS_MAX];

static bool take(struct tracks *ts, const char *text)
{
	char buf[LINE_MAX_LEN];
	struct line l;

	snprintf(buf, sizeof buf, "%s", text);
	assert_true(line_parse(&l, buf));
	return tracks_take(ts, &l);
}

/* "", "waiting-NAME" or "track-NAME", as the router says it. */
static const char *fault(const struct tracks *ts)
{
	static char text[TRACK_NAME_LEN + 16];
	bool unknown = false;
	const char *name = tracks_fault(ts, &unknown);

	snprintf(text, sizeof text, "%s%s",
		!name	  ? ""
		: unknown ? "waiting-"
			  : "track-",
		name ? name : "");
	return text;
}

#define FAULT(ts, want)	     CHECK_STR(__func__, fault(ts), want)
#define PRIO(ts, base, want) CHECK_NUM(__func__, tracks_prio(ts, base, 0), want)

static const struct row {
	const char *name;
	int weight; /* 0: none */
	const char *line;
	int prio; /* of 100 */
	const char *fault;
} rows[] = {
	{ "none, not heard of", 0, NULL, 100, "waiting-web" },
	{ "none, UP", 0, "UP web", 100, "" },
	{ "none, DOWN", 0, "DOWN web", 100, "track-web" },
	{ "none, MASTER", 0, "MASTER web", 100, "" },
	{ "none, BACKUP", 0, "BACKUP web", 100, "track-web" },
	{ "none, FAULT", 0, "FAULT web", 100, "track-web" },
	{ "none, INIT", 0, "INIT web", 100, "track-web" },
	{ "none, another word", 0, "HELD web", 100, "waiting-web" },
	{ "none, another subject", 0, "UP db", 100, "waiting-web" },
	{ "none, part of the name", 0, "UP we", 100, "waiting-web" },
	{ "none, other facts", 0, "DOWN web why=x", 100, "track-web" },

	{ "+20, not heard of", 20, NULL, 100, "" },
	{ "+20, UP", 20, "UP web", 120, "" },
	{ "+20, DOWN", 20, "DOWN web", 100, "" },
	{ "+20, MASTER", 20, "MASTER web", 120, "" },
	{ "+20, BACKUP", 20, "BACKUP web", 100, "" },
	{ "+20, FAULT", 20, "FAULT web", 100, "" },
	{ "-20, not heard of", -20, NULL, 100, "" },
	{ "-20, UP", -20, "UP web", 100, "" },
	{ "-20, DOWN", -20, "DOWN web", 80, "" },
	{ "-20, MASTER", -20, "MASTER web", 100, "" },
	{ "-20, BACKUP", -20, "BACKUP web", 80, "" },
	{ "-20, INIT", -20, "INIT web", 80, "" },

	{ "own +7 of none, UP", 0, "UP web weight=7", 107, "" },
	{ "own +7 of none, DOWN", 0, "DOWN web weight=7", 107, "" },
	{ "own -7 of none, UP", 0, "UP web weight=-7", 93, "" },
	{ "own -7 of none, DOWN", 0, "DOWN web weight=-7", 93, "" },
	{ "own 0 of none, DOWN", 0, "DOWN web weight=0", 100, "" },
	{ "own +7 of +20, UP", 20, "UP web weight=+7", 107, "" },
	{ "own +7 of +20, DOWN", 20, "DOWN web weight=7", 107, "" },
	{ "own -7 of -20, UP", -20, "UP web weight=-7", 93, "" },
	{ "own -7 of -20, DOWN", -20, "DOWN web weight=-7", 93, "" },
	{ "own 0 of -20, DOWN", -20, "DOWN web weight=0", 100, "" },
	{ "own 154", 0, "UP web weight=154", 254, "" },
	{ "own -254", 0, "UP web weight=-254", 1, "" },

	{ "own 255", -20, "DOWN web weight=255", 80, "" },
	{ "own -255", 0, "DOWN web weight=-255", 100, "track-web" },
	{ "own, empty", -20, "DOWN web weight=", 80, "" },
	{ "own, a word", 20, "UP web weight=x", 120, "" },
	{ "own, a fraction", 20, "UP web weight=1.5", 120, "" },
};

static void keepalived_s_arithmetic(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		const struct row *w = &rows[i];
		struct tracks ts = { .t = room };

		assert_true(tracks_add(&ts, "web", w->weight != 0, w->weight));
		if (w->line)
			take(&ts, w->line);
		CHECK_NUM(w->name, tracks_prio(&ts, 100, 0), w->prio);
		CHECK_STR(w->name, fault(&ts), w->fault);
	}
}

static const struct {
	int base, extra, web, db, want;
} sums[] = {
	{ 100, 0, 0, 0, 100 },
	{ 100, 0, 10, 5, 115 },
	{ 100, 0, 10, -5, 105 },
	{ 100, 7, 0, 0, 107 },
	{ 100, -7, 10, 5, 108 },
	{ 1, 0, -254, -254, 1 },
	{ 1, -1000, 0, 0, 1 },
	{ 2, -1, 0, 0, 1 },
	{ 2, 0, -1, 0, 1 },
	{ 2, 0, -2, 0, 1 },
	{ 254, 0, 1, 0, 254 },
	{ 253, 0, 1, 0, 254 },
	{ 253, 0, 2, 0, 254 },
	{ 254, 1000, 254, 254, 254 },
	{ 200, 0, 254, -254, 200 }, /* clamped at the end, not on the way */
	{ 10, 0, -254, 254, 10 },
	{ 10, -100, 100, 0, 10 },
	{ 255, 0, 0, 0, 255 }, /* an owner stays */
	{ 255, -50, -254, -254, 255 },
	{ 255, 50, 254, 254, 255 },
};

static void sums_are_clamped_and_an_owner_stays(void **state)
{
	char name[32], line[64];

	(void)state;
	for (size_t i = 0; i < N_OF(sums); i++) {
		struct tracks ts = { .t = room };

		tracks_add(&ts, "web", true, 1);
		tracks_add(&ts, "db", true, 1);
		snprintf(line, sizeof line, "UP web weight=%d", sums[i].web);
		take(&ts, line);
		snprintf(line, sizeof line, "UP db weight=%d", sums[i].db);
		take(&ts, line);
		snprintf(name, sizeof name, "sum %zu", i);
		CHECK_NUM(name, tracks_prio(&ts, sums[i].base, sums[i].extra),
			sums[i].want);
	}
}

static void all_negative_weights_of_keepalived_too(void **state)
{
	struct tracks ts = { .t = room };

	(void)state;
	tracks_add(&ts, "web", true, -254);
	tracks_add(&ts, "db", true, -254);
	tracks_add(&ts, "up", true, 254);
	take(&ts, "DOWN web");
	take(&ts, "DOWN db");
	PRIO(&ts, 254, 1);
	take(&ts, "UP up");
	PRIO(&ts, 254, 1);
	take(&ts, "UP web");
	PRIO(&ts, 254, 254);
	take(&ts, "UP db");
	PRIO(&ts, 1, 254);
}

static void only_a_change_is_news(void **state)
{
	struct tracks ts = { .t = room };

	(void)state;
	tracks_add(&ts, "web", true, -20);
	assert_true(take(&ts, "UP web"));
	assert_false(take(&ts, "UP web"));
	assert_false(take(&ts, "MASTER web"));
	assert_true(take(&ts, "DOWN web"));
	assert_false(take(&ts, "BACKUP web"));
	assert_false(take(&ts, "FAULT web epoch=7"));
	assert_true(take(&ts, "DOWN web weight=-20")); /* a weight of its own */
	assert_false(take(&ts, "DOWN web weight=-20"));
	assert_true(take(&ts, "DOWN web weight=-19"));
	assert_false(take(&ts, "HELD web weight=-18"));
	assert_false(take(&ts, "DOWN db weight=-18"));
	PRIO(&ts, 100, 81);
	assert_true(take(&ts, "DOWN web")); /* and no longer */
	PRIO(&ts, 100, 80);
	assert_false(take(&ts, "DOWN web"));
}

static void a_first_down_is_news(void **state)
{
	struct tracks ts = { .t = room };

	(void)state;
	tracks_add(&ts, "web", false, 0);
	FAULT(&ts, "waiting-web");
	assert_true(take(&ts, "DOWN web"));
	FAULT(&ts, "track-web");
}

static void a_fault_ends_with_up_or_a_weight_of_its_own(void **state)
{
	struct tracks ts = { .t = room };

	(void)state;
	tracks_add(&ts, "web", false, 0);
	take(&ts, "DOWN web");
	FAULT(&ts, "track-web");
	take(&ts, "DOWN web weight=-5");
	FAULT(&ts, "");
	take(&ts, "DOWN web");
	FAULT(&ts, "track-web");
	take(&ts, "UP web");
	FAULT(&ts, "");
}

static void the_first_that_means_fault_is_told(void **state)
{
	struct tracks ts = { .t = room };

	(void)state;
	FAULT(&ts, "");
	tracks_add(&ts, "low", true, -5);
	tracks_add(&ts, "web", false, 0);
	tracks_add(&ts, "db", false, 0);
	take(&ts, "DOWN low");
	FAULT(&ts, "waiting-web");
	take(&ts, "DOWN db");
	FAULT(&ts, "waiting-web");
	take(&ts, "UP web");
	FAULT(&ts, "track-db");
	take(&ts, "UP db");
	FAULT(&ts, "");
	PRIO(&ts, 100, 95);
}

static void a_name_counts_once(void **state)
{
	struct tracks ts = { .t = room };

	(void)state;
	assert_true(tracks_add(&ts, "web", true, 5));
	assert_false(tracks_add(&ts, "web", false, 0));
	assert_true(tracks_add(&ts, "web2", true, 7));
	assert_int_equal(ts.n, 2);
	take(&ts, "UP web");
	PRIO(&ts, 100, 105);
}

static void what_is_known_is_taken_over(void **state)
{
	struct track other[TRACKS_MAX];
	struct tracks ts = { .t = room }, from = { .t = other };
	struct tracks any = { .t = other, .any = true };

	(void)state;
	tracks_add(&from, "web", false, 0);
	tracks_add(&from, "db", true, -20);
	tracks_add(&from, "idle", false, 0);
	take(&from, "UP web");
	take(&from, "DOWN db weight=-7");
	tracks_add(&ts, "db", false, 0);
	tracks_add(&ts, "web", false, 0);
	FAULT(&ts, "waiting-db");
	tracks_inherit(&ts, &from);
	FAULT(&ts, "");
	PRIO(&ts, 100, 93);
	assert_int_equal(ts.n, 2);
	take(&from, "DOWN web");
	tracks_inherit(&ts, &from); /* it knows already */
	FAULT(&ts, "");
	from = ts;
	tracks_inherit(&any, &from);
	assert_int_equal(any.n, 2);
	FAULT(&any, "");
}

/* --weight: also who was not named. */
static void unnamed(struct tracks *ts, int weight)
{
	*ts = (struct tracks){ .t = room,
		.any = true,
		.any_weighted = weight != 0,
		.any_weight = weight };
}

static void unnamed_subjects_are_skipped_without_weight(void **state)
{
	struct tracks ts = { .t = room };

	(void)state;
	assert_false(take(&ts, "DOWN web"));
	assert_false(take(&ts, "DOWN web weight=-5"));
	assert_int_equal(ts.n, 0);
	PRIO(&ts, 100, 100);
	FAULT(&ts, "");
}

static void unnamed_subjects_are_taken_with_weight(void **state)
{
	struct tracks ts;

	(void)state;
	unnamed(&ts, -10);
	FAULT(&ts, ""); /* nobody to wait for */
	assert_false(take(&ts, "HELD web"));
	assert_int_equal(ts.n, 0);
	assert_true(take(&ts, "UP web"));
	assert_true(take(&ts, "DOWN db"));
	assert_false(take(&ts, "DOWN db"));
	assert_int_equal(ts.n, 2);
	PRIO(&ts, 100, 90);
	assert_true(take(&ts, "DOWN web"));
	PRIO(&ts, 100, 80);
	assert_true(take(&ts, "DOWN web weight=3"));
	PRIO(&ts, 100, 93);
}

static void weight_0_for_all_means_fault(void **state)
{
	struct tracks ts;

	(void)state;
	unnamed(&ts, 0);
	FAULT(&ts, "");
	take(&ts, "UP web");
	FAULT(&ts, "");
	take(&ts, "DOWN web");
	FAULT(&ts, "track-web");
	PRIO(&ts, 100, 100);
}

static void a_named_subject_keeps_its_weight(void **state)
{
	struct tracks ts;

	(void)state;
	unnamed(&ts, -10);
	tracks_add(&ts, "web", true, -50);
	take(&ts, "DOWN web");
	PRIO(&ts, 100, 50);
	take(&ts, "DOWN db");
	PRIO(&ts, 100, 40);
	assert_int_equal(ts.n, 2);
}

static void a_full_table(void **state)
{
	char line[64];
	struct tracks ts;

	(void)state;
	unnamed(&ts, -1);
	for (int i = 0; i < TRACKS_MAX; i++) {
		snprintf(line, sizeof line, "DOWN s%d", i);
		assert_true(take(&ts, line));
	}
	assert_int_equal(ts.n, TRACKS_MAX);
	assert_false(take(&ts, "DOWN more"));
	assert_false(tracks_add(&ts, "more", true, -1));
	assert_int_equal(ts.n, TRACKS_MAX);
	PRIO(&ts, 254, 254 - TRACKS_MAX);
	assert_true(take(&ts, "UP s63")); /* who is in it goes on */
	PRIO(&ts, 254, 254 - TRACKS_MAX + 1);
}

static void long_names(void **state)
{
	char name[TRACK_NAME_LEN + 1], line[TRACK_NAME_LEN + 16];
	struct tracks ts;

	(void)state;
	unnamed(&ts, -1);
	memset(name, 'x', sizeof name);
	name[TRACK_NAME_LEN] = '\0';
	assert_false(tracks_add(&ts, name, false, 0));
	snprintf(line, sizeof line, "DOWN %s", name);
	assert_false(take(&ts, line));
	assert_int_equal(ts.n, 0);
	name[TRACK_NAME_LEN - 1] = '\0';
	assert_true(tracks_add(&ts, name, true, -9));
	snprintf(line, sizeof line, "DOWN %s", name);
	assert_true(take(&ts, line));
	assert_int_equal(ts.n, 1);
	PRIO(&ts, 100, 91);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(keepalived_s_arithmetic),
		T(sums_are_clamped_and_an_owner_stays),
		T(all_negative_weights_of_keepalived_too),
		T(only_a_change_is_news),
		T(a_first_down_is_news),
		T(a_fault_ends_with_up_or_a_weight_of_its_own),
		T(the_first_that_means_fault_is_told),
		T(a_name_counts_once),
		T(what_is_known_is_taken_over),
		T(unnamed_subjects_are_skipped_without_weight),
		T(unnamed_subjects_are_taken_with_weight),
		T(weight_0_for_all_means_fault),
		T(a_named_subject_keeps_its_weight),
		T(a_full_table),
		T(long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
