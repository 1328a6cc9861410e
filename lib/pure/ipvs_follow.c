#include <string.h>

#include "ipvs_follow.h"

void follow_init(
	struct follow *f, const struct follow_cfg *cfg, struct ipvs_table *conf)
{
	f->cfg = *cfg;
	f->conf = conf;
	f->next = MONO_NEVER;
}

void follow_reread(struct follow *f)
{
	memset(f->dests, 0, sizeof f->dests);
	memset(f->svcs, 0, sizeof f->svcs);
}

/* ---- Subjects and servers. */

static uint32_t mix(uint32_t h, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (; n--; p++)
		h = (h ^ *p) * 16777619u;
	return h;
}

int follow_subject(struct follow *f, const char *name)
{
	size_t n = strlen(name);
	uint32_t *bucket =
		&f->subject_hash[mix(2166136261u, name, n) % FOLLOW_SUBJECTS];
	struct follow_subject *s;

	for (uint32_t i = *bucket; i; i = f->subjects[i - 1].next)
		if (strcmp(f->subjects[i - 1].name, name) == 0)
			return (int)i - 1;
	if (n >= FOLLOW_NAME_LEN || f->nsubjects == FOLLOW_SUBJECTS)
		return -1;
	s = &f->subjects[f->nsubjects++];
	memcpy(s->name, name, n + 1);
	s->next = *bucket;
	*bucket = f->nsubjects;
	return (int)f->nsubjects - 1;
}

static uint32_t *server_bucket(struct follow *f, const struct addr *a,
	uint16_t port, enum follow_kind kind)
{
	uint32_t h = mix(2166136261u + (uint32_t)kind, a->b, sizeof a->b);

	return &f->server_hash[mix(h, &port, sizeof port) % FOLLOW_SERVERS];
}

static struct follow_server *find_server(struct follow *f, const struct addr *a,
	uint16_t port, enum follow_kind kind)
{
	uint32_t i = *server_bucket(f, a, port, kind);

	for (; i; i = f->servers[i - 1].next) {
		struct follow_server *s = &f->servers[i - 1];

		if (s->kind == kind && s->port == port &&
			addr_equal(&s->addr, a))
			return s;
	}
	return NULL;
}

/* Made when new; NULL: no room. */
static struct follow_server *get_server(struct follow *f, const struct addr *a,
	uint16_t port, enum follow_kind kind)
{
	struct follow_server *s = find_server(f, a, port, kind);
	uint32_t *bucket = server_bucket(f, a, port, kind);

	if (s || f->nservers == FOLLOW_SERVERS)
		return s;
	s = &f->servers[f->nservers++];
	*s = (struct follow_server){
		.addr = *a, .port = port, .kind = kind, .next = *bucket
	};
	*bucket = f->nservers;
	return s;
}

static void count(struct follow_server *s, bool up, bool add, struct mono now)
{
	uint32_t *n = up ? &s->up : &s->down;
	bool was_down = s->down > 0;

	*n = add ? *n + 1 : *n - 1;
	if (was_down && !s->down && s->up) {
		s->returned = true;
		s->since = now;
	}
}

/* Two ways to be found: as told, and for destinations without a port. */
static void count_subject(struct follow *f, const struct follow_subject *s,
	bool add, struct mono now)
{
	struct follow_server *told =
		get_server(f, &s->addr, s->port_told ? s->port : 0,
			s->port_told ? FOLLOW_EXACT : FOLLOW_ADDR);
	struct follow_server *any = get_server(f, &s->addr, 0, FOLLOW_ANY);

	if (told)
		count(told, s->up, add, now);
	if (any)
		count(any, s->up, add, now);
}

static void give_weight(struct follow *f, const struct follow_subject *s,
	const uint32_t *weight)
{
	struct follow_server *both[2] = {
		find_server(f, &s->addr, s->port_told ? s->port : 0,
			s->port_told ? FOLLOW_EXACT : FOLLOW_ADDR),
		find_server(f, &s->addr, 0, FOLLOW_ANY)
	};

	for (int i = 0; i < 2; i++) {
		if (!both[i])
			continue;
		both[i]->weight_told = weight != NULL;
		both[i]->weight = weight ? *weight : 0;
	}
}

void follow_line(struct follow *f, int subject, bool up, const struct addr *a,
	uint16_t port, bool port_told, const uint32_t *weight, struct mono now)
{
	struct follow_subject *s = &f->subjects[subject];
	bool same = s->known && addr_equal(&s->addr, a) && s->port == port &&
		    s->port_told == port_told;
	struct follow_subject was = *s;

	if (f->nservers + 2 > FOLLOW_SERVERS && !same)
		return;
	s->known = true;
	s->up = up;
	s->addr = *a;
	s->port = port;
	s->port_told = port_told;
	if (!same || was.up != up) {
		count_subject(f, s, true, now);
		if (was.known)
			count_subject(f, &was, false, now);
	}
	if (up)
		give_weight(f, s, weight);
}

