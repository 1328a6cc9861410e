#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chain.h"
#include "clock.h"
#include "die.h"
#include "ready.h"
#include "sig.h"
#include "stream.h"

#define PATIENCE   (10 * US_PER_S) /* with PROG, at the end */
#define LAST_WORDS 1000		   /* ms for stdout to take the last lines */

void stream_open(struct stream *s, struct options *o)
{
	s->o = o;
	s->now = mono_now();
	s->sigs = sig_open();
	if (s->sigs < 0)
		die(EXIT_SYSTEM, "signals: %s", errno_str(s->sigs, NULL));
	if (o->prog)
		s->prog = chain_start(o->prog);
	if (s->prog < 0)
		die(EXIT_SYSTEM, "%s: %s", o->prog[0],
			errno_str(s->prog, NULL));
	in_open(&s->in, STDIN_FILENO);
	out_open(&s->out, STDOUT_FILENO);
}

/* ---- In. */

static void take_signals(struct stream *s)
{
	for (int sig; (sig = sig_next(s->sigs)) != 0;) {
		s->stop |= sig == SIGTERM || sig == SIGINT;
		s->again |= sig == SIGUSR1;
		s->hup |= sig == SIGHUP;
	}
}

static bool put(struct stream *s, const char *text, size_t len)
{
	return out_line(&s->out, text, len, s->now);
}

static void flush_kept(struct stream *s)
{
	for (size_t i = 0; s->nkept && i < STREAM_SUBJECTS; i++) {
		struct stream_kept *k = &s->kept[i];

		if (!k->len)
			continue;
		if (!put(s, k->text, k->len))
			return;
		k->len = 0;
		s->nkept--;
	}
}

void stream_wait(struct stream *s, struct mono deadline)
{
	struct pollfd fds[] = {
		{ .fd = s->in.fd, .events = POLLIN },
		{ .fd = s->out.fd, .events = s->nkept ? POLLOUT : 0 },
		{ .fd = s->sigs, .events = POLLIN },
	};
	struct timespec ts;

	if (ppoll(fds, sizeof fds / sizeof *fds,
		    mono_timespec(&ts, deadline, mono_now()), NULL) < 0)
		memset(fds, 0, sizeof fds);
	s->now = mono_now();
	out_poll(&s->out, fds[1].revents);
	flush_kept(s);
	take_signals(s);
}

static void keep_line(struct stream *s, const char *text, size_t len)
{
	struct stream_line *l = &s->lines[s->n++];

	*l = (struct stream_line){ (uint32_t)s->len, (uint16_t)(len + 1), -1 };
	memcpy(s->buf + s->len, text, len);
	s->buf[s->len + len] = '\n';
	s->len += len + 1;
}

static void take_chunk(
	struct stream *s, int (*take)(void *arg, struct line *l), void *arg)
{
	char *text;

	while ((text = in_line(&s->in)) != NULL) {
		struct line l;

		keep_line(s, text, strlen(text));
		if (line_parse(&l, text))
			s->lines[s->n - 1].subject = take(arg, &l);
	}
}

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&p, 1, 0) > 0;
}

void stream_read(
	struct stream *s, int (*take)(void *arg, struct line *l), void *arg)
{
	s->len = s->n = 0;
	while (s->len + IN_CHUNK + LINE_MAX_LEN <= STREAM_BYTES &&
		s->n + IN_CHUNK <= STREAM_LINES && is_readable(s->in.fd)) {
		if (!in_fill(&s->in))
			break;
		take_chunk(s, take, arg);
	}
}

/* ---- Out. */

static void keep_back(struct stream *s, const struct stream_line *l)
{
	struct stream_kept *k = l->subject >= 0 ? &s->kept[l->subject] : NULL;

	if (!k) {
		if (!s->lost++ && s->o->words >= 0)
			warn("stdout: has no room: lines were left out");
		return;
	}
	if (!k->len)
		s->nkept++;
	memcpy(k->text, s->buf + l->off, l->len);
	k->len = l->len;
}

void stream_pass(struct stream *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->nkept ||
			!put(s, s->buf + s->lines[i].off, s->lines[i].len))
			keep_back(s, &s->lines[i]);
	s->n = s->len = 0;
}

bool stream_say(struct stream *s, const char *line, size_t len)
{
	return !s->nkept && put(s, line, len);
}

bool stream_over(const struct stream *s)
{
	return s->stop || s->in.eof || s->out.dead;
}

int stream_end(struct stream *s, int code)
{
	struct pollfd p = { .fd = s->out.fd, .events = POLLOUT };

	if (s->out.dead) {
		warn("stdout: the reader is gone");
		code = session_worse(code, EXIT_SYSTEM);
	}
	while (s->nkept && !s->out.dead && poll(&p, 1, LAST_WORDS) > 0) {
		out_poll(&s->out, p.revents);
		flush_kept(s);
	}
	return chain_end(s->prog, code, PATIENCE);
}
