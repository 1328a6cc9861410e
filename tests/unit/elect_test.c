#include "t.h"
#include "elect.h"

#define S  US_PER_S
#define MS US_PER_MS

/* One router, its clock, and what it did last as one string: "MASTER" for a
 * line, "100" for an advert of that priority, "other", "late", "halt0". */
struct rig {
	struct elect_cfg cfg;
	struct elect e;
	struct mono now;
	char did[128];
};

static const struct elect_cfg plain = {
	.version = 3,
	.prio = 100,
	.preempt = true,
	.handover = HANDOVER_BREAK,
	.interval = 1 * S,
	.max_interval = 40950 * MS,
};

static struct addr host(uint8_t n)
{
	return (struct addr){ .family = AF_INET, .b = { 10, 0, 0, n } };
}

static void setup(struct rig *r, const struct elect_cfg *cfg)
{
	*r = (struct rig){ .cfg = *cfg, .now = { 1000 * S } };
	elect_init(&r->e, &r->cfg);
	r->e.me = host(100);
}

static void note(struct rig *r, const char *word, int num)
{
	size_t n = strlen(r->did);

	snprintf(r->did + n, sizeof r->did - n, num < 0 ? "%s%s" : "%s%s%d",
		n ? " " : "", word, num);
}

static void note_fx(struct rig *r, const struct elect_fx *fx)
{
	switch (fx->type) {
	case FX_ADVERT:
		note(r, "", fx->prio);
		break;
	case FX_LINE:
		note(r, elect_state_str(r->e.state), -1);
		break;
	case FX_OTHER_MASTER:
		note(r, "other", -1);
		break;
	case FX_LATE:
		note(r, "late", -1);
		break;
	case FX_HALT:
		note(r, "halt", fx->code);
		break;
	}
}

static const char *event(struct rig *r, const struct elect_event *ev)
{
	struct elect_fx fx[ELECT_FX_MAX];
	size_t n = elect_step(&r->e, ev, r->now, fx);

	assert_true(n <= ELECT_FX_MAX);
	r->did[0] = '\0';
	for (size_t i = 0; i < n; i++)
		note_fx(r, &fx[i]);
	return r->did;
}

#define DO(r, ...)  event(r, &(struct elect_event){ __VA_ARGS__ })
#define START(r)    DO(r, .type = EV_START)
#define STOP(r)	    DO(r, .type = EV_STOP)
#define DUE(r)	    DO(r, .type = EV_DEADLINE)
#define SENT(r)	    DO(r, .type = EV_SENT)
#define UNSENT(r)   DO(r, .type = EV_UNSENT)
#define FAULT(r, w) DO(r, .type = EV_FAULT, .why = w)
#define CLEAR(r)    DO(r, .type = EV_CLEAR)
#define GONE(r)	    DO(r, .type = EV_READER_GONE, .why = "reader-gone")
#define PRIO(r, p)  DO(r, .type = EV_PRIO, .prio = p)
#define ADDRS(r, all, any)                                                     \
	DO(r, .type = EV_ADDRS, .held_all = all, .held_any = any)
#define HEAR(r, p, h) HEAR_AT(r, p, h, 1 * S)
#define HEAR_AT(r, p, h, every)                                                \
	DO(r, .type = EV_ADVERT, .prio = p, .src = host(h), .interval = every)

#define DOES(did, want) CHECK_STR(__func__, did, want)
#define IS(r, s)	CHECK_STR(__func__, state_of(r), #s)
#define WHY(r, w)	CHECK_STR(__func__, (r)->e.why, w)
#define LEFT(r, us)	CHECK_NUM(__func__, left(r), us)
#define NEVER		INT64_MAX

static const char *state_of(const struct rig *r)
{
	return elect_state_str(r->e.state);
}

static int64_t left(const struct rig *r)
{
	struct mono d = elect_deadline(&r->e);

	return mono_is_never(d) ? NEVER : mono_diff(d, r->now);
}

static void pass(struct rig *r, int64_t us)
{
	r->now = mono_add(r->now, us);
}

/* Sleeps until the deadline and says what happened then. */
static const char *wait(struct rig *r)
{
	assert_int_not_equal(left(r), NEVER);
	r->now = elect_deadline(&r->e);
	return DUE(r);
}

static void backup(struct rig *r, const struct elect_cfg *cfg)
{
	setup(r, cfg);
	DOES(START(r), "BACKUP");
	pass(r, 100 * MS);
}

static void master(struct rig *r, const struct elect_cfg *cfg)
{
	backup(r, cfg);
	wait(r);
	IS(r, MASTER);
	SENT(r);
	pass(r, 250 * MS);
}

/* ---- RFC 3768 6.4, RFC 5798 6.4, RFC 9568 6.4, row by row. */

enum column { V2, V5798, V9568, OURS, COLUMNS };

static const char *const column_str[] = { "v2", "5798", "9568", "ours" };

static struct elect_cfg column_cfg(enum column c)
{
	struct elect_cfg cfg = plain;

	cfg.version = c == V2 ? 2 : 3;
	cfg.lower_no_advert = c <= V5798;
	cfg.higher_no_advert = c <= V9568;
	return cfg;
}

#define DOWN100 3609375 /* of 1 s at priority 100 */
#define DOWN2S	7218750 /* of 2 s, version 3 */
#define DOWNHS	1804687 /* of half a second, version 3 */
#define SKEW100 609375
#define DOWN255 (3 * S + 3906)
#define KEPT	(-1) /* the deadline stays */

/* What differs between the columns: v2 does not learn the interval (in each
 * advert 2 s, to a Master half a second), 9568 answers a loser, and we give a
 * winner one last advert (so that it tells the neighbours again) and say of a
 * loser "other". */
