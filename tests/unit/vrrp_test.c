#include "t.h"
#include "cksum.h"
#include "vrrp.h"

/* Not VRRP_BIT(): VERSION is a macro too, and would be expanded on the way. */
#define B(fault) (1u << VF_##fault)

static struct addr A(const char *s) {
	struct addr a;

	if (!addr_parse(&a, s))
		fail_msg("%s is an address", s);
	return a;
}

/* ---- The vectors: captured, published and derived packets. */

enum { NAME,
	SRC,
	DST,
	TTL,
	LEN,
	HEX,
	PLAIN,
	PSEUDO,
	ORIGIN,
	EXPECTED,
	COLS };

static const struct {
	const char *expected; /* how the column begins */
	uint32_t faults;
	bool reencode;
} verdicts[] = {
	{ "valid", 0, true },
	{ "v2 auth2", 0, true }, /* to be refused by who uses no AH */
	{ "ACCEPT", 0, false },	 /* reserved bits are not sent back */
	{ "MALFORMED: 8-byte auth data", B(LENGTH), false },
	{ "PDU 12B + 28B", B(LENGTH) | B(CHECKSUM), false },
	{ "PDU 24B + 28B", B(LENGTH), false },
	{ "REJECT length", B(LENGTH), false },
	{ "REJECT/ignore count 0", B(COUNT), false },
	{ "REJECT version", B(VERSION), false },
	{ "REJECT type", B(TYPE), false },
	{ "REJECT v3 interval 0", B(INTERVAL_ZERO), false },
	{ "REJECT truncated", B(SHORT), false },
	{ "REJECT ttl/dst/length/checksum", B(LENGTH) | B(CHECKSUM), false },
	{ "NOT VRRP: CARP", B(CARP), false },
};

static size_t verdict_of(const char *expected)
{
	for (size_t i = 0; i < N_OF(verdicts); i++)
		if (strncmp(expected, verdicts[i].expected,
			    strlen(verdicts[i].expected)) == 0)
			return i;
	fail_msg("no verdict for \"%s\"", expected);
	return 0;
}

static size_t split(char *line, char *col[COLS])
{
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	while (n < COLS && (col[n] = strsep(&line, "\t")) != NULL)
		n++;
	return n;
}

/* The same packet again, from what was understood of it. */
static size_t encode_back(uint8_t *buf, size_t size, const struct vrrp_ip *ip,
	const struct vrrp_advert *a, uint32_t sum)
{
	static struct prefix vips[VRRP_VIPS_MAX];
	size_t asize = addr_size(&ip->src);
	struct vrrp_out o = {
		.version = a->version,
		.vrid = a->vrid,
		.prio = a->prio,
		.auth_type = a->auth_type,
		.cs = a->cs,
		.sum = sum,
		.src = ip->src,
		.dst = ip->dst,
		.vips = vips,
		.nvips = a->count,
	};

	memcpy(o.auth, a->auth, sizeof o.auth);
	for (size_t i = 0; i < a->count; i++)
		vips[i].addr = addr_from(ip->src.family, a->vips + i * asize);
	return vrrp_encode(buf, size, &o);
}

static void check_back(const char *row, const struct vrrp_ip *ip,
	const struct vrrp_advert *a, const uint8_t *p, size_t len)
{
	uint8_t out[VRRP_LEN_MAX];

	for (uint32_t sum = VRRP_SUM_PLAIN; sum <= VRRP_SUM_PSEUDO; sum++) {
		if (!(a->sums & sum))
			continue;
		CHECK_NUM(row, encode_back(out, sizeof out, ip, a, sum), len);
		CHECK_NUM(row, memcmp(out, p, len), 0);
	}
}

static uint32_t sums_told(
	char *col[COLS], const struct vrrp_advert *a, const struct vrrp_ip *ip)
{
	uint32_t sums = 0;

	if (a->version == 2 || ip->src.family == AF_INET)
		sums |= *col[PLAIN] == '1' ? VRRP_SUM_PLAIN : 0;
	if (a->version == 3)
		sums |= *col[PSEUDO] == '1' ? VRRP_SUM_PSEUDO : 0;
	return sums;
}

