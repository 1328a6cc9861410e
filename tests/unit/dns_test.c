#include "t.h"
#include "dns.h"
#include "smtp.h"

static const struct dns_question q = { .id = 0x1234,
	.type = 1,
	.name = "a.test" };

#define Q    "0161047465737400" /* a.test */
#define QN   Q "00010001"
#define RR_A "c00c00010001000000050004c0000201"

static void query(void **state)
{
	uint8_t want[64], buf[DNS_QUERY_MAX];
	size_t n = t_unhex(want, sizeof want, "123401000001000000000000" QN);

	(void)state;
	assert_int_equal(dns_query(buf, sizeof buf, &q), n);
	assert_memory_equal(buf, want, n);
	assert_int_equal(dns_query(buf, n - 1, &q), 0);
}

static void names(void **state)
{
	char label[70], name[300] = "";
	uint8_t buf[DNS_QUERY_MAX];
	struct dns_question n = { .type = 1 };
	static const struct {
		const char *name;
		size_t len; /* of the whole query; 0: refused */
	} rows[] = { { "", 17 }, { ".", 17 }, { "a", 19 }, { "a.", 19 },
		{ "a..b", 0 }, { ".a", 0 }, { "..", 0 } };

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		n.name = rows[i].name;
		CHECK_NUM(rows[i].name, dns_query(buf, sizeof buf, &n),
			rows[i].len);
	}
	memset(label, 'x', sizeof label);
	label[64] = '\0';
	n.name = label;
	assert_int_equal(dns_query(buf, sizeof buf, &n), 0);
	label[63] = '\0';
	assert_int_equal(dns_query(buf, sizeof buf, &n), 12 + 1 + 63 + 1 + 4);
	for (int i = 0; i < 127; i++)
		strcat(name, i ? ".x" : "x");
	n.name = name;
	assert_int_equal(dns_query(buf, sizeof buf, &n), DNS_QUERY_MAX - 0);
	strcat(name, "yy");
	assert_int_equal(dns_query(buf, sizeof buf, &n), 0);
}

static const struct {
	const char *name, *hex;
	enum dns_fault fault;
	unsigned rcode, answers;
} rows[] = {
	{ "one answer", "123481800001000100000000" QN RR_A, DNS_OK, 0, 1 },
	{ "two answers", "123481800001000200000000" QN RR_A RR_A, DNS_OK, 0,
		2 },
	{ "case of the question",
		"123481800001000100000000"
		"01410474455354000001"
		"0001" RR_A,
		DNS_OK, 0, 1 },
	{ "another type first",
		"123481800001000200000000" QN
		"c00c0005000100000005000401620000" RR_A,
		DNS_OK, 0, 1 },
	{ "whole name in the answer",
		"123481800001000100000000" QN Q "00010001000000050004c0000201",
		DNS_OK, 0, 1 },
	{ "no answer", "123481800001000000000000" QN, DNS_OK, 0, 0 },
	{ "nxdomain", "123481830001000000000000" QN, DNS_OK, 3, 0 },
	{ "servfail without a question", "123481820000000000000000", DNS_OK, 2,
		0 },
	{ "truncated", "123483800001000500000000" QN RR_A, DNS_OK, 0, 1 },
	{ "more behind", "123481800001000100000001" QN RR_A "ff", DNS_OK, 0,
		1 },
	{ "other id", "123581800001000100000000" QN RR_A, DNS_FOREIGN, 0, 0 },
	{ "a query", "123401000001000000000000" QN, DNS_FOREIGN, 0, 0 },
	{ "other name",
		"123481800001000000000000"
		"0162047465737400"
		"00010001",
		DNS_FOREIGN, 0, 0 },
	{ "other type", "123481800001000000000000" Q "00020001", DNS_FOREIGN, 0,
		0 },
	{ "other class", "123481800001000000000000" Q "00010003", DNS_FOREIGN,
		0, 0 },
	{ "two questions", "123481800002000000000000" QN QN, DNS_FOREIGN, 0,
		0 },
	{ "noerror without a question", "123481800000000000000000", DNS_FOREIGN,
		0, 0 },
	{ "short header", "12348180000100010000", DNS_FOREIGN, 0, 0 },
	{ "empty", "", DNS_FOREIGN, 0, 0 },
	{ "short question",
		"123481800001000100000000"
		"0161047465",
		DNS_FOREIGN, 0, 0 },
	{ "another opcode", "1234a9800001000000000000" QN, DNS_MALFORMED, 0,
		0 },
	{ "an answer is missing", "123481800001000200000000" QN RR_A,
		DNS_MALFORMED, 0, 1 },
	{ "half a record", "123481800001000100000000" QN "c00c000100010000",
		DNS_MALFORMED, 0, 0 },
	{ "record longer than the message",
		"123481800001000100000000" QN
		"c00c000100010000000500ffc0000201",
		DNS_MALFORMED, 0, 0 },
	{ "label of a strange kind",
		"123481800001000100000000" QN "8000010001000000050004c0000201",
		DNS_MALFORMED, 0, 0 },
};

