#include <arpa/inet.h>
#include <string.h>

#include "addr.h"
#include "num.h"

size_t addr_size(const struct addr *a)
{
	return a->family == AF_INET ? 4 : a->family == AF_INET6 ? 16 : 0;
}

struct addr addr_from(int family, const void *bytes)
{
	struct addr a = { .family = (uint8_t)family };

	memcpy(a.b, bytes, addr_size(&a));
	return a;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && addr_cmp(a, b) == 0;
}

int addr_cmp(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof a->b);
}

bool addr_is_multicast(const struct addr *a)
{
	return a->family == AF_INET ? (a->b[0] & 0xf0) == 0xe0
				    : a->b[0] == 0xff;
}

bool addr_is_unspecified(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->b, zero, addr_size(a)) == 0;
}

bool addr_is_linklocal6(const struct addr *a)
{
	return a->family == AF_INET6 && a->b[0] == 0xfe &&
	       (a->b[1] & 0xc0) == 0x80;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->family == AF_INET ? a->b[0] == 127
				    : memcmp(a->b, one, sizeof one) == 0;
}

bool addr_parse(struct addr *a, const char *s)
{
	*a = (struct addr){ .family = strchr(s, ':') ? AF_INET6 : AF_INET };
	return inet_pton(a->family, s, a->b) == 1;
}

const char *addr_str(const struct addr *a, char *buf)
{
	if (!inet_ntop(a->family, a->b, buf, ADDR_STRLEN))
		memcpy(buf, "-", 2);
	return buf;
}

bool prefix_parse(struct prefix *p, const char *s)
{
	const char *slash = strchr(s, '/');
	size_t n = slash ? (size_t)(slash - s) : strlen(s);
	char text[ADDR_STRLEN];
	uint64_t len;

	if (n >= sizeof text)
		return false;
	memcpy(text, s, n);
	text[n] = '\0';
	if (!addr_parse(&p->addr, text))
		return false;
	len = addr_size(&p->addr) * 8;
	p->told = slash != NULL;
	if (slash && !num_u64(slash + 1, 0, len, &len))
		return false;
	p->len = (uint8_t)len;
	return true;
}

const char *prefix_str(const struct prefix *p, char *buf)
{
	size_t n;

	addr_str(&p->addr, buf);
	if (p->told) {
		n = strlen(buf);
		buf[n++] = '/';
		num_str(p->len, buf + n);
	}
	return buf;
}

bool prefix_has(const struct prefix *p, const struct addr *a)
{
	size_t whole = p->len / 8;
	uint8_t mask = (uint8_t)(0xff00 >> (p->len % 8));

	if (p->addr.family != a->family || memcmp(p->addr.b, a->b, whole) != 0)
		return false;
	return !mask || !((p->addr.b[whole] ^ a->b[whole]) & mask);
}