static const struct row {
	const char *name;
	char from; /* I(nit) B(ackup) M(aster) */
	uint8_t prio;
	bool nopreempt;
	enum elect_event_type type;
	uint8_t p, src;
	const char *to, *did[COLUMNS];
	int64_t v2, v3; /* until the deadline */
} table[] = {
	{ "startup of the owner", 'I', 255, false, EV_START, 0, 0, "MASTER",
		{ "MASTER 255", "MASTER 255", "MASTER 255", "MASTER 255" },
		1 * S, 1 * S },
	{ "startup", 'I', 100, false, EV_START, 0, 0, "BACKUP",
		{ "BACKUP", "BACKUP", "BACKUP", "BACKUP" }, DOWN100, DOWN100 },
	{ "Init: better advert", 'I', 100, false, EV_ADVERT, 200, 200, "INIT",
		{ "", "", "", "" }, NEVER, NEVER },
	{ "Init: worse advert", 'I', 100, false, EV_ADVERT, 50, 50, "INIT",
		{ "", "", "", "" }, NEVER, NEVER },
	{ "Init: priority 0", 'I', 100, false, EV_ADVERT, 0, 50, "INIT",
		{ "", "", "", "" }, NEVER, NEVER },
	{ "Init: stale timer", 'I', 100, false, EV_DEADLINE, 0, 0, "INIT",
		{ "", "", "", "" }, NEVER, NEVER },

	{ "Backup: shutdown", 'B', 100, false, EV_STOP, 0, 0, "INIT",
		{ "INIT halt0", "INIT halt0", "INIT halt0", "INIT halt0" },
		NEVER, NEVER },
	{ "Backup: timer", 'B', 100, false, EV_DEADLINE, 0, 0, "MASTER",
		{ "MASTER 100", "MASTER 100", "MASTER 100", "MASTER 100" },
		1 * S, 1 * S },
	{ "Backup: priority 0", 'B', 100, false, EV_ADVERT, 0, 200, "BACKUP",
		{ "", "", "", "" }, SKEW100, SKEW100 },
	{ "Backup: better", 'B', 100, false, EV_ADVERT, 200, 200, "BACKUP",
		{ "", "", "", "" }, DOWN100, DOWN2S },
	{ "Backup: equal, higher address", 'B', 100, false, EV_ADVERT, 100, 200,
		"BACKUP", { "", "", "", "" }, DOWN100, DOWN2S },
	{ "Backup: equal, lower address", 'B', 100, false, EV_ADVERT, 100, 50,
		"BACKUP", { "", "", "", "" }, DOWN100, DOWN2S },
	{ "Backup: worse, preempt off", 'B', 100, true, EV_ADVERT, 50, 50,
		"BACKUP", { "", "", "", "" }, DOWN100, DOWN2S },
	{ "Backup: better, preempt off", 'B', 100, true, EV_ADVERT, 200, 200,
		"BACKUP", { "", "", "", "" }, DOWN100, DOWN2S },
	{ "Backup: worse, preempt on", 'B', 100, false, EV_ADVERT, 50, 50,
		"BACKUP", { "", "", "", "" }, KEPT, KEPT },
	{ "Backup: just worse", 'B', 100, false, EV_ADVERT, 99, 200, "BACKUP",
		{ "", "", "", "" }, KEPT, KEPT },

	{ "Master: shutdown", 'M', 100, false, EV_STOP, 0, 0, "INIT",
		{ "INIT 0 halt0", "INIT 0 halt0", "INIT 0 halt0",
			"INIT 0 halt0" },
		NEVER, NEVER },
	{ "Master: timer", 'M', 100, false, EV_DEADLINE, 0, 0, "MASTER",
		{ "100", "100", "100", "100" }, 1 * S, 1 * S },
	{ "Master: priority 0", 'M', 100, false, EV_ADVERT, 0, 200, "MASTER",
		{ "100", "100", "100", "100" }, 1 * S, 1 * S },
	{ "Master: better", 'M', 100, false, EV_ADVERT, 101, 50, "BACKUP",
		{ "BACKUP", "BACKUP", "BACKUP", "100 BACKUP" }, DOWN100,
		DOWNHS },
	{ "Master: equal, higher address", 'M', 100, false, EV_ADVERT, 100, 101,
		"BACKUP", { "BACKUP", "BACKUP", "BACKUP", "100 BACKUP" },
		DOWN100, DOWNHS },
	{ "Master: equal, address above 127", 'M', 100, false, EV_ADVERT, 100,
		128, "BACKUP", { "BACKUP", "BACKUP", "BACKUP", "100 BACKUP" },
		DOWN100, DOWNHS },
	{ "Master: equal, lower address", 'M', 100, false, EV_ADVERT, 100, 99,
		"MASTER", { "other", "other", "other 100", "other 100" }, KEPT,
		KEPT },
	{ "Master: equal, our address", 'M', 100, false, EV_ADVERT, 100, 100,
		"MASTER", { "other", "other", "other 100", "other 100" }, KEPT,
		KEPT },
	{ "Master: worse, higher address", 'M', 100, false, EV_ADVERT, 99, 200,
		"MASTER", { "other", "other", "other 100", "other 100" }, KEPT,
		KEPT },
	{ "Master: better, preempt off", 'M', 100, true, EV_ADVERT, 200, 50,
		"BACKUP", { "BACKUP", "BACKUP", "BACKUP", "100 BACKUP" },
		DOWN100, DOWNHS },
};

static void reach(struct rig *r, const struct row *w, enum column c)
{
	struct elect_cfg cfg = column_cfg(c);

	cfg.prio = w->prio;
	cfg.preempt = !w->nopreempt;
	if (w->from == 'I')
		setup(r, &cfg);
	else if (w->from == 'B')
		backup(r, &cfg);
	else
		master(r, &cfg);
}

static void check_row(const struct row *w, enum column c)
{
	struct elect_event ev = { .type = w->type,
		.prio = w->p,
		.src = host(w->src),
		.interval = 2 * S };
	char name[80];
	struct rig r;
	struct mono was;
	int64_t want = c == V2 ? w->v2 : w->v3;

	snprintf(name, sizeof name, "%s (%s)", w->name, column_str[c]);
	if (w->from == 'M')
		ev.interval = S / 2;
	reach(&r, w, c);
	was = elect_deadline(&r.e);
	if (w->type == EV_DEADLINE && w->from != 'I')
		r.now = was;
	CHECK_STR(name, event(&r, &ev), w->did[c]);
	CHECK_STR(name, state_of(&r), w->to);
	r.e.epoch_owed = false; /* the RFCs' timers, not ours */
	CHECK_NUM(name, left(&r), want == KEPT ? mono_diff(was, r.now) : want);
}

static void the_state_table_of_the_rfcs(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(table); i++)
		for (int c = V2; c < COLUMNS; c++)
			check_row(&table[i], (enum column)c);
}

/* ---- Timers: research table 1.5, truncated to the microsecond. */

static const struct {
	uint8_t version, prio;
	int64_t interval, skew, down;
} timer_rows[] = {
	{ 3, 254, 1 * S, 7812, 3007812 },
	{ 3, 200, 1 * S, 218750, 3218750 },
	{ 3, 100, 1 * S, 609375, 3609375 },
	{ 3, 1, 1 * S, 996093, 3996093 },
	{ 3, 255, 1 * S, 3906, 3003906 },
	{ 3, 254, 100 * MS, 781, 300781 },
	{ 3, 200, 100 * MS, 21875, 321875 },
	{ 3, 100, 100 * MS, 60937, 360937 },
	{ 3, 1, 100 * MS, 99609, 399609 },
	{ 3, 254, 10 * MS, 78, 30078 },
	{ 3, 200, 10 * MS, 2187, 32187 },
	{ 3, 100, 10 * MS, 6093, 36093 },
	{ 3, 1, 10 * MS, 9960, 39960 },
	{ 3, 100, 10 * S, 6093750, 36093750 },
	{ 3, 1, 40950 * MS, 40790039, 163640039 },
	{ 2, 254, 1 * S, 7812, 3007812 },
	{ 2, 200, 1 * S, 218750, 3218750 },
	{ 2, 100, 1 * S, 609375, 3609375 },
	{ 2, 1, 1 * S, 996093, 3996093 },
	{ 2, 100, 10 * S, 609375, 30609375 },
	{ 2, 1, 255 * S, 996093, 765996093 },
};

