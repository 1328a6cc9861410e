#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "engine.h"
#include "exec.h"
#include "resolver.h"

#define EVENTS	      512
#define BATCHES	      8
#define BEGIN_MAX     256 /* a turn: then the others are heard */
#define CROWD	      100
#define SLACK	      (4 * US_PER_MS)
#define SPARE_FDS     64 /* for what is no probe */
#define ASK_MAX	      (2 * RESOLVER_THREADS)
#define STALL	      (100 * US_PER_MS) /* we slept, not the others */
#define EXEC_PATIENCE (20 * US_PER_MS)
#define ID(token)     ((uint32_t)(token))

/* Descriptors of ours are told from probes by an odd pointer. */
static uint64_t fd_tag(int fd)
{
	return (uint64_t)fd << 1 | 1;
}

int engine_watch(struct engine *e, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.u64 = fd_tag(fd) };

	(void)e;
	return epoll_ctl(probe_epoll, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

void engine_rewatch(struct engine *e, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.u64 = fd_tag(fd) };

	(void)e;
	epoll_ctl(probe_epoll, EPOLL_CTL_MOD, fd, &ev);
}

/* As many descriptors as we may have; SPARE_FDS are not for probes. */
static size_t raise_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return 256;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	getrlimit(RLIMIT_NOFILE, &r);
	return r.rlim_cur > 2 * SPARE_FDS ? (size_t)r.rlim_cur - SPARE_FDS
					  : SPARE_FDS;
}

int engine_init(struct engine *e, const struct engine_ops *ops, void *arg)
{
	*e = (struct engine){ .ops = ops, .arg = arg };
	e->ask_end = &e->ask;
	e->runner.fd = e->resolver.fd = -1;
	e->room = raise_limit();
	e->now = mono_now();
	probe_epoll = epoll_create1(EPOLL_CLOEXEC);
	return probe_epoll < 0 ? -errno : 0;
}

void engine_close(struct engine *e)
{
	helper_stop(&e->runner);
	helper_stop(&e->resolver);
	close(probe_epoll);
	free(e->table);
	free(e->idle.v);
	free(e->busy.v);
	probe_forget();
}

/* ---- Checks. */

static bool reserve(struct heap *h, size_t n)
{
	struct timer **v = realloc(h->v, n * sizeof(struct timer *));

	if (v)
		h->v = v;
	return v != NULL;
}

static bool grow(struct engine *e)
{
	size_t size = e->size ? e->size * 2 : 64;
	struct check **t = realloc(e->table, size * sizeof *t);

	if (!t)
		return false;
	e->table = t;
	memset(t + e->size, 0, (size - e->size) * sizeof *t);
	e->size = size;
	return reserve(&e->idle, size) && reserve(&e->busy, size);
}

bool engine_add(struct engine *e, struct check *c)
{
	static size_t from;

	if (e->checks == e->size && !grow(e))
		return false;
	for (size_t i = 0; i < e->size; i++, from++) {
		struct check **slot = &e->table[from % e->size];

		if (*slot)
			continue;
		*slot = c;
		c->id = (uint32_t)(from % e->size);
		c->token = ++e->serial << 32 | c->id;
		e->checks++;
		return true;
	}
	return false;
}

static void let_go(struct engine *e, struct check *c)
{
	if (!c->probe)
		return;
	heap_remove(&e->busy, &c->timer);
	e->inflight--;
	e->running -= c->at.scheme == URL_EXEC;
	probe_free(c->probe);
}

void engine_remove(struct engine *e, struct check *c)
{
	struct check **p = &e->ask;

	while (*p && *p != c)
		p = &(*p)->next_ask;
	if (*p) {
		if (!c->next_ask)
			e->ask_end = p;
		*p = c->next_ask;
	}
	let_go(e, c);
	heap_remove(&e->idle, &c->timer);
	e->table[c->id] = NULL;
	e->checks--;
}

void engine_plan(struct engine *e, struct check *c)
{
	if (c->probe)
		return;
	if (mono_is_never(c->hc.next))
		heap_remove(&e->idle, &c->timer);
	else
		heap_set(&e->idle, &c->timer, c->hc.next);
}

static struct check *find(const struct engine *e, uint64_t token)
{
	struct check *c = ID(token) < e->size ? e->table[ID(token)] : NULL;

	return c && c->token == token ? c : NULL;
}

/* ---- Probes. */

static void finish(struct engine *e, struct probe *p)
{
	struct check *c = p->check;
	struct result r = p->result;

	e->now = mono_now();
	r.rtt = mono_diff(e->now, p->began);
	let_go(e, c);
	e->stats.failed += !r.ok;
	e->stats.local += r.local;
	e->ops->result(e->arg, c, &r);
	engine_plan(e, c);
}

