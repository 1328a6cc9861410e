#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out.h"

/* A description of our own: O_NONBLOCK on a shared one would be felt by all
 * who hold it.  Without /proc a pipe of our own making is non-blocking
 * already, and others we poll before each write. */
static int reopen(int fd)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

void out_open(struct out *o, int fd)
{
	struct stat st;
	int own;

	*o = (struct out){ .fd = fd };
	o->fifo = fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
	if (!o->fifo || (own = reopen(fd)) < 0)
		return;
	dup3(own, fd, O_CLOEXEC);
	close(own);
}

static bool writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && p.revents & POLLOUT;
}

static uint64_t unread(const struct out *o)
{
	int n = 0;

	if (!o->fifo || ioctl(o->fd, FIONREAD, &n) != 0 || n < 0)
		return 0;
	return (uint64_t)n;
}

/* Remembers when the line went; when the ring is full the newest mark grows
 * younger bytes, so that an age is never underestimated. */
static void mark(struct out *o, struct mono now)
{
	struct out_mark *m;

	if (o->n == OUT_MARKS) {
		o->marks[(o->first + o->n - 1) % OUT_MARKS].end = o->written;
		return;
	}
	m = &o->marks[(o->first + o->n++) % OUT_MARKS];
	*m = (struct out_mark){ o->written, now };
}

bool out_line(struct out *o, const char *line, size_t len, struct mono now)
{
	ssize_t n;

	if (o->dead || !writable(o->fd))
		return false;
	n = write(o->fd, line, len);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		o->dead = true;
	if (n <= 0)
		return false;
	o->written += (uint64_t)n;
	if (o->fifo)
		mark(o, now);
	return true;
}

void out_poll(struct out *o, short revents)
{
	if (revents & (POLLERR | POLLNVAL))
		o->dead = true;
}

struct mono out_stuck_at(struct out *o, int64_t stuck)
{
	uint64_t seen;

	if (!o->n)
		return MONO_NEVER;
	seen = o->written - unread(o);
	o->read = o->read || seen;
	while (o->n && o->marks[o->first].end <= seen) {
		o->first = (o->first + 1) % OUT_MARKS;
		o->n--;
	}
	return o->n ? mono_add(o->marks[o->first].at, stuck) : MONO_NEVER;
}

void out_forgive(struct out *o, struct mono now)
{
	for (unsigned i = 0; i < o->n; i++)
		o->marks[(o->first + i) % OUT_MARKS].at = now;
}
