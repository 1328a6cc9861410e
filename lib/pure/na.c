#include <string.h>

#include "cksum.h"
#include "cur.h"
#include "na.h"

#define ETHERTYPE_IPV6 0x86dd
#define ICMPV6	       58
#define HOP_LIMIT      255
#define OPT_TARGET     2
#define HEADERS	       (14 + 40)

static const struct addr all_nodes = { AF_INET6, { 0xff, 2, [15] = 1 } };
static const struct addr unspecified = { .family = AF_INET6 };

static struct addr solicited_node(const struct addr *ip)
{
	struct addr a = { AF_INET6, { 0xff, 2, [11] = 1, [12] = 0xff } };

	memcpy(a.b + 13, ip->b + 13, 3);
	return a;
}

static void group_mac(uint8_t mac[MAC_LEN], const struct addr *group)
{
	mac[0] = mac[1] = 0x33;
	memcpy(mac + 2, group->b + 12, 4);
}

void na_solicited_mac(uint8_t group[MAC_LEN], const struct addr *ip)
{
	struct addr a = solicited_node(ip);

	group_mac(group, &a);
}

/* Ethernet and IPv6 headers in front of an ICMPv6 message of msg->len. */
static void wrap(struct frame *f, const struct wr *msg, const uint8_t *mac,
	const struct addr *src, const struct addr *dst)
{
	uint8_t *icmp = f->b + HEADERS, to[MAC_LEN];
	struct wr w = wr_init(f->b, HEADERS);
	uint16_t sum;

	group_mac(to, dst);
	wr_bytes(&w, to, MAC_LEN);
	wr_bytes(&w, mac, MAC_LEN);
	wr_be16(&w, ETHERTYPE_IPV6);
	wr_be32(&w, 0x60000000);
	wr_be16(&w, (uint16_t)msg->len);
	wr_u8(&w, ICMPV6);
	wr_u8(&w, HOP_LIMIT);
	wr_bytes(&w, src->b, 16);
	wr_bytes(&w, dst->b, 16);
	sum = cksum_fold(cksum_pseudo(
		cksum_add(0, icmp, msg->len), src, dst, ICMPV6, msg->len));
	icmp[2] = (uint8_t)(sum >> 8);
	icmp[3] = (uint8_t)sum;
	f->len = (uint8_t)(HEADERS + msg->len);
}

static struct wr message(struct frame *f, uint8_t type, uint32_t flags,
	const struct addr *target)
{
	struct wr w = wr_init(f->b + HEADERS, sizeof f->b - HEADERS);

	wr_u8(&w, type);
	wr_zero(&w, 3); /* code, checksum */
	wr_be32(&w, flags);
	wr_bytes(&w, target->b, 16);
	return w;
}

void na_announce(struct frame *f, const struct addr *ip,
	const uint8_t mac[MAC_LEN], bool router)
{
	uint32_t flags = NA_OVERRIDE | (router ? NA_ROUTER : 0);
	struct wr w = message(f, ND_ADVERTISE, flags, ip);

	wr_u8(&w, OPT_TARGET);
	wr_u8(&w, 1); /* in units of 8 bytes */
	wr_bytes(&w, mac, MAC_LEN);
	wrap(f, &w, mac, ip, &all_nodes);
}

void na_probe(
	struct frame *f, const struct addr *ip, const uint8_t mac[MAC_LEN])
{
	struct wr w = message(f, ND_SOLICIT, 0, ip);
	struct addr group = solicited_node(ip);

	wrap(f, &w, mac, &unspecified, &group);
}

/* False when an option has no length. */
static bool take_options(struct nd *n, struct rd r)
{
	while (r.left) {
		uint8_t type = rd_u8(&r), units = rd_u8(&r);
		const uint8_t *p;

		if (!units)
			return false;
		p = rd_bytes(&r, units * 8u - 2);
		if (!p || type != OPT_TARGET || n->type != ND_ADVERTISE)
			continue;
		memcpy(n->mac, p, MAC_LEN);
		n->has_mac = true;
	}
	return !r.bad;
}

bool nd_decode_icmp(
	struct nd *n, const struct addr *dst, const uint8_t *p, size_t len)
{
	struct rd r = rd_init(p, len);
	const uint8_t *target;
	uint8_t code;

	n->type = rd_u8(&r);
	code = rd_u8(&r);
	rd_be16(&r); /* checksum */
	n->flags = rd_be32(&r);
	n->has_mac = false;
	target = rd_bytes(&r, 16);
	if (!target || code ||
		(n->type != ND_SOLICIT && n->type != ND_ADVERTISE) ||
		cksum_fold(cksum_pseudo(
			cksum_add(0, p, len), &n->src, dst, ICMPV6, len)))
		return false;
	n->target = addr_from(AF_INET6, target);
	return !addr_is_multicast(&n->target) && take_options(n, r);
}

bool nd_decode(struct nd *n, const void *frame, size_t len)
{
	struct rd r = rd_init(frame, len);
	const uint8_t *mac, *src, *dst, *icmp;
	uint16_t type, size, proto_hops;
	struct addr to;

	rd_bytes(&r, MAC_LEN);
	mac = rd_bytes(&r, MAC_LEN);
	type = rd_be16(&r);
	rd_be32(&r);
	size = rd_be16(&r);
	proto_hops = rd_be16(&r);
	src = rd_bytes(&r, 16);
	dst = rd_bytes(&r, 16);
	icmp = rd_bytes(&r, size);
	if (!icmp || type != ETHERTYPE_IPV6 ||
		proto_hops != (ICMPV6 << 8 | HOP_LIMIT))
		return false;
	memcpy(n->mac, mac, MAC_LEN);
	n->src = addr_from(AF_INET6, src);
	to = addr_from(AF_INET6, dst);
	return nd_decode_icmp(n, &to, icmp, size);
}

bool nd_conflicts(
	const struct nd *n, const struct addr *ip, const uint8_t mac[MAC_LEN])
{
	if (memcmp(n->mac, mac, MAC_LEN) == 0)
		return false;
	if (n->type == ND_ADVERTISE)
		return addr_equal(&n->target, ip);
	return addr_equal(&n->src, ip) ||
	       (addr_is_unspecified(&n->src) && addr_equal(&n->target, ip));
}
