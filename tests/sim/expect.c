/* What a fault may bring about, and by when.  Only where all was settled is
 * anything expected; else only what always holds is checked. */
#include "world.h"

void expect_nothing(struct sim *s)
{
	s->exp.on = false;
}

void expect_still(struct sim *s, int master)
{
	s->exp = (struct expect){
		.on = master >= 0, .keep = master, .hi = NEVER
	};
	for (int i = 0; i < s->n; i++)
		s->exp.lo[i] = NEVER;
}

/* In [lo, hi] router i alone takes over. */
static void expect_one(struct sim *s, int i, int64_t lo, int64_t hi)
{
	expect_still(s, 0);
	s->exp.keep = -1;
	s->exp.winners = 1u << i;
	s->exp.lo[i] = lo;
	s->exp.hi = hi;
}

static uint8_t best_prio(const struct sim *s, unsigned set)
{
	uint8_t best = 0;

	for (int i = 0; i < s->n; i++)
		if (set & 1u << i && s->node[i].prio > best)
			best = s->node[i].prio;
	return best;
}

static int64_t interval_of(const struct sim *s, int i)
{
	return s->node[i].r->cfg.interval;
}

static int64_t learned_from(const struct sim *s, int i, int m)
{
	return interval_of(s, s->node[i].r->cfg.version == 2 ? i : m);
}

/* Master m is gone, or no longer the best: the others hear of it at once
 * (told) or by its silence.  A priority 0 may be lost, or be overtaken by an
 * older advert. */
static void expect_takeover(struct sim *s, int m, unsigned heirs, bool told)
{
	const struct node *x = &s->node[m];
	uint8_t best = best_prio(s, heirs);
	int64_t early = (s->k + 1) * (real_max(x, interval_of(s, m)) + s->j);
	bool quick = told && s->k == 0 && !s->nloose;

	s->exp = (struct expect){ .on = heirs != 0, .keep = -1, .hi = 0 };
	for (int i = 0; i < s->n; i++) {
		struct node *v = &s->node[i];
		int64_t a = learned_from(s, i, m);
		int64_t wait = quick ? skew_of(v, a) : down_of(v, a);
		int64_t by = s->now + (told ? s->b : 0) + s->d + s->j +
			     real_max(v, wait);

		s->exp.lo[i] = s->now - early + real_min(v, down_of(v, a));
		if (told && s->now + real_min(v, skew_of(v, a)) < s->exp.lo[i])
			s->exp.lo[i] = s->now + real_min(v, skew_of(v, a));
		if (!(heirs & 1u << i) || v->prio != best)
			continue;
		s->exp.winners |= 1u << i;
		s->exp.hi = by > s->exp.hi ? by : s->exp.hi;
	}
	if (!s->sc->preempt || s->pdmax)
		s->exp.winners = heirs;
}

void expect_loss_of(struct sim *s, int i, bool told)
{
	int m = known_master(s);
	bool settled = is_settled(s, s->now) && !s->split;

	if (m >= 0 && m != i)
		expect_still(s, m);
	else if (m == i && settled)
		expect_takeover(s, m, s->members & ~(1u << i), told);
	else
		expect_nothing(s);
}

/* An advert of better days of m may still be under way, and is followed. */
static void expect_preemption(struct sim *s, int i, int m)
{
	struct node *v = &s->node[i];
	int64_t own = down_of(v, interval_of(s, i));
	int64_t theirs = down_of(v, learned_from(s, i, m));
	int64_t min = own < theirs ? own : theirs;
	int64_t max = own > theirs ? own : theirs;
	int64_t pd = v->r->cfg.preempt_delay;

	if (pd)
		expect_one(s, i, s->now + real_min(v, pd > min ? pd : min),
			s->now + settle_time(s));
	else
		expect_one(s, i, s->now + real_min(v, min),
			s->now + real_max(v, max) + s->d + s->j);
}

/* An owner does so whatever is configured. */
static bool preempts(const struct sim *s, const struct node *v, int m)
{
	return (s->sc->preempt || v->prio == 255) && v->prio > s->node[m].prio;
}

