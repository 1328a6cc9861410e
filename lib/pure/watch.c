#include <string.h>

#include "mono.h"
#include "watch.h"

#define CHANGES	       (sizeof((struct watch_group *)0)->changes / sizeof(int64_t))
#define FLAP_INTERVALS 60
#define FLAP_MIN       (10 * US_PER_S)
#define TICK	       (2 * US_PER_MS) /* all groups are looked at so often */
#define FORGET	       10 /* intervals or seconds without a new announcement */

static const char *const finding_str[] = {
#define X(name, word) [WF_##name] = word,
	WATCH_FINDINGS(X)
#undef X
};

static const char *const why_str[] = {
	[WHY_SEEN] = "first-seen",
	[WHY_RESIGNED] = "resigned",
	[WHY_SILENCE] = "silence",
	[WHY_BETTER] = "better",
};

/* The faults beyond those of vrrp.h for which a receiver never sees a packet
 * or must refuse it. */
#define REFUSING                                                               \
	(DIS_DF(IP_VERSION) | DIS_DF(IP_HLEN) | DIS_DF(IP_LENGTH) |            \
		DIS_DF(IP_SUM) | DIS_DF(FRAGMENT) | DIS_DF(EXT) | DIS_DF(AH) | \
		DIS_DF(SOURCE) | DIS_DF(FAMILY) | DIS_DF(VRID_ZERO) |          \
		DIS_DF(AUTH_TYPE) | DIS_DF(AUTH_AH) | DIS_DF(HMAC))

const char *watch_finding_str(enum watch_finding f)
{
	return finding_str[f];
}

const char *watch_why_str(enum watch_why w)
{
	return why_str[w];
}

void watch_init(struct watch *w, watch_say say, void *ctx)
{
	w->now = 1; /* 0 is "never" */
	w->first = w->ticked = 0;
	w->findings = w->lost = 0;
	w->n = 0;
	w->say = say;
	w->ctx = ctx;
}

/* ---- Groups and routers */

static uint32_t vlan_of(const struct layers *l)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < l->nvlans && i < 2; i++)
		v = v * 4096 + (l->vlan[i] & 0xfff);
	return v;
}

static bool is_group(
	const struct watch_group *g, const struct dissect *d, uint32_t ifindex)
{
	return g->vrid == d->a.vrid && g->family == d->l.family &&
	       g->ifindex == ifindex && g->vlan == vlan_of(&d->l);
}

static struct watch_group *group_of(struct watch *w, const struct dissect *d,
	uint32_t ifindex, const char *ifname)
{
	struct watch_group *g;
	size_t n;

	for (unsigned i = 0; i < w->n; i++)
		if (is_group(&w->group[i], d, ifindex))
			return &w->group[i];
	if (w->n == WATCH_GROUPS) {
		w->lost++;
		return NULL;
	}
	g = &w->group[w->n++];
	memset(g, 0, sizeof *g);
	g->ifindex = ifindex;
	g->vlan = vlan_of(&d->l);
	g->family = (uint8_t)d->l.family;
	g->vrid = d->a.vrid;
	g->master = -1;
	g->first = w->now;
	n = strlen(ifname);
	memcpy(g->ifname, ifname, n < WATCH_IFNAME ? n : WATCH_IFNAME - 1);
	return g;
}

static int find_router(const struct watch_group *g, const struct addr *a)
{
	for (unsigned i = 0; i < g->routers; i++)
		if (addr_equal(&g->router[i].addr, a))
			return (int)i;
	return -1;
}

static int oldest_router(const struct watch_group *g)
{
	int old = -1;

	for (int i = 0; i < WATCH_ROUTERS; i++)
		if (i != g->master &&
			(old < 0 || g->router[i].last < g->router[old].last))
			old = i;
	return old;
}

static int router_of(struct watch_group *g, const struct addr *a)
{
	int i = find_router(g, a);

	if (i >= 0)
		return i;
	i = g->routers < WATCH_ROUTERS ? (int)g->routers++ : oldest_router(g);
	g->router[i] = (struct watch_router){ .addr = *a };
	return i;
}

