/* Virtual time. */
#include "world.h"

static struct addr address(const struct scenario *sc, uint8_t host)
{
	bool ip4 = sc->family == AF_INET;
	struct addr a = { .family = (uint8_t)sc->family };

	a.b[0] = ip4 ? 10 : 0xfe;
	a.b[1] = ip4 ? 0 : 0x80;
	a.b[ip4 ? 3 : 15] = host;
	return a;
}

static void make_local(struct sim *s, struct node *v)
{
	const struct elect_cfg *c = &v->r->cfg;

	v->local = (struct vrrp_local){
		.version = c->version,
		.vrid = 51,
		.prio = c->prio,
		.min_ttl = VRRP_TTL,
		.cs = (uint16_t)(c->interval / 10000),
		.cs_max = VRRP_CS_MAX,
		.me = v->addr,
		.dst = vrrp_group(s->sc->family),
		.vips = s->vips,
		.nvips = (size_t)s->sc->nvips,
	};
	if (!s->sc->secret)
		return;
	v->local.auth_type = VRRP_AUTH_PASS;
	memcpy(v->local.auth, "secret", 6);
}

static void make_node(struct sim *s, int i)
{
	const struct scenario *sc = s->sc;
	struct node *v = &s->node[i];
	int64_t interval, pd;

	v->r = &sc->router[i];
	v->prio = v->r->cfg.prio;
	v->addr = address(sc, v->r->host);
	v->rng = rnd_stream(sc->seed, (unsigned)v->r->id);
	v->silent_by = NEVER;
	v->last_sent = v->flooded_until = v->anew_at = -NEVER / 2;
	make_local(s, v);
	pd = real_max(v, v->r->cfg.preempt_delay);
	s->pdmax = v->r->cfg.preempt_delay && pd > s->pdmax ? pd : s->pdmax;
	interval = real_max(v, v->r->cfg.interval);
	s->amax = interval > s->amax ? interval : s->amax;
	if (v->r->cfg.interval > s->learned_max)
		s->learned_max = v->r->cfg.interval;
	s->mixed |= v->r->cfg.interval != sc->router[0].cfg.interval;
}

static void make_links(struct sim *s)
{
	for (int from = 0; from < s->n; from++)
		for (int to = 0; to < s->n; to++) {
			int a = s->node[from].r->id, b = s->node[to].r->id;

			s->link[from][to].rng = rnd_stream(s->sc->seed,
				(unsigned)(100 + SIM_ROUTERS * a + b));
		}
}

static void make(struct sim *s, const struct scenario *sc)
{
	s->sc = sc;
	s->n = sc->n;
	s->d = sc->delay;
	s->j = sc->late;
	s->b = sc->bind;
	s->exp.keep = -1;
	queue_init(&s->q);
	for (int i = 0; i < sc->nvips; i++) {
		s->vips[i].addr = address(sc, 1);
		s->vips[i].addr.b[2] = (uint8_t)(1 + i);
	}
	for (int i = 0; i < s->n; i++)
		make_node(s, i);
	make_links(s);
	disturb(s);
}

static int next_to_fire(const struct sim *s)
{
	int best = -1;

	for (int i = 0; i < s->n; i++) {
		const struct node *v = &s->node[i];

		if (v->up && !v->stalled && v->fire != NEVER &&
			(best < 0 || v->fire < s->node[best].fire))
			best = i;
	}
	return best;
}

static void happen(struct sim *s)
{
	struct ev ev = queue_pop(&s->q);

	if (ev.what == MSG)
		deliver(s, &ev);
	else if (ev.what == ADDRS)
		addrs(s, &ev);
	else
		end(s, ev.arg);
}

/* The next thing before t; false when there is none. */
static bool advance(struct sim *s, int64_t t)
{
	int i = next_to_fire(s);
	int64_t due = i >= 0 ? s->node[i].fire : NEVER;
	bool msg = s->q.n && s->q.heap[0].at <= due;
	int64_t next = msg ? s->q.heap[0].at : due;

	if (next >= t)
		return false;
	s->at_once = next == s->now ? s->at_once + 1 : 0;
	if (s->at_once > AT_ONCE)
		fail(s, "endless", "%d events and no time goes by", AT_ONCE);
	s->now = next;
	check_time(s);
	if (msg)
		happen(s);
	else
		fire(s, i);
	return !s->fail->failed;
}

static void run_to(struct sim *s, int64_t t)
{
	while (advance(s, t))
		;
	if (s->fail->failed)
		return;
	s->now = t;
	check_time(s);
}

/* The next fault or check of the scenario. */
static int64_t next_told(const struct sim *s, int f)
{
	const struct scenario *sc = s->sc;
	int64_t t = sc->until;

	if (f < sc->nfaults && sc->fault[f].at < t)
		t = sc->fault[f].at;
	if (s->next_check < sc->nchecks && sc->check[s->next_check].at < t)
		t = sc->check[s->next_check].at;
	return t;
}

static void run(struct sim *s)
{
	const struct scenario *sc = s->sc;
	int f = 0;

	s->in_fault = true;
	for (int i = 0; i < s->n; i++)
		boot(s, i);
	s->in_fault = false;
	while (s->now < sc->until && !s->fail->failed) {
		run_to(s, next_told(s, f));
		if (s->fail->failed)
			return;
		check_asked(s);
		while (f < sc->nfaults && sc->fault[f].at <= s->now)
			strike(s, f++);
	}
}

bool sim_play(const struct scenario *sc, struct sim_stats *st,
	struct sim_failure *f, FILE *log)
{
	struct sim *s = malloc(sizeof *s);

	if (!s)
		abort();
	memset(s, 0, offsetof(struct sim, q));
	*f = (struct sim_failure){ 0 };
	s->st = st;
	s->fail = f;
	s->log = log;
	make(s, sc);
	run(s);
	st->runs++;
	st->us += s->now;
	free(s);
	return !f->failed;
}
