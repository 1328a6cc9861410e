#include "t.h"
#include "json.h"

static char buf[256];

/* What was written, as a string. */
static const char *text(const struct json *j)
{
	assert_true(j->len < sizeof buf);
	buf[j->len] = '\0';
	return buf;
}

static void nested(void **state)
{
	struct json j;

	(void)state;
	json_init(&j, buf, sizeof buf - 1);
	json_open(&j, NULL, '{');
	json_str(&j, "name", "a");
	json_open(&j, "list", '[');
	json_num(&j, NULL, 0);
	json_num(&j, NULL, UINT64_MAX);
	json_int(&j, NULL, INT64_MIN);
	json_int(&j, NULL, 7);
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_open(&j, NULL, '[');
	json_close(&j, ']');
	json_close(&j, ']');
	json_bool(&j, "yes", true);
	json_bool(&j, "no", false);
	json_raw(&j, "nothing", "null");
	json_close(&j, '}');
	assert_false(j.full);
	CHECK_STR("nested", text(&j),
		"{\"name\":\"a\",\"list\":[0,18446744073709551615,"
		"-9223372036854775808,7,{},[]],\"yes\":true,\"no\":false,"
		"\"nothing\":null}");
}

static void escapes(void **state)
{
	struct json j;

	(void)state;
	json_init(&j, buf, sizeof buf - 1);
	json_str(&j, NULL, "a\"b\\c\n\x01\x7f\xff/");
	CHECK_STR("escapes", text(&j),
		"\"a\\\"b\\\\c\\u000a\\u0001\\u007f\\u00ff/\"");
}

/* Whatever the size, nothing is written beyond it, and what does not fit is
 * told. */
static void every_size(void **state)
{
	(void)state;
	for (size_t size = 0; size < 20; size++) {
		char *exact = malloc(size ? size : 1);
		struct json j;

		json_init(&j, exact, size);
		json_open(&j, NULL, '{');
		json_str(&j, "k", "v\n");
		json_close(&j, '}');
		CHECK_NUM("size", j.full, size < 15);
		assert_true(j.len <= size);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested),
		cmocka_unit_test(escapes),
		cmocka_unit_test(every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