static struct watch_router *master_of(struct watch_group *g)
{
	return g->master < 0 ? NULL : &g->router[g->master];
}

static int64_t interval_of(const struct watch_router *r)
{
	return r->conf.cs ? r->conf.cs * 10 * US_PER_MS : US_PER_S;
}

/* That of the Master, or of the last who was. */
int64_t watch_interval(const struct watch_group *g)
{
	const struct watch_router *r = &g->router[0];

	for (unsigned i = 1; i < g->routers; i++)
		if (g->router[i].last > r->last)
			r = &g->router[i];
	return interval_of(g->master < 0 ? r : &g->router[g->master]);
}

/* 9568 6.1; of version 2 it does not depend on the interval (3768 6.1). */
static int64_t skew_of(const struct watch_router *r, int64_t interval)
{
	return (256 - r->prio) * (r->conf.version == 2 ? US_PER_S : interval) /
	       256;
}

/* ---- Findings */

static void begin_finding(
	struct watch *w, struct watch_group *g, const struct watch_span *s)
{
	struct watch_span *o = &g->open[s->what];

	if (o->begin)
		return;
	*o = *s;
	w->findings++;
	w->say(w->ctx, g, o);
}

static void end_finding_at(struct watch *w, struct watch_group *g,
	enum watch_finding f, int64_t at)
{
	struct watch_span *o = &g->open[f];

	if (!o->begin)
		return;
	o->end = at > o->begin ? at : o->begin;
	w->say(w->ctx, g, o);
	g->span[g->spans++ % WATCH_SPANS] = *o;
	o->begin = 0;
}

static void end_finding(
	struct watch *w, struct watch_group *g, enum watch_finding f)
{
	end_finding_at(w, g, f, w->now);
}

static struct watch_span span_of(enum watch_finding f, int64_t begin,
	const struct watch_router *who, const struct watch_router *other)
{
	struct watch_span s = { .what = f, .begin = begin };

	if (who)
		s.who = who->addr;
	if (other)
		s.other = other->addr;
	return s;
}

/* ---- Who is Master */

static void end_stint(struct watch_group *g, int64_t at)
{
	if (g->master < 0)
		return;
	g->stint[(g->stints - 1) % WATCH_STINTS].end = at;
	g->master = -1;
}

static void count_change(struct watch *w, struct watch_group *g)
{
	int64_t window = FLAP_INTERVALS * watch_interval(g);

	if (window < FLAP_MIN)
		window = FLAP_MIN;
	memmove(g->changes, g->changes + 1, sizeof g->changes - 8);
	g->changes[CHANGES - 1] = w->now;
	if (g->changes[0] && w->now - g->changes[0] <= window) {
		struct watch_span s =
			span_of(WF_FLAPPING, w->now, master_of(g), NULL);

		begin_finding(w, g, &s);
	}
}

static void become(struct watch *w, struct watch_group *g, int i,
	enum watch_why why, int64_t since, int64_t formula)
{
	bool changed = g->stints &&
		       !addr_equal(&g->router[i].addr,
			       &g->stint[(g->stints - 1) % WATCH_STINTS].who);

	end_stint(g, w->now);
	g->master = i;
	g->vacant = 0;
	g->stint[g->stints++ % WATCH_STINTS] = (struct watch_stint){
		.who = g->router[i].addr,
		.prio = g->router[i].prio,
		.why = why,
		.begin = w->now,
		.took = since ? w->now - since : 0,
		.formula = formula,
	};
	if (!changed)
		return;
	g->takeovers++;
	count_change(w, g);
}

static bool beats(const struct watch_router *a, const struct watch_router *b)
{
	if (a->prio != b->prio)
		return a->prio > b->prio;
	return addr_cmp(&a->addr, &b->addr) > 0;
}

