#include <stdio.h>
#include <string.h>

#include "book.h"
#include "clock.h"
#include "die.h"
#include "once.h"
#include "privileges.h"
#include "report.h"

enum { NAGIOS_OK = 0, NAGIOS_CRITICAL = 2, NAGIOS_UNKNOWN = 3 };

static struct once {
	const struct options *o;
	struct engine engine;
	struct book book;
	size_t up, left; /* checks without a last word */
	size_t subjects_up;
	bool unknown;	   /* a probe failed on our side */
	struct mono until; /* of --for */
} self;

static void say(const struct once *w, const struct check *c)
{
	struct line_out line;

	if (w->o->nagios || w->o->words_level < 0)
		return;
	for (const struct subject *s = c->subjects; s; s = s->next) {
		report_line(&line, w->o->json, s, c->last.ok, &c->last);
		line_end(&line);
		fputs(line.buf, stdout);
	}
	fflush(stdout);
}

static void conclude(struct once *w, struct check *c)
{
	for (struct subject *s = c->subjects; s; s = s->next)
		w->subjects_up += c->last.ok;
	c->hc.state = c->last.ok ? HC_UP : HC_DOWN;
	w->left--;
	say(w, c);
	c->hc.next = MONO_NEVER;
}

static bool may_try_again(const struct once *w, const struct check *c)
{
	return w->o->patience && !c->last.ok &&
	       mono_before(mono_add(w->engine.now, c->settings->rule.fast),
		       w->until);
}

static void take_result(void *arg, struct check *c, const struct result *r)
{
	struct once *w = arg;

	c->last = *r;
	c->probed = true;
	if (may_try_again(w, c)) {
		c->hc.next = mono_add(w->engine.now, c->settings->rule.fast);
		return;
	}
	if (r->local) {
		warn("%s: cannot be probed: %s", c->url, r->why);
		w->unknown = true;
	}
	conclude(w, c);
}

static void no_event(void *arg, int fd, uint32_t events)
{
	(void)arg, (void)fd, (void)events;
}

static void nothing_gone(void *arg, const struct subject *s)
{
	(void)arg, (void)s;
}

static size_t needed(const struct once *w)
{
	return w->o->at_least ? w->o->at_least : w->book.n;
}

/* With --at-least the others need not be waited for when the N are there. */
static bool is_decided(const struct once *w)
{
	return !w->left || (w->o->at_least && w->o->patience &&
				   w->subjects_up >= needed(w));
}

static void run(struct once *w)
{
	while (!is_decided(w)) {
		int err = engine_turn(&w->engine, w->until);

		if (err)
			die(EXIT_SYSTEM, "cannot go on: %s",
				errno_str(err, NULL));
		if (mono_due(w->until, w->engine.now))
			break;
	}
}

/* Those whose probe was under way when time was up. */
static void give_up(struct once *w)
{
	for (size_t i = 0; i < w->engine.size; i++) {
		struct check *c = w->engine.table[i];

		if (!c || c->hc.state != HC_UNKNOWN)
			continue;
		if (!c->probed)
			snprintf(c->last.why, sizeof c->last.why, "timeout");
		c->last.ok = false;
		conclude(w, c);
	}
}

static void print_perfdata(const struct once *w)
{
	char rtt[24];

	for (size_t i = 0; i < w->book.n; i++) {
		const struct subject *s = w->book.subjects[i];

		printf(" '%s'=%ss;;;0", s->name,
			report_secs(s->check->last.rtt, rtt));
	}
}

static int nagios(const struct once *w)
{
	bool fine = w->subjects_up >= needed(w);
	int code = fine		? NAGIOS_OK
		   : w->unknown ? NAGIOS_UNKNOWN
				: NAGIOS_CRITICAL;

	printf("HCHECK %s: %zu of %zu up",
		code == NAGIOS_OK	  ? "OK"
		: code == NAGIOS_CRITICAL ? "CRITICAL"
					  : "UNKNOWN",
		w->subjects_up, w->book.n);
	for (size_t i = 0; i < w->book.n; i++) {
		const struct subject *s = w->book.subjects[i];

		if (!s->check->last.ok)
			printf(", %s %s", s->name, s->check->last.why);
	}
	printf(" |");
	print_perfdata(w);
	printf("\n");
	return fflush(stdout) == 0 ? code : NAGIOS_UNKNOWN;
}

static int verdict(const struct once *w)
{
	if (w->o->nagios)
		return nagios(w);
	if (w->subjects_up >= needed(w))
		return EXIT_YES;
	if (w->unknown)
		return EXIT_SYSTEM;
	return w->o->patience ? EXIT_LATE : EXIT_NO;
}

static void begin(struct once *w, struct options *o)
{
	static const struct engine_ops ops = { take_result, no_event };
	int err = engine_init(&w->engine, &ops, w);

	if (err)
		die(EXIT_SYSTEM, "epoll: %s", errno_str(err, NULL));
	w->o = o;
	w->engine.exec_max = o->exec_max;
	w->book = (struct book){ .engine = &w->engine, .gone = nothing_gone };
	privileges_start(&w->engine, o, &o->targets);
	privileges_drop(o, &o->targets, 0);
	w->until = o->patience ? mono_add(mono_now(), o->patience) : MONO_NEVER;
	if (!book_load(&w->book, &o->targets, 0))
		die(EXIT_SYSTEM, "no memory");
	w->left = w->engine.checks;
}

int once(struct options *o)
{
	struct once *w = &self;
	int code;

	begin(w, o);
	run(w);
	give_up(w);
	code = verdict(w);
	book_free(&w->book);
	engine_close(&w->engine);
	return code;
}
