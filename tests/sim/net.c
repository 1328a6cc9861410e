/* The network: each link has a fate of its own. */
#include "world.h"

bool blocked(const struct sim *s, int from, int to)
{
	return (s->split && s->side[from] != s->side[to]) ||
	       s->link[from][to].cuts;
}

static uint8_t put_ip4(
	const struct vrrp_ip *ip, uint8_t *b, size_t len, uint64_t *rng)
{
	size_t hl = one_in(rng, 2) ? 24 : 20, total = hl + len;

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
		b[total] = 0x55; /* padding of Ethernet */
	return (uint8_t)total;
}

struct vrrp_out out_of(const struct sim *s, int i, uint8_t prio)
{
	const struct node *v = &s->node[i];
	struct vrrp_out o = {
		.version = v->r->cfg.version,
		.vrid = v->local.vrid,
		.prio = prio,
		.auth_type = v->local.auth_type,
		.cs = v->local.cs,
		.sum = v->r->sum,
		.src = v->addr,
		.dst = v->local.dst,
		.vips = s->vips,
		.nvips = (size_t)s->sc->nvips,
	};

	memcpy(o.auth, v->local.auth, sizeof o.auth);
	return o;
}

struct packet seal(
	struct sim *s, const struct vrrp_out *o, uint8_t ttl, uint64_t *rng)
{
	struct packet p = { .ip = { o->src, o->dst, ttl } };

	p.len = (uint8_t)vrrp_encode(p.b, sizeof p.b, o);
	if (!p.len)
		fail(s, "encode", "an advert does not fit");
	if (s->sc->family == AF_INET)
		p.len = put_ip4(&p.ip, p.b, p.len, rng);
	return p;
}

static bool is_lost(struct sim *s, int from, int to)
{
	struct link *l = &s->link[from][to];

	if (blocked(s, from, to) || (s->storm && one_in(&l->rng, 2)))
		return true;
	if (l->lossy && l->lost < s->k && s->missed[to] < s->k &&
		one_in(&l->rng, 3)) {
		l->lost++;
		s->missed[to]++;
		return true;
	}
	l->lost = s->missed[to] = 0;
	return false;
}

static void arrive(struct sim *s, uint16_t pkt, int from, int to)
{
	struct link *l = &s->link[from][to];
	int64_t at = s->now + (l->slow ? s->d : upto(&l->rng, s->d));

	if (at > l->last_arrival)
		l->last_arrival = at;
	else if (!l->loose)
		at = l->last_arrival;
	s->q.pkt[pkt].refs++;
	queue_push(&s->q, (struct ev){ .at = at,
				  .what = MSG,
				  .from = (int8_t)from,
				  .to = (int8_t)to,
				  .arg = pkt });
}

void carry(struct sim *s, uint16_t pkt, int from, int to)
{
	struct link *l = &s->link[from][to];

	arrive(s, pkt, from, to);
	if (l->doubled && one_in(&l->rng, 2))
		arrive(s, pkt, from, to);
}

/* The same advert again, mostly, or with another IP header. */
static uint16_t advert_of(struct sim *s, int i, uint8_t prio)
{
	struct node *v = &s->node[i];
	struct vrrp_out o;
	struct packet p;

	if (v->has_pkt && v->pkt_prio == prio && !one_in(&v->rng, 16))
		return v->pkt;
	if (v->has_pkt)
		packet_drop(&s->q, v->pkt);
	o = out_of(s, i, prio);
	p = seal(s, &o, VRRP_TTL, &v->rng);
	v->pkt = packet_new(&s->q, &p);
	v->pkt_prio = prio;
	v->has_pkt = true;
	return v->pkt;
}

bool transmit(struct sim *s, int i, uint8_t prio)
{
	uint16_t pkt;

	note(s, "sends", i, i, prio);
	if (s->node[i].mute)
		return false;
	check_rate(s, i, prio);
	pkt = advert_of(s, i, prio);
	for (int to = 0; to < s->n; to++)
		if (to != i && !is_lost(s, i, to))
			carry(s, pkt, i, to);
	return true;
}
