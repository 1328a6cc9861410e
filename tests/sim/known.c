/* What is known of the whole: who takes part, is all settled, who is Master. */
#include "world.h"

bool is_member(const struct node *v)
{
	return v->up && !v->stalled && !v->mute && v->e.leaving == LEAVE_NOT &&
	       (v->e.state == ELECT_BACKUP || v->e.state == ELECT_MASTER);
}

bool is_settled(const struct sim *s, int64_t t)
{
	return t > s->settled_at;
}

void disturb(struct sim *s)
{
	bool never = s->ncuts || s->storm || !tolerates(s, s->k);

	s->calm_since = s->now;
	s->settled_at = never ? NEVER : s->now + settle_time(s);
}

void update_members(struct sim *s)
{
	unsigned m = 0;

	for (int i = 0; i < s->n; i++)
		m |= is_member(&s->node[i]) ? 1u << i : 0;
	if (m == s->members)
		return;
	s->members = m;
	disturb(s);
	if (!s->in_fault)
		s->exp.on = false;
}

/* The only Master, where there is one for sure; else -1. */
int known_master(const struct sim *s)
{
	if (s->exp.on && s->exp.keep >= 0)
		return s->exp.keep;
	if (!is_settled(s, s->now) || s->split)
		return -1;
	for (int i = 0; i < s->n; i++)
		if (s->members & 1u << i && s->node[i].active)
			return i;
	return -1;
}
