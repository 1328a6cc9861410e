/* Packets nobody should have sent. */
#include "world.h"

#define FLOOD_LEN 40

/* What is well-formed and cannot be valid to router `to`. */
static void mutate(
	const struct addr *to, struct vrrp_out *o, uint8_t *ttl, uint64_t *rng)
{
	switch (below(rng, 8)) {
	case 0:
		*ttl = (uint8_t)below(rng, 255);
		break;
	case 1:
		o->dst.b[3] ^= 1;
		break;
	case 2:
		o->vrid++;
		break;
	case 3:
		o->src = *to;
		break;
	case 4:
		o->version ^= 1;
		break;
	case 5:
		o->auth_type ^= o->version == 2 ? VRRP_AUTH_PASS : 0;
		o->vrid ^= o->version == 2 ? 0 : 0x80;
		break;
	case 6: /* of version 2: another one; of version 3: none */
		o->cs = (uint16_t)(o->version == 2 ? o->cs + 100 : 0);
		break;
	default:
		o->nvips = 0;
		o->version = 3;
		break;
	}
}

/* Zeros at the end change no plain sum. */
static void extend(struct packet *p, bool ip4, size_t n)
{
	memset(p->b + n, 0, 4);
	if (ip4)
		p->b[3] = (uint8_t)(n + 4);
	p->len = p->len > n + 4 ? p->len : (uint8_t)(n + 4);
}

static void cut(struct packet *p, bool ip4, uint64_t *rng)
{
	size_t at = ip4 ? (size_t)(p->b[0] & 15) * 4 : 0;
	size_t n = ip4 ? p->b[3] : p->len;
	size_t bit = (size_t)below(rng, (int64_t)(n - at) * 8);

	if (one_in(rng, 3))
		p->b[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
	else if (one_in(rng, 2))
		p->len = (uint8_t)(at + bit / 8);
	else
		extend(p, ip4, n);
}

static struct packet junk_for(struct sim *s, int from, int to, uint64_t *rng)
{
	uint8_t ttl = VRRP_TTL;
	struct vrrp_out o = out_of(s, from, one_in(rng, 2) ? 0 : 254);
	bool whole = one_in(rng, 2);
	struct packet p;

	if (whole)
		mutate(&s->node[to].addr, &o, &ttl, rng);
	p = seal(s, &o, ttl, rng);
	if (!whole)
		cut(&p, s->sc->family == AF_INET, rng);
	p.junk = true;
	return p;
}

/* Which ones depends on nothing but `kind`. */
void junk(struct sim *s, int from, int kind)
{
	for (int to = 0; to < s->n; to++) {
		uint64_t rng =
			rnd_stream((uint64_t)kind, (unsigned)s->node[to].r->id);
		struct packet p;
		uint16_t pkt;

		if (to == from)
			continue;
		p = junk_for(s, from, to, &rng);
		pkt = packet_new(&s->q, &p);
		carry(s, pkt, from, to);
		packet_drop(&s->q, pkt);
	}
}

/* Valid adverts of an outsider that loses to everybody, all within one
 * interval. */
void flood(struct sim *s, int to)
{
	struct vrrp_out o = out_of(s, to, 1);
	int64_t a = s->node[to].r->cfg.interval;
	struct packet p;
	uint16_t pkt;

	o.src.b[addr_size(&o.src) - 1] = 1;
	p = seal(s, &o, VRRP_TTL, &s->node[to].rng);
	pkt = packet_new(&s->q, &p);
	for (int i = 0; i < FLOOD_LEN; i++) {
		s->q.pkt[pkt].refs++;
		queue_push(&s->q, (struct ev){ .at = s->now + a * i / FLOOD_LEN,
					  .what = MSG,
					  .from = FORGER,
					  .to = (int8_t)to,
					  .arg = pkt });
	}
	packet_drop(&s->q, pkt);
	s->node[to].flooded_until = s->now + 3 * s->amax;
}
