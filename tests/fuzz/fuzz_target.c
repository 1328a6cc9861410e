/* A line of a file of targets: words, the URL, and values as patterns and
 * lists. */
#include "fuzz.h"
#include "pattern.h"
#include "ranges.h"
#include "url.h"
#include "words.h"

static void take_url(const char *text)
{
	char name[URL_NAME_MAX + 1];
	struct url u;

	CLAIM(url_name_len(text) <= strlen(text));
	if (url_parse(&u, text))
		return;
	CLAIM(strlen(u.host) <= URL_HOST_MAX);
	CLAIM(u.path >= text && u.path <= text + strlen(text));
	CLAIM(url_name_ok(url_name(&u, name)));
}

static void take_value(const char *text)
{
	static struct pattern p;
	struct ranges r;

	if (pattern_text(&p, text)) {
		CLAIM(p.n <= strlen(text) && pattern_is_exact(&p));
		CLAIM(pattern_in(&p, p.byte, p.n));
	}
	if (pattern_hex(&p, text))
		CLAIM(p.n <= strlen(text) / 2 && pattern_in(&p, p.byte, p.n));
	if (ranges_parse(&r, text, 100, 999))
		CLAIM(r.n && ranges_has(&r, r.r[0].lo));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size), *words[64];
	size_t len = strlen(text), all = 0;
	const char *why = NULL;
	int n = words_split(text, words, 64, &why);

	CLAIM(n >= 0 || why);
	for (int i = 0; i < n; i++) {
		all += strlen(words[i]) + 1;
		take_url(words[i]);
		take_value(words[i]);
	}
	CLAIM(n <= 0 || all <= len + 1);
	free(text);
	return 0;
}
