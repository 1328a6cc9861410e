#include <arpa/inet.h>

#include "t.h"
#include "txt.h"

static char buf[64];

static const char *secs(int64_t us, unsigned digits)
{
	struct txt t = txt_init(buf, sizeof buf);

	txt_secs(&t, us, digits);
	return txt_end(&t);
}

static void numbers(void **state)
{
	struct txt t = txt_init(buf, sizeof buf);

	(void)state;
	txt_num(&t, 0);
	txt_ch(&t, ' ');
	txt_num(&t, UINT64_MAX);
	txt_ch(&t, ' ');
	txt_zeros(&t, 7, 3);
	txt_ch(&t, ' ');
	txt_hex(&t, 0xabc, 4);
	txt_ch(&t, ' ');
	txt_hex(&t, UINT64_MAX, 1);
	CHECK_STR("numbers", txt_end(&t),
		"0 18446744073709551615 007 0abc ffffffffffffffff");
	CHECK_STR("seconds", secs(1234567, 6), "1.234567");
	CHECK_STR("seconds", secs(1234567, 3), "1.234");
	CHECK_STR("seconds", secs(-50, 6), "-0.000050");
}

static void what_does_not_fit_is_left_out(void **state)
{
	char small[4];
	struct txt t = txt_init(small, sizeof small);

	(void)state;
	txt_str(&t, "abc");
	assert_false(t.full);
	txt_str(&t, "de");
	assert_true(t.full);
	assert_int_equal(t.len, 3);
	txt_ch(&t, 'd');
	CHECK_STR("cut for the NUL", txt_end(&t), "abc");
}

static void padding(void **state)
{
	struct txt t = txt_init(buf, sizeof buf);

	(void)state;
	txt_str(&t, "ab");
	txt_pad(&t, 0, 5);
	txt_str(&t, "c");
	txt_pad(&t, 5, 1);
	txt_ch(&t, '|');
	CHECK_STR("pad", txt_end(&t), "ab   c |");
}

static void check_addr(int family, const uint8_t *b)
{
	char want[INET6_ADDRSTRLEN];
	struct txt t = txt_init(buf, sizeof buf);

	assert_non_null(inet_ntop(family, b, want, sizeof want));
	txt_bytes(&t, family, b);
	CHECK_STR(want, txt_end(&t), want);
}

/* Every pattern of zero groups, with values around the v4-mapped form. */
static void addresses_as_inet_ntop_writes_them(void **state)
{
	static const uint16_t values[] = { 0xffff, 1, 0x12, 0x123, 0x1234 };
	uint64_t seed = t_seed();
	uint8_t b[16];

	(void)state;
	for (unsigned zeros = 0; zeros < 256; zeros++) {
		for (unsigned v = 0; v < N_OF(values); v++) {
			for (unsigned g = 0; g < 8; g++) {
				uint16_t x = zeros >> g & 1 ? 0 : values[v];

				b[2 * g] = (uint8_t)(x >> 8);
				b[2 * g + 1] = (uint8_t)x;
			}
			check_addr(AF_INET6, b);
		}
	}
	for (int i = 0; i < 10000; i++) {
		for (int k = 0; k < 16; k++)
			b[k] = (uint8_t)t_rand(&seed);
		check_addr(AF_INET, b);
		check_addr(AF_INET6, b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(padding),
		cmocka_unit_test(addresses_as_inet_ntop_writes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
