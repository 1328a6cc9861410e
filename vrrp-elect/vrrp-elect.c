/* vrrp-elect: which of us is Master?  See DESIGN in README.md, vrrp-elect(8)
 * for the options.  The order of a turn is what the safety rests on: first
 * orders to stop, then all that was heard, the deadline last. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "chain.h"
#include "clock.h"
#include "config.h"
#include "die.h"
#include "give_up.h"
#include "in.h"
#include "nlmon.h"
#include "only.h"
#include "out.h"
#include "ready.h"
#include "resign.h"
#include "router.h"
#include "sig.h"

#define ROUTERS_MAX   1
#define HEAR_BUDGET   256
#define NL_BUDGET     64
#define ONLY_PATIENCE (3 * US_PER_S)
#define SYNC_TIME     (5 * US_PER_S)
#define LATE	      (2 * US_PER_MS)
#define FLUSH_TIME    US_PER_S
#define PROG_PATIENCE (10 * US_PER_S)

enum { P_SIG, P_NL, P_IN, P_OUT, P_RX, P_N = P_RX + ROUTERS_MAX };

struct daemon {
	struct options *o;
	struct router routers[ROUTERS_MAX];
	size_t n;
	struct nlmon nl;
	struct in in; /* fd -1: not read */
	struct out out;
	int sigfd, lock;
	bool reader_lost;
	int code;
};

/* ---- What the kernel says goes to every router. */

static void on_link(void *arg, const struct nl_link *l, bool gone)
{
	struct daemon *d = arg;

	for (size_t i = 0; i < d->n; i++)
		router_link(&d->routers[i], l, gone);
}

static void on_addr(void *arg, const struct nl_ifaddr *a, bool gone)
{
	struct daemon *d = arg;

	for (size_t i = 0; i < d->n; i++)
		router_addr(&d->routers[i], a, gone);
}

static void on_sync(void *arg, bool end)
{
	struct daemon *d = arg;

	for (size_t i = 0; i < d->n; i++)
		router_sync(&d->routers[i], end);
}

static const struct nlmon_ops nl_ops = { on_link, on_addr, on_sync };

/* ---- Events for all routers. */

static void turn_all(struct daemon *d, enum elect_event_type type,
	const char *why, struct mono now)
{
	const struct elect_event ev = { .type = type, .why = why };

	for (size_t i = 0; i < d->n; i++)
		router_turn(&d->routers[i], &ev, now);
}

static void look_all(struct daemon *d, struct mono now)
{
	for (size_t i = 0; i < d->n; i++)
		router_look(&d->routers[i], now);
}

static void lose_reader(struct daemon *d, const char *why, struct mono now)
{
	if (d->reader_lost)
		return;
	d->reader_lost = true;
	warn("stdout: %s: resigning", why);
	turn_all(d, EV_READER_GONE, why, now);
}

/* ---- The steps of a turn. */

static void reread_auth(struct daemon *d)
{
	for (size_t i = 0; i < d->n; i++) {
		struct router_cfg *c = d->routers[i].cfg;
		const char *wrong = c->auth_file ? config_read_auth(c) : NULL;

		if (wrong)
			warn("%s: not read, the old %s: %s", c->auth_file,
				c->auth_cfg.kind == AUTH_HMAC
					? "keys stay"
					: "password stays",
				wrong);
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
		for (size_t i = 0; sig == SIGUSR1 && i < d->n; i++) {
			router_say(&d->routers[i], now);
			router_tell(&d->routers[i]);
		}
	}
}

/* When the reader counts as stuck. */
static struct mono stuck_at(struct daemon *d)
{
	struct mono at = MONO_NEVER;

	if (d->o->stuck && !d->reader_lost)
		at = out_stuck_at(&d->out, d->o->stuck);
	if (!mono_is_never(at) && !d->out.read)
		at = mono_add(at, d->o->starting);
	return at;
}

