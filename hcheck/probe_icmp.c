/* icmp://: one echo, by a ping socket where the kernel lets us, else raw. */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "probe.h"

static bool open_socket(struct probe *p)
{
	int proto = p->check->at.addr.family == AF_INET ? IPPROTO_ICMP
							: IPPROTO_ICMPV6;
	bool pending;

	p->u.icmp.raw = false;
	if (probe_socket(p, SOCK_DGRAM, proto, &pending))
		return true;
	if (p->fd >= 0 || (errno != EACCES && errno != EPERM))
		return false;
	p->done = p->result.local = false;
	p->u.icmp.raw = true;
	return probe_socket(p, SOCK_RAW, proto, &pending);
}

static void start(struct probe *p)
{
	struct echo *e = &p->u.icmp.echo;
	uint8_t buf[ECHO_LEN];

	if (!open_socket(p))
		return;
	e->id = (uint16_t)(p->check->id ^ p->check->id >> 16);
	e->seq = p->check->seq;
	if (getrandom(&e->cookie, sizeof e->cookie, GRND_NONBLOCK) !=
		sizeof e->cookie)
		e->cookie = (uint64_t)p->began.us;
	echo_request(buf, p->check->at.addr.family, e);
	p->stage = "reply";
	if (send(p->fd, buf, sizeof buf, MSG_NOSIGNAL) < 0)
		probe_errno(p, errno);
}

static void ready(struct probe *p, uint32_t events)
{
	const struct icmp_probe *i = &p->u.icmp;
	uint8_t buf[2048];

	(void)events;
	while (!p->done) {
		ssize_t n = recv(p->fd, buf, sizeof buf, 0);
		enum echo_verdict v;

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			probe_errno(p, errno);
			return;
		}
		v = echo_judge(&i->echo, p->check->at.addr.family, i->raw,
			!i->raw, buf, (size_t)n);
		if (v == ECHO_REPLY)
			probe_up(p);
		if (v == ECHO_UNREACHABLE)
			probe_down(p, "host-unreachable");
	}
}

static const char *accept_icmp(const struct url *u, struct settings *s)
{
	(void)u, (void)s;
	return NULL;
}

const struct kind kind_icmp = { accept_icmp, start, ready, NULL, NULL };