static void timers(void **state)
{
	char name[32];

	(void)state;
	for (size_t i = 0; i < N_OF(timer_rows); i++) {
		uint8_t v = timer_rows[i].version, p = timer_rows[i].prio;
		int64_t m = timer_rows[i].interval;

		snprintf(name, sizeof name, "v%d %d", v, p);
		CHECK_NUM(name, elect_skew(v, p, m), timer_rows[i].skew);
		CHECK_NUM(name, elect_down(v, p, m), timer_rows[i].down);
	}
}

static void every_priority_has_a_skew_of_its_own(void **state)
{
	(void)state;
	for (int v = 2; v <= 3; v++)
		for (int p = 1; p <= 254; p++) {
			int64_t skew =
				elect_skew((uint8_t)v, (uint8_t)p, 10 * MS);

			assert_true(skew > 0);
			assert_true(skew > elect_skew((uint8_t)v,
						   (uint8_t)(p + 1), 10 * MS));
		}
}

/* ---- Backup. */

static void learning(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.max_interval = 5 * S;
	backup(&r, &cfg);
	HEAR_AT(&r, 200, 200, 100 * MS);
	LEFT(&r, 360937);
	HEAR_AT(&r, 200, 200, 5 * S);
	LEFT(&r, 18046875);
	HEAR_AT(&r, 200, 200, 5 * S + 10 * MS); /* above the ceiling */
	LEFT(&r, 18046875);
	HEAR_AT(&r, 50, 50, 100 * MS); /* a loser teaches nothing */
	assert_int_equal(r.e.learned, 5 * S);
	HEAR_AT(&r, 0, 200, 100 * MS); /* nor does one who leaves */
	assert_int_equal(r.e.learned, 5 * S);
	LEFT(&r, 5 * 609375); /* skew of what was learned */
	assert_true(addr_equal(&r.e.master,
		&(struct addr){ .family = AF_INET, .b = { 10, 0, 0, 200 } }));
	assert_int_equal(r.e.master_prio, 200);
}

static void a_master_uses_its_own_interval(void **state)
{
	struct rig r;

	(void)state;
	backup(&r, &plain);
	HEAR_AT(&r, 200, 200, 3 * S);
	DOES(wait(&r), "MASTER 100");
	LEFT(&r, 1 * S);
	HEAR_AT(&r, 50, 50, 3 * S);
	DOES(wait(&r), "100 MASTER");
	LEFT(&r, 1 * S);
}

static void a_release_never_postpones(void **state)
{
	struct rig r;

	(void)state;
	backup(&r, &plain);
	HEAR(&r, 0, 200);
	LEFT(&r, SKEW100);
	pass(&r, 600 * MS);
	HEAR(&r, 0, 200);
	LEFT(&r, 9375);
	DOES(wait(&r), "MASTER 100");
	WHY(&r, "released");
}

static void the_reasons_of_a_takeover(void **state)
{
	struct rig r;

	(void)state;
	backup(&r, &plain);
	wait(&r);
	WHY(&r, "timeout");
	backup(&r, &plain);
	HEAR(&r, 50, 50);
	wait(&r);
	WHY(&r, "preempt");
	assert_int_equal(r.e.was, ELECT_BACKUP);
	assert_int_equal(r.e.epoch, 1);
}

static void preemption_comes_within_one_down_time(void **state)
{
	struct rig r;
	int adverts = 0;

	(void)state;
	backup(&r, &plain);
	while (left(&r) > 1 * S && adverts < 100) {
		pass(&r, 1 * S);
		HEAR(&r, 50, 50);
		adverts++;
	}
	assert_int_equal(adverts, 3);
	DOES(wait(&r), "MASTER 100");
	assert_int_equal(mono_diff(r.now, (struct mono){ 1000 * S }), DOWN100);
}

/* Hears a worse Master every second; returns when it took over. */
static int64_t preempts_after(struct rig *r)
{
	struct mono first = r->now;

	for (int i = 0; i < 100 && r->e.state == ELECT_BACKUP; i++) {
		HEAR(r, 50, 50);
		if (left(r) <= 1 * S)
			wait(r);
		else
			pass(r, 1 * S);
	}
	return mono_diff(r->now, first);
}

static void preempt_delay_counts_from_the_first_worse_advert(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.preempt_delay = 10 * S;
	backup(&r, &cfg);
	/* the last one followed is at 9 s */
	assert_int_equal(preempts_after(&r), 9 * S + DOWN100);
}

static void a_better_master_ends_the_preempt_delay(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.preempt_delay = 10 * S;
	backup(&r, &cfg);
	HEAR(&r, 50, 50);
	pass(&r, 3 * S);
	HEAR(&r, 200, 200);
	pass(&r, 3 * S);
	assert_int_equal(preempts_after(&r), 9 * S + DOWN100);
}

static void a_phase_shortens_the_first_gap_alone(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.phase = 250 * MS;
	backup(&r, &cfg);
	LEFT(&r, DOWN100 - 100 * MS); /* no timer of a Backup */
	DOES(wait(&r), "MASTER 100");
	SENT(&r);
	LEFT(&r, 750 * MS);
	DOES(wait(&r), "100");
	LEFT(&r, 1 * S);
	DOES(wait(&r), "100");
	LEFT(&r, 1 * S);
}

static void preempt_delay_is_not_for_a_dead_master(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.preempt_delay = 100 * S;
	backup(&r, &cfg);
	HEAR(&r, 50, 50);
	LEFT(&r, DOWN100);
	DOES(wait(&r), "MASTER 100");
	WHY(&r, "timeout");
	backup(&r, &cfg);
	HEAR(&r, 50, 50);
	HEAR(&r, 0, 50);
	LEFT(&r, SKEW100);
}

static void start_delay(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.start_delay = 5 * S;
	setup(&r, &cfg);
	DOES(START(&r), "INIT");
	WHY(&r, "start-delay");
	LEFT(&r, 5 * S);
	DOES(HEAR(&r, 50, 50), "");
	DOES(HEAR(&r, 0, 50), "");
	LEFT(&r, 5 * S);
	DOES(wait(&r), "BACKUP");
	WHY(&r, "start");
	LEFT(&r, DOWN100);
	cfg.prio = 255;
	setup(&r, &cfg);
	START(&r);
	DOES(wait(&r), "MASTER 255");
	setup(&r, &cfg);
	START(&r);
	DOES(STOP(&r), "halt0");
}

static void a_fault_during_the_start_delay(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.start_delay = 5 * S;
	setup(&r, &cfg);
	START(&r);
	pass(&r, 1 * S);
	DOES(FAULT(&r, "link"), "FAULT");
	LEFT(&r, NEVER);
	pass(&r, 1 * S);
	DOES(CLEAR(&r), "INIT");
	LEFT(&r, 3 * S);
	DOES(wait(&r), "BACKUP");
}

/* ---- The owner. */

static void an_owner_preempts_whatever_is_configured(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.prio = 255;
	cfg.preempt = false;
	setup(&r, &cfg);
	DOES(START(&r), "MASTER 255");
	WHY(&r, "owner");
	SENT(&r);
	/* deaf for ten seconds, then a worse Master: it yields, but not for
	 * ever (RFC 9568 6.1, Preempt_Mode) */
	pass(&r, 10 * S);
	DOES(HEAR(&r, 50, 50), "BACKUP");
	assert_int_equal(preempts_after(&r), DOWN255);
	IS(&r, MASTER);
}

