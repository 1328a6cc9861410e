/*
 * lab-gen - capture files with VRRP in them, made by this project's encoder.
 *
 * usage:
 *   lab-gen golden DIR       the files of tests/golden that need no lab
 *   lab-gen valid N SEED     N valid packets of all kinds, to stdout
 *   lab-gen mixed N          N packets as `make bench` reads them, one in ten
 *                            malformed
 *   lab-gen hour             a healthy hour of four groups with announcements,
 *                            one planned switch and one return
 *   lab-gen story            a minute of one group in which all goes wrong
 */
#include <stdarg.h>
#include <string.h>
#include "arp.h"
#include "cksum.h"
#include "cur.h"
#include "lab.h"
#include "na.h"
#include "vrrp.h"

#define FRAME_SIZE 4096
#define T0	   INT64_C(1767225600000000) /* 2026-01-01, in us */

enum { ETHER = 1, SLL = 113, SLL2 = 276, RAW = 101, NULLL = 0, LOOP = 108 };

/* What to make; zero means the usual. */
struct spec {
	const char *name;
	int link; /* 0 here: ETHER, unless nulls */
	bool null_link;
	int vlans;
	int family; /* 4, 6 */
	int version;
	int vrid, prio, cs, n;
	int auth, type;
	const char *pass;
	int sum; /* VRRP_SUM_*; 0: pseudo-header */
	int ttl; /* -1: 0 */
	const char *src, *dst, *first, *second;
	int vmac; /* 1: source MAC is the virtual one */
	const char *mac, *to_mac;
	int options; /* 32-bit words */
	int frag;    /* as in the header */
	int exts;    /* hop-by-hop headers */
	bool frag6;
	int frag6_off;
	bool ah, hmac;
	int md5;	    /* bytes behind the addresses */
	int count;	    /* -1: 0; else as told */
	int more;	    /* bytes behind the message, or cut off */
	int len;	    /* the message is so long; -1: 0 */
	int asize;	    /* of addresses, against the family */
	int at, byte;	    /* at of the message, before the checksum */
	int ip_at, ip_byte; /* the same of the IP header */
	bool ip_sum_kept;
	int sum_add;   /* to the checksum, to make it wrong */
	int other_dst; /* checksum with the group as destination */
	int cut;       /* bytes of the frame that are not captured */
	bool carp;
};

struct out {
	uint8_t b[FRAME_SIZE];
	struct wr w;
};

static uint64_t seed;

static uint64_t rnd(uint64_t n)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

static struct addr parse(const char *s)
{
	struct addr a;

