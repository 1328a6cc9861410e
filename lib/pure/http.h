/* HTTP/1.0 and 1.1 as a client that makes one request a connection: the
 * request as bytes, and a parser of the response that is fed as it comes. */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_LINE_MAX 1024	/* kept of a header; the rest is skipped */
#define HTTP_HEAD_MAX 65536	/* all headers and trailers */
#define HTTP_BODY_MAX (1 << 26) /* no more can be asked for */

struct http_req {
	const char *method, *path, *host;
	const char *headers; /* whole lines with their CRLF, or "" */
	const char *auth;    /* base64, or NULL */
	unsigned minor;	     /* 0 or 1 */
};

/* Writes the request; returns its length, 0 when it does not fit. */
size_t http_request(char *buf, size_t size, const struct http_req *r);

/* What http_next() found. */
enum http_event {
	HTTP_MORE,   /* all is eaten, more must come */
	HTTP_STATUS, /* h->status is known */
	HTTP_HEADER, /* h->line is the name, h->value the value */
	HTTP_BODY,   /* h->data, h->data_len: a piece of the body */
	HTTP_END,    /* the response is complete */
	HTTP_BAD,    /* h->fault */
};

enum http_fault {
	HTTP_OK,
	HTTP_NOT_HTTP,	/* the status line */
	HTTP_HEAD_LONG, /* more than HTTP_HEAD_MAX */
	HTTP_HEAD_BAD,	/* a header, or its length, is none */
	HTTP_CHUNK_BAD,
	HTTP_SHORT, /* ended before it was complete */
	HTTP_EMPTY, /* ended before a byte came */
	HTTP_FAULTS
};

enum http_state {
	HTTP_S_STATUS,
	HTTP_S_HEADER,
	HTTP_S_LENGTH,
	HTTP_S_CLOSE,
	HTTP_S_CHUNK,
	HTTP_S_CHUNK_DATA,
	HTTP_S_CHUNK_END,
	HTTP_S_TRAILER,
	HTTP_S_DONE,
	HTTP_S_BAD,
};

struct http {
	uint16_t status;
	uint8_t minor;
	enum http_fault fault;
	char line[HTTP_LINE_MAX];
	const char *value;
	const uint8_t *data;
	size_t data_len;

	/* The rest is for http.c alone. */
	enum http_state state;
	size_t n;    /* in line */
	size_t head; /* bytes of head and trailers so far */
	uint64_t left;
	bool head_only, chunked, has_length, cut;
};

/* head_only: the answer to HEAD has no body whatever its headers say. */
void http_init(struct http *h, bool head_only);
/* The next thing in the data; *data and *n advance.  Call until HTTP_MORE,
 * HTTP_END or HTTP_BAD; further calls then repeat it.  Interim responses (1xx)
 * are skipped. */
enum http_event http_next(struct http *h, const uint8_t **data, size_t *n);
/* The connection was closed: HTTP_END or HTTP_BAD. */
enum http_event http_eof(struct http *h);
/* "not-http" and so on. */
const char *http_fault_str(enum http_fault f);

/* Are these one header's name? (case does not matter) */
bool http_name_is(const char *a, const char *b);

#endif
