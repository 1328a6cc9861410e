#include <string.h>

#include "cksum.h"
#include "cur.h"
#include "dissect.h"

#define CARP_LEN    36
#define MD5_LEN	    16
#define HMAC_SHA256 1
#define ND_HOPS	    255

static const char *const fault_str[] = {
#define X(name, word) [DF_##name] = word,
	DIS_FAULTS(X)
#undef X
};

static const char *const kind_str[] = {
	[DIS_OTHER] = "other",
	[DIS_UNREADABLE] = "unreadable",
	[DIS_VRRP] = "vrrp",
	[DIS_CARP] = "carp",
	[DIS_FRAGMENT] = "fragment",
	[DIS_ARP] = "garp",
	[DIS_NA] = "na",
};

static const char *const sum_str[] = {
	[SUM_UNKNOWN] = "unknown",
	[SUM_NONE] = "none",
	[SUM_PLAIN] = "message-only",
	[SUM_PSEUDO] = "pseudo-header",
	[SUM_BOTH] = "both",
	[SUM_GROUP] = "pseudo-header-of-group",
};

static const char *const auth_str[] = {
	[DAUTH_NONE] = "none",
	[DAUTH_PASS] = "simple",
	[DAUTH_AH] = "ah",
	[DAUTH_MD5] = "md5",
	[DAUTH_HMAC] = "hmac",
	[DAUTH_OTHER] = "unknown",
};

_Static_assert(VF_N <= 32 && DF_N <= 32, "a set of faults is an uint64_t");
_Static_assert(DF_CUT == 0 && DF_AH == (int)LF_AH && LF_N == DF_AH + 1,
	"faults of layers keep their order");
_Static_assert(sizeof kind_str / sizeof *kind_str == DIS_N, "all have names");
_Static_assert(sizeof sum_str / sizeof *sum_str == SUM_N, "all have names");

const char *dis_kind_str(enum dis_kind k)
{
	return kind_str[k];
}

const char *dis_sum_str(enum dis_sum s)
{
	return sum_str[s];
}

const char *dis_auth_str(enum dis_auth a)
{
	return auth_str[a];
}

const char *dis_fault_str(int fault)
{
	return fault < 32 ? vrrp_fault_str((enum vrrp_fault)fault)
			  : fault_str[fault - 32];
}

int dis_fault_next(uint64_t *faults)
{
	int bit;

	if (!*faults)
		return -1;
	bit = __builtin_ctzll(*faults);
	*faults &= *faults - 1;
	return bit;
}

/* 00:00:5e:00:01:VRID, of IPv6 00:00:5e:00:02:VRID (9568 7.3). */
uint8_t vmac_vrid(const uint8_t mac[MAC_LEN], int family)
{
	const uint8_t v[] = { 0, 0, 0x5e, 0, family == AF_INET6 ? 2 : 1 };

	return memcmp(mac, v, sizeof v) == 0 ? mac[5] : 0;
}

/* ---- Checksums: what fits, and what should be there instead */

static uint16_t sum_without(const struct dissect *d, const uint8_t *p,
	size_t len, const struct addr *dst)
{
	uint32_t sum = cksum_add(0, p, len);

	sum += 0xffffu - d->sum; /* takes the field itself out again */
	if (dst)
		sum = cksum_pseudo(sum, &d->l.ip.src, dst, VRRP_PROTO, len);
	return cksum_fold(sum);
}

static bool same_sum(uint16_t a, uint16_t b)
{
	return a == b || (a % 0xffff == 0 && b % 0xffff == 0);
}

static enum dis_sum which_sum(struct dissect *d, const uint8_t *p, size_t len)
{
	struct addr group = vrrp_group(d->l.family);
	bool plain, pseudo;

	d->sum_plain = sum_without(d, p, len, NULL);
	d->sum_pseudo = sum_without(d, p, len, &d->l.ip.dst);
	plain = same_sum(d->sum_plain, d->sum);
	pseudo = same_sum(d->sum_pseudo, d->sum);
	if (plain && pseudo)
		return SUM_BOTH;
	if (plain || pseudo)
		return plain ? SUM_PLAIN : SUM_PSEUDO;
	if (!addr_is_multicast(&d->l.ip.dst) &&
		same_sum(sum_without(d, p, len, &group), d->sum))
		return SUM_GROUP;
	return SUM_NONE;
}