	if (!addr_parse(&a, s)) {
		fprintf(stderr, "lab-gen: %s\n", s);
		exit(2);
	}
	return a;
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* ---- The message */

static struct addr src_of(const struct spec *s)
{
	if (s->src)
		return parse(s->src);
	return parse(s->family == 6 ? "fe80::77:ff:fe00:1" : "10.77.0.1");
}

static struct addr dst_of(const struct spec *s)
{
	if (s->dst)
		return parse(s->dst);
	return vrrp_group(s->family == 6 ? AF_INET6 : AF_INET);
}

static void make_vips(struct prefix *vips, const struct spec *s, int n)
{
	bool six = s->asize ? s->asize == 16 : s->family == 6;

	for (int i = 0; i < n; i++) {
		vips[i].addr = parse(!six ? "10.77.0.254"
				     : i  ? "fd77::fe"
					  : "fe80::fe");
		vips[i].addr.b[six ? 13 : 2] = (uint8_t)i;
	}
	if (s->first)
		vips[0].addr = parse(s->first);
	if (s->second)
		vips[1].addr = parse(s->second);
}

static void fix_sum(uint8_t *m, size_t len, const struct spec *s)
{
	struct addr src = src_of(s), dst = dst_of(s);
	bool pseudo = s->sum ? s->sum == VRRP_SUM_PSEUDO
			     : s->version != 2 || s->family == 6;
	uint32_t sum;

	if (len < 8)
		return;
	if (s->other_dst)
		dst = vrrp_group(dst.family);
	put16(m + 6, 0);
	sum = cksum_add(0, m, len);
	if (pseudo)
		sum = cksum_pseudo(sum, &src, &dst, VRRP_PROTO, len);
	put16(m + 6, cksum_fold(sum) + (unsigned)s->sum_add);
}

static void add_hmac(struct wr *w, const struct spec *s)
{
	wr_u8(w, 1);
	wr_u8(w, 7);
	wr_be16(w, (uint16_t)s->at ? 1 : 0);
	wr_be32(w, 1767225600);
	wr_be32(w, 0x00100002);
	for (uint8_t i = 0; i < 16; i++)
		wr_u8(w, (uint8_t)(0xa0 + i));
}

static size_t make_carp(uint8_t *m)
{
	static const uint8_t carp[36] = { 0x21, 51, 100, 7, 0, 1, 0, 0, 1, 2, 3,
		4, 5, 6, 7, 8 };

	memcpy(m, carp, sizeof carp);
	put16(m + 6, cksum_fold(cksum_add(0, m, sizeof carp)));
	return sizeof carp;
}

static size_t make_message(uint8_t *m, const struct spec *s)
{
	static struct prefix vips[VRRP_VIPS_MAX];
	struct vrrp_out o = {
		.version = (uint8_t)s->version,
		.vrid = (uint8_t)s->vrid,
		.prio = (uint8_t)s->prio,
		.auth_type = (uint8_t)s->auth,
		.cs = (uint16_t)s->cs,
		.src = src_of(s),
		.dst = dst_of(s),
		.vips = vips,
		.nvips = (size_t)s->n,
	};
	struct wr w;
	size_t len, plain;

	if (s->carp)
		return make_carp(m);
	make_vips(vips, s, s->n);
	if (s->pass)
		memcpy(o.auth, s->pass, strlen(s->pass));
	len = vrrp_encode(m, 4200, &o);
	memset(m + len, 0, 64);
	len = (size_t)((long)len + s->md5 + s->more);
	if (s->count)
		m[3] = (uint8_t)(s->count < 0 ? 0 : s->count);
	if (s->type)
		m[0] = (uint8_t)((m[0] & 0xf0) | (s->type < 0 ? 0 : s->type));
	if (s->at && !s->hmac)
		m[s->at] = (uint8_t)s->byte;
	if (s->len)
		len = s->len < 0 ? 0 : (size_t)s->len;
	plain = len;
	if (s->hmac) {
		w = wr_init(m + len, 64);
		add_hmac(&w, s);
		len += w.len;
	}
	fix_sum(m, s->hmac && s->family == 4 ? plain : len, s);
	return len;
}

/* ---- What is around it */

static void put_mac(struct wr *w, const char *text, const uint8_t *mac)
{
	uint8_t m[MAC_LEN];

	if (text && mac_parse(m, text))
		mac = m;
	wr_bytes(w, mac, MAC_LEN);
}

static void put_src_mac(struct wr *w, const struct spec *s)
{
	const uint8_t real[] = { 2, 0x77, 0, 0, 0, 1 };
	const uint8_t virt[] = { 0, 0, 0x5e, 0, s->family == 6 ? 2 : 1,
		(uint8_t)s->vrid };

	put_mac(w, s->mac, s->vmac ? virt : real);
}

static void put_dst_mac(struct wr *w, const struct spec *s)
{
	struct addr d = dst_of(s);
	const uint8_t m4[] = { 1, 0, 0x5e, d.b[1] & 0x7f, d.b[2], d.b[3] };
	const uint8_t m6[] = { 0x33, 0x33, d.b[12], d.b[13], d.b[14], d.b[15] };
	const uint8_t one[] = { 2, 0x77, 0, 0, 0, 2 };

	put_mac(w, s->to_mac,
		!addr_is_multicast(&d) ? one
		: s->family == 6       ? m6
				       : m4);
}

static void put_tags(struct wr *w, const struct spec *s, uint16_t type)
{
	for (int i = 0; i < s->vlans; i++) {
		wr_be16(w, s->vlans > 1 && i == 0 ? 0x88a8 : 0x8100);
		wr_be16(w, (uint16_t)(0xa000 + 100 + i));
	}
	wr_be16(w, type);
}

static void put_link(struct wr *w, const struct spec *s, int link)
{
	uint16_t type = s->family == 6 ? 0x86dd : 0x0800;

	switch (link) {
	case ETHER:
		put_dst_mac(w, s);
		put_src_mac(w, s);
		put_tags(w, s, type);
		break;
	case SLL:
		wr_be16(w, 2);
		wr_be16(w, 1);
		wr_be16(w, 6);
		put_src_mac(w, s);
		wr_be16(w, 0);
		put_tags(w, s, type);
		break;
	case SLL2:
		wr_be16(w, s->vlans ? 0x8100 : type);
		wr_be16(w, 0);
		wr_be32(w, 7);
		wr_be16(w, 1);
		wr_u8(w, 2);
		wr_u8(w, 6);
		put_src_mac(w, s);
		wr_be16(w, 0);
		if (s->vlans) {
			wr_be16(w, 100);
			wr_be16(w, type);
		}
		break;
	case LOOP:
		wr_be32(w, s->family == 6 ? 24 : 2);
		break;
	case NULLL: /* as a little-endian host writes it */
		wr_u8(w, s->family == 6 ? 30 : 2);
		wr_zero(w, 3);
		break;
	}
}

static void put_ah(struct wr *w, const struct spec *s)
{
	struct addr src = src_of(s);

	wr_u8(w, VRRP_PROTO);
	wr_u8(w, 4);
	wr_be16(w, 0);
	wr_bytes(w, src.b, 4);
	wr_be32(w, 1);
	for (uint8_t i = 0; i < 12; i++)
		wr_u8(w, (uint8_t)(0x10 + i));
}

static void put_v4(
	struct wr *w, const struct spec *s, const uint8_t *m, size_t len)
{
	struct addr src = src_of(s), dst = dst_of(s);
	uint8_t *head = w->p;
	size_t hlen = 20 + (size_t)s->options * 4;

