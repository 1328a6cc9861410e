#include <string.h>

#include "ipvs.h"

#define SVC_BUCKETS  (IPVS_SVCS * 2)
#define DEST_BUCKETS (IPVS_DESTS * 2)

static uint32_t mix(uint32_t h, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (; n--; p++)
		h = (h ^ *p) * 16777619u;
	return h;
}

static uint32_t hash_svc(const struct ipvs_svc *s)
{
	uint32_t h = mix(2166136261u, s->addr.b, sizeof s->addr.b);

	h = mix(h, &s->port, sizeof s->port);
	h = mix(h, &s->fwmark, sizeof s->fwmark);
	h = mix(h, &s->proto, sizeof s->proto);
	return mix(h, &s->addr.family, 1) % SVC_BUCKETS;
}

static uint32_t hash_dest(uint32_t svc, const struct ipvs_dest *d)
{
	uint32_t h = mix(2166136261u, &svc, sizeof svc);

	h = mix(h, d->addr.b, sizeof d->addr.b);
	return mix(h, &d->port, sizeof d->port) % DEST_BUCKETS;
}

void ipvs_reset(struct ipvs_table *t)
{
	for (uint32_t i = 0; i < t->nsvcs; i++)
		t->svc_hash[hash_svc(&t->svcs[i])] = 0;
	for (uint32_t i = 0; i < t->ndests; i++)
		t->dest_hash[hash_dest(t->dests[i].svc, &t->dests[i])] = 0;
	t->nsvcs = t->ndests = 0;
	t->timeouts = (struct ipvs_timeouts){ 0 };
	memset(t->daemons, 0, sizeof t->daemons);
}

static bool same_svc(const struct ipvs_svc *a, const struct ipvs_svc *b)
{
	return addr_equal(&a->addr, &b->addr) && a->port == b->port &&
	       a->proto == b->proto && a->fwmark == b->fwmark;
}

/* Gone or not. */
static uint32_t look_svc(const struct ipvs_table *t, const struct ipvs_svc *s)
{
	uint32_t i = t->svc_hash[hash_svc(s)];

	while (i && !same_svc(&t->svcs[i - 1], s))
		i = t->svcs[i - 1].next;
	return i ? i - 1 : IPVS_NONE;
}

static uint32_t look_dest(
	const struct ipvs_table *t, uint32_t svc, const struct ipvs_dest *d)
{
	uint32_t i = t->dest_hash[hash_dest(svc, d)];

	for (; i; i = t->dests[i - 1].next) {
		const struct ipvs_dest *o = &t->dests[i - 1];

		if (o->svc == svc && o->port == d->port &&
			addr_equal(&o->addr, &d->addr))
			return i - 1;
	}
	return IPVS_NONE;
}

uint32_t ipvs_find_svc(const struct ipvs_table *t, const struct ipvs_svc *s)
{
	uint32_t i = look_svc(t, s);

	return i == IPVS_NONE || t->svcs[i].gone ? IPVS_NONE : i;
}

uint32_t ipvs_find_dest(
	const struct ipvs_table *t, uint32_t svc, const struct ipvs_dest *d)
{
	uint32_t i = look_dest(t, svc, d);

	return i == IPVS_NONE || t->dests[i].gone ? IPVS_NONE : i;
}

static uint32_t new_svc(struct ipvs_table *t, const struct ipvs_svc *s)
{
	uint32_t *bucket = &t->svc_hash[hash_svc(s)];
	uint32_t i = t->nsvcs;

	if (i == IPVS_SVCS)
		return IPVS_NONE;
	t->nsvcs++;
	t->svcs[i].next = *bucket;
	t->svcs[i].first = t->svcs[i].last = IPVS_NONE;
	*bucket = i + 1;
	return i;
}

uint32_t ipvs_put_svc(struct ipvs_table *t, const struct ipvs_svc *s)
{
	uint32_t i = look_svc(t, s);
	struct ipvs_svc was;

	if (i == IPVS_NONE)
		i = new_svc(t, s);
	if (i == IPVS_NONE)
		return i;
	was = t->svcs[i];
	t->svcs[i] = *s;
	t->svcs[i].gone = false;
	t->svcs[i].next = was.next;
	t->svcs[i].first = was.first;
	t->svcs[i].last = was.last;
	return i;
}

static uint32_t new_dest(
	struct ipvs_table *t, uint32_t svc, const struct ipvs_dest *d)
{
	uint32_t *bucket = &t->dest_hash[hash_dest(svc, d)];
	struct ipvs_svc *s = &t->svcs[svc];
	uint32_t i = t->ndests;

	if (i == IPVS_DESTS)
		return IPVS_NONE;
	t->ndests++;
	t->dests[i].next = *bucket;
	t->dests[i].sibling = IPVS_NONE;
	*bucket = i + 1;
	if (s->last == IPVS_NONE)
		s->first = i;
	else
		t->dests[s->last].sibling = i;
	s->last = i;
	return i;
}

uint32_t ipvs_put_dest(
	struct ipvs_table *t, uint32_t svc, const struct ipvs_dest *d)
{
	uint32_t i = look_dest(t, svc, d), next, sibling;

	if (i == IPVS_NONE)
		i = new_dest(t, svc, d);
	if (i == IPVS_NONE)
		return i;
	next = t->dests[i].next;
	sibling = t->dests[i].sibling;
	t->dests[i] = *d;
	t->dests[i].gone = false;
	t->dests[i].svc = svc;
	t->dests[i].next = next;
	t->dests[i].sibling = sibling;
	return i;
}

