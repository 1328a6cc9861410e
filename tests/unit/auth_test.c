/* Authentication: captures of keepalived 2.2.7 (AH) and 2.4.3 (HMAC), the
 * vectors of draft-cassen-vrrp-auth-hmac, and what must be refused. */
#include "auth.h"
#include "cksum.h"
#include "mac.h"
#include "t.h"

#define KEY32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_B "f00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

#define AH_1                                                                   \
	"45c0004400010000ff3317b8c00002fbe0000012"                             \
	"70040000c00002fb00000001e421b6e25f74fc555900d5c5"                     \
	"210ac802020190edc0000201c00002020000000000000000"
#define AH_2                                                                   \
	"45c0004400020000ff3317b7c00002fbe0000012"                             \
	"70040000c00002fb00000002762278a61bea15853dac3527"                     \
	"210ac802020190edc0000201c00002020000000000000000"
#define HMAC_1                                                                 \
	"45c0004000010000ff70177fc00002fbe0000012"                             \
	"310ac8020064defbc0000201c0000202"                                     \
	"010100006b033794991200003703defcbe7bf0455855003cdce62881"
#define HMAC_2                                                                 \
	"45c0004000020000ff70177ec00002fbe0000012"                             \
	"310ac8020064defbc0000201c0000202"                                     \
	"010100006b0337959a180000a5f8014dc685184dbe14b7599d3c86b1"
#define HMAC_NOW AUTH_TIME(0x6b033794, 0x99130000)

static struct auth_cfg keys(const char *text)
{
	struct auth_cfg c = { .kind = AUTH_HMAC, .mac = mac_hmac_sha256 };
	char copy[AUTH_FILE_MAX];
	unsigned line;

	strcpy(copy, text);
	assert_null(auth_parse(&c, copy, &line));
	return c;
}

static struct auth_cfg ah_key(const char *pass)
{
	struct auth_cfg c = { .kind = AUTH_AH, .mac = mac_hmac_md5 };

	c.keys[0].len = 8;
	memcpy(c.keys[0].b, pass, strlen(pass));
	return c;
}

/* What a router makes of a packet, and marks if it counts. */
static uint32_t take(const struct auth_cfg *c, struct auth_state *st,
	const struct vrrp_ip *ip, const uint8_t *head, const uint8_t *p,
	size_t len, uint64_t now)
{
	struct vrrp_advert a;
	struct auth_seen s;
	uint32_t faults = auth_peel(&s, c, head, p, len);

	if (faults)
		return faults;
	faults |= vrrp_decode_tailed(&a, ip, s.msg, s.len, s.tail);
	if (vrrp_refusal(faults) == VF_OK)
		faults |= auth_check(c, st, &s, ip, false, 100, now);
	if (vrrp_refusal(faults) == VF_OK)
		auth_accept(st, c, &s, &ip->src);
	return faults;
}

static uint32_t take4(const struct auth_cfg *c, struct auth_state *st,
	const uint8_t *data, size_t n, uint64_t now)
{
	uint8_t *buf = t_exact(data, n);
	const uint8_t *p;
	struct vrrp_ip ip;
	uint32_t faults;
	size_t len;

	assert_int_equal(vrrp_peel4(&ip, buf, n, &p, &len), VF_OK);
	faults = take(c, st, &ip, buf, p, len, now);
	free(buf);
	return faults;
}

static uint32_t take_hex(const struct auth_cfg *c, struct auth_state *st,
	const char *hex, uint64_t now)
{
	uint8_t buf[256];

	return take4(c, st, buf, t_unhex(buf, sizeof buf, hex), now);
}

/* ---- Vectors. */

