#include "t.h"
#include "vframe.h"
#include "vrrp.h"

static struct addr A(const char *s) {
	struct addr a;

	assert_true(addr_parse(&a, s));
	return a;
}

static void
assert_frame(const struct vframe *f, const char *payload, const char *want)
{
	uint8_t buf[256], expected[256];
	size_t len = t_unhex(buf + VFRAME_HEAD, 64, payload);
	size_t n = t_unhex(expected, sizeof expected, want);
	size_t head = vframe_wrap(buf + VFRAME_HEAD, len, f);

	assert_int_equal(head + len, n);
	assert_memory_equal(buf + VFRAME_HEAD - head, expected, n);
}

static void ip4(void **state)
{
	struct vframe f = { .src = A("10.77.0.1"),
		.dst = vrrp_group(AF_INET),
		.proto = 112,
		.id = 7 };

	(void)state;
	vmac_of(f.mac, AF_INET, 51);
	assert_frame(&f, "31336401006474f60a4d00fe",
		"01005e00001200005e0001330800"
		"45c0002000070000ff70d0460a4d0001e0000012"
		"31336401006474f60a4d00fe");
}

static void an_id_or_df(void **state)
{
	struct vframe f = {
		.src = A("10.77.0.1"), .dst = A("239.129.2.3"), .proto = 51
	};

	(void)state;
	vmac_of(f.mac, AF_INET, 255);
	assert_frame(&f, "00",
		"01005e01020300005e0001ff0800"
		"45c0001500004000ff337f230a4d0001ef810203"
		"00");
}

static void ip6(void **state)
{
	struct vframe f = {
		.src = A("fe80::1"), .dst = vrrp_group(AF_INET6), .proto = 112
	};

	(void)state;
	vmac_of(f.mac, AF_INET6, 1);
	assert_frame(&f, "31016401",
		"33330000001200005e00020186dd6c000000000470ff"
		"fe800000000000000000000000000001"
		"ff020000000000000000000000000012"
		"31016401");
}

/* The header is one that a receiver takes. */
static void what_is_sent_is_understood(void **state)
{
	uint8_t buf[VFRAME_HEAD + 12] = { 0 };
	struct vframe f = { .src = A("192.0.2.1"),
		.dst = vrrp_group(AF_INET),
		.proto = 112,
		.id = 0xffff };
	struct vrrp_ip ip;
	const uint8_t *payload;
	size_t len;

	(void)state;
	vframe_wrap(buf + VFRAME_HEAD, 12, &f);
	assert_int_equal(
		vrrp_peel4(&ip, buf + VFRAME_HEAD - 20, 32, &payload, &len),
		VF_OK);
	assert_int_equal(len, 12);
	assert_int_equal(ip.ttl, 255);
	assert_true(addr_equal(&ip.src, &f.src));
	assert_true(addr_equal(&ip.dst, &f.dst));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip4),
		cmocka_unit_test(an_id_or_df),
		cmocka_unit_test(ip6),
		cmocka_unit_test(what_is_sent_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