static void two_owners_settle_by_address(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.prio = 255;
	setup(&r, &cfg);
	START(&r);
	pass(&r, 2 * S);
	HEAR(&r, 255, 99);
	IS(&r, MASTER);
	HEAR(&r, 255, 101);
	IS(&r, BACKUP);
}

/* ---- Priority. */

static void priority_changes(void **state)
{
	struct rig r;

	(void)state;
	setup(&r, &plain);
	DOES(PRIO(&r, 90), "");
	DOES(START(&r), "BACKUP");
	LEFT(&r, elect_down(3, 90, 1 * S));
	pass(&r, 1 * S);
	DOES(PRIO(&r, 254), "BACKUP");
	LEFT(&r, 3007812 - 1 * S);
	DOES(PRIO(&r, 254), "");
	DOES(PRIO(&r, 1), "BACKUP");
	LEFT(&r, 3996093 - 1 * S);
	DOES(wait(&r), "MASTER 1");
	SENT(&r);
	pass(&r, 100 * MS);
	DOES(PRIO(&r, 77), "MASTER");
	LEFT(&r, 900 * MS);
	DOES(wait(&r), "77");
	DOES(FAULT(&r, "link"), "FAULT 0");
	DOES(PRIO(&r, 78), "FAULT");
	DOES(CLEAR(&r), "BACKUP");
	LEFT(&r, elect_down(3, 78, 1 * S));
}

static void a_raised_priority_may_be_due_at_once(void **state)
{
	struct rig r;

	(void)state;
	backup(&r, &plain);
	pass(&r, 3400 * MS);
	PRIO(&r, 254);
	assert_true(left(&r) < 0);
	DOES(DUE(&r), "MASTER 254");
}

static void a_lowered_master_yields(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	PRIO(&r, 40);
	HEAR(&r, 50, 50);
	IS(&r, BACKUP);
	LEFT(&r, elect_down(3, 40, 1 * S));
}

/* ---- Faults. */

static void faults_in_each_state(void **state)
{
	struct rig r;

	(void)state;
	setup(&r, &plain);
	DOES(FAULT(&r, "link"), "FAULT");
	DOES(START(&r), "");
	IS(&r, FAULT);
	DOES(CLEAR(&r), "BACKUP");
	WHY(&r, "fault-over");
	LEFT(&r, DOWN100);
	DOES(FAULT(&r, "link"), "FAULT");
	WHY(&r, "link");
	DOES(FAULT(&r, "link"), "");
	DOES(FAULT(&r, "track web"), "FAULT");
	WHY(&r, "track web");
	DOES(HEAR(&r, 50, 50), "");
	DOES(HEAR(&r, 200, 200), "");
	DOES(HEAR(&r, 0, 200), "");
	LEFT(&r, NEVER);
	DOES(CLEAR(&r), "BACKUP");
	DOES(CLEAR(&r), "");
	wait(&r);
	DOES(FAULT(&r, "link"), "FAULT 0");
	DOES(STOP(&r), "INIT halt0");
}

static void a_fault_cleared_before_the_start(void **state)
{
	struct rig r;

	(void)state;
	setup(&r, &plain);
	FAULT(&r, "link");
	DOES(CLEAR(&r), "");
	DOES(START(&r), "BACKUP");
}

static void a_fault_forgets_what_was_learned(void **state)
{
	struct rig r;

	(void)state;
	backup(&r, &plain);
	HEAR_AT(&r, 200, 200, 10 * S);
	FAULT(&r, "link");
	CLEAR(&r);
	LEFT(&r, DOWN100);
}

static void a_long_reason_is_cut(void **state)
{
	char why[200];
	struct rig r;

	(void)state;
	memset(why, 'w', sizeof why - 1);
	why[sizeof why - 1] = '\0';
	backup(&r, &plain);
	FAULT(&r, why);
	assert_int_equal(strlen(r.e.why), ELECT_WHY_LEN - 1);
}

static void break_before_make_in_a_fault(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	ADDRS(&r, true, true);
	DOES(FAULT(&r, "link"), "FAULT");
	DOES(ADDRS(&r, false, true), "");
	DOES(ADDRS(&r, false, false), "0");
	DOES(ADDRS(&r, false, false), "");
}

/* Until then it goes on advertising, for so long as a lease can last. */
static void break_in_a_fault_keeps_the_others_out(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	ADDRS(&r, true, true);
	FAULT(&r, "track");
	for (int i = 0; i < 3; i++)
		DOES(wait(&r), "100");
	DOES(FAULT(&r, "another"), "FAULT");
	DOES(wait(&r), "100");
	DOES(HEAR(&r, 200, 200), "");
	LEFT(&r, NEVER);
	DOES(ADDRS(&r, false, false), "");
}

static void break_in_a_fault_gives_up_in_the_end(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	ADDRS(&r, true, true);
	FAULT(&r, "track");
	for (int i = 0; i < 3; i++)
		DOES(wait(&r), "100");
	DOES(wait(&r), "");
	LEFT(&r, NEVER);
}

static void make_before_break_in_a_fault(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.handover = HANDOVER_OVERLAP;
	master(&r, &cfg);
	ADDRS(&r, true, true);
	DOES(FAULT(&r, "link"), "FAULT 0");
	DOES(ADDRS(&r, false, false), "");
}

static void a_reelected_master_owes_no_release(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	ADDRS(&r, true, true);
	FAULT(&r, "link");
	CLEAR(&r);
	DOES(wait(&r), "MASTER 100");
	DOES(ADDRS(&r, false, false), "");
}

/* ---- Heartbeat. */

static struct elect_cfg beating(void)
{
	struct elect_cfg cfg = plain;

	cfg.heartbeat = 400 * MS;
	return cfg;
}

static void a_heartbeat_repeats_the_line(void **state)
{
	struct elect_cfg cfg = beating();
	struct rig r;

	(void)state;
	setup(&r, &cfg);
	START(&r);
	for (int i = 0; i < 9; i++) {
		LEFT(&r, 400 * MS);
		DOES(wait(&r), "BACKUP");
	}
	LEFT(&r, 9375);
	DOES(wait(&r), "MASTER 100");
	pass(&r, 5 * S); /* those missed are not made up for */
	DOES(DUE(&r), "late 100 MASTER MASTER");
	LEFT(&r, 400 * MS);
}

static void a_master_beats_only_after_its_advert_was_sent(void **state)
{
	struct elect_cfg cfg = beating();
	struct rig r;

	(void)state;
	setup(&r, &cfg);
	START(&r);
	while (r.e.state != ELECT_MASTER)
		wait(&r);
	UNSENT(&r);
	LEFT(&r, 250 * MS);
	DOES(wait(&r), "100");
	UNSENT(&r);
	LEFT(&r, 140625);
	DOES(wait(&r), ""); /* the heartbeat */
	DOES(wait(&r), "100");
	SENT(&r);
	DOES(wait(&r), "100");
	SENT(&r);
	DOES(wait(&r), "MASTER");
}

