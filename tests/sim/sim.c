/* The simulator.  What it asserts, with A the interval of a Master, M the
 * interval learned, s the skew, D = 3M + s, d the longest delay, j the
 * longest lateness of a timer, b the longest time a binder takes, k the most
 * adverts lost in a row:
 *
 *  yield	a Master that hears a better one is none after that very event;
 *		hearing a worse one never ends it
 *  S1		a worse Master that could hear a better one for
 *		(k+1)(A+j) + d has yielded
 *  S2		T = b + 2d + D + 2j + (k+1)(A+j) after a disturbance
 *		there is exactly one Master, the best (nopreempt: exactly one)
 *  quiet	and from then on none comes or goes, and it advertises every A
 *  L1		silent death at t: no survivor takes over before
 *		t - (k+1)(A+j) + D, the best has by t + d + D + j
 *  L2		clean stop at t: not before t + s; by t + b + d + s + j
 *  preempt	a better router that starts at t takes over in [t+D, t+D+d+j]
 *  still	what does not concern the Master changes no Master: death,
 *		stop, stall or return of another, loss of k <= 2, doubles
 *  refuse	each mutated packet is refused, no sent one is
 *  zero	priority 0 comes only from who was Master, in a hand-over
 *		without overlap only when nothing is held any more; any other
 *		priority comes only from a Master
 *  bound	with an ideal binder nobody resigns as not bound
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cksum.h"
#include "elect.h"
#include "sim.h"
#include "vrrp.h"

#define NMAX	 5
#define HEAP_MAX 4096
#define INBOX	 32
#define TRACE	 50
#define PKT_MAX	 80
#define NEVER	 INT64_MAX

struct packet {
	struct vrrp_ip ip; /* of IPv6; IPv4 has its header in the bytes */
	uint8_t b[PKT_MAX];
	size_t len;
	bool bogus;
};

enum what { MSG, ADDRS, END };

enum fault {
	CRASH,
	TERM,
	READER,
	STALL,
	FREEZE,
	MUTE,
	TRACK,
	PRIO,
	SPLIT,
	ONE_WAY,
	LOSS,
	STORM,
	DUP,
	BOGUS,
	FAULT_N
};

static const char *const fault_str[] = {
	"crash",
	"stop",
	"reader-gone",
	"stall",
	"freeze",
	"mute",
	"track-fault",
	"priority",
	"split",
	"one-way",
	"loss",
	"heavy-loss",
	"doubles",
	"bogus",
};

struct ev {
	int64_t at;
	uint64_t seq;
	enum what what;
	enum fault fault;
	int from, to;
	unsigned gen;
	bool held;
	struct packet pkt;
};

struct node {
	struct elect_cfg cfg;
	struct elect e;
	struct vrrp_local local;
	struct addr addr;
	uint8_t prio; /* effective */
	uint32_t sum;
	bool up, mute, busy;  /* busy: a fault of it is not over */
	bool stalled, frozen; /* frozen: what comes is lost too */
	bool held, wanted, readerless, was_master, active;
	bool late; /* from the end of a stall to the next deadline */
	unsigned gen;
	int64_t fire, deadline; /* when it notices its deadline */
	int64_t active_since, ok_since, last_sent;
	struct packet inbox[INBOX];
	size_t queued;
};

struct expect {
	bool on;
	int keep;	  /* the Master that stays; -1 */
	unsigned winners; /* one of them is Master by hi */
	int64_t lo[NMAX]; /* no takeover before */
	int64_t hi;
};

struct note {
	int64_t at;
	const char *what;
	int node, from, num;
};

struct sim {
	uint64_t seed, rng;
	int n;
	bool mixed, wide, preempt, ties, failed, in_fault;
	int family;
	int64_t now, d, j, b, amax;
	uint8_t pmax;
	struct prefix vips[2];
	size_t nvips;
	struct node node[NMAX];
	/* The network. */
	bool split, one_way, storm, dup;
	int side[NMAX], deaf_from, deaf_to;
	int k, lost[NMAX][NMAX], missed[NMAX]; /* in a row */
	int64_t last_arrival[NMAX][NMAX], net_since;
	/* What is known. */
	unsigned members;
	int64_t calm_since;
	struct expect exp;
	struct ev *heap;
	size_t nheap;
	uint64_t seq;
	struct note trace[TRACE];
	uint64_t ntrace;
	struct sim_stats *st;
};

/* ---- Chance. */

