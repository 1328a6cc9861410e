#include <string.h>

#include "cksum.h"
#include "cur.h"
#include "layers.h"

#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8
#define ETHERTYPE_9100 0x9100 /* QinQ before it was a standard */
#define ETHERTYPE_MIN  0x0600 /* below it is a length */

#define V4_HLEN 20
#define AH_HLEN 12

static const struct {
	int number;
	enum link_type type;
} numbers[] = {
	{ 1, LINK_ETHER },
	{ 113, LINK_SLL },
	{ 276, LINK_SLL2 },
	{ 12, LINK_RAW },  /* DLT_RAW */
	{ 14, LINK_RAW },  /* DLT_RAW of OpenBSD */
	{ 101, LINK_RAW }, /* LINKTYPE_RAW */
	{ 228, LINK_RAW }, /* IPv4 alone */
	{ 229, LINK_RAW }, /* IPv6 alone */
	{ 0, LINK_NULL },
	{ 108, LINK_LOOP },
};

static const char *const link_str[] = {
	[LINK_ETHER] = "ethernet",
	[LINK_SLL] = "cooked",
	[LINK_SLL2] = "cooked2",
	[LINK_RAW] = "ip",
	[LINK_NULL] = "null",
	[LINK_LOOP] = "loopback",
};

_Static_assert(sizeof link_str / sizeof *link_str == LINK_N, "all have names");

bool link_type_of(int number, enum link_type *t)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		if (numbers[i].number != number)
			continue;
		*t = numbers[i].type;
		return true;
	}
	return false;
}

const char *link_type_str(enum link_type t)
{
	return t < LINK_N ? link_str[t] : "unknown";
}

/* What is being peeled: the rest of the capture, and how many bytes of the
 * packet lie beyond it. */
struct peel {
	struct layers *l;
	struct rd r;
	size_t beyond;
	const uint8_t *start;
};

/* The end of the capture came before the end of what is read: cut when the
 * packet had more, else the packet itself is too short. */
static void ended(struct peel *p, enum layer_fault f)
{
	p->l->faults |= p->beyond ? LF_BIT(CUT) : 1u << f;
}

static void set_payload(struct peel *p, size_t len)
{
	struct layers *l = p->l;

	l->payload = p->r.p;
	l->len = len;
	l->cap = p->r.left < len ? p->r.left : len;
	if (l->cap < len)
		l->faults |= LF_BIT(CUT);
}

/* ---- AH (RFC 4302): next, length in words less 2, reserved, SPI, sequence
 * number, check value.  Returns false when nothing can follow. */
static bool take_ah(struct peel *p, uint8_t *next, size_t *len)
{
	struct layers *l = p->l;
	uint8_t nx = rd_u8(&p->r), words = rd_u8(&p->r);
	size_t size = (words + 2u) * 4;

	rd_be16(&p->r);
	l->spi = rd_be32(&p->r);
	l->seq = rd_be32(&p->r);
	if (p->r.bad) {
		ended(p, LF_AH);
		return false;
	}
	l->ah = true;
	l->ah_len = words;
	if (size < AH_HLEN || size > *len) {
		l->faults |= LF_BIT(AH);
		return false;
	}
	l->icv_len = size - AH_HLEN;
	l->icv = rd_bytes(&p->r, l->icv_len);
	if (!l->icv) {
		l->icv_len = 0;
		ended(p, LF_AH);
		return false;
	}
	*next = nx;
	*len -= size;
	return true;
}

static bool is_ext(uint8_t proto)
{
	return proto == PROTO_HOPOPT || proto == PROTO_ROUTE ||
	       proto == PROTO_FRAG || proto == PROTO_DSTOPT ||
	       proto == PROTO_AH;
}

static bool take_frag6(struct peel *p, uint8_t *next, size_t *len)
{
	struct layers *l = p->l;
	uint8_t nx = rd_u8(&p->r);
	uint16_t off;

	rd_u8(&p->r);
	off = rd_be16(&p->r);
	l->id = rd_be32(&p->r);
	if (p->r.bad || *len < 8) {
		ended(p, LF_EXT);
		return false;
	}
	l->frag = off & 0xfff8;
	l->mf = off & 1;
	if (l->frag || l->mf)
		l->faults |= LF_BIT(FRAG);
	*next = nx;
	*len -= 8;
	return true;
}

static bool take_options6(struct peel *p, uint8_t *next, size_t *len)
{
	uint8_t nx = rd_u8(&p->r);
	size_t size = (rd_u8(&p->r) + 1u) * 8;

	if (p->r.bad || !rd_bytes(&p->r, size - 2)) {
		ended(p, LF_EXT);
		return false;
	}
	if (size > *len) {
		p->l->faults |= LF_BIT(EXT);
		return false;
	}
	*next = nx;
	*len -= size;
	return true;
}