/* Does router i, that starts from nothing, hear Master m in time? */
static bool hears_in_time(const struct sim *s, int i, int m)
{
	const struct node *v = &s->node[i], *x = &s->node[m];
	int64_t a = real_max(x, interval_of(s, m));

	return real_min(v, down_of(v, interval_of(s, i))) >
	       (s->k + 1) * (a + s->j) + s->d;
}

void expect_return(struct sim *s, int i, bool booting)
{
	int m = known_master(s);
	struct node *v = &s->node[i];

	if (m < 0 || m == i || !tolerates(s, s->k))
		expect_nothing(s);
	else if (booting && v->r->cfg.start_delay)
		expect_still(s, m); /* off when it takes part */
	else if (v->prio == 255)
		expect_one(s, i, s->now, s->now);
	else if (preempts(s, v, m))
		expect_preemption(s, i, m);
	else if (hears_in_time(s, i, m))
		expect_still(s, m);
	else
		expect_nothing(s);
}

/* By its own clock. */
static int64_t lateness(const struct sim *s, const struct node *v)
{
	return clock_of(v, s->now) - v->e.timer.us;
}

/* What is queued of it is lower than it is by now: who has a release queued as
 * well, of an earlier Master, may be quicker than its next word. */
static bool spoke_lower(const struct node *x)
{
	return x->pkt_prio < x->prio;
}

/* Will a Backup that slept hear Master m before it acts?  It reads what is
 * queued; it listens once more if it is late by more than an interval, though
 * not twice in a row. */
static bool wakes_well(const struct sim *s, const struct node *v, int m)
{
	const struct node *x = &s->node[m];
	int64_t a = interval_of(s, m);
	int64_t next = real_max(x, a) + s->j + s->d;
	int64_t late = lateness(s, v);

	if (s->k || s->mixed || preempts(s, v, m) || spoke_lower(x))
		return false;
	return !v->frozen || (late > a && !v->e.listening) ||
	       (late < 0 && real_min(v, -late) > next);
}

/* A Master that slept while m came yields when it hears of it, and then
 * preempts as any other. */
static void expect_humble(struct sim *s, int i, int m)
{
	struct node *v = &s->node[i];
	int64_t a = interval_of(s, i);

	if (lateness(s, v) <= 2 * a || !v->queued || s->mixed || s->k ||
		(v->prio == 255 && v->r->cfg.version == 2))
		expect_nothing(s); /* the last one hears nobody (3768 7.1) */
	else if (preempts(s, v, m))
		expect_preemption(s, i, m);
	else if (spoke_lower(&s->node[m]))
		expect_nothing(s);
	else
		expect_still(s, m);
	if (s->exp.on && s->exp.winners == 1u << i) /* a queued release */
		s->exp.lo[i] = s->now + real_min(v, skew_of(v, a));
}

void expect_resume(struct sim *s, int i)
{
	int m = known_master(s);
	const struct node *v = &s->node[i];

	if (m < 0 || m == i)
		expect_nothing(s);
	else if (v->active)
		expect_humble(s, i, m);
	else if (wakes_well(s, v, m))
		expect_still(s, m);
	else
		expect_nothing(s);
}

void expect_prio(struct sim *s, int m)
{
	bool settled = is_settled(s, s->now) && !s->split;

	if (m < 0 || !tolerates(s, s->k)) /* with this one no longer */
		expect_nothing(s);
	else if (!s->sc->preempt ||
		 s->node[m].prio == best_prio(s, s->members | 1u << m))
		expect_still(s, m);
	else if (settled && !s->pdmax)
		expect_takeover(s, m, s->members & ~(1u << m), false);
	else
		expect_nothing(s);
	for (int i = 0; i < s->n; i++) /* what is under way counts no more */
		if (s->exp.lo[i] != NEVER)
			s->exp.lo[i] -= s->d;
}

/* From now on up to k adverts are lost in a row. */
void expect_k(struct sim *s, int k)
{
	if (is_settled(s, s->now) && tolerates(s, k))
		expect_still(s, known_master(s));
	else
		expect_nothing(s); /* somebody may just be listening */
}