/* ---- The message */

static void take_hmac(struct dissect *d, const uint8_t *p)
{
	struct rd r = rd_init(p, HMAC_LEN);
	uint8_t type = rd_u8(&r);

	d->hmac.key_id = rd_u8(&r);
	if (type != HMAC_SHA256 || rd_be16(&r) != 0)
		d->faults |= DIS_DF(HMAC);
	d->hmac.sec = rd_be32(&r);
	d->hmac.frac = rd_be16(&r);
	d->hmac.counter = rd_be16(&r);
	d->hmac.tag = r.p;
	d->auth = DAUTH_HMAC;
}

static size_t exact_len(const struct dissect *d)
{
	return VRRP_HDR_LEN + d->a.count * d->asize +
	       (d->a.version == 2 ? VRRP_AUTH_LEN : 0);
}

/* The trailer is known by the length, and by its first byte. */
static bool has_hmac(const struct dissect *d, const uint8_t *p, size_t len)
{
	return d->decoded && len == exact_len(d) + HMAC_LEN &&
	       p[len - HMAC_LEN] == HMAC_SHA256 &&
	       (d->a.version == 2 || d->a.version == 3);
}

/* Cisco's own: 16 bytes of MD5 follow, behind or in place of the 8. */
static bool has_md5(const struct dissect *d, size_t len)
{
	size_t n = VRRP_HDR_LEN + d->a.count * d->asize;

	return d->decoded && d->a.version == 2 &&
	       d->a.auth_type == AUTH_TYPE_MD5 &&
	       (len == n + MD5_LEN || len == n + VRRP_AUTH_LEN + MD5_LEN);
}

static void decode_carp(struct dissect *d, const uint8_t *p, size_t cap)
{
	struct rd r = rd_init(p, cap);

	d->kind = DIS_CARP;
	rd_u8(&r);
	d->carp.vhid = rd_u8(&r);
	d->carp.advskew = rd_u8(&r);
	d->carp.authlen = rd_u8(&r);
	d->carp.demote = rd_u8(&r);
	d->carp.advbase = rd_u8(&r);
	rd_be16(&r);
	d->carp.counter = (uint64_t)rd_be32(&r) << 32;
	d->carp.counter |= rd_be32(&r);
}

static bool is_carp(const uint8_t *p, size_t cap, size_t len)
{
	return len == CARP_LEN && cap >= 4 && p[0] == 0x21 && p[3] == 7;
}

/* Over IPv6 the checksum is that of message and trailer. */
static uint64_t decode_hmac(struct dissect *d, const uint8_t *p, size_t len)
{
	size_t n = len - HMAC_LEN;
	uint64_t faults = vrrp_decode(&d->a, &d->l.ip, p, n);
	struct vrrp_advert whole;

	take_hmac(d, p + n);
	if (d->l.family == AF_INET)
		return faults;
	return (faults & ~DIS_VF(CHECKSUM)) |
	       (vrrp_decode(&whole, &d->l.ip, p, len) & DIS_VF(CHECKSUM));
}

static uint64_t decode_whole(struct dissect *d, const uint8_t *p, size_t len)
{
	uint64_t faults = vrrp_decode(&d->a, &d->l.ip, p, len);

	d->decoded = len >= VRRP_HDR_LEN;
	if (has_hmac(d, p, len))
		return decode_hmac(d, p, len);
	return has_md5(d, len) ? faults & ~DIS_VF(LENGTH) : faults;
}

/* Of a message that is cut only the fields count that are there. */
static uint64_t decode_cut(struct dissect *d, const uint8_t *p, size_t cap)
{
	uint64_t faults = vrrp_decode(&d->a, &d->l.ip, p, cap);

	d->decoded = cap >= VRRP_HDR_LEN;
	return faults & ~(DIS_VF(SHORT) | DIS_VF(LENGTH) | DIS_VF(CHECKSUM) |
				DIS_VF(CARP));
}

