#include "t.h"
#include "addr.h"

static struct addr A(const char *s) {
	struct addr a;

	if (!addr_parse(&a, s))
		fail_msg("%s is an address", s);
	return a;
}

static const struct {
	const char *s, *back; /* back NULL: refused */
} addr_rows[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "::", "::" },
	{ "fe80::1", "fe80::1" },
	{ "2001:DB8:0:0::1", "2001:db8::1" },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
	{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
	{ "", NULL },
	{ "192.0.2", NULL },
	{ "192.0.2.256", NULL },
	{ "192.0.2.1.1", NULL },
	{ "192.0.2.1 ", NULL },
	{ " 192.0.2.1", NULL },
	{ "192.0.2.01", NULL }, /* octal to some */
	{ "0x7f.1", NULL },
	{ "3221225985", NULL },
	{ "localhost", NULL },
	{ "fe80::1%eth0", NULL },
	{ "[::1]", NULL },
	{ ":::", NULL },
	{ "1::2::3", NULL },
	{ "1:2:3:4:5:6:7", NULL },
	{ "::12345", NULL },
	{ ":", NULL },
	{ "192.0.2.1/24", NULL },
};

static void addresses(void **state)
{
	char buf[ADDR_STRLEN];
	struct addr a;

	(void)state;
	for (size_t i = 0; i < N_OF(addr_rows); i++) {
		bool ok = addr_parse(&a, addr_rows[i].s);

		CHECK_NUM(addr_rows[i].s, ok, addr_rows[i].back != NULL);
		if (ok)
			CHECK_STR(addr_rows[i].s, addr_str(&a, buf),
				addr_rows[i].back);
	}
}

static void no_address(void **state)
{
	struct addr none = { 0 };
	char buf[ADDR_STRLEN];

	(void)state;
	assert_int_equal(addr_size(&none), 0);
	assert_string_equal(addr_str(&none, buf), "-");
}

static const struct {
	const char *s, *back;
	int len;
} prefix_rows[] = {
	{ "192.0.2.1", "192.0.2.1", 32 },
	{ "192.0.2.1/24", "192.0.2.1/24", 24 },
	{ "192.0.2.1/32", "192.0.2.1/32", 32 },
	{ "192.0.2.1/0", "192.0.2.1/0", 0 },
	{ "2001:db8::1", "2001:db8::1", 128 },
	{ "2001:db8::1/64", "2001:db8::1/64", 64 }, { "::/0", "::/0", 0 },
	{ "::1/128", "::1/128", 128 }, { "192.0.2.1/33", NULL, 0 },
	{ "::1/129", NULL, 0 }, { "192.0.2.1/", NULL, 0 }, { "/24", NULL, 0 },
	{ "192.0.2.1/-1", NULL, 0 }, { "192.0.2.1/+8", NULL, 0 },
	{ "192.0.2.1/ 8", NULL, 0 }, { "192.0.2.1/8x", NULL, 0 },
	{ "192.0.2.1/8/8", NULL, 0 }, { "192.0.2.1/255.255.255.0", NULL, 0 },
	{ "192.0.2.1//24", NULL, 0 }, { "", NULL, 0 },
	{ "11111111111111111111111111111111111111111111111111111", NULL, 0 },
	{ "192.0.2.1/4294967328", NULL, 0 }, /* 32 in 32 bits */
};

static void prefixes(void **state)
{
	char buf[PREFIX_STRLEN];
	struct prefix p;

	(void)state;
	for (size_t i = 0; i < N_OF(prefix_rows); i++) {
		bool ok = prefix_parse(&p, prefix_rows[i].s);

		CHECK_NUM(prefix_rows[i].s, ok, prefix_rows[i].back != NULL);
		if (!ok)
			continue;
		CHECK_NUM(prefix_rows[i].s, p.len, prefix_rows[i].len);
		CHECK_STR(prefix_rows[i].s, prefix_str(&p, buf),
			prefix_rows[i].back);
	}
}

static void the_longest_prefix_fits_its_buffer(void **state)
{
	const char *s = "1111:2222:3333:4444:5555:6666:255.255.255.255/128";
	char *buf = malloc(PREFIX_STRLEN);
	struct prefix p;

	(void)state;
	assert_non_null(buf);
	assert_true(prefix_parse(&p, s));
	assert_string_equal(prefix_str(&p, buf),
		"1111:2222:3333:4444:5555:6666:ffff:ffff/128");
	free(buf);
}

