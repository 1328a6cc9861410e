/* When a target is to be probed, and what its results mean: up, down or not
 * yet known.  Time is data. */
#ifndef HC_H
#define HC_H

#include <stdbool.h>
#include <stdint.h>

#include "mono.h"

struct hc_rule {
	int64_t every;	  /* the grid */
	int64_t fast;	  /* while undecided or in transition */
	unsigned rise;	  /* successes in a row that make it up */
	unsigned fall;	  /* failures that make it down */
	unsigned forgive; /* successes in a row that clear the failures: 1 is
			     what others call consecutive */
};

enum hc_state { HC_UNKNOWN, HC_UP, HC_DOWN };

struct hc {
	enum hc_state state;
	uint16_t good; /* successes in a row */
	uint16_t bad;  /* failures that count; in a row, unless forgive > 1 */
	struct mono base; /* a point of the grid */
	struct mono next; /* when it is due */
};

/* The i-th target: its grid is shifted by a share of the period that is spread
 * evenly for any number of targets, its first probe by a share of `window`. */
void hc_init(struct hc *h, const struct hc_rule *r, uint32_t i, int64_t window,
	struct mono now);
/* The rule has changed; state and counts stay. */
void hc_regrid(struct hc *h, const struct hc_rule *r, struct mono now);
/* A result: true when the state changed. */
bool hc_result(struct hc *h, const struct hc_rule *r, bool ok);
/* Before the first verdict, or on the way to another. */
bool hc_in_transition(const struct hc *h);
/* Sets h->next after a probe that was due at h->next and ended now: a point
 * of the grid or, in transition, of one as fine as r->fast; never before now,
 * so what was missed is left out. */
void hc_schedule(struct hc *h, const struct hc_rule *r, struct mono now);

#endif
