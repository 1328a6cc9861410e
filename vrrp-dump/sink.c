#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "sink.h"

void sink_init(struct sink *s, int fd, bool eager)
{
	s->fd = fd;
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
static void wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	poll(&p, 1, -1);
}

void sink_flush(struct sink *s)
{
	for (size_t done = 0; done < s->len && !s->dead;) {
		ssize_t n = write(s->fd, s->buf + done, s->len - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN) {
			wait_writable(s->fd);
		} else if (errno != EINTR) {
			s->err = errno;
			s->dead = true;
		}
	}
	s->len = 0;
}