static void replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		uint8_t buf[256];
		size_t n = t_unhex(buf, sizeof buf, rows[i].hex);
		uint8_t *exact = t_exact(buf, n);
		struct dns_reply r;

		CHECK_NUM(rows[i].name, dns_parse(&r, &q, exact, n),
			rows[i].fault);
		free(exact);
		if (rows[i].fault == DNS_FOREIGN)
			continue;
		if (rows[i].fault == DNS_OK)
			CHECK_NUM(rows[i].name, r.rcode, rows[i].rcode);
		CHECK_NUM(rows[i].name, r.answers, rows[i].answers);
	}
}

static void words(void **state)
{
	(void)state;
	assert_int_equal(dns_type("A"), 1);
	assert_int_equal(dns_type("srv"), 33);
	assert_int_equal(dns_type("AA"), 0);
	assert_int_equal(dns_type(""), 0);
	assert_int_equal(dns_rcode("NXDOMAIN"), 3);
	assert_int_equal(dns_rcode("x"), -1);
	assert_string_equal(dns_rcode_str(5), "refused");
}

static const struct {
	const char *bytes, *want; /* codes of the replies; ! when refused */
} talks[] = {
	{ "220 hi\r\n", "220" },
	{ "220\r\n", "220" },
	{ "220 hi\n250-a\r\n250-STARTTLS\r\n250 b\r\n", "220 250+tls" },
	{ "250-starttls\r\n250 b\r\n250 c\r\n", "250+tls 250" },
	{ "250-STARTTLSX\r\n250 b\r\n", "250" },
	{ "220-a\r\n", "" },
	{ "220-a\r\n221 b\r\n", "!" },
	{ "99 x\r\n", "!" },
	{ "600 x\r\n", "!" },
	{ "2a0 x\r\n", "!" },
	{ "220_x\r\n", "!" },
	{ "\r\n", "!" },
	{ "SSH-2.0\r\n", "!" },
	{ "220", "" },
};

static void smtp(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(talks); i++) {
		const uint8_t *p = (const uint8_t *)talks[i].bytes;
		size_t n = strlen(talks[i].bytes);
		enum smtp_event e;
		char got[64] = "";
		struct smtp s;

		smtp_init(&s);
		while ((e = smtp_next(&s, &p, &n)) == SMTP_REPLY)
			snprintf(got + strlen(got), sizeof got - strlen(got),
				"%s%u%s", *got ? " " : "", s.code,
				s.starttls ? "+tls" : "");
		if (e == SMTP_BAD)
			strcat(got, "!");
		CHECK_STR(talks[i].bytes, got, talks[i].want);
	}
}

static void smtp_endless(void **state)
{
	const char *const again[] = { "220-x\r\n", "y" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		enum smtp_event e = SMTP_MORE;
		struct smtp s;
		int fed = 0;

		smtp_init(&s);
		for (; e == SMTP_MORE && fed < 10000; fed++) {
			const uint8_t *p = (const uint8_t *)again[i];
			size_t n = strlen(again[i]);

			e = smtp_next(&s, &p, &n);
		}
		assert_int_equal(e, SMTP_BAD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query),
		cmocka_unit_test(names),
		cmocka_unit_test(replies),
		cmocka_unit_test(words),
		cmocka_unit_test(smtp),
		cmocka_unit_test(smtp_endless),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