static void in_fault_the_heartbeat_goes_on(void **state)
{
	struct elect_cfg cfg = beating();
	struct rig r;

	(void)state;
	setup(&r, &cfg);
	START(&r);
	UNSENT(&r);
	FAULT(&r, "link");
	DOES(wait(&r), "FAULT");
	DOES(wait(&r), "FAULT");
}

/* ---- Adverts that do not leave. */

static void an_advert_that_was_not_sent_is_tried_again(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	DOES(wait(&r), "100");
	UNSENT(&r);
	for (int i = 0; i < 5; i++) {
		LEFT(&r, 250 * MS);
		DOES(wait(&r), "100");
		UNSENT(&r);
	}
	DOES(wait(&r), "100");
	SENT(&r);
	DOES(wait(&r), "100");
	SENT(&r);
	LEFT(&r, 1 * S);
}

static void who_cannot_send_is_not_master(void **state)
{
	struct rig r;
	struct mono last;

	(void)state;
	master(&r, &plain);
	wait(&r);
	SENT(&r);
	last = r.now;
	do {
		wait(&r);
		UNSENT(&r);
	} while (r.e.state == ELECT_MASTER);
	IS(&r, FAULT);
	WHY(&r, "cannot-send");
	assert_int_equal(mono_diff(r.now, last), 3250 * MS);
	LEFT(&r, 10 * S);
	DOES(wait(&r), "BACKUP");
	WHY(&r, "hold-down-over");
}

static void a_backup_does_not_mind(void **state)
{
	struct rig r;

	(void)state;
	backup(&r, &plain);
	UNSENT(&r);
	LEFT(&r, DOWN100 - 100 * MS);
}

/* ---- Confirmation by the kernel. */

static struct elect_cfg confirming(void)
{
	struct elect_cfg cfg = plain;

	cfg.confirm = 700 * MS;
	return cfg;
}

static void addresses_that_appear_are_fine(void **state)
{
	struct elect_cfg cfg = confirming();
	struct rig r;

	(void)state;
	backup(&r, &cfg);
	wait(&r);
	SENT(&r);
	LEFT(&r, 700 * MS);
	ADDRS(&r, false, true);
	LEFT(&r, 700 * MS);
	ADDRS(&r, true, true);
	LEFT(&r, 1 * S);
	wait(&r);
	SENT(&r);
	ADDRS(&r, false, true); /* one was taken away */
	LEFT(&r, 700 * MS);
	ADDRS(&r, true, true);
	LEFT(&r, 1 * S);
}

static void no_addresses_means_hold_down_twice_as_long_each_time(void **state)
{
	static const int64_t secs[] = { 10, 20, 40, 80, 160, 320, 320, 320 };
	struct elect_cfg cfg = confirming();
	struct rig r;

	(void)state;
	backup(&r, &cfg);
	for (size_t i = 0; i < N_OF(secs); i++) {
		DOES(wait(&r), "MASTER 100");
		SENT(&r);
		DOES(wait(&r), "FAULT 0");
		WHY(&r, "not-bound");
		LEFT(&r, secs[i] * S);
		DOES(HEAR(&r, 50, 50), "");
		DOES(wait(&r), "BACKUP");
	}
	wait(&r);
	ADDRS(&r, true, true); /* bound: forgiven */
	pass(&r, 100 * MS);
	ADDRS(&r, false, false);
	r.now = mono_add(r.now, 700 * MS);
	DUE(&r);
	LEFT(&r, 10 * S);
}

static void the_hold_down_is_at_least_three_intervals(void **state)
{
	struct elect_cfg cfg = confirming();
	struct rig r;

	(void)state;
	cfg.interval = 20 * S;
	backup(&r, &cfg);
	wait(&r);
	DOES(wait(&r), "FAULT 0");
	LEFT(&r, 60 * S);
}

static void a_fault_outlasts_the_hold_down(void **state)
{
	struct elect_cfg cfg = confirming();
	struct rig r;

	(void)state;
	backup(&r, &cfg);
	wait(&r);
	wait(&r);
	DOES(FAULT(&r, "link"), "FAULT");
	DOES(wait(&r), "");
	IS(&r, FAULT);
	DOES(CLEAR(&r), "BACKUP");
	wait(&r);
	wait(&r);
	WHY(&r, "not-bound");
	FAULT(&r, "link");
	DOES(CLEAR(&r), ""); /* the hold-down outlasts the fault */
	DOES(wait(&r), "BACKUP");
}

static void a_confirmation_slept_through_proves_nothing(void **state)
{
	struct elect_cfg cfg = confirming();
	struct rig r;

	(void)state;
	backup(&r, &cfg);
	wait(&r);
	SENT(&r);
	pass(&r, 1701 * MS);
	DUE(&r);
	IS(&r, MASTER);
	LEFT(&r, 299 * MS);
	pass(&r, 700 * MS);
	DUE(&r);
	IS(&r, FAULT);
}

/* ---- Waking late. */

static void a_late_backup_listens_once_more_and_only_once(void **state)
{
	struct rig r;

	(void)state;
	backup(&r, &plain);
	r.now = mono_add(elect_deadline(&r.e), 1 * S);
	DOES(DUE(&r), "MASTER 100"); /* one interval late is not late */
	backup(&r, &plain);
	r.now = mono_add(elect_deadline(&r.e), 1 * S + 1);
	DOES(DUE(&r), "late");
	LEFT(&r, 1 * S + SKEW100);
	r.now = mono_add(elect_deadline(&r.e), 5 * S);
	DOES(DUE(&r), "MASTER 100");
}

static void a_late_backup_that_hears_a_master_follows(void **state)
{
	struct rig r;

	(void)state;
	backup(&r, &plain);
	pass(&r, 60 * S);
	HEAR(&r, 200, 200); /* queued, so it comes before the deadline */
	DOES(DUE(&r), "");
	LEFT(&r, DOWN100);
	pass(&r, 60 * S);
	DOES(DUE(&r), "late"); /* and it may listen once more again */
}

static void a_late_master_yields_to_any_master(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	pass(&r, 750 * MS + 2 * S);
	DOES(HEAR(&r, 50, 50), "other 100 MASTER"); /* not late yet */
	master(&r, &plain);
	pass(&r, 750 * MS + 2 * S + 1);
	DOES(HEAR(&r, 50, 50), "BACKUP");
	WHY(&r, "late-wake");
	LEFT(&r, DOWN100);
}

static void a_late_master_that_hears_none_tells_again(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	pass(&r, 10 * S);
	DOES(DUE(&r), "late 100 MASTER");
	assert_int_equal(r.e.epoch, 2);
	LEFT(&r, 1 * S);
	SENT(&r);
	DOES(wait(&r), "100");
	assert_int_equal(r.e.epoch, 2);
}

/* Who sends priority 0 was Master, and the neighbours may be with it. */
static void a_release_makes_a_master_tell_again(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	wait(&r);
	pass(&r, 100 * MS);
	DOES(HEAR(&r, 0, 50), "100 MASTER");
	assert_int_equal(r.e.epoch, 2);
}

