#include "t.h"
#include "base64.h"

/* RFC 4648 section 10, RFC 7617 section 2, and every digit. */
static const struct {
	const char *name, *hex, *want;
} rows[] = {
	{ "nothing", "", "" },
	{ "f", "66", "Zg==" },
	{ "fo", "666f", "Zm8=" },
	{ "foo", "666f6f", "Zm9v" },
	{ "foob", "666f6f62", "Zm9vYg==" },
	{ "fooba", "666f6f6261", "Zm9vYmE=" },
	{ "foobar", "666f6f626172", "Zm9vYmFy" },
	{ "Aladdin", "416c616464696e3a6f70656e20736573616d65",
		"QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
	{ "all digits",
		"00108310518720928b30d38f41149351559761969b71d79f"
		"8218a39259a7a29aabb2dbafc31cb3d35db7e39ebbf3dfbf",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/" },
	{ "high bytes", "fffefd80", "//79gA==" },
};

static void examples(void **state)
{
	uint8_t b[64];

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		size_t n = t_unhex(b, sizeof b, rows[i].hex);
		size_t size = BASE64_SIZE(n);
		char *out = malloc(size);

		assert_non_null(out);
		base64(out, b, n);
		CHECK_STR(rows[i].name, out, rows[i].want);
		CHECK_NUM(rows[i].name, strlen(out) + 1, size);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