/* ---- What is known of a destination. */

struct health {
	bool up, down;
	bool weight_told;
	uint32_t weight;
	bool returned;
	struct mono since;
};

static void add_health(struct health *h, const struct follow_server *s)
{
	if (!s)
		return;
	h->up |= s->up > 0;
	h->down |= s->down > 0;
	if (s->weight_told && s->up) {
		h->weight_told = true;
		h->weight = s->weight;
	}
	if (s->returned && (!h->returned || mono_before(h->since, s->since))) {
		h->returned = true;
		h->since = s->since;
	}
}

static struct health health_of(struct follow *f, const struct ipvs_dest *d)
{
	struct health h = { .down = f->all_down };

	if (d->port) {
		add_health(&h, find_server(f, &d->addr, 0, FOLLOW_ADDR));
		add_health(&h, find_server(f, &d->addr, d->port, FOLLOW_EXACT));
	} else {
		add_health(&h, find_server(f, &d->addr, 0, FOLLOW_ANY));
	}
	return h;
}

static uint32_t full_weight(
	const struct follow *f, const struct ipvs_dest *d, struct health h)
{
	if (h.weight_told)
		return h.weight;
	return d->weight ? d->weight : f->cfg.weight;
}

/* Rising step by step after a return. */
static uint32_t weight_now(
	struct follow *f, uint32_t full, struct health h, struct mono now)
{
	int64_t step = f->cfg.slow_start / FOLLOW_STEPS, at;

	if (!step || !h.returned || !full)
		return full;
	at = mono_diff(now, h.since) / step + 1;
	if (at >= FOLLOW_STEPS)
		return full;
	f->next = mono_min(f->next, mono_add(h.since, at * step));
	full = (uint32_t)((uint64_t)full * (uint64_t)at / FOLLOW_STEPS);
	return full ? full : 1;
}

/* ---- The configuration as it is in the kernel. */

/* Where it does not rewrite, its port is that of the service. */
static bool is_sorry(const struct follow *f, const struct ipvs_svc *s,
	const struct ipvs_dest *d)
{
	const struct ipvs_dest *sorry = &f->cfg.sorry;

	return sorry->addr.family && addr_equal(&sorry->addr, &d->addr) &&
	       (sorry->port == d->port || s->port == d->port);
}

/* Drops what others removed. */
static void drop_gone(struct follow *f, uint32_t svc,
	const struct ipvs_table *have, uint32_t h)
{
	struct ipvs_table *t = f->conf;

	for (uint32_t d = ipvs_first_dest(t, svc); d != IPVS_NONE;
		d = ipvs_next_dest(t, d))
		if (!f->dests[d].removed &&
			ipvs_find_dest(have, h, &t->dests[d]) == IPVS_NONE) {
			ipvs_drop_dest(t, d);
			f->dests[d].ours = false;
		}
}

/* The weight that others meant, when the kernel has `d`. */
static uint32_t meant(struct follow *f, uint32_t at, const struct ipvs_dest *d)
{
	struct follow_dest *s = &f->dests[at];

	if (!s->ours || (d->weight != s->set && d->weight != s->prev))
		return d->weight;
	if (d->weight == s->set)
		s->prev = s->set;
	return f->conf->dests[at].weight;
}

static bool refresh_dest(
	struct follow *f, uint32_t svc, const struct ipvs_dest *d)
{
	struct ipvs_dest copy = *d;
	uint32_t at = ipvs_find_dest(f->conf, svc, d);

	bool is_new = at == IPVS_NONE;

	if (is_sorry(f, &f->conf->svcs[svc], d))
		return true;
	if (!is_new)
		copy.weight = meant(f, at, d);
	at = ipvs_put_dest(f->conf, svc, &copy);
	if (at == IPVS_NONE)
		return false;
	if (is_new)
		f->dests[at] = (struct follow_dest){ .ours = false };
	f->dests[at].removed = false;
	return true;
}

static bool refresh_svc(
	struct follow *f, const struct ipvs_table *have, uint32_t h)
{
	uint32_t svc = ipvs_find_svc(f->conf, &have->svcs[h]);
	bool is_new = svc == IPVS_NONE;

	svc = ipvs_put_svc(f->conf, &have->svcs[h]);
	if (svc == IPVS_NONE)
		return false;
	if (is_new)
		f->svcs[svc] = (struct follow_svc){ .known = false };
	drop_gone(f, svc, have, h);
	for (uint32_t d = ipvs_first_dest(have, h); d != IPVS_NONE;
		d = ipvs_next_dest(have, d))
		if (!refresh_dest(f, svc, &have->dests[d]))
			return false;
	return true;
}

