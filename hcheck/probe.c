#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe.h"
#include "sockaddr.h"
#include "tls.h"

#define KEEP_MAX 65536 /* of a body, for the next probe */

int probe_epoll = -1;

static struct probe *unused;

const struct kind *probe_kind(enum url_scheme s)
{
	static const struct kind *const kinds[URL_N] = {
		[URL_TCP] = &kind_tcp,
		[URL_TLS] = &kind_tls,
		[URL_HTTP] = &kind_http,
		[URL_HTTPS] = &kind_https,
		[URL_ICMP] = &kind_icmp,
		[URL_UDP] = &kind_udp,
		[URL_DNS] = &kind_dns,
		[URL_SMTP] = &kind_smtp,
		[URL_EXEC] = &kind_exec,
		[URL_FILE] = &kind_file,
	};

	return kinds[s];
}

struct probe *probe_new(struct check *c, struct mono now)
{
	struct probe *p = unused;

	if (p)
		unused = p->next_free;
	else if (!(p = calloc(1, sizeof *p)))
		return NULL;
	p->check = c;
	p->s = c->settings;
	p->began = now;
	p->deadline = mono_add(now, p->s->timeout);
	p->stage = "start";
	p->done = p->watched = p->resolving = false;
	p->result =
		(struct result){ .cert_days = NO_CERT, .weight = NO_WEIGHT };
	p->fd = -1;
	p->ssl = p->md = NULL;
	p->out.n = p->body.n = p->sent = 0;
	c->probe = p;
	return p;
}

void probe_free(struct probe *p)
{
	const struct kind *k = probe_kind(p->check->at.scheme);

	if (k->stop)
		k->stop(p);
	tls_free(p->ssl);
	p->ssl = NULL;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	if (p->body.room > KEEP_MAX) {
		free(p->body.p);
		p->body = (struct bytes){ 0 };
	}
	p->check->probe = NULL;
	p->next_free = unused;
	unused = p;
}

void probe_forget(void)
{
	while (unused) {
		struct probe *p = unused;

		unused = p->next_free;
		free(p->out.p);
		free(p->body.p);
		free(p);
	}
}

void probe_up(struct probe *p)
{
	p->result.ok = !p->done || p->result.ok;
	p->done = true;
}

void probe_down(struct probe *p, const char *why, ...)
{
	va_list ap;

	if (p->done)
		return;
	p->done = true;
	va_start(ap, why);
	vsnprintf(p->result.why, sizeof p->result.why, why, ap);
	va_end(ap);
}

static const struct errno_word {
	int err;
	bool local;
	const char *word;
} errno_words[] = {
	{ ECONNREFUSED, false, "refused" },
	{ ECONNRESET, false, "reset" },
	{ EPIPE, false, "reset" },
	{ ECONNABORTED, false, "reset" },
	{ ETIMEDOUT, false, "timeout-connect" },
	{ EHOSTUNREACH, false, "host-unreachable" },
	{ EHOSTDOWN, false, "host-unreachable" },
	{ ENETUNREACH, false, "net-unreachable" },
	{ ENETDOWN, false, "net-unreachable" },
	{ ENOPROTOOPT, false, "protocol-unreachable" },
	{ EPROTO, false, "tls-error" },
	{ EMFILE, true, "local-emfile" },
	{ ENFILE, true, "local-enfile" },
	{ ENOMEM, true, "local-enomem" },
	{ ENOBUFS, true, "local-enobufs" },
	{ EACCES, true, "local-eacces" },
	{ EPERM, true, "local-eperm" },
	{ EADDRNOTAVAIL, true, "local-no-address" },
	{ EADDRINUSE, true, "local-no-port" },
	{ EAFNOSUPPORT, true, "local-no-family" },
	{ ENODEV, true, "local-no-interface" },
	{ EINVAL, true, "local-einval" },
};

void probe_errno(struct probe *p, int err)
{
	for (size_t i = 0; i < sizeof errno_words / sizeof *errno_words; i++) {
		if (errno_words[i].err != err)
			continue;
		if (!p->done)
			p->result.local = errno_words[i].local;
		probe_down(p, "%s", errno_words[i].word);
		return;
	}
	probe_down(p, "errno-%d", err);
}

/* Where the probe leaves this host: address, interface, mark. */
static int dress(int fd, const struct settings *s, int type)
{
	struct linger rst = { .l_onoff = 1, .l_linger = 0 };
	union sockaddr_any sa;
	size_t n = strlen(s->bind_if);

	/* No TIME_WAIT for a probe every few seconds: close with RST. */
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &rst, sizeof rst);
	if (s->marked && setsockopt(fd, SOL_SOCKET, SO_MARK, &s->mark,
				 sizeof s->mark) != 0)
		return errno;
	if (n && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, s->bind_if,
			 (socklen_t)n) != 0)
		return errno;
	if (!s->source.family)
		return 0;
	return bind(fd, &sa.sa, sockaddr_set(&sa, &s->source, 0, 0)) ? errno
								     : 0;
}

static bool watch(struct probe *p)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP |
					    EPOLLET,
		.data.ptr = p };

	p->watched = epoll_ctl(probe_epoll, EPOLL_CTL_ADD, p->fd, &ev) == 0;
	return p->watched;
}

bool probe_socket(struct probe *p, int type, int protocol, bool *pending)
{
	const struct url_facts *at = &p->check->at;
	union sockaddr_any sa;
	socklen_t len = sockaddr_set(&sa, &at->addr, at->port, at->scope);
	int err;

	p->stage = "connect";
	p->fd = socket(
		at->addr.family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	err = p->fd < 0 ? errno : dress(p->fd, p->s, type);
	if (!err && connect(p->fd, &sa.sa, len) != 0)
		err = errno;
	*pending = err == EINPROGRESS;
	if ((!err || *pending) && !watch(p)) {
		err = errno;
		*pending = false;
	}
	if (err && !*pending)
		probe_errno(p, err);
	errno = err;
	return !p->done;
}

bool bytes_add(struct bytes *b, const void *data, size_t n)
{
	size_t room = b->room ? b->room : 1024;
	uint8_t *q = b->p;

	while (room <= b->n + n)
		room *= 2;
	if (room > b->room) {
		q = realloc(b->p, room);
		if (!q)
			return false;
		b->p = q;
		b->room = room;
	}
	memcpy(q + b->n, data, n);
	b->n += n;
	q[b->n] = '\0';
	return true;
}

const char *probe_path(const struct probe *p)
{
	const char *host = strstr(p->check->url, "://");

	return host + 3 + strcspn(host + 3, "/");
}

const char *probe_host(const struct probe *p, char *buf)
{
	struct url u;

	url_parse(&u, p->check->url);
	memcpy(buf, u.host, sizeof u.host);
	return buf;
}