static uint64_t rnd(struct sim *s)
{
	uint64_t z = s->rng += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int64_t below(struct sim *s, int64_t n)
{
	return n > 0 ? (int64_t)(rnd(s) % (uint64_t)n) : 0;
}

static int64_t upto(struct sim *s, int64_t max)
{
	return below(s, max + 1);
}

static bool one_in(struct sim *s, int n)
{
	return below(s, n) == 0;
}

/* ---- Trace and failure. */

static void note(struct sim *s, const char *what, int node, int from, int num)
{
	s->trace[s->ntrace++ % TRACE] =
		(struct note){ s->now, what, node, from, num };
}

static void print_trace(const struct sim *s)
{
	uint64_t i = s->ntrace > TRACE ? s->ntrace - TRACE : 0;

	for (; i < s->ntrace; i++) {
		const struct note *t = &s->trace[i % TRACE];

		fprintf(stderr, "  %14.6f  r%d %-12s from %2d  %d\n",
			(double)t->at / 1e6, t->node, t->what, t->from, t->num);
	}
}

static void print_nodes(const struct sim *s)
{
	for (int i = 0; i < s->n; i++) {
		const struct node *v = &s->node[i];
		char text[ADDR_STRLEN];

		fprintf(stderr, "  r%d %s prio %d A %.3f s: %s%s%s%s\n", i,
			addr_str(&v->addr, text), v->prio,
			(double)v->cfg.interval / 1e6,
			elect_state_str(v->e.state), v->up ? "" : " down",
			v->stalled ? " stalled" : "", v->mute ? " mute" : "");
	}
	fprintf(stderr, "  v%d %s d %lld us j %lld us b %lld us k %d%s%s%s\n",
		s->node[0].cfg.version, s->preempt ? "preempt" : "nopreempt",
		(long long)s->d, (long long)s->j, (long long)s->b, s->k,
		s->split ? " split" : "", s->one_way ? " one-way" : "",
		s->storm ? " heavy loss" : "");
}

__attribute__((format(printf, 2, 3))) static void fail(
	struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (s->failed)
		return;
	s->failed = true;
	fprintf(stderr,
		"SIM_SEED=%llu: at %.6f s: ", (unsigned long long)s->seed,
		(double)s->now / 1e6);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	print_nodes(s);
	print_trace(s);
}

/* ---- The order of events. */

static bool earlier(const struct ev *a, const struct ev *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void heap_swap(struct sim *s, size_t a, size_t b)
{
	struct ev t = s->heap[a];

	s->heap[a] = s->heap[b];
	s->heap[b] = t;
}

static void push(struct sim *s, struct ev ev)
{
	size_t i = s->nheap++;

	if (s->nheap > HEAP_MAX)
		abort();
	ev.seq = s->seq++;
	s->heap[i] = ev;
	for (; i && earlier(&s->heap[i], &s->heap[(i - 1) / 2]);
		i = (i - 1) / 2)
		heap_swap(s, i, (i - 1) / 2);
}

static struct ev pop(struct sim *s)
{
	struct ev top = s->heap[0];
	size_t i = 0, c;

	s->heap[0] = s->heap[--s->nheap];
	while ((c = 2 * i + 1) < s->nheap) {
		if (c + 1 < s->nheap && earlier(&s->heap[c + 1], &s->heap[c]))
			c++;
		if (!earlier(&s->heap[c], &s->heap[i]))
			break;
		heap_swap(s, i, c);
		i = c;
	}
	return top;
}

/* ---- Our own idea of the formulas, so that no error is shared. */

static int64_t skew_of(const struct node *v, int64_t m)
{
	int64_t unit = v->cfg.version == 2 ? 1000000 : m;

	return unit * (256 - v->prio) / 256;
}

static int64_t down_of(const struct node *v, int64_t m)
{
	return m + m + m + skew_of(v, m);
}

/* Unsigned, network order. */
static int by_address(const struct addr *a, const struct addr *b)
{
	for (size_t i = 0; i < 16; i++)
		if (a->b[i] != b->b[i])
			return a->b[i] > b->b[i] ? 1 : -1;
	return 0;
}

static bool better(const struct node *a, const struct node *b)
{
	return a->prio != b->prio ? a->prio > b->prio
				  : by_address(&a->addr, &b->addr) > 0;
}

static bool blocked(const struct sim *s, int from, int to)
{
	return (s->split && s->side[from] != s->side[to]) ||
	       (s->one_way && from == s->deaf_from && to == s->deaf_to);
}

/* ---- What is known of the whole. */

static bool is_member(const struct node *v)
{
	return v->up && !v->stalled && !v->mute && v->e.leaving == LEAVE_NOT &&
	       (v->e.state == ELECT_BACKUP || v->e.state == ELECT_MASTER);
}

static int64_t longest_down(const struct sim *s)
{
	int64_t max = 0;

	for (int i = 0; i < s->n; i++)
		if (down_of(&s->node[i], s->amax) > max)
			max = down_of(&s->node[i], s->amax);
	return max;
}

/* S2 holds this long after the last disturbance. */
static int64_t settle_time(const struct sim *s)
{
	return s->b + 2 * s->d + longest_down(s) + 2 * s->j +
	       (s->k + 1) * (s->amax + s->j);
}

/* With unequal intervals and loss it never is: who misses the adverts of a
 * slow Master, having learned of a faster one, times it out again and again.
 * Where one interval is more than three times the other (wide) that takes no
 * loss, only two adverts that cross.  That is so in the RFCs. */
static bool is_settled(const struct sim *s, int64_t t)
{
	return !s->one_way && !s->storm && !s->wide && !(s->mixed && s->k) &&
	       t > s->calm_since + settle_time(s);
}

static void disturb(struct sim *s)
{
	s->calm_since = s->now;
}

static void update_members(struct sim *s)
{
	unsigned m = 0;

	for (int i = 0; i < s->n; i++)
		m |= is_member(&s->node[i]) ? 1u << i : 0;
	if (m == s->members)
		return;
	s->members = m;
	disturb(s);
	if (!s->in_fault)
		s->exp.on = false;
}

/* The only Master, where there is one for sure; else -1. */
static int known_master(const struct sim *s)
{
	if (s->exp.on && s->exp.keep >= 0)
		return s->exp.keep;
	if (!is_settled(s, s->now) || s->split)
		return -1;
	for (int i = 0; i < s->n; i++)
		if (s->members & 1u << i && s->node[i].active)
			return i;
	return -1;
}

/* ---- The invariants. */

static void check_pair(struct sim *s, int i, int w, int64_t t)
{
	const struct node *a = &s->node[i], *b = &s->node[w];
	int64_t since = s->net_since;
	int64_t bound = (s->k + 1) * (a->cfg.interval + s->j) + s->d;

	if (s->storm || a->mute || blocked(s, i, w))
		return;
	if (a->active_since > since)
		since = a->active_since;
	if (b->active_since > since)
		since = b->active_since;
	if (a->ok_since > since)
		since = a->ok_since;
	if (b->ok_since > since)
		since = b->ok_since;
	s->st->bounds++;
	if (t - since > bound)
		fail(s,
			"S1: r%d and the worse r%d both Master for %lld us, "
			"more than %lld",
			i, w, (long long)(t - since), (long long)bound);
}

static void check_s1(struct sim *s, int64_t t)
{
	for (int i = 0; i < s->n; i++)
		for (int w = 0; w < s->n; w++) {
			struct node *a = &s->node[i], *b = &s->node[w];

			if (i != w && a->active && b->active && a->up &&
				b->up && !a->stalled && !b->stalled &&
				better(a, b))
				check_pair(s, i, w, t);
		}
}

static void check_side(struct sim *s, int side)
{
	int masters = 0, members = 0;
	uint8_t best = 0, has = 0;

	for (int i = 0; i < s->n; i++) {
		const struct node *v = &s->node[i];

		if (!(s->members & 1u << i) || (s->split && s->side[i] != side))
			continue;
		members++;
		masters += v->active;
		best = v->prio > best ? v->prio : best;
		has = v->active ? v->prio : has;
	}
	s->st->bounds++;
	if (members && masters != 1)
		fail(s, "S2: %d Masters among %d when settled", masters,
			members);
	else if (members && s->preempt && has != best)
		fail(s, "S2: priority %d is Master, %d is not", has, best);
}

static void check_expect(struct sim *s, int64_t t)
{
	if (!s->exp.on || t <= s->exp.hi)
		return;
	for (int i = 0; i < s->n; i++)
		if (s->exp.winners & 1u << i && s->node[i].active)
			s->exp.hi = NEVER;
	if (s->exp.hi != NEVER)
		fail(s, "too late: no Master among %#x by %.6f s",
			s->exp.winners, (double)s->exp.hi / 1e6);
}

/* What held from the last event up to t. */
static void check_until(struct sim *s, int64_t t)
{
	check_s1(s, t);
	check_expect(s, t);
	if (!is_settled(s, t))
		return;
	check_side(s, 0);
	if (s->split)
		check_side(s, 1);
}

static void check_change(struct sim *s, int i, const char *why)
{
	struct node *v = &s->node[i];

	s->st->takeovers += v->active;
	if (s->in_fault || !(s->members & 1u << i)) /* a hold-down is over */
		return;
	if (is_settled(s, s->now))
		fail(s, "quiet: r%d %s Master (%s)", i,
			v->active ? "became" : "is no longer", why);
	if (!s->exp.on)
		return;
	if (v->active && s->now < s->exp.lo[i])
		fail(s, "too early: r%d became Master (%s), not before %.6f", i,
			why, (double)s->exp.lo[i] / 1e6);
	if (!v->active && s->exp.keep == i)
		fail(s, "still: r%d is no longer Master (%s)", i, why);
}

static void check_rate(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	int64_t gap = s->now - v->last_sent, a = v->cfg.interval;

	if (v->active && is_settled(s, s->now) && !s->split && !s->in_fault &&
		is_settled(s, v->last_sent) && v->last_sent > s->calm_since &&
		(gap > a + s->j || gap < a - s->j))
		fail(s, "rate: r%d advertised after %lld us", i,
			(long long)gap);
	v->last_sent = s->now;
}

/* ---- Sending. */

static size_t put_ip4(
	struct sim *s, const struct vrrp_ip *ip, uint8_t *b, size_t len)
{
	size_t hl = one_in(s, 16) ? 24 : 20, total = hl + len;

	memmove(b + hl, b, len);
	memset(b, 0, hl);
	b[0] = (uint8_t)(0x40 | hl / 4);
	b[1] = 0xc0;
	b[2] = (uint8_t)(total >> 8);
	b[3] = (uint8_t)total;
	b[8] = ip->ttl;
	b[9] = VRRP_PROTO;
	memcpy(b + 12, ip->src.b, 4);
	memcpy(b + 16, ip->dst.b, 4);
	for (; total < 46; total++)
		b[total] = (uint8_t)rnd(s); /* padding of Ethernet */
	return total;
}

static struct vrrp_out out_of(const struct sim *s, int i, uint8_t prio)
{
	const struct node *v = &s->node[i];
	struct vrrp_out o = {
		.version = v->cfg.version,
		.vrid = v->local.vrid,
		.prio = prio,
		.auth_type = v->local.auth_type,
		.cs = v->local.cs,
		.sum = v->sum,
		.src = v->addr,
		.dst = v->local.dst,
		.vips = s->vips,
		.nvips = s->nvips,
	};

	memcpy(o.auth, v->local.auth, sizeof o.auth);
	return o;
}

static struct packet seal(struct sim *s, const struct vrrp_out *o, uint8_t ttl)
{
	struct packet p = { .ip = { o->src, o->dst, ttl } };

	p.len = vrrp_encode(p.b, sizeof p.b, o);
	if (!p.len)
		fail(s, "an advert does not fit");
	if (s->family == AF_INET)
		p.len = put_ip4(s, &p.ip, p.b, p.len);
	return p;
}

static bool is_lost(struct sim *s, int from, int to)
{
	if (blocked(s, from, to) || (s->storm && one_in(s, 2)))
		return true;
	if (s->lost[from][to] < s->k && s->missed[to] < s->k && one_in(s, 3)) {
		s->lost[from][to]++;
		s->missed[to]++;
		return true;
	}
	s->lost[from][to] = s->missed[to] = 0;
	return false;
}

/* A link keeps the order. */
static void carry(struct sim *s, const struct packet *p, int from, int to)
{
	int64_t *last = &s->last_arrival[from][to];
	int64_t at = s->now + upto(s, s->d);

	*last = at > *last ? at : *last;
	push(s, (struct ev){ .at = *last,
			.what = MSG,
			.from = from,
			.to = to,
			.pkt = *p });
	if (!s->dup || one_in(s, 2))
		return;
	at = s->now + upto(s, s->d);
	*last = at > *last ? at : *last;
	push(s, (struct ev){ .at = *last,
			.what = MSG,
			.from = from,
			.to = to,
			.pkt = *p });
}

static bool transmit(struct sim *s, int i, uint8_t prio)
{
	struct vrrp_out o = out_of(s, i, prio);
	struct packet p;

	note(s, "sends", i, i, prio);
	if (s->node[i].mute)
		return false;
	p = seal(s, &o, VRRP_TTL);
	check_rate(s, i);
	for (int to = 0; to < s->n; to++)
		if (to != i && !is_lost(s, i, to))
			carry(s, &p, i, to);
	return true;
}

/* ---- One router. */

static void bind_soon(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	bool want = v->e.state == ELECT_MASTER;

	if (v->readerless || want == v->wanted)
		return;
	v->wanted = want;
	push(s, (struct ev){ .at = s->now + upto(s, s->b),
			.what = ADDRS,
			.to = i,
			.gen = ++v->gen,
			.held = want });
}

static void rearm(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	int64_t due = elect_deadline(&v->e).us;

	if (due == v->deadline)
		return;
	v->deadline = due;
	if (due != NEVER && due < s->now)
		due = s->now;
	v->fire = due == NEVER ? NEVER : due + upto(s, s->j);
}

static void check_advert(struct sim *s, int i, uint8_t prio, bool was)
{
	struct node *v = &s->node[i];

	bool must_wait = v->readerless || v->cfg.handover == HANDOVER_BREAK;

	if (prio == 0 && v->held && must_wait)
		fail(s, "zero: r%d calls others in and holds", i);
	if (prio == 0 && !v->was_master)
		fail(s, "zero: r%d was never Master", i);
	if (prio != 0 && !was && v->e.state != ELECT_MASTER && !v->e.zero_owed)
		fail(s, "zero: r%d advertises as a Backup", i);
}

static void step(struct sim *s, int i, const struct elect_event *ev);

static void carry_out(
	struct sim *s, int i, const struct elect_fx *fx, size_t n, bool was)
{
	struct node *v = &s->node[i];
	bool sent = false, tried = false;

	for (size_t f = 0; f < n; f++) {
		if (fx[f].type == FX_ADVERT) {
			check_advert(s, i, fx[f].prio, was);
			sent = transmit(s, i, fx[f].prio);
			tried = true;
		} else if (fx[f].type == FX_LINE) {
			bind_soon(s, i);
		} else if (fx[f].type == FX_HALT) {
			note(s, "halts", i, i, fx[f].code);
			v->up = false;
		}
	}
	if (tried)
		step(s, i,
			&(struct elect_event){
				.type = sent ? EV_SENT : EV_UNSENT });
}

static void after_step(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	bool active = v->up && elect_is_active(&v->e);

	v->was_master |= active;
	if (active != v->active) {
		note(s, active ? "MASTER" : "no Master", i, i, v->prio);
		v->active = active;
		v->active_since = s->now;
		check_change(s, i, v->e.why);
	}
	if (v->e.state == ELECT_FAULT && !strcmp(v->e.why, "not-bound"))
		fail(s, "bound: r%d resigned with an ideal binder", i);
	rearm(s, i);
	update_members(s);
}

static void step(struct sim *s, int i, const struct elect_event *ev)
{
	struct node *v = &s->node[i];
	struct elect_fx fx[ELECT_FX_MAX];
	bool was = v->e.state == ELECT_MASTER;
	size_t n = elect_step(&v->e, ev, (struct mono){ s->now }, fx);

	s->st->events++;
	carry_out(s, i, fx, n, was);
	after_step(s, i);
}

static enum vrrp_fault understand(struct node *v, const struct packet *p,
	struct vrrp_ip *ip, struct vrrp_advert *a)
{
	const uint8_t *payload = p->b;
	size_t len = p->len;
	uint32_t faults;

	*ip = p->ip;
	if (v->addr.family == AF_INET &&
		vrrp_peel4(ip, p->b, p->len, &payload, &len) != VF_OK)
		return VF_IP_HEADER;
	faults = vrrp_decode(a, ip, payload, len);
	if (vrrp_refusal(faults) == VF_OK)
		faults |= vrrp_judge(&v->local, ip, a);
	return vrrp_refusal(faults);
}

static void advert(struct sim *s, int i, const struct vrrp_ip *ip,
	const struct vrrp_advert *a)
{
	struct node *v = &s->node[i];
	struct node them = { .prio = a->prio, .addr = ip->src };
	bool was = v->active, wins = better(&them, v);

	step(s, i,
		&(struct elect_event){ .type = EV_ADVERT,
			.prio = a->prio,
			.src = ip->src,
			.interval = a->cs * 10000 });
	if (was && wins && v->active)
		fail(s, "yield: r%d heard a better Master and goes on", i);
	if (was && !wins && !v->active && !v->late)
		fail(s, "yield: r%d gave way to a worse Master", i);
}

static void receive(struct sim *s, int i, const struct packet *p, int from)
{
	struct node *v = &s->node[i];
	struct vrrp_advert a;
	struct vrrp_ip ip;
	enum vrrp_fault f = understand(v, p, &ip, &a);

	s->st->refused += p->bogus;
	if (p->bogus && f == VF_OK)
		fail(s, "refuse: r%d accepted a broken packet", i);
	if (!p->bogus && f != VF_OK && f != VF_OWNER)
		fail(s, "refuse: r%d refused r%d: %s", i, from,
			vrrp_fault_str(f));
	if (f != VF_OK)
		return;
	note(s, "hears", i, from, a.prio);
	advert(s, i, &ip, &a);
}

static void deliver(struct sim *s, const struct ev *ev)
{
	struct node *v = &s->node[ev->to];

	if (!v->up)
		return;
	if (!v->stalled)
		receive(s, ev->to, &ev->pkt, ev->from);
	else if (v->queued < INBOX && !v->frozen)
		v->inbox[v->queued++] = ev->pkt;
}

static void tell_addrs(struct sim *s, int i)
{
	struct node *v = &s->node[i];

	if (v->up && !v->stalled)
		step(s, i,
			&(struct elect_event){ .type = EV_ADDRS,
				.held_all = v->held,
				.held_any = v->held });
}

static void addrs(struct sim *s, const struct ev *ev)
{
	struct node *v = &s->node[ev->to];

	if (ev->gen != v->gen || v->held == ev->held)
		return;
	v->held = ev->held;
	tell_addrs(s, ev->to);
}

static void boot(struct sim *s, int i)
{
	struct node *v = &s->node[i];

	elect_init(&v->e, &v->cfg);
	v->e.me = v->addr;
	v->prio = v->cfg.prio;
	v->up = true;
	v->was_master = v->active = v->readerless = false;
	v->held = v->wanted = false;
	v->gen++;
	v->queued = 0;
	v->deadline = v->fire = NEVER;
	v->ok_since = s->now;
	note(s, "boots", i, i, v->prio);
	step(s, i, &(struct elect_event){ .type = EV_START });
	tell_addrs(s, i);
}

/* ---- What is to be expected after a fault. */

static void expect_nothing(struct sim *s)
{
	s->exp.on = false;
}

static void expect_still(struct sim *s, int master)
{
	s->exp = (struct expect){
		.on = master >= 0, .keep = master, .hi = NEVER
	};
	for (int i = 0; i < s->n; i++)
		s->exp.lo[i] = NEVER;
}

static uint8_t best_prio(const struct sim *s, unsigned set)
{
	uint8_t best = 0;

	for (int i = 0; i < s->n; i++)
		if (set & 1u << i && s->node[i].prio > best)
			best = s->node[i].prio;
	return best;
}

static int64_t learned_from(const struct sim *s, int i, int m)
{
	return s->node[s->node[i].cfg.version == 2 ? i : m].cfg.interval;
}

/* Master m is gone, or no longer the best: the others hear of it at once
 * (told) or by its silence.  Only where all is settled. */
static void expect_takeover(struct sim *s, int m, unsigned heirs, bool told)
{
	uint8_t best = best_prio(s, heirs);
	int64_t early = (s->k + 1) * (s->node[m].cfg.interval + s->j);

	s->exp = (struct expect){ .on = heirs != 0, .keep = -1, .hi = 0 };
	for (int i = 0; i < s->n; i++) {
		struct node *v = &s->node[i];
		int64_t a = learned_from(s, i, m);
		bool quick = told && s->k == 0;
		int64_t by = s->now + (told ? s->b : 0) + s->d + s->j +
			     (quick ? skew_of(v, a) : down_of(v, a));

		s->exp.lo[i] = told ? s->now + skew_of(v, a)
				    : s->now - early + down_of(v, a);
		if (!(heirs & 1u << i) || v->prio != best)
			continue;
		s->exp.winners |= 1u << i;
		s->exp.hi = by > s->exp.hi ? by : s->exp.hi;
	}
	if (!s->preempt)
		s->exp.winners = heirs;
}

static void expect_loss_of(struct sim *s, int i, bool told)
{
	int m = known_master(s);
	bool settled = is_settled(s, s->now) && !s->split;

	if (m >= 0 && m != i)
		expect_still(s, m);
	else if (m == i && settled)
		expect_takeover(s, m, s->members & ~(1u << i), told);
	else
		expect_nothing(s);
}

/* An advert of better days of m may still be under way, and is followed. */
static void expect_preemption(struct sim *s, int i, int m)
{
	struct node *v = &s->node[i];
	int64_t own = down_of(v, v->cfg.interval);
	int64_t theirs = down_of(v, learned_from(s, i, m));

	expect_still(s, 0);
	s->exp.keep = -1;
	s->exp.winners = 1u << i;
	s->exp.lo[i] = s->now + (own < theirs ? own : theirs);
	s->exp.hi = s->now + (own > theirs ? own : theirs) + s->d + s->j;
}

static void expect_owner(struct sim *s, int i)
{
	expect_still(s, 0);
	s->exp.keep = -1;
	s->exp.winners = 1u << i;
	s->exp.lo[i] = s->exp.hi = s->now;
}

/* An owner does so whatever is configured. */
static bool preempts(const struct sim *s, const struct node *v, int m)
{
	return (s->preempt || v->prio == 255) && v->prio > s->node[m].prio;
}

/* Does router i, that starts from nothing, hear Master m in time? */
static bool hears_in_time(const struct sim *s, int i, int m)
{
	const struct node *v = &s->node[i], *x = &s->node[m];

	return down_of(v, v->cfg.interval) >
	       (s->k + 1) * (x->cfg.interval + s->j) + s->d;
}

static void expect_return(struct sim *s, int i)
{
	int m = known_master(s);
	struct node *v = &s->node[i];

	if (m < 0 || m == i)
		expect_nothing(s);
	else if (v->prio == 255)
		expect_owner(s, i);
	else if (preempts(s, v, m))
		expect_preemption(s, i, m);
	else if (hears_in_time(s, i, m))
		expect_still(s, m);
	else
		expect_nothing(s);
}

/* Will a Backup that slept hear Master m before it acts?  It reads what is
 * queued; it listens once more if it is late by more than an interval, though
 * not twice in a row. */
static bool wakes_well(const struct sim *s, const struct node *v, int m)
{
	int64_t a = s->node[m].cfg.interval;
	int64_t late = s->now - v->e.timer.us;

	if (s->k || s->mixed || preempts(s, v, m))
		return false;
	return !v->frozen || (late > a && !v->e.listening) ||
	       -late > a + s->j + s->d;
}

/* A Master that slept while m came yields when it hears of it, and then
 * preempts as any other. */
static void expect_humble(struct sim *s, int i, int m)
{
	struct node *v = &s->node[i];
	int64_t a = v->cfg.interval;

	if (s->now - v->e.timer.us <= 2 * a || !v->queued || s->mixed || s->k ||
		(v->prio == 255 && v->cfg.version == 2))
		expect_nothing(s); /* the last one hears nobody (3768 7.1) */
	else if (!preempts(s, v, m))
		expect_still(s, m);
	else
		expect_preemption(s, i, m);
	if (s->exp.on && s->exp.winners == 1u << i) /* a queued release */
		s->exp.lo[i] = s->now + skew_of(v, a);
}

static void expect_resume(struct sim *s, int i)
{
	int m = known_master(s);
	const struct node *v = &s->node[i];

	if (m < 0 || m == i)
		expect_nothing(s);
	else if (v->active)
		expect_humble(s, i, m);
	else if (wakes_well(s, v, m))
		expect_still(s, m);
	else
		expect_nothing(s);
}

static void expect_prio(struct sim *s, int m)
{
	bool settled = is_settled(s, s->now) && !s->split;

	if (m < 0)
		expect_nothing(s);
	else if (!s->preempt ||
		 s->node[m].prio == best_prio(s, s->members | 1u << m))
		expect_still(s, m);
	else if (settled)
		expect_takeover(s, m, s->members & ~(1u << m), false);
	else
		expect_nothing(s);
	for (int i = 0; i < s->n; i++) /* what is under way counts no more */
		if (s->exp.lo[i] != NEVER)
			s->exp.lo[i] -= s->d;
}

/* ---- Faults. */

static void later(struct sim *s, enum fault f, int i, int64_t after)
{
	push(s, (struct ev){ .at = s->now + after,
			.what = END,
			.fault = f,
			.to = i });
}

static void net_changed(struct sim *s)
{
	s->net_since = s->now;
	disturb(s);
}

static int64_t some_while(struct sim *s)
{
	int64_t a = s->amax;

	return one_in(s, 3) ? upto(s, 2 * a) : a + upto(s, 12 * a);
}

static void die(struct sim *s, int i)
{
	struct node *v = &s->node[i];

	expect_loss_of(s, i, false);
	v->up = v->active = v->held = v->wanted = false;
	v->gen++;
	v->fire = NEVER;
	update_members(s);
}

static void depart(struct sim *s, int i, enum elect_event_type type)
{
	struct node *v = &s->node[i];

	expect_loss_of(s, i, true);
	v->readerless = type == EV_READER_GONE;
	step(s, i, &(struct elect_event){ .type = type, .why = "told" });
	if (v->readerless) /* it lets go by itself */
		push(s, (struct ev){ .at = s->now + upto(s, s->b),
				.what = ADDRS,
				.to = i,
				.gen = ++v->gen });
}

static void stall(struct sim *s, int i)
{
	expect_loss_of(s, i, false);
	s->node[i].stalled = true;
	update_members(s);
}

static void freeze(struct sim *s, int i)
{
	s->node[i].frozen = true;
	stall(s, i);
}

/* Orders to stop, then what was heard, the deadline last. */
static void resume(struct sim *s, int i)
{
	struct node *v = &s->node[i];

	expect_resume(s, i);
	v->stalled = v->frozen = false;
	v->late = true;
	v->ok_since = s->now;
	update_members(s);
	tell_addrs(s, i);
	for (size_t q = 0; q < v->queued; q++)
		receive(s, i, &v->inbox[q], -1);
	v->queued = 0;
	if (v->fire < s->now)
		v->fire = s->now + upto(s, s->j);
}

static void mute(struct sim *s, int i)
{
	expect_loss_of(s, i, false);
	s->node[i].mute = true;
	update_members(s);
}

static void unmute(struct sim *s, int i)
{
	expect_nothing(s);
	s->node[i].mute = false;
	s->node[i].ok_since = s->now;
	disturb(s); /* it may owe a priority 0 */
	update_members(s);
}

static bool taken(const struct sim *s, int but, uint8_t prio)
{
	for (int i = 0; i < s->n; i++)
		if (i != but && s->node[i].prio == prio)
			return true;
	return false;
}

static uint8_t some_prio(struct sim *s, int i)
{
	uint8_t p;

	do
		p = (uint8_t)(1 + below(s, s->pmax));
	while (!s->ties && taken(s, i, p));
	return p;
}

static void change_prio(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	int m = known_master(s);

	if (v->cfg.prio == 255)
		return;
	v->prio = some_prio(s, i);
	v->ok_since = s->now;
	note(s, "priority", i, i, v->prio);
	expect_prio(s, m);
	disturb(s);
	step(s, i, &(struct elect_event){ .type = EV_PRIO, .prio = v->prio });
}

static void split(struct sim *s)
{
	for (int i = 0; i < s->n; i++)
		s->side[i] = (int)below(s, 2);
	s->split = true;
	expect_nothing(s);
	net_changed(s);
	later(s, SPLIT, 0, some_while(s));
}

static void one_way(struct sim *s)
{
	s->deaf_from = (int)below(s, s->n);
	s->deaf_to = (s->deaf_from + 1 + (int)below(s, s->n - 1)) % s->n;
	s->one_way = true;
	expect_nothing(s);
	net_changed(s);
	later(s, ONE_WAY, 0, some_while(s));
}

static void lose(struct sim *s, int k)
{
	if (!s->mixed && is_settled(s, s->now))
		expect_still(s, known_master(s));
	else
		expect_nothing(s); /* somebody may just be listening */
	s->k = k;
	net_changed(s);
	if (k)
		later(s, LOSS, 0, some_while(s) * 4);
}

static void storm(struct sim *s, bool on)
{
	s->storm = on;
	expect_nothing(s);
	net_changed(s);
	if (on)
		later(s, STORM, 0, some_while(s));
}

/* Breaks a packet so that it cannot be valid to router `to`. */
static void mutate(struct sim *s, struct vrrp_out *o, int to, uint8_t *ttl)
{
	switch (below(s, 6)) {
	case 0:
		*ttl = (uint8_t)below(s, 255);
		break;
	case 1:
		o->dst.b[3] ^= 1;
		break;
	case 2:
		o->vrid++;
		break;
	case 3:
		o->src = s->node[to].addr;
		break;
	case 4:
		o->version ^= 1;
		break;
	default:
		o->nvips = 0;
		o->version = 3;
		break;
	}
}

/* Zeros at the end change no plain sum. */
static void extend(struct sim *s, struct packet *p, size_t n)
{
	memset(p->b + n, 0, 4);
	if (s->family == AF_INET)
		p->b[3] = (uint8_t)(n + 4);
	p->len = p->len > n + 4 ? p->len : n + 4;
}

static void cut(struct sim *s, struct packet *p)
{
	size_t at = s->family == AF_INET ? (size_t)(p->b[0] & 15) * 4 : 0;
	size_t n = s->family == AF_INET ? p->b[3] : p->len;
	size_t bit = (size_t)below(s, (int64_t)(n - at) * 8);

	if (one_in(s, 3))
		p->b[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
	else if (one_in(s, 2))
		p->len = at + bit / 8;
	else
		extend(s, p, n);
}

static void bogus(struct sim *s, int from)
{
	for (int to = 0; to < s->n; to++) {
		uint8_t ttl = VRRP_TTL;
		struct vrrp_out o = out_of(s, from, one_in(s, 2) ? 0 : 254);
		struct packet p;
		bool whole = one_in(s, 2);

		if (to == from)
			continue;
		if (whole)
			mutate(s, &o, to, &ttl);
		p = seal(s, &o, ttl);
		if (!whole)
			cut(s, &p);
		p.bogus = true;
		carry(s, &p, from, to);
	}
}

static void faulty(struct sim *s, int i)
{
	expect_loss_of(s, i, true);
	step(s, i, &(struct elect_event){ .type = EV_FAULT, .why = "track" });
}

static void strike_node(struct sim *s, enum fault f, int i)
{
	static void (*const one[])(struct sim *, int) = {
		[CRASH] = die,
		[STALL] = stall,
		[FREEZE] = freeze,
		[MUTE] = mute,
		[TRACK] = faulty,
		[PRIO] = change_prio,
		[BOGUS] = bogus,
	};

	if (f == TERM || f == READER)
		depart(s, i, f == TERM ? EV_STOP : EV_READER_GONE);
	else
		one[f](s, i);
	if (f == PRIO || f == BOGUS)
		return;
	s->node[i].busy = true;
	later(s, f, i, some_while(s));
}

static void strike(struct sim *s)
{
	enum fault f = (enum fault)below(s, FAULT_N);
	int i = (int)below(s, s->n);
	bool of_net = f >= SPLIT && f <= DUP;

	if (of_net ? s->split || s->one_way || s->storm || s->k || s->dup
		   : s->node[i].busy || !is_member(&s->node[i]))
		return;
	note(s, fault_str[f], i, i, 0);
	s->st->faults++;
	s->in_fault = true;
	if (f == SPLIT) {
		split(s);
	} else if (f == ONE_WAY) {
		one_way(s);
	} else if (f == LOSS) {
		lose(s, 1 + (int)below(s, 2));
	} else if (f == STORM) {
		storm(s, true);
	} else if (f == DUP) {
		s->dup = true;
		later(s, DUP, 0, some_while(s) * 4);
	} else {
		strike_node(s, f, i);
	}
	s->in_fault = false;
}

static void come_back(struct sim *s, enum fault f, int i)
{
	struct node *v = &s->node[i];

	if (v->up && f != TRACK) { /* not gone yet */
		later(s, f, i, s->amax);
		return;
	}
	v->busy = false;
	if (f != TRACK)
		v->prio = v->cfg.prio;
	expect_return(s, i);
	if (f == TRACK)
		step(s, i, &(struct elect_event){ .type = EV_CLEAR });
	else
		boot(s, i);
}

static void end_of_node(struct sim *s, enum fault f, int i)
{
	if (f == STALL || f == FREEZE || f == MUTE) {
		s->node[i].busy = false;
		(f == MUTE ? unmute : resume)(s, i);
	} else {
		come_back(s, f, i);
	}
}

static void end(struct sim *s, enum fault f, int i)
{
	note(s, "end of", i, i, (int)f);
	note(s, fault_str[f], i, i, 0);
	s->in_fault = true;
	if (f == SPLIT || f == ONE_WAY) {
		s->split = s->one_way = false;
		expect_nothing(s);
		net_changed(s);
	} else if (f == LOSS) {
		lose(s, 0);
	} else if (f == STORM) {
		storm(s, false);
	} else if (f == DUP) {
		s->dup = false;
	} else {
		end_of_node(s, f, i);
	}
	s->in_fault = false;
}

/* ---- A run. */

static void draw_times(struct sim *s)
{
	static const int64_t cs[] = { 1, 5, 10, 100, 100, 1000 };
	bool v2 = one_in(s, 4);
	int64_t a = (v2 ? cs[3 + below(s, 3)] : cs[below(s, 6)]) * 10000;
	int64_t skew;

	s->mixed = !v2 && one_in(s, 4);
	s->wide = s->mixed && one_in(s, 4);
	s->family = !v2 && one_in(s, 3) ? AF_INET6 : AF_INET;
	s->pmax = (uint8_t)(one_in(s, 3) ? 254 : 50 + below(s, 200));
	skew = (v2 ? 1000000 : a) * (256 - s->pmax) / 256;
	s->d = 1 + upto(s, skew / 2);
	s->j = upto(s, skew / 16);
	s->b = upto(s, a / 8);
	for (int i = 0; i < s->n; i++) {
		struct elect_cfg *c = &s->node[i].cfg;

		c->version = v2 ? 2 : 3;
		c->interval = s->mixed ? a << below(s, s->wide ? 3 : 2) : a;
		if (c->interval > 40950000)
			c->interval = a;
		s->amax = c->interval > s->amax ? c->interval : s->amax;
	}
}

static void draw_policy(struct sim *s, struct elect_cfg *c)
{
	c->preempt = s->preempt;
	c->max_interval = 40950000;
	c->handover = one_in(s, 2) ? HANDOVER_OVERLAP : HANDOVER_BREAK;
	c->lower_no_advert = one_in(s, 4);
	c->higher_no_advert = one_in(s, 4);
	c->heartbeat = one_in(s, 2) ? c->interval / 2 : 0;
	c->confirm = one_in(s, 2) ? c->interval + 4 * s->b : 0;
}

static struct addr some_address(struct sim *s, int i)
{
	struct addr a = { .family = (uint8_t)s->family };
	uint8_t *last = &a.b[s->family == AF_INET ? 3 : 15];

	a.b[0] = s->family == AF_INET ? 10 : 0xfe;
	a.b[1] = s->family == AF_INET ? 0 : 0x80;
	*last = (uint8_t)(1 + 50 * i + below(s, 50));
	return a;
}

static void draw_node(struct sim *s, int i)
{
	struct node *v = &s->node[i];

	v->prio = 0;
	v->cfg.prio = some_prio(s, i);
	if (i == 0 && one_in(s, 10))
		v->cfg.prio = 255;
	if (i && s->ties && one_in(s, 2) && s->node[0].cfg.prio != 255)
		v->cfg.prio = s->node[i - 1].cfg.prio;
	v->prio = v->cfg.prio;
	v->addr = some_address(s, s->n - 1 - i);
	v->sum = one_in(s, 2) ? VRRP_SUM_PLAIN : VRRP_SUM_PSEUDO;
	draw_policy(s, &v->cfg);
	v->local = (struct vrrp_local){
		.version = v->cfg.version,
		.vrid = 51,
		.prio = v->cfg.prio,
		.min_ttl = VRRP_TTL,
		.cs = (uint16_t)(v->cfg.interval / 10000),
		.cs_max = VRRP_CS_MAX,
		.me = v->addr,
		.dst = vrrp_group(s->family),
		.vips = s->vips,
		.nvips = s->nvips,
	};
}

static void draw_secret(struct sim *s)
{
	if (s->node[0].cfg.version != 2 || one_in(s, 2))
		return;
	for (int i = 0; i < s->n; i++) {
		s->node[i].local.auth_type = VRRP_AUTH_PASS;
		memcpy(s->node[i].local.auth, "secret", 6);
	}
}

static void draw(struct sim *s)
{
	s->n = 2 + (int)below(s, NMAX - 1);
	s->preempt = !one_in(s, 5);
	s->ties = one_in(s, 4);
	draw_times(s);
	s->nvips = 1 + (size_t)below(s, 2);
	for (size_t i = 0; i < s->nvips; i++) {
		s->vips[i].addr = some_address(s, 0);
		s->vips[i].addr.b[2] = (uint8_t)(1 + i);
	}
	for (int i = 0; i < s->n; i++)
		draw_node(s, i);
	draw_secret(s);
}

static int64_t next_strike(struct sim *s)
{
	return s->now + (one_in(s, 4) ? upto(s, 3 * s->amax)
				      : settle_time(s) + upto(s, 6 * s->amax));
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
	struct ev ev = pop(s);

	s->now = ev.at;
	if (ev.what == MSG)
		deliver(s, &ev);
	else if (ev.what == ADDRS)
		addrs(s, &ev);
	else
		end(s, ev.fault, ev.to);
}

static void fire(struct sim *s, int i)
{
	s->now = s->node[i].fire;
	s->node[i].late = false;
	s->node[i].deadline = NEVER - 1; /* so that it is armed anew */
	step(s, i, &(struct elect_event){ .type = EV_DEADLINE });
}

/* The next thing before t; false when there is none. */
static bool advance(struct sim *s, int64_t t)
{
	int i = next_to_fire(s);
	int64_t due = i >= 0 ? s->node[i].fire : NEVER;
	bool msg = s->nheap && s->heap[0].at <= due;
	int64_t next = msg ? s->heap[0].at : due;

	if (next >= t)
		return false;
	check_until(s, next);
	if (msg)
		happen(s);
	else
		fire(s, i);
	return !s->failed;
}

static void play(struct sim *s, unsigned faults)
{
	for (int i = 0; i < s->n; i++) {
		s->in_fault = true;
		boot(s, i);
		s->in_fault = false;
	}
	for (unsigned f = 0; f < faults && !s->failed; f++) {
		int64_t t = next_strike(s);

		while (advance(s, t))
			;
		if (s->failed)
			return;
		check_until(s, t);
		s->now = t;
		strike(s);
	}
}

bool sim_run(uint64_t seed, unsigned faults, struct sim_stats *st)
{
	struct sim *s = calloc(1, sizeof *s);
	bool ok;

	if (!s || !(s->heap = calloc(HEAP_MAX, sizeof *s->heap)))
		abort();
	s->seed = s->rng = seed;
	s->rng = rnd(s); /* seeds one step apart are not one stream */
	s->st = st;
	s->exp.keep = -1;
	draw(s);
	play(s, faults);
	st->runs++;
	st->us += s->now;
	ok = !s->failed;
	free(s->heap);
	free(s);
	return ok;
}
