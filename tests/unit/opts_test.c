#include <unistd.h>

#include "t.h"

static char died[256];
static jmp_buf death;

static _Noreturn void leave(int code)
{
	snprintf(died, sizeof died, "exit %d", code);
	longjmp(death, 1);
}

#define exit leave
#include "../../lib/sys/opts.c"
#undef exit

/* Command lines by a table: rows of a tool of the test's own. */

struct options {
	bool flag;
	int level, fd;
	const char *text;
	uint32_t number;
	uint64_t big;
	uint8_t small, near;
	int64_t us;
	struct sandbox sandbox;
	const char *own;
};

enum { RED = 1, BLUE = 2, BOTH = RED | BLUE };

static bool set_own(struct options *o, const char *s)
{
	o->own = s;
	return strcmp(s, "bad") != 0;
}

static const struct opt list[] = {
	{ "flag", 0, RED, NULL, OPT_FLAG(flag) },
	{ "verbose", 'v', BOTH, NULL, OPT_MORE(level) },
	{ "quiet", 'q', BOTH, NULL, OPT_LEVEL(level, -1) },
	{ "text", 't', BOTH, "a text", OPT_TEXT(text, 1) },
	{ "number", 'n', BOTH, "from 2 to 9", OPT_NUMBER(number, 2, 9) },
	{ "numeral", 'n', BOTH, "from 2 to 9", OPT_NUMBER(number, 2, 9) },
	{ "big", 0, BOTH, "a number", OPT_NUMBER(big, 0, INT64_MAX) },
	{ "small", 0, BOTH, "a byte", OPT_SIGNED(small, 0, 255) },
	{ "near", 0, BOTH, "a byte", OPT_SIGNED(near, 0, 255) },
	{ "time", 0, BOTH, "1ms to 1s", OPT_DURATION(us, 1000, 1000000) },
	{ "fd", 0, BOTH, OPT_A_FD, OPT_FD(fd) },
	{ "user", 0, BOTH, "a user", OPT_USER(sandbox) },
	{ "own", 0, BLUE, "good", .set = set_own },
	{ "ipip", 'i', RED, NULL, OPT_FLAG(flag) },
	{ "interface", 'i', BLUE, "a name", OPT_TEXT(text, 0) },
	{ "help", 'h', BOTH, NULL, .text = "" },
	{ NULL, 'L', BOTH, NULL, OPT_FLAG(flag) },
};

const char *die_prog = "test";

void die(int code, const char *fmt, ...)
{
	va_list ap;

	assert_int_equal(code, EXIT_MISUSE);
	va_start(ap, fmt);
	vsnprintf(died, sizeof died, fmt, ap);
	va_end(ap);
	longjmp(death, 1);
}

bool sandbox_user(struct sandbox *s, const char *name)
{
	s->user = name;
	return strcmp(name, "nobody") == 0;
}

static struct options o;
static char *argv[32];

static int split(const char *words)
{
	static char copy[128], *last;
	int argc = 1;

	snprintf(copy, sizeof copy, "tool %s", words);
	argv[0] = strtok_r(copy, " ", &last);
	while ((argv[argc] = strtok_r(NULL, " ", &last)) != NULL)
		assert_true(++argc < (int)N_OF(argv));
	return argc;
}

/* The options among words; what it died of, "" if it did not.  mode 0: known
 * at the end only, and then RED. */
static const char *parse(unsigned mode, const char *words)
{
	static struct opts p;
	const struct opt *opt;

	o = (struct options){ .fd = -1 };
	died[0] = '\0';
	if (setjmp(death))
		return died;
	opts_begin(&p, list, N_OF(list), mode, split(words), argv);
	while ((opt = opts_next(&p)) != NULL)
		opts_take(opt, &o, p.value);
	opts_check(&p, mode ? mode : RED, "not with", "red");
	return died;
}

