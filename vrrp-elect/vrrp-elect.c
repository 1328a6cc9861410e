/* vrrp-elect: which of us is Master?  See DESIGN in README.md, vrrp-elect(8)
 * for the options.  The order of a turn is what the safety rests on: first
 * orders to stop, then all that was heard, the deadline last. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "chain.h"
#include "clock.h"
#include "config.h"
#include "crew.h"
#include "die.h"
#include "give_up.h"
#include "in.h"
#include "lean.h"
#include "nlmon.h"
#include "pktsock.h"
#include "ready.h"
#include "resign.h"
#include "sig.h"
#include "wake.h"

#define HEAR_BUDGET   256 /* packets a turn, of one router */
#define HEAR_MOST     16  /* times that, of a socket with many */
#define DUE_BUDGET    64
#define NL_BUDGET     64
#define SYNC_TIME     (5 * US_PER_S)
#define LATE	      (2 * US_PER_MS)
#define EARLY	      INT64_C(300) /* us */
#define FLUSH_TIME    US_PER_S
#define PROG_PATIENCE (10 * US_PER_S)
#define READER_START  (5 * US_PER_S) /* its first read may take so much more */
#define START_RETRY   (20 * US_PER_MS)
#define PAGE	      ((uintptr_t)4096)

enum { P_SIG, P_WAKE, P_NL, P_IN, P_OUT, P_RX };

struct daemon {
	struct in in; /* fd -1: not read */
	struct options *o;
	struct crew crew;
	struct pollfd *polls; /* P_RX and on: a group each */
	struct nlmon nl;
	struct wake wake;
	int sigfd;
	int64_t stuck; /* 0: do not ask */
	bool reader_lost;
	int code;
};

/* What is always written to lies together, in the second of its pages. */
struct own {
	struct daemon d; /* buffers first */
	struct options o;
	uint8_t frame[ROUTER_FRAME];
	uint8_t heard[VRRPSOCK_BUF]; /* few packets fill it */
};

static const struct nlmon_ops nl_ops = { views_link, views_addr, views_sync };

/* ---- Events for all routers. */

static void turn_all(struct daemon *d, enum elect_event_type type,
	const char *why, struct mono now)
{
	const struct elect_event ev = { .type = type, .why = why };

	for (size_t i = 0; i < d->crew.n; i++)
		router_turn(&d->crew.v[i]->r, &ev, now);
}

static void lose_reader(struct daemon *d, const char *why, struct mono now)
{
	if (d->reader_lost)
		return;
	d->reader_lost = true;
	warn("stdout: %s: resigning", why);
	turn_all(d, EV_READER_GONE, why, now);
}

/* Those whose view changed. */
static void look_again(struct daemon *d, struct mono now)
{
	for (size_t i = 0; i < d->crew.n; i++) {
		struct router *r = &d->crew.v[i]->r;

		if (!r->started || !r->view.changed)
			continue;
		r->view.changed = false;
		router_look(r, now);
	}
}

/* ---- What depends on all configurations. */

/* A reader that misses lines for so long is not merely slow. */
static int64_t default_stuck(const struct elect_cfg *e)
{
	int64_t t = 2 * e->interval;

	if (!e->heartbeat)
		return 0;
	t = t > 4 * e->heartbeat ? t : 4 * e->heartbeat;
	return t > US_PER_S / 2 ? t : US_PER_S / 2;
}

/* True without memory. */
static bool settle(struct daemon *d)
{
	size_t n = P_RX + d->crew.n + 2 * GROUP_SPARES;
	struct pollfd *p = realloc(d->polls, n * sizeof *p);

	d->polls = p ? p : d->polls;
	d->stuck = d->o->stuck;
	for (size_t i = 0; i < d->crew.n; i++) {
		const struct router_cfg *c = d->crew.v[i]->r.cfg;
		int64_t t = default_stuck(&c->elect);

		if (!d->o->stuck && t > d->stuck)
			d->stuck = t;
	}
	return !p;
}

static void open_input(struct daemon *d)
{
	for (size_t i = 0; i < d->crew.n; i++) {
		const struct tracks *ts = &d->crew.v[i]->r.cfg->tracks;

		d->crew.reads = d->crew.reads || ts->n || ts->any;
	}
	in_open(&d->in, d->crew.reads ? STDIN_FILENO : -1);
}

/* ---- The steps of a turn. */

