/* What must hold.  With A the interval of a Master, M the interval learned, s
 * the skew, D = 3M + s, each by the clock of whose it is; d the longest delay,
 * j the longest lateness of a timer, b the longest time a binder takes, k the
 * most adverts lost in a row:
 *
 *  yield	a Master that hears a better one is none after that very event;
 *		hearing a worse one never ends it
 *  answer	it answers a worse one, unless it just sent or follows RFC 5798,
 *		and tells people of it
 *  anew	neighbours are told again in time after a worse one was heard,
 *		and no more often than once in max(A, 250 ms)
 *  silence	a Backup that hears nothing for D + j is none any more, settled
 *		or not; only after a stall it may listen once more
 *  hasty	a Backup that follows an advert is none for D from then on, or s
 *		from a priority 0; it follows a lower one without preempt, or
 *		while its delay of preemption lasts
 *  S1		a worse Master that could hear a better one for
 *		(k+1)(A+j) + d has yielded
 *  S2		T = b + 2d + D + 2j + (k+1)(A+j) after a disturbance
 *		there is exactly one Master, the best (nopreempt: exactly one)
 *  quiet	and from then on none comes or goes
 *  rate	and it advertises every A
 *  L1		silent death at t: no survivor takes over before
 *		t - (k+1)(A+j) + D (early), the best has by t + d + D + j (late)
 *  L2		clean stop at t: not before t + s; by t + b + d + s + j, unless
 *		the priority 0 was lost or overtaken
 *  preempt	a better router that starts at t takes over in [t+D, t+D+d+j]
 *  still	what does not concern the Master changes no Master: death,
 *		stop, stall or return of another, loss of k <= 2, doubles
 *  refuse	each mutated packet is refused, no sent one is
 *  zero	priority 0 comes only from who was Master, in a hand-over
 *		without overlap only when nothing is held any more; any other
 *		priority comes only from a Master
 *  holds	who is Master holds the addresses b later, who is none has
 *		dropped them after min(A/4, 50 ms) + j + b
 *  mute	who cannot send is no Master after 4.5 A
 *  ends	who is told to stop does so in time
 *  joins	who has started takes part after its delay of start
 *  bound	with an ideal binder nobody resigns as not bound
 *  endless	time goes by, whatever happens
 *  storm	never more than 12 adverts in one A, whatever is heard
 *
 * expect.c knows which of L1, L2, preempt and still is due.  Here is what holds
 * at any time; moment.c has what holds at an event. */
#include "world.h"

static void check_pair(struct sim *s, int i, int w)
{
	const struct node *a = &s->node[i], *b = &s->node[w];
	int64_t interval = real_max(a, a->r->cfg.interval);
	int64_t bound = (s->k + 1) * (interval + s->j) + s->d;
	int64_t since = s->net_since;

	if (s->storm || a->mute || blocked(s, i, w))
		return;
	since = max64(since, max64(a->active_since, b->active_since));
	since = max64(since, max64(a->ok_since, b->ok_since));
	s->st->bounds++;
	if (s->now - since > bound)
		fail(s, "S1",
			"r%d and the worse r%d both Master for %lld us, "
			"more than %lld",
			a->r->id, b->r->id, (long long)(s->now - since),
			(long long)bound);
}

static void check_s1(struct sim *s)
{
	for (int i = 0; i < s->n; i++)
		for (int w = 0; w < s->n; w++) {
			struct node *a = &s->node[i], *b = &s->node[w];

			if (i != w && a->active && b->active && a->up &&
				b->up && !a->stalled && !b->stalled &&
				better(a, b))
				check_pair(s, i, w);
		}
}

static void check_side(struct sim *s, int side)
{
	int masters = 0, members = 0;
	uint8_t best = 0, has = 0;

	for (int i = 0; i < s->n; i++) {
		const struct node *v = &s->node[i];

		if (!(s->members & 1u << i) || (s->split && s->side[i] != side))
			continue;
		members++;
		masters += v->active;
		best = v->prio > best ? v->prio : best;
		has = v->active ? v->prio : has;
	}
	s->st->bounds++;
	if (members && masters != 1)
		fail(s, "S2", "%d Masters among %d when settled", masters,
			members);
	else if (members && s->sc->preempt && has != best)
		fail(s, "S2", "priority %d is Master, %d is not", has, best);
}

