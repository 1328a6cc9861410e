/* What servers answer to the smaller probes: the first byte says whether the
 * rest is of DNS, SMTP or ICMP. */
#include <sys/socket.h>

#include "dns.h"
#include "echo.h"
#include "fuzz.h"
#include "smtp.h"

/* Whatever fits our question is small numbers; a query is no reply. */
static void dns(const uint8_t *data, size_t n)
{
	static const struct dns_question q = {
		.id = 0x1234, .type = 1, .name = "a.test"
	};
	uint8_t query[DNS_QUERY_MAX];
	struct dns_reply r;
	enum dns_fault f = dns_parse(&r, &q, data, n);
	size_t len = dns_query(query, sizeof query, &q);

	CLAIM(f != DNS_OK || (r.rcode < 16 && r.answers <= n / 11));
	CLAIM(dns_parse(&r, &q, query, len) == DNS_FOREIGN);
}

/* The bytes as a name: what is taken can be written, and fits. */
static void dns_name(const uint8_t *data, size_t n)
{
	char *name = fuzz_string(data, n);
	struct dns_question q = { .type = 1, .name = name };
	uint8_t buf[DNS_QUERY_MAX];
	size_t len = dns_query(buf, sizeof buf, &q);

	CLAIM(len <= sizeof buf && (!len || len >= 17));
	dns_type(name);
	dns_rcode(name);
	free(name);
}

static void smtp(const uint8_t *data, size_t n)
{
	static struct smtp s;
	enum smtp_event e;

	smtp_init(&s);
	while ((e = smtp_next(&s, &data, &n)) == SMTP_REPLY)
		CLAIM(s.code >= 200 && s.code < 600);
	CLAIM(e == SMTP_BAD || n == 0);
}

static void icmp(const uint8_t *data, size_t n, uint8_t how)
{
	static const struct echo e = { .id = 0x1234, .seq = 7, .cookie = 8 };

	echo_judge(&e, how & 1 ? AF_INET : AF_INET6, how & 2, how & 4, data, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact;

	if (size < 1)
		return 0;
	exact = fuzz_exact(data + 1, size - 1);
	switch (data[0] & 3) {
	case 0:
		dns(exact, size - 1);
		break;
	case 1:
		dns_name(exact, size - 1);
		break;
	case 2:
		smtp(exact, size - 1);
		break;
	default:
		icmp(exact, size - 1, data[0] >> 2);
	}
	free(exact);
	return 0;
}