static void misuse_is_told_in_its_words(void **state)
{
	static const struct {
		unsigned mode;
		const char *words, *why;
	} rows[] = {
		{ 0, "", "" },
		{ 0, "-vh --no-such", "exit 0" },
		{ 0, "--no-such",
			"--no-such: no such option, or a value too many" },
		{ 0, "--flag=1",
			"--flag=1: no such option, or a value too many" },
		{ 0, "a --text", "--text: a value is missing" },
		{ 0, "-t", "-t: a value is missing" },
		{ 0, "--text=", "--text : not a text" },
		{ 0, "-n 1", "--number 1: not from 2 to 9" },
		{ 0, "--numeral 10", "--number 10: not from 2 to 9" },
		{ 0, "-n +5", "--number +5: not from 2 to 9" },
		{ 0, "-n 9x", "--number 9x: not from 2 to 9" },
		{ 0, "--small 256", "--small 256: not a byte" },
		{ 0, "--small -1", "--small -1: not a byte" },
		{ 0, "--time 999us", "--time 999us: not 1ms to 1s" },
		{ 0, "--time 1001ms", "--time 1001ms: not 1ms to 1s" },
		{ 0, "--fd 2", "--fd 2: not an open descriptor from 3 on" },
		{ 0, "--fd 99", "--fd 99: not an open descriptor from 3 on" },
		{ 0, "--user root", "--user root: not a user" },
		{ 0, "--own good", "--own: not with red" },
		{ 0, "--own good --no",
			"--no: no such option, or a value too many" },
		{ BLUE, "--own bad", "--own bad: not good" },
		{ BLUE, "--flag", "--flag: not with red" },
		{ RED, "--i", "--i: no such option, or a value too many" },
		{ BLUE, "-i", "-i: a value is missing" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		CHECK_STR(rows[i].words, parse(rows[i].mode, rows[i].words),
			rows[i].why);
}

static void each_value_to_its_member(void **state)
{
	int fd = dup(2);
	char words[128];

	(void)state;
	snprintf(words, sizeof words,
		"--near 7 --flag -vv --text x --big 9223372036854775807 --small +255 "
		"--time 1s --user nobody --fd %d",
		fd);
	CHECK_STR("all", parse(0, words), "");
	CHECK_NUM("flag", o.flag, true);
	CHECK_NUM("more", o.level, 2);
	CHECK_STR("text", o.text, "x");
	CHECK_NUM("big", o.big, INT64_MAX);
	CHECK_NUM("small", o.small, 255);
	CHECK_NUM("its neighbour", o.near, 7);
	CHECK_NUM("us", o.us, 1000000);
	CHECK_STR("user", o.sandbox.user, "nobody");
	CHECK_NUM("fd", o.fd, fd);
	CHECK_STR("level", parse(0, "-vvq"), "");
	CHECK_NUM("level", o.level, -1);
	close(fd);
}

static void what_is_refused_is_not_kept(void **state)
{
	(void)state;
	parse(0, "-n 10");
	CHECK_NUM("number", o.number, 0);
	parse(0, "--time 2s");
	CHECK_NUM("time", o.us, 0);
	parse(0, "--fd 99");
	CHECK_NUM("fd", o.fd, -1);
}

static void a_letter_is_by_the_mode(void **state)
{
	(void)state;
	CHECK_STR("red", parse(RED, "-i x"), "");
	CHECK_NUM("red", o.flag, true);
	CHECK_STR("blue", parse(BLUE, "-i x"), "");
	CHECK_STR("blue", o.text, "x");
	CHECK_STR("alone", parse(BLUE, "-L"), "");
	CHECK_NUM("alone", o.flag, true);
}

/* Names of one option have the same prefixes, and no others. */
static void a_prefix_is_enough(void **state)
{
	(void)state;
	CHECK_STR("two names", parse(0, "--num 5"), "");
	CHECK_NUM("two names", o.number, 5);
	CHECK_STR("two options", parse(0, "--t 5"),
		"--t: no such option, or a value too many");
}

static void the_others_stand_behind(void **state)
{
	(void)state;
	CHECK_STR("mixed", parse(0, "a -v b --text x c"), "");
	CHECK_STR("first", argv[optind], "a");
	CHECK_STR("last", argv[optind + 2], "c");
	assert_null(argv[optind + 3]);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(misuse_is_told_in_its_words),
		T(each_value_to_its_member),
		T(what_is_refused_is_not_kept),
		T(a_letter_is_by_the_mode),
		T(a_prefix_is_enough),
		T(the_others_stand_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