static void watch_reader(struct daemon *d, short revents, struct mono now)
{
	struct mono stuck = stuck_at(d);

	out_poll(&d->out, revents);
	if (d->out.dead)
		lose_reader(d, "reader-gone", now);
	else if (mono_diff(now, stuck) > d->o->stuck)
		out_forgive(&d->out, now); /* it was us who slept */
	else if (mono_due(stuck, now))
		lose_reader(d, "reader-stuck", now);
	for (size_t i = 0; !d->out.dead && i < d->n; i++)
		if (d->routers[i].line_owed && revents & POLLOUT)
			router_say(&d->routers[i], now);
}

static void watch_kernel(struct daemon *d, struct mono now)
{
	int err = nlmon_read(&d->nl, NL_BUDGET);
	bool met = false;

	for (size_t i = 0; !err && d->nl.synced && i < d->n; i++)
		met = router_met_link(&d->routers[i]) || met;
	if (met)
		err = nlmon_resync(&d->nl);
	if (err) {
		warn("rtnetlink: %s", errno_str(err, NULL));
		d->code = EXIT_SYSTEM;
		turn_all(d, EV_STOP, NULL, now);
	} else if (d->nl.synced) {
		look_all(d, now);
	}
}

static void take_line(struct daemon *d, char *text, struct mono now)
{
	struct line l;

	if (!line_parse(&l, text))
		return;
	for (size_t i = 0; i < d->n; i++)
		if (tracks_take(&d->routers[i].tracks, &l))
			router_look(&d->routers[i], now);
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

static void take_deadlines(struct daemon *d, struct mono now)
{
	const struct elect_event ev = { .type = EV_DEADLINE };

	for (size_t i = 0; i < d->n; i++)
		if (mono_due(elect_deadline(&d->routers[i].elect), now))
			router_turn(&d->routers[i], &ev, now);
}

/* ---- The loop. */

static struct mono next_deadline(struct daemon *d)
{
	struct mono t = stuck_at(d);

	for (size_t i = 0; i < d->n; i++)
		t = mono_min(t, elect_deadline(&d->routers[i].elect));
	return t;
}

static bool any_line_owed(const struct daemon *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->routers[i].line_owed)
			return true;
	return false;
}

static bool all_done(const struct daemon *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!d->routers[i].done)
			return false;
	return true;
}

/* A dead reader would make poll(2) return at once for ever. */
static void slots(struct daemon *d, struct pollfd p[P_N])
{
	short want_out = any_line_owed(d) ? POLLOUT : 0;

	p[P_SIG] = (struct pollfd){ d->sigfd, POLLIN, 0 };
	p[P_NL] = (struct pollfd){ d->nl.fd, POLLIN, 0 };
	p[P_IN] = (struct pollfd){ d->in.fd, POLLIN, 0 };
	p[P_OUT] = (struct pollfd){ d->out.dead ? -1 : d->out.fd, want_out, 0 };
	for (size_t i = 0; i < ROUTERS_MAX; i++)
		p[P_RX + i] = (struct pollfd){ i < d->n ? d->routers[i].fd : -1,
			POLLIN, 0 };
}

/* Waits and returns the time.  Whoever wakes late may not trust what poll(2)
 * said before it slept (SIGSTOP can hit anywhere): it asks again, for what was
 * heard comes before what is due.  Who cannot hear at all must not be Master:
 * its end is seen by its reader. */
static struct mono await(struct daemon *d, struct pollfd p[P_N])
{
	static const struct timespec zero;
	struct mono until = next_deadline(d), now = mono_now();
	struct timespec ts;
	int n;