static const struct {
	const char *net, *addr;
	bool in;
} has_rows[] = {
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.77/24", "192.0.2.1", true }, /* host bits do not count */
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.0/25", "192.0.2.127", true },
	{ "192.0.2.0/25", "192.0.2.128", false },
	{ "192.0.2.128/25", "192.0.2.128", true },
	{ "192.0.2.0/31", "192.0.2.1", true },
	{ "192.0.2.0/31", "192.0.2.2", false },
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "0.0.0.0/0", "255.1.2.3", true },
	{ "128.0.0.0/1", "127.0.0.1", false },
	{ "0.0.0.0/0", "::1", false },
	{ "::/0", "192.0.2.1", false },
	{ "::/0", "ffff::1", true },
	{ "fe80::/10", "febf::1", true },
	{ "fe80::/10", "fec0::1", false },
	{ "2001:db8::/127", "2001:db8::1", true },
	{ "2001:db8::/127", "2001:db8::2", false },
	{ "2001:db8::1/128", "2001:db8::1", true },
	{ "2001:db8::1/128", "2001:db8::3", false },
};

static void networks(void **state)
{
	struct prefix p;

	(void)state;
	for (size_t i = 0; i < N_OF(has_rows); i++) {
		struct addr a = A(has_rows[i].addr);

		assert_true(prefix_parse(&p, has_rows[i].net));
		CHECK_NUM(has_rows[i].net, prefix_has(&p, &a), has_rows[i].in);
	}
}

static const struct {
	const char *low, *high;
} order_rows[] = {
	{ "10.0.0.1", "10.0.0.2" },
	{ "10.0.0.127", "10.0.0.128" }, /* unsigned */
	{ "1.0.0.255", "2.0.0.0" },	/* network order */
	{ "127.0.0.1", "200.0.0.1" },
	{ "fe80::7f", "fe80::80" },
	{ "fe80::ffff", "fe80::1:0" },
	{ "7fff::", "8000::" },
};

static void order(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(order_rows); i++) {
		struct addr lo = A(order_rows[i].low);
		struct addr hi = A(order_rows[i].high);

		CHECK_NUM(order_rows[i].low, addr_cmp(&lo, &hi) < 0, 1);
		CHECK_NUM(order_rows[i].low, addr_cmp(&hi, &lo) > 0, 1);
		CHECK_NUM(order_rows[i].low, addr_cmp(&lo, &lo), 0);
		assert_false(addr_equal(&lo, &hi));
		assert_true(addr_equal(&lo, &lo));
	}
}

static void families_are_never_equal(void **state)
{
	struct addr a = A("0.0.0.0"), b = A("::");

	(void)state;
	assert_false(addr_equal(&a, &b));
}

static const struct {
	const char *s;
	bool multicast, unspecified, linklocal, loopback;
} kind_rows[] = {
	{ "224.0.0.18", true, false, false, false },
	{ "239.255.255.255", true, false, false, false },
	{ "240.0.0.1", false, false, false, false },
	{ "223.255.255.255", false, false, false, false },
	{ "0.0.0.0", false, true, false, false },
	{ "0.0.0.1", false, false, false, false },
	{ "127.255.0.1", false, false, false, true },
	{ "169.254.1.1", false, false, false, false },
	{ "ff02::12", true, false, false, false },
	{ "fe80::1", false, false, true, false },
	{ "febf::1", false, false, true, false },
	{ "fec0::1", false, false, false, false },
	{ "::", false, true, false, false },
	{ "::1", false, false, false, true },
	{ "::2", false, false, false, false },
};

static void kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(kind_rows); i++) {
		struct addr a = A(kind_rows[i].s);

		CHECK_NUM(kind_rows[i].s, addr_is_multicast(&a),
			kind_rows[i].multicast);
		CHECK_NUM(kind_rows[i].s, addr_is_unspecified(&a),
			kind_rows[i].unspecified);
		CHECK_NUM(kind_rows[i].s, addr_is_linklocal6(&a),
			kind_rows[i].linklocal);
		CHECK_NUM(kind_rows[i].s, addr_is_loopback(&a),
			kind_rows[i].loopback);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(no_address),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(the_longest_prefix_fits_its_buffer),
		cmocka_unit_test(networks),
		cmocka_unit_test(order),
		cmocka_unit_test(families_are_never_equal),
		cmocka_unit_test(kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
