#include <sys/prctl.h>
#include <time.h>

#include "clock.h"

#define HOUR_US (INT64_C(3600) * US_PER_S)

void clock_be_exact(void)
{
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

struct mono mono_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (struct mono){ ts.tv_sec * US_PER_S + ts.tv_nsec / 1000 };
}

uint64_t wall_now(void)
{
	struct timespec ts;

	timespec_get(&ts, TIME_UTC);
	return (uint64_t)ts.tv_sec << 32 |
	       ((uint64_t)ts.tv_nsec << 32) / 1000000000;
}

static int64_t wait_us(struct mono deadline, struct mono now)
{
	int64_t us = mono_diff(deadline, now);

	return us < 0 ? 0 : us > HOUR_US ? HOUR_US : us;
}

int mono_poll_ms(struct mono deadline, struct mono now)
{
	if (mono_is_never(deadline))
		return -1;
	return (int)((wait_us(deadline, now) + US_PER_MS - 1) / US_PER_MS);
}

struct timespec *mono_timespec(
	struct timespec *ts, struct mono deadline, struct mono now)
{
	int64_t us = wait_us(deadline, now);

	if (mono_is_never(deadline))
		return NULL;
	ts->tv_sec = us / US_PER_S;
	ts->tv_nsec = us % US_PER_S * 1000;
	return ts;
}
