/* splitmix64.  Every router and every link has a stream of its own, so that a
 * fault left out changes no chance of those it does not concern. */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t rnd(uint64_t *s)
{
	uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Seeds one step apart, unmixed, would be one stream. */
static inline uint64_t rnd_stream(uint64_t seed, unsigned id)
{
	uint64_t s = seed;

	s = rnd(&s) + id;
	return rnd(&s);
}

static inline int64_t below(uint64_t *s, int64_t n)
{
	return n > 0 ? (int64_t)(rnd(s) % (uint64_t)n) : 0;
}

static inline int64_t upto(uint64_t *s, int64_t max)
{
	return below(s, max + 1);
}

static inline bool one_in(uint64_t *s, int n)
{
	return below(s, n) == 0;
}

#endif
