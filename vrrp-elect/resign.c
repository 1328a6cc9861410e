#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "clock.h"
#include "die.h"
#include "give_up.h"
#include "in.h"
#include "nlmon.h"
#include "num.h"
#include "out.h"
#include "ready.h"
#include "resign.h"
#include "router.h"
#include "sig.h"
#include "vrrpsock.h"

#define SUBJECTS_MAX 4096 /* as many as an elector has routers */
#define SYNC_TIME    (2 * US_PER_S)
#define TERM_TIME    (5 * US_PER_S)
/* A lease of L seconds is gone after L + 0.9 s; L is at most 3 intervals. */
#define GONE_TIME(interval) (3 * (interval) + US_PER_S)

/* ---- What the kernel has. */

static const struct nlmon_ops ops = { views_link, views_addr, views_sync };

/* Waits until no address of the router is in this kernel. */
static bool wait_gone(
	struct nlmon *nl, const struct view *v, struct mono deadline)
{
	struct pollfd p = { .fd = nl->fd, .events = POLLIN };

	while (!nl->synced || view_holds_any(v)) {
		struct mono now = mono_now();

		if (mono_due(deadline, now))
			return false;
		poll(&p, 1, mono_poll_ms(deadline, now));
		if (nlmon_read(nl, 64) != 0)
			return false;
	}
	return true;
}

/* ---- One router. */

static int send_to_all(int fd, const struct router_cfg *cfg, bool wait,
	struct views *vs, const struct view *v)
{
	static struct auth_state auth;
	static uint8_t frame[ROUTER_FRAME];
	const struct outlet out = { fd, -1, frame };
	struct mono now = mono_now();
	struct nlmon nl;
	int err = nlmon_open(&nl, NLMON_LINKS | NLMON_ADDRS, &ops, vs);

	if (!err)
		err = nlmon_wait(&nl, mono_add(now, SYNC_TIME));
	if (!err && wait &&
		!wait_gone(
			&nl, v, mono_add(now, GONE_TIME(cfg->elect.interval))))
		err = -EBUSY;
	if (!err)
		err = router_send(
			&out, cfg, &auth, v, VRRP_PRIO_STOP, cfg->sum);
	nlmon_close(&nl);
	return err;
}

static int send_zero(int fd, const struct router_cfg *cfg, bool wait)
{
	struct views vs = { 0 };
	struct view v;
	int err = -ENOMEM;

	if (views_add(&vs, &v, cfg) && views_settle(&vs))
		err = send_to_all(fd, cfg, wait, &vs, &v);
	views_free(&vs);
	return err;
}

static const char *send_error(int err)
{
	if (err == -EADDRNOTAVAIL)
		return "no such interface, or no address to send from";
	if (err == -EBUSY)
		return "the addresses are still in this kernel";
	return errno_str(err, "CAP_NET_RAW");
}

int resign_once(struct options *o)
{
	struct router_cfg *cfg = &o->router;
	int fd = vrrpsock_open(cfg->family, config_proto(cfg)), err;

	if (fd < 0)
		die(EXIT_SYSTEM, "VRRP socket: %s",
			errno_str(fd, "CAP_NET_RAW"));
	give_up(o, 0);
	err = send_zero(fd, cfg, false);
	close(fd);
	kept_close(&cfg->auth_file);
	if (err)
		die(EXIT_SYSTEM, "%s: cannot resign: %s", cfg->subject,
			send_error(err));
	return EXIT_YES;
}

/* ---- The last will. */

/* The last line of each subject. */
struct will {
	char subject[SUBJECT_LEN];
	char line[LINE_MAX_LEN];
	bool master; /* it says MASTER */
	bool owed;   /* it could not be passed on yet */
};

struct testament {
	struct will wills[SUBJECTS_MAX];
	size_t n, next; /* next: where the next line's is looked for first */
	int fd4, fd6, sigfd;
	struct in in;
	struct out out;
};