static void take_addresses(struct dissect *d, const uint8_t *p, size_t cap)
{
	size_t room = (cap - VRRP_HDR_LEN) / d->asize;

	d->a.vips = p + VRRP_HDR_LEN;
	d->shown = d->a.count < room ? d->a.count : (unsigned)room;
}

static void take_auth(struct dissect *d, const uint8_t *p, size_t len)
{
	size_t at = VRRP_HDR_LEN + d->a.count * d->asize;

	if (d->hmac.tag)
		len -= HMAC_LEN;
	if (d->a.version == 2 && at < len) {
		d->auth_data = p + at;
		d->auth_len = len - at;
	}
	if (d->auth == DAUTH_HMAC)
		return;
	d->auth = DAUTH_OTHER;
	if (d->a.auth_type <= VRRP_AUTH_AH)
		d->auth = (enum dis_auth)d->a.auth_type;
	else if (d->a.auth_type == AUTH_TYPE_MD5)
		d->auth = DAUTH_MD5;
}

/* ---- What is wrong */

static bool is_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static bool odd_address(int family, const uint8_t *b)
{
	struct addr a = addr_from(family, b);

	return addr_is_unspecified(&a) || addr_is_multicast(&a) ||
	       addr_is_loopback(&a);
}

/* At most 255 addresses: 32,000 comparisons, and then no more is looked for. */
static void judge_addresses(struct dissect *d)
{
	const uint8_t *v = d->a.vips;

	for (unsigned i = 0; i < d->shown; i++) {
		if (odd_address(d->l.family, v + i * d->asize))
			d->faults |= DIS_DF(ADDRESS);
		for (unsigned k = 0; k < i && !d->twice; k++)
			if (memcmp(v + i * d->asize, v + k * d->asize,
				    d->asize) == 0)
				d->twice = i + 1;
	}
	if (d->twice)
		d->faults |= DIS_DF(TWICE);
	if (d->l.family == AF_INET6 && d->shown) {
		struct addr first = addr_from(AF_INET6, v);

		if (!addr_is_linklocal6(&first))
			d->faults |= DIS_VF(NOT_LINKLOCAL);
	}
}

static void judge_v2(struct dissect *d)
{
	if (d->l.family == AF_INET6)
		d->faults |= DIS_DF(FAMILY);
	if (d->a.cs == 0)
		d->faults |= DIS_VF(INTERVAL_ZERO);
	if (d->auth == DAUTH_OTHER)
		d->faults |= DIS_DF(AUTH_TYPE);
	if ((d->auth == DAUTH_AH) != d->l.ah && d->auth != DAUTH_HMAC)
		d->faults |= DIS_DF(AUTH_AH);
	if (d->auth == DAUTH_NONE && d->auth_len == VRRP_AUTH_LEN &&
		!is_zero(d->auth_data, d->auth_len))
		d->faults |= DIS_DF(AUTH_DATA);
}

/* Does the length fit addresses of the other family? */
static bool other_family(const struct dissect *d)
{
	size_t other = d->asize == 4 ? 16 : 4;

	return d->a.count && d->l.len == VRRP_HDR_LEN + d->a.count * other;
}

static void judge_v3(struct dissect *d)
{
	if (d->reserved)
		d->faults |= DIS_DF(RESERVED);
	if (d->faults & DIS_VF(LENGTH) && other_family(d))
		d->faults |= DIS_DF(FAMILY);
	if (d->l.ah)
		d->faults |= DIS_DF(AUTH_AH);
}

static void judge_dst(struct dissect *d)
{
	const struct addr *dst = &d->l.ip.dst;
	struct addr group = vrrp_group(d->l.family);

	if (d->l.ip.ttl != VRRP_TTL)
		d->faults |= DIS_VF(TTL);
	if (addr_equal(dst, &group))
		return;
	if (addr_is_multicast(dst) || addr_is_unspecified(dst) ||
		(d->l.family == AF_INET && is_zero(dst->b, 1)) ||
		(d->l.family == AF_INET && dst->b[0] >= 240))
		d->faults |= DIS_VF(DESTINATION);
	else
		d->faults |= DIS_DF(UNICAST);
}