	wr_u8(w, (uint8_t)(0x45 + s->options));
	wr_u8(w, 0xc0);
	wr_be16(w, (uint16_t)(hlen + (s->ah ? 24 : 0) + len));
	wr_be16(w, 1);
	wr_be16(w, (uint16_t)s->frag);
	wr_u8(w, (uint8_t)(s->ttl < 0 ? 0 : s->ttl));
	wr_u8(w, s->ah ? 51 : VRRP_PROTO);
	wr_be16(w, 0);
	wr_bytes(w, src.b, 4);
	wr_bytes(w, dst.b, 4);
	for (int i = 0; i < s->options; i++)
		wr_be32(w, 0x01010101);
	if (s->ip_at || s->ip_byte)
		head[s->ip_at] = (uint8_t)s->ip_byte;
	if (!s->ip_sum_kept)
		put16(head + 10, cksum_fold(cksum_add(0, head, hlen)));
	if (s->ah)
		put_ah(w, s);
	wr_bytes(w, m, len);
}

static void put_v6(
	struct wr *w, const struct spec *s, const uint8_t *m, size_t len)
{
	struct addr src = src_of(s), dst = dst_of(s);
	uint8_t *head = w->p;
	size_t ext = (size_t)s->exts * 8 + (s->frag6 ? 8 : 0);