static bool take_ext(struct peel *p, uint8_t *next, size_t *len)
{
	struct layers *l = p->l;

	if (l->nexts == LAYERS_EXTS) {
		l->faults |= LF_BIT(EXT);
		return false;
	}
	l->ext[l->nexts++] = *next;
	if (*next == PROTO_AH)
		return take_ah(p, next, len);
	l->faults |= LF_BIT(EXTS);
	if (*next == PROTO_FRAG)
		return take_frag6(p, next, len);
	return take_options6(p, next, len);
}

/* Past the headers of IP: what it carries, `len` bytes of it. */
static void peel_payload(struct peel *p, uint8_t next, size_t len)
{
	struct layers *l = p->l;

	while (is_ext(next) && (l->family == AF_INET6 || next == PROTO_AH)) {
		if (l->frag)
			break; /* what follows is no header */
		if (!take_ext(p, &next, &len))
			return;
	}
	l->proto = next;
	l->proto_known = true;
	set_payload(p, len);
}

/* ---- IPv4 (RFC 791) */

static void peel4_fields(struct peel *p)
{
	struct layers *l = p->l;
	const uint8_t *src, *dst;
	uint16_t frag;

	l->tos = rd_u8(&p->r);
	l->ip_len = rd_be16(&p->r);
	l->id = rd_be16(&p->r);
	frag = rd_be16(&p->r);
	l->frag = (uint16_t)((frag & 0x1fff) * 8);
	l->df = frag & 0x4000;
	l->mf = frag & 0x2000;
	l->ip.ttl = rd_u8(&p->r);
	l->proto = rd_u8(&p->r);
	l->proto_known = !p->r.bad;
	l->ip_sum = rd_be16(&p->r);
	src = rd_bytes(&p->r, 4);
	dst = rd_bytes(&p->r, 4);
	if (p->r.bad)
		return;
	l->ip.src = addr_from(AF_INET, src);
	l->ip.dst = addr_from(AF_INET, dst);
}

/* Is there room for header and total length?  Else what is wrong is said. */
static bool fits4(struct peel *p, const uint8_t *head, size_t size)
{
	struct layers *l = p->l;
	size_t hlen = l->hlen * 4u;

	if (hlen < V4_HLEN) {
		l->faults |= LF_BIT(HLEN);
		return false;
	}
	if (hlen > V4_HLEN) {
		l->faults |= LF_BIT(OPTIONS);
		if (!rd_bytes(&p->r, hlen - V4_HLEN)) {
			ended(p, LF_LENGTH);
			return false;
		}
	}
	if (cksum_fold(cksum_add(0, head, hlen)) != 0)
		l->faults |= LF_BIT(SUM);
	if (l->ip_len < hlen || l->ip_len > size) {
		l->faults |= LF_BIT(LENGTH);
		return false;
	}
	return true;
}

static void peel4(struct peel *p)
{
	struct layers *l = p->l;
	const uint8_t *head = p->r.p;
	size_t size = p->r.left + p->beyond;

	l->family = AF_INET;
	l->hlen = rd_u8(&p->r) & 15;
	peel4_fields(p);
	if (p->r.bad) {
		ended(p, LF_LENGTH);
		return;
	}
	if (l->frag || l->mf)
		l->faults |= LF_BIT(FRAG);
	if (fits4(p, head, size))
		peel_payload(p, l->proto, l->ip_len - l->hlen * 4u);
}

/* ---- IPv6 (RFC 8200) */

static void peel6(struct peel *p)
{
	struct layers *l = p->l;
	uint32_t head = rd_be32(&p->r);
	const uint8_t *src, *dst;
	uint8_t next;

	l->family = AF_INET6;
	l->tos = (uint8_t)(head >> 20);
	l->flow = head & 0xfffff;
	l->ip_len = rd_be16(&p->r);
	next = l->proto = rd_u8(&p->r);
	l->proto_known = !p->r.bad;
	l->ip.ttl = rd_u8(&p->r);
	src = rd_bytes(&p->r, 16);
	dst = rd_bytes(&p->r, 16);
	if (p->r.bad) {
		ended(p, LF_LENGTH);
		return;
	}
	l->ip.src = addr_from(AF_INET6, src);
	l->ip.dst = addr_from(AF_INET6, dst);
	if (l->ip_len > p->r.left + p->beyond)
		l->faults |= LF_BIT(LENGTH);
	else
		peel_payload(p, next, l->ip_len);
}

/* ---- Links */