static void reread_auth(struct daemon *d)
{
	for (size_t i = 0; i < d->crew.n; i++) {
		struct router_cfg *c = d->crew.v[i]->r.cfg;
		const char *wrong =
			c->auth_file.path ? config_read_auth(c) : NULL;

		if (wrong)
			warn("%s: not read, the old %s: %s", c->auth_file.path,
				c->auth_cfg->kind == AUTH_HMAC
					? "keys stay"
					: "password stays",
				wrong);
	}
}

static void stop_for(
	struct daemon *d, const char *what, int err, struct mono now)
{
	warn("%s: %s", what, errno_str(err, NULL));
	d->code = EXIT_SYSTEM;
	turn_all(d, EV_STOP, NULL, now);
}

/* What the file changed begins when a dump has told what the kernel has. */
static void reread_file(struct daemon *d, struct mono now)
{
	const char *path = d->o->file.path, *wrong;
	struct crew_changes n;
	int err;

	wrong = crew_read(&d->crew, d->o, false, now, &n);
	if (wrong) {
		warn("%s: %s: nothing was changed", path, wrong);
		return;
	}
	if (d->o->verbose > 0)
		warn("%s: %zu added, %zu changed, %zu gone", path, n.added,
			n.changed, n.gone);
	err = settle(d) ? -ENOMEM : 0;
	if (!err && n.added + n.changed)
		err = nlmon_resync(&d->nl);
	if (err)
		stop_for(d, path, err, now);
}

static void say_all(struct daemon *d, struct mono now)
{
	for (size_t i = 0; i < d->crew.n; i++) {
		router_say(&d->crew.v[i]->r, now);
		router_tell(&d->crew.v[i]->r);
	}
}

static void take_signals(struct daemon *d, struct mono now)
{
	int sig;

	while ((sig = sig_next(d->sigfd)) != 0) {
		if (sig == SIGTERM || sig == SIGINT)
			turn_all(d, EV_STOP, NULL, now);
		if (sig == SIGHUP)
			reread_auth(d);
		if (sig == SIGHUP && d->o->file.path)
			reread_file(d, now);
		if (sig == SIGUSR1)
			say_all(d, now);
	}
}

/* When the reader counts as stuck. */
static struct mono stuck_at(struct daemon *d)
{
	struct out *out = &d->crew.common.out;
	struct mono at = MONO_NEVER;

	if (d->stuck && !d->reader_lost)
		at = out_stuck_at(out, d->stuck);
	if (!mono_is_never(at) && !out->read && !d->o->stuck)
		at = mono_add(at, READER_START);
	return at;
}

static void say_owed(struct daemon *d, struct mono now)
{
	struct common *c = &d->crew.common;

	for (size_t i = 0; c->owed && !c->out.dead && i < d->crew.n; i++)
		if (d->crew.v[i]->r.line_owed)
			router_say(&d->crew.v[i]->r, now);
}

static void watch_reader(struct daemon *d, short revents, struct mono now)
{
	struct mono stuck = stuck_at(d);
	struct out *out = &d->crew.common.out;

	out_poll(out, revents);
	if (out->dead)
		lose_reader(d, "reader-gone", now);
	else if (mono_diff(now, stuck) > d->stuck)
		out_forgive(out, now); /* it was us who slept */
	else if (mono_due(stuck, now))
		lose_reader(d, "reader-stuck", now);
	if (revents & POLLOUT)
		say_owed(d, now);
}

static void watch_kernel(struct daemon *d, struct mono now)
{
	int err = nlmon_read(&d->nl, NL_BUDGET);

	if (!err && d->nl.synced && views_look(&d->crew.common.views))
		err = nlmon_resync(&d->nl);
	if (err)
		stop_for(d, "rtnetlink", err, now);
	else if (d->nl.synced)
		look_again(d, now);
}

static void take_line(struct daemon *d, char *text, struct mono now)
{
	struct line l;

	if (!line_parse(&l, text))
		return;
	for (size_t i = 0; i < d->crew.n; i++) {
		struct router *r = &d->crew.v[i]->r;

		if (tracks_take(&r->cfg->tracks, &l) && r->started)
			router_look(r, now);
	}
}

static void take_input(struct daemon *d, struct mono now)
{
	char *line;

	if (!in_fill(&d->in)) {
		if (d->o->verbose > 0)
			warn("stdin: end of input: stopping");
		turn_all(d, EV_STOP, NULL, now);
	}
	while ((line = in_line(&d->in)) != NULL)
		take_line(d, line, now);
}

