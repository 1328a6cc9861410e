#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bind.h"
#include "chain.h"
#include "clock.h"
#include "die.h"
#include "follow.h"
#include "give_up.h"
#include "num.h"
#include "pass.h"
#include "ready.h"
#include "sig.h"

#define PATIENCE   (10 * US_PER_S) /* with PROG, at the end */
#define LAST_WORDS 1000		   /* ms for stdout to take the last lines */
#define LAST_TRIES 2		   /* news may come late */
#define DEAF_TRIES 3

enum { WARN_FACTS, WARN_SUBJECTS, WARN_ADDRS, WARN_TEXT, WARN_ROOM, WARN_N };

static const char *const warnings[WARN_N] = {
	[WARN_FACTS] = "without if= or addrs=, and none were given: skipped",
	[WARN_SUBJECTS] = "more subjects than we keep: skipped",
	[WARN_ADDRS] = "more addresses than we keep: the rest skipped",
	[WARN_TEXT] = "no address that could be held: skipped",
	[WARN_ROOM] = "has no room: lines were left out",
};

static struct follow {
	const struct options *o;
	struct holder holder;
	struct bind bind;
	struct pass pass;
	struct mono now;
	int sigs;
	bool slept; /* for longer than the lease */
	bool stop, again;
	unsigned deaf; /* how often in a row poll(2) could not be had */
	bool warned[WARN_N];
	uint16_t newest[HOLD_SUBJECTS]; /* in the batch, from 1; 0: none */
	struct facts { /* that the addresses of a subject were taken from */
		bool known;
		char ifname[IF_NAMESIZE];
		char addrs[LINE_MAX_LEN];
	} facts[HOLD_SUBJECTS];
} self;

/* Once each: a line comes every heartbeat. */
static void warn_once(struct follow *f, int which, const char *what)
{
	if (!f->warned[which] && f->o->words >= 0)
		warn("%s: %s", what, warnings[which]);
	f->warned[which] = true;
}

/* ---- Lines in. */

/* A line that was queued while we slept is not news of who is up. */
static bool is_stale(const struct follow *f, int subject)
{
	return f->pass.read_stale &&
	       (f->slept || f->holder.subjects[subject].expired);
}

static void take_line(void *arg, struct pass_line *pl)
{
	struct follow *f = arg;
	char text[LINE_MAX_LEN];
	enum line_word word;
	struct line l;
	int subject;

	if (!line_parse(&l, pass_text(&f->pass, pl, text)))
		return;
	word = line_word(l.word);
	if (word == WORD_OTHER)
		return;
	subject = holder_subject(&f->holder, l.subject);
	if (subject < 0) {
		warn_once(f, WARN_SUBJECTS, l.subject);
		return;
	}
	pl->up = line_word_is_up(word);
	pl->subject = (int16_t)subject;
	pl->drop = pl->up && is_stale(f, subject);
	if (!pl->drop)
		f->newest[subject] = (uint16_t)f->pass.n;
}

static size_t parse_addrs(struct follow *f, const char *subject, char *text,
	struct prefix p[HOLD_PER_SUBJECT])
{
	char *rest = NULL;
	size_t n = 0;

	for (char *s = strtok_r(text, ",", &rest); s;
		s = strtok_r(NULL, ",", &rest)) {
		if (n == HOLD_PER_SUBJECT)
			warn_once(f, WARN_ADDRS, subject);
		else if (options_addr(&p[n], s))
			warn_once(f, WARN_TEXT, s);
		else
			n++;
	}
	return n;
}

static bool name_addrs(
	struct follow *f, int subject, const char *ifname, const char *addrs)
{
	static struct prefix parsed[HOLD_PER_SUBJECT];
	const char *who = f->holder.subjects[subject].name;
	const struct prefix *p = f->o->addrs;
	uint16_t fresh[HOLD_PER_SUBJECT];
	char text[LINE_MAX_LEN];
	size_t n = f->o->naddrs, skipped;
	int iface;

	if (!n) {
		memcpy(text, addrs, strlen(addrs) + 1);
		p = parsed;
		n = parse_addrs(f, who, text, parsed);
	}
	iface = bind_if(&f->bind, ifname, n ? p[0].addr.family : AF_INET);
	if (iface < 0) {
		warn_once(f, WARN_ADDRS, ifname);
		return false;
	}
	n = holder_name(&f->holder, subject, iface, p, n, fresh, &skipped);
	bind_fresh(&f->bind, fresh, n);
	if (skipped)
		warn_once(f, WARN_ADDRS, who);
	return true;
}