static void the_published_vectors(void **state)
{
	static const struct {
		const char *name, *src, *dst, *hex;
	} rows[] = {
		{ "draft, IPv4", "198.51.100.10", "224.0.0.18",
			"3133c80100644402c0000264"
			"010100006800000080000000"
			"1b84bc4e8e43892dc6d98448f8ee2265" },
		{ "draft, IPv6", "fe80::10", "fe80::20",
			"3133c8010064a2e9fe800000000000000000000000000100"
			"010100006800000080000000"
			"c8c56146ebfd66ee10ec4d8186461b78" },
	};
	const struct auth_cfg c = keys("key 1 " KEY32);

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct auth_state st = { 0 };
		struct vrrp_ip ip = { .ttl = 255 };
		uint8_t buf[64], head[20] = { 0x45 };
		size_t n = t_unhex(buf, sizeof buf, rows[i].hex);

		assert_true(addr_parse(&ip.src, rows[i].src));
		assert_true(addr_parse(&ip.dst, rows[i].dst));
		CHECK_NUM(rows[i].name,
			take(&c, &st, &ip,
				ip.src.family == AF_INET ? head : NULL, buf, n,
				AUTH_TIME(0x68000000, 0)),
			0);
	}
}

static void keepalived_2_4_is_understood(void **state)
{
	const struct auth_cfg c = keys("key 1 " KEY32);
	struct auth_state st = { 0 };

	(void)state;
	CHECK_NUM("first", take_hex(&c, &st, HMAC_1, HMAC_NOW), 0);
	CHECK_NUM("next", take_hex(&c, &st, HMAC_2, HMAC_NOW), 0);
}

static void keepalived_2_2_ah_is_understood(void **state)
{
	const struct auth_cfg c = ah_key("abcdefgh");
	struct auth_state st = { 0 };

	(void)state;
	CHECK_NUM("first", take_hex(&c, &st, AH_1, 0), 0);
	CHECK_NUM("next", take_hex(&c, &st, AH_2, 0), 0);
	CHECK_NUM("heard", st.heard, 2);
}

/* ---- Refusals, on packets that are right but for this. */

struct change {
	const char *name;
	size_t at;
	uint8_t flip;
	uint32_t faults;
};

static void refuse(const struct change *rows, size_t n,
	const struct auth_cfg *c, const char *hex)
{
	for (size_t i = 0; i < n; i++) {
		struct auth_state st = { 0 };
		uint8_t buf[256];
		size_t len = t_unhex(buf, sizeof buf, hex);

		buf[rows[i].at] ^= rows[i].flip;
		CHECK_NUM(rows[i].name,
			1u << vrrp_refusal(take4(c, &st, buf, len, HMAC_NOW)),
			rows[i].faults);
		CHECK_NUM(rows[i].name, st.nsenders,
			rows[i].faults == VRRP_BIT(OK));
		CHECK_NUM(rows[i].name, st.heard,
			c->kind == AUTH_AH && rows[i].faults == VRRP_BIT(OK));
	}
}

static void changed_ah_is_refused(void **state)
{
	static const struct change rows[] = {
		{ "as it is", 0, 0, VRRP_BIT(OK) },
		{ "TOS may change", 1, 0xff, VRRP_BIT(OK) },
		{ "flags may change", 6, 0x40, VRRP_BIT(OK) },
		{ "IP checksum may change", 10, 0xff, VRRP_BIT(OK) },
		{ "id", 5, 1, VRRP_BIT(SIGNATURE) },
		{ "TTL", 8, 1, VRRP_BIT(SIGNATURE) },
		{ "destination", 19, 1, VRRP_BIT(SIGNATURE) },
		{ "source without SPI", 15, 1, VRRP_BIT(AUTH_HEADER) },
		{ "next header", 20, 1, VRRP_BIT(AUTH_HEADER) },
		{ "length", 21, 1, VRRP_BIT(AUTH_HEADER) },
		{ "reserved", 23, 1, VRRP_BIT(AUTH_HEADER) },
		{ "SPI", 27, 1, VRRP_BIT(AUTH_HEADER) },
		{ "sequence", 31, 2, VRRP_BIT(SIGNATURE) },
		{ "first byte of the MAC", 32, 1, VRRP_BIT(SIGNATURE) },
		{ "last byte of the MAC", 43, 0x80, VRRP_BIT(SIGNATURE) },
		{ "authentication data", 67, 1, VRRP_BIT(CHECKSUM) },
	};
	const struct auth_cfg c = ah_key("abcdefgh"),
			      other = ah_key("abcdefgi");
	struct auth_state st = { 0 };

	(void)state;
	refuse(rows, N_OF(rows), &c, AH_1);
	CHECK_NUM("other key", take_hex(&other, &st, AH_1, 0),
		VRRP_BIT(SIGNATURE));
}

