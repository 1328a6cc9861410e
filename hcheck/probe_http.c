/* http:// and https://: one request, and its answer judged. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "match.h"
#include "openssl.h"
#include "sockaddr.h"
#include "stream.h"
#include "tls.h"

#define REQUEST_MAX 8192

/* HOST, or HOST:PORT where the port does not go without saying. */
static const char *host_header(const struct probe *p, char *buf, size_t size)
{
	const struct url_facts *at = &p->check->at;
	char host[URL_HOST_MAX + 1];
	bool v6;

	if (p->s->host)
		return p->s->host;
	probe_host(p, host);
	v6 = strchr(host, ':') != NULL;
	snprintf(buf, size, "%s%s%s", v6 ? "[" : "", host, v6 ? "]" : "");
	if (at->port != url_scheme_port(at->scheme))
		snprintf(buf + strlen(buf), size - strlen(buf), ":%u",
			(unsigned)at->port);
	return buf;
}

static void ask(struct probe *p)
{
	char buf[REQUEST_MAX], host[URL_HOST_MAX + 16];
	const char *path = probe_path(p);
	struct http_req r = {
		.method = p->s->method ? p->s->method : "GET",
		.path = *path ? path : "/",
		.host = host_header(p, host, sizeof host),
		.headers = p->s->headers ? p->s->headers : "",
		.auth = p->s->auth,
		.minor = p->s->minor,
	};

	p->stage = "first-byte";
	stream_send(p, buf, http_request(buf, sizeof buf, &r));
}

/* ---- The answer. */

static void judge_status(struct probe *p)
{
	unsigned status = p->u.http.parser.status;

	p->stage = "head";
	p->result.status = (uint16_t)status;
	if (!ranges_has(&p->s->status, status))
		probe_down(p, "status-%u", status);
}

static void note_header(struct probe *p)
{
	struct http_probe *h = &p->u.http;

	for (size_t i = 0; i < p->s->nheader; i++) {
		const struct match *m = p->s->header[i];

		if (http_name_is(m->name, h->parser.line) &&
			match_holds(
				m, h->parser.value, strlen(h->parser.value)))
			h->want_header |= (size_t)1 << i;
	}
}

static bool headers_hold(const struct probe *p)
{
	return p->u.http.want_header == ((size_t)1 << p->s->nheader) - 1;
}

static void take_body(struct probe *p)
{
	struct http_probe *h = &p->u.http;

	p->stage = "body";
	h->body += h->parser.data_len;
	if (!headers_hold(p))
		probe_down(p, "header");
	else if (h->body > p->s->body_max)
		probe_down(p, "body-too-long");
	else if (p->md &&
		 !EVP_DigestUpdate(p->md, h->parser.data, h->parser.data_len))
		probe_errno(p, ENOMEM);
	else if (p->s->nbody &&
		 !bytes_add(&p->body, h->parser.data, h->parser.data_len))
		probe_errno(p, ENOMEM);
}

/* The digest goes on the line; false when another was wanted. */
static bool digest_holds(struct probe *p)
{
	const struct settings *s = p->s;
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	int n;

	EVP_DigestFinal_ex(p->md, sum, &len);
	n = snprintf(p->result.say, sizeof p->result.say, "%s:", s->digest);
	for (unsigned i = 0; i < len; i++)
		n += snprintf(p->result.say + n,
			sizeof p->result.say - (size_t)n, "%02x", sum[i]);
	return !s->digest_told || memcmp(sum, s->digest_want, len) == 0;
}

static void judge(struct probe *p)
{
	const struct settings *s = p->s;

	if (!headers_hold(p))
		probe_down(p, "header");
	for (size_t i = 0; i < s->nbody; i++)
		if (!match_holds(s->body[i], p->body.p, p->body.n))
			probe_down(p, s->body[i]->negate ? "body-not" : "body");
	if (!p->done && p->md && !digest_holds(p))
		probe_down(p, "digest");
	if (!p->done)
		probe_up(p);
}

static void on_event(struct probe *p, enum http_event e)
{
	switch (e) {
	case HTTP_STATUS:
		judge_status(p);
		break;
	case HTTP_HEADER:
		note_header(p);
		break;
	case HTTP_BODY:
		take_body(p);
		break;
	case HTTP_END:
		judge(p);
		break;
	case HTTP_BAD:
		probe_down(p, "%s", http_fault_str(p->u.http.parser.fault));
		break;
	case HTTP_MORE:
		break;
	}
}

static void take(struct probe *p, const uint8_t *data, size_t n)
{
	enum http_event e;

	if (strcmp(p->stage, "first-byte") == 0)
		p->stage = "head";
	do {
		e = http_next(&p->u.http.parser, &data, &n);
		on_event(p, e);
	} while (!p->done && e != HTTP_MORE);
}

static void end(struct probe *p)
{
	on_event(p, http_eof(&p->u.http.parser));
}

static const struct proto http = { ask, take, end };

static void start(struct probe *p)
{
	struct http_probe *h = &p->u.http;
	const struct settings *s = p->s;

	http_init(&h->parser, s->method && strcmp(s->method, "HEAD") == 0);
	h->want_header = 0;
	h->body = 0;
	p->md = s->digest ? EVP_MD_CTX_new() : NULL;
	if (s->digest &&
		(!p->md || !EVP_DigestInit_ex(p->md,
				   EVP_get_digestbyname(s->digest), NULL)))
		probe_errno(p, ENOMEM);
	else
		stream_start(p, &http);
}

static void stop(struct probe *p)
{
	if (p->md)
		EVP_MD_CTX_free(p->md);
	p->md = NULL;
}

static const char *accept_http(const struct url *u, struct settings *s)
{
	(void)u;
	if (s->nsteps)
		return "send, expect and starttls are for tcp, tls and udp";
	return s->digest ? openssl_need() : NULL;
}

static const char *accept_https(const struct url *u, struct settings *s)
{
	const char *why = accept_http(u, s);

	return why ? why : tls_context(s);
}

const struct kind kind_http = { accept_http, start, stream_ready, NULL, stop };
const struct kind kind_https = { accept_https, start, stream_ready, NULL,
	stop };
