#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "wake.h"

#define SHORT (50 * US_PER_MS)

int wake_open(struct wake *w)
{
	*w = (struct wake){
		.fd = timerfd_create(
			CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
	};
	return w->fd < 0 ? -errno : 0;
}

void wake_close(struct wake *w)
{
	close(w->fd);
}

/* Set again, it is no longer readable for what it was set to before. */
static bool set(struct wake *w, struct mono at)
{
	const struct itimerspec ts = {
		.it_value = { at.us / US_PER_S, at.us % US_PER_S * 1000 },
	};
	bool done = timerfd_settime(w->fd, TFD_TIMER_ABSTIME, &ts, NULL) == 0;

	w->at = done ? at : (struct mono){ 0 };
	return done;
}

bool wake_set(struct wake *w, struct mono deadline, struct mono now)
{
	bool ahead = mono_before(now, w->at);

	if (mono_is_never(deadline) || mono_diff(deadline, now) < SHORT)
		return false;
	return (ahead && !mono_before(deadline, w->at)) || set(w, deadline);
}