static void changed_hmac_is_refused(void **state)
{
	static const struct change rows[] = {
		{ "as it is", 0, 0, VRRP_BIT(OK) },
		{ "TTL is not covered", 8, 1, VRRP_BIT(OK) },
		{ "type", 36, 2, VRRP_BIT(AUTH_HEADER) },
		{ "key id", 37, 2, VRRP_BIT(KEY) },
		{ "reserved", 39, 1, VRRP_BIT(AUTH_HEADER) },
		{ "seconds", 43, 1, VRRP_BIT(SIGNATURE) },
		{ "seconds, far", 41, 1, VRRP_BIT(STALE) },
		{ "fraction", 45, 1, VRRP_BIT(SIGNATURE) },
		{ "counter", 47, 1, VRRP_BIT(SIGNATURE) },
		{ "first byte of the MAC", 48, 1, VRRP_BIT(SIGNATURE) },
		{ "last byte of the MAC", 63, 0x80, VRRP_BIT(SIGNATURE) },
	};
	const struct auth_cfg c = keys("key 1 " KEY32);

	(void)state;
	refuse(rows, N_OF(rows), &c, HMAC_1);
}

/* With the checksum mended, so that nothing but the MAC can tell. */
static void another_priority_vrid_or_sender_is_refused(void **state)
{
	static const size_t at[] = { 15, 21, 22, 31 };
	const struct auth_cfg c = keys("key 1 " KEY32);

	(void)state;
	for (size_t i = 0; i < N_OF(at); i++) {
		struct auth_state st = { 0 };
		uint8_t buf[256];
		size_t len = t_unhex(buf, sizeof buf, HMAC_1);
		uint16_t sum;

		buf[at[i]] ^= 1;
		buf[26] = buf[27] = 0;
		sum = cksum_fold(cksum_add(0, buf + 20, 16));
		buf[26] = (uint8_t)(sum >> 8);
		buf[27] = (uint8_t)sum;
		CHECK_NUM("changed", take4(&c, &st, buf, len, HMAC_NOW),
			VRRP_BIT(SIGNATURE));
	}
}

