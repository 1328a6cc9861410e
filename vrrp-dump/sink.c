#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "sink.h"

#define PATIENT 1000 /* ms for a reader, once we are to stop */

void sink_init(
	struct sink *s, int fd, const volatile sig_atomic_t *stop, bool eager)
{
	s->fd = fd;
	s->stop = stop;
	s->eager = eager;
	s->dead = false;
	s->err = 0;
	s->len = 0;
}

struct txt sink_room(struct sink *s, size_t room)
{
	if (sizeof s->buf - s->len < room)
		sink_flush(s);
	return txt_init(s->buf + s->len, sizeof s->buf - s->len);
}

void sink_put(struct sink *s, const struct txt *t)
{
	s->len += t->len;
}

void sink_end(struct sink *s)
{
	if (s->eager)
		sink_flush(s);
}

/* stdout may be non-blocking because someone else made it so. */
static bool writable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, ms) > 0; /* another signal: no patience */
}

/* Once we are to stop no write may block: a pipe that is writable takes so
 * much.  Returns how much may be written now, 0: give up. */
static size_t portion(const struct sink *s, size_t left)
{
	if (!*s->stop)
		return left;
	if (!writable(s->fd, PATIENT))
		return 0;
	return left < PIPE_BUF ? left : PIPE_BUF;
}

static void die_of(struct sink *s, int err)
{
	s->err = err;
	s->dead = true;
}

void sink_flush(struct sink *s)
{
	for (size_t done = 0; done < s->len && !s->dead;) {
		size_t some = portion(s, s->len - done);
		ssize_t n = some ? write(s->fd, s->buf + done, some) : 0;

		if (!some)
			die_of(s, ETIMEDOUT);
		else if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			writable(s->fd, -1);
		else if (errno != EINTR)
			die_of(s, errno);
	}
	s->len = 0;
}
