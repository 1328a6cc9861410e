/* An HTTP response; the first byte says in what pieces it comes.  However it
 * is cut, the same comes out, and what is kept of it has a limit. */
#include "fuzz.h"
#include "http.h"

struct seen {
	unsigned status, headers;
	enum http_fault fault;
	uint64_t body, sum;
};

static void note(struct seen *s, const struct http *h, enum http_event e)
{
	if (e == HTTP_STATUS)
		s->status = h->status;
	if (e == HTTP_HEADER) {
		CLAIM(strlen(h->line) < HTTP_LINE_MAX && h->value);
		CLAIM(strlen(h->value) < HTTP_LINE_MAX);
		s->headers++;
	}
	for (size_t i = 0; e == HTTP_BODY && i < h->data_len; i++) {
		s->body++;
		s->sum = s->sum * 31 + h->data[i];
	}
}

static struct seen feed(
	const uint8_t *data, size_t left, size_t step, bool head_only)
{
	static struct http h;
	struct seen s = { 0 };
	enum http_event e = HTTP_MORE;

	http_init(&h, head_only);
	while (left && e == HTTP_MORE) {
		size_t n = left < step ? left : step, k = n;
		uint8_t *piece = fuzz_exact(data, n);
		const uint8_t *p = piece;

		do {
			e = http_next(&h, &p, &k);
			note(&s, &h, e);
			CLAIM(p >= piece && p + k == piece + n);
		} while (e != HTTP_MORE && e != HTTP_END && e != HTTP_BAD);
		CLAIM(e != HTTP_MORE || k == 0);
		free(piece);
		data += n;
		left -= n;
	}
	if (e == HTTP_MORE)
		e = http_eof(&h);
	CLAIM(e == HTTP_END || e == HTTP_BAD);
	s.fault = e == HTTP_BAD ? h.fault : HTTP_OK;
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole, cut;
	bool head_only;

	if (size < 1)
		return 0;
	head_only = data[0] & 0x80;
	whole = feed(data + 1, size - 1, size, head_only);
	cut = feed(data + 1, size - 1, 1 + (data[0] & 0x7f), head_only);
	CLAIM(whole.status == cut.status && whole.headers == cut.headers);
	CLAIM(whole.fault == cut.fault);
	CLAIM(whole.body == cut.body && whole.sum == cut.sum);
	return 0;
}
