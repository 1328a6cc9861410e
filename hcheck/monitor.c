#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "book.h"
#include "chain.h"
#include "clock.h"
#include "die.h"
#include "monitor.h"
#include "out.h"
#include "privileges.h"
#include "ready.h"
#include "report.h"
#include "sig.h"

#define PATIENCE     (10 * US_PER_S) /* with PROG, at the end */
#define LAST_WORDS   US_PER_S	     /* for stdout to take the last lines */
#define START_SPREAD US_PER_MS	     /* between first probes, at most */

static struct monitor {
	const struct options *o;
	struct engine engine;
	struct book book;
	struct out out;
	struct subject *owed, **owed_end;
	bool waits_for_room; /* of stdout */
	int sigs;
	bool stop, again, reread, failed;
	struct mono began, beat;
	uint64_t warned; /* kinds of local trouble */
} self;

/* ---- Lines out. */

static void owe(struct monitor *m, struct subject *s)
{
	if (s->owed)
		return;
	s->owed = true;
	s->next_owed = NULL;
	*m->owed_end = s;
	m->owed_end = &s->next_owed;
}

static void forget(struct monitor *m, struct subject *s)
{
	struct subject **p = &m->owed;

	while (*p && *p != s)
		p = &(*p)->next_owed;
	if (!*p)
		return;
	*p = s->next_owed;
	if (!*p)
		m->owed_end = p;
	s->owed = false;
}

static bool write_line(struct monitor *m, struct line_out *line)
{
	size_t n = line_end(line);

	return out_line(&m->out, line->buf, n, m->engine.now);
}

static bool say(struct monitor *m, struct subject *s)
{
	const struct check *c = s->check;
	bool up = c->hc.state == HC_UP;
	struct line_out line;

	report_line(&line, m->o->json, s, up, &c->last);
	if (!write_line(m, &line))
		return false;
	s->said = c->hc.state;
	return true;
}

/* What is owed is said as it is when there is room: the last word counts. */
static void say_owed(struct monitor *m)
{
	while (m->owed && say(m, m->owed))
		forget(m, m->owed);
	if (m->waits_for_room == (m->owed != NULL))
		return;
	m->waits_for_room = m->owed != NULL;
	engine_rewatch(&m->engine, m->out.fd, m->waits_for_room ? EPOLLOUT : 0);
}

/* Its reader must not go on believing in it. */
static void say_gone(void *arg, const struct subject *gone)
{
	struct monitor *m = arg;
	struct subject *s = m->book.n ? m->owed : NULL;
	struct result r = {
		.why = "removed", .cert_days = NO_CERT, .weight = NO_WEIGHT
	};
	struct line_out line;

	while (s && s != gone)
		s = s->next_owed;
	if (s)
		forget(m, s);
	if (gone->said != HC_UP)
		return;
	report_line(&line, m->o->json, gone, false, &r);
	if (!write_line(m, &line))
		warn("%s: removed; no room to say so", gone->name);
}

static void owe_all(struct monitor *m)
{
	for (size_t i = 0; i < m->book.n; i++)
		if (m->book.subjects[i]->check->hc.state != HC_UNKNOWN)
			owe(m, m->book.subjects[i]);
}

/* ---- Results. */

static void warn_local(
	struct monitor *m, const struct check *c, const struct result *r)
{
	uint64_t bit = 0;

	for (const char *s = r->why; *s; s++)
		bit = bit * 31 + (unsigned char)*s;
	bit = UINT64_C(1) << bit % 64;
	if (m->warned & bit || m->o->words_level < 0)
		return;
	m->warned |= bit;
	warn("%s: cannot be probed: %s (said once)", c->url, r->why);
}

static void take_result(void *arg, struct check *c, const struct result *r)
{
	struct monitor *m = arg;
	const struct hc_rule *rule = &c->settings->rule;
	bool changed = hc_result(&c->hc, rule, r->ok);
	bool fits = c->hc.state == (r->ok ? HC_UP : HC_DOWN);

	if (fits && (!c->probed || c->last.weight != r->weight))
		changed = true;
	if (fits) {
		c->last = *r;
		c->probed = true;
	}
	if (r->local)
		warn_local(m, c, r);
	if (changed && c->hc.state == HC_DOWN)
		c->down_since = m->engine.now;
	for (struct subject *s = c->subjects; s && changed; s = s->next)
		owe(m, s);
	hc_schedule(&c->hc, rule, m->engine.now);
}

/* ---- Orders. */

static void take_signals(struct monitor *m)
{
	for (int sig; (sig = sig_next(m->sigs)) != 0;) {
		m->stop = m->stop || sig == SIGTERM || sig == SIGINT;
		m->reread = m->reread || sig == SIGHUP;
		m->again = m->again || sig == SIGUSR1;
	}
}

static void on_event(void *arg, int fd, uint32_t events)
{
	struct monitor *m = arg;

	if (fd == m->sigs)
		take_signals(m);
	if (fd == m->out.fd && events & (EPOLLERR | EPOLLHUP))
		out_poll(&m->out, POLLERR);
}