bool follow_refresh(struct follow *f, const struct ipvs_table *have,
	const struct ipvs_table *only)
{
	struct ipvs_table *t = f->conf;

	for (uint32_t s = ipvs_next_svc(t, 0); s != IPVS_NONE;
		s = ipvs_next_svc(t, s + 1))
		if (ipvs_find_svc(have, &t->svcs[s]) == IPVS_NONE)
			ipvs_drop_svc(t, s);
	for (uint32_t h = ipvs_next_svc(have, 0); h != IPVS_NONE;
		h = ipvs_next_svc(have, h + 1)) {
		if (only && ipvs_find_svc(only, &have->svcs[h]) == IPVS_NONE)
			continue;
		if (!refresh_svc(f, have, h))
			return false;
	}
	return true;
}

/* ---- The table that should be. */

static void take_stock(struct follow *f, uint32_t svc)
{
	const struct ipvs_table *t = f->conf;
	struct follow_svc *s = &f->svcs[svc];

	s->live = 0;
	s->servers = s->up_servers = 0;
	for (uint32_t d = ipvs_first_dest(t, svc); d != IPVS_NONE;
		d = ipvs_next_dest(t, d)) {
		struct health h = health_of(f, &t->dests[d]);

		s->servers++;
		if (h.down)
			continue;
		s->up_servers++;
		s->live += full_weight(f, &t->dests[d], h);
	}
}

static void decide(const struct follow *f, struct follow_svc *s)
{
	uint64_t q = f->cfg.quorum, hyst = f->cfg.hysteresis;
	bool was = s->up;

	if (!s->known)
		s->up = s->live && s->live >= q;
	else if (s->up)
		s->up = s->live && s->live + hyst >= q;
	else
		s->up = s->live && s->live >= q + hyst;
	if (!s->known || s->up != was)
		s->told = false;
	s->known = true;
}

static bool put_dest(struct follow *f, struct ipvs_table *want, uint32_t to,
	uint32_t d, bool quiet, struct mono now)
{
	struct ipvs_dest copy = f->conf->dests[d];
	struct follow_dest *s = &f->dests[d];
	struct health h = health_of(f, &copy);
	bool out = h.down || quiet;

	if (out && f->cfg.remove) {
		s->removed = true;
		return true;
	}
	copy.weight = out ? 0 : weight_now(f, full_weight(f, &copy, h), h, now);
	if (!s->ours)
		s->set = s->prev = f->conf->dests[d].weight;
	if (s->set != copy.weight) {
		s->prev = s->set;
		s->set = copy.weight;
	}
	s->ours = true;
	return ipvs_put_dest(want, to, &copy) != IPVS_NONE;
}

static bool put_sorry(
	struct follow *f, struct ipvs_table *want, uint32_t to, uint32_t svc)
{
	struct ipvs_dest d = f->cfg.sorry;
	uint32_t first = f->conf->svcs[svc].first;

	if (!f->cfg.sorry_fwd && first != IPVS_NONE)
		d.fwd = f->conf->dests[first].fwd;
	if (d.addr.family != want->svcs[to].addr.family && d.fwd != IPVS_TUNNEL)
		return true;
	if (d.fwd != IPVS_MASQ && !want->svcs[to].fwmark)
		d.port = want->svcs[to].port;
	d.weight = 1;
	return ipvs_put_dest(want, to, &d) != IPVS_NONE;
}

static bool put_svc(struct follow *f, struct ipvs_table *want, uint32_t svc,
	struct mono now)
{
	const struct ipvs_table *t = f->conf;
	uint32_t to = ipvs_put_svc(want, &t->svcs[svc]);
	bool sorry = !f->svcs[svc].up && f->cfg.sorry.addr.family;

	if (to == IPVS_NONE)
		return false;
	for (uint32_t d = ipvs_first_dest(t, svc); d != IPVS_NONE;
		d = ipvs_next_dest(t, d))
		if (!put_dest(f, want, to, d, sorry, now))
			return false;
	return !sorry || put_sorry(f, want, to, svc);
}

bool follow_want(struct follow *f, struct ipvs_table *want, struct mono now)
{
	ipvs_reset(want);
	f->next = MONO_NEVER;
	for (uint32_t s = ipvs_next_svc(f->conf, 0); s != IPVS_NONE;
		s = ipvs_next_svc(f->conf, s + 1)) {
		take_stock(f, s);
		decide(f, &f->svcs[s]);
		if (!put_svc(f, want, s, now))
			return false;
	}
	return true;
}
