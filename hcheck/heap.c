#include <stdlib.h>

#include "heap.h"

#define NOWHERE                                                                \
	0 /* heap_at of a check that is not in it; places count from 1 */

bool heap_reserve(struct heap *h, size_t n)
{
	struct check **v;

	if (n <= h->room)
		return true;
	v = realloc(h->v, n * sizeof *v);
	if (!v)
		return false;
	h->v = v;
	h->room = n;
	return true;
}

static void put(struct heap *h, size_t i, struct check *c)
{
	h->v[i] = c;
	c->heap_at = i + 1;
}

static void up(struct heap *h, size_t i)
{
	struct check *c = h->v[i];

	for (; i && mono_before(c->when, h->v[(i - 1) / 2]->when);
		i = (i - 1) / 2)
		put(h, i, h->v[(i - 1) / 2]);
	put(h, i, c);
}

static void down(struct heap *h, size_t i)
{
	struct check *c = h->v[i];

	for (size_t kid; (kid = 2 * i + 1) < h->n; i = kid) {
		if (kid + 1 < h->n &&
			mono_before(h->v[kid + 1]->when, h->v[kid]->when))
			kid++;
		if (!mono_before(h->v[kid]->when, c->when))
			break;
		put(h, i, h->v[kid]);
	}
	put(h, i, c);
}

void heap_set(struct heap *h, struct check *c, struct mono when)
{
	c->when = when;
	if (c->heap_at == NOWHERE)
		put(h, h->n++, c);
	up(h, c->heap_at - 1);
	down(h, c->heap_at - 1);
}

void heap_remove(struct heap *h, struct check *c)
{
	size_t i = c->heap_at;
	struct check *last;

	if (i == NOWHERE)
		return;
	c->heap_at = NOWHERE;
	last = h->v[--h->n];
	if (last == c)
		return;
	put(h, i - 1, last);
	up(h, last->heap_at - 1);
	down(h, last->heap_at - 1);
}

struct check *heap_top(const struct heap *h)
{
	return h->n ? h->v[0] : NULL;
}