static void check_vector(char *col[COLS])
{
	struct vrrp_ip ip = { .src = A(col[SRC]),
		.dst = A(col[DST]),
		.ttl = (uint8_t)atoi(col[TTL]) };
	uint8_t raw[256], *p;
	size_t len = t_unhex(raw, sizeof raw, col[HEX]);
	size_t v = verdict_of(col[EXPECTED]);
	struct vrrp_advert a;
	uint32_t faults;

	p = t_exact(raw, len);
	faults = vrrp_decode(&a, &ip, p, len);
	CHECK_NUM(col[NAME], len, atoi(col[LEN]));
	CHECK_NUM(col[NAME], faults, verdicts[v].faults);
	if (!(faults & (B(SHORT) | B(CARP) | B(VERSION))))
		CHECK_NUM(col[NAME], a.sums, sums_told(col, &a, &ip));
	if (verdicts[v].reencode)
		check_back(col[NAME], &ip, &a, p, len);
	free(p);
}

static void every_vector_has_its_verdict(void **state)
{
	FILE *f = fopen("tests/unit/vectors.tsv", "r");
	char line[1024], *col[COLS];
	size_t seen = 0;

	(void)state;
	if (!f)
		fail_msg("run me in the root of the project");
	while (fgets(line, sizeof line, f)) {
		if (line[0] == '#')
			continue;
		assert_int_equal(split(line, col), COLS);
		check_vector(col);
		seen++;
	}
	fclose(f);
	assert_int_equal(seen, 30);
}

static const struct {
	const char *hex;
	struct vrrp_advert want;
} field_rows[] = {
	{ "210ac80201010058c0000201c00002026162636465666768",
		{ .version = 2,
			.type = 1,
			.vrid = 10,
			.prio = 200,
			.count = 2,
			.auth_type = 1,
			.auth = "abcdefg",
			.cs = 100 } },
	{ "2101010000ff0000", { .version = 2,
				      .type = 1,
				      .vrid = 1,
				      .prio = 1,
				      .cs = 25500 } },
	{ "31fffe01ffff0000c0000201", { .version = 3,
					      .type = 1,
					      .vrid = 255,
					      .prio = 254,
					      .count = 1,
					      .cs = 4095 } },
	{ "3f010001f0010000c0000201",
		{ .version = 3, .type = 15, .vrid = 1, .count = 1, .cs = 1 } },
};

static void fields_are_where_the_rfcs_put_them(void **state)
{
	struct vrrp_ip ip = { .src = A("192.0.2.1"), .dst = A("224.0.0.18") };
	uint8_t p[64];

	(void)state;
	for (size_t i = 0; i < N_OF(field_rows); i++) {
		const struct vrrp_advert *w = &field_rows[i].want;
		const char *row = field_rows[i].hex;
		struct vrrp_advert a;

		vrrp_decode(&a, &ip, p, t_unhex(p, sizeof p, row));
		CHECK_NUM(row, a.version, w->version);
		CHECK_NUM(row, a.type, w->type);
		CHECK_NUM(row, a.vrid, w->vrid);
		CHECK_NUM(row, a.prio, w->prio);
		CHECK_NUM(row, a.count, w->count);
		CHECK_NUM(row, a.auth_type, w->auth_type);
		CHECK_NUM(row, a.cs, w->cs);
		CHECK_NUM(row, memcmp(a.auth, w->auth, 7), 0);
	}
}

/* ---- The judgement of a receiver. */

/* A packet and a router that fit each other; a row of the table says what
 * is different.  Empty fields keep what is in `base`. */
struct scene {
	const char *name;
	uint8_t version, lversion, vrid, ttl, min_ttl, prio, lprio;
	uint8_t auth_type, lauth_type;
	const char *auth, *lauth;
	uint16_t cs, lcs, cs_max;
	const char *src, *dst, *ldst, *me, *peers, *allow, *vips, *lvips;
	uint32_t faults;
	enum vrrp_fault refusal;
};