/* An advert of router i: does it make it the Master? */
static void elect(struct watch *w, struct watch_group *g, int i)
{
	struct watch_router *r = &g->router[i], *m = master_of(g);
	int64_t a;

	if (m == r)
		return;
	if (!m && g->vacant) {
		become(w, g, i, WHY_RESIGNED, g->vacant,
			skew_of(r, watch_interval(g)));
		return;
	}
	if (!m) {
		become(w, g, i, WHY_SEEN, 0, 0);
		return;
	}
	a = interval_of(m);
	if (w->now - m->last > 5 * a / 2)
		become(w, g, i, WHY_SILENCE, m->last, 3 * a + skew_of(r, a));
	else if (beats(r, m))
		become(w, g, i, WHY_BETTER, 0, 0);
}

static void resign(struct watch *w, struct watch_group *g, int i)
{
	struct watch_router *r = &g->router[i];

	g->mark_who[g->marks % WATCH_MARKS] = r->addr;
	g->mark[g->marks++ % WATCH_MARKS] = w->now;
	r->first = 0;
	if (g->master != i)
		return;
	end_stint(g, w->now);
	g->vacant = w->now;
	end_finding(w, g, WF_MISSING);
}

/* ---- Two Masters */

static bool adverts(
	const struct watch *w, const struct watch_router *r, int64_t halves)
{
	return r->prio && r->first &&
	       w->now - r->last <= halves * interval_of(r) / 2;
}

/* Since when do both advertise?  One advert that crosses another is none. */
static bool overlap(const struct watch_router *a, const struct watch_router *b,
	int64_t *since)
{
	*since = a->first > b->first ? a->first : b->first;
	return a->last - *since >= 3 * interval_of(a) / 4 &&
	       b->last - *since >= 3 * interval_of(b) / 4;
}

static void judge_pair(struct watch *w, struct watch_group *g,
	const struct watch_router *a, const struct watch_router *b)
{
	const struct watch_router *lost = beats(a, b) ? b : a;
	const struct watch_router *won = lost == a ? b : a;
	struct watch_span s;
	int64_t since;

	if (!overlap(a, b, &since))
		return;
	s = span_of(WF_TWO_MASTERS, since, won, lost);
	begin_finding(w, g, &s);
	if (lost->last - since <= 3 * interval_of(won))
		return;
	s = span_of(WF_NO_YIELD, w->now, lost, won);
	begin_finding(w, g, &s);
}

static void look_for_others(struct watch *w, struct watch_group *g, int i)
{
	for (unsigned k = 0; k < g->routers; k++)
		if ((int)k != i && adverts(w, &g->router[k], 3))
			judge_pair(w, g, &g->router[i], &g->router[k]);
}

/* The last advert of the one of the two who fell silent first. */
static int64_t last_of_both(const struct watch_group *g)
{
	const struct watch_span *o = &g->open[WF_TWO_MASTERS];
	int a = find_router(g, &o->who), b = find_router(g, &o->other);
	int64_t at = a < 0 ? o->begin : g->router[a].last;

	return b >= 0 && g->router[b].last < at ? g->router[b].last : at;
}

/* Over when at most one of them is heard. */
static void end_two_masters(struct watch *w, struct watch_group *g)
{
	unsigned n = 0;
	int64_t at;

	if (!g->open[WF_TWO_MASTERS].begin)
		return;
	for (unsigned k = 0; k < g->routers; k++)
		n += adverts(w, &g->router[k], 5);
	if (n > 1)
		return;
	at = last_of_both(g);
	end_finding_at(w, g, WF_NO_YIELD, at);
	end_finding_at(w, g, WF_TWO_MASTERS, at);
}

/* ---- Masters that disagree */

static bool differs(enum watch_finding f, const struct watch_conf *a,
	const struct watch_conf *b)
{
	switch (f) {
	case WF_INTERVAL:
		return a->cs != b->cs;
	case WF_ADDRESSES:
		return a->vips != b->vips || a->count != b->count;
	case WF_VERSION:
		return a->version != b->version;
	case WF_AUTH:
		return a->auth != b->auth;
	default:
		return a->version == 3 && b->version == 3 && a->sum != b->sum &&
		       a->sum != SUM_BOTH && b->sum != SUM_BOTH &&
		       a->sum != SUM_UNKNOWN && b->sum != SUM_UNKNOWN;
	}
}