/* False when the line and its forerunners do not tell any addresses. */
static bool take_facts(struct follow *f, int subject, const struct line *l)
{
	struct facts *k = &f->facts[subject];
	const char *ifname = f->o->ifname ? f->o->ifname : line_get(l, "if");
	const char *addrs = f->o->naddrs ? "" : line_get(l, "addrs");

	if (!ifname || !addrs || !link_name_ok(ifname)) {
		if (!k->known)
			warn_once(f, WARN_FACTS, l->subject);
		return k->known;
	}
	if (k->known && strcmp(k->ifname, ifname) == 0 &&
		strcmp(k->addrs, addrs) == 0)
		return true;
	if (!name_addrs(f, subject, ifname, addrs))
		return k->known;
	memcpy(k->ifname, ifname, strlen(ifname) + 1);
	memcpy(k->addrs, addrs, strlen(addrs) + 1);
	return k->known = true;
}

/* After it was done: stderr may be slow. */
static void say_news(const struct follow *f)
{
	for (size_t i = 0; f->o->words > 0 && i < f->pass.n; i++) {
		const struct pass_line *pl = &f->pass.lines[i];
		const struct hold_subject *s;

		if (!pl->news)
			continue;
		s = &f->holder.subjects[pl->subject];
		warn("%s: %s %zu addresses", s->name,
			s->up ? "holds" : "lets go of", s->naddrs);
	}
}

static void apply_line(struct follow *f, struct pass_line *pl)
{
	char text[LINE_MAX_LEN];
	struct line l;
	const char *value;
	uint64_t epoch = 0;
	bool was = f->holder.subjects[pl->subject].up;

	if (!line_parse(&l, pass_text(&f->pass, pl, text)) ||
		!take_facts(f, pl->subject, &l))
		return;
	value = line_get(&l, "epoch");
	if (value)
		num_u64(value, 0, UINT64_MAX, &epoch);
	holder_line(&f->holder, pl->subject, pl->up, epoch, f->now);
	pl->news = f->holder.subjects[pl->subject].up != was;
}

/* Of each subject the newest line counts.  At the end of input nobody is left
 * who could take back what he says. */
static void apply_batch(struct follow *f)
{
	for (size_t i = 0; i < f->pass.n; i++) {
		struct pass_line *pl = &f->pass.lines[i];

		if (pl->subject < 0 || f->newest[pl->subject] != i + 1)
			continue;
		f->newest[pl->subject] = 0;
		if (!pl->up || !f->pass.in.eof)
			apply_line(f, pl);
	}
}

/* ---- The turn. */

static bool expire(struct follow *f)
{
	char lease[DUR_STRLEN];
	bool any = false;
	int s;

	while ((s = holder_expire(&f->holder, f->now)) >= 0) {
		any = true;
		if (f->o->words >= 0)
			warn("%s: no line for %s: lets go",
				f->holder.subjects[s].name,
				dur_str(f->o->hold.lease, lease));
	}
	return any;
}

static void take_signals(struct follow *f)
{
	for (int sig; (sig = sig_next(f->sigs)) != 0;) {
		f->stop |= sig == SIGTERM || sig == SIGINT;
		f->again |= sig == SIGUSR1;
	}
}

static void say_held(struct follow *f)
{
	char text[PREFIX_STRLEN];
	struct line_out o;

	for (size_t i = 0; i < f->holder.naddrs; i++) {
		const struct hold_addr *a = &f->holder.addrs[i];

		if (!a->held)
			continue;
		line_begin(
			&o, f->o->json, "HELD", prefix_str(&a->prefix, text));
		line_str(&o, "if", f->holder.ifs[a->iface].name);
		line_num(&o, "users", a->users);
		if (f->o->hold.lease)
			line_num(&o, "valid_lft", f->o->addr.valid_lft);
		out_line(&f->pass.out, o.buf, line_end(&o), f->now);
	}
}

static bool is_over(const struct follow *f)
{
	return f->stop || f->pass.in.eof || f->pass.out.dead ||
	       f->deaf >= DEAF_TRIES;
}

