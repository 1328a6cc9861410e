/* dns://SERVER/NAME?type=T: one question over UDP, or TCP with &tcp=1. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "stream.h"

/* Takes /NAME?type=T[&tcp=1] apart; NULL, or what is wrong. */
static const char *parse(
	const char *path, struct dns_question *q, char *name, bool *tcp)
{
	size_t n = strcspn(path, "?");
	const char *key = path[n] ? path + n + 1 : "";

	if (n < 2 || n - 1 > DNS_NAME_MAX)
		return "which name? dns://SERVER/NAME?type=A";
	memcpy(name, path + 1, n - 1);
	name[n - 1] = '\0';
	*q = (struct dns_question){ .name = name, .type = dns_type("A") };
	*tcp = false;
	while (*key) {
		char type[8];

		if (sscanf(key, "type=%7[A-Za-z]", type) == 1)
			q->type = dns_type(type);
		else if (strncmp(key, "tcp=1", 5) == 0)
			*tcp = true;
		else
			return "behind the ?: type=T or tcp=1";
		key += strcspn(key, "&");
		key += *key == '&';
	}
	return q->type ? NULL
		       : "type: not one of A AAAA NS CNAME SOA MX TXT "
			 "PTR SRV";
}

static void judge(struct probe *p, const struct dns_reply *r)
{
	if (!ranges_has(&p->s->rcode, r->rcode))
		probe_down(p, "dns-%s", dns_rcode_str(r->rcode));
	else if (!r->rcode && r->answers < p->s->answers && !r->truncated)
		probe_down(p, "dns-answers-%u", r->answers);
	else
		probe_up(p);
}

/* Of UDP a foreign datagram says nothing; of TCP it is the server's own. */
static void take_reply(struct probe *p, const void *data, size_t n, bool tcp)
{
	struct dns_reply r;
	enum dns_fault f = dns_parse(&r, &p->u.dns.q, data, n);

	if (f == DNS_OK)
		judge(p, &r);
	else if (f == DNS_MALFORMED || tcp)
		probe_down(p, "dns-malformed");
}

static size_t query(struct probe *p, uint8_t *buf, size_t size)
{
	size_t n = dns_query(buf, size, &p->u.dns.q);

	p->stage = "first-byte";
	if (!n)
		probe_errno(p, EINVAL);
	return n;
}

/* ---- UDP. */

static void ask_udp(struct probe *p)
{
	uint8_t buf[DNS_QUERY_MAX];
	size_t n = query(p, buf, sizeof buf);

	if (n && send(p->fd, buf, n, MSG_NOSIGNAL) < 0)
		probe_errno(p, errno);
}

static void hear_udp(struct probe *p)
{
	uint8_t buf[4096];

	while (!p->done) {
		ssize_t n = recv(p->fd, buf, sizeof buf, 0);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n < 0)
			probe_errno(p, errno);
		else
			take_reply(p, buf, (size_t)n, false);
	}
}

/* ---- TCP: two bytes of length in front (RFC 7766). */

static void ask_tcp(struct probe *p)
{
	uint8_t buf[DNS_QUERY_MAX + 2];
	size_t n = query(p, buf + 2, sizeof buf - 2);

	buf[0] = (uint8_t)(n >> 8);
	buf[1] = (uint8_t)n;
	if (n)
		stream_send(p, buf, n + 2);
}

static void hear_tcp(struct probe *p, const uint8_t *data, size_t n)
{
	struct dns_probe *d = &p->u.dns;
	size_t room = sizeof d->got - d->n, keep = n < room ? n : room, want;

	p->stage = "body";
	memcpy(d->got + d->n, data, keep);
	d->n += keep;
	if (d->n < 2)
		return;
	want = (size_t)d->got[0] << 8 | d->got[1];
	if (want > sizeof d->got - 2)
		probe_down(p, "dns-too-long");
	else if (d->n >= want + 2)
		take_reply(p, d->got + 2, want, true);
}

static void end_tcp(struct probe *p)
{
	probe_down(p, p->u.dns.n ? "short" : "closed");
}

static const struct proto dns_tcp = { ask_tcp, hear_tcp, end_tcp };

/* ---- The kind. */

static void start(struct probe *p)
{
	struct dns_probe *d = &p->u.dns;
	bool pending;
	uint16_t id;

	parse(probe_path(p), &d->q, d->name, &d->tcp);
	d->n = 0;
	if (getrandom(&id, sizeof id, GRND_NONBLOCK) != sizeof id)
		id = (uint16_t)(p->began.us ^ p->check->id);
	d->q.id = id;
	if (d->tcp)
		stream_start(p, &dns_tcp);
	else if (probe_socket(p, SOCK_DGRAM, 0, &pending))
		ask_udp(p);
}

static void ready(struct probe *p, uint32_t events)
{
	if (p->u.dns.tcp)
		stream_ready(p, events);
	else
		hear_udp(p);
}

static const char *accept_dns(const struct url *u, struct settings *s)
{
	char name[DNS_NAME_MAX + 2];
	uint8_t buf[DNS_QUERY_MAX];
	struct dns_question q;
	bool tcp;
	const char *why = parse(u->path, &q, name, &tcp);

	(void)s;
	if (why)
		return why;
	return dns_query(buf, sizeof buf, &q) ? NULL : "not a DNS name";
}

const struct kind kind_dns = { accept_dns, start, ready, NULL, NULL };