	wr_be32(w, 0x6c012345);
	wr_be16(w, (uint16_t)(ext + len));
	wr_u8(w, s->exts ? 0 : s->frag6 ? 44 : VRRP_PROTO);
	wr_u8(w, (uint8_t)(s->ttl < 0 ? 0 : s->ttl));
	wr_bytes(w, src.b, 16);
	wr_bytes(w, dst.b, 16);
	for (int i = 0; i < s->exts; i++) {
		wr_u8(w, i + 1 < s->exts ? 60 : s->frag6 ? 44 : VRRP_PROTO);
		wr_u8(w, 0);
		wr_be16(w, 0x0104); /* six bytes of padding */
		wr_be32(w, 0);
	}
	if (s->frag6) {
		wr_u8(w, VRRP_PROTO);
		wr_u8(w, 0);
		wr_be16(w, (uint16_t)s->frag6_off);
		wr_be32(w, 0x1234);
	}
	if (s->ip_at)
		head[s->ip_at] = (uint8_t)s->ip_byte;
	wr_bytes(w, m, len);
}

static void usual(struct spec *s)
{
	s->family = s->family ? s->family : 4;
	s->version = s->version ? s->version : 3;
	s->vrid = s->vrid < 0 ? 0 : s->vrid ? s->vrid : 51;
	s->prio = s->prio < 0 ? 0 : s->prio ? s->prio : 100;
	s->cs = s->cs < 0 ? 0 : s->cs ? s->cs : 100;
	s->n = s->n ? s->n : 2;
	s->ttl = s->ttl ? s->ttl : 255;
}

static size_t make_frame(uint8_t *frame, const struct spec *told, int link)
{
	static uint8_t m[4300];
	struct spec s = *told;
	struct wr w = wr_init(frame, FRAME_SIZE + 256);
	size_t len;

	usual(&s);
	if (s.version > 15)
		s.version = 0;
	len = make_message(m, &s);
	put_link(&w, &s, link);
	if (s.family == 6)
		put_v6(&w, &s, m, len);
	else
		put_v4(&w, &s, m, len);
	return w.len;
}

/* ---- Capture files, in the order of this host */

static void write32(FILE *f, uint32_t v)
{
	fwrite(&v, sizeof v, 1, f);
}

static FILE *begin(const char *dir, const char *name, int link)
{
	char path[4096];
	FILE *f = stdout;

	if (dir) {
		snprintf(path, sizeof path, "%s/%s.pcap", dir, name);
		f = fopen(path, "w");
	}
	if (!f)
		die(path);
	write32(f, 0xa1b2c3d4);
	write32(f, 2 | 4 << 16);
	write32(f, 0);
	write32(f, 0);
	write32(f, 262144);
	write32(f, (uint32_t)link);
	return f;
}

static void packet(
	FILE *f, int64_t us, const uint8_t *b, size_t len, size_t cut)
{
	write32(f, (uint32_t)(us / 1000000));
	write32(f, (uint32_t)(us % 1000000));
	write32(f, (uint32_t)(len - cut));
	write32(f, (uint32_t)len);
	fwrite(b, 1, len - cut, f);
}

static void finish(FILE *f)
{
	if (fflush(f) || ferror(f))
		die("write");
	if (f != stdout)
		fclose(f);
}

/* ---- Golden files */

static const struct spec kinds[] = {
	{ "v2", .version = 2 },
	{ "v2 that resigns", .version = 2, .prio = -1 },
	{ "v2 with a password", .version = 2, .auth = 1,
		.pass = "secret\"\x01" },
	{ "v2 in AH", .version = 2, .auth = 2, .ah = true },
	{ "v2 with Cisco's digest", .version = 2, .auth = 254, .md5 = 16 },
	{ "v2 with an HMAC", .version = 2, .hmac = true },
	{ "v2 owner, 10 s", .version = 2, .prio = 255, .cs = 1000, .n = 1 },
	{ "v2 without addresses", .version = 2, .count = -1, .more = -8 },
	{ "v3, pseudo-header", .sum = VRRP_SUM_PSEUDO },
	{ "v3, message-only", .sum = VRRP_SUM_PLAIN },
	{ "v3, virtual MAC", .vmac = 1 },
	{ "v3 with an HMAC", .hmac = true },
	{ "v3 with an HMAC, message-only", .hmac = true,
		.sum = VRRP_SUM_PLAIN },
	{ "v3 unicast", .dst = "10.77.0.2" },
	{ "v3, 20 addresses, 40.95 s", .n = 20, .cs = 4095 },
	{ "v3, 255 addresses", .n = 255 },
	{ "v3, 10 ms", .cs = 1, .prio = 254 },
	{ "v3 with IP options", .options = 2 },
	{ "v3, reserved bits", .at = 4, .byte = 0xf0 },
	{ "v2, data though no authentication", .version = 2, .pass = "x" },
	{ "v6", .family = 6 },
	{ "v6 that resigns", .family = 6, .prio = -1 },
	{ "v6, virtual MAC", .family = 6, .vmac = 1 },
	{ "v6 with an HMAC", .family = 6, .hmac = true },
	{ "v6 unicast", .family = 6, .dst = "fe80::77:ff:fe00:2" },
	{ "v6, 100 addresses", .family = 6, .n = 100 },
	{ "v6 with a hop-by-hop header", .family = 6, .exts = 1 },
	{ "v6 with three extension headers", .family = 6, .exts = 3 },
	{ "v6 in an atomic fragment", .family = 6, .frag6 = true },
	{ "CARP", .carp = true },
};

static const struct spec links[] = {
	{ "v2", .version = 2, .auth = 1, .pass = "secret" },
	{ "v2 in AH", .version = 2, .auth = 2, .ah = true },
	{ "v3", .vmac = 1 },
	{ "v6", .family = 6 },
	{ "v6 with a header", .family = 6, .exts = 1 },
	{ "CARP", .carp = true },
	{ "TTL", .ttl = 64 },
};

static const struct spec malformed[] = {
	{ "TTL 64", .ttl = 64 },
	{ "TTL 0", .ttl = -1 },
	{ "hop limit 64", .family = 6, .ttl = 64 },
	{ "version 0", .version = 16 },
	{ "version 1", .version = 1 },
	{ "version 4", .version = 4 },
	{ "version 15", .version = 15 },
	{ "type 0", .type = -1 },
	{ "type 2", .type = 2 },
	{ "v2, type 15", .version = 2, .type = 15 },
	{ "count 0", .count = -1, .more = -8 },
	{ "count 0, two addresses", .count = -1 },
	{ "count 255 of 2", .count = 255 },
	{ "count 1 of 2", .count = 1 },
	{ "v2, count 3 of 2", .version = 2, .count = 3 },
	{ "v6, count 3 of 2", .family = 6, .count = 3 },
	{ "v2 without authentication data", .version = 2, .more = -8 },
	{ "v3 with authentication data", .more = 8 },
	{ "a byte too many", .more = 1 },
	{ "a byte too few", .more = -1 },
	{ "7 bytes", .len = 7 },
	{ "1 byte", .len = 1 },
	{ "0 bytes", .len = -1 },
	{ "8 bytes", .len = 8 },
	{ "v6, 7 bytes", .family = 6, .len = 7 },
	{ "checksum, v2", .version = 2, .sum_add = 1 },
	{ "checksum, v3", .sum_add = 1 },
	{ "checksum, v6", .family = 6, .sum_add = 1 },
	{ "v2 with pseudo-header", .version = 2, .sum = VRRP_SUM_PSEUDO },
	{ "v6 without pseudo-header", .family = 6, .sum = VRRP_SUM_PLAIN },
	{ "unicast, sum of the group", .dst = "10.77.0.2", .other_dst = 1 },
	{ "v6 unicast, sum of the group", .family = 6,
		.dst = "fe80::77:ff:fe00:2", .other_dst = 1 },
	{ "interval 0", .cs = -1 },
	{ "v2, interval 0", .version = 2, .cs = -1 },
	{ "authentication type 3", .version = 2, .auth = 3 },
	{ "authentication type 255", .version = 2, .auth = 255 },
	{ "type AH without AH", .version = 2, .auth = 2 },
	{ "AH with type 1", .version = 2, .auth = 1, .ah = true },
	{ "AH with v3", .ah = true },
	{ "v2 over IPv6", .version = 2, .family = 6 },
	{ "IPv6 addresses over IPv4", .asize = 16 },
	{ "IPv4 addresses over IPv6", .family = 6, .asize = 4 },
	{ "vrid 0", .vrid = -1 },
	{ "to 224.0.0.1", .dst = "224.0.0.1" },
	{ "to ff02::1", .family = 6, .dst = "ff02::1" },
	{ "to 255.255.255.255", .dst = "255.255.255.255" },
	{ "from 0.0.0.0", .src = "0.0.0.0" },
	{ "from a group", .src = "224.0.0.18" },
	{ "from loopback", .src = "127.0.0.1" },
	{ "from a global address", .family = 6, .src = "fd77::1" },
	{ "from ::", .family = 6, .src = "::" },
	{ "to another group's MAC", .to_mac = "01:00:5e:00:00:01" },
	{ "to broadcast", .to_mac = "ff:ff:ff:ff:ff:ff" },
	{ "virtual MAC of vrid 52", .mac = "00:00:5e:00:01:34" },
	{ "virtual MAC of IPv6", .mac = "00:00:5e:00:02:33" },
	{ "first address not link-local", .family = 6, .first = "fd77::fd" },
	{ "address 0.0.0.0", .first = "0.0.0.0" },
	{ "address of a group", .second = "224.0.0.18" },
	{ "address ::1", .family = 6, .second = "::1" },
	{ "address twice", .n = 3, .second = "10.77.0.254" },
	{ "IP version 6 in IPv4", .ip_at = 0, .ip_byte = 0x65 },
	{ "IP header length 16", .ip_at = 0, .ip_byte = 0x44 },
	{ "IP header length 60", .ip_at = 0, .ip_byte = 0x4f },
	{ "IP total length 10", .ip_at = 3, .ip_byte = 10 },
	{ "IP total length 200", .ip_at = 3, .ip_byte = 200 },
	{ "IP checksum", .ip_at = 10, .ip_byte = 1, .ip_sum_kept = true },
	{ "first fragment", .frag = 0x2000 },
	{ "later fragment", .frag = 0x2001 },
	{ "last fragment", .frag = 0x0001 },
	{ "first fragment of IPv6", .family = 6, .frag6 = true,
		.frag6_off = 1 },
	{ "later fragment of IPv6", .family = 6, .frag6 = true,
		.frag6_off = 8 },
	{ "IPv6 payload length 200", .family = 6, .ip_at = 5, .ip_byte = 200 },
	{ "IPv6 payload length 4 with a header", .family = 6, .exts = 1,
		.ip_at = 5, .ip_byte = 4 },
	{ "nine extension headers", .family = 6, .exts = 9 },
	{ "HMAC with reserved bits", .hmac = true, .at = 1 },
	{ "HMAC, wrong checksum", .hmac = true, .sum_add = 1 },
	{ "five tags", .vlans = 5 },
	{ "digest of 15 bytes", .version = 2, .auth = 254, .md5 = 15 },
	{ "much at once", .ttl = 1, .vrid = -1, .cs = -1, .count = 9,
		.sum_add = 1, .src = "0.0.0.0", .dst = "224.0.0.9",
		.to_mac = "ff:ff:ff:ff:ff:ff" },
	{ "cut in the addresses", .cut = 6 },
	{ "cut in the header", .cut = 12 },
	{ "cut in IP", .cut = 30 },
	{ "cut in Ethernet", .cut = 42 },
	{ "cut, v6", .family = 6, .cut = 20 },
	{ "cut, v2", .version = 2, .cut = 4 },
};

static void write_all(const char *dir, const char *name, int link,
	const struct spec *s, size_t n, int vlans)
{
	static uint8_t frame[FRAME_SIZE + 256];
	FILE *f = begin(dir, name, link);

	for (size_t i = 0; i < n; i++) {
		struct spec one = s[i];
		size_t len;

		if (vlans)
			one.vlans = vlans;
		len = make_frame(frame, &one, link);
		packet(f, T0 + (int64_t)i * 1000000, frame, len,
			(size_t)one.cut);
	}
	finish(f);
}

static void announcements(const char *dir)
{
	static const uint8_t mac[] = { 2, 0x77, 0, 0, 0, 1 };
	static const char *const ips[] = { "10.77.0.254", "fe80::fe" };
	FILE *f = begin(dir, "announce", ETHER);
	static uint8_t b[FRAME_SIZE + 256];
	int64_t t = T0;

	for (int i = 0; i < 2; i++) {
		struct spec s = { .family = i ? 6 : 4 };
		struct addr ip = parse(ips[i]);
		struct frame g;

		packet(f, t += 1000, b, make_frame(b, &s, ETHER), 0);
		for (int k = 0; k < 2; k++) {
			if (i)
				na_announce(&g, &ip, mac, k);
			else
				arp_announce(&g, &ip, mac, k);
			packet(f, t += 1000, g.b, g.len, 0);
		}
		if (!i)
			arp_probe(&g, &ip, mac);
		else
			na_probe(&g, &ip, mac);
		packet(f, t += 1000, g.b, g.len, 0); /* none: not shown */
	}
	finish(f);
}

static int golden(const char *dir)
{
#define N(a) (sizeof(a) / sizeof *(a))
	write_all(dir, "kinds", ETHER, kinds, N(kinds), 0);
	write_all(dir, "malformed", ETHER, malformed, N(malformed), 0);
	write_all(dir, "vlan", ETHER, links, N(links), 1);
	write_all(dir, "qinq", ETHER, links, N(links), 2);
	write_all(dir, "sll", SLL, links, N(links), 0);
	write_all(dir, "sll-vlan", SLL, links, N(links), 1);
	write_all(dir, "sll2", SLL2, links, N(links), 0);
	write_all(dir, "sll2-vlan", SLL2, links, N(links), 1);
	write_all(dir, "raw", RAW, links, N(links), 0);
	write_all(dir, "null", NULLL, links, N(links), 0);
	write_all(dir, "loop", LOOP, links, N(links), 0);
	announcements(dir);
	return 0;
}

/* ---- Many */

static struct spec random_spec(bool six, unsigned routers)
{
	static char src[64], pass[9];
	struct spec s = { .family = six ? 6 : 4 };