static void check_expect(struct sim *s)
{
	for (int i = 0; i < s->n; i++)
		if (s->exp.winners & 1u << i && s->node[i].active)
			s->exp.hi = NEVER;
	if (s->exp.hi != NEVER)
		fail(s, "late", "no Master among %#x at %lld us, due %lld",
			s->exp.winners, (long long)s->now,
			(long long)s->exp.hi);
}

/* Router i has just heard an advert, or begun to listen. */
void await_silence(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	int64_t down = real_max(v, down_of(v, s->learned_max));

	v->silent_by = NEVER;
	if (v->e.state == ELECT_BACKUP)
		v->silent_by = s->now + s->j + (v->late ? 2 * down : down);
}

static bool follows(struct sim *s, struct node *v, uint8_t prio)
{
	int64_t pd = v->r->cfg.preempt_delay;

	if (prio >= v->prio) {
		v->lower_since = NEVER;
		return true;
	}
	if (v->prio == 255 || !s->sc->preempt)
		return v->prio != 255;
	if (v->lower_since == NEVER)
		v->lower_since = s->now;
	return pd && s->now - v->lower_since < real_min(v, pd);
}

/* Backup i has just heard an advert. */
void forbid_haste(struct sim *s, int i, uint8_t prio, int64_t interval)
{
	struct node *v = &s->node[i];
	int64_t called = s->now + real_min(v, skew_of(v, v->learned));

	if (prio == 0 && v->not_before > called)
		v->not_before = called;
	if (prio == 0 || !follows(s, v, prio))
		return;
	v->learned = v->r->cfg.version == 2 ? v->r->cfg.interval : interval;
	v->not_before = s->now + real_min(v, down_of(v, v->learned));
}

static void check_holds(struct sim *s, struct node *v, bool master)
{
	int64_t quarter = real_max(v, v->r->cfg.interval / 4);
	int64_t grace = quarter < 51000 ? quarter : 51000;
	int64_t by = max64(v->state_since, v->ok_since) + s->b;

	if (s->now > (master ? by : by + grace + s->j))
		fail(s, "holds", "r%d is %s since %lld us and %s", v->r->id,
			elect_state_str(v->e.state), (long long)v->state_since,
			master ? "holds nothing" : "holds addresses");
}

static void check_mute(struct sim *s, struct node *v)
{
	int64_t a = v->r->cfg.interval;
	int64_t since =
		max64(v->mute_since, max64(v->active_since, v->ok_since));

	if (s->now - since > real_max(v, 4 * a + a / 2) + 2 * s->j)
		fail(s, "mute", "r%d is Master since %lld us", v->r->id,
			(long long)since);
}

static void check_joins(struct sim *s, struct node *v)
{
	int64_t since = max64(v->state_since, v->ok_since);

	if (s->now - since > real_max(v, v->r->cfg.start_delay) + s->j)
		fail(s, "joins", "r%d has started and takes no part", v->r->id);
}

static void check_router(struct sim *s, struct node *v)
{
	bool master = v->e.state == ELECT_MASTER;

	if (v->held != master && !v->readerless)
		check_holds(s, v, master);
	if (v->mute && v->active)
		check_mute(s, v);
	if (v->e.state == ELECT_INIT && v->e.leaving == LEAVE_NOT)
		check_joins(s, v);
	if (s->now > v->silent_by)
		fail(s, "silence", "r%d is Backup, due %lld us", v->r->id,
			(long long)v->silent_by);
}

/* What held from the last event up to now. */
void check_time(struct sim *s)
{
	for (int i = 0; i < s->n; i++)
		if (s->node[i].up && !s->node[i].stalled)
			check_router(s, &s->node[i]);
	if (s->nactive > 1)
		check_s1(s);
	if (s->exp.on && s->now > s->exp.hi)
		check_expect(s);
	if (!is_settled(s, s->now))
		return;
	check_side(s, 0);
	if (s->split)
		check_side(s, 1);
}
