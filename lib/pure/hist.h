/* How durations are spread: a histogram of fixed size whose buckets grow with
 * what they hold (256 to each power of two: within 0.4 %). */
#ifndef HIST_H
#define HIST_H

#include <stddef.h>
#include <stdint.h>

#define HIST_SUB     256
#define HIST_BUCKETS (28 * HIST_SUB)

struct hist {
	uint64_t n;
	int64_t max;
	uint32_t count[HIST_BUCKETS];
};

/* Microseconds; negative ones count as 0, those over 9 hours as that. */
void hist_add(struct hist *h, int64_t us);
/* The value below which `permille` of 1000 lie; 0 when there are none. */
int64_t hist_at(const struct hist *h, unsigned permille);

#endif