static const struct scene base = {
	.version = 3,
	.vrid = 51,
	.ttl = 255,
	.min_ttl = 255,
	.prio = 100,
	.lprio = 150,
	.auth = "",
	.lauth = "",
	.cs = 100,
	.cs_max = 4095,
	.src = "192.0.2.251",
	.dst = "224.0.0.18",
	.me = "192.0.2.252",
	.peers = "",
	.allow = "",
	.vips = "192.0.2.1/24 192.0.2.2/24",
};

#define V6	   .src = "fe80::1", .dst = "ff02::12", .me = "fe80::2"
#define REFUSED(f) .faults = 1u << VF_##f, .refusal = VF_##f
#define NOTED(f)   .faults = 1u << VF_##f

static const struct scene scenes[] = {
	{ .name = "v3 fits" },
	{ .name = "v2 fits", .version = 2 },
	{ .name = "v3 IPv6 fits", V6, .vips = "fe80::51 2001:db8::1" },
	{ .name = "priority 0", .prio = 0 },

	{ .name = "TTL 254", .ttl = 254, REFUSED(TTL) },
	{ .name = "TTL 1", .ttl = 1, REFUSED(TTL) },
	{ .name = "hop limit 254",
		V6,
		.vips = "fe80::51",
		.ttl = 254,
		REFUSED(TTL) },
	{ .name = "TTL 254 where 254 is enough", .ttl = 254, .min_ttl = 254 },
	{ .name = "TTL 253 where 254 is enough",
		.ttl = 253,
		.min_ttl = 254,
		REFUSED(TTL) },

	{ .name = "own source", .src = "192.0.2.252", REFUSED(OWN_SOURCE) },
	{ .name = "to another group",
		.dst = "224.0.0.19",
		.ldst = "224.0.0.18",
		REFUSED(DESTINATION) },
	{ .name = "unicast to us where the group is used",
		.dst = "192.0.2.252",
		.ldst = "224.0.0.18",
		REFUSED(DESTINATION) },
	{ .name = "unicast",
		.dst = "192.0.2.252",
		.ldst = "192.0.2.252",
		.peers = "192.0.2.251" },
	{ .name = "the group where unicast is used",
		.ldst = "192.0.2.252",
		REFUSED(DESTINATION) },
	{ .name = "not a peer",
		.peers = "192.0.2.250 192.0.2.253",
		REFUSED(NOT_PEER) },
	{ .name = "the second peer", .peers = "192.0.2.250 192.0.2.251" },
	{ .name = "allowed", .allow = "10.0.0.0/8 192.0.2.0/24" },
	{ .name = "not allowed",
		.allow = "10.0.0.0/8 192.0.2.0/25",
		REFUSED(NOT_PEER) },
	{ .name = "peer, yet not allowed",
		.peers = "192.0.2.251",
		.allow = "10.0.0.0/8",
		REFUSED(NOT_PEER) },

	{ .name = "other vrid", .vrid = 52, REFUSED(VRID) },
	{ .name = "v2 at a v3 router",
		.version = 2,
		.lversion = 3,
		REFUSED(VERSION) },
	{ .name = "v3 at a v2 router", .lversion = 2, REFUSED(VERSION) },

	{ .name = "password",
		.version = 2,
		.auth_type = 1,
		.lauth_type = 1,
		.auth = "abcdefgh",
		.lauth = "abcdefgh" },
	{ .name = "password where none is used",
		.version = 2,
		.auth_type = 1,
		.auth = "abcdefgh",
		REFUSED(AUTH_TYPE) },
	{ .name = "none where a password is used",
		.version = 2,
		.lauth_type = 1,
		.lauth = "abcdefgh",
		.faults = B(AUTH_TYPE) | B(AUTH_DATA),
		.refusal = VF_AUTH_TYPE },
	{ .name = "AH outside of AH",
		.version = 2,
		.auth_type = 2,
		REFUSED(AUTH_TYPE) },
	{ .name = "first byte of the password",
		.version = 2,
		.auth_type = 1,
		.lauth_type = 1,
		.auth = "Abcdefgh",
		.lauth = "abcdefgh",
		REFUSED(AUTH_DATA) },
	{ .name = "last byte of the password",
		.version = 2,
		.auth_type = 1,
		.lauth_type = 1,
		.auth = "abcdefgH",
		.lauth = "abcdefgh",
		REFUSED(AUTH_DATA) },
	{ .name = "longer than ours",
		.version = 2,
		.auth_type = 1,
		.lauth_type = 1,
		.auth = "abcdefgh",
		.lauth = "abcd",
		REFUSED(AUTH_DATA) },
	{ .name = "shorter than ours",
		.version = 2,
		.auth_type = 1,
		.lauth_type = 1,
		.auth = "abcd",
		.lauth = "abcdefgh",
		REFUSED(AUTH_DATA) },
	{ .name = "data without a password in use",
		.version = 2,
		.auth = "junk" },

	{ .name = "v2 owner hears one",
		.version = 2,
		.lprio = 255,
		REFUSED(OWNER) },
	{ .name = "v3 owner hears a lower one", .lprio = 255 },
	{ .name = "v3 owner hears an owner",
		.prio = 255,
		.lprio = 255,
		NOTED(TWO_OWNERS) },
	{ .name = "v3 hears an owner", .prio = 255 },

	{ .name = "v2 interval",
		.version = 2,
		.cs = 200,
		.lcs = 100,
		REFUSED(INTERVAL) },
	{ .name = "v2 interval 0",
		.version = 2,
		.cs = 50,
		.lcs = 100,
		REFUSED(INTERVAL) },
	{ .name = "v3 interval",
		.cs = 101,
		.lcs = 100,
		NOTED(INTERVAL_DIFFERS) },
	{ .name = "v3 interval at the ceiling", .cs = 300, .cs_max = 300 },
	{ .name = "v3 interval above it",
		.cs = 301,
		.cs_max = 300,
		NOTED(INTERVAL_CAPPED) },
	{ .name = "v3 interval 0",
		.cs = 4096,
		.lcs = 100,
		.faults = B(INTERVAL_ZERO) | B(INTERVAL_DIFFERS),
		.refusal = VF_INTERVAL_ZERO },

	{ .name = "addresses in another order",
		.lvips = "192.0.2.2/24 192.0.2.1/24" },
	{ .name = "another length of prefix",
		.lvips = "192.0.2.1/32 192.0.2.2/32" },
	{ .name = "one fewer",
		.vips = "192.0.2.1/24",
		.lvips = "192.0.2.1/24 192.0.2.2/24",
		NOTED(ADDRESSES) },
	{ .name = "one more", .lvips = "192.0.2.1/24", NOTED(ADDRESSES) },
	{ .name = "another one",
		.lvips = "192.0.2.1/24 192.0.2.3/24",
		NOTED(ADDRESSES) },
	{ .name = "first is twice",
		.vips = "192.0.2.1 192.0.2.1",
		.lvips = "192.0.2.1 192.0.2.2",
		NOTED(ADDRESSES) },
	{ .name = "IPv6 in another order",
		V6,
		.vips = "fe80::51 2001:db8::1",
		.lvips = "2001:db8::1 fe80::51" },
	{ .name = "first is not link-local",
		V6,
		.vips = "2001:db8::1 fe80::51",
		NOTED(NOT_LINKLOCAL) },

	{ .name = "all at once",
		.ttl = 1,
		.src = "192.0.2.252",
		.vrid = 52,
		.peers = "10.0.0.1",
		.ldst = "192.0.2.252",
		.faults = B(TTL) | B(DESTINATION) | B(OWN_SOURCE) |
			  B(NOT_PEER) | B(VRID),
		.refusal = VF_TTL },
};

