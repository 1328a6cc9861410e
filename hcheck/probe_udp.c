/* udp://: a reply must come and fit; or, when asked so, no ICMP error may. */
#include <errno.h>
#include <sys/socket.h>

#include "match.h"
#include "probe.h"

static const struct step *find_step(
	const struct settings *s, enum step_kind kind)
{
	for (size_t i = 0; i < s->nsteps; i++)
		if (s->steps[i]->kind == kind)
			return s->steps[i];
	return NULL;
}

static void start(struct probe *p)
{
	const struct step *st = find_step(p->s, STEP_SEND);
	const void *data = st ? st->match.bytes.byte : NULL;
	bool pending;

	if (!probe_socket(p, SOCK_DGRAM, 0, &pending))
		return;
	p->stage = p->s->no_error ? "error" : "first-byte";
	if (send(p->fd, data, st ? st->match.bytes.n : 0, MSG_NOSIGNAL) < 0)
		probe_errno(p, errno);
}

static void take(struct probe *p, const void *data, size_t n)
{
	const struct step *st = find_step(p->s, STEP_EXPECT);

	if (st && !match_holds(&st->match, data, n))
		probe_down(p, "no-match");
	else
		probe_up(p);
}

static void ready(struct probe *p, uint32_t events)
{
	uint8_t buf[65536];
	ssize_t n = recv(p->fd, buf, sizeof buf - 1, 0);

	(void)events;
	if (n >= 0) {
		buf[n] = '\0';
		take(p, buf, (size_t)n);
	}
	if (n < 0 && errno != EAGAIN)
		probe_errno(p, errno);
}

static void late(struct probe *p)
{
	if (p->s->no_error)
		probe_up(p);
	else
		probe_down(p, "timeout-%s", p->stage);
}

static const char *accept_udp(const struct url *u, struct settings *s)
{
	(void)u;
	if (s->starttls)
		return "starttls is not for udp";
	if (s->nsteps > 2 || (s->nsteps == 2 && s->steps[0]->kind != STEP_SEND))
		return "one send and one expect at most";
	return NULL;
}

const struct kind kind_udp = { accept_udp, start, ready, late, NULL };
