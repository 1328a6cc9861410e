/* One probe in flight.  The kinds fill it; whoever calls them waits for
 * p->done, takes p->result and gives the slot back. */
#ifndef PROBE_H
#define PROBE_H

#include "check.h"
#include "dns.h"
#include "echo.h"
#include "http.h"
#include "smtp.h"

#define PROBE_PIECE 16384 /* read at a time */

struct probe;

/* What a protocol does on a connection; see stream.h. */
struct proto {
	void (*open)(struct probe *p);
	void (*data)(struct probe *p, const uint8_t *data, size_t n);
	void (*end)(struct probe *p);
};

struct dialogue {
	size_t step;
	uint8_t got[8192 + 1]; /* since the last step; a NUL at the end */
	size_t n;
};

struct http_probe {
	struct http parser;
	size_t want_header; /* bits of the header matches that held */
	uint64_t body;	    /* bytes so far */
};

struct smtp_probe {
	struct smtp parser;
	int stage;
};

struct dns_probe {
	struct dns_question q;
	char name[DNS_NAME_MAX + 2];
	bool tcp;
	uint8_t got[4096];
	size_t n;
};

struct icmp_probe {
	struct echo echo;
	bool raw;
};

/* Room that a slot keeps from one probe to the next. */
struct bytes {
	uint8_t *p;
	size_t n, room;
};

struct probe {
	struct check *check;
	const struct settings *s;
	struct mono began, deadline;
	int64_t stalled;   /* of the engine, when this began */
	const char *stage; /* for why=timeout-STAGE */
	bool resolving;	   /* the address is awaited */
	bool done;
	struct result result;

	int fd; /* -1: none */
	bool watched;
	void *ssl, *md; /* md: the digest so far; NULL: none */
	enum { LINK_CONNECT, LINK_TLS, LINK_OPEN } link;
	const struct proto *proto;
	struct bytes out, body;
	size_t sent; /* of out */

	union {
		struct dialogue dialogue;
		struct http_probe http;
		struct smtp_probe smtp;
		struct dns_probe dns;
		struct icmp_probe icmp;
	} u;
	struct probe *next_free;
};

/* What a kind of probe can do.  start may finish at once. */
struct kind {
	/* What is wrong with such a target, before it is ever probed. */
	const char *(*accept)(const struct url *u, struct settings *s);
	void (*start)(struct probe *p);
	void (*ready)(struct probe *p, uint32_t events);
	/* At the deadline, NULL: DOWN with why=timeout-STAGE. */
	void (*late)(struct probe *p);
	/* Before the slot is given back, even if start was never called: u may
	 * be another's.  NULL: nothing is to be done. */
	void (*stop)(struct probe *p);
};

extern const struct kind kind_tcp, kind_tls, kind_http, kind_https, kind_icmp,
	kind_udp, kind_dns, kind_smtp, kind_exec, kind_file;
const struct kind *probe_kind(enum url_scheme s);

/* A slot for a check, begun now.  NULL without memory. */
struct probe *probe_new(struct check *c, struct mono now);
/* Closes what is open and keeps the slot for another probe. */
void probe_free(struct probe *p);
/* Frees the slots that are kept. */
void probe_forget(void);

/* Verdicts; the first one counts. */
void probe_up(struct probe *p);
__attribute__((format(printf, 2, 3))) void probe_down(
	struct probe *p, const char *why, ...);
/* By an errno; those that are our own fault are marked as local. */
void probe_errno(struct probe *p, int err);

/* A non-blocking socket of the address's family, bound and marked as the
 * settings say, in p->fd, connected or connecting to it.  False: a verdict was
 * given. */
bool probe_socket(struct probe *p, int type, int protocol, bool *pending);
/* Appends, and a NUL that is not counted; false without memory. */
bool bytes_add(struct bytes *b, const void *data, size_t n);
/* The URL's text behind the host. */
const char *probe_path(const struct probe *p);
/* The host of the URL, into buf of URL_HOST_MAX + 1; returns buf. */
const char *probe_host(const struct probe *p, char *buf);

/* Set once: the loop's. */
extern int probe_epoll;

#endif