void ipvs_drop_dest(struct ipvs_table *t, uint32_t dest)
{
	t->dests[dest].gone = true;
}

void ipvs_drop_svc(struct ipvs_table *t, uint32_t svc)
{
	t->svcs[svc].gone = true;
	for (uint32_t d = t->svcs[svc].first; d != IPVS_NONE;
		d = t->dests[d].sibling)
		t->dests[d].gone = true;
}

uint32_t ipvs_next_svc(const struct ipvs_table *t, uint32_t at)
{
	while (at < t->nsvcs && t->svcs[at].gone)
		at++;
	return at < t->nsvcs ? at : IPVS_NONE;
}

static uint32_t skip_gone(const struct ipvs_table *t, uint32_t d)
{
	while (d != IPVS_NONE && t->dests[d].gone)
		d = t->dests[d].sibling;
	return d;
}

uint32_t ipvs_first_dest(const struct ipvs_table *t, uint32_t svc)
{
	return skip_gone(t, t->svcs[svc].first);
}

uint32_t ipvs_next_dest(const struct ipvs_table *t, uint32_t dest)
{
	return skip_gone(t, t->dests[dest].sibling);
}

bool ipvs_svc_equal(const struct ipvs_svc *a, const struct ipvs_svc *b)
{
	if (strcmp(a->sched, b->sched) != 0 || strcmp(a->pe, b->pe) != 0 ||
		(a->flags ^ b->flags) & IPVS_FLAGS)
		return false;
	return !(a->flags & IPVS_PERSISTENT) ||
	       (a->timeout == b->timeout && a->netmask == b->netmask);
}

static bool same_tunnel(const struct ipvs_dest *a, const struct ipvs_dest *b)
{
	return a->tun_type == b->tun_type && a->tun_port == b->tun_port &&
	       a->tun_flags == b->tun_flags;
}

bool ipvs_dest_equal(const struct ipvs_dest *a, const struct ipvs_dest *b)
{
	return a->fwd == b->fwd && a->weight == b->weight &&
	       a->upper == b->upper && a->lower == b->lower &&
	       (a->fwd != IPVS_TUNNEL || same_tunnel(a, b));
}

/* What a table does not tell is the kernel's choice. */
bool ipvs_daemon_equal(
	const struct ipvs_daemon *have, const struct ipvs_daemon *want)
{
	if (have->role != want->role)
		return false;
	if (!want->role)
		return true;
	return strcmp(have->ifname, want->ifname) == 0 &&
	       have->syncid == want->syncid &&
	       (!want->maxlen || have->maxlen == want->maxlen) &&
	       (!want->port || have->port == want->port) &&
	       (!want->ttl || have->ttl == want->ttl) &&
	       (!want->group.family || addr_equal(&have->group, &want->group));
}

/* ---- The order of listings. */

#define CMP(a, b)                                                              \
	do {                                                                   \
		if ((a) != (b))                                                \
			return (a) < (b) ? -1 : 1;                             \
	} while (0)

static int cmp_svc(const struct ipvs_table *t, uint32_t i, uint32_t j)
{
	const struct ipvs_svc *a = &t->svcs[i], *b = &t->svcs[j];
	int r = addr_cmp(&a->addr, &b->addr);

	CMP(a->fwmark, b->fwmark);
	CMP(a->addr.family, b->addr.family);
	CMP(a->proto, b->proto);
	CMP(r, 0);
	CMP(a->port, b->port);
	return 0;
}

static int cmp_dest(const struct ipvs_table *t, uint32_t i, uint32_t j)
{
	const struct ipvs_dest *a = &t->dests[i], *b = &t->dests[j];
	int r = addr_cmp(&a->addr, &b->addr);

	CMP(a->addr.family, b->addr.family);
	CMP(r, 0);
	CMP(a->port, b->port);
	return 0;
}

typedef int cmp_fn(const struct ipvs_table *t, uint32_t i, uint32_t j);

static void merge(const struct ipvs_table *t, cmp_fn *cmp, const uint32_t *from,
	uint32_t *to, size_t lo, size_t mid, size_t hi)
{
	size_t i = lo, j = mid;

	for (size_t k = lo; k < hi; k++)
		if (i < mid && (j >= hi || cmp(t, from[i], from[j]) <= 0))
			to[k] = from[i++];
		else
			to[k] = from[j++];
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void sort(const struct ipvs_table *t, cmp_fn *cmp, uint32_t *order,
	uint32_t *spare, size_t n)
{
	for (size_t run = 1; run < n; run *= 2) {
		for (size_t lo = 0; lo < n; lo += 2 * run)
			merge(t, cmp, order, spare, lo, least(lo + run, n),
				least(lo + 2 * run, n));
		memcpy(order, spare, n * sizeof *order);
	}
}

size_t ipvs_sort_svcs(
	const struct ipvs_table *t, uint32_t *order, uint32_t *spare)
{
	size_t n = 0;

	for (uint32_t s = ipvs_next_svc(t, 0); s != IPVS_NONE;
		s = ipvs_next_svc(t, s + 1))
		order[n++] = s;
	if (spare)
		sort(t, cmp_svc, order, spare, n);
	return n;
}

size_t ipvs_sort_dests(const struct ipvs_table *t, uint32_t svc,
	uint32_t *order, uint32_t *spare)
{
	size_t n = 0;

	for (uint32_t d = ipvs_first_dest(t, svc); d != IPVS_NONE;
		d = ipvs_next_dest(t, d))
		order[n++] = d;
	if (spare)
		sort(t, cmp_dest, order, spare, n);
	return n;
}