/* The time for the first probes of n targets: no burst. */
static int64_t window(const struct monitor *m, size_t n)
{
	const struct hc_rule *r = &m->o->base->rule;
	int64_t us = (int64_t)n * START_SPREAD;

	return n <= 1 ? 0 : us < r->every ? us : r->every;
}

static void load(struct monitor *m, struct targets *t)
{
	if (!book_load(&m->book, t, window(m, t->n)))
		die(EXIT_SYSTEM, "no memory");
	for (size_t i = 0; i < m->book.n; i++) {
		struct subject *s = m->book.subjects[i];

		if (s->check->hc.state != HC_UNKNOWN &&
			s->check->hc.state != s->said)
			owe(m, s);
	}
}

static void reread(struct monitor *m)
{
	struct targets t;

	m->reread = false;
	if (!options_reread(m->o, &t)) {
		warn("%s; nothing has changed", t.why);
		targets_free(&t);
		return;
	}
	load(m, &t);
	m->warned = 0;
	if (m->o->words_level > 0)
		warn("%zu targets, %zu probes", m->book.n, m->engine.checks);
}

static void print_counters(struct monitor *m)
{
	const struct engine_stats *s = &m->engine.stats;
	size_t up = 0;
	char text[24];

	m->again = false;
	for (size_t i = 0; i < m->book.n; i++)
		up += m->book.subjects[i]->check->hc.state == HC_UP;
	warn("seconds=%s targets=%zu up=%zu probes=%llu failed=%llu local=%llu "
	     "inflight=%zu stalls=%llu late-median-ms=%u",
		report_secs(mono_diff(m->engine.now, m->began), text),
		m->book.n, up, (unsigned long long)s->probes,
		(unsigned long long)s->failed, (unsigned long long)s->local,
		m->engine.inflight, (unsigned long long)s->stalls,
		engine_late_median(&m->engine));
	owe_all(m);
}

static void take_orders(struct monitor *m)
{
	if (m->reread)
		reread(m);
	if (m->again)
		print_counters(m);
	if (mono_due(m->beat, m->engine.now)) {
		m->beat = mono_add(m->engine.now, m->o->heartbeat);
		owe_all(m);
	}
}

/* ---- The turn. */

static int loop(struct monitor *m)
{
	while (!m->stop && !m->out.dead) {
		int err = engine_turn(&m->engine, m->beat);

		if (err) {
			warn("cannot go on: %s", errno_str(err, NULL));
			return EXIT_SYSTEM;
		}
		take_orders(m);
		say_owed(m);
	}
	if (m->out.dead)
		warn("stdout: its reader is gone");
	return m->out.dead ? EXIT_SYSTEM : EXIT_YES;
}

/* The last lines are worth a moment. */
static void flush(struct monitor *m)
{
	struct mono until = mono_add(mono_now(), LAST_WORDS);

	while (m->owed && !m->out.dead) {
		struct pollfd p = { m->out.fd, POLLOUT, 0 };
		struct mono now = mono_now();

		if (mono_due(until, now) ||
			poll(&p, 1, mono_poll_ms(until, now)) <= 0)
			return;
		out_poll(&m->out, p.revents);
		while (m->owed && say(m, m->owed))
			forget(m, m->owed);
	}
}

static void begin(struct monitor *m, const struct options *o)
{
	static const struct engine_ops ops = { take_result, on_event };
	int err = engine_init(&m->engine, &ops, m);

	m->o = o;
	m->owed_end = &m->owed;
	m->engine.exec_max = o->exec_max;
	m->book = (struct book){
		.engine = &m->engine, .gone = say_gone, .arg = m
	};
	m->sigs = sig_open();
	if (!err)
		err = engine_watch(&m->engine, m->sigs, EPOLLIN);
	if (err)
		die(EXIT_SYSTEM, "epoll: %s", errno_str(err, NULL));
}

/* A regular file cannot be watched, and need not be. */
static pid_t open_out(struct monitor *m, const struct options *o)
{
	pid_t pid = 0;

	if (o->prog && (pid = chain_start(o->prog)) < 0)
		die(EXIT_SYSTEM, "fork: %s", errno_str(pid, NULL));
	out_open(&m->out, STDOUT_FILENO);
	engine_watch(&m->engine, m->out.fd, 0);
	return pid;
}

/* Better said now than at the first HUP. */
static void try_file(const struct options *o)
{
	int fd = o->file ? open(o->file, O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0)
		close(fd);
	else if (o->file && !o->sandbox.off)
		warn("%s: %s for %s; HUP will not be able to read it", o->file,
			strerror(errno), o->sandbox.user);
}

int monitor(struct options *o)
{
	struct monitor *m = &self;
	pid_t pid;
	int code;

	begin(m, o);
	privileges_start(&m->engine, o, &o->targets);
	pid = open_out(m, o);
	privileges_drop(o, &o->targets, pid);
	try_file(o);
	m->began = m->engine.now = mono_now();
	m->beat = o->heartbeat ? mono_add(m->engine.now, o->heartbeat)
			       : MONO_NEVER;
	load(m, &o->targets);
	ready(o->ready_fd);
	code = loop(m);
	flush(m);
	book_free(&m->book);
	engine_close(&m->engine);
	close(m->sigs);
	return chain_end(pid, code, PATIENCE);
}