static struct will *will_of(struct testament *t, const char *subject)
{
	size_t len = strlen(subject);

	for (size_t i = 0; i < t->n; i++) {
		size_t at = (t->next + i) % t->n;

		if (strcmp(t->wills[at].subject, subject) != 0)
			continue;
		t->next = (at + 1) % t->n;
		return &t->wills[at];
	}
	if (t->n == SUBJECTS_MAX || len >= SUBJECT_LEN)
		return NULL;
	memcpy(t->wills[t->n].subject, subject, len + 1);
	return &t->wills[t->n++];
}

static bool is_election(enum line_word w)
{
	return w == WORD_MASTER || w == WORD_BACKUP || w == WORD_FAULT ||
	       w == WORD_INIT;
}

/* NULL for what is no line of an election, or one subject too many. */
static struct will *remember(struct testament *t, const char *text)
{
	static char copy[LINE_MAX_LEN];
	struct line l;
	struct will *w;

	memcpy(copy, text, strlen(text) + 1);
	if (!line_parse(&l, copy) || !is_election(line_word(l.word)))
		return NULL;
	w = will_of(t, l.subject);
	if (!w)
		return NULL;
	memcpy(w->line, text, strlen(text) + 1);
	w->owed = false;
	w->master = line_word(l.word) == WORD_MASTER;
	return w;
}

static bool add_vips(struct router_cfg *c, char *list)
{
	char *save;

	for (char *s = strtok_r(list, ",", &save); s;
		s = strtok_r(NULL, ",", &save)) {
		if (c->nvips == VRRP_VIPS_MAX ||
			!prefix_parse(&c->vips[c->nvips], s))
			return false;
		c->family = c->vips[c->nvips++].addr.family;
	}
	return c->nvips > 0;
}

/* The identity that stands on the line, over what the options said. */
static bool from_line(struct router_cfg *c, const struct line *l)
{
	const char *ifname = line_get(l, "if"), *vrid = line_get(l, "vrid");
	const char *addrs = line_get(l, "addrs");
	const char *version = line_get(l, "version");
	const char *interval = line_get(l, "interval");
	uint64_t v;

	if (!ifname || strlen(ifname) >= sizeof c->ifname || !vrid || !addrs ||
		!num_u64(vrid, 1, 255, &v))
		return false;
	c->vrid = (uint8_t)v;
	memcpy(c->ifname, ifname, strlen(ifname) + 1);
	if (version && num_u64(version, 2, 3, &v))
		c->elect.version = (uint8_t)v;
	if (interval && !dur_parse(interval, &c->elect.interval))
		return false;
	snprintf(c->subject, sizeof c->subject, "%s", l->subject);
	return add_vips(c, (char *)(uintptr_t)addrs) && !config_finish(c);
}

static int execute(struct testament *t, const struct options *o, struct will *w)
{
	static struct cfg_room room;
	struct router_cfg cfg = o->router;
	struct line l;
	int err;

	room = *o->room;
	config_use(&cfg, &room);
	if (!line_parse(&l, w->line) || !from_line(&cfg, &l)) {
		warn("%s: its line does not say all that is needed to resign",
			w->subject);
		return EXIT_SYSTEM;
	}
	err = send_zero(cfg.family == AF_INET ? t->fd4 : t->fd6, &cfg, true);
	if (err) {
		warn("%s: cannot resign: %s", cfg.subject, send_error(err));
		return EXIT_SYSTEM;
	}
	if (o->verbose >= 0)
		warn("%s: resigned for an elector that is gone", cfg.subject);
	return EXIT_YES;
}

static int execute_all(struct testament *t, const struct options *o)
{
	int code = EXIT_YES;

	for (size_t i = 0; i < t->n; i++)
		if (t->wills[i].master &&
			execute(t, o, &t->wills[i]) != EXIT_YES)
			code = EXIT_SYSTEM;
	return code;
}