	s.version = six || rnd(2) ? 3 : 2;
	s.vrid = 1 + (int)rnd(255);
	s.prio = (int)rnd(256);
	s.prio = s.prio ? s.prio : -1;
	s.cs = s.version == 2 ? 100 * (1 + (int)rnd(255)) : 1 + (int)rnd(4095);
	s.n = 1 + (int)rnd(rnd(20) ? 6 : 60);
	s.vmac = (int)rnd(2);
	s.vlans = rnd(5) ? 0 : 1 + (int)rnd(2);
	s.options = six || rnd(9) ? 0 : 1 + (int)rnd(3);
	s.exts = !six || rnd(5) ? 0 : 1 + (int)rnd(3);
	if (six)
		snprintf(src, sizeof src, "fe80::%x:%x", (unsigned)rnd(routers),
			(unsigned)rnd(16));
	else
		snprintf(src, sizeof src, "10.%u.%u.%u", (unsigned)rnd(routers),
			(unsigned)rnd(routers), 1 + (unsigned)rnd(16));
	s.src = src;
	if (s.version == 2) {
		s.auth = (int)rnd(3);
		s.ah = s.auth == 2;
		snprintf(pass, sizeof pass, "p%u", (unsigned)rnd(1000000));
		s.pass = s.auth == 1 ? pass : NULL;
	}
	return s;
}

static int many(long n, bool faults)
{
	static uint8_t b[FRAME_SIZE + 256];
	FILE *f = begin(NULL, NULL, ETHER);

	for (long i = 0; i < n; i++) {
		struct spec s = random_spec(rnd(3) == 0, faults ? 4 : 256);
		size_t cut = 0, len;

		if (faults && rnd(10) == 0) {
			s = malformed[rnd(N(malformed))];
			cut = (size_t)s.cut;
		}
		len = make_frame(b, &s, ETHER);
		packet(f, T0 + i * 1000, b, len, cut);
	}
	finish(f);
	return 0;
}

/* ---- A healthy hour */

static void advert(FILE *f, int64_t us, struct spec s, int router, int prio)
{
	static uint8_t b[FRAME_SIZE + 256];
	char src[32], mac[32];

	snprintf(src, sizeof src, s.family == 6 ? "fe80::%d" : "10.77.0.%d",
		router);
	snprintf(mac, sizeof mac, "02:77:00:00:00:%02x", (unsigned)router);
	s.src = src;
	s.mac = mac;
	s.prio = prio ? prio : -1;
	packet(f, us, b, make_frame(b, &s, ETHER), 0);
}

static void announce(FILE *f, int64_t us, const struct spec *s, int router)
{
	const uint8_t mac[] = { 2, 0x77, 0, 0, 0, (uint8_t)router };
	struct addr ip = parse(s->family == 6 ? "fe80::fe" : "10.77.0.254");
	struct frame g;

	for (int i = 0; i < 5; i++) {
		if (s->family == 6)
			na_announce(&g, &ip, mac, true);
		else
			arp_announce(&g, &ip, mac, false);
		packet(f, us + 300 + i, g.b, g.len, 0);
	}
}

static const struct spec groups[] = {
	{ .family = 4, .version = 2, .vrid = 1, .auth = 1, .pass = "secret" },
	{ .family = 4, .version = 3, .vrid = 2, .n = 1 },
	{ .family = 6, .version = 3, .vrid = 3 },
	{ .family = 4, .version = 3, .vrid = 4, .sum = VRRP_SUM_PLAIN },
};

/* Each group has its tenth of the second, so that the file stays in the order
 * of time. */
static void all_advertise(FILE *f, int64_t us, int router, int prio, bool first)
{
	for (size_t g = 0; g < N(groups); g++) {
		int64_t at = us + (int64_t)(g * 100000 + rnd(2000));

		advert(f, at, groups[g], router, prio);
		if (first)
			announce(f, at + 100, &groups[g], router);
	}
}

/* Router 2 has priority 150: its skew is 0.414 s. */
static int hour(void)
{
	FILE *f = begin(NULL, NULL, ETHER);

	for (int t = 0; t < 3600; t++) {
		int64_t us = T0 + t * INT64_C(1000000);

		if (t == 1200)
			all_advertise(f, us, 1, 0, false);
		if (t >= 1200 && t < 2400)
			all_advertise(f, us + 414000, 2, 150, t == 1200);
		else
			all_advertise(f, us, 1, 200, t == 0 || t == 2400);
	}
	finish(f);
	return 0;
}

/* Priorities 200 and 150; adverts of router 2 come 0.4 s after the second. */
static void seconds(FILE *f, int from, int to, int who)
{
	const struct spec s = { .family = 4, .version = 3, .vrid = 51 };

	for (int t = from; t < to; t++) {
		int64_t us = T0 + t * INT64_C(1000000);

		if (who & 1)
			advert(f, us, s, 1, 200);
		if (who & 2)
			advert(f, us + 400000, s, 2, 150);
	}
}

static int story(void)
{
	const struct spec s = { .family = 4, .version = 3, .vrid = 51 };
	struct spec other = s;
	FILE *f = begin(NULL, NULL, ETHER);

	seconds(f, 0, 8, 1);
	advert(f, T0 + 8000000, s, 1, 0); /* a planned switch */
	seconds(f, 8, 14, 2);
	seconds(f, 14, 20, 1); /* the better one is back, and dies */
	seconds(f, 22, 25, 2);
	announce(f, T0 + 25000000, &s, 1); /* it still has the address */
	seconds(f, 25, 28, 2);
	seconds(f, 28, 36, 3); /* a split */
	seconds(f, 36, 42, 1); /* a heal */
	other.ttl = 64;
	advert(f, T0 + 42000000, other, 3, 250);
	seconds(f, 42, 45, 1);
	advert(f, T0 + 45000000, s, 1, 0);
	other.ttl = 0;
	other.cs = 200;
	other.sum = VRRP_SUM_PLAIN;
	advert(f, T0 + 48000000, other, 2, 150); /* late, and not the same */
	advert(f, T0 + 50000000, other, 2, 150);
	seconds(f, 51, 60, 1);
	finish(f);
	return 0;
}

int main(int argc, char **argv)
{
	seed = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
	if (argc == 3 && strcmp(argv[1], "golden") == 0)
		return golden(argv[2]);
	if (argc == 4 && strcmp(argv[1], "valid") == 0)
		return many(atol(argv[2]), false);
	if (argc == 3 && strcmp(argv[1], "mixed") == 0)
		return many(atol(argv[2]), true);
	if (argc == 2 && strcmp(argv[1], "hour") == 0)
		return hour();
	if (argc == 2 && strcmp(argv[1], "story") == 0)
		return story();
	fprintf(stderr, "usage: lab-gen golden DIR | valid N SEED | mixed N | "
			"hour | story\n");
	return 2;
}