/* RFC 9568 5.1.2.1: the link-local address of the interface. */
static void judge_src(struct dissect *d)
{
	const struct addr *src = &d->l.ip.src;

	if (odd_address(d->l.family, src->b) ||
		(d->l.family == AF_INET && src->b[0] >= 240) ||
		(d->l.family == AF_INET6 && !addr_is_linklocal6(src) &&
			!(d->faults & DIS_DF(UNICAST))))
		d->faults |= DIS_DF(SOURCE);
}

static bool group_mac_ok(const struct dissect *d)
{
	const uint8_t *b = d->l.ip.dst.b;
	const uint8_t m4[] = { 1, 0, 0x5e, b[1] & 0x7f, b[2], b[3] };
	const uint8_t m6[] = { 0x33, 0x33, b[12], b[13], b[14], b[15] };

	return memcmp(d->l.dst_mac, d->l.family == AF_INET ? m4 : m6,
		       MAC_LEN) == 0;
}

/* The virtual MAC of a group is right, a real one is usual, the virtual one of
 * another group is wrong (9568 7.3). */
static void judge_macs(struct dissect *d)
{
	int family = d->l.family;
	const uint8_t *mac = d->l.src_mac;

	if (d->l.has_dst_mac && addr_is_multicast(&d->l.ip.dst) &&
		!group_mac_ok(d))
		d->faults |= DIS_DF(GROUP_MAC);
	if (!d->l.has_src_mac || !d->decoded ||
		(d->a.vrid && vmac_vrid(mac, family) == d->a.vrid))
		return;
	if (vmac_vrid(mac, AF_INET) || vmac_vrid(mac, AF_INET6))
		d->faults |= DIS_DF(VMAC);
	else
		d->faults |= DIS_DF(REAL_MAC);
}

static void judge_message(struct dissect *d)
{
	if (d->a.version != 2 && d->a.version != 3)
		return;
	if (!d->a.vrid)
		d->faults |= DIS_DF(VRID_ZERO);
	if (d->a.version == 2)
		judge_v2(d);
	else
		judge_v3(d);
	judge_addresses(d);
}

/* ---- Kinds */

static void dissect_message(struct dissect *d, const uint8_t *p)
{
	bool whole = d->l.cap == d->l.len;

	d->faults |= whole ? decode_whole(d, p, d->l.len)
			   : decode_cut(d, p, d->l.cap);
	if (!d->decoded)
		return;
	d->sum = (uint16_t)(p[6] << 8 | p[7]);
	if (d->a.version != 2 && d->a.version != 3)
		return;
	take_addresses(d, p, d->l.cap);
	if (d->a.version == 2)
		take_auth(d, p, d->l.cap);
	else
		d->reserved = p[4] >> 4;
	if (whole)
		d->form = which_sum(d, p,
			d->hmac.tag && d->l.family == AF_INET
				? d->l.len - HMAC_LEN
				: d->l.len);
}

static void dissect_vrrp(struct dissect *d)
{
	const uint8_t *p = d->l.payload;

	d->kind = DIS_VRRP;
	d->asize = d->l.family == AF_INET ? 4 : 16;
	if (d->l.frag) {
		d->kind = DIS_FRAGMENT;
		return;
	}
	if (p && is_carp(p, d->l.cap, d->l.len)) {
		decode_carp(d, p, d->l.cap);
		return;
	}
	if (p) {
		dissect_message(d, p);
		judge_message(d);
	}
	if (!d->l.ip.src.family)
		return;
	judge_dst(d);
	judge_src(d);
	judge_macs(d);
}

/* Sender and target are the same, and it is no probe. */
static void dissect_arp(struct dissect *d)
{
	struct arp *a = &d->arp;

	if (d->l.cap < 28 && d->l.faults & LF_BIT(CUT))
		d->kind = DIS_UNREADABLE;
	else if (arp_decode_payload(a, d->l.payload, d->l.cap) &&
		 addr_equal(&a->spa, &a->tpa) && !addr_is_unspecified(&a->spa))
		d->kind = DIS_ARP;
}