static int latest_other(const struct watch_group *g, int i)
{
	int best = -1;

	for (int k = 0; k < (int)g->routers; k++)
		if (k != i && g->router[k].adverts &&
			(best < 0 || g->router[k].last > g->router[best].last))
			best = k;
	return best;
}

/* The one with whom router i was found to disagree, if it was. */
static int partner(const struct watch_group *g, int i, enum watch_finding f)
{
	const struct watch_span *o = &g->open[f];
	const struct addr *me = &g->router[i].addr;

	if (addr_equal(&o->who, me))
		return find_router(g, &o->other);
	return addr_equal(&o->other, me) ? find_router(g, &o->who) : -1;
}

static void compare_confs(struct watch *w, struct watch_group *g, int i)
{
	const struct watch_router *r = &g->router[i];

	for (enum watch_finding f = WF_INTERVAL; f <= WF_CHECKSUM; f++) {
		bool open = g->open[f].begin != 0;
		int k = open ? partner(g, i, f) : latest_other(g, i);
		bool differ =
			k >= 0 && differs(f, &r->conf, &g->router[k].conf);
		struct watch_span s;

		if (open && k >= 0 && !differ)
			end_finding(w, g, f);
		if (open || !differ)
			continue;
		s = span_of(f, w->now, r, &g->router[k]);
		begin_finding(w, g, &s);
	}
}

/* The sum of what each address is mixed to: their order does not matter. */
static uint64_t hash_vips(const struct dissect *d)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < d->shown; i++) {
		uint64_t h = UINT64_C(0xcbf29ce484222325);

		for (unsigned k = 0; k < d->asize; k++) {
			h ^= d->a.vips[i * d->asize + k];
			h *= UINT64_C(0x100000001b3);
		}
		sum += h ^ h >> 29;
	}
	return sum;
}

static void learn(
	struct watch_group *g, struct watch_router *r, const struct dissect *d)
{
	r->prio = d->a.prio;
	if (d->l.has_src_mac)
		memcpy(r->mac, d->l.src_mac, MAC_LEN);
	r->conf.version = d->a.version;
	r->conf.cs = d->a.cs;
	r->conf.auth = d->auth;
	r->conf.sum = d->form;
	if (d->faults & DIS_DF(CUT))
		return; /* not all addresses are there */
	r->conf.count = d->a.count;
	r->conf.vips = hash_vips(d);
	g->nvips = d->shown;
	memcpy(g->vips, d->a.vips, d->shown * d->asize);
}

/* ---- Announcements */

static bool may_announce(const struct watch_group *g,
	const struct watch_router *m, const uint8_t mac[MAC_LEN])
{
	static const uint8_t none[MAC_LEN];

	return memcmp(mac, m->mac, MAC_LEN) == 0 ||
	       memcmp(m->mac, none, MAC_LEN) == 0 ||
	       vmac_vrid(mac, g->family) == g->vrid;
}

/* A new Master may announce first and advertise then: it has an interval. */
static void judge_announcer(struct watch *w, struct watch_group *g)
{
	struct watch_router *m = master_of(g);
	int64_t a = watch_interval(g);
	struct watch_span s;

	if (m && may_announce(g, m, g->announcer)) {
		g->announced = 0;
		end_finding(w, g, WF_ANNOUNCER);
	} else if (g->announced && m && w->now - g->announced > a) {
		s = span_of(WF_ANNOUNCER, g->announced, NULL, m);
		memcpy(s.mac, g->announcer, MAC_LEN);
		s.address = g->announced_addr;
		for (unsigned i = 0; i < g->routers; i++)
			if (memcmp(g->router[i].mac, s.mac, MAC_LEN) == 0)
				s.who = g->router[i].addr;
		g->announced = 0;
		begin_finding(w, g, &s);
	} else if (w->now - g->announced_last > FORGET * (a + US_PER_S)) {
		end_finding(w, g, WF_ANNOUNCER);
	}
}

