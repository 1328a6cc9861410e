#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "crew.h"
#include "die.h"
#include "only.h"

#define ONLY_PATIENCE (3 * US_PER_S)
#define RETRY_TIME    (100 * US_PER_MS)

/* Those that came together.  Pages of cold that nobody writes to are none. */
struct batch {
	struct seat *seats;
	struct cold *cold;
	size_t n, used; /* used: those that are there */
};

/* ---- Memory. */

static size_t cold_size(const struct batch *b)
{
	return b->n * sizeof *b->cold;
}

static void batch_free(struct batch *b)
{
	if (b->cold)
		munmap(b->cold, cold_size(b));
	free(b->seats);
	free(b);
}

static struct batch *batch_new(size_t n)
{
	struct batch *b = calloc(1, sizeof *b);
	void *p;

	if (!b)
		return NULL;
	b->n = n;
	b->seats = calloc(n, sizeof *b->seats);
	p = mmap(NULL, cold_size(b), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	b->cold = p == MAP_FAILED ? NULL : p;
	if (b->seats && b->cold)
		return b;
	batch_free(b);
	return NULL;
}

static void seat_free(struct seat *s)
{
	struct batch *b = s->batch;

	router_free(&s->r);
	if (--b->used == 0)
		batch_free(b);
}

/* Room for n more. */
static bool reserve(struct crew *c, size_t n)
{
	struct heap *h = &c->common.due;
	struct seat **v = realloc(c->v, (c->n + n) * sizeof(struct seat *));
	struct timer **t;

	if (!v)
		return false;
	c->v = v;
	t = realloc(h->v, (c->n + n) * sizeof(struct timer *));
	if (!t)
		return false;
	h->v = t;
	return true;
}

/* ---- A new one. */

/* Those that begin together send in eight turns: a long burst makes adverts
 * late, and a wake-up for each costs more than the advert. */
static int64_t phase(unsigned nth, int64_t interval)
{
	return interval * (nth % 8) / 8;
}

static bool seat_new(struct crew *c, struct batch *b, struct router_cfg *cfg)
{
	struct seat *s = &b->seats[b->used];

	if (!router_init(&s->r, &c->common, cfg, &b->cold[b->used]))
		return false;
	cfg->elect.phase = phase(c->born++, cfg->elect.interval);
	s->batch = b;
	b->used++;
	return true;
}

/* What others know of the subjects it follows. */
static void inherit(struct crew *c, struct router_cfg *cfg)
{
	if (!cfg->tracks.n && !cfg->tracks.any)
		return;
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i]->r.cfg->tracks.n)
			tracks_inherit(&cfg->tracks, &c->v[i]->r.cfg->tracks);
}

/* ---- What a file changes. */

struct plan {
	struct crew *c;
	struct lineup l;
	struct seat **present; /* by subject; without those that leave */
	size_t n;
	struct batch *batch; /* NULL: none is new */
};

static int seats_by_subject(const void *a, const void *b)
{
	struct seat *const *x = a, *const *y = b;

	return strcmp((*x)->r.cfg->subject, (*y)->r.cfg->subject);
}

static struct seat *was(const struct plan *p, const struct entry *e)
{
	return e->was ? p->present[e->was - 1] : NULL;
}

static bool is_kin(const struct plan *p, const struct entry *e)
{
	return e->cfg && e->was && config_is_kin(was(p, e)->r.cfg, e->cfg);
}

static bool is_new(const struct plan *p, const struct entry *e)
{
	return e->cfg && !is_kin(p, e);
}

static bool has_group(const struct plan *p, const struct router_cfg *cfg)
{
	const struct groups *gs = &p->c->common.groups;

	for (size_t i = 0; i < gs->n; i++)
		if (config_same_ear(gs->v[i]->first->cfg, cfg))
			return true;
	return false;
}

/* Was an entry before this one counted for the same socket? */
static bool counted(const struct plan *p, const struct entry *e)
{
	for (const struct entry *x = p->l.v; x < e; x++)
		if (is_new(p, x) && config_same_ear(x->cfg, e->cfg))
			return true;
	return false;
}

static size_t spares(const struct plan *p, const struct router_cfg *cfg)
{
	const struct groups *gs = &p->c->common.groups;
	size_t n = 0;

	for (size_t i = 0; i < gs->nspares; i++)
		n += gs->spares[i].family == cfg->family &&
		     gs->spares[i].proto == config_proto(cfg);
	return n;
}