static void dissect_icmp6(struct dissect *d)
{
	struct layers *l = &d->l;

	if (l->cap < l->len) {
		if (!l->cap || l->payload[0] == ND_ADVERTISE)
			d->kind = DIS_UNREADABLE;
		return;
	}
	if (l->ip.ttl != ND_HOPS)
		return;
	d->nd.src = l->ip.src;
	memcpy(d->nd.mac, l->src_mac, MAC_LEN);
	if (nd_decode_icmp(&d->nd, &l->ip.dst, l->payload, l->len) &&
		d->nd.type == ND_ADVERTISE && !(d->nd.flags & NA_SOLICITED))
		d->kind = DIS_NA;
}

static bool is_vrrp(const struct layers *l)
{
	return l->proto == VRRP_PROTO && l->family;
}

static bool to_group(const struct layers *l)
{
	static const uint8_t m4[] = { 1, 0, 0x5e, 0, 0, 0x12 };
	static const uint8_t m6[] = { 0x33, 0x33, 0, 0, 0, 0x12 };
	struct addr group = vrrp_group(l->family);

	if (l->ip.dst.family)
		return addr_equal(&l->ip.dst, &group);
	return l->has_dst_mac && (memcmp(l->dst_mac, m4, MAC_LEN) == 0 ||
					 memcmp(l->dst_mac, m6, MAC_LEN) == 0);
}

/* Headers behind which there may be VRRP, or an announcement. */
static bool may_lead_on(const struct layers *l)
{
	static const uint8_t six[] = { PROTO_HOPOPT, PROTO_ROUTE, PROTO_FRAG,
		PROTO_DSTOPT, PROTO_ICMP6 };

	return l->proto == PROTO_AH || l->nexts ||
	       (l->family == AF_INET6 &&
		       memchr(six, l->proto, sizeof six) != NULL);
}

/* It may have been VRRP, had there been more of it; or it is broken before
 * that can be seen, and went where VRRP goes. */
static bool is_unreadable(const struct layers *l)
{
	if (l->payload)
		return false;
	if (l->faults & LF_BIT(CUT))
		return !l->proto_known || may_lead_on(l);
	return l->faults && to_group(l);
}

void dissect(struct dissect *d, enum link_type t, const uint8_t *data,
	size_t cap, size_t wire)
{
	memset(d, 0, sizeof *d);
	d->cap = cap;
	d->wire = wire;
	layers_peel(&d->l, t, data, cap, wire);
	d->faults = (uint64_t)d->l.faults << 32;
	if (is_vrrp(&d->l))
		dissect_vrrp(d);
	else if (d->l.ethertype == ETHERTYPE_ARP && d->l.payload)
		dissect_arp(d);
	else if (d->l.proto == PROTO_ICMP6 && d->l.payload && !d->l.frag)
		dissect_icmp6(d);
	else if (is_unreadable(&d->l))
		d->kind = DIS_UNREADABLE;
}

/* ---- In words */

static void sum_words(struct txt *t, const struct dissect *d)
{
	txt_str(t, "checksum 0x");
	txt_hex(t, d->sum, 4);
	switch (d->form) {
	case SUM_PLAIN:
		txt_str(t, " is that of the message alone; IPv6 needs "
			   "the pseudo-header: 0x");
		txt_hex(t, d->sum_pseudo, 4);
		break;
	case SUM_PSEUDO:
		txt_str(t, " is with pseudo-header; version 2 has none: 0x");
		txt_hex(t, d->sum_plain, 4);
		break;
	case SUM_GROUP:
		txt_str(t, " is with the group in the pseudo-header "
			   "(keepalived before 1.3.7): 0x");
		txt_hex(t, d->sum_pseudo, 4);
		break;
	default:
		txt_str(t, " fits in no form: message alone 0x");
		txt_hex(t, d->sum_plain, 4);
		txt_str(t, ", with pseudo-header 0x");
		txt_hex(t, d->sum_pseudo, 4);
	}
}

