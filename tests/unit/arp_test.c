#include "t.h"
#include "arp.h"

static const uint8_t vmac[] = { 0, 0, 0x5e, 0, 1, 10 };
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
	uint8_t want[ETH_MIN] = { 0 };
	size_t n = t_unhex(want, sizeof want, hex);

	assert_true(n <= ETH_MIN);
	assert_int_equal(f->len, ETH_MIN);
	assert_memory_equal(f->b, want, ETH_MIN);
}

/* The request is keepalived's, byte for byte but for the padding. */
static void frames(void **state)
{
	struct addr ip = A("192.0.2.1");
	struct frame f;

	(void)state;
	memset(&f, 0xee, sizeof f);
	arp_announce(&f, &ip, vmac, false);
	check_frame(&f, "ffffffffffff00005e00010a0806"
			"000108000604000100005e00010ac0000201"
			"ffffffffffffc0000201");
	arp_announce(&f, &ip, vmac, true); /* THA == SHA: else Linux waits */
	check_frame(&f, "ffffffffffff00005e00010a0806"
			"000108000604000200005e00010ac0000201"
			"00005e00010ac0000201");
	arp_probe(&f, &ip, vmac);
	check_frame(&f, "ffffffffffff00005e00010a0806"
			"000108000604000100005e00010a00000000"
			"000000000000c0000201");
}

static void what_is_sent_is_understood(void **state)
{
	struct addr ip = A("192.0.2.1");
	struct frame f;
	struct arp a;

	(void)state;
	arp_announce(&f, &ip, vmac, true);
	assert_true(arp_decode(&a, f.b, f.len));
	assert_int_equal(a.op, ARP_REPLY);
	assert_true(addr_equal(&a.spa, &ip));
	assert_true(addr_equal(&a.tpa, &ip));
	assert_memory_equal(a.sha, vmac, MAC_LEN);
	assert_memory_equal(a.tha, vmac, MAC_LEN);
}

static void no_truncation_is_accepted(void **state)
{
	struct addr ip = A("192.0.2.1");
	struct frame f;
	struct arp a;

	(void)state;
	arp_announce(&f, &ip, vmac, false);
	for (size_t cut = 0; cut <= ETH_MIN; cut++) {
		uint8_t *p = t_exact(f.b, cut);

		CHECK_NUM("cut", arp_decode(&a, p, cut), cut >= 42);
		free(p);
	}
}

static void other_protocols_are_not_arp(void **state)
{
	struct addr ip = A("192.0.2.1");
	struct frame f;
	struct arp a;

	(void)state;
	for (size_t at = 12; at < 20; at++) {
		arp_announce(&f, &ip, vmac, false);
		f.b[at] ^= 0x10;
		CHECK_NUM("byte", arp_decode(&a, f.b, f.len), 0);
	}
}

static const struct {
	const char *name, *spa, *tpa;
	uint16_t op;
	bool ours, conflict;
} rows[] = {
	{ "announced by another", "192.0.2.1", "192.0.2.1", 1, false, true },
	{ "announced by us", "192.0.2.1", "192.0.2.1", 1, true, false },
	{ "used by another", "192.0.2.1", "192.0.2.9", 1, false, true },
	{ "answered by another", "192.0.2.1", "192.0.2.9", 2, false, true },
	{ "probed by another", "0.0.0.0", "192.0.2.1", 1, false, true },
	{ "probed by us", "0.0.0.0", "192.0.2.1", 1, true, false },
	{ "asked for", "192.0.2.9", "192.0.2.1", 1, false, false },
	{ "reply from nobody", "0.0.0.0", "192.0.2.1", 2, false, false },
	{ "another address", "192.0.2.2", "192.0.2.2", 1, false, false },
};

static void conflicts(void **state)
{
	struct addr ip = A("192.0.2.1");

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct arp a = { .op = rows[i].op,
			.spa = A(rows[i].spa),
			.tpa = A(rows[i].tpa) };

		memcpy(a.sha, rows[i].ours ? vmac : other, MAC_LEN);
		CHECK_NUM(rows[i].name, arp_conflicts(&a, &ip, vmac),
			rows[i].conflict);
	}
}

static const struct {
	const char *s, *back; /* back NULL: refused */
	bool unicast;
} macs[] = {
	{ "00:00:5e:00:01:0a", "00:00:5e:00:01:0a", true },
	{ "00:00:5E:00:01:FF", "00:00:5e:00:01:ff", true },
	{ "ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff", false },
	{ "33:33:00:00:00:01", "33:33:00:00:00:01", false },
	{ "00:00:00:00:00:00", "00:00:00:00:00:00", false },
	{ "", NULL, false },
	{ "00:00:5e:00:01", NULL, false },
	{ "00:00:5e:00:01:0", NULL, false },
	{ "00:00:5e:00:01:0a:", NULL, false },
	{ "00:00:5e:00:01:0a:0b", NULL, false },
	{ "00-00-5e-00-01-0a", NULL, false },
	{ "00:00:5e:00:01:0g", NULL, false },
	{ "0:00:5e:00:01:0a0", NULL, false },
	{ " 0:00:5e:00:01:0a", NULL, false },
};

static void hardware_addresses(void **state)
{
	uint8_t mac[MAC_LEN];
	char buf[MAC_STRLEN];

	(void)state;
	for (size_t i = 0; i < N_OF(macs); i++) {
		bool ok = mac_parse(mac, macs[i].s);

		CHECK_NUM(macs[i].s, ok, macs[i].back != NULL);
		if (!ok)
			continue;
		CHECK_STR(macs[i].s, mac_str(mac, buf), macs[i].back);
		CHECK_NUM(macs[i].s, mac_is_unicast(mac), macs[i].unicast);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames),
		cmocka_unit_test(what_is_sent_is_understood),
		cmocka_unit_test(no_truncation_is_accepted),
		cmocka_unit_test(other_protocols_are_not_arp),
		cmocka_unit_test(conflicts),
		cmocka_unit_test(hardware_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
