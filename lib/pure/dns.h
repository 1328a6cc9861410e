/* DNS as a client (RFC 1035): one question out, one reply in. */
#ifndef DNS_H
#define DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_NAME_MAX  253
#define DNS_QUERY_MAX (12 + DNS_NAME_MAX + 2 + 4)

struct dns_question {
	uint16_t id, type;
	const char *name; /* dotted; "." or "" is the root */
};

/* A AAAA NS CNAME SOA MX TXT PTR SRV; 0 for another. */
uint16_t dns_type(const char *s);
/* The name of an rcode in small letters, or "rcode-N" in a static buffer. */
const char *dns_rcode_str(unsigned rcode);
/* noerror nxdomain servfail ...; -1 for none of them. */
int dns_rcode(const char *s);

/* Writes the query; returns its length, 0 when the name is none. */
size_t dns_query(void *buf, size_t size, const struct dns_question *q);

enum dns_fault {
	DNS_OK,
	DNS_FOREIGN,   /* another id or question: not ours, wait on */
	DNS_MALFORMED, /* ours, and it cannot be read */
};

struct dns_reply {
	unsigned rcode;
	bool truncated;
	unsigned answers; /* of the type that was asked */
};

enum dns_fault dns_parse(struct dns_reply *r, const struct dns_question *q,
	const void *data, size_t n);

#endif
