#include "hist.h"

#define SUB_BITS 8

/* Values below 256 have a bucket each; above, each power of two has 256. */
static size_t bucket_of(int64_t us)
{
	unsigned e;
	size_t i;

	if (us < HIST_SUB)
		return us < 0 ? 0 : (size_t)us;
	e = 63u - (unsigned)__builtin_clzll((uint64_t)us);
	i = (e - SUB_BITS + 1) * HIST_SUB +
	    (size_t)(us >> (e - SUB_BITS) & (HIST_SUB - 1));
	return i < HIST_BUCKETS ? i : HIST_BUCKETS - 1;
}

static int64_t middle_of(size_t bucket)
{
	size_t e = bucket / HIST_SUB, sub = bucket % HIST_SUB;

	if (e == 0)
		return (int64_t)sub;
	return ((int64_t)(HIST_SUB + sub) << (e - 1)) +
	       ((INT64_C(1) << (e - 1)) >> 1);
}

void hist_add(struct hist *h, int64_t us)
{
	h->n++;
	h->count[bucket_of(us)]++;
	if (us > h->max)
		h->max = us;
}

int64_t hist_at(const struct hist *h, unsigned permille)
{
	uint64_t want = (h->n * permille + 999) / 1000, seen = 0;

	for (size_t i = 0; i < HIST_BUCKETS && h->n; i++) {
		int64_t v = middle_of(i);

		seen += h->count[i];
		if (seen >= want)
			return v < h->max ? v : h->max;
	}
	return h->max;
}
