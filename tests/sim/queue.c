/* What is to come, first things first: a binary heap, and packets that are
 * counted by the events they are under way in. */
#include "world.h"

void queue_init(struct queue *q)
{
	q->n = q->seq = 0;
	q->nfree = PKTS_MAX;
	for (size_t i = 0; i < PKTS_MAX; i++)
		q->free[i] = (uint16_t)(PKTS_MAX - 1 - i);
}

static bool earlier(const struct ev *a, const struct ev *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

void queue_push(struct queue *q, struct ev ev)
{
	size_t i = q->n++;

	if (q->n > HEAP_MAX)
		abort();
	ev.seq = q->seq++;
	for (; i && earlier(&ev, &q->heap[(i - 1) / 2]); i = (i - 1) / 2)
		q->heap[i] = q->heap[(i - 1) / 2];
	q->heap[i] = ev;
}

struct ev queue_pop(struct queue *q)
{
	struct ev top = q->heap[0], last = q->heap[--q->n];
	size_t i = 0, c;

	while ((c = 2 * i + 1) < q->n) {
		if (c + 1 < q->n && earlier(&q->heap[c + 1], &q->heap[c]))
			c++;
		if (!earlier(&q->heap[c], &last))
			break;
		q->heap[i] = q->heap[c];
		i = c;
	}
	q->heap[i] = last;
	return top;
}

/* With one reference, that of the caller. */
uint16_t packet_new(struct queue *q, const struct packet *p)
{
	uint16_t i;

	if (!q->nfree)
		abort();
	i = q->free[--q->nfree];
	q->pkt[i] = *p;
	q->pkt[i].refs = 1;
	return i;
}

void packet_drop(struct queue *q, uint16_t i)
{
	if (--q->pkt[i].refs == 0)
		q->free[q->nfree++] = i;
}
