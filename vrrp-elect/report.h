/* Faults of peers, said once for each kind and sender, and counted. */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp.h"

#define REPORT_SEEN_MAX	    64
#define REPORT_PER_KIND_MAX 4

enum { REPORT_TWO_MASTERS = VF_N, REPORT_N };

/* Zero is a good start; nothing is written to it before there is a fault. */
struct report {
	uint64_t count[REPORT_N];
	struct {
		int kind;
		struct addr src;
	} seen[REPORT_SEEN_MAX];
	size_t n;
};

/* Counts; warns when this kind was not heard from this sender before, for at
 * most REPORT_PER_KIND_MAX senders of a kind: forged senders cost no lines.
 * subject: in front of each line; NULL: only count. */
void report(struct report *r, const char *subject, int kind,
	const struct addr *src);
/* "bad-ttl=3 two-masters=1" of what was counted, into buf; returns buf. */
const char *report_str(const struct report *r, char *buf, size_t size);

#endif