static bool has_vip(const struct watch_group *g, const struct addr *a)
{
	size_t size = addr_size(a);

	for (unsigned i = 0; i < g->nvips && g->family == a->family; i++)
		if (memcmp(g->vips + i * size, a->b, size) == 0)
			return true;
	return false;
}

static const struct addr *announced_addr(const struct dissect *d)
{
	return d->kind == DIS_ARP ? &d->arp.spa : &d->nd.target;
}

static const struct watch_group *owner_group(
	const struct watch *w, const struct dissect *d, uint32_t ifindex)
{
	uint32_t vlan = vlan_of(&d->l);

	for (unsigned i = 0; i < w->n; i++)
		if (w->group[i].ifindex == ifindex &&
			w->group[i].vlan == vlan &&
			has_vip(&w->group[i], announced_addr(d)))
			return &w->group[i];
	return NULL;
}

uint8_t watch_owner(
	const struct watch *w, const struct dissect *d, uint32_t ifindex)
{
	const struct watch_group *g = owner_group(w, d, ifindex);

	return g ? g->vrid : 0;
}

static void take_announcement(
	struct watch *w, const struct dissect *d, uint32_t ifindex)
{
	const struct watch_group *found = owner_group(w, d, ifindex);
	const uint8_t *mac = d->kind == DIS_ARP ? d->arp.sha : d->nd.mac;
	struct watch_group *g;
	struct watch_router *m;

	if (!found)
		return;
	g = &w->group[found - w->group];
	m = master_of(g);
	if (!m)
		return;
	if (may_announce(g, m, mac)) {
		end_finding(w, g, WF_ANNOUNCER);
		return;
	}
	memcpy(g->announcer, mac, MAC_LEN);
	g->announced_addr = *announced_addr(d);
	g->announced_last = w->now;
	if (!g->announced && !g->open[WF_ANNOUNCER].begin)
		g->announced = w->now;
}

/* ---- Time */

static void look_for_silence(struct watch *w, struct watch_group *g)
{
	struct watch_router *m = master_of(g);
	struct watch_span s;
	int64_t a;

	if (!m)
		return;
	a = interval_of(m);
	if (w->now - m->last > 3 * a / 2) {
		s = span_of(WF_MISSING, m->last + a, m, NULL);
		begin_finding(w, g, &s);
	}
	if (w->now - m->last > FORGET * a)
		end_stint(g, m->last);
}

/* The best Backup comes within the skew, at most an interval (a second in
 * version 2). */
static void look_for_successor(struct watch *w, struct watch_group *g)
{
	int64_t a = watch_interval(g), wait = a > US_PER_S ? a : US_PER_S;
	struct watch_span s;

	if (!g->vacant || w->now - g->vacant <= 3 * wait / 2)
		return;
	s = span_of(WF_NO_SUCCESSOR, g->vacant, NULL, NULL);
	s.who = g->mark_who[(g->marks - 1) % WATCH_MARKS];
	begin_finding(w, g, &s);
}

static void end_flapping(struct watch *w, struct watch_group *g)
{
	int64_t window = FLAP_INTERVALS * watch_interval(g);

	if (w->now - g->changes[CHANGES - 1] >
		(window < FLAP_MIN ? FLAP_MIN : window))
		end_finding(w, g, WF_FLAPPING);
}

static void tick_group(struct watch *w, struct watch_group *g)
{
	look_for_silence(w, g);
	look_for_successor(w, g);
	end_two_masters(w, g);
	end_flapping(w, g);
	judge_announcer(w, g);
}

/* ---- Adverts */

static int refusal(const struct dissect *d)
{
	uint64_t faults = d->faults & REFUSING;
	enum vrrp_fault f = vrrp_refusal((uint32_t)d->faults);

	return f != VF_OK ? (int)f : dis_fault_next(&faults);
}

static void refuse(struct watch *w, struct watch_group *g,
	const struct dissect *d, int fault)
{
	struct watch_span s = { .what = WF_REFUSED,
		.begin = w->now,
		.who = d->l.ip.src,
		.fault = fault };

	g->refused++;
	begin_finding(w, g, &s);
}

