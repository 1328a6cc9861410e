#include <string.h>

#include "cur.h"
#include "dns.h"

#define FLAG_QR	 0x8000
#define FLAG_TC	 0x0200
#define FLAG_RD	 0x0100
#define OPCODE	 0x7800
#define CLASS_IN 1

static const struct type {
	const char *name;
	uint16_t value;
} types[] = { { "A", 1 }, { "NS", 2 }, { "CNAME", 5 }, { "SOA", 6 },
	{ "PTR", 12 }, { "MX", 15 }, { "TXT", 16 }, { "AAAA", 28 },
	{ "SRV", 33 } };

static const char *const rcodes[] = { "noerror", "formerr", "servfail",
	"nxdomain", "notimp", "refused", "yxdomain", "yxrrset", "nxrrset",
	"notauth", "notzone", "rcode-11", "rcode-12", "rcode-13", "rcode-14",
	"rcode-15" };

#define N_RCODES (sizeof rcodes / sizeof *rcodes)

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool same_word(const char *a, const char *b)
{
	for (; *a && lower((uint8_t)*a) == lower((uint8_t)*b); a++)
		b++;
	return !*a && !*b;
}

uint16_t dns_type(const char *s)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (same_word(types[i].name, s))
			return types[i].value;
	return 0;
}

const char *dns_rcode_str(unsigned rcode)
{
	return rcodes[rcode % N_RCODES];
}

int dns_rcode(const char *s)
{
	for (size_t i = 0; i < N_RCODES; i++)
		if (same_word(rcodes[i], s))
			return (int)i;
	return -1;
}

/* Dotted text as labels; false when it is no name. */
static bool put_name(struct wr *w, const char *s)
{
	if (strlen(s) > DNS_NAME_MAX)
		return false;
	if (strcmp(s, ".") == 0)
		s++;
	while (*s) {
		size_t n = strcspn(s, ".");

		if (!n || n > 63)
			return false;
		wr_u8(w, (uint8_t)n);
		wr_bytes(w, s, n);
		s += n;
		if (*s == '.')
			s++;
	}
	wr_u8(w, 0);
	return true;
}

size_t dns_query(void *buf, size_t size, const struct dns_question *q)
{
	struct wr w = wr_init(buf, size);

	wr_be16(&w, q->id);
	wr_be16(&w, FLAG_RD);
	wr_be16(&w, 1);
	wr_be16(&w, 0);
	wr_be16(&w, 0);
	wr_be16(&w, 0);
	if (!put_name(&w, q->name))
		return 0;
	wr_be16(&w, q->type);
	wr_be16(&w, CLASS_IN);
	return w.bad ? 0 : w.len;
}

/* The question as we wrote it, but for the case of letters. */
static bool same_question(struct rd *r, const struct dns_question *q)
{
	uint8_t want[DNS_QUERY_MAX];
	size_t n = dns_query(want, sizeof want, q);
	const uint8_t *got;

	if (n < 12)
		return false;
	got = rd_bytes(r, n - 12);
	for (size_t i = 0; got && i < n - 12; i++)
		if (lower(got[i]) != lower(want[12 + i]))
			return false;
	return got != NULL;
}

/* A name ends with its root or with a pointer, which we need not follow. */
static void skip_name(struct rd *r)
{
	for (;;) {
		uint8_t n = rd_u8(r);

		if (r->bad || !n)
			return;
		if ((n & 0xc0) == 0xc0) {
			rd_u8(r);
			return;
		}
		if (n & 0xc0) {
			r->bad = true;
			return;
		}
		rd_bytes(r, n);
	}
}

static unsigned count_answers(struct rd *r, unsigned n, uint16_t type)
{
	unsigned found = 0;

	while (n-- && !r->bad) {
		uint16_t t, len;

		skip_name(r);
		t = rd_be16(r);
		rd_be16(r);
		rd_be32(r);
		len = rd_be16(r);
		rd_bytes(r, len);
		if (!r->bad && t == type)
			found++;
	}
	return found;
}

enum dns_fault dns_parse(struct dns_reply *r, const struct dns_question *q,
	const void *data, size_t n)
{
	struct rd rd = rd_init(data, n);
	uint16_t id = rd_be16(&rd), flags = rd_be16(&rd);
	uint16_t questions = rd_be16(&rd), answers = rd_be16(&rd);

	rd_be32(&rd);
	*r = (struct dns_reply){ .rcode = flags & 15,
		.truncated = (flags & FLAG_TC) != 0 };
	if (rd.bad || id != q->id || !(flags & FLAG_QR))
		return DNS_FOREIGN;
	if (flags & OPCODE)
		return DNS_MALFORMED;
	/* An error may come without the question (RFC 1035 says nothing). */
	if (!questions && r->rcode && !rd.left)
		return DNS_OK;
	if (questions != 1 || !same_question(&rd, q))
		return DNS_FOREIGN;
	r->answers = count_answers(&rd, answers, q->type);
	return rd.bad && !r->truncated ? DNS_MALFORMED : DNS_OK;
}
