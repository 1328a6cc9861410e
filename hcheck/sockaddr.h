/* struct addr as the kernel wants it, and back. */
#ifndef SOCKADDR_H
#define SOCKADDR_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "addr.h"

union sockaddr_any {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

#define ENDPOINT_STRLEN (ADDR_STRLEN + 9)

/* Returns the length; scope is an interface, for link-local addresses. */
socklen_t sockaddr_set(union sockaddr_any *sa, const struct addr *a,
	uint16_t port, uint32_t scope);
struct addr sockaddr_get(const union sockaddr_any *sa, uint16_t *port);
/* 192.0.2.1:80 or [2001:db8::1]:80; port 0: the address alone.  buf has
 * ENDPOINT_STRLEN bytes; returns buf. */
const char *endpoint_str(const struct addr *a, uint16_t port, char *buf);

#endif