static void every_bit_of_what_is_signed_counts(void **state)
{
	const struct auth_cfg c = keys("key 1 " KEY32);
	uint8_t buf[256];
	size_t len = t_unhex(buf, sizeof buf, HMAC_1);

	(void)state;
	for (size_t bit = 20 * 8; bit < len * 8; bit++) {
		struct auth_state st = { 0 };
		uint32_t faults;

		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		faults = take4(&c, &st, buf, len, HMAC_NOW);
		if (vrrp_refusal(faults) == VF_OK)
			fail_msg("bit %zu", bit);
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* ---- Order: replays, windows. */

static void replays_are_refused(void **state)
{
	const struct auth_cfg hmac = keys("key 1 " KEY32);
	const struct auth_cfg ah = ah_key("abcdefgh");
	struct auth_state st = { 0 }, st2 = { 0 };

	(void)state;
	CHECK_NUM("2", take_hex(&hmac, &st, HMAC_2, HMAC_NOW), 0);
	CHECK_NUM("2 again", take_hex(&hmac, &st, HMAC_2, HMAC_NOW),
		VRRP_BIT(REPLAY));
	CHECK_NUM("1 late", take_hex(&hmac, &st, HMAC_1, HMAC_NOW),
		VRRP_BIT(REPLAY));
	CHECK_NUM("AH 2", take_hex(&ah, &st2, AH_2, 0), 0);
	CHECK_NUM("AH 2 again", take_hex(&ah, &st2, AH_2, 0), VRRP_BIT(REPLAY));
	CHECK_NUM("AH 1 late", take_hex(&ah, &st2, AH_1, 0), VRRP_BIT(REPLAY));
}

static void the_window(void **state)
{
	static const struct {
		const char *name, *extra;
		int after; /* now, by the sender's clock */
		uint32_t faults;
	} rows[] = {
		{ "5 s late", "", 5, 0 },
		{ "6 s late", "", 6, VRRP_BIT(STALE) },
		{ "5 s early", "", -5, 0 },
		{ "6 s early", "", -6, VRRP_BIT(STALE) },
		{ "told: in", "\nwindow 20s", 20, 0 },
		{ "told: out", "\nwindow 20s", 21, VRRP_BIT(STALE) },
		{ "told, early", "\nwindow 1s", -2, VRRP_BIT(STALE) },
		{ "monotonic", "\nreplay monotonic", 1000000, 0 },
		{ "time", "\nreplay time", 6, VRRP_BIT(STALE) },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct auth_state st = { 0 };
		struct auth_cfg c;
		char text[256];

		snprintf(text, sizeof text, "key 1 %s%s", KEY32, rows[i].extra);
		c = keys(text);
		CHECK_NUM(rows[i].name,
			take_hex(&c, &st, HMAC_1,
				AUTH_TIME(0x6b033794 + rows[i].after, 0)),
			rows[i].faults);
	}
}

/* Of an interval of 10 s it is 30 s. */
static void the_window_grows_with_the_interval(void **state)
{
	const struct auth_cfg c = keys("key 1 " KEY32);
	const struct auth_state st = { 0 };
	struct vrrp_ip ip;
	struct auth_seen s;
	const uint8_t *p;
	uint8_t buf[256];
	size_t len, n = t_unhex(buf, sizeof buf, HMAC_1);

	(void)state;
	vrrp_peel4(&ip, buf, n, &p, &len);
	auth_peel(&s, &c, buf, p, len);
	CHECK_NUM("30 s",
		auth_check(&c, &st, &s, &ip, false, 1000,
			AUTH_TIME(0x6b033794 + 30, 0)),
		0);
	CHECK_NUM("31 s",
		auth_check(&c, &st, &s, &ip, false, 1000,
			AUTH_TIME(0x6b033794 + 31, 0)),
		VRRP_BIT(STALE));
}

/* ---- Our own adverts. */

static const struct prefix vips[] = {
	{ { AF_INET, { 192, 0, 2, 1 } }, 24, true },
};
static const struct prefix vips6[] = {
	{ { AF_INET6, { 0xfe, 0x80, [15] = 1 } }, 64, true },
};

struct sent {
	uint8_t buf[512]; /* IPv4: with a header, as it comes in */
	size_t len;
	struct vrrp_ip ip;
};

static struct sent emit(const struct auth_cfg *c, struct auth_state *st,
	int family, uint8_t host, bool unicast, uint64_t now)
{
	bool ip4 = family == AF_INET;
	struct vrrp_out o = { .version = c->kind == AUTH_AH ? 2 : 3,
		.vrid = 51,
		.prio = 100,
		.auth_type = c->kind == AUTH_AH ? VRRP_AUTH_AH : 0,
		.cs = 100,
		.sum = VRRP_SUM_PSEUDO,
		.vips = ip4 ? vips : vips6,
		.nvips = 1 };
	struct sent s = { .len = 0 };
	size_t at = ip4 ? 20 : 0, n;

	o.src = o.dst = (struct addr){ (uint8_t)family, { 0xfe, 0x80 } };
	o.src.b[ip4 ? 3 : 15] = host;
	o.dst.b[ip4 ? 3 : 15] = 200;
	s.ip = (struct vrrp_ip){ o.src, o.dst, 255 };
	assert_true(auth_next(st, c, now));
	n = vrrp_encode(s.buf + at + auth_head(c), 400, &o);
	assert_true(n > 0);
	s.len = at + auth_sign(c, st, &o, unicast, s.buf + at, n);
	if (!ip4)
		return s;
	memcpy(s.buf, "\x45\xc0\0\0\0\0\x40\0\xff", 9);
	s.buf[3] = (uint8_t)s.len;
	s.buf[9] = c->kind == AUTH_AH ? AUTH_AH_PROTO : VRRP_PROTO;
	memcpy(s.buf + 12, o.src.b, 4);
	memcpy(s.buf + 16, o.dst.b, 4);
	return s;
}

static uint32_t hear(const struct auth_cfg *c, struct auth_state *st,
	const struct sent *s, uint64_t now)
{
	bool ip4 = s->ip.src.family == AF_INET;

	if (ip4)
		return take4(c, st, s->buf, s->len, now);
	return take(c, st, &s->ip, NULL, s->buf, s->len, now);
}

static void what_we_send_we_take(void **state)
{
	const struct auth_cfg cfgs[] = { keys("key 7 " KEY32),
		ah_key("secret") };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct auth_cfg *c = &cfgs[i / 2];
		struct auth_state tx = { 0 }, rx = { 0 };
		int family = i == 1 ? AF_INET6 : AF_INET;

		for (int k = 0; k < 10; k++) {
			struct sent s =
				emit(c, &tx, family, 1, false, HMAC_NOW);

			CHECK_NUM("ours", hear(c, &rx, &s, HMAC_NOW), 0);
		}
	}
}

/* The TTL does not count there; and what is signed for the group is not for a
 * peer. */
static void ah_between_peers(void **state)
{
	const struct auth_cfg c = ah_key("secret");
	struct auth_state tx = { 0 };
	const struct auth_state rx = { 0 };
	struct sent s = emit(&c, &tx, AF_INET, 1, true, HMAC_NOW);
	struct auth_seen seen;

	(void)state;
	s.buf[8] = 64;
	assert_int_equal(
		auth_peel(&seen, &c, s.buf, s.buf + 20, s.len - 20), 0);
	CHECK_NUM(
		"unicast", auth_check(&c, &rx, &seen, &s.ip, true, 100, 0), 0);
	CHECK_NUM("multicast", auth_check(&c, &rx, &seen, &s.ip, false, 100, 0),
		VRRP_BIT(SIGNATURE));
}

static void sequences_grow_whatever_the_clock_does(void **state)
{
	static const struct {
		const char *name;
		uint32_t sec;
	} rows[] = {
		{ "at first", 2000000000 },
		{ "the same time", 2000000000 },
		{ "a second on", 2000000001 },
		{ "an hour back", 1999996400 },
		{ "still", 1999996401 },
		{ "1970", 0 },
		{ "ahead", 2000000500 },
	};
	const struct auth_cfg cfgs[] = { keys("key 1 " KEY32), ah_key("x") };

	(void)state;
	for (size_t k = 0; k < N_OF(cfgs); k++) {
		struct auth_state st = { 0 };
		uint64_t last = 0;

		for (size_t i = 0; i < N_OF(rows); i++) {
			assert_true(auth_next(&st, &cfgs[k],
				AUTH_TIME(rows[i].sec, 0x12345678)));
			if (st.sent <= last)
				fail_msg("%s", rows[i].name);
			last = st.sent;
		}
	}
}

/* A second elector with no memory is above the first one, with as many adverts
 * out of turn as four a second. */
static void sequences_grow_over_a_restart(void **state)
{
	const struct auth_cfg cfgs[] = { keys("key 1 " KEY32), ah_key("x") };

	(void)state;
	for (size_t k = 0; k < N_OF(cfgs); k++) {
		struct auth_state one = { 0 }, two = { 0 };

		for (uint32_t i = 0; i < 40; i++)
			auth_next(&one, &cfgs[k],
				AUTH_TIME(2000000000 + i / 4, 0));
		auth_next(&two, &cfgs[k], AUTH_TIME(2000000010, 0));
		assert_true(two.sent > one.sent);
	}
}

/* At the very time of the latest advert of one that was killed, and of three
 * more out of turn; then by the clock again. */
static void ah_of_a_successor_at_once(void **state)
{
	const struct auth_cfg c = ah_key("x");
	struct auth_state one = { .sent = 1 }, two = { 0 };
	const uint32_t sec = 2000000000;

	(void)state;
	for (int i = 0; i < 4; i++)
		auth_next(&one, &c, AUTH_TIME(sec, i));
	auth_next(&two, &c, AUTH_TIME(sec, 4));
	assert_true(two.sent > one.sent);
	for (uint32_t i = 1; i < 4; i++) {
		auth_next(&one, &c, AUTH_TIME(sec + i, 0));
		auth_next(&two, &c, AUTH_TIME(sec + i, 0));
	}
	CHECK_NUM("later", two.sent, one.sent);
}

static void ah_goes_above_what_it_heard_and_ends(void **state)
{
	const struct auth_cfg c = ah_key("abcdefgh");
	struct auth_state st = { .heard = 0xf0000000 };

	(void)state;
	assert_true(auth_next(&st, &c, HMAC_NOW));
	CHECK_NUM("above", st.sent, 0xf0000001);
	st.heard = 0xfffffffc;
	assert_true(auth_next(&st, &c, HMAC_NOW));
	CHECK_NUM("last", st.sent, 0xfffffffd);
	assert_false(auth_next(&st, &c, HMAC_NOW));
}

/* 64 bits of serial numbers go round (RFC 1982). */
static void the_trailer_goes_round(void **state)
{
	const struct auth_cfg c = keys("key 1 " KEY32 "\nreplay monotonic");
	struct auth_state tx = { .sent = UINT64_MAX - 1 }, rx = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct sent s = emit(
			&c, &tx, AF_INET, 1, false, AUTH_TIME(0xfffffff0, 0));

		CHECK_NUM("round", hear(&c, &rx, &s, 0), 0);
	}
}

