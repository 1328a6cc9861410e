/* A stream of lines, cut into chunks by its own first byte. */
#include "fuzz.h"
#include "line.h"

/* What a line says comes out again as the same line. */
static void write_again(const struct line *l)
{
	struct line_out o;
	struct line again;
	bool fits = strlen(l->word) + strlen(l->subject) < LINE_MAX_LEN / 4;

	if (!fits)
		return; /* writers have words and subjects of their own */
	line_begin(&o, false, l->word, l->subject);
	for (size_t i = 0; i < l->nkv; i++)
		fits &= line_str(&o, l->kv[i].key, l->kv[i].value);
	CLAIM(line_end(&o) <= sizeof o.buf);
	o.buf[o.len - 1] = '\0';
	CLAIM(line_parse(&again, o.buf));
	for (size_t i = 0; fits && i < l->nkv; i++)
		CLAIM(strcmp(again.kv[i].value, l->kv[i].value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct line_feed feed;
	size_t step = size ? data[0] + 1u : 1;

	feed = (struct line_feed){ 0 };
	for (size_t at = 1; at < size; at += step) {
		size_t n = size - at < step ? size - at : step, left = n;
		char *exact = fuzz_exact(data + at, n), *text;
		const char *p = exact;

		while ((text = line_next(&feed, &p, &left)) != NULL) {
			struct line l;

			CLAIM(strlen(text) < LINE_MAX_LEN);
			if (line_parse(&l, text))
				write_again(&l);
		}
		CLAIM(left == 0);
		free(exact);
	}
	return 0;
}
