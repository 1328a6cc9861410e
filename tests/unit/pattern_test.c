#include "t.h"
#include "pattern.h"
#include "ranges.h"

static const struct {
	const char *text, *hex; /* NULL: refused */
} texts[] = {
	{ "PING\\r\\n", "50494e470d0a" },
	{ "a\\x00\\xFfz", "6100ff7a" },
	{ "\\0\\t\\\\", "00095c" },
	{ "", "" },
	{ "a\\", NULL },
	{ "\\q", NULL },
	{ "\\x1", NULL },
	{ "\\xg0", NULL },
};

static void text(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(texts); i++) {
		uint8_t want[64];
		struct pattern p;
		bool ok = pattern_text(&p, texts[i].text);

		CHECK_NUM(texts[i].text, ok, texts[i].hex != NULL);
		if (!ok)
			continue;
		CHECK_NUM(texts[i].text, p.n,
			t_unhex(want, sizeof want, texts[i].hex));
		assert_memory_equal(p.byte, want, p.n);
		assert_true(pattern_is_exact(&p));
	}
}

static const struct {
	const char *hex, *data;
	int found; /* -1: no pattern */
} hexes[] = {
	{ "48", "4748", 1 },
	{ "48", "4749", 0 },
	{ "48 49", "00484900", 1 },
	{ "4?", "004f", 1 },
	{ "?8", "0048", 1 },
	{ "??", "00", 1 },
	{ "??", "", 0 },
	{ "4849", "48", 0 },
	{ "aA", "aa", 1 },
	{ "4", "44", -1 },
	{ "4 8", "48", -1 },
	{ "", "48", -1 },
	{ "4g", "48", -1 },
	{ "?", "48", -1 },
};

static void hex(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(hexes); i++) {
		uint8_t data[64];
		size_t n = t_unhex(data, sizeof data, hexes[i].data);
		uint8_t *exact = t_exact(data, n);
		struct pattern p;
		int got = pattern_hex(&p, hexes[i].hex)
				  ? pattern_in(&p, exact, n)
				  : -1;

		CHECK_NUM(hexes[i].hex, got, hexes[i].found);
		free(exact);
	}
}

static void limits(void **state)
{
	char s[2 * PATTERN_MAX + 3];
	struct pattern p;

	(void)state;
	memset(s, 'a', sizeof s);
	s[PATTERN_MAX] = '\0';
	assert_true(pattern_text(&p, s));
	s[PATTERN_MAX] = 'a';
	s[PATTERN_MAX + 1] = '\0';
	assert_false(pattern_text(&p, s));
	s[PATTERN_MAX + 1] = 'a';
	s[2 * PATTERN_MAX] = '\0';
	assert_true(pattern_hex(&p, s));
	s[2 * PATTERN_MAX] = 'a';
	s[2 * PATTERN_MAX + 2] = '\0';
	assert_false(pattern_hex(&p, s));
	assert_true(pattern_hex(&p, "4?"));
	assert_false(pattern_is_exact(&p));
}

static const struct {
	const char *s;
	bool ok;
	unsigned in, out;
} lists[] = {
	{ "200", true, 200, 201 },
	{ "200-299", true, 299, 300 },
	{ "200-299,404", true, 404, 403 },
	{ "100,200,300-301", true, 301, 101 },
	{ "299-200", false, 0, 0 },
	{ "99", false, 0, 0 },
	{ "1000", false, 0, 0 },
	{ "", false, 0, 0 },
	{ ",", false, 0, 0 },
	{ "200,", false, 0, 0 },
	{ "200-", false, 0, 0 },
	{ "-200", false, 0, 0 },
	{ "200-299-300", false, 0, 0 },
	{ "200 ,201", false, 0, 0 },
	{ "2000000000", false, 0, 0 },
	{ "100,101,102,103,104,105,106,107,108,109,110,111,112,113,114,115,116",
		false, 0, 0 },
};

static void ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(lists); i++) {
		struct ranges r;
		bool ok = ranges_parse(&r, lists[i].s, 100, 999);

		CHECK_NUM(lists[i].s, ok, lists[i].ok);
		if (!ok)
			continue;
		CHECK_NUM(lists[i].s, ranges_has(&r, lists[i].in), true);
		CHECK_NUM(lists[i].s, ranges_has(&r, lists[i].out), false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(hex),
		cmocka_unit_test(limits),
		cmocka_unit_test(ranges),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