static void note_late(struct engine *e, const struct check *c)
{
	int64_t ms = mono_diff(e->now, c->hc.next) / US_PER_MS;

	e->stats.late[ms < LATE_BUCKETS ? ms : LATE_BUCKETS - 1]++;
	e->stats.probes++;
}

unsigned engine_late_median(const struct engine *e)
{
	uint64_t seen = 0;
	unsigned i = 0;

	for (; i < LATE_BUCKETS - 1; i++) {
		seen += e->stats.late[i];
		if (2 * seen >= e->stats.probes)
			break;
	}
	return i + 1;
}

/* The name's address, before the probe proper can begin.  False: not yet. */
static bool has_address(struct engine *e, struct probe *p)
{
	struct check *c = p->check;

	if (!c->at.named)
		return true;
	if (!c->at.addr.family ||
		(c->hc.state == HC_DOWN && mono_diff(e->now, c->down_since) >=
						   p->s->resolve_after)) {
		c->down_since = e->now;
		engine_resolve(e, c);
	}
	p->stage = "resolve";
	p->resolving = !c->at.addr.family;
	return !p->resolving;
}

static void begin(struct engine *e, struct check *c)
{
	struct probe *p;

	e->now = mono_now();
	note_late(e, c);
	heap_remove(&e->idle, &c->timer);
	c->seq++;
	p = probe_new(c, e->now);
	if (!p) { /* no memory: as if it had not been due */
		e->stats.local++;
		c->hc.next = mono_add(e->now, US_PER_S);
		engine_plan(e, c);
		return;
	}
	p->stalled = e->stalled;
	e->inflight++;
	e->running += c->at.scheme == URL_EXEC;
	if (has_address(e, p))
		probe_kind(c->at.scheme)->start(p);
	heap_set(&e->busy, &c->timer, p->deadline);
	if (p->done)
		finish(e, p);
}

/* While we did not run, nobody could answer us: that time does not count. */
static bool has_more_time(struct engine *e, struct probe *p)
{
	int64_t more = e->stalled - p->stalled;

	if (more <= 0)
		return false;
	p->stalled = e->stalled;
	p->deadline = mono_add(p->deadline, more);
	heap_set(&e->busy, &p->check->timer, p->deadline);
	return true;
}

static struct check *first_due(const struct engine *e, const struct heap *h)
{
	struct timer *t = heap_top(h);

	return t && mono_due(t->when, e->now) ? TIMER_OF(t, struct check, timer)
					      : NULL;
}

static void expire(struct engine *e)
{
	struct check *c;

	while ((c = first_due(e, &e->busy))) {
		struct probe *p = c->probe;
		const struct kind *k = probe_kind(c->at.scheme);

		if (has_more_time(e, p))
			continue;
		if (k->late && !p->resolving)
			k->late(p);
		probe_down(p, "timeout-%s", p->stage);
		finish(e, p);
	}
}

static void begin_due(struct engine *e)
{
	struct check *c;

	for (int i = 0; i < BEGIN_MAX && e->inflight < e->room; i++) {
		c = first_due(e, &e->idle);
		if (!c)
			return;
		if (c->at.scheme == URL_EXEC && e->running >= e->exec_max)
			heap_set(&e->idle, &c->timer,
				mono_add(e->now, EXEC_PATIENCE));
		else
			begin(e, c);
	}
}

/* ---- Names. */

/* As many questions as the resolver has threads, and as many again. */
static void send_asks(struct engine *e)
{
	while (e->ask && e->asking < ASK_MAX) {
		struct check *c = e->ask;
		struct resolver_ask ask = { .token = c->token,
			.family = c->settings->family };
		struct url u;

		url_parse(&u, c->url);
		memcpy(ask.name, u.host, sizeof ask.name);
		if (send(e->resolver.fd, &ask, sizeof ask, MSG_NOSIGNAL) < 0)
			return;
		e->ask = c->next_ask;
		if (!e->ask)
			e->ask_end = &e->ask;
		e->asking++;
	}
}

void engine_resolve(struct engine *e, struct check *c)
{
	if (c->asked || !c->at.named)
		return;
	c->asked = true;
	c->next_ask = NULL;
	*e->ask_end = c;
	e->ask_end = &c->next_ask;
	send_asks(e);
}

