/* Our own idea of the formulas, so that no error is shared with lib/pure. */
#include "world.h"

int64_t clock_of(const struct node *v, int64_t real)
{
	return v->r->ppm ? real + real * v->r->ppm / 1000000 : real;
}

/* The first moment at which the clock shows that much. */
int64_t clock_comes(const struct node *v, int64_t shows)
{
	int64_t ppm = v->r->ppm, t = shows;

	if (!ppm)
		return t;
	t -= shows * ppm / (1000000 + ppm);
	while (clock_of(v, t) < shows)
		t++;
	while (t > 0 && clock_of(v, t - 1) >= shows)
		t--;
	return t;
}

static int64_t real(const struct node *v, int64_t us, int64_t slack)
{
	return v->r->ppm ? us * 1000000 / (1000000 + v->r->ppm) + slack : us;
}

int64_t real_min(const struct node *v, int64_t us)
{
	return real(v, us, -2);
}

int64_t real_max(const struct node *v, int64_t us)
{
	return real(v, us, 2);
}

int64_t skew_of(const struct node *v, int64_t learned)
{
	int64_t unit = v->r->cfg.version == 2 ? 1000000 : learned;

	return unit * (256 - v->prio) / 256;
}

int64_t down_of(const struct node *v, int64_t learned)
{
	return learned + learned + learned + skew_of(v, learned);
}

/* Unsigned, network order. */
static int by_address(const struct addr *a, const struct addr *b)
{
	for (size_t i = 0; i < 16; i++)
		if (a->b[i] != b->b[i])
			return a->b[i] > b->b[i] ? 1 : -1;
	return 0;
}

bool better(const struct node *a, const struct node *b)
{
	return a->prio != b->prio ? a->prio > b->prio
				  : by_address(&a->addr, &b->addr) > 0;
}

static int64_t longest_down(const struct sim *s)
{
	int64_t max = 0;

	for (int i = 0; i < s->n; i++) {
		const struct node *v = &s->node[i];
		int64_t down = real_max(v, down_of(v, s->learned_max));

		max = down > max ? down : max;
	}
	return max;
}

/* How long until an advert of a Master is heard. */
static int64_t until_heard(const struct sim *s)
{
	return (s->k + 1) * (s->amax + s->j) + s->d;
}

/* S2 holds this long after the last disturbance.  With a delay of preemption
 * there is a Master first, which is heard, and followed for so long. */
int64_t settle_time(const struct sim *s)
{
	int64_t elect = s->b + s->d + longest_down(s) + 2 * s->j;
	int64_t time = elect + until_heard(s);

	return s->pdmax ? time + s->pdmax + elect + until_heard(s) : time;
}

/* Whatever interval it has learned, does every router bear k lost adverts of
 * every Master?  Where it does not there is no peace: who misses the adverts
 * of a slow Master, having learned of a faster one, times it out again and
 * again.  That is so in the RFCs; a slow clock has the same effect. */
bool tolerates(const struct sim *s, int k)
{
	for (int i = 0; i < s->n; i++)
		for (int l = 0; l < s->n; l++) {
			const struct node *v = &s->node[i];
			int64_t learned = s->node[l].r->cfg.interval;

			if (real_min(v, down_of(v, learned)) <=
				(k + 1) * (s->amax + s->j) + s->d)
				return false;
		}
	return true;
}
