#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pass.h"

void pass_open(struct pass *p)
{
	in_open(&p->in, STDIN_FILENO);
	out_open(&p->out, STDOUT_FILENO);
}

void pass_mark_stale(struct pass *p)
{
	int n = 0;

	if (ioctl(p->in.fd, FIONREAD, &n) == 0 && n > 0)
		p->stale = (size_t)n;
}

static void take_chunk(
	struct pass *p, void (*take)(void *arg, struct pass_line *l), void *arg)
{
	char *text;

	while ((text = in_line(&p->in)) != NULL) {
		struct pass_line *l = &p->lines[p->n++];
		size_t len = strlen(text);

		*l = (struct pass_line){ (uint32_t)p->len, (uint16_t)(len + 1),
			NO_SUBJECT, false, false, false };
		memcpy(p->buf + p->len, text, len);
		p->buf[p->len + len] = '\n';
		p->len += len + 1;
		take(arg, l);
	}
}

static bool has_room(const struct pass *p)
{
	return p->len + IN_CHUNK + LINE_MAX_LEN <= PASS_BYTES &&
	       p->n + IN_CHUNK <= PASS_LINES;
}

static bool is_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&pfd, 1, 0) > 0;
}

void pass_read(
	struct pass *p, void (*take)(void *arg, struct pass_line *l), void *arg)
{
	p->len = p->n = 0;
	while (has_room(p) && is_readable(p->in.fd)) {
		if (!in_fill(&p->in))
			break;
		p->read_stale = p->stale > 0;
		p->stale -= p->in.left < p->stale ? p->in.left : p->stale;
		take_chunk(p, take, arg);
	}
}

char *pass_text(const struct pass *p, const struct pass_line *l, char *buf)
{
	memcpy(buf, p->buf + l->off, l->len);
	buf[l->len - 1] = '\0';
	return buf;
}

static bool put(struct pass *p, const char *text, size_t len, struct mono now)
{
	return !p->nkept && out_line(&p->out, text, len, now);
}

static void keep_back(struct pass *p, struct pass_last *last)
{
	if (!last->order)
		p->nkept++;
	last->order = ++p->order;
}

void pass_on(struct pass *p, struct mono now)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct pass_line *l = &p->lines[i];
		struct pass_last *last =
			l->subject >= 0 ? &p->last[l->subject] : NULL;

		if (l->drop)
			continue;
		if (last) {
			memcpy(last->text, p->buf + l->off, l->len);
			last->len = l->len;
		}
		if (put(p, p->buf + l->off, l->len, now))
			continue;
		if (last)
			keep_back(p, last);
		else
			p->lost++;
	}
	p->n = p->len = 0;
}

void pass_again(struct pass *p, const struct holder *h, struct mono now)
{
	for (size_t i = 0; i < h->nsubjects; i++) {
		struct pass_last *last = &p->last[i];

		if (last->len && !h->subjects[i].expired &&
			!put(p, last->text, last->len, now))
			keep_back(p, last);
	}
}

static struct pass_last *oldest(struct pass *p)
{
	struct pass_last *found = NULL;

	for (size_t i = 0; p->nkept && i < HOLD_SUBJECTS; i++)
		if (p->last[i].order &&
			(!found || p->last[i].order < found->order))
			found = &p->last[i];
	return found;
}

void pass_flush(struct pass *p, struct mono now)
{
	struct pass_last *last;

	while ((last = oldest(p)) != NULL) {
		if (!out_line(&p->out, last->text, last->len, now))
			return;
		last->order = 0;
		p->nkept--;
	}
}
