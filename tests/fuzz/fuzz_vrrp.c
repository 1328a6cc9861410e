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

/* A checksum of ffff is one of 0000, which is what we write. */
static bool same(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t head[VRRP_HDR_LEN];

	memcpy(head, b, sizeof head);
	if (head[6] == 0xff && head[7] == 0xff)
		memset(head + 6, 0, 2);
	return memcmp(a, head, sizeof head) == 0 &&
	       memcmp(a + sizeof head, b + sizeof head, len - sizeof head) == 0;
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
		CLAIM(n == len && same(buf, msg, n));
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
