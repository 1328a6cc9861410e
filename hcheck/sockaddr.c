#include <stdio.h>
#include <string.h>

#include "sockaddr.h"

socklen_t sockaddr_set(union sockaddr_any *sa, const struct addr *a,
	uint16_t port, uint32_t scope)
{
	memset(sa, 0, sizeof *sa);
	sa->sa.sa_family = a->family;
	if (a->family == AF_INET) {
		sa->in.sin_port = htons(port);
		memcpy(&sa->in.sin_addr, a->b, 4);
		return sizeof sa->in;
	}
	sa->in6.sin6_port = htons(port);
	sa->in6.sin6_scope_id = scope;
	memcpy(&sa->in6.sin6_addr, a->b, 16);
	return sizeof sa->in6;
}

struct addr sockaddr_get(const union sockaddr_any *sa, uint16_t *port)
{
	if (sa->sa.sa_family == AF_INET) {
		*port = ntohs(sa->in.sin_port);
		return addr_from(AF_INET, &sa->in.sin_addr);
	}
	*port = ntohs(sa->in6.sin6_port);
	return addr_from(AF_INET6, &sa->in6.sin6_addr);
}

const char *endpoint_str(const struct addr *a, uint16_t port, char *buf)
{
	bool bracket = port && a->family == AF_INET6;
	char text[ADDR_STRLEN];
	int n = snprintf(buf, ENDPOINT_STRLEN, "%s%s%s", bracket ? "[" : "",
		addr_str(a, text), bracket ? "]" : "");

	if (port && n > 0)
		snprintf(buf + n, ENDPOINT_STRLEN - (size_t)n, ":%u",
			(unsigned)port);
	return buf;
}