static void hear_all(struct daemon *d, struct mono now)
{
	const struct groups *gs = &d->crew.common.groups;

	for (size_t i = 0; i < gs->n; i++)
		if (d->polls[P_RX + i].revents)
			group_hear(gs->v[i], d->crew.common.heard,
				HEAR_BUDGET *
					(d->crew.n < HEAR_MOST
							? (unsigned)d->crew.n
							: HEAR_MOST),
				now);
}

/* One that waits to begin looks at what the kernel has, so that must be
 * known. */
static void take_deadlines(struct daemon *d, struct mono now)
{
	const struct elect_event ev = { .type = EV_DEADLINE };
	struct heap *h = &d->crew.common.due;

	for (int i = 0; i < DUE_BUDGET; i++) {
		struct timer *t = heap_top(h);
		struct seat *s;

		if (!t || !mono_due(t->when, now))
			return;
		s = TIMER_OF(t, struct seat, r.due);
		if (s->r.started)
			router_turn(&s->r, &ev, now);
		else if (d->nl.synced)
			crew_start(&d->crew, s, now);
		else
			heap_set(h, t, mono_add(now, START_RETRY));
	}
}

/* ---- The loop. */

/* A processor that has long had nothing to do comes late, by a fifth of a
 * millisecond; one that had a moment ago does not.  So whoever waits to take
 * over wakes a little before it is time, and waits for the rest then. */
static struct mono wake_at(struct timer *t, struct mono now)
{
	const struct seat *s = TIMER_OF(t, struct seat, r.due);

	if (s->r.elect.state != ELECT_BACKUP || mono_is_never(t->when) ||
		mono_diff(t->when, now) <= EARLY)
		return t->when;
	return mono_add(t->when, -EARLY);
}

static struct mono next_deadline(struct daemon *d, struct mono now)
{
	struct timer *t = heap_top(&d->crew.common.due);
	struct mono stuck = stuck_at(d);

	return t ? mono_min(stuck, wake_at(t, now)) : stuck;
}

/* A dead reader would make poll(2) return at once for ever.  Returns how many
 * there are. */
static nfds_t slots(struct daemon *d, bool wake)
{
	const struct groups *gs = &d->crew.common.groups;
	const struct out *out = &d->crew.common.out;
	short want_out = d->crew.common.owed ? POLLOUT : 0;
	struct pollfd *p = d->polls;

	p[P_SIG] = (struct pollfd){ d->sigfd, POLLIN, 0 };
	p[P_WAKE] = (struct pollfd){ wake ? d->wake.fd : -1, POLLIN, 0 };
	p[P_NL] = (struct pollfd){ d->nl.fd, POLLIN, 0 };
	p[P_IN] = (struct pollfd){ d->in.fd, POLLIN, 0 };
	p[P_OUT] = (struct pollfd){ out->dead ? -1 : out->fd, want_out, 0 };
	for (size_t i = 0; i < gs->n; i++)
		p[P_RX + i] = (struct pollfd){ gs->v[i]->fd, POLLIN, 0 };
	return P_RX + gs->n;
}

/* Waits and returns the time.  Whoever wakes late may not trust what poll(2)
 * said before it slept (SIGSTOP can hit anywhere): it asks again, for what was
 * heard comes before what is due.  Who cannot hear at all must not be Master:
 * its end is seen by its reader. */
static struct mono await(struct daemon *d)
{
	static const struct timespec zero;
	struct mono now = mono_now(), until = next_deadline(d, now);
	struct timespec ts;
	nfds_t nfds = slots(d, wake_set(&d->wake, until, now));
	int n;

