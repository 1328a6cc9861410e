/* Monotonic time as a value.  Nothing in lib/pure reads a clock: `now` comes
 * in as an argument, from mono_now() (lib/sys/clock.h) or from a simulator.
 * A time is a struct so that it cannot be mixed up with a duration, which is
 * a plain int64_t of microseconds. */
#ifndef MONO_H
#define MONO_H

#include <stdbool.h>
#include <stdint.h>

#define US_PER_MS INT64_C(1000)
#define US_PER_S  INT64_C(1000000)

struct mono {
	int64_t us;
};

#define MONO_NEVER ((struct mono){ INT64_MAX })

static inline struct mono mono_add(struct mono t, int64_t us)
{
	return (struct mono){ t.us + us };
}

/* Microseconds from b to a; negative when a is earlier. */
static inline int64_t mono_diff(struct mono a, struct mono b)
{
	return a.us - b.us;
}

static inline bool mono_before(struct mono a, struct mono b)
{
	return a.us < b.us;
}

static inline bool mono_due(struct mono deadline, struct mono now)
{
	return deadline.us <= now.us;
}

static inline bool mono_is_never(struct mono t)
{
	return t.us == INT64_MAX;
}

static inline struct mono mono_min(struct mono a, struct mono b)
{
	return a.us < b.us ? a : b;
}

#endif