/* An address that is still among them stays: no target hops about. */
static void take_address(struct check *c, const struct resolver_answer *a)
{
	for (uint32_t i = 0; i < a->n && i < RESOLVER_ADDRS; i++)
		if (addr_equal(&a->addr[i], &c->at.addr))
			return;
	if (a->n)
		c->at.addr = a->addr[0];
}

static void resolved(struct engine *e, const struct resolver_answer *a)
{
	struct check *c = find(e, a->token);
	struct probe *p;

	e->asking -= e->asking > 0;
	if (!c)
		return;
	c->asked = false;
	take_address(c, a);
	p = c->probe;
	if (!p || !p->resolving)
		return;
	p->resolving = false;
	if (c->at.addr.family)
		probe_kind(c->at.scheme)->start(p);
	else
		probe_down(p, "resolve-%s", resolver_err_str(a->err));
	if (p->done)
		finish(e, p);
}

static int hear_resolver(struct engine *e)
{
	struct resolver_answer a;
	ssize_t n;

	while ((n = recv(e->resolver.fd, &a, sizeof a, 0)) == sizeof a)
		resolved(e, &a);
	if (n >= 0)
		return -ECHILD;
	send_asks(e);
	return 0;
}

static int hear_runner(struct engine *e)
{
	struct runner_result r;
	ssize_t n;

	while ((n = recv(e->runner.fd, &r, sizeof r, 0)) == sizeof r) {
		struct check *c = find(e, r.token);

		r.say[sizeof r.say - 1] = '\0';
		if (!c || !c->probe)
			continue;
		exec_result(c->probe, &r);
		finish(e, c->probe);
	}
	return n >= 0 ? -ECHILD : 0;
}

/* ---- The turn. */

static int dispatch_fd(struct engine *e, int fd, uint32_t events)
{
	if (fd == e->resolver.fd)
		return hear_resolver(e);
	if (fd == e->runner.fd)
		return hear_runner(e);
	e->ops->event(e->arg, fd, events);
	return 0;
}

static int dispatch(struct engine *e, const struct epoll_event *ev)
{
	struct probe *p = ev->data.ptr;

	if (ev->data.u64 & 1)
		return dispatch_fd(e, (int)(ev->data.u64 >> 1), ev->events);
	probe_kind(p->check->at.scheme)->ready(p, ev->events);
	if (p->done)
		finish(e, p);
	return 0;
}

/* Among many targets starts wait for each other, for a moment: one wake-up
 * then serves several. */
static int64_t start_slack(const struct engine *e)
{
	return e->checks > CROWD ? SLACK : 0;
}

static struct mono next_time(const struct engine *e, struct mono until)
{
	const struct timer *idle = heap_top(&e->idle);
	const struct timer *busy = heap_top(&e->busy);

	if (idle && e->inflight < e->room) {
		bool due = mono_due(idle->when, e->now);

		until = mono_min(
			until, mono_add(idle->when, due ? 0 : start_slack(e)));
	}
	return busy ? mono_min(until, busy->when) : until;
}

static void note_stall(struct engine *e, int64_t us)
{
	if (us <= STALL)
		return;
	e->stalled += us;
	e->stats.stalls++;
}

/* Waits; who wakes much later than asked has slept. */
static int await(struct engine *e, struct epoll_event *ev, struct mono until)
{
	int ms = mono_poll_ms(until, e->now);
	struct mono latest = mono_add(e->now, ms * US_PER_MS);
	int n = epoll_wait(probe_epoll, ev, EVENTS, ms);

	n = n < 0 && errno != EINTR ? -errno : n < 0 ? 0 : n;
	e->now = mono_now();
	if (ms >= 0)
		note_stall(e, mono_diff(e->now, latest));
	return n;
}

/* What was heard comes before what is due: all of it, if there is more than
 * one batch. */
static int hear(struct engine *e, struct epoll_event *ev, int n)
{
	struct mono from = e->now;
	int err = 0;

	for (int batch = 0; n > 0; batch++) {
		for (int i = 0; i < n && !err; i++)
			err = dispatch(e, &ev[i]);
		if (err || n < EVENTS || batch == BATCHES)
			break;
		n = epoll_wait(probe_epoll, ev, EVENTS, 0);
	}
	e->now = mono_now();
	note_stall(e, mono_diff(e->now, from));
	return err;
}

int engine_turn(struct engine *e, struct mono until)
{
	static struct epoll_event ev[EVENTS];
	int n, err;

	e->now = mono_now();
	n = await(e, ev, next_time(e, until));
	err = n < 0 ? n : hear(e, ev, n);
	if (err)
		return err;
	expire(e);
	begin_due(e);
	return 0;
}
