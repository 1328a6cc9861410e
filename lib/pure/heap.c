#include "heap.h"

static void put(struct heap *h, size_t i, struct timer *t)
{
	h->v[i] = t;
	t->at = i + 1;
}

static void up(struct heap *h, size_t i)
{
	struct timer *t = h->v[i];

	for (; i && mono_before(t->when, h->v[(i - 1) / 2]->when);
		i = (i - 1) / 2)
		put(h, i, h->v[(i - 1) / 2]);
	put(h, i, t);
}

static void down(struct heap *h, size_t i)
{
	struct timer *t = h->v[i];

	for (size_t kid; (kid = 2 * i + 1) < h->n; i = kid) {
		if (kid + 1 < h->n &&
			mono_before(h->v[kid + 1]->when, h->v[kid]->when))
			kid++;
		if (!mono_before(h->v[kid]->when, t->when))
			break;
		put(h, i, h->v[kid]);
	}
	put(h, i, t);
}

void heap_set(struct heap *h, struct timer *t, struct mono when)
{
	t->when = when;
	if (!t->at)
		put(h, h->n++, t);
	up(h, t->at - 1);
	down(h, t->at - 1);
}

void heap_remove(struct heap *h, struct timer *t)
{
	size_t i = t->at;
	struct timer *last;

	if (!i)
		return;
	t->at = 0;
	last = h->v[--h->n];
	if (last == t)
		return;
	put(h, i - 1, last);
	up(h, last->at - 1);
	down(h, last->at - 1);
}

struct timer *heap_top(const struct heap *h)
{
	return h->n ? h->v[0] : NULL;
}