/* An input that nobody wrote to so far may be at its end, which stops all. */
static const char *check_tracks(const struct plan *p)
{
	static char why[128];

	for (size_t i = 0; i < p->l.n; i++) {
		const struct router_cfg *c = p->l.v[i].cfg;

		if (!c || p->c->reads || !(c->tracks.n || c->tracks.any))
			continue;
		snprintf(why, sizeof why,
			"line %u: --track, --weight: stdin is not read, for "
			"none had it: start anew",
			p->l.v[i].line);
		return why;
	}
	return NULL;
}

/* Once privileges are gone no socket can be opened. */
static const char *check_sockets(const struct plan *p)
{
	static char why[128];
	size_t wanted[2] = { 0 };

	for (size_t i = 0; i < p->l.n; i++) {
		const struct entry *e = &p->l.v[i];

		if (!is_new(p, e) || has_group(p, e->cfg) || counted(p, e))
			continue;
		if (++wanted[e->cfg->family == AF_INET6] <= spares(p, e->cfg))
			continue;
		snprintf(why, sizeof why,
			"line %u: %s: no socket is left for it: start anew",
			e->line, e->cfg->ifname);
		return why;
	}
	return NULL;
}

static bool make_new(struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->l.n; i++)
		n += is_new(p, &p->l.v[i]);
	if (!n)
		return true;
	p->batch = batch_new(n);
	if (!p->batch || !reserve(p->c, n))
		return false;
	for (size_t i = 0; i < p->l.n; i++)
		if (is_new(p, &p->l.v[i]) &&
			!seat_new(p->c, p->batch, p->l.v[i].cfg))
			return false;
	return views_settle(&p->c->common.views);
}

/* The configurations are still the line-up's. */
static void unmake(struct plan *p)
{
	struct batch *b = p->batch;

	for (size_t i = 0; b && i < b->used; i++) {
		b->seats[i].r.cfg = NULL;
		views_remove(&p->c->common.views, &b->seats[i].r.view);
	}
	if (b)
		batch_free(b);
}

/* The new ones take their seats; they begin when they can (crew_start). */
static void seat_all(struct plan *p, struct mono now)
{
	struct crew *c = p->c;
	size_t k = 0;

	for (size_t i = 0; i < p->l.n; i++) {
		struct entry *e = &p->l.v[i];
		struct seat *s;

		if (!is_new(p, e))
			continue;
		s = &p->batch->seats[k++];
		inherit(c, e->cfg);
		s->after = was(p, e);
		s->asked = now;
		e->cfg = NULL;
		c->v[c->n++] = s;
		heap_set(&c->common.due, &s->r.due, now);
	}
}

static void change_kin(struct plan *p, struct mono now)
{
	for (size_t i = 0; i < p->l.n; i++) {
		struct entry *e = &p->l.v[i];

		if (!is_kin(p, e))
			continue;
		if (!router_become(&was(p, e)->r, e->cfg)) {
			warn("line %u: no memory: not changed", e->line);
			continue;
		}
		e->cfg = NULL;
		if (was(p, e)->r.started)
			router_say(&was(p, e)->r, now);
	}
}

static void mark_gone(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		p->present[i]->leaves = true;
	for (size_t i = 0; i < p->l.n; i++)
		if (p->l.v[i].was && !is_new(p, &p->l.v[i]))
			was(p, &p->l.v[i])->leaves = false;
}

static void stop_gone(struct plan *p, struct mono now)
{
	const struct elect_event stop = { .type = EV_STOP };

	for (size_t i = 0; i < p->n; i++)
		if (p->present[i]->leaves)
			router_turn(&p->present[i]->r, &stop, now);
}

static void count(const struct plan *p, struct crew_changes *what)
{
	*what = (struct crew_changes){ .gone = p->n };
	for (size_t i = 0; i < p->l.n; i++) {
		const struct entry *e = &p->l.v[i];

		what->gone -= e->was != 0;
		what->changed += e->was && e->cfg;
		what->added += !e->was;
	}
}

static const char *apply(struct plan *p, bool privileged, struct mono now,
	struct crew_changes *what)
{
	const char *wrong = privileged ? NULL : check_tracks(p);

	if (!wrong && !privileged)
		wrong = check_sockets(p);
	if (wrong)
		return wrong;
	if (!make_new(p)) {
		unmake(p);
		return "no memory";
	}
	count(p, what);
	mark_gone(p);
	change_kin(p, now);
	seat_all(p, now);
	stop_gone(p, now);
	return views_settle(&p->c->common.views) ? NULL : "no memory";
}