static void senders_have_windows_of_their_own(void **state)
{
	const struct auth_cfg c = keys("key 1 " KEY32);
	struct auth_state a = { 0 }, b = { 0 }, rx = { 0 };
	struct sent first = emit(&c, &a, AF_INET, 1, false, HMAC_NOW);
	struct sent other = emit(&c, &b, AF_INET, 2, false, HMAC_NOW);

	(void)state;
	CHECK_NUM("first", hear(&c, &rx, &first, HMAC_NOW), 0);
	CHECK_NUM("other", hear(&c, &rx, &other, HMAC_NOW), 0);
	CHECK_NUM("again", hear(&c, &rx, &first, HMAC_NOW), VRRP_BIT(REPLAY));
	CHECK_NUM("senders", rx.nsenders, 2);
}

/* More senders than slots: the one that was silent for longest goes. */
static void the_table_is_bounded(void **state)
{
	const struct auth_cfg c = keys("key 1 " KEY32);
	struct auth_state rx = { 0 };
	struct auth_seen s = { .is_signed = true, .seq = 1 };
	struct addr src = { .family = AF_INET };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		src.b[2] = (uint8_t)(i >> 8);
		src.b[3] = (uint8_t)i;
		auth_accept(&rx, &c, &s, &src);
	}
	CHECK_NUM("senders", rx.nsenders, AUTH_SENDERS_MAX);
	for (int i = 0; i < AUTH_SENDERS_MAX; i++)
		assert_true(rx.senders[i].src.b[2] == 3);
}