static void length_words(struct txt *t, const struct dissect *d)
{
	txt_str(t, "length is ");
	txt_num(t, d->l.len);
	txt_str(t, ", ");
	txt_num(t, d->a.count);
	txt_str(t, d->a.count == 1 ? " address makes " : " addresses make ");
	txt_num(t, exact_len(d));
	if (d->a.version == 2 && d->l.len + VRRP_AUTH_LEN == exact_len(d))
		txt_str(t, ": the 8 bytes of authentication are missing");
	if (d->a.version == 3 && d->l.len == exact_len(d) + VRRP_AUTH_LEN)
		txt_str(t, ": 8 bytes of authentication as in version 2");
}

static void ip_length_words(struct txt *t, const struct layers *l)
{
	txt_str(t, l->family == AF_INET ? "IP total length is "
					: "IPv6 payload length is ");
	txt_num(t, l->ip_len);
	if (l->family == AF_INET && l->ip_len < l->hlen * 4u) {
		txt_str(t, ", less than its header of ");
		txt_num(t, l->hlen * 4u);
	} else {
		txt_str(t, ", more than the frame holds");
	}
}

static void mac_words(struct txt *t, const struct dissect *d)
{
	txt_str(t, "source MAC ");
	txt_mac(t, d->l.src_mac);
	txt_str(t, " is not the virtual 00:00:5e:00:0");
	txt_ch(t, d->l.family == AF_INET ? '1' : '2');
	txt_ch(t, ':');
	txt_hex(t, d->a.vrid, 2);
}

static void odd_address_words(struct txt *t, const struct dissect *d)
{
	for (unsigned i = 0; i < d->shown; i++) {
		const uint8_t *b = d->a.vips + i * d->asize;

		if (!odd_address(d->l.family, b))
			continue;
		txt_bytes(t, d->l.family, b);
		txt_str(t, " is no host's address");
		return;
	}
}

static void num_words(
	struct txt *t, const char *before, uint64_t n, const char *after)
{
	txt_str(t, before);
	txt_num(t, n);
	txt_str(t, after);
}

static void addr_words(struct txt *t, const char *before, const struct addr *a,
	const char *after)
{
	txt_str(t, before);
	txt_addr(t, a);
	txt_str(t, after);
}

static void vrrp_words(struct txt *t, const struct dissect *d, int fault)
{
	switch (fault) {
	case VF_SHORT:
		num_words(t, "message of ", d->l.len, " bytes, under 8");
		break;
	case VF_TTL:
		num_words(t,
			d->l.family == AF_INET ? "TTL is " : "hop limit is ",
			d->l.ip.ttl, ", must be 255");
		break;
	case VF_VERSION:
		num_words(t, "version ", d->a.version, " is neither 2 nor 3");
		break;
	case VF_TYPE:
		num_words(t, "type ", d->a.type, ", only 1 is defined");
		break;
	case VF_COUNT:
		txt_str(t, "count of addresses is 0");
		break;
	case VF_LENGTH:
		length_words(t, d);
		break;
	case VF_CHECKSUM:
		sum_words(t, d);
		break;
	case VF_DESTINATION:
		addr_words(t, "destination ", &d->l.ip.dst,
			d->l.family == AF_INET ? " is not 224.0.0.18"
					       : " is not ff02::12");
		break;
	case VF_INTERVAL_ZERO:
		txt_str(t, "interval is 0");
		break;
	case VF_NOT_LINKLOCAL:
		txt_str(t, "first address ");
		txt_bytes(t, d->l.family, d->a.vips);
		txt_str(t, " is not link-local");
		break;
	default:
		txt_str(t, dis_fault_str(fault));
	}
}

static void auth_ah_words(struct txt *t, const struct dissect *d)
{
	if (d->a.version == 3)
		txt_str(t, "version 3 knows no AH");
	else if (d->l.ah)
		num_words(t, "inside AH, but authentication type is ",
			d->a.auth_type, "");
	else
		txt_str(t, "authentication type is AH, but there is no AH");
}

static void family_words(struct txt *t, const struct dissect *d)
{
	if (d->a.version == 2)
		txt_str(t, "version 2 is for IPv4 alone");
	else
		txt_str(t, d->l.family == AF_INET
				   ? "length fits IPv6 addresses"
				   : "length fits IPv4 addresses");
}

