#include <string.h>

#include "cksum.h"
#include "cur.h"
#include "vrrp.h"

static const char *const fault_str[] = {
#define X(name, word) [VF_##name] = word,
	VRRP_FAULTS(X)
#undef X
};

_Static_assert(
	sizeof fault_str / sizeof *fault_str == VF_N, "every fault has a word");
_Static_assert(VF_N <= 32, "faults are bits of an uint32_t");

const char *vrrp_fault_str(enum vrrp_fault f)
{
	return f < VF_N ? fault_str[f] : "unknown";
}

enum vrrp_fault vrrp_refusal(uint32_t faults)
{
	faults &= ~VRRP_NOTICES;
	return faults ? (enum vrrp_fault)__builtin_ctz(faults) : VF_OK;
}

struct addr vrrp_group(int family)
{
	static const uint8_t g4[4] = { 224, 0, 0, 18 };
	static const uint8_t g6[16] = { 0xff, 0x02, [15] = 0x12 };

	return family == AF_INET ? addr_from(AF_INET, g4)
				 : addr_from(AF_INET6, g6);
}

enum vrrp_fault vrrp_peel4(struct vrrp_ip *ip, const uint8_t *buf, size_t size,
	const uint8_t **payload, size_t *len)
{
	struct rd r = rd_init(buf, size);
	uint8_t vhl = rd_u8(&r);
	size_t hlen = (size_t)(vhl & 15) * 4, total;
	const uint8_t *src, *dst;

	rd_u8(&r);
	total = rd_be16(&r);
	rd_be32(&r);
	ip->ttl = rd_u8(&r);
	rd_bytes(&r, 3);
	src = rd_bytes(&r, 4);
	dst = rd_bytes(&r, 4);
	if (r.bad || vhl >> 4 != 4 || hlen < 20 || total < hlen || total > size)
		return VF_IP_HEADER;
	ip->src = addr_from(AF_INET, src);
	ip->dst = addr_from(AF_INET, dst);
	*payload = buf + hlen;
	*len = total - hlen;
	return VF_OK;
}

/* CARP has the first byte of a VRRPv2 advert; its third is the number of
 * 32-bit words that authenticate it, always 7. */
static bool is_carp(const uint8_t *p, size_t len)
{
	return len == 36 && p[0] == 0x21 && p[3] == 7;
}

static uint32_t sums_that_fit(
	const struct vrrp_ip *ip, const uint8_t *p, size_t len)
{
	uint32_t sum = cksum_add(0, p, len);
	uint32_t fit = 0;

	if (cksum_fold(sum) == 0)
		fit |= VRRP_SUM_PLAIN;
	if (cksum_fold(cksum_pseudo(
		    sum, &ip->src, &ip->dst, VRRP_PROTO, len)) == 0)
		fit |= VRRP_SUM_PSEUDO;
	return fit;
}

/* Version 2 has only the plain sum, version 3 over IPv6 only the other. */
static uint32_t sums_allowed(uint8_t version, int family)
{
	if (version == 2)
		return VRRP_SUM_PLAIN;
	return family == AF_INET6 ? VRRP_SUM_PSEUDO
				  : VRRP_SUM_PLAIN | VRRP_SUM_PSEUDO;
}

static void decode_header(struct vrrp_advert *a, struct rd *r)
{
	uint8_t vt = rd_u8(r);

	a->version = vt >> 4;
	a->type = vt & 15;
	a->vrid = rd_u8(r);
	a->prio = rd_u8(r);
	a->count = rd_u8(r);
	if (a->version == 2) {
		a->auth_type = rd_u8(r);
		a->cs = (uint16_t)(rd_u8(r) * 100);
	} else {
		a->cs = rd_be16(r) & VRRP_CS_MAX; /* 4 reserved bits: ignored */
	}
	rd_be16(r);
}

/* Addresses and, in version 2, what follows them.  The length must be exact;
 * the count is checked against it before an address is looked at. */
