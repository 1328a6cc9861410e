#include "t.h"
#include "cksum.h"

/* RFC 1071 section 3: 00 01 f2 03 f4 f5 f6 f7 sums to ddf2. */
static const uint8_t rfc1071[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6,
	0xf7 };

static const struct {
	const char *name, *hex;
	uint16_t want;
} rows[] = {
	{ "RFC 1071", "0001f203f4f5f6f7", 0x220d },
	{ "nothing", "", 0xffff },
	{ "zeros", "0000", 0xffff },
	{ "ones", "ffff", 0 },
	{ "ones twice", "ffffffff", 0 },
	{ "carry twice", "ffff0001ffff", 0xfffe },
	{ "odd", "0001f2", 0x0dfe },
	{ "one byte", "ab", 0x54ff },
	{ "an IPv4 header", "45000073000040004011c0a80001c0a800c7", 0xb861 },
	{ "with its sum",
		"4500007300004000"
		"4011b861c0a80001c0a800c7",
		0 },
};

static void examples(void **state)
{
	uint8_t b[64];

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		size_t n = t_unhex(b, sizeof b, rows[i].hex);

		CHECK_NUM(rows[i].name, cksum_fold(cksum_add(0, b, n)),
			rows[i].want);
	}
}

static void a_right_sum_folds_to_zero(void **state)
{
	uint8_t b[10];
	uint16_t sum = cksum_fold(cksum_add(0, rfc1071, sizeof rfc1071));

	(void)state;
	memcpy(b, rfc1071, 8);
	b[8] = (uint8_t)(sum >> 8);
	b[9] = (uint8_t)sum;
	assert_int_equal(cksum_fold(cksum_add(0, b, sizeof b)), 0);
	b[3] ^= 1;
	assert_int_not_equal(cksum_fold(cksum_add(0, b, sizeof b)), 0);
}

static void pieces_add_up(void **state)
{
	uint32_t whole = cksum_add(0, rfc1071, 8);

	(void)state;
	for (size_t cut = 0; cut <= 8; cut += 2)
		assert_int_equal(cksum_add(cksum_add(0, rfc1071, cut),
					 rfc1071 + cut, 8 - cut),
			whole);
}

static void the_largest_datagram_does_not_overflow(void **state)
{
	uint8_t *b = malloc(65535);

	(void)state;
	assert_non_null(b);
	memset(b, 0xff, 65535);
	assert_int_equal(cksum_fold(cksum_add(0, b, 65535)), 0x00ff);
	free(b);
}

static void pseudo_headers(void **state)
{
	struct addr s4 = addr_from(AF_INET, "\xc0\x00\x02\xfb");
	struct addr d4 = addr_from(AF_INET, "\xe0\x00\x00\x12");
	struct addr s6 = { .family = AF_INET6, .b = { 0xfe, 0x80 } };
	struct addr d6 = { .family = AF_INET6, .b = { 0xff, 2, [15] = 18 } };

	(void)state;
	assert_int_equal(cksum_pseudo(0, &s4, &d4, 112, 16),
		0xc000 + 0x02fb + 0xe000 + 0x0012 + 112 + 16);
	assert_int_equal(cksum_pseudo(7, &s6, &d6, 112, 40),
		7 + 0xfe80 + 0xff02 + 18 + 112 + 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(a_right_sum_folds_to_zero),
		cmocka_unit_test(pieces_add_up),
		cmocka_unit_test(the_largest_datagram_does_not_overflow),
		cmocka_unit_test(pseudo_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
