#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "proxyhdr.h"
#include "sockaddr.h"
#include "stream.h"
#include "tls.h"

#define BUDGET 16 /* pieces a turn: others want to be heard too */

static bool wants_tls(const struct probe *p)
{
	enum url_scheme s = p->check->at.scheme;

	return s == URL_TLS || s == URL_HTTPS;
}

static void flush(struct probe *p)
{
	while (p->sent < p->out.n && !p->done) {
		const uint8_t *from = p->out.p + p->sent;
		size_t left = p->out.n - p->sent;
		ssize_t n = p->ssl ? tls_write(p->ssl, from, left)
				   : send(p->fd, from, left, MSG_NOSIGNAL);

		if (n < 0 && !p->ssl)
			n = -errno;
		if (n == -EAGAIN)
			return;
		if (n < 0)
			probe_errno(p, (int)-n);
		else
			p->sent += (size_t)n;
	}
	p->out.n = p->sent = 0;
}

void stream_send(struct probe *p, const void *data, size_t n)
{
	if (!bytes_add(&p->out, data, n))
		probe_errno(p, ENOMEM);
	else if (p->link == LINK_OPEN)
		flush(p);
}

/* ---- Getting there. */

static void open_link(struct probe *p)
{
	p->link = LINK_OPEN;
	p->proto->open(p);
	if (!p->done)
		flush(p);
}

static void handshake(struct probe *p)
{
	const char *why = NULL;
	int ret = tls_handshake(p->ssl, &p->result, &why);

	if (ret > 0)
		why = tls_judge(p->ssl, p->s, &p->result);
	if (why)
		probe_down(p, "%s", why);
	else if (ret > 0)
		open_link(p);
}

void stream_starttls(struct probe *p)
{
	char host[URL_HOST_MAX + 1];
	const char *name = p->s->sni	? p->s->sni
			   : p->s->host ? p->s->host
					: probe_host(p, host);

	p->stage = "tls";
	p->link = LINK_TLS;
	p->ssl = tls_new(p->s, p->fd, name);
	if (!p->ssl)
		probe_errno(p, ENOMEM);
	else
		handshake(p);
}

/* A fresh socket takes so few bytes at once. */
static bool send_proxyhdr(struct probe *p)
{
	uint8_t buf[PROXYHDR_MAX];
	union sockaddr_any sa;
	socklen_t len = sizeof sa;
	struct proxyhdr h;
	size_t n;

	if (getsockname(p->fd, &sa.sa, &len) != 0)
		return false;
	h.src = sockaddr_get(&sa, &h.sport);
	h.dst = p->check->at.addr;
	h.dport = p->check->at.port;
	n = proxyhdr(buf, p->s->proxy, &h);
	return send(p->fd, buf, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static int socket_error(const struct probe *p)
{
	socklen_t len = sizeof(int);
	int err = 0;

	return getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &err, &len) ? errno
								   : err;
}

static void connected(struct probe *p, uint32_t events)
{
	int err = events & (EPOLLERR | EPOLLHUP) ? socket_error(p) : 0;

	if (err)
		probe_errno(p, err);
	else if (p->s->proxy && !send_proxyhdr(p))
		probe_errno(p, ECONNRESET);
	else if (wants_tls(p))
		stream_starttls(p);
	else
		open_link(p);
}

void stream_start(struct probe *p, const struct proto *proto)
{
	bool pending;

	p->proto = proto;
	p->link = LINK_CONNECT;
	if (probe_socket(p, SOCK_STREAM, 0, &pending) && !pending)
		connected(p, 0);
}

/* ---- What comes. */

static uint8_t piece[PROBE_PIECE];

static ssize_t receive(struct probe *p)
{
	ssize_t n;

	if (p->ssl)
		return tls_read(p->ssl, piece, sizeof piece);
	n = recv(p->fd, piece, sizeof piece, 0);
	return n < 0 ? -errno : n;
}

/* Edge-triggered: told anew, an event comes anew. */
static void come_back(struct probe *p)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP |
					    EPOLLET,
		.data.ptr = p };

	epoll_ctl(probe_epoll, EPOLL_CTL_MOD, p->fd, &ev);
}

static void receive_all(struct probe *p)
{
	for (int i = 0; i < BUDGET && !p->done && p->link == LINK_OPEN; i++) {
		ssize_t n = receive(p);

		if (n == -EAGAIN)
			return;
		if (n < 0)
			probe_errno(p, (int)-n);
		else if (n == 0)
			p->proto->end(p);
		else
			p->proto->data(p, piece, (size_t)n);
		if (n == 0)
			return;
	}
	if (!p->done && p->link == LINK_OPEN)
		come_back(p);
}

void stream_ready(struct probe *p, uint32_t events)
{
	if (p->link == LINK_CONNECT) {
		if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
			return;
		connected(p, events);
	} else if (p->link == LINK_TLS) {
		handshake(p);
	} else {
		flush(p);
	}
	/* What OpenSSL holds already is not told by the socket. */
	if (!p->done && p->link == LINK_OPEN &&
		(p->ssl || events & ~(uint32_t)EPOLLOUT))
		receive_all(p);
}
