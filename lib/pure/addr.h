/* IPv4 and IPv6 addresses and prefixes: text to bytes and back, comparison. */
#ifndef ADDR_H
#define ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h> /* AF_INET, AF_INET6 */

#define ADDR_STRLEN   46		/* INET6_ADDRSTRLEN */
#define PREFIX_STRLEN (ADDR_STRLEN + 4) /* with /128 */

struct addr {
	uint8_t family; /* AF_INET, AF_INET6; 0: no address */
	uint8_t b[16];	/* network order; an IPv4 address in the first 4 */
};

struct prefix {
	struct addr addr;
	uint8_t len;
	bool told; /* the /LEN was written; else len is that of a host */
};

/* Bytes of an address: 4, 16, or 0 for no address. */
size_t addr_size(const struct addr *a);
struct addr addr_from(int family, const void *bytes);
bool addr_equal(const struct addr *a, const struct addr *b);
/* As unsigned numbers in network order (RFC 9568 6.4.3): <0, 0, >0. */
int addr_cmp(const struct addr *a, const struct addr *b);
bool addr_is_multicast(const struct addr *a);
bool addr_is_unspecified(const struct addr *a);
bool addr_is_linklocal6(const struct addr *a);
bool addr_is_loopback(const struct addr *a);

/* Strict: the whole string is one address, no zone, no name. */
bool addr_parse(struct addr *a, const char *s);
/* buf has ADDR_STRLEN bytes; returns buf. */
const char *addr_str(const struct addr *a, char *buf);

/* ADDR or ADDR/LEN. */
bool prefix_parse(struct prefix *p, const char *s);
/* With /LEN only where it was told; buf has PREFIX_STRLEN bytes. */
const char *prefix_str(const struct prefix *p, char *buf);
/* Does the network p contain a? */
bool prefix_has(const struct prefix *p, const struct addr *a);

#endif