/* ---- Roll-out and rotation. */

static void the_roll_out(void **state)
{
	static const char *const names[] = { "enforce", "permissive",
		"receive-only", "none" };
	/* who hears whom: rows hear, columns send */
	static const uint32_t want[4][4] = {
		{ 0, 0, VRRP_BIT(UNSIGNED), VRRP_BIT(UNSIGNED) },
		{ 0, 0, VRRP_BIT(UNSIGNED_TAKEN), VRRP_BIT(UNSIGNED_TAKEN) },
		{ 0, 0, VRRP_BIT(UNSIGNED_TAKEN), VRRP_BIT(UNSIGNED_TAKEN) },
		{ VRRP_BIT(LENGTH) | VRRP_BIT(CHECKSUM),
			VRRP_BIT(LENGTH) | VRRP_BIT(CHECKSUM), 0, 0 },
	};
	struct auth_cfg cfgs[4] = { { .kind = AUTH_NONE } };
	char text[256];

	(void)state;
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof text, "key 1 %s\nmode %s", KEY32,
			names[i]);
		cfgs[i] = keys(text);
	}
	cfgs[3] = (struct auth_cfg){ .kind = AUTH_NONE };
	for (int i = 0; i < 16; i++) {
		struct auth_state tx = { 0 }, rx = { 0 };
		struct sent s =
			emit(&cfgs[i % 4], &tx, AF_INET, 1, false, HMAC_NOW);

		snprintf(text, sizeof text, "%s hears %s", names[i / 4],
			names[i % 4]);
		CHECK_NUM(text, hear(&cfgs[i / 4], &rx, &s, HMAC_NOW),
			want[i / 4][i % 4]);
	}
}

