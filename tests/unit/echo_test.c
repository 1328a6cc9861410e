#include <sys/socket.h>

#include "t.h"
#include "cksum.h"
#include "echo.h"
#include "proxyhdr.h"

static const struct echo e = { .id = 0x1234,
	.seq = 7,
	.cookie = UINT64_C(0x0102030405060708) };

#define TAIL                                                                   \
	"12340007"                                                             \
	"0102030405060708"
#define IP4  "4500002400000000400100007f0000017f000001"
#define IP4L "4600002800000000400100007f0000017f00000101010101"

static const struct {
	const char *name;
	int family;
	bool ip, any_id;
	const char *hex;
	enum echo_verdict want;
} rows[] = {
	{ "v4 reply", AF_INET, false, false, "00000000" TAIL, ECHO_REPLY },
	{ "v4 raw", AF_INET, true, false, IP4 "00000000" TAIL, ECHO_REPLY },
	{ "v4 raw with options", AF_INET, true, false, IP4L "00000000" TAIL,
		ECHO_REPLY },
	{ "v6 reply", AF_INET6, false, false, "81000000" TAIL, ECHO_REPLY },
	{ "v6 raw has no header", AF_INET6, true, false, "81000000" TAIL,
		ECHO_REPLY },
	{ "the kernel's id", AF_INET, false, true,
		"00000000"
		"ffff0007"
		"0102030405060708",
		ECHO_REPLY },
	{ "our own request", AF_INET, true, false, IP4 "08000000" TAIL,
		ECHO_FOREIGN },
	{ "v6 type in v4", AF_INET, false, false, "81000000" TAIL,
		ECHO_FOREIGN },
	{ "other id", AF_INET, false, false,
		"00000000"
		"12350007"
		"0102030405060708",
		ECHO_FOREIGN },
	{ "other seq", AF_INET, false, false,
		"00000000"
		"12340008"
		"0102030405060708",
		ECHO_FOREIGN },
	{ "other cookie", AF_INET, false, false,
		"00000000"
		"12340007"
		"0102030405060709",
		ECHO_FOREIGN },
	{ "short", AF_INET, false, false,
		"00000000"
		"12340007"
		"01020304",
		ECHO_FOREIGN },
	{ "empty", AF_INET, false, false, "", ECHO_FOREIGN },
	{ "short header", AF_INET, true, false, "4500", ECHO_FOREIGN },
	{ "not IPv4", AF_INET, true, false, "60000000" TAIL, ECHO_FOREIGN },
	{ "header of 4 words", AF_INET, true, false, "4400" TAIL,
		ECHO_FOREIGN },
	{ "v4 unreachable", AF_INET, true, false,
		IP4 "0301000000000000" IP4 "08000000" TAIL, ECHO_UNREACHABLE },
	{ "v4 unreachable of another", AF_INET, true, false,
		IP4 "0301000000000000" IP4 "0800000012350007", ECHO_FOREIGN },
	{ "v4 unreachable, cut", AF_INET, true, false,
		IP4 "0301000000000000" IP4 "0800", ECHO_FOREIGN },
	{ "v6 unreachable", AF_INET6, false, false,
		"0100000000000000"
		"6000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000"
		"80000000" TAIL,
		ECHO_UNREACHABLE },
	{ "v4 time exceeded", AF_INET, true, false,
		IP4 "0b00000000000000" IP4 "08000000" TAIL, ECHO_FOREIGN },
};

static void judges(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		uint8_t buf[256];
		size_t n = t_unhex(buf, sizeof buf, rows[i].hex);
		uint8_t *exact = t_exact(buf, n);

		CHECK_NUM(rows[i].name,
			echo_judge(&e, rows[i].family, rows[i].ip,
				rows[i].any_id, exact, n),
			rows[i].want);
		free(exact);
	}
}

static void requests(void **state)
{
	uint8_t buf[ECHO_LEN], want[ECHO_LEN];

	(void)state;
	echo_request(buf, AF_INET6, &e);
	t_unhex(want, sizeof want, "80000000" TAIL);
	assert_memory_equal(buf, want, ECHO_LEN);
	echo_request(buf, AF_INET, &e);
	assert_int_equal(buf[0], 8);
	assert_int_equal(cksum_fold(cksum_add(0, buf, ECHO_LEN)), 0);
}

static void proxy_headers(void **state)
{
	struct proxyhdr h = { .sport = 56324, .dport = 443 };
	uint8_t buf[PROXYHDR_MAX], want[64];
	static const char v1[] = "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n";
	static const char v1_6[] =
		"PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n";

	(void)state;
	addr_parse(&h.src, "192.0.2.1");
	addr_parse(&h.dst, "192.0.2.2");
	assert_int_equal(proxyhdr(buf, 1, &h), strlen(v1));
	assert_memory_equal(buf, v1, strlen(v1));
	assert_int_equal(proxyhdr(buf, 2, &h), 28);
	t_unhex(want, sizeof want,
		"0d0a0d0a000d0a515549540a2111000cc0000201c0000202dc0401bb");
	assert_memory_equal(buf, want, 28);
	addr_parse(&h.src, "2001:db8::1");
	addr_parse(&h.dst, "2001:db8::2");
	assert_int_equal(proxyhdr(buf, 1, &h), strlen(v1_6));
	assert_memory_equal(buf, v1_6, strlen(v1_6));
	assert_int_equal(proxyhdr(buf, 2, &h), 52);
	assert_int_equal(buf[13], 0x21);
	assert_int_equal(buf[15], 36);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),
		cmocka_unit_test(requests),
		cmocka_unit_test(proxy_headers),
	};

	return cmocka_run_group_tests_name("echo", tests, NULL, NULL);
}
