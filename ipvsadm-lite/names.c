#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "ipvs_list.h"
#include "names.h"

static const char *proto_name(uint8_t proto)
{
	return proto == IPVS_UDP ? "udp" : proto == IPVS_SCTP ? "sctp" : "tcp";
}

/* A whole sockaddr; returns its length. */
static socklen_t sockaddr_of(struct sockaddr_storage *ss, const struct addr *a)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof *ss);
	ss->ss_family = a->family;
	if (a->family == AF_INET) {
		memcpy(&in->sin_addr, a->b, 4);
		return sizeof *in;
	}
	memcpy(&in6->sin6_addr, a->b, 16);
	return sizeof *in6;
}

static bool host(void *arg, const char *name, struct addr *a)
{
	const struct addrinfo hints = { .ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *ai = NULL;

	(void)arg;
	if (getaddrinfo(name, NULL, &hints, &ai) != 0)
		return false;
	*a = addr_from(AF_INET, &((struct sockaddr_in *)ai->ai_addr)->sin_addr);
	freeaddrinfo(ai);
	return true;
}

static bool port(void *arg, const char *name, uint8_t proto, uint16_t *out)
{
	struct servent *s = getservbyname(name, proto_name(proto));

	(void)arg;
	if (!s)
		return false;
	*out = ntohs((uint16_t)s->s_port);
	return true;
}

const struct ipvs_names names_lookup = { host, port, NULL };

void names_put(void *arg, struct txt *t, const struct addr *a, uint16_t p,
	uint8_t proto)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_of(&ss, a);
	struct servent *s = getservbyport(htons(p), proto_name(proto));
	bool v6 = a->family == AF_INET6;
	char name[NI_MAXHOST];

	(void)arg;
	txt_str(t, v6 ? "[" : "");
	if (getnameinfo((struct sockaddr *)&ss, len, name, sizeof name, NULL, 0,
		    NI_NAMEREQD) == 0)
		txt_str(t, name);
	else
		txt_addr(t, a);
	txt_str(t, v6 ? "]:" : ":");
	if (s)
		txt_str(t, s->s_name);
	else
		txt_num(t, p);
}