	n = ppoll(d->polls, nfds, mono_timespec(&ts, until, now), NULL);
	now = mono_now();
	if (n >= 0 && mono_diff(now, until) <= LATE)
		return now;
	do
		n = ppoll(d->polls, nfds, &zero, NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		die(EXIT_SYSTEM, "poll: %s", errno_str(-errno, NULL));
	return now;
}

static void loop(struct daemon *d)
{
	while (!crew_all_done(&d->crew)) {
		struct mono now = await(d);

		if (d->polls[P_SIG].revents)
			take_signals(d, now);
		watch_reader(d, d->polls[P_OUT].revents, now);
		if (d->polls[P_NL].revents)
			watch_kernel(d, now);
		if (d->polls[P_IN].revents)
			take_input(d, now);
		hear_all(d, now);
		take_deadlines(d, now);
		crew_sweep(&d->crew, now);
	}
}

/* The last line is worth a moment. */
static void flush(struct daemon *d)
{
	struct mono until = mono_add(mono_now(), FLUSH_TIME);
	const struct common *c = &d->crew.common;

	while (c->owed && !c->out.dead) {
		struct mono now = mono_now();
		struct pollfd p = { c->out.fd, POLLOUT, 0 };

		if (mono_due(until, now) ||
			poll(&p, 1, mono_poll_ms(until, now)) <= 0)
			return;
		say_owed(d, mono_now());
	}
}

/* ---- Setup and end. */

/* A descriptor is held for the lock of each router. */
static void raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

/* With a file one who uses it may come with a HUP. */
static void open_vmac(struct daemon *d)
{
	bool wanted = d->o->file.path != NULL;
	int fd = -1;

	for (size_t i = 0; i < d->crew.n; i++)
		wanted |= d->crew.v[i]->r.cfg->vmac;
	if (wanted && (fd = pktsock_open()) < 0)
		die(EXIT_SYSTEM, "packet socket: %s",
			errno_str(fd, "CAP_NET_RAW"));
	d->crew.common.vmac = fd;
}

static void open_all(struct daemon *d, struct options *o)
{
	struct common *c = &d->crew.common;
	struct crew_changes n;
	const char *wrong;
	int err;

	d->sigfd = sig_open();
	err = wake_open(&d->wake);
	if (err)
		die(EXIT_SYSTEM, "timer: %s", errno_str(err, NULL));
	c->json = o->json;
	c->verbose = o->verbose;
	if (o->file.path)
		raise_limit();
	wrong = crew_read(&d->crew, o, true, mono_now(), &n);
	if (wrong && o->file.path)
		die(EXIT_MISUSE, "%s: %s", o->file.path, wrong);
	if (wrong)
		die(EXIT_SYSTEM, "%s", wrong);
	crew_open(&d->crew, d->sigfd);
	open_vmac(d);
	if (o->file.path)
		groups_save(&c->groups);
	err = nlmon_open(&d->nl, NLMON_LINKS | NLMON_ADDRS, &nl_ops, &c->views);
	if (!err)
		err = nlmon_wait(&d->nl, mono_add(mono_now(), SYNC_TIME));
	if (err)
		die(EXIT_SYSTEM, "rtnetlink: %s", errno_str(err, NULL));
	views_look(&c->views);
}

static void close_all(struct daemon *d)
{
	crew_close(&d->crew);
	if (d->crew.common.vmac >= 0)
		close(d->crew.common.vmac);
	nlmon_close(&d->nl);
	wake_close(&d->wake);
	close(d->sigfd);
	free(d->polls);
	kept_close(&d->o->file);
}

static int worst(const struct daemon *d)
{
	int code = d->code;

	for (size_t i = 0; i < d->crew.n; i++)
		if (d->crew.v[i]->r.code > code)
			code = d->crew.v[i]->r.code;
	return code;
}

static void start_all(struct daemon *d, struct mono now)
{
	for (size_t i = 0; i < d->crew.n; i++)
		router_start(&d->crew.v[i]->r, now);
}

static int elect(struct daemon *d)
{
	struct options *o = d->o;
	pid_t pid = 0;
	int code;

	sandbox_realtime(&o->sandbox);
	open_all(d, o);
	if (o->prog && (pid = chain_start(o->prog)) < 0)
		die(EXIT_SYSTEM, "fork: %s", errno_str(pid, NULL));
	open_input(d);
	out_open(&d->crew.common.out, STDOUT_FILENO);
	if (settle(d))
		die(EXIT_SYSTEM, "no memory");
	ready_prepare();
	clock_be_exact();
	give_up(o, pid);
	if (!o->file.path)
		options_forget(o);
	start_all(d, mono_now());
	lean();
	ready(o->ready_fd);
	loop(d);
	flush(d);
	code = worst(d);
	close_all(d);
	return chain_end(pid, code, PROG_PATIENCE);
}

/* From the beginning of a page on, without the linker's help, which would move
 * what libc writes to as well. */
static struct own *place_own(void)
{
	static uint8_t room[sizeof(struct own) + PAGE];
	struct own *own =
		(struct own *)(((uintptr_t)room + PAGE - 1) & ~(PAGE - 1));

	own->d.o = &own->o;
	own->d.crew.common.frame = own->frame;
	own->d.crew.common.heard = own->heard;
	return own;
}

int main(int argc, char **argv)
{
	struct own *own = place_own();

	die_prog = "vrrp-elect";
	options_parse(&own->o, argc, argv);
	if (own->o.command == CMD_RESIGN)
		return resign_once(&own->o);
	if (own->o.command == CMD_FOLLOW)
		return resign_follow(&own->o);
	return elect(&own->d);
}
