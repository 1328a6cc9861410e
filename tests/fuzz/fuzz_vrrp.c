/* A VRRP message as the IP layer hands it up: a byte for family and checksum,
 * TTL, source and destination, then the message. */
#include "cur.h"
#include "fuzz.h"
#include "vrrp.h"

static struct addr take_addr(struct rd *r, int family)
{
	const uint8_t *b = rd_bytes(r, family == AF_INET ? 4 : 16);

	return b ? addr_from(family, b) : (struct addr){ 0 };
}

static size_t take_vips(struct prefix vips[VRRP_VIPS_MAX],
	const struct vrrp_advert *a, int family)
{
	size_t size = family == AF_INET ? 4 : 16;

	for (size_t i = 0; i < a->count; i++)
		vips[i] =
			(struct prefix){ addr_from(family, a->vips + i * size),
				(uint8_t)(size * 8), false };
	return a->count;
}

/* What is without a fault is what our encoder makes of its fields (but for
 * the reserved bits and, in version 2, what lies behind). */
static void encode_again(const struct vrrp_advert *a, const struct vrrp_ip *ip,
	const uint8_t *msg, size_t len)
{
	static struct prefix vips[VRRP_VIPS_MAX];
	static uint8_t buf[VRRP_LEN_MAX + VRRP_AUTH_LEN];
	struct vrrp_out o = { .version = a->version,
		.vrid = a->vrid,
		.prio = a->prio,
		.auth_type = a->auth_type,
		.cs = a->cs,
		.sum = a->sums & VRRP_SUM_PSEUDO ? VRRP_SUM_PSEUDO
						 : VRRP_SUM_PLAIN,
		.src = ip->src,
		.dst = ip->dst,
		.vips = vips };
	size_t n;

	memcpy(o.auth, a->auth, sizeof o.auth);
	o.nvips = take_vips(vips, a, ip->src.family);
	n = vrrp_encode(buf, sizeof buf, &o);
	if (a->version == 3 && !(msg[4] & 0xf0))
		CLAIM(n == len && memcmp(buf, msg, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	int family = rd_u8(&r) & 1 ? AF_INET6 : AF_INET;
	struct vrrp_ip ip = { .ttl = rd_u8(&r) };
	struct vrrp_advert a;
	struct vrrp_local me = { .version = 3, .vrid = 51, .min_ttl = 255 };
	uint32_t faults;
	uint8_t *msg;

	ip.src = take_addr(&r, family);
	ip.dst = take_addr(&r, family);
	if (r.bad)
		return 0;
	msg = fuzz_exact(r.p, r.left);
	faults = vrrp_decode(&a, &ip, msg, r.left);
	me.dst = ip.dst;
	CLAIM(vrrp_refusal(faults) < VF_N);
	if (faults & VRRP_BIT(SHORT))
		CLAIM(vrrp_refusal(faults) != VF_OK);
	else
		vrrp_judge(&me, &ip, &a);
	if (!(faults & ~VRRP_NOTICES & ~VRRP_BIT(TTL)))
		encode_again(&a, &ip, msg, r.left);
	free(msg);
	return 0;
}