#define OR(field) (s->field ? s->field : base.field)

static size_t list(struct prefix *p, const char *words)
{
	char text[256], *rest = text, *w;
	size_t n = 0;

	assert_true(strlen(words) < sizeof text);
	strcpy(text, words);
	while ((w = strsep(&rest, " ")) != NULL)
		if (*w)
			assert_true(prefix_parse(&p[n++], w));
	return n;
}

static uint32_t packet_of(const struct scene *s, struct vrrp_ip *ip,
	struct vrrp_advert *a, uint8_t buf[VRRP_LEN_MAX])
{
	struct prefix vips[8];
	struct vrrp_out o = {
		.version = OR(version),
		.vrid = OR(vrid),
		.prio = strcmp(s->name, "priority 0") ? OR(prio) : 0,
		.auth_type = s->auth_type,
		.cs = OR(cs),
		.sum = VRRP_SUM_PSEUDO,
		.src = A(OR(src)),
		.dst = A(OR(dst)),
		.vips = vips,
		.nvips = list(vips, OR(vips)),
	};

	memcpy(o.auth, OR(auth), strlen(OR(auth)));
	*ip = (struct vrrp_ip){ o.src, o.dst, OR(ttl) };
	return vrrp_decode(a, ip, buf, vrrp_encode(buf, VRRP_LEN_MAX, &o));
}