static void a_queued_release_does_not_hide_a_late_wake(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	pass(&r, 10 * S);
	DOES(HEAR(&r, 0, 50), "");
	DOES(DUE(&r), "late 100 MASTER");
	assert_int_equal(r.e.epoch, 2);
	master(&r, &plain);
	pass(&r, 10 * S);
	HEAR(&r, 0, 50);
	DOES(HEAR(&r, 50, 50), "BACKUP");
	WHY(&r, "late-wake");
}

static void a_little_late_keeps_the_grid(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	r.now = mono_add(elect_deadline(&r.e), 30 * MS);
	DOES(DUE(&r), "100");
	LEFT(&r, 970 * MS);
}

static void a_stop_goes_before_what_was_slept_through(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	pass(&r, 60 * S);
	DOES(STOP(&r), "INIT 0 halt0");
	DOES(HEAR(&r, 50, 50), "");
	DOES(DUE(&r), "");
}

/* ---- Hand-over. */

static void overlapping(struct rig *r)
{
	struct elect_cfg cfg = plain;

	cfg.handover = HANDOVER_OVERLAP;
	master(r, &cfg);
	ADDRS(r, true, true);
	DOES(STOP(r), "0");
	IS(r, MASTER);
	assert_false(elect_is_active(&r->e));
	SENT(r);
}

static void overlap_ends_shortly_after_the_successor_is_heard(void **state)
{
	struct rig r;

	(void)state;
	overlapping(&r);
	pass(&r, 300 * MS);
	DOES(HEAR(&r, 0, 50), "");
	DOES(HEAR(&r, 50, 50), "");
	LEFT(&r, 50 * MS);
	pass(&r, 40 * MS);
	DOES(HEAR(&r, 50, 50), ""); /* the second does not prolong it */
	LEFT(&r, 10 * MS);
	DOES(wait(&r), "INIT halt0");
	WHY(&r, "stop");
	LEFT(&r, NEVER);
}

static void overlap_ends_when_nobody_can_come_any_more(void **state)
{
	struct rig r;

	(void)state;
	overlapping(&r);
	LEFT(&r, 996093 + 50 * MS);
	DOES(wait(&r), "INIT halt0");
}

static void a_second_stop_ends_at_once(void **state)
{
	struct rig r;

	(void)state;
	overlapping(&r);
	DOES(STOP(&r), "INIT halt0");
	overlapping(&r);
	HEAR(&r, 50, 50);
	DOES(STOP(&r), "INIT halt0");
}

static void the_leaver_keeps_its_line_alive(void **state)
{
	struct elect_cfg cfg = beating();
	struct rig r;

	(void)state;
	cfg.handover = HANDOVER_OVERLAP;
	setup(&r, &cfg);
	START(&r);
	while (r.e.state != ELECT_MASTER)
		wait(&r);
	SENT(&r);
	DOES(STOP(&r), "0");
	SENT(&r);
	DOES(wait(&r), "MASTER");
	DOES(wait(&r), "MASTER");
	DOES(wait(&r), "INIT halt0");
}

static void break_waits_for_the_addresses_to_go(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	ADDRS(&r, true, true);
	DOES(STOP(&r), "INIT");
	LEFT(&r, 1 * S);
	DOES(wait(&r), "100"); /* nobody may come in yet */
	DOES(STOP(&r), "");    /* on the way, and bounded */
	DOES(HEAR(&r, 50, 50), "");
	DOES(ADDRS(&r, false, true), "");
	pass(&r, 100 * MS);
	DOES(ADDRS(&r, false, false), "0 halt0");
}

static void break_calls_nobody_in_while_addresses_are_held(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	ADDRS(&r, true, true);
	STOP(&r);
	for (int i = 0; i < 3; i++)
		DOES(wait(&r), "100");
	DOES(wait(&r), "halt111");
	DOES(ADDRS(&r, false, false), "");
}

static void break_ends_before_a_better_master(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	ADDRS(&r, true, true);
	STOP(&r);
	DOES(HEAR(&r, 200, 200), "halt0");
}

static void a_fault_on_the_way_out_ends_it(void **state)
{
	struct rig r;

	(void)state;
	overlapping(&r);
	DOES(FAULT(&r, "link"), "INIT halt0");
	master(&r, &plain);
	ADDRS(&r, true, true);
	STOP(&r);
	DOES(FAULT(&r, "link"), "");
	DOES(ADDRS(&r, false, false), "0 halt0");
}

static void a_stop_pays_the_priority_0_that_a_fault_owes(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	ADDRS(&r, true, true);
	DOES(FAULT(&r, "link"), "FAULT");
	DOES(STOP(&r), "INIT");
	DOES(ADDRS(&r, false, false), "0 halt0");
}

static void a_farewell_is_no_second_master(void **state)
{
	struct rig r;

	(void)state;
	backup(&r, &plain);
	wait(&r);
	pass(&r, 1 * MS);
	DOES(HEAR(&r, 50, 1), "100");
	pass(&r, 250 * MS);
	DOES(HEAR(&r, 50, 1), "other 100");
}

static void nobody_starts_again_on_the_way_out(void **state)
{
	struct rig r;

	(void)state;
	overlapping(&r);
	DOES(CLEAR(&r), "");
	DOES(PRIO(&r, 50), "");
	DOES(HEAR(&r, 200, 200), "");
	IS(&r, MASTER);
}

static void yielding_lingers_a_moment(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.handover = HANDOVER_OVERLAP;
	master(&r, &cfg);
	DOES(HEAR(&r, 200, 200), "100");
	IS(&r, BACKUP);
	LEFT(&r, 50 * MS);
	DOES(wait(&r), "BACKUP");
	LEFT(&r, DOWN100 - 50 * MS);
	cfg.interval = 20 * MS; /* a quarter of it where that is less */
	master(&r, &cfg);
	r.now = elect_deadline(&r.e);
	HEAR_AT(&r, 200, 200, 20 * MS);
	LEFT(&r, 5 * MS);
}

/* Backups that hear it last would learn our interval and, with the longer one
 * of the winner, take its next advert for overdue. */
static void no_farewell_to_a_slower_winner(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	DOES(HEAR_AT(&r, 200, 200, 1 * S), "100 BACKUP");
	master(&r, &plain);
	DOES(HEAR_AT(&r, 200, 200, 1 * S + 10 * MS), "BACKUP");
}

static void lingering_ends_with_the_next_line(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.handover = HANDOVER_OVERLAP;
	master(&r, &cfg);
	HEAR(&r, 200, 200);
	DOES(FAULT(&r, "link"), "FAULT");
	LEFT(&r, NEVER);
	master(&r, &cfg);
	HEAR(&r, 200, 200);
	DOES(STOP(&r), "INIT halt0");
}

/* ---- A reader that is gone. */

static void reader_gone_with_nothing_held(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	DOES(GONE(&r), "0 INIT halt111");
	WHY(&r, "reader-gone");
}

