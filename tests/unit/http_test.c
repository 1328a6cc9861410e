#include "t.h"
#include "http.h"

#define OK	"HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

/* "status body" or "!fault"; a $ ends what is known before the close. */
static const struct {
	const char *name, *bytes, *want, *at_close;
} rows[] = {
	{ "length", OK "Content-Length: 5\r\n\r\nhello", "200 hello", NULL },
	{ "length, more behind", OK "Content-Length: 5\r\n\r\nhelloHTTP/1.1",
		"200 hello", NULL },
	{ "none", OK "Content-Length: 0\r\n\r\n", "200 ", NULL },
	{ "close", "HTTP/1.0 200 OK\r\n\r\nhello", "...", "200 hello" },
	{ "no reason", "HTTP/1.1 204\r\n\r\n", "204 ", NULL },
	{ "304", "HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n", "304 ", NULL },
	{ "bare lf", "HTTP/1.1 200 OK\nContent-Length: 2\n\nab", "200 ab",
		NULL },
	{ "chunks", CHUNKED "5\r\nhello\r\n1;x=\"y\"\r\n!\r\n0\r\n\r\n",
		"200 hello!", NULL },
	{ "chunk size with zeros", CHUNKED "0005\r\nhello\r\n0\r\n\r\n",
		"200 hello", NULL },
	{ "trailer", CHUNKED "1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\n", "200 a",
		NULL },
	{ "gzip, chunked",
		OK "Transfer-Encoding: gzip, chunked\r\n\r\n"
		   "1\r\na\r\n0\r\n\r\n",
		"200 a", NULL },
	{ "chunked beats length",
		OK "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n"
		   "1\r\na\r\n0\r\n\r\n",
		"200 a", NULL },
	{ "same length twice",
		OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", "200 a",
		NULL },
	{ "interim",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: y\r\n\r\n" OK
		"Content-Length: 1\r\n\r\na",
		"200 a", NULL },
	{ "folded", OK "X: a\r\n b\r\nContent-Length: 1\r\n\r\na", "200 a",
		NULL },
	{ "empty", "", "...", "!empty" },
	{ "short status", "HTTP/1.1 20", "...", "!short" },
	{ "short head", OK "Conte", "...", "!short" },
	{ "short body", OK "Content-Length: 5\r\n\r\nhell", "...", "!short" },
	{ "short chunk", CHUNKED "5\r\nhell", "...", "!short" },
	{ "no last chunk", CHUNKED "1\r\na\r\n", "...", "!short" },
	{ "short trailer", CHUNKED "0\r\nA: b", "...", "!short" },
	{ "HTTP/2", "HTTP/2 200\r\n\r\n", "!not-http", NULL },
	{ "HTTP/1.2", "HTTP/1.2 200 x\r\n", "!not-http", NULL },
	{ "99", "HTTP/1.1 099 x\r\n", "!not-http", NULL },
	{ "2000", "HTTP/1.1 2000 x\r\n", "!not-http", NULL },
	{ "no space", "HTTP/1.1200 x\r\n", "!not-http", NULL },
	{ "at the first byte", "S", "!not-http", NULL },
	{ "at the sixth byte", "HTTP/x", "!not-http", NULL },
	{ "empty line first", "\r\n" OK, "!not-http", NULL },
	{ "no colon", OK "rubbish\r\n\r\n", "!header-bad", NULL },
	{ "blank before the colon", OK "A : b\r\n\r\n", "!header-bad", NULL },
	{ "no name", OK ": b\r\n\r\n", "!header-bad", NULL },
	{ "two lengths", OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"!header-bad", NULL },
	{ "length -1", OK "Content-Length: -1\r\n\r\n", "!header-bad", NULL },
	{ "length +1", OK "Content-Length: +1\r\n\r\n", "!header-bad", NULL },
	{ "length 1, 1", OK "Content-Length: 1, 1\r\n\r\n", "!header-bad",
		NULL },
	{ "length too large", OK "Content-Length: 99999999999999999999\r\n\r\n",
		"!header-bad", NULL },
	{ "coding without chunked", OK "Transfer-Encoding: gzip\r\n\r\n",
		"!header-bad", NULL },
	{ "chunk zz", CHUNKED "zz\r\n", "!chunk-bad", NULL },
	{ "chunk of nothing", CHUNKED "\r\n", "!chunk-bad", NULL },
	{ "chunk -1", CHUNKED "-1\r\n", "!chunk-bad", NULL },
	{ "chunk 0x5", CHUNKED "0x5\r\n", "!chunk-bad", NULL },
	{ "chunk too large", CHUNKED "ffffffffffffffff\r\n", "!chunk-bad",
		NULL },
	{ "no line end behind a chunk", CHUNKED "1\r\naX0\r\n\r\n",
		"!chunk-bad", NULL },
	{ "chunk longer than told", CHUNKED "3\r\nhello\r\n", "!chunk-bad",
		NULL },
};