static void turn(struct follow *f)
{
	int err = bind_hear(&f->bind, f->now);
	bool over;

	if (err && f->o->words >= 0)
		warn("rtnetlink: %s", errno_str(err, NULL));
	take_signals(f);
	if ((expire(f) || f->slept) && f->pass.in.fd >= 0)
		pass_mark_stale(&f->pass);
	pass_read(&f->pass, take_line, f);
	apply_batch(f);
	over = is_over(f);
	if (!over)
		bind_act(&f->bind, f->now);
	say_news(f);
	if (over)
		return;
	pass_on(&f->pass, f->now);
	if (f->again) {
		pass_again(&f->pass, &f->holder, f->now);
		say_held(f);
	}
	f->again = false;
	if (f->pass.lost)
		warn_once(f, WARN_ROOM, "stdout");
}

/* With a lease we look up twice in its time: else it could not be told
 * whether we slept or nothing came. */
static struct mono deadline(const struct follow *f)
{
	struct mono d = bind_deadline(&f->bind);
	int64_t lease = f->o->hold.lease;

	return lease ? mono_min(d, mono_add(f->now, lease / 2)) : d;
}

static void wait_turn(struct follow *f)
{
	struct pass *p = &f->pass;
	struct pollfd fds[] = {
		{ .fd = p->in.fd, .events = POLLIN },
		{ .fd = p->out.fd, .events = p->nkept ? POLLOUT : 0 },
		{ .fd = f->bind.mon.fd, .events = POLLIN },
		{ .fd = f->sigs, .events = POLLIN },
	};
	struct timespec ts;
	struct mono before = f->now;
	int n;

	n = ppoll(fds, sizeof fds / sizeof *fds,
		mono_timespec(&ts, deadline(f), f->now), NULL);
	f->deaf = n < 0 && errno != EINTR ? f->deaf + 1 : 0;
	if (f->deaf == DEAF_TRIES)
		warn("poll: %s", errno_str(-errno, NULL));
	if (n < 0)
		memset(fds, 0, sizeof fds);
	f->now = mono_now();
	f->slept = f->o->hold.lease &&
		   mono_diff(f->now, before) > f->o->hold.lease;
	out_poll(&p->out, fds[1].revents);
	pass_flush(p, f->now);
	turn(f);
}

/* ---- The end. */

static bool let_go(struct follow *f)
{
	static uint16_t list[HOLD_ADDRS];

	holder_release(&f->holder);
	for (int i = 0; i < LAST_TRIES; i++) {
		f->now = mono_now();
		bind_hear(&f->bind, f->now);
		bind_act(&f->bind, f->now);
	}
	return !holder_due(&f->holder, HOLD_DEL, MONO_NEVER, list);
}

static void last_words(struct follow *f)
{
	struct pollfd p = { .fd = f->pass.out.fd, .events = POLLOUT };

	pass_on(&f->pass, f->now);
	while (f->pass.nkept && !f->pass.out.dead &&
		poll(&p, 1, LAST_WORDS) > 0) {
		out_poll(&f->pass.out, p.revents);
		pass_flush(&f->pass, f->now);
	}
}

static int end(struct follow *f)
{
	bool bad = f->pass.out.dead || f->deaf >= DEAF_TRIES;
	int code = bad ? EXIT_SYSTEM : EXIT_YES;

	if (f->pass.out.dead)
		warn("stdout: the reader is gone: lets go");
	if (!let_go(f)) {
		warn("some addresses could not be removed");
		code = EXIT_SYSTEM;
	}
	last_words(f);
	bind_close(&f->bind);
	close(f->sigs);
	return code;
}

int follow(const struct options *o)
{
	struct follow *f = &self;
	pid_t pid = 0;

	f->o = o;
	sandbox_realtime(&o->sandbox);
	holder_init(&f->holder, &o->hold);
	bind_open(&f->bind, o, &f->holder);
	f->sigs = sig_open();
	if (f->sigs < 0)
		die(EXIT_SYSTEM, "signals: %s", errno_str(f->sigs, NULL));
	if (o->prog)
		pid = chain_start(o->prog);
	if (pid < 0)
		die(EXIT_SYSTEM, "%s: %s", o->prog[0], errno_str(pid, NULL));
	pass_open(&f->pass);
	ready_prepare();
	give_up(o, pid);
	ready(o->ready_fd);
	f->now = mono_now();
	while (!is_over(f))
		wait_turn(f);
	return chain_end(pid, end(f), PATIENCE);
}
