#include <string.h>

#include "http.h"
#include "num.h"

const char *http_fault_str(enum http_fault f)
{
	static const char *const names[] = { "ok", "not-http",
		"header-too-long", "header-bad", "chunk-bad", "short",
		"empty" };

	_Static_assert(sizeof names / sizeof *names == HTTP_FAULTS, "names");
	return names[f];
}

/* ---- Request. */

struct out {
	char *p;
	size_t size, n;
	bool full;
};

static void put(struct out *o, const char *s)
{
	size_t len = strlen(s);

	if (o->full || len > o->size - o->n) {
		o->full = true;
		return;
	}
	memcpy(o->p + o->n, s, len);
	o->n += len;
}

size_t http_request(char *buf, size_t size, const struct http_req *r)
{
	struct out o = { buf, size, 0, false };

	put(&o, r->method);
	put(&o, " ");
	put(&o, r->path);
	put(&o, r->minor ? " HTTP/1.1\r\nHost: " : " HTTP/1.0\r\nHost: ");
	put(&o, r->host);
	put(&o, "\r\nUser-Agent: hcheck\r\nConnection: close\r\n");
	if (r->auth) {
		put(&o, "Authorization: Basic ");
		put(&o, r->auth);
		put(&o, "\r\n");
	}
	put(&o, r->headers);
	put(&o, "\r\n");
	return o.full ? 0 : o.n;
}

/* ---- Response. */

void http_init(struct http *h, bool head_only)
{
	h->status = 0;
	h->minor = 0;
	h->fault = HTTP_OK;
	h->value = NULL;
	h->state = HTTP_S_STATUS;
	h->n = h->head = 0;
	h->left = 0;
	h->chunked = h->has_length = h->cut = false;
	h->head_only = head_only;
}