static void vmac_words(struct txt *t, const struct dissect *d)
{
	uint8_t v4 = vmac_vrid(d->l.src_mac, AF_INET);

	mac_words(t, d);
	num_words(t, ", but that of vrid ",
		v4 ? v4 : vmac_vrid(d->l.src_mac, AF_INET6),
		v4 ? " of IPv4" : " of IPv6");
}

static void fragment_words(struct txt *t, const struct layers *l)
{
	num_words(t, "fragment ", l->id, "");
	num_words(t, " at offset ", l->frag, l->mf ? ", more follow" : "");
}

static void ip_words(struct txt *t, const struct dissect *d, int fault)
{
	const struct layers *l = &d->l;

	switch (fault) {
	case DF_CUT:
		num_words(t, "truncated: ", d->cap, "");
		num_words(t, " of ", d->wire, " bytes captured");
		break;
	case DF_LINK:
		txt_str(t, "link header is too short or has too many tags");
		break;
	case DF_IP_VERSION:
		txt_str(t, "version of IP is not that of the link header");
		break;
	case DF_IP_HLEN:
		num_words(t, "IP header length is ", l->hlen * 4u,
			", at least 20");
		break;
	case DF_IP_LENGTH:
		ip_length_words(t, l);
		break;
	case DF_IP_SUM:
		txt_str(t, "IP header checksum 0x");
		txt_hex(t, l->ip_sum, 4);
		txt_str(t, " is wrong");
		break;
	case DF_IP_OPTIONS:
		num_words(t, "", l->hlen * 4u - 20, " bytes of IP options");
		break;
	case DF_FRAGMENT:
		fragment_words(t, l);
		break;
	case DF_EXT:
		txt_str(t, "extension headers are broken or too many");
		break;
	case DF_EXTS:
		num_words(t, "", l->nexts - l->ah,
			" IPv6 extension header(s) before it");
		break;
	default:
		num_words(
			t, "AH length ", l->ah_len, " does not fit the packet");
	}
}

static void own_words(struct txt *t, const struct dissect *d, int fault)
{
	switch (fault) {
	case DF_SOURCE:
		addr_words(t, "source ", &d->l.ip.src,
			d->l.family == AF_INET ? " is no host's address"
					       : " is not link-local");
		break;
	case DF_GROUP_MAC:
		txt_str(t, "destination MAC ");
		txt_mac(t, d->l.dst_mac);
		txt_str(t, " is not that of the group");
		break;
	case DF_VMAC:
		vmac_words(t, d);
		break;
	case DF_FAMILY:
		family_words(t, d);
		break;
	case DF_VRID_ZERO:
		txt_str(t, "vrid is 0");
		break;
	case DF_AUTH_TYPE:
		num_words(t, "authentication type ", d->a.auth_type,
			" is unknown");
		break;
	case DF_AUTH_AH:
		auth_ah_words(t, d);
		break;
	case DF_ADDRESS:
		odd_address_words(t, d);
		break;
	case DF_TWICE:
		txt_str(t, "address ");
		txt_bytes(
			t, d->l.family, d->a.vips + (d->twice - 1) * d->asize);
		txt_str(t, " is listed twice");
		break;
	default:
		txt_str(t, "reserved bits of the HMAC trailer are set");
	}
}

static void note_words(struct txt *t, const struct dissect *d, int fault)
{
	switch (fault) {
	case DF_UNICAST:
		addr_words(t, "sent to ", &d->l.ip.dst, " alone");
		break;
	case DF_RESERVED:
		txt_str(t, "reserved bits are 0x");
		txt_hex(t, d->reserved, 1);
		break;
	case DF_AUTH_DATA:
		txt_str(t, "no authentication, but data for it");
		break;
	default:
		mac_words(t, d);
	}
}

void dis_fault_words(struct txt *t, const struct dissect *d, int fault)
{
	if (fault < 32)
		vrrp_words(t, d, fault);
	else if (fault - 32 <= DF_AH)
		ip_words(t, d, fault - 32);
	else if (fault - 32 <= DF_HMAC)
		own_words(t, d, fault - 32);
	else
		note_words(t, d, fault - 32);
}
