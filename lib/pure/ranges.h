/* Lists of numbers and ranges: 200-299,404. */
#ifndef RANGES_H
#define RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RANGES_MAX 16

struct ranges {
	struct range {
		uint16_t lo, hi;
	} r[RANGES_MAX];
	size_t n;
};

/* Strict; every number lies in min..max. */
bool ranges_parse(struct ranges *rs, const char *s, uint16_t min, uint16_t max);
bool ranges_has(const struct ranges *rs, unsigned v);

#endif