/* A bad signature is none at all, in every mode. */
static void permissive_refuses_a_bad_signature(void **state)
{
	const struct auth_cfg c = keys("key 1 " KEY_B "\nmode permissive");
	struct auth_state st = { 0 };

	(void)state;
	CHECK_NUM("bad", take_hex(&c, &st, HMAC_1, HMAC_NOW),
		VRRP_BIT(SIGNATURE));
}

static void rotation(void **state)
{
	const struct auth_cfg old = keys("key 1 " KEY32);
	const struct auth_cfg both = keys("key 1 " KEY32 "\nkey 2 " KEY_B);
	const struct auth_cfg swapped = keys("key 2 " KEY_B "\nkey 1 " KEY32);
	const struct auth_cfg new = keys("key 2 " KEY_B);
	const struct auth_cfg *const steps[] = { &old, &both, &swapped, &new };

	(void)state;
	for (size_t i = 0; i < N_OF(steps); i++) {
		for (size_t k = 0; k < N_OF(steps); k++) {
			struct auth_state tx = { 0 }, rx = { 0 };
			struct sent s = emit(
				steps[i], &tx, AF_INET6, 1, false, HMAC_NOW);
			bool near = (i > k ? i - k : k - i) <= 1;

			/* neighbours in the rotation always agree */
			if (near)
				CHECK_NUM("step",
					hear(steps[k], &rx, &s, HMAC_NOW), 0);
			else if ((i == 3 && k == 0) || (i == 0 && k == 3))
				CHECK_NUM("far",
					hear(steps[k], &rx, &s, HMAC_NOW),
					VRRP_BIT(KEY));
		}
	}
}

/* ---- The file. */