static void reader_gone_with_addresses_held(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	ADDRS(&r, true, true);
	DOES(GONE(&r), "");
	DOES(GONE(&r), "");
	DOES(STOP(&r), "");
	LEFT(&r, 1 * S);
	DOES(wait(&r), "100"); /* nobody may come in yet */
	DOES(HEAR(&r, 50, 50), "");
	DOES(ADDRS(&r, false, true), "");
	DOES(ADDRS(&r, false, false), "0 INIT halt111");
}

static void reader_gone_and_addresses_that_stay(void **state)
{
	struct elect_cfg cfg = confirming();
	struct rig r;

	(void)state;
	master(&r, &cfg);
	ADDRS(&r, true, true);
	GONE(&r);
	/* not before a lease can have run out, whatever --confirm says */
	for (int i = 0; i < 3; i++)
		DOES(wait(&r), "100");
	LEFT(&r, 1 * S);
	DOES(wait(&r), "0 INIT halt111");
}

static void reader_gone_and_a_better_master(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	ADDRS(&r, true, true);
	GONE(&r);
	DOES(HEAR(&r, 200, 200), "INIT halt111");
}

static void reader_gone_of_a_backup(void **state)
{
	struct rig r;

	(void)state;
	backup(&r, &plain);
	DOES(GONE(&r), "INIT halt111");
	overlapping(&r);
	DOES(GONE(&r), "INIT halt111");
}

/* It must not end up in a hold-down, and so take part again. */
static void reader_gone_and_adverts_that_do_not_leave(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.confirm = 60 * S;
	master(&r, &cfg);
	ADDRS(&r, true, true);
	GONE(&r);
	for (int i = 0; i < 1000 && !r.e.halted; i++) {
		wait(&r);
		UNSENT(&r);
		assert_true(r.e.halted || r.e.state == ELECT_MASTER);
	}
	IS(&r, INIT);
}

/* ---- Limits. */

static void one_answer_per_quarter_interval(void **state)
{
	struct rig r;
	int answers = 0;

	(void)state;
	master(&r, &plain);
	for (int i = 0; i < 1000; i++) {
		HEAR(&r, 50, 50);
		answers += strstr(r.did, "100") != NULL;
		pass(&r, 1 * MS);
	}
	assert_int_equal(answers, 4);
}

static void a_release_within_the_limit_is_answered_when_it_is_over(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	DOES(HEAR(&r, 50, 50), "other 100");
	pass(&r, 10 * MS);
	DOES(HEAR(&r, 0, 50), "");
	LEFT(&r, 240 * MS);
	DOES(wait(&r), "100");
	r.e.epoch_owed = false;
	LEFT(&r, 1 * S);
}

static void the_epoch_grows_once_an_interval_at_most(void **state)
{
	struct rig r;
	uint32_t before;

	(void)state;
	master(&r, &plain);
	before = r.e.epoch;
	for (int i = 0; i < 10000; i++) {
		HEAR(&r, 50, 50);
		SENT(&r);
		pass(&r, 1 * MS);
		if (left(&r) <= 0) {
			DUE(&r);
			SENT(&r);
		}
	}
	assert_in_range(r.e.epoch - before, 9, 10);
}

static void the_epoch_gap_is_a_quarter_second_at_least(void **state)
{
	struct elect_cfg cfg = plain;
	struct rig r;

	(void)state;
	cfg.interval = 10 * MS;
	setup(&r, &cfg);
	START(&r);
	for (int i = 0; i < 4; i++) { /* becoming Master is no repetition */
		wait(&r);
		IS(&r, MASTER);
		HEAR_AT(&r, 200, 200, 10 * MS);
	}
	assert_int_equal(r.e.epoch, 4);
	wait(&r);
	for (int i = 0; i < 1000; i++) {
		r.now = elect_deadline(&r.e);
		HEAR_AT(&r, 50, 50, 10 * MS);
		DUE(&r);
		SENT(&r);
	}
	assert_in_range(r.e.epoch, 5 + 38, 5 + 41);
}

static void an_owed_epoch_comes_later(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	DOES(HEAR(&r, 50, 50), "other 100"); /* became Master just now */
	assert_int_equal(r.e.epoch, 1);
	DOES(wait(&r), "100 MASTER");
	assert_int_equal(r.e.epoch, 2);
	SENT(&r);
	DOES(wait(&r), "100");
}

/* A Backup that timed out just as a cut healed: it yields at once, but its
 * announcement may have come after ours. */
static void an_owed_epoch_does_not_wait_for_an_advert(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	wait(&r);
	wait(&r);
	SENT(&r);
	pass(&r, 400 * MS);
	DOES(HEAR(&r, 50, 50), "other 100 MASTER");
	SENT(&r);
	DOES(HEAR(&r, 50, 50), "other");
	LEFT(&r, 600 * MS);
	DOES(wait(&r), "100");
	SENT(&r);
	LEFT(&r, 400 * MS);
	DOES(wait(&r), "MASTER");
	LEFT(&r, 600 * MS);
}

static void an_epoch_is_not_told_while_adverts_do_not_leave(void **state)
{
	struct rig r;

	(void)state;
	master(&r, &plain);
	wait(&r);
	wait(&r);
	SENT(&r);
	pass(&r, 990 * MS);
	DOES(HEAR(&r, 50, 50), "other 100 MASTER");
	DOES(HEAR(&r, 50, 50), "other");
	for (int i = 0; i < 5; i++) {
		DOES(wait(&r), "100");
		UNSENT(&r);
	}
	DOES(wait(&r), "100");
	SENT(&r);
	DOES(wait(&r), "MASTER");
}

static void a_halted_router_ignores_everything(void **state)
{
	struct elect before;
	struct rig r;

	(void)state;
	master(&r, &plain);
	STOP(&r);
	assert_true(r.e.halted);
	memcpy(&before, &r.e, sizeof before);
	for (int t = EV_STOP; t < ELECT_EVENT_N; t++) {
		pass(&r, 10 * S);
		DOES(DO(&r, .type = (enum elect_event_type)t, .why = "x",
			     .prio = 50, .interval = 1 * S),
			"");
		LEFT(&r, NEVER);
	}
	assert_memory_equal(&before, &r.e, sizeof before);
}

/* ---- A storm of events. */

static struct elect_cfg some_cfg(uint64_t *rng)
{
	static const int64_t every[] = { 10 * MS, 100 * MS, 1 * S, 20 * S };
	struct elect_cfg cfg = {
		.version = 2 + (uint8_t)t_below(rng, 2),
		.prio = (uint8_t)(t_below(rng, 10) ? 1 + t_below(rng, 254)
						   : 255),
		.preempt = t_below(rng, 4),
		.lower_no_advert = t_below(rng, 2),
		.higher_no_advert = t_below(rng, 2),
		.handover = t_below(rng, 2) ? HANDOVER_OVERLAP : HANDOVER_BREAK,
		.interval = every[t_below(rng, 4)],
		.max_interval = 5 * S,
	};

	cfg.preempt_delay = t_below(rng, 2) ? 0 : cfg.interval * 3;
	cfg.start_delay = t_below(rng, 4) ? 0 : 2 * S;
	cfg.heartbeat = t_below(rng, 2) ? 0 : cfg.interval / 2;
	cfg.confirm = t_below(rng, 2) ? 0 : (int64_t)t_below(rng, 30) * S;
	return cfg;
}