static bool decode_body(struct vrrp_advert *a, struct rd *r, size_t asize)
{
	const uint8_t *auth;

	a->vips = rd_bytes(r, a->count * asize);
	if (a->version == 2 && (auth = rd_bytes(r, VRRP_AUTH_LEN)) != NULL)
		memcpy(a->auth, auth, VRRP_AUTH_LEN);
	return !r->bad && r->left == 0;
}

uint32_t vrrp_decode_tailed(struct vrrp_advert *a, const struct vrrp_ip *ip,
	const uint8_t *payload, size_t len, size_t tail)
{
	struct rd r = rd_init(payload, len);
	uint32_t faults = 0;

	*a = (struct vrrp_advert){ 0 };
	if (len < VRRP_HDR_LEN)
		return VRRP_BIT(SHORT);
	if (is_carp(payload, len))
		return VRRP_BIT(CARP);
	decode_header(a, &r);
	if (a->version != 2 && a->version != 3)
		return VRRP_BIT(VERSION);
	if (a->type != VRRP_ADVERT)
		faults |= VRRP_BIT(TYPE);
	if (a->version == 3 && a->count == 0)
		faults |= VRRP_BIT(COUNT);
	if (a->version == 3 && a->cs == 0)
		faults |= VRRP_BIT(INTERVAL_ZERO);
	if (!decode_body(a, &r, addr_size(&ip->src)))
		faults |= VRRP_BIT(LENGTH);
	if (ip->src.family == AF_INET6)
		len += tail;
	a->sums = sums_that_fit(ip, payload, len) &
		  sums_allowed(a->version, ip->src.family);
	return a->sums ? faults : faults | VRRP_BIT(CHECKSUM);
}

uint32_t vrrp_decode(struct vrrp_advert *a, const struct vrrp_ip *ip,
	const uint8_t *payload, size_t len)
{
	return vrrp_decode_tailed(a, ip, payload, len, 0);
}

/* In constant time, so that a password cannot be guessed byte by byte. */
static bool same_secret(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint8_t diff = 0;

	for (size_t i = 0; i < n; i++)
		diff |= a[i] ^ b[i];
	return diff == 0;
}

static bool has_vip(
	const struct vrrp_advert *a, const struct addr *vip, size_t asize)
{
	for (size_t i = 0; i < a->count; i++)
		if (memcmp(a->vips + i * asize, vip->b, asize) == 0)
			return true;
	return false;
}

/* As sets: peers list the same addresses in any order.  Ours are distinct,
 * those in a packet need not be: so ours are looked for in the packet. */
static bool same_vips(
	const struct vrrp_local *me, const struct vrrp_advert *a, size_t asize)
{
	if (a->count != me->nvips || !a->vips)
		return false;
	for (size_t i = 0; i < me->nvips; i++)
		if (!has_vip(a, &me->vips[i].addr, asize))
			return false;
	return true;
}

static bool is_peer(const struct vrrp_local *me, const struct addr *src)
{
	for (size_t i = 0; i < me->npeers; i++)
		if (addr_equal(&me->peers[i], src))
			return true;
	return me->npeers == 0;
}

static bool is_allowed(const struct vrrp_local *me, const struct addr *src)
{
	for (size_t i = 0; i < me->nallow; i++)
		if (prefix_has(&me->allow[i], src))
			return true;
	return me->nallow == 0;
}

static uint32_t judge_sender(
	const struct vrrp_local *me, const struct vrrp_ip *ip)
{
	uint32_t faults = 0;

	if (ip->ttl < me->min_ttl)
		faults |= VRRP_BIT(TTL);
	if (me->dst.family && !addr_equal(&ip->dst, &me->dst))
		faults |= VRRP_BIT(DESTINATION);
	if (me->me.family && addr_equal(&ip->src, &me->me))
		faults |= VRRP_BIT(OWN_SOURCE);
	if (!is_peer(me, &ip->src) || !is_allowed(me, &ip->src))
		faults |= VRRP_BIT(NOT_PEER);
	return faults;
}

