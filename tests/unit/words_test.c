#include "t.h"
#include "words.h"

/* The words joined with |; or the reason. */
static const struct {
	const char *text, *want;
} rows[] = {
	{ "", "" },
	{ " \t ", "" },
	{ "a", "a" },
	{ "  a  b\tc ", "a|b|c" },
	{ "a 'b c' d", "a|b c|d" },
	{ "a \"b c\" d", "a|b c|d" },
	{ "a\\ b", "a b" },
	{ "a'b'\"c\"d", "abcd" },
	{ "'' \"\"", "|" },
	{ "k='a # b' # c", "k=a # b" },
	{ "# all of it", "" },
	{ "a#b", "a#b" },
	{ "'a\\b'", "a\\b" },
	{ "\"a\\.b\\\"\\\\\"", "a\\.b\"\\" },
	{ "a\\'b", "a'b" },
	{ "a\\", "a\\" },
	{ "'a\"b'", "a\"b" },
	{ "'a", "!a quote stays open" },
	{ "x \"a", "!a quote stays open" },
	{ "1 2 3 4 5 6", "!too many words" },
};

static void splits(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char *text = t_exact(rows[i].text, strlen(rows[i].text) + 1);
		char got[256] = "", *words[5];
		const char *why = "";
		int n = words_split(text, words, N_OF(words), &why);

		if (n < 0)
			snprintf(got, sizeof got, "!%s", why);
		for (int k = 0; k < n; k++) {
			strcat(got, k ? "|" : "");
			strcat(got, words[k]);
		}
		CHECK_STR(rows[i].text, got, rows[i].want);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(splits) };

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