static struct elect_event some_event(uint64_t *rng, const struct rig *r)
{
	static const char *const whys[] = { "link", "track", "send" };
	static const enum elect_event_type often[] = {
		EV_ADVERT,
		EV_DEADLINE,
		EV_DEADLINE,
		EV_SENT,
		EV_UNSENT,
	};
	struct elect_event ev = {
		.type = often[t_below(rng, N_OF(often))],
		.prio = (uint8_t)t_below(rng, 256),
		.held_all = t_below(rng, 2),
		.interval = r->cfg.interval,
		.src = host((uint8_t)t_below(rng, 256)),
		.why = whys[t_below(rng, N_OF(whys))],
	};

	ev.held_any = ev.held_all || t_below(rng, 2);
	if (t_below(rng, 3) == 0)
		ev.type = (enum elect_event_type)(
			1 + t_below(rng, ELECT_EVENT_N - 1));
	if ((ev.type == EV_STOP || ev.type == EV_READER_GONE) &&
		t_below(rng, 20))
		ev.type = EV_DEADLINE;
	if (ev.type == EV_PRIO && !ev.prio)
		ev.prio = 1;
	if (ev.type == EV_ADVERT && t_below(rng, 4) == 0)
		ev.interval *= 2;
	return ev;
}

/* What must hold after any event whatever. */
static void check_step(const struct elect *was, const struct rig *r,
	const struct elect_event *ev)
{
	if (ev->type == EV_DEADLINE && !r->e.halted)
		assert_true(mono_before(r->now, elect_deadline(&r->e)));
	assert_true(r->e.epoch - was->epoch <= 1);
	if (was->halted)
		assert_int_equal(r->did[0], '\0');
	if (was->leaving != LEAVE_NOT) {
		assert_false(elect_is_active(&r->e));
		assert_int_not_equal(r->e.state, ELECT_BACKUP);
		assert_int_not_equal(r->e.leaving, LEAVE_NOT);
	}
	if (r->e.state == ELECT_BACKUP)
		assert_int_not_equal(left(r), NEVER);
	if (was->state != ELECT_MASTER && r->e.state == ELECT_MASTER)
		assert_true(strstr(r->did, "MASTER") != NULL);
	assert_true(r->e.learned <= 5 * S || r->e.learned == r->cfg.interval);
}

static void storm(uint64_t *rng)
{
	struct elect_cfg cfg = some_cfg(rng);
	struct rig r;

	setup(&r, &cfg);
	START(&r);
	for (int i = 0; i < 2000 && !r.e.halted; i++) {
		struct elect_event ev = some_event(rng, &r);
		struct elect was = r.e;

		if (t_below(rng, 2) && left(&r) != NEVER && left(&r) > 0)
			r.now = elect_deadline(&r.e);
		pass(&r, (int64_t)t_below(rng, 4)
				 ? 0
				 : (int64_t)t_below(
					   rng, (uint64_t)cfg.interval * 4));
		event(&r, &ev);
		check_step(&was, &r, &ev);
	}
}

static void a_storm_of_events(void **state)
{
	uint64_t rng = t_seed();

	(void)state;
	for (int i = 0; i < 3000; i++)
		storm(&rng);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_state_table_of_the_rfcs),
		T(timers),
		T(every_priority_has_a_skew_of_its_own),
		T(learning),
		T(a_master_uses_its_own_interval),
		T(a_release_never_postpones),
		T(the_reasons_of_a_takeover),
		T(preemption_comes_within_one_down_time),
		T(preempt_delay_counts_from_the_first_worse_advert),
		T(a_better_master_ends_the_preempt_delay),
		T(a_phase_shortens_the_first_gap_alone),
		T(preempt_delay_is_not_for_a_dead_master),
		T(start_delay),
		T(a_fault_during_the_start_delay),
		T(an_owner_preempts_whatever_is_configured),
		T(two_owners_settle_by_address),
		T(priority_changes),
		T(a_raised_priority_may_be_due_at_once),
		T(a_lowered_master_yields),
		T(faults_in_each_state),
		T(a_fault_cleared_before_the_start),
		T(a_fault_forgets_what_was_learned),
		T(a_long_reason_is_cut),
		T(break_before_make_in_a_fault),
		T(break_in_a_fault_keeps_the_others_out),
		T(break_in_a_fault_gives_up_in_the_end),
		T(make_before_break_in_a_fault),
		T(a_reelected_master_owes_no_release),
		T(a_heartbeat_repeats_the_line),
		T(a_master_beats_only_after_its_advert_was_sent),
		T(in_fault_the_heartbeat_goes_on),
		T(an_advert_that_was_not_sent_is_tried_again),
		T(who_cannot_send_is_not_master),
		T(a_backup_does_not_mind),
		T(addresses_that_appear_are_fine),
		T(no_addresses_means_hold_down_twice_as_long_each_time),
		T(the_hold_down_is_at_least_three_intervals),
		T(a_fault_outlasts_the_hold_down),
		T(a_confirmation_slept_through_proves_nothing),
		T(a_late_backup_listens_once_more_and_only_once),
		T(a_late_backup_that_hears_a_master_follows),
		T(a_late_master_yields_to_any_master),
		T(a_late_master_that_hears_none_tells_again),
		T(a_release_makes_a_master_tell_again),
		T(a_queued_release_does_not_hide_a_late_wake),
		T(a_little_late_keeps_the_grid),
		T(a_stop_goes_before_what_was_slept_through),
		T(overlap_ends_shortly_after_the_successor_is_heard),
		T(overlap_ends_when_nobody_can_come_any_more),
		T(a_second_stop_ends_at_once),
		T(the_leaver_keeps_its_line_alive),
		T(break_waits_for_the_addresses_to_go),
		T(break_calls_nobody_in_while_addresses_are_held),
		T(break_ends_before_a_better_master),
		T(a_fault_on_the_way_out_ends_it),
		T(a_stop_pays_the_priority_0_that_a_fault_owes),
		T(a_farewell_is_no_second_master),
		T(nobody_starts_again_on_the_way_out),
		T(yielding_lingers_a_moment),
		T(no_farewell_to_a_slower_winner),
		T(lingering_ends_with_the_next_line),
		T(reader_gone_with_nothing_held),
		T(reader_gone_with_addresses_held),
		T(reader_gone_and_addresses_that_stay),
		T(reader_gone_and_a_better_master),
		T(reader_gone_of_a_backup),
		T(reader_gone_and_adverts_that_do_not_leave),
		T(one_answer_per_quarter_interval),
		T(a_release_within_the_limit_is_answered_when_it_is_over),
		T(the_epoch_grows_once_an_interval_at_most),
		T(the_epoch_gap_is_a_quarter_second_at_least),
		T(an_owed_epoch_comes_later),
		T(an_owed_epoch_does_not_wait_for_an_advert),
		T(an_epoch_is_not_told_while_adverts_do_not_leave),
		T(a_halted_router_ignores_everything),
		T(a_storm_of_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