static bool write_line(struct testament *t, const char *text)
{
	char line[LINE_MAX_LEN + 1];
	size_t len = strlen(text);

	memcpy(line, text, len);
	line[len] = '\n';
	return out_line(&t->out, line, len + 1, mono_now());
}

/* Where there is no room the newest line of a subject waits, not we. */
static void pass(struct testament *t, const char *text)
{
	struct will *w = remember(t, text);
	bool done = write_line(t, text);

	if (w)
		w->owed = !done;
}

static bool pass_owed(struct testament *t)
{
	bool any = false;

	for (size_t i = 0; i < t->n; i++) {
		struct will *w = &t->wills[i];

		w->owed = w->owed && !write_line(t, w->line);
		any = any || w->owed;
	}
	return any;
}

/* TERM and INT usually go to all of a pipeline: its end comes through the
 * input.  If it does not, our own end tells those before us to let go. */
static void take_signals(struct testament *t, struct mono *leave_by)
{
	int sig;

	while ((sig = sig_next(t->sigfd)) != 0)
		if (sig == SIGTERM || sig == SIGINT)
			*leave_by = mono_add(mono_now(), TERM_TIME);
}

/* Until the input ends (0), the reader is dead (111) or TERM's time is over or
 * we cannot go on (-1: nobody died, there is no will to execute). */
static int follow(struct testament *t)
{
	enum { P_IN, P_OUT, P_SIG };
	struct mono leave_by = MONO_NEVER;
	bool owed = false;
	char *line;

	while (!t->in.eof) {
		struct pollfd p[] = {
			[P_IN] = { t->in.fd, POLLIN, 0 },
			[P_OUT] = { t->out.fd, owed ? POLLOUT : 0, 0 },
			[P_SIG] = { t->sigfd, POLLIN, 0 },
		};

		if (poll(p, 3, mono_poll_ms(leave_by, mono_now())) < 0) {
			if (errno == EINTR)
				continue;
			warn("poll: %s", errno_str(-errno, NULL));
			return -1;
		}
		out_poll(&t->out, p[P_OUT].revents);
		if (t->out.dead)
			return EXIT_SYSTEM;
		if (p[P_SIG].revents)
			take_signals(t, &leave_by);
		if (p[P_IN].revents)
			in_fill(&t->in);
		while ((line = in_line(&t->in)) != NULL)
			pass(t, line);
		owed = pass_owed(t);
		if (mono_due(leave_by, mono_now()))
			return -1;
	}
	return EXIT_YES;
}

static void open_all(struct testament *t, const struct router_cfg *cfg)
{
	t->sigfd = sig_open();
	t->fd4 = vrrpsock_open(AF_INET, config_proto(cfg));
	t->fd6 = vrrpsock_open(AF_INET6, VRRP_PROTO);
	if (t->fd4 < 0)
		die(EXIT_SYSTEM, "VRRP socket: %s",
			errno_str(t->fd4, "CAP_NET_RAW"));
	in_open(&t->in, STDIN_FILENO);
}

static void close_all(struct testament *t)
{
	close(t->sigfd);
	close(t->fd4);
	if (t->fd6 >= 0)
		close(t->fd6);
}

int resign_follow(struct options *o)
{
	static struct testament t;
	pid_t pid = 0;
	int code;

	sandbox_realtime(&o->sandbox);
	open_all(&t, &o->router);
	if (o->prog && (pid = chain_start(o->prog)) < 0)
		die(EXIT_SYSTEM, "fork: %s", errno_str(pid, NULL));
	out_open(&t.out, STDOUT_FILENO);
	ready_prepare();
	give_up(o, pid);
	ready(o->ready_fd);
	code = follow(&t);
	if (code == EXIT_YES)
		code = execute_all(&t, o);
	close_all(&t);
	kept_close(&o->router.auth_file);
	return chain_end(pid, code < 0 ? EXIT_YES : code, 5 * US_PER_S);
}