/* Feeds `step` bytes at a time, each piece in a block of its size. */
static const char *feed(
	struct http *h, const char *bytes, size_t step, bool head, char *out)
{
	size_t left = strlen(bytes);
	enum http_event e = HTTP_MORE;
	char *to = out + 4;

	http_init(h, head);
	strcpy(to, "");
	while (left && e == HTTP_MORE) {
		size_t n = left < step ? left : step, k = n;
		uint8_t *piece = t_exact(bytes, n);
		const uint8_t *p = piece;

		while ((e = http_next(h, &p, &k)) != HTTP_MORE &&
			e != HTTP_END && e != HTTP_BAD) {
			if (e == HTTP_BODY)
				strncat(to, (const char *)h->data, h->data_len);
		}
		free(piece);
		bytes += n;
		left -= n;
	}
	if (e == HTTP_BAD)
		sprintf(out, "!%s", http_fault_str(h->fault));
	else if (e == HTTP_MORE)
		return "...";
	else
		out[sprintf(out, "%03u", h->status)] = ' ';
	return out;
}

static void responses(void **state)
{
	static struct http h;
	char out[256];

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		for (size_t step = 1; step < 40; step += step < 3 ? 1 : 7) {
			const char *got =
				feed(&h, rows[i].bytes, step, false, out);

			CHECK_STR(rows[i].name, got, rows[i].want);
			if (!rows[i].at_close)
				continue;
			if (http_eof(&h) == HTTP_END)
				out[sprintf(out, "%03u", h.status)] = ' ';
			else
				sprintf(out, "!%s", http_fault_str(h.fault));
			CHECK_STR(rows[i].name, out, rows[i].at_close);
		}
	}
}

static void head_has_no_body(void **state)
{
	static struct http h;
	char out[64];

	(void)state;
	assert_string_equal(
		feed(&h, OK "Content-Length: 9\r\n\r\n", 99, true, out),
		"200 ");
}

static void headers(void **state)
{
	static const char text[] = OK "A: b\r\nLong-Name:\t c d \t\r\nE:\r\n"
				      "Content-Length: 0\r\n\r\n";
	const uint8_t *p = (const uint8_t *)text;
	size_t n = strlen(text);
	static struct http h;
	char all[128] = "";
	enum http_event e;

	(void)state;
	http_init(&h, false);
	while ((e = http_next(&h, &p, &n)) != HTTP_END) {
		if (e == HTTP_HEADER)
			snprintf(all + strlen(all), sizeof all - strlen(all),
				"%.32s=%.32s;", h.line, h.value);
	}
	assert_string_equal(all, "A=b;Long-Name=c d;E=;Content-Length=0;");
}

/* Bytes for ever: a verdict comes, after HTTP_HEAD_MAX at the latest. */
static void endless(void **state)
{
	static const struct {
		const char *lead, *again;
		enum http_fault fault;
	} all[] = {
		{ OK, "X: y\r\n", HTTP_HEAD_LONG },
		{ OK "X: ", "y", HTTP_HEAD_LONG },
		{ "HTTP/1.1 200 ", "y", HTTP_NOT_HTTP },
		{ "", "HTTP/1.1 100 x\r\n\r\n", HTTP_HEAD_LONG },
		{ CHUNKED "5;", "x", HTTP_CHUNK_BAD },
		{ CHUNKED "0\r\n", "X: y\r\n", HTTP_HEAD_LONG },
	};
	static struct http h;

	(void)state;
	for (size_t i = 0; i < N_OF(all); i++) {
		const char *s = all[i].lead;
		size_t fed = 0;
		enum http_event e = HTTP_MORE;

		http_init(&h, false);
		while (e != HTTP_BAD && fed < 3 * HTTP_HEAD_MAX) {
			const uint8_t *p = (const uint8_t *)s;
			size_t n = strlen(s);

			fed += n;
			do
				e = http_next(&h, &p, &n);
			while (e != HTTP_MORE && e != HTTP_BAD);
			s = all[i].again;
		}
		CHECK_NUM(all[i].again, h.fault, all[i].fault);
		assert_true(fed < HTTP_HEAD_MAX + 2048);
	}
}

static void request(void **state)
{
	struct http_req r = { .method = "GET",
		.path = "/x",
		.host = "h:81",
		.headers = "A: b\r\n",
		.auth = "dTpw",
		.minor = 1 };
	static const char want[] = "GET /x HTTP/1.1\r\nHost: h:81\r\n"
				   "User-Agent: hcheck\r\nConnection: close\r\n"
				   "Authorization: Basic dTpw\r\nA: b\r\n\r\n";
	char buf[256];
	size_t n;

	(void)state;
	n = http_request(buf, sizeof buf, &r);
	assert_int_equal(n, strlen(want));
	assert_memory_equal(buf, want, n);
	assert_int_equal(http_request(buf, n - 1, &r), 0);
	assert_int_equal(http_request(buf, n, &r), n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses),
		cmocka_unit_test(head_has_no_body),
		cmocka_unit_test(headers),
		cmocka_unit_test(endless),
		cmocka_unit_test(request),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