	slots(d, p);
	n = ppoll(p, P_N, mono_timespec(&ts, until, now), NULL);
	now = mono_now();
	if (n >= 0 && mono_diff(now, until) <= LATE)
		return now;
	do
		n = ppoll(p, P_N, &zero, NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		die(EXIT_SYSTEM, "poll: %s", errno_str(-errno, NULL));
	return now;
}

static void loop(struct daemon *d)
{
	struct pollfd p[P_N];

	while (!all_done(d)) {
		struct mono now = await(d, p);

		if (p[P_SIG].revents)
			take_signals(d, now);
		watch_reader(d, p[P_OUT].revents, now);
		if (p[P_NL].revents)
			watch_kernel(d, now);
		if (p[P_IN].revents)
			take_input(d, now);
		for (size_t i = 0; i < d->n; i++)
			if (p[P_RX + i].revents)
				router_hear(&d->routers[i], HEAR_BUDGET, now);
		take_deadlines(d, now);
	}
}

/* The last line is worth a moment. */
static void flush(struct daemon *d)
{
	struct mono until = mono_add(mono_now(), FLUSH_TIME);

	while (any_line_owed(d) && !d->out.dead) {
		struct mono now = mono_now();
		struct pollfd p = { d->out.fd, POLLOUT, 0 };

		if (mono_due(until, now) ||
			poll(&p, 1, mono_poll_ms(until, now)) <= 0)
			return;
		for (size_t i = 0; i < d->n; i++)
			if (d->routers[i].line_owed)
				router_say(&d->routers[i], mono_now());
	}
}

/* ---- Setup and end. */

static void lock(struct daemon *d, const struct router_cfg *cfg)
{
	d->lock = only_one(cfg, ONLY_PATIENCE, d->sigfd);
	if (d->lock == -EINTR)
		exit(EXIT_YES); /* told to stop before we began */
	if (d->lock == -EADDRINUSE)
		die(EXIT_SYSTEM, "%s: another vrrp-elect runs for %s, vrid %u",
			cfg->subject, cfg->ifname, cfg->vrid);
	if (d->lock < 0)
		die(EXIT_SYSTEM, "lock: %s", errno_str(d->lock, NULL));
}

static void open_all(struct daemon *d, struct options *o)
{
	int err;

	d->sigfd = sig_open();
	d->n = 1;
	err = router_open(
		&d->routers[0], &o->router, &d->out, o->json, o->verbose);
	if (err)
		die(EXIT_SYSTEM, "VRRP socket: %s",
			errno_str(err, "CAP_NET_RAW"));
	lock(d, &o->router);
	err = nlmon_open(&d->nl, NLMON_LINKS | NLMON_ADDRS, &nl_ops, d);
	if (!err)
		err = nlmon_wait(&d->nl, mono_add(mono_now(), SYNC_TIME));
	if (err)
		die(EXIT_SYSTEM, "rtnetlink: %s", errno_str(err, NULL));
}

static void close_all(struct daemon *d)
{
	for (size_t i = 0; i < d->n; i++)
		router_close(&d->routers[i]);
	nlmon_close(&d->nl);
	close(d->lock);
	close(d->sigfd);
	config_close(&d->o->router);
}

static int worst(const struct daemon *d)
{
	int code = d->code;

	for (size_t i = 0; i < d->n; i++)
		if (d->routers[i].code > code)
			code = d->routers[i].code;
	return code;
}

static int elect(struct options *o)
{
	static struct daemon d;
	bool reads = o->router.tracks.n || o->router.tracks.any;
	pid_t pid = 0;

	d.o = o;
	sandbox_realtime(&o->sandbox);
	open_all(&d, o);
	if (o->prog && (pid = chain_start(o->prog)) < 0)
		die(EXIT_SYSTEM, "fork: %s", errno_str(pid, NULL));
	in_open(&d.in, reads ? STDIN_FILENO : -1);
	out_open(&d.out, STDOUT_FILENO);
	ready_prepare();
	give_up(o, pid);
	for (size_t i = 0; i < d.n; i++)
		router_start(&d.routers[i], mono_now());
	ready(o->ready_fd);
	loop(&d);
	flush(&d);
	close_all(&d);
	return chain_end(pid, worst(&d), PROG_PATIENCE);
}

int main(int argc, char **argv)
{
	static struct options o;

	die_prog = "vrrp-elect";
	options_parse(&o, argc, argv);
	if (o.command == CMD_RESIGN)
		return resign_once(&o);
	if (o.command == CMD_FOLLOW)
		return resign_follow(&o);
	return elect(&o);
}