static void files(void **state)
{
	static const struct {
		const char *name, *text, *wrong;
		unsigned line;
	} rows[] = {
		{ "one key", "key 1 " KEY32, NULL, 1 },
		{ "a newline", "key 1 " KEY32 "\n", NULL, 2 },
		{ "DOS", "key 1 " KEY32 "\r\nmode permissive\r\n", NULL, 3 },
		{ "comments", "# a\n\n \tkey\t255  " KEY32 "  # b\n", NULL, 4 },
		{ "upper case",
			"key 0 ABCDEFabcdefABCDEFabcdefABCDEFabcdef"
			"ABCDEFabcdefABCDEFabcdef0123456789",
			NULL, 1 },
		{ "64 bytes", "key 1 " KEY32 KEY32, NULL, 1 },
		{ "65 bytes", "key 1 " KEY32 KEY32 "00",
			"key: not 64 to 128 hex digits", 1 },
		{ "31 bytes",
			"key 1 0001020304050607080910111213141516171819"
			"2021222324252627282930",
			"key: not 64 to 128 hex digits", 1 },
		{ "odd", "key 1 " KEY32 "0", "key: not 64 to 128 hex digits",
			1 },
		{ "not hex",
			"key 1 0001020304050607080910111213141516171819"
			"202122232425262728293z",
			"key: not 64 to 128 hex digits", 1 },
		{ "empty", "", "no key", 1 },
		{ "no key", "mode enforce\n", "no key", 2 },
		{ "id", "\nkey 256 " KEY32, "key: not an id from 0 to 255", 2 },
		{ "twice", "key 1 " KEY32 "\nkey 1 " KEY_B,
			"key: this id is there twice", 2 },
		{ "no hex", "key 1",
			"not key ID HEX, mode M, replay R or "
			"window T",
			1 },
		{ "a word too many", "key 1 " KEY32 " x",
			"not key ID HEX, mode M, replay R or window T", 1 },
		{ "mode", "mode maybe",
			"mode: not enforce, permissive or receive-only", 1 },
		{ "replay", "replay yes", "replay: not time or monotonic", 1 },
		{ "window", "window 1.5s",
			"window: not whole seconds, 1s to 86400s", 1 },
		{ "window 0", "window 0",
			"window: not whole seconds, 1s to 86400s", 1 },
		{ "window, too much", "window 86401",
			"window: not whole seconds, 1s to 86400s", 1 },
		{ "unknown", "\n\nsalt 1",
			"not key ID HEX, mode M, replay R or window T", 3 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct auth_cfg c = { .kind = AUTH_HMAC, .nkeys = 77 };
		char copy[AUTH_FILE_MAX];
		unsigned line;
		const char *wrong;

		strcpy(copy, rows[i].text);
		wrong = auth_parse(&c, copy, &line);
		CHECK_STR(rows[i].name, wrong ? wrong : "ok",
			rows[i].wrong ? rows[i].wrong : "ok");
		CHECK_NUM(rows[i].name, line, rows[i].line);
		CHECK_NUM(rows[i].name, c.nkeys, wrong ? 77 : 1);
	}
}

static void all_of_a_file(void **state)
{
	const struct auth_cfg c =
		keys("mode receive-only\nwindow 1m\n"
		     "replay monotonic\nkey 9 " KEY_B "\nkey 1 " KEY32 KEY32);

	(void)state;
	CHECK_NUM("mode", c.mode, AUTH_RECEIVE_ONLY);
	CHECK_NUM("window", c.window, 60);
	CHECK_NUM("monotonic", c.monotonic, true);
	CHECK_NUM("keys", c.nkeys, 2);
	CHECK_NUM("id", c.keys[0].id, 9);
	CHECK_NUM("length", c.keys[1].len, 64);
	CHECK_NUM("first byte", c.keys[0].b[0], 0xf0);
	CHECK_NUM("last byte", c.keys[1].b[63], 0x1f);
}

static void too_many_keys(void **state)
{
	struct auth_cfg c = { .kind = AUTH_HMAC };
	char text[AUTH_FILE_MAX] = "";
	unsigned line;
	size_t n = 0;

	(void)state;
	for (int i = 0; i <= AUTH_KEYS_MAX; i++)
		n += (size_t)snprintf(
			text + n, sizeof text - n, "key %d %s\n", i, KEY32);
	CHECK_STR("17", auth_parse(&c, text, &line), "key: too many");
	CHECK_NUM("17", line, 17);
}

/* Every length there is, each in a block of its own. */
static void short_packets(void **state)
{
	const struct auth_cfg cfgs[] = { keys("key 1 " KEY32),
		ah_key("abcdefgh") };
	const char *const hex[] = { HMAC_1, AH_1 };

	(void)state;
	for (size_t k = 0; k < N_OF(cfgs); k++) {
		uint8_t buf[256];
		size_t len = t_unhex(buf, sizeof buf, hex[k]);

		for (size_t n = 20; n < len; n++) {
			struct auth_state st = { 0 };

			buf[3] = (uint8_t)n;
			if (vrrp_refusal(take4(
				    &cfgs[k], &st, buf, n, HMAC_NOW)) == VF_OK)
				fail_msg("%zu bytes", n);
			CHECK_NUM("senders", st.nsenders, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vectors),
		cmocka_unit_test(keepalived_2_4_is_understood),
		cmocka_unit_test(keepalived_2_2_ah_is_understood),
		cmocka_unit_test(changed_ah_is_refused),
		cmocka_unit_test(changed_hmac_is_refused),
		cmocka_unit_test(another_priority_vrid_or_sender_is_refused),
		cmocka_unit_test(every_bit_of_what_is_signed_counts),
		cmocka_unit_test(replays_are_refused),
		cmocka_unit_test(the_window),
		cmocka_unit_test(the_window_grows_with_the_interval),
		cmocka_unit_test(what_we_send_we_take),
		cmocka_unit_test(ah_between_peers),
		cmocka_unit_test(sequences_grow_whatever_the_clock_does),
		cmocka_unit_test(sequences_grow_over_a_restart),
		cmocka_unit_test(ah_of_a_successor_at_once),
		cmocka_unit_test(ah_goes_above_what_it_heard_and_ends),
		cmocka_unit_test(the_trailer_goes_round),
		cmocka_unit_test(senders_have_windows_of_their_own),
		cmocka_unit_test(the_table_is_bounded),
		cmocka_unit_test(the_roll_out),
		cmocka_unit_test(permissive_refuses_a_bad_signature),
		cmocka_unit_test(rotation),
		cmocka_unit_test(files),
		cmocka_unit_test(all_of_a_file),
		cmocka_unit_test(too_many_keys),
		cmocka_unit_test(short_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