static void accept_again(
	struct watch *w, struct watch_group *g, const struct addr *who)
{
	if (addr_equal(&g->open[WF_REFUSED].who, who))
		end_finding(w, g, WF_REFUSED);
}

static void heard_again(struct watch *w, struct watch_group *g)
{
	struct watch_span *o = &g->open[WF_MISSING];

	if (o->begin) {
		int64_t a = watch_interval(g);

		o->missed = (w->now - o->begin) / a + 1;
		g->missed += (uint64_t)o->missed;
	}
	end_finding(w, g, WF_MISSING);
	end_finding(w, g, WF_NO_SUCCESSOR);
}

static void take_advert(
	struct watch *w, struct watch_group *g, const struct dissect *d)
{
	int i = router_of(g, &d->l.ip.src);
	struct watch_router *r = &g->router[i];
	bool was = adverts(w, r, 8);
	int64_t before = r->last;

	learn(g, r, d);
	r->adverts++;
	r->last = w->now;
	if (!r->prio) {
		resign(w, g, i);
		return;
	}
	if (!was)
		r->first = w->now;
	if (g->master == i)
		hist_add(&g->gaps, w->now - before);
	heard_again(w, g);
	if (g->master != i) {
		r->last = before; /* the interval is that of who was Master */
		elect(w, g, i);
		r->last = w->now;
	}
	look_for_others(w, g, i);
}

static void take_vrrp(struct watch *w, const struct dissect *d,
	uint32_t ifindex, const char *ifname)
{
	int fault = refusal(d);
	struct watch_group *g;

	if (!d->decoded || !d->l.ip.src.family)
		return;
	g = group_of(w, d, ifindex, ifname);
	if (!g)
		return;
	tick_group(w, g);
	g->last = w->now;
	g->adverts++;
	if (fault > 0) {
		refuse(w, g, d, fault);
		return;
	}
	accept_again(w, g, &d->l.ip.src);
	take_advert(w, g, d);
	compare_confs(w, g, find_router(g, &d->l.ip.src));
}

void watch_tick(struct watch *w, int64_t us)
{
	if (us > w->now)
		w->now = us;
	if (w->now - w->ticked < TICK)
		return;
	w->ticked = w->now;
	for (unsigned i = 0; i < w->n; i++)
		tick_group(w, &w->group[i]);
}

void watch_packet(struct watch *w, const struct dissect *d, int64_t us,
	uint32_t ifindex, const char *ifname)
{
	watch_tick(w, us);
	if (!w->first)
		w->first = w->now;
	if (d->kind == DIS_VRRP)
		take_vrrp(w, d, ifindex, ifname);
	else if (d->kind == DIS_ARP || d->kind == DIS_NA)
		take_announcement(w, d, ifindex);
}

/* ---- To be shown */

const char *watch_subject(const struct watch_group *g, char *buf)
{
	struct txt t = txt_init(buf, WATCH_SUBJECT);

	txt_str(&t, g->family == AF_INET6 ? "vrrp6." : "vrrp.");
	txt_num(&t, g->vrid);
	txt_ch(&t, '@');
	txt_str(&t, g->ifname);
	if (g->vlan >= 4096) {
		txt_ch(&t, '.');
		txt_num(&t, g->vlan / 4096);
	}
	if (g->vlan) {
		txt_ch(&t, '.');
		txt_num(&t, g->vlan % 4096);
	}
	return txt_end(&t);
}

const struct watch_stint *watch_stint_at(
	const struct watch_group *g, unsigned i)
{
	uint64_t from = g->stints > WATCH_STINTS ? g->stints - WATCH_STINTS : 0;

	return from + i < g->stints ? &g->stint[(from + i) % WATCH_STINTS]
				    : NULL;
}

const struct watch_span *watch_span_at(const struct watch_group *g, unsigned i)
{
	uint64_t from = g->spans > WATCH_SPANS ? g->spans - WATCH_SPANS : 0;

	return from + i < g->spans ? &g->span[(from + i) % WATCH_SPANS] : NULL;
}