static void judge_scene(const struct scene *s)
{
	struct prefix vips[8], allow[8], pp[8];
	struct addr peers[8];
	uint8_t buf[VRRP_LEN_MAX];
	struct vrrp_local me = {
		.version = s->lversion ? s->lversion : OR(version),
		.vrid = base.vrid,
		.prio = OR(lprio),
		.auth_type = s->lauth_type,
		.min_ttl = OR(min_ttl),
		.cs = s->lcs ? s->lcs : OR(cs),
		.cs_max = OR(cs_max),
		.me = A(OR(me)),
		.dst = A(s->ldst ? s->ldst : OR(dst)),
		.peers = peers,
		.npeers = list(pp, OR(peers)),
		.allow = allow,
		.nallow = list(allow, OR(allow)),
		.vips = vips,
		.nvips = list(vips, s->lvips ? s->lvips : OR(vips)),
	};
	struct vrrp_advert a;
	struct vrrp_ip ip;
	uint32_t faults;

	memcpy(me.auth, OR(lauth), strlen(OR(lauth)));
	for (size_t i = 0; i < me.npeers; i++)
		peers[i] = pp[i].addr;
	faults = packet_of(s, &ip, &a, buf);
	faults |= vrrp_judge(&me, &ip, &a);
	CHECK_NUM(s->name, faults, s->faults);
	CHECK_STR(s->name, vrrp_fault_str(vrrp_refusal(faults)),
		vrrp_fault_str(s->refusal));
}

static void a_receiver_judges(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(scenes); i++)
		judge_scene(&scenes[i]);
}