static enum http_event bad(struct http *h, enum http_fault f)
{
	h->state = HTTP_S_BAD;
	h->fault = f;
	return HTTP_BAD;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool http_name_is(const char *a, const char *b)
{
	for (; *a && lower(*a) == lower(*b); a++)
		b++;
	return !*a && !*b;
}

/* A line without its end into h->line.  1: there it is, 0: more, -1: too much
 * of it. */
static int take_line(struct http *h, const uint8_t **data, size_t *n)
{
	const uint8_t *nl = memchr(*data, '\n', *n);
	size_t len = nl ? (size_t)(nl - *data) : *n;
	size_t room = sizeof h->line - 1 - h->n;
	size_t keep = len < room ? len : room;

	if (h->head + len > HTTP_HEAD_MAX)
		return -1;
	memcpy(h->line + h->n, *data, keep);
	h->n += keep;
	h->cut = h->cut || keep < len;
	h->head += len + (nl != NULL);
	*data += len + (nl != NULL);
	*n -= len + (nl != NULL);
	if (!nl)
		return 0;
	if (h->n && !h->cut && h->line[h->n - 1] == '\r')
		h->n--;
	h->line[h->n] = '\0';
	return 1;
}

/* Behind a line: the next one starts afresh. */
static void next_line(struct http *h)
{
	h->n = 0;
	h->cut = false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What came is not the beginning of HTTP/1.  Said at once: a server of
 * another kind may wait for us to speak. */
static bool not_http(const struct http *h)
{
	static const char lead[] = "HTTP/1.";
	size_t n = h->n < 7 ? h->n : 7;

	return memcmp(h->line, lead, n) != 0;
}

static bool parse_status(struct http *h)
{
	const char *s = h->line;

	if (h->n < 12 || not_http(h) || (s[7] != '0' && s[7] != '1') ||
		s[8] != ' ' || s[9] < '1' || s[9] > '9' || !is_digit(s[10]) ||
		!is_digit(s[11]) || (s[12] && s[12] != ' '))
		return false;
	h->minor = (uint8_t)(s[7] - '0');
	h->status = (uint16_t)((s[9] - '0') * 100 + (s[10] - '0') * 10 +
			       (s[11] - '0'));
	return true;
}

static enum http_event status_line(
	struct http *h, const uint8_t **data, size_t *n)
{
	int got = take_line(h, data, n);

	if (got < 0)
		return bad(h, HTTP_HEAD_LONG);
	if (not_http(h) || h->cut)
		return bad(h, HTTP_NOT_HTTP);
	if (!got)
		return HTTP_MORE;
	if (!parse_status(h))
		return bad(h, HTTP_NOT_HTTP);
	next_line(h);
	h->state = HTTP_S_HEADER;
	return h->status < 200 ? HTTP_MORE : HTTP_STATUS;
}

/* Splits h->line into name and value.  False when it is no header. */
static bool split_header(struct http *h)
{
	char *colon = memchr(h->line, ':', h->n), *end = h->line + h->n;

	if (!colon || colon == h->line || colon[-1] == ' ' ||
		memchr(h->line, '\0', h->n))
		return false;
	*colon++ = '\0';
	colon += strspn(colon, " \t");
	while (end > colon && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	h->value = colon;
	return true;
}

/* The last coding must be chunked (RFC 9112 6.1). */
static bool ends_chunked(const char *v)
{
	size_t n = strlen(v);

	return n >= 7 && http_name_is(v + n - 7, "chunked");
}

/* The headers that say how long the body is.  False: they are not to be
 * trusted. */
static bool note_header(struct http *h)
{
	bool length = http_name_is(h->line, "content-length");
	bool coding = http_name_is(h->line, "transfer-encoding");
	uint64_t v;

	if (!length && !coding)
		return true;
	if (h->cut)
		return false;
	if (coding) {
		h->chunked = ends_chunked(h->value);
		return h->chunked;
	}
	if (!num_u64(h->value, 0, INT64_MAX, &v) ||
		(h->has_length && v != h->left))
		return false;
	h->has_length = true;
	h->left = v;
	return true;
}

/* The empty line behind the headers: what follows? */
static enum http_event end_of_head(struct http *h)
{
	bool none = h->head_only || h->status == 204 || h->status == 304;
	size_t head = h->head;

	if (h->status < 200) {
		http_init(h, h->head_only);
		h->head = head;
		return HTTP_MORE;
	}
	if (none || (!h->chunked && h->has_length && !h->left)) {
		h->state = HTTP_S_DONE;
		return HTTP_END;
	}
	h->state = h->chunked	   ? HTTP_S_CHUNK
		   : h->has_length ? HTTP_S_LENGTH
				   : HTTP_S_CLOSE;
	return HTTP_MORE;
}

static enum http_event header_line(
	struct http *h, const uint8_t **data, size_t *n)
{
	int got;
	bool folded;

	if (h->value) { /* told by the last call */
		h->value = NULL;
		next_line(h);
	}
	got = take_line(h, data, n);
	if (got <= 0)
		return got ? bad(h, HTTP_HEAD_LONG) : HTTP_MORE;
	if (!h->n) {
		next_line(h);
		return end_of_head(h);
	}
	folded = h->line[0] == ' ' || h->line[0] == '\t';
	if (!folded && (!split_header(h) || !note_header(h)))
		return bad(h, HTTP_HEAD_BAD);
	if (folded || h->status < 200) {
		h->value = NULL;
		next_line(h);
		return HTTP_MORE;
	}
	return HTTP_HEADER;
}

static int hex(char c)
{
	c = lower(c);
	return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* SIZE in hex, perhaps with ;extensions, which are skipped. */
static bool parse_chunk(struct http *h)
{
	const char *s = h->line;
	int d;

	h->left = 0;
	for (; (d = hex(*s)) >= 0; s++) {
		if (h->left > INT64_MAX >> 5)
			return false;
		h->left = h->left * 16 + (unsigned)d;
	}
	return s > h->line && (!*s || *s == ';' || *s == ' ' || *s == '\t');
}

static enum http_event chunk_line(
	struct http *h, const uint8_t **data, size_t *n)
{
	int got = take_line(h, data, n);

	if (got > 0)
		h->head = 0; /* many chunks are no long head; a long line is */
	if (got < 0 || (got > 0 && !parse_chunk(h)))
		return bad(h, HTTP_CHUNK_BAD);
	if (got > 0) {
		next_line(h);
		h->state = h->left ? HTTP_S_CHUNK_DATA : HTTP_S_TRAILER;
	}
	return HTTP_MORE;
}

/* The line end behind a chunk's data. */
static enum http_event chunk_end(
	struct http *h, const uint8_t **data, size_t *n)
{
	uint8_t c = **data;

	(*data)++;
	(*n)--;
	if (c == '\r' && !h->cut) {
		h->cut = true;
		return HTTP_MORE;
	}
	if (c != '\n')
		return bad(h, HTTP_CHUNK_BAD);
	h->cut = false;
	h->state = HTTP_S_CHUNK;
	return HTTP_MORE;
}

static enum http_event trailer(struct http *h, const uint8_t **data, size_t *n)
{
	int got = take_line(h, data, n);
	bool last = got > 0 && !h->n;

	if (got < 0)
		return bad(h, HTTP_HEAD_LONG);
	if (got > 0)
		next_line(h);
	if (last)
		h->state = HTTP_S_DONE;
	return last ? HTTP_END : HTTP_MORE;
}

/* A piece of the body, at most what is left of it or its chunk. */
static enum http_event body(struct http *h, const uint8_t **data, size_t *n)
{
	bool bounded = h->state != HTTP_S_CLOSE;
	size_t take = bounded && h->left < *n ? (size_t)h->left : *n;

	h->data = *data;
	h->data_len = take;
	*data += take;
	*n -= take;
	if (!bounded)
		return HTTP_BODY;
	h->left -= take;
	if (!h->left)
		h->state = h->state == HTTP_S_LENGTH ? HTTP_S_DONE
						     : HTTP_S_CHUNK_END;
	return HTTP_BODY;
}

static enum http_event step(struct http *h, const uint8_t **data, size_t *n)
{
	switch (h->state) {
	case HTTP_S_STATUS:
		return status_line(h, data, n);
	case HTTP_S_HEADER:
		return header_line(h, data, n);
	case HTTP_S_CHUNK:
		return chunk_line(h, data, n);
	case HTTP_S_CHUNK_END:
		return chunk_end(h, data, n);
	case HTTP_S_TRAILER:
		return trailer(h, data, n);
	default:
		return body(h, data, n);
	}
}

enum http_event http_next(struct http *h, const uint8_t **data, size_t *n)
{
	while (h->state < HTTP_S_DONE && *n) {
		enum http_event e = step(h, data, n);

		if (e != HTTP_MORE)
			return e;
	}
	return h->state == HTTP_S_BAD	 ? HTTP_BAD
	       : h->state == HTTP_S_DONE ? HTTP_END
					 : HTTP_MORE;
}

enum http_event http_eof(struct http *h)
{
	if (h->state == HTTP_S_CLOSE)
		h->state = HTTP_S_DONE;
	if (h->state == HTTP_S_DONE)
		return HTTP_END;
	if (h->state == HTTP_S_BAD)
		return HTTP_BAD;
	return bad(h, h->state == HTTP_S_STATUS && !h->n && !h->head
			      ? HTTP_EMPTY
			      : HTTP_SHORT);
}
