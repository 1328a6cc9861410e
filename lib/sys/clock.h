/* The one place that reads a clock. */
#ifndef CLOCK_H
#define CLOCK_H

#include "mono.h"

/* From here on the kernel wakes this thread, and those that it starts, at the
 * moment asked for and not up to 50 us later; see wake.h for what poll(2) adds
 * to that. */
void clock_be_exact(void);
/* CLOCK_MONOTONIC. */
struct mono mono_now(void);
/* The time of day, for what goes over the wire and never for a timer: seconds
 * in the upper half, their fraction in the lower. */
uint64_t wall_now(void);
/* For poll(2): milliseconds to the deadline, rounded up so that no wake-up
 * comes before it; -1 for MONO_NEVER, 0 when due.  At most an hour. */
int mono_poll_ms(struct mono deadline, struct mono now);
/* For ppoll(2): the exact wait; NULL for MONO_NEVER, else ts. */
struct timespec *mono_timespec(
	struct timespec *ts, struct mono deadline, struct mono now);

#endif