static void an_empty_v2_list_fits_an_empty_list(void **state)
{
	uint8_t p[] = { 0x21, 51, 100, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct vrrp_local me = {
		.version = 2, .vrid = 51, .prio = 1, .min_ttl = 255, .cs = 100
	};
	struct vrrp_ip ip = { A("192.0.2.1"), A("224.0.0.18"), 255 };
	uint16_t sum = cksum_fold(cksum_add(0, p, sizeof p));
	struct vrrp_advert a;

	(void)state;
	p[6] = (uint8_t)(sum >> 8);
	p[7] = (uint8_t)sum;
	assert_int_equal(vrrp_decode(&a, &ip, p, sizeof p), 0);
	assert_int_equal(vrrp_judge(&me, &ip, &a), 0);
}

static void the_reason_is_the_first_refusal(void **state)
{
	(void)state;
	assert_int_equal(vrrp_refusal(0), VF_OK);
	assert_int_equal(vrrp_refusal(VRRP_NOTICES), VF_OK);
	assert_int_equal(vrrp_refusal(VRRP_NOTICES | B(OWNER)), VF_OWNER);
	assert_int_equal(vrrp_refusal(B(CHECKSUM) | B(TTL)), VF_TTL);
	assert_string_equal(vrrp_fault_str(VF_OK), "ok");
	assert_string_equal(vrrp_fault_str(VF_TWO_OWNERS), "two-owners");
	assert_string_equal(vrrp_fault_str(VF_N), "unknown");
}

/* ---- The IPv4 header. */

static const struct {
	const char *name;
	uint8_t vhl;
	uint16_t total, size;
	int len; /* of the payload; -1: refused */
} peel_rows[] = {
	{ "plain", 0x45, 36, 36, 16 },
	{ "padded to 46", 0x45, 36, 46, 16 },
	{ "one option", 0x46, 40, 40, 16 },
	{ "all options", 0x4f, 76, 76, 16 },
	{ "no payload", 0x45, 20, 20, 0 },
	{ "options and no payload", 0x4f, 60, 60, 0 },
	{ "IHL 4", 0x44, 36, 36, -1 },
	{ "IHL 0", 0x40, 36, 36, -1 },
	{ "version 6", 0x65, 36, 36, -1 },
	{ "version 0", 0x05, 36, 36, -1 },
	{ "total above received", 0x45, 37, 36, -1 },
	{ "total 65535", 0x45, 65535, 36, -1 },
	{ "total below header", 0x45, 19, 36, -1 },
	{ "total 0", 0x45, 0, 36, -1 },
	{ "options above total", 0x4f, 59, 76, -1 },
	{ "options above received", 0x4f, 36, 36, -1 },
	{ "19 bytes", 0x45, 19, 19, -1 },
};

static void header(uint8_t *b, uint8_t vhl, uint16_t total)
{
	static const uint8_t rest[] = { 0, 0, 0, 0, 255, 112, 0, 0, 192, 0, 2,
		1, 224, 0, 0, 18 };

	memset(b, 0xa5, 128);
	b[0] = vhl;
	b[1] = 0xc0;
	b[2] = (uint8_t)(total >> 8);
	b[3] = (uint8_t)total;
	memcpy(b + 4, rest, sizeof rest);
}

static void peel_row(size_t i)
{
	const char *row = peel_rows[i].name;
	const uint8_t *payload = NULL;
	uint8_t b[128], *p;
	struct vrrp_ip ip;
	size_t len = 0;
	bool ok;

	header(b, peel_rows[i].vhl, peel_rows[i].total);
	p = t_exact(b, peel_rows[i].size);
	ok = vrrp_peel4(&ip, p, peel_rows[i].size, &payload, &len) == VF_OK;
	CHECK_NUM(row, ok, peel_rows[i].len >= 0);
	if (ok) {
		struct addr src = A("192.0.2.1"), dst = A("224.0.0.18");

		CHECK_NUM(row, len, peel_rows[i].len);
		CHECK_NUM(row, payload - p, (peel_rows[i].vhl & 15) * 4);
		CHECK_NUM(row, ip.ttl, 255);
		assert_true(addr_equal(&ip.src, &src));
		assert_true(addr_equal(&ip.dst, &dst));
	}
	free(p);
}

static void ipv4_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(peel_rows); i++)
		peel_row(i);
}

static void cut_at_every_byte(void **state)
{
	(void)state;
	for (unsigned ihl = 0; ihl < 16; ihl++)
		for (size_t cut = 0; cut <= 76; cut++) {
			const uint8_t *payload;
			struct vrrp_ip ip;
			uint8_t b[128], *p;
			size_t len;
			bool ok;

			header(b, (uint8_t)(0x40 | ihl), 76);
			p = t_exact(b, cut);
			ok = !vrrp_peel4(&ip, p, cut, &payload, &len);
			CHECK_NUM("cut", ok, cut == 76 && ihl >= 5);
			free(p);
		}
}

/* ---- Properties. */

static struct addr some_addr(uint64_t *rng, int family)
{
	struct addr a = { .family = (uint8_t)family };

	for (size_t i = 0; i < addr_size(&a); i++)
		a.b[i] = (uint8_t)t_rand(rng);
	return a;
}