static bool list_present(struct plan *p)
{
	struct crew *c = p->c;

	p->present = calloc(c->n + 1, sizeof(struct seat *));
	for (size_t i = 0; p->present && i < c->n; i++)
		if (!c->v[i]->leaves)
			p->present[p->n++] = c->v[i];
	if (p->present)
		qsort(p->present, p->n, sizeof(struct seat *),
			seats_by_subject);
	return p->present != NULL;
}

static const char *read_lineup(struct plan *p, struct options *o)
{
	struct router_cfg **cfgs =
		calloc(p->n + 1, sizeof(struct router_cfg *));
	const char *wrong = "no memory";

	for (size_t i = 0; cfgs && i < p->n; i++)
		cfgs[i] = p->present[i]->r.cfg;
	if (cfgs)
		wrong = lineup_read(&p->l, o, cfgs, p->n);
	free(cfgs);
	return wrong;
}

const char *crew_read(struct crew *c, struct options *o, bool privileged,
	struct mono now, struct crew_changes *what)
{
	struct plan p = { .c = c };
	const char *wrong = "no memory";

	if (list_present(&p))
		wrong = read_lineup(&p, o);
	if (!wrong)
		wrong = apply(&p, privileged, now, what);
	lineup_free(&p.l);
	free(p.present);
	return wrong;
}

/* ---- Beginning and leaving. */

static void open_one(struct crew *c, struct router *r, int sigfd)
{
	int err = groups_join(&c->common.groups, r, r->cfg, true);

	if (err)
		die(EXIT_SYSTEM, "VRRP socket: %s",
			errno_str(err, "CAP_NET_RAW"));
	r->lock = only_one(r->cfg, ONLY_PATIENCE, sigfd);
	if (r->lock == -EINTR)
		exit(EXIT_YES); /* told to stop before we began */
	if (r->lock == -EADDRINUSE)
		die(EXIT_SYSTEM, "%s: another vrrp-elect runs for %s, vrid %u",
			r->cfg->subject, r->cfg->ifname, r->cfg->vrid);
	if (r->lock < 0)
		die(EXIT_SYSTEM, "lock: %s", errno_str(r->lock, NULL));
}

void crew_open(struct crew *c, int sigfd)
{
	for (size_t i = 0; i < c->n; i++)
		open_one(c, &c->v[i]->r, sigfd);
}

/* 0 or -errno. */
static int take_part(struct crew *c, struct seat *s)
{
	struct router *r = &s->r;
	int err = 0;

	if (s->after)
		return -EAGAIN;
	if (r->lock < 0)
		r->lock = only_one(r->cfg, 0, -1);
	if (r->lock < 0)
		return r->lock;
	if (!r->group)
		err = groups_join(&c->common.groups, r, r->cfg, false);
	return err;
}

static void say_waiting(struct seat *s, int err)
{
	warn("%s: waits: %s", s->r.cfg->subject,
		err == -EADDRINUSE ? "another vrrp-elect runs for its "
				     "interface and VRID"
				   : errno_str(err, NULL));
	s->warned = true;
}

void crew_start(struct crew *c, struct seat *s, struct mono now)
{
	int err = take_part(c, s);

	if (!err) {
		router_start(&s->r, now);
		return;
	}
	if (!s->after && !s->warned && mono_diff(now, s->asked) > ONLY_PATIENCE)
		say_waiting(s, err);
	heap_set(&c->common.due, &s->r.due, mono_add(now, RETRY_TIME));
}

static void let_go(struct crew *c, size_t i, struct mono now)
{
	struct seat *s = c->v[i];

	c->v[i] = c->v[--c->n];
	for (size_t j = 0; j < c->n; j++) {
		if (c->v[j]->after != s)
			continue;
		c->v[j]->after = s->after;
		heap_set(&c->common.due, &c->v[j]->r.due, now);
	}
	seat_free(s);
}

void crew_sweep(struct crew *c, struct mono now)
{
	for (size_t i = c->n; c->common.ended && i-- > 0;)
		if (c->v[i]->leaves && c->v[i]->r.done && !c->v[i]->r.line_owed)
			let_go(c, i, now);
}

bool crew_all_done(const struct crew *c)
{
	return c->common.ended == c->n;
}

void crew_close(struct crew *c)
{
	groups_close(&c->common.groups);
	while (c->n)
		seat_free(c->v[--c->n]);
	views_free(&c->common.views);
	free(c->common.due.v);
	free(c->v);
}
