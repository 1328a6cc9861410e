#include <string.h>

#include "num.h"
#include "ranges.h"

/* The number in front of one of `stop` or the end; NULL when there is none. */
static const char *take(const char *s, const char *stop, uint16_t min,
	uint16_t max, uint16_t *out)
{
	size_t n = strcspn(s, stop);
	char text[6];
	uint64_t v;

	if (!n || n >= sizeof text)
		return NULL;
	memcpy(text, s, n);
	text[n] = '\0';
	if (!num_u64(text, min, max, &v))
		return NULL;
	*out = (uint16_t)v;
	return s + n;
}

bool ranges_parse(struct ranges *rs, const char *s, uint16_t min, uint16_t max)
{
	rs->n = 0;
	for (;; s++) {
		struct range *r = &rs->r[rs->n];

		if (rs->n == RANGES_MAX)
			return false;
		s = take(s, "-,", min, max, &r->lo);
		r->hi = r->lo;
		if (s && *s == '-')
			s = take(s + 1, ",", min, max, &r->hi);
		if (!s || r->hi < r->lo)
			return false;
		rs->n++;
		if (!*s)
			return true;
	}
}

bool ranges_has(const struct ranges *rs, unsigned v)
{
	for (size_t i = 0; i < rs->n; i++)
		if (v >= rs->r[i].lo && v <= rs->r[i].hi)
			return true;
	return false;
}