static uint32_t judge_v2(
	const struct vrrp_local *me, const struct vrrp_advert *a)
{
	uint32_t faults = 0;

	if (a->auth_type != me->auth_type)
		faults |= VRRP_BIT(AUTH_TYPE);
	if (me->auth_type == VRRP_AUTH_PASS &&
		!same_secret(a->auth, me->auth, VRRP_AUTH_LEN))
		faults |= VRRP_BIT(AUTH_DATA);
	if (me->prio == VRRP_PRIO_OWNER)
		faults |= VRRP_BIT(OWNER);
	if (a->cs != me->cs)
		faults |= VRRP_BIT(INTERVAL);
	return faults;
}

static uint32_t judge_v3(const struct vrrp_local *me, const struct vrrp_ip *ip,
	const struct vrrp_advert *a)
{
	struct addr first = { 0 };
	uint32_t faults = 0;

	if (a->vips && a->count)
		first = addr_from(ip->src.family, a->vips);
	if (a->cs != me->cs)
		faults |= VRRP_BIT(INTERVAL_DIFFERS);
	if (a->cs > me->cs_max)
		faults |= VRRP_BIT(INTERVAL_CAPPED);
	if (first.family == AF_INET6 && !addr_is_linklocal6(&first))
		faults |= VRRP_BIT(NOT_LINKLOCAL);
	if (me->prio == VRRP_PRIO_OWNER && a->prio == VRRP_PRIO_OWNER)
		faults |= VRRP_BIT(TWO_OWNERS);
	return faults;
}

uint32_t vrrp_judge(const struct vrrp_local *me, const struct vrrp_ip *ip,
	const struct vrrp_advert *a)
{
	uint32_t faults = judge_sender(me, ip);

	if (a->version != me->version)
		return faults | VRRP_BIT(VERSION);
	if (a->vrid != me->vrid)
		faults |= VRRP_BIT(VRID);
	faults |= a->version == 2 ? judge_v2(me, a) : judge_v3(me, ip, a);
	if (!same_vips(me, a, addr_size(&ip->src)))
		faults |= VRRP_BIT(ADDRESSES);
	return faults;
}

static uint16_t sum_of(const struct vrrp_out *o, const void *msg, size_t len)
{
	uint32_t sum = cksum_add(0, msg, len);

	if (o->version == 3 &&
		(o->src.family == AF_INET6 || o->sum == VRRP_SUM_PSEUDO))
		sum = cksum_pseudo(sum, &o->src, &o->dst, VRRP_PROTO, len);
	return cksum_fold(sum);
}

size_t vrrp_encode(void *buf, size_t size, const struct vrrp_out *o)
{
	struct wr w = wr_init(buf, size), sum;

	wr_u8(&w, (uint8_t)(o->version << 4 | VRRP_ADVERT));
	wr_u8(&w, o->vrid);
	wr_u8(&w, o->prio);
	wr_u8(&w, (uint8_t)o->nvips);
	if (o->version == 2)
		wr_be16(&w, (uint16_t)(o->auth_type << 8 | o->cs / 100));
	else
		wr_be16(&w, o->cs & VRRP_CS_MAX);
	wr_be16(&w, 0);
	for (size_t i = 0; i < o->nvips; i++)
		wr_bytes(&w, o->vips[i].addr.b, addr_size(&o->vips[i].addr));
	if (o->version == 2)
		wr_bytes(&w, o->auth, VRRP_AUTH_LEN);
	if (w.bad || o->nvips > VRRP_VIPS_MAX)
		return 0;
	sum = wr_init((uint8_t *)buf + 6, 2);
	wr_be16(&sum, sum_of(o, buf, w.len));
	return w.len;
}
