/* What must hold when something happens; check.c says what each is. */
#include "world.h"

void check_change(struct sim *s, int i, const char *why)
{
	struct node *v = &s->node[i];

	s->st->takeovers += v->active;
	if (v->active && s->now < v->not_before)
		fail(s, "hasty", "r%d became Master (%s), not before %lld us",
			v->r->id, why, (long long)v->not_before);
	v->lower_since = NEVER;
	if (s->in_fault || !(s->members & 1u << i)) /* a hold-down is over */
		return;
	if (is_settled(s, s->now))
		fail(s, "quiet", "r%d %s Master (%s)", v->r->id,
			v->active ? "became" : "is no longer", why);
	if (!s->exp.on)
		return;
	if (v->active && s->now < s->exp.lo[i])
		fail(s, "early", "r%d became Master (%s), not before %lld us",
			v->r->id, why, (long long)s->exp.lo[i]);
	if (!v->active && s->exp.keep == i)
		fail(s, "still", "r%d is no longer Master (%s)", v->r->id, why);
}

static void check_storm(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	int64_t *oldest = &v->sent_at[v->nsent % RATE];

	if (v->nsent++ >= RATE &&
		s->now - *oldest < real_min(v, v->r->cfg.interval))
		fail(s, "storm", "r%d sent %d adverts in %lld us", v->r->id,
			RATE + 1, (long long)(s->now - *oldest));
	*oldest = s->now;
}

void check_rate(struct sim *s, int i, uint8_t prio)
{
	struct node *v = &s->node[i];
	int64_t gap = s->now - v->last_sent, a = v->r->cfg.interval;

	if (v->active && is_settled(s, s->now) && !s->split && !s->in_fault &&
		is_settled(s, v->last_sent) && v->last_sent > s->calm_since &&
		v->last_sent > v->flooded_until &&
		(gap > real_max(v, a) + s->j || gap < real_min(v, a) - s->j))
		fail(s, "rate", "r%d advertised after %lld us", v->r->id,
			(long long)gap);
	v->last_sent = s->now;
	if (prio)
		check_storm(s, i);
}

void check_advert(struct sim *s, int i, uint8_t prio, bool was)
{
	struct node *v = &s->node[i];
	bool must_wait = v->readerless || v->r->cfg.handover == HANDOVER_BREAK;

	if (prio == 0 && v->held && must_wait)
		fail(s, "zero", "r%d calls others in and holds", v->r->id);
	if (prio == 0 && !v->was_master)
		fail(s, "zero", "r%d was never Master", v->r->id);
	if (prio != 0 && !was && v->e.state != ELECT_MASTER && !v->e.zero_owed)
		fail(s, "zero", "r%d advertises as a Backup", v->r->id);
}

static int64_t anew_gap(const struct node *v)
{
	return max64(v->r->cfg.interval, 250000);
}

void check_anew(struct sim *s, int i, uint32_t epoch, bool took_over)
{
	struct node *v = &s->node[i];
	int64_t a = v->r->cfg.interval;

	if (v->e.epoch != epoch) {
		if (!took_over &&
			s->now - v->anew_at < real_min(v, anew_gap(v)))
			fail(s, "anew", "r%d tells neighbours after %lld us",
				v->r->id, (long long)(s->now - v->anew_at));
		v->anew_at = s->now;
		v->owes_anew = NEVER;
	} else if (!elect_is_active(&v->e) || v->mute || v->late) {
		v->owes_anew = NEVER;
	} else if (v->owes_anew != NEVER &&
		   s->now - v->owes_anew >
			   real_max(v, anew_gap(v) + a) + s->j) {
		fail(s, "anew", "r%d owes its neighbours since %lld us",
			v->r->id, (long long)v->owes_anew);
	}
}

/* A Master that goes on has just heard a worse one. */
void check_answer(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	int64_t quarter = real_max(v, v->r->cfg.interval / 4);

	if (v->mute)
		return;
	if (!v->r->cfg.lower_no_advert &&
		s->now - max64(v->last_sent, v->ok_since) > quarter)
		fail(s, "answer", "r%d is silent to a worse Master", v->r->id);
	if (!v->conflict && s->now - v->active_since > quarter)
		fail(s, "answer", "r%d does not tell of a worse Master",
			v->r->id);
	if (v->owes_anew == NEVER && v->anew_at != s->now)
		v->owes_anew = s->now;
}

/* ---- What a scenario file asks for. */

static unsigned masters(const struct sim *s)
{
	unsigned m = 0;

	for (int i = 0; i < s->n; i++)
		m |= s->node[i].active ? 1u << s->node[i].r->id : 0;
	return m;
}

static unsigned tellers(const struct sim *s)
{
	unsigned m = 0;

	for (int i = 0; i < s->n; i++)
		m |= s->node[i].conflict ? 1u << s->node[i].r->id : 0;
	return m;
}

static void ask(struct sim *s, const struct sim_check *c)
{
	int n = (int)s->takeovers;

	if (c->kind == CHECK_MASTER && masters(s) != c->group)
		fail(s, "expect", "the Masters are %#x, not %#x", masters(s),
			c->group);
	else if (c->kind == CHECK_CONFLICT && tellers(s) != c->group)
		fail(s, "expect", "of another Master told %#x, not %#x",
			tellers(s), c->group);
	else if (c->kind == CHECK_TAKEOVERS &&
		 (c->most ? n > c->num : n != c->num))
		fail(s, "expect", "%d takeovers, not %d", n, c->num);
}

void check_asked(struct sim *s)
{
	while (s->next_check < s->sc->nchecks &&
		s->sc->check[s->next_check].at <= s->now)
		ask(s, &s->sc->check[s->next_check++]);
}