static void peel_ip(struct peel *p, int version)
{
	p->l->net = (size_t)(p->r.p - p->start);
	if (!p->r.left) {
		ended(p, LF_LENGTH);
		return;
	}
	if (p->r.p[0] >> 4 != version)
		p->l->faults |= LF_BIT(VERSION);
	if (version == 4)
		peel4(p);
	else
		peel6(p);
}

static void peel_arp(struct peel *p)
{
	p->l->net = (size_t)(p->r.p - p->start);
	set_payload(p, p->r.left + p->beyond);
}

static void peel_type(struct peel *p, uint16_t type)
{
	struct layers *l = p->l;

	while (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ ||
		type == ETHERTYPE_9100) {
		uint16_t tag = rd_be16(&p->r);

		type = rd_be16(&p->r);
		if (p->r.bad || l->nvlans == LAYERS_VLANS) {
			ended(p, LF_LINK);
			return;
		}
		l->vlan[l->nvlans++] = tag;
	}
	l->ethertype = type;
	if (type == ETHERTYPE_V4)
		peel_ip(p, 4);
	else if (type == ETHERTYPE_V6)
		peel_ip(p, 6);
	else if (type == ETHERTYPE_ARP)
		peel_arp(p);
}

static void copy_mac(uint8_t *mac, bool *has, const uint8_t *from)
{
	*has = from != NULL;
	if (from)
		memcpy(mac, from, MAC_LEN);
}

static void peel_ether(struct peel *p)
{
	struct layers *l = p->l;
	uint16_t type;

	copy_mac(l->dst_mac, &l->has_dst_mac, rd_bytes(&p->r, MAC_LEN));
	copy_mac(l->src_mac, &l->has_src_mac, rd_bytes(&p->r, MAC_LEN));
	type = rd_be16(&p->r);
	if (p->r.bad)
		ended(p, LF_LINK);
	else if (type >= ETHERTYPE_MIN)
		peel_type(p, type);
}

/* The sender's address has room for 8 bytes, whatever its length is. */
static void cooked_mac(struct peel *p, unsigned halen)
{
	const uint8_t *mac = rd_bytes(&p->r, 8);

	if (mac && halen == MAC_LEN)
		copy_mac(p->l->src_mac, &p->l->has_src_mac, mac);
}

static void peel_sll(struct peel *p)
{
	uint16_t type;

	p->l->direction = (uint8_t)rd_be16(&p->r);
	rd_be16(&p->r);
	cooked_mac(p, rd_be16(&p->r));
	type = rd_be16(&p->r);
	if (p->r.bad)
		ended(p, LF_LINK);
	else
		peel_type(p, type);
}

static void peel_sll2(struct peel *p)
{
	uint16_t type = rd_be16(&p->r);

	rd_be16(&p->r);
	p->l->ifindex = rd_be32(&p->r);
	rd_be16(&p->r);
	p->l->direction = rd_u8(&p->r);
	cooked_mac(p, rd_u8(&p->r));
	if (p->r.bad)
		ended(p, LF_LINK);
	else
		peel_type(p, type);
}

static void peel_raw(struct peel *p)
{
	if (!p->r.left)
		ended(p, LF_LINK);
	else if (p->r.p[0] >> 4 == 4 || p->r.p[0] >> 4 == 6)
		peel_ip(p, p->r.p[0] >> 4);
	else
		p->l->faults |= LF_BIT(VERSION);
}

/* The number of AF_INET is 2 everywhere, that of AF_INET6 differs. */
static void peel_null(struct peel *p, bool host_order)
{
	uint32_t af = rd_be32(&p->r);

	if (p->r.bad) {
		ended(p, LF_LINK);
		return;
	}
	if (host_order && af > 0xffff)
		af = __builtin_bswap32(af);
	if (af == 2)
		peel_ip(p, 4);
	else if (af == 10 || af == 24 || af == 28 || af == 30)
		peel_ip(p, 6);
}

void layers_peel(struct layers *l, enum link_type t, const uint8_t *data,
	size_t cap, size_t wire)
{
	struct peel p = { .l = l, .r = rd_init(data, cap), .start = data };

	memset(l, 0, sizeof *l);
	l->link = t;
	if (cap < wire) {
		p.beyond = wire - cap;
		l->faults |= LF_BIT(CUT);
	}
	switch (t) {
	case LINK_ETHER:
		peel_ether(&p);
		break;
	case LINK_SLL:
		peel_sll(&p);
		break;
	case LINK_SLL2:
		peel_sll2(&p);
		break;
	case LINK_RAW:
		peel_raw(&p);
		break;
	default:
		peel_null(&p, t == LINK_NULL);
	}
}