static void some_advert(
	uint64_t *rng, struct vrrp_out *o, struct prefix vips[VRRP_VIPS_MAX])
{
	bool v6 = t_below(rng, 3) == 0;
	int family = v6 ? AF_INET6 : AF_INET;

	*o = (struct vrrp_out){
		.version = v6 || t_below(rng, 2) ? 3 : 2,
		.vrid = (uint8_t)t_rand(rng),
		.prio = (uint8_t)t_rand(rng),
		.src = some_addr(rng, family),
		.dst = some_addr(rng, family),
		.sum = 1 + (uint32_t)t_below(rng, 2),
		.vips = vips,
		.nvips = 1 + t_below(rng, t_below(rng, 8) ? 7 : VRRP_VIPS_MAX),
	};
	o->cs = (uint16_t)(o->version == 2 ? 100 * t_below(rng, 256)
					   : 1 + t_below(rng, 4095));
	for (size_t i = 0; o->version == 2 && i < sizeof o->auth; i++)
		o->auth[i] = (uint8_t)t_rand(rng);
	o->auth_type = o->version == 2 ? (uint8_t)t_below(rng, 3) : 0;
	for (size_t i = 0; i < o->nvips; i++)
		vips[i].addr = some_addr(rng, family);
}

static bool sum_is_ambiguous(const uint8_t *p)
{
	return p[6] == p[7] && (p[6] == 0 || p[6] == 0xff);
}

static void what_is_sent_is_understood(void **state)
{
	static struct prefix vips[VRRP_VIPS_MAX];
	uint64_t rng = t_seed();

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint8_t buf[VRRP_LEN_MAX], *p;
		struct vrrp_advert a;
		struct vrrp_out o;
		struct vrrp_ip ip;
		size_t n;

		some_advert(&rng, &o, vips);
		n = vrrp_encode(buf, sizeof buf, &o);
		assert_true(n > 0);
		ip = (struct vrrp_ip){ o.src, o.dst, 255 };
		p = t_exact(buf, n);
		CHECK_NUM("sent", vrrp_decode(&a, &ip, p, n), 0);
		CHECK_NUM("sent", a.cs, o.cs);
		CHECK_NUM("sent", a.prio, o.prio);
		CHECK_NUM("sent", a.count, o.nvips);
		if (!sum_is_ambiguous(p))
			check_back("sent", &ip, &a, p, n);
		free(p);
	}
}

static void no_truncation_is_accepted(void **state)
{
	static struct prefix vips[VRRP_VIPS_MAX];
	uint64_t rng = t_seed();

	(void)state;
	for (int i = 0; i < 300; i++) {
		uint8_t buf[VRRP_LEN_MAX];
		struct vrrp_advert a;
		struct vrrp_out o;
		struct vrrp_ip ip;
		size_t n;

		some_advert(&rng, &o, vips);
		n = vrrp_encode(buf, sizeof buf, &o);
		ip = (struct vrrp_ip){ o.src, o.dst, 255 };
		for (size_t cut = 0; cut < n; cut++) {
			uint8_t *p = t_exact(buf, cut);

			assert_int_not_equal(vrrp_decode(&a, &ip, p, cut), 0);
			free(p);
		}
	}
}

