#include <string.h>

#include "num.h"
#include "url.h"

static const struct scheme {
	const char *name;
	uint16_t port;
	bool needs_port, has_path;
} schemes[URL_N] = {
	[URL_TCP] = { "tcp", 0, true, false },
	[URL_TLS] = { "tls", 0, true, false },
	[URL_HTTP] = { "http", 80, false, true },
	[URL_HTTPS] = { "https", 443, false, true },
	[URL_ICMP] = { "icmp", 0, false, false },
	[URL_UDP] = { "udp", 0, true, false },
	[URL_DNS] = { "dns", 53, false, true },
	[URL_SMTP] = { "smtp", 25, false, false },
	[URL_EXEC] = { "exec", 0, false, true },
	[URL_FILE] = { "file", 0, false, true },
};

const char *url_scheme_str(enum url_scheme s)
{
	return schemes[s].name;
}

uint16_t url_scheme_port(enum url_scheme s)
{
	return schemes[s].port;
}

static bool is_local(enum url_scheme s)
{
	return s == URL_EXEC || s == URL_FILE;
}

/* Returns what follows "scheme://" or "exec:"; NULL for no scheme of ours. */
static const char *take_scheme(struct url *u, const char *s)
{
	for (int i = 0; i < URL_N; i++) {
		size_t n = strlen(schemes[i].name);

		u->scheme = (enum url_scheme)i;
		if (strncmp(s, schemes[i].name, n) != 0 || s[n] != ':')
			continue;
		if (is_local(u->scheme))
			return s + n + 1;
		if (s[n + 1] == '/' && s[n + 2] == '/')
			return s + n + 3;
	}
	return NULL;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static bool host_name_ok(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!is_alnum(*p) && *p != '-' && *p != '_' &&
			(*p != '.' || p == s || p[-1] == '.'))
			return false;
	return *s && *s != '-';
}

/* 10.1 and 1.2.3.400 are no names, whatever a resolver makes of them. */
static bool is_numeric(const char *s)
{
	return s[strspn(s, "0123456789.")] == '\0';
}

/* ADDR or ADDR%ZONE of the brackets; IPv6 alone. */
static bool take_literal6(struct url *u)
{
	char *zone = strchr(u->host, '%');

	if (zone) {
		size_t n = strlen(zone + 1);

		if (!n || n > URL_ZONE_MAX)
			return false;
		memcpy(u->zone, zone + 1, n + 1);
		*zone = '\0';
	}
	return addr_parse(&u->addr, u->host) && u->addr.family == AF_INET6 &&
	       (!zone || addr_is_linklocal6(&u->addr));
}

static bool copy_host(struct url *u, const char *s, size_t n)
{
	if (!n || n > URL_HOST_MAX)
		return false;
	memcpy(u->host, s, n);
	u->host[n] = '\0';
	return true;
}

/* Returns what follows the host; NULL when it is none. */
static const char *take_host(struct url *u, const char *s)
{
	bool bracket = *s == '[';
	const char *end = bracket ? strchr(s, ']') : s + strcspn(s, ":/?#");

	if (!end || !copy_host(u, s + bracket, (size_t)(end - s - bracket)))
		return NULL;
	if (bracket)
		return take_literal6(u) ? end + 1 : NULL;
	if (addr_parse(&u->addr, u->host))
		return end;
	u->addr = (struct addr){ 0 };
	return !is_numeric(u->host) && host_name_ok(u->host) ? end : NULL;
}

/* Returns what follows ":PORT", or s; NULL for a bad one. */
static const char *take_port(struct url *u, const char *s)
{
	size_t n = strcspn(s, "/?#");
	char text[6];
	uint64_t port;

	u->port = schemes[u->scheme].port;
	if (*s != ':')
		return s;
	if (n < 2 || n > sizeof text)
		return NULL;
	memcpy(text, s + 1, n - 1);
	text[n - 1] = '\0';
	if (!num_u64(text, 1, UINT16_MAX, &port))
		return NULL;
	u->port = (uint16_t)port;
	return s + n;
}

static bool is_printable(const char *s, bool space_too)
{
	for (; *s; s++)
		if (*s < (space_too ? ' ' : '!') || *s > '~')
			return false;
	return true;
}

static const char *parse_local(struct url *u)
{
	if (!*u->path)
		return u->scheme == URL_EXEC ? "no command" : "no path";
	return NULL;
}

static const char *parse_remote(struct url *u, const char *s)
{
	const struct scheme *sc = &schemes[u->scheme];

	s = take_host(u, s);
	if (!s)
		return "no host: a name, 192.0.2.1 or [2001:db8::1]";
	if (u->scheme == URL_ICMP && *s == ':')
		return "icmp has no ports";
	s = take_port(u, s);
	if (!s)
		return "the port is no number from 1 to 65535";
	if (!u->port && sc->needs_port)
		return "which port?";
	if (*s && (!sc->has_path || *s != '/')) {
		if (strcmp(s, "/") != 0)
			return "nothing may follow the port";
		s++;
	}
	u->path = s;
	return NULL;
}

const char *url_parse(struct url *u, const char *text)
{
	const char *s;

	*u = (struct url){ 0 };
	s = take_scheme(u, text);
	if (!s)
		return "not one of tcp:// tls:// http:// https:// icmp:// "
		       "udp:// dns:// smtp:// exec: file:";
	if (strlen(text) > URL_LEN_MAX)
		return "too long";
	u->path = s;
	if (!is_printable(text, is_local(u->scheme)))
		return "a space, control or non-ASCII byte in it";
	return is_local(u->scheme) ? parse_local(u) : parse_remote(u, s);
}

static bool name_byte(char c)
{
	return is_alnum(c) || (c && strchr("._:@[]+-", c));
}

bool url_name_ok(const char *name)
{
	size_t n = 0;

	while (name_byte(name[n]))
		n++;
	return n && !name[n] && n <= URL_NAME_MAX && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0 && name[0] != '-';
}

size_t url_name_len(const char *target)
{
	size_t n = strcspn(target, "=/ ");

	return target[n] == '=' ? n : 0;
}

static size_t put(char *buf, size_t at, const char *s)
{
	for (; *s && at < URL_NAME_MAX; s++)
		buf[at++] = name_byte(*s) ? *s : '_';
	buf[at] = '\0';
	return at;
}

/* The file's own name for exec and file. */
static const char *base_name(const char *path, char word[URL_NAME_MAX + 1])
{
	size_t n = strcspn(path, " ");
	const char *base = path;

	for (size_t i = 0; i < n; i++)
		if (path[i] == '/' && i + 1 < n)
			base = path + i + 1;
	n -= (size_t)(base - path);
	if (n > URL_NAME_MAX)
		n = URL_NAME_MAX;
	memcpy(word, base, n);
	word[n] = '\0';
	return word;
}

const char *url_name(const struct url *u, char *buf)
{
	bool v6 = u->addr.family == AF_INET6;
	char word[URL_NAME_MAX + 1];
	size_t n = put(buf, 0, schemes[u->scheme].name);

	n = put(buf, n, ".");
	if (is_local(u->scheme)) {
		put(buf, n, base_name(u->path, word));
		return buf;
	}
	n = put(buf, n, v6 ? "[" : "");
	n = put(buf, n, u->host);
	n = put(buf, n, v6 ? "]" : "");
	if (u->port) {
		n = put(buf, n, ":");
		n = put(buf, n, num_str(u->port, word));
	}
	if (strcmp(u->path, "/") != 0)
		put(buf, n, u->path);
	return buf;
}
