#include "t.h"
#include "cksum.h"
#include "na.h"

static const uint8_t mac[] = { 0x52, 0x54, 0, 0xaa, 0, 1 };
static const uint8_t other[] = { 2, 0, 0, 0, 0, 1 };

static struct addr A(const char *s) {
	struct addr a;

	if (!addr_parse(&a, s))
		fail_msg("%s is an address", s);
	return a;
}

static void
check_frame(const struct frame *f, const char *hex)
{
	uint8_t want[FRAME_MAX];

	assert_int_equal(t_unhex(want, sizeof want, hex), f->len);
	assert_memory_equal(f->b, want, f->len);
}

static void frames(void **state)
{
	struct addr ip = A("2001:db8::1:2");
	struct frame f;

	(void)state;
	na_announce(&f, &ip, mac, true);
	check_frame(&f, "333300000001525400aa000186dd"
			"6000000000203aff"
			"20010db8000000000000000000010002"
			"ff020000000000000000000000000001"
			"88002828a0000000"
			"20010db8000000000000000000010002"
			"0201525400aa0001");
	na_probe(&f, &ip, mac);
	check_frame(&f, "3333ff010002525400aa000186dd"
			"6000000000183aff"
			"00000000000000000000000000000000"
			"ff0200000000000000000001ff010002"
			"87004ce900000000"
			"20010db8000000000000000000010002");
}

static void what_is_sent_is_understood(void **state)
{
	struct addr ip = A("2001:db8::1:2");
	struct frame f;
	struct nd n;

	(void)state;
	na_announce(&f, &ip, mac, false);
	assert_int_equal(f.b[58], 0x20); /* override, no router */
	assert_true(nd_decode(&n, f.b, f.len));
	assert_int_equal(n.type, ND_ADVERTISE);
	assert_true(addr_equal(&n.src, &ip));
	assert_true(addr_equal(&n.target, &ip));
	assert_memory_equal(n.mac, mac, MAC_LEN);
	na_probe(&f, &ip, mac);
	assert_true(nd_decode(&n, f.b, f.len));
	assert_int_equal(n.type, ND_SOLICIT);
	assert_true(addr_is_unspecified(&n.src));
}

static void no_truncation_is_accepted(void **state)
{
	struct addr ip = A("2001:db8::1:2");
	struct frame f;
	struct nd n;

	(void)state;
	na_announce(&f, &ip, mac, true);
	for (size_t cut = 0; cut <= f.len; cut++) {
		uint8_t *p = t_exact(f.b, cut);

		CHECK_NUM("cut", nd_decode(&n, p, cut), cut == f.len);
		free(p);
	}
}

static void a_shorter_payload_is_not_accepted(void **state)
{
	struct addr ip = A("2001:db8::1:2");
	struct frame f;
	struct nd n;

	(void)state;
	for (uint8_t size = 0; size < 64; size++) {
		na_announce(&f, &ip, mac, true);
		f.b[19] = size;
		CHECK_NUM("size", nd_decode(&n, f.b, f.len), size == 32);
	}
}

static const struct {
	const char *name;
	uint8_t at, value;
} broken[] = {
	{ "EtherType", 12, 0x08 },
	{ "next header", 20, 17 },
	{ "hop limit 254", 21, 254 },
	{ "code", 55, 1 },
	{ "type", 54, 133 },
	{ "multicast target", 62, 0xff },
	{ "option without a length", 79, 0 },
	{ "option beyond the end", 79, 2 },
};

/* Each with a right checksum, so that it is not that which is noticed. */
static void invalid_ones_are_refused(void **state)
{
	struct addr ip = A("2001:db8::1:2"), all = A("ff02::1");
	struct frame f;
	struct nd n;

	(void)state;
	for (size_t i = 0; i < N_OF(broken); i++) {
		uint16_t sum;

		na_announce(&f, &ip, mac, true);
		f.b[broken[i].at] = broken[i].value;
		f.b[56] = f.b[57] = 0;
		sum = cksum_fold(cksum_pseudo(
			cksum_add(0, f.b + 54, 32), &ip, &all, 58, 32));
		f.b[56] = (uint8_t)(sum >> 8);
		f.b[57] = (uint8_t)sum;
		CHECK_NUM(broken[i].name, nd_decode(&n, f.b, f.len), 0);
	}
	na_announce(&f, &ip, mac, true);
	f.b[57] ^= 1;
	assert_false(nd_decode(&n, f.b, f.len));
}

static const struct {
	const char *name, *src, *target;
	uint8_t type;
	bool ours, conflict;
} rows[] = {
	{ "told by another", "fe80::9", "2001:db8::1", 136, false, true },
	{ "told by us", "fe80::9", "2001:db8::1", 136, true, false },
	{ "probed by another", "::", "2001:db8::1", 135, false, true },
	{ "asked for", "fe80::9", "2001:db8::1", 135, false, false },
	{ "used by another", "2001:db8::1", "fe80::9", 135, false, true },
	{ "another address", "fe80::9", "2001:db8::2", 136, false, false },
};

static void conflicts(void **state)
{
	struct addr ip = A("2001:db8::1");

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct nd n = { .type = rows[i].type,
			.src = A(rows[i].src),
			.target = A(rows[i].target) };

		memcpy(n.mac, rows[i].ours ? mac : other, MAC_LEN);
		CHECK_NUM(rows[i].name, nd_conflicts(&n, &ip, mac),
			rows[i].conflict);
	}
}

static void random_bytes_do_no_harm(void **state)
{
	struct addr ip = A("2001:db8::1:2");
	uint64_t rng = t_seed();
	struct frame f;
	struct nd n;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		size_t len = t_below(&rng, FRAME_MAX + 1);
		uint8_t *p;

		na_announce(&f, &ip, mac, true);
		for (int k = 0; k < 3; k++)
			f.b[t_below(&rng, f.len)] = (uint8_t)t_rand(&rng);
		p = t_exact(f.b, len);
		nd_decode(&n, p, len);
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames),
		cmocka_unit_test(what_is_sent_is_understood),
		cmocka_unit_test(no_truncation_is_accepted),
		cmocka_unit_test(a_shorter_payload_is_not_accepted),
		cmocka_unit_test(invalid_ones_are_refused),
		cmocka_unit_test(conflicts),
		cmocka_unit_test(random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
