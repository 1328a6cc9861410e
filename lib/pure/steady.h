/* Timestamps of packets are of a clock that can be set.  While packets come
 * from an interface, the monotonic time at which each was read tells steps of
 * that clock from silence on the wire, and takes them out. */
#ifndef STEADY_H
#define STEADY_H

#include <stdbool.h>

#include "mono.h"

struct steady {
	bool begun;
	int64_t before; /* the latest timestamp */
	int64_t ahead;	/* of the timestamps before monotonic time, at most */
	int64_t shift;	/* added to timestamps */
};

/* The steady time, in microseconds, of a packet stamped `us` and read at
 * `read`.  Packets may be read late, but in their order. */
int64_t steady_us(struct steady *s, int64_t us, struct mono read);
/* The steady time now; 0 before the first packet. */
int64_t steady_now(const struct steady *s, struct mono now);

#endif