static void one_bit_is_always_noticed(void **state)
{
	static struct prefix vips[VRRP_VIPS_MAX];
	uint64_t rng = t_seed();

	(void)state;
	for (int i = 0; i < 300; i++) {
		uint8_t buf[VRRP_LEN_MAX];
		struct vrrp_advert a;
		struct vrrp_out o;
		struct vrrp_ip ip;
		size_t n;

		some_advert(&rng, &o, vips);
		o.nvips = 1 + o.nvips % 4;
		/* so that the two sums are no single bit apart */
		o.src = A(o.src.family == AF_INET ? "10.1.77.3" : "fe80::1");
		o.dst = vrrp_group(o.src.family);
		n = vrrp_encode(buf, sizeof buf, &o);
		ip = (struct vrrp_ip){ o.src, o.dst, 255 };
		for (size_t bit = 0; bit < n * 8; bit++) {
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(vrrp_decode(&a, &ip, buf, n), 0);
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

/* Bytes that look a little like an advert, with a sum that fits. */
static size_t some_bytes(uint64_t *rng, const struct vrrp_ip *ip, uint8_t *b)
{
	size_t asize = addr_size(&ip->src), n = t_below(rng, 80);
	uint32_t sum;

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)t_rand(rng);
	if (n < VRRP_HDR_LEN || t_below(rng, 4) == 0)
		return n;
	b[0] = t_below(rng, 2) ? 0x21 : 0x31;
	b[3] = (uint8_t)t_below(rng, 8);
	if (t_below(rng, 8))
		n = VRRP_HDR_LEN + b[3] * asize + (b[0] == 0x21 ? 8 : 0);
	b[6] = b[7] = 0;
	sum = cksum_add(0, b, n);
	if (b[0] == 0x31)
		sum = cksum_pseudo(sum, &ip->src, &ip->dst, 112, n);
	b[6] = (uint8_t)(cksum_fold(sum) >> 8);
	b[7] = (uint8_t)cksum_fold(sum);
	return n;
}

static void random_bytes_do_no_harm(void **state)
{
	uint64_t rng = t_seed();
	int accepted = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		int family = t_below(&rng, 2) ? AF_INET : AF_INET6;
		struct vrrp_ip ip = { vrrp_group(family), vrrp_group(family),
			255 };
		uint8_t b[8 + 16 * 8 + 8], *p;
		struct vrrp_advert a;
		size_t n = some_bytes(&rng, &ip, b);

		p = t_exact(b, n);
		if (vrrp_decode(&a, &ip, p, n) == 0) {
			accepted++;
			p[4] &= a.version == 3 ? 0x0f : 0xff;
			/* the reserved bits are in the sum */
			if (p[4] == b[4] && !sum_is_ambiguous(p))
				check_back("random", &ip, &a, p, n);
		}
		free(p);
	}
	assert_true(accepted > 10000);
}

static void what_does_not_fit_is_not_written(void **state)
{
	static struct prefix vips[VRRP_VIPS_MAX + 1];
	struct vrrp_out o = { .version = 3,
		.vips = vips,
		.nvips = 2,
		.src = A("fe80::1"),
		.dst = A("ff02::12") };
	uint8_t big[VRRP_LEN_MAX + 16];

	(void)state;
	for (size_t i = 0; i < N_OF(vips); i++)
		vips[i].addr = o.src;
	for (size_t size = 0; size <= 40; size++) {
		uint8_t *p = malloc(size);

		assert_int_equal(vrrp_encode(p, size, &o), size == 40 ? 40 : 0);
		free(p);
	}
	o.nvips = VRRP_VIPS_MAX;
	assert_int_equal(vrrp_encode(big, sizeof big, &o), VRRP_LEN_MAX);
	o.nvips = VRRP_VIPS_MAX + 1;
	assert_int_equal(vrrp_encode(big, sizeof big, &o), 0);
}

static void groups(void **state)
{
	char buf[ADDR_STRLEN];
	struct addr g4 = vrrp_group(AF_INET), g6 = vrrp_group(AF_INET6);

	(void)state;
	assert_string_equal(addr_str(&g4, buf), "224.0.0.18");
	assert_string_equal(addr_str(&g6, buf), "ff02::12");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_has_its_verdict),
		cmocka_unit_test(fields_are_where_the_rfcs_put_them),
		cmocka_unit_test(a_receiver_judges),
		cmocka_unit_test(an_empty_v2_list_fits_an_empty_list),
		cmocka_unit_test(the_reason_is_the_first_refusal),
		cmocka_unit_test(ipv4_headers),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(what_is_sent_is_understood),
		cmocka_unit_test(no_truncation_is_accepted),
		cmocka_unit_test(one_bit_is_always_noticed),
		cmocka_unit_test(random_bytes_do_no_harm),
		cmocka_unit_test(what_does_not_fit_is_not_written),
		cmocka_unit_test(groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
