#include "t.h"
#include "line.h"

/* ---- Reading. */

static const char sample[] =
	"MASTER v epoch=1\n\nUP web1 rtt=0.5\ncut\x01line x\n"
	"DOWN web1 why=a%20b\n"
	"tab\there\nunfinished";
static const char *const sample_lines[] = { "MASTER v epoch=1", "",
	"UP web1 rtt=0.5", "DOWN web1 why=a%20b", "tab\there" };

static size_t feed(struct line_feed *f, const char *data, size_t n, size_t seen)
{
	char *got;

	while ((got = line_next(f, &data, &n)) != NULL) {
		assert_true(seen < N_OF(sample_lines));
		assert_string_equal(got, sample_lines[seen]);
		seen++;
	}
	assert_int_equal(n, 0);
	return seen;
}

static void every_chunking_gives_the_same_lines(void **state)
{
	const size_t len = sizeof sample - 1;

	(void)state;
	for (size_t size = 1; size <= len; size++) {
		struct line_feed f = { .len = 0 };
		size_t seen = 0;

		for (size_t at = 0; at < len; at += size)
			seen = feed(&f, sample + at,
				size < len - at ? size : len - at, seen);
		assert_int_equal(seen, N_OF(sample_lines));
		assert_int_equal(f.dropped, 1);
	}
}

static void every_cut_in_two_gives_the_same_lines(void **state)
{
	const size_t len = sizeof sample - 1;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		struct line_feed f = { .len = 0 };
		size_t seen = feed(&f, sample, cut, 0);

		seen = feed(&f, sample + cut, len - cut, seen);
		assert_int_equal(seen, N_OF(sample_lines));
	}
}

static const struct {
	const char *name;
	size_t len; /* without the newline */
	bool kept;
} length_rows[] = {
	{ "just fits", LINE_MAX_LEN - 1, true },
	{ "one too many", LINE_MAX_LEN, false },
	{ "two too many", LINE_MAX_LEN + 1, false },
	{ "100 kB", 100000, false },
};

static void too_long_a_line_is_dropped_whole(void **state)
{
	char *text = malloc(100001 + 4);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < N_OF(length_rows); i++) {
		size_t len = length_rows[i].len, n = len + 4;
		struct line_feed f = { .len = 0 };
		const char *p = text;
		char *got;

		memset(text, 'x', len);
		memcpy(text + len, "\nok\n", 4);
		got = line_next(&f, &p, &n);
		CHECK_NUM(length_rows[i].name, f.dropped, !length_rows[i].kept);
		if (length_rows[i].kept) {
			CHECK_NUM(length_rows[i].name, strlen(got), len);
			got = line_next(&f, &p, &n);
		}
		CHECK_STR(length_rows[i].name, got, "ok");
	}
	free(text);
}

static void control_bytes_drop_a_line(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		bool bad = (c < 32 && c != '\t' && c != '\n') || c == 127;
		char text[] = "a?b\n";
		struct line_feed f = { .len = 0 };
		const char *p = text;
		size_t n = 4;

		text[1] = (char)c;
		CHECK_NUM("byte", line_next(&f, &p, &n) == NULL, bad);
		CHECK_NUM("byte", f.dropped, bad);
	}
}

static const struct {
	const char *text;
	bool ok;
	const char *word, *subject, *key, *value; /* value NULL: no such key */
} parse_rows[] = {
	{ "UP web1", true, "UP", "web1", "k", NULL },
	{ "UP web1 k=v", true, "UP", "web1", "k", "v" },
	{ "  UP \t web1\t k=v  ", true, "UP", "web1", "k", "v" },
	{ "UP web1 k=", true, "UP", "web1", "k", "" },
	{ "UP web1 k=a=b", true, "UP", "web1", "k", "a=b" },
	{ "UP web1 k=1 k=2", true, "UP", "web1", "k", "1" },
	{ "UP web1 =v k k=v", true, "UP", "web1", "k", "v" },
	{ "UP web1 kk=v", true, "UP", "web1", "k", NULL },
	{ "UP k=v", true, "UP", "k=v", "k", NULL },
	{ "UP web1 k=%41%20%7e", true, "UP", "web1", "k", "A ~" },
	{ "UP web1 k=%4a%4A", true, "UP", "web1", "k", "JJ" },
	{ "UP web1 k=%", true, "UP", "web1", "k", "%" },
	{ "UP web1 k=%4", true, "UP", "web1", "k", "%4" },
	{ "UP web1 k=%4g%zz%", true, "UP", "web1", "k", "%4g%zz%" },
	{ "UP web1 k=a%00b", true, "UP", "web1", "k", "a%00b" },
	{ "UP web1 k=%2541", true, "UP", "web1", "k", "%41" },
	{ "UP web1 k=%ff", true, "UP", "web1", "k", "\xff" },
	{ "UP", false, NULL, NULL, NULL, NULL },
	{ "UP ", false, NULL, NULL, NULL, NULL },
	{ "", false, NULL, NULL, NULL, NULL },
	{ " \t ", false, NULL, NULL, NULL, NULL },
};

static void parse_row(size_t i)
{
	char *text = strdup(parse_rows[i].text);
	const char *row = parse_rows[i].text, *value;
	struct line l;

	CHECK_NUM(row, line_parse(&l, text), parse_rows[i].ok);
	if (parse_rows[i].ok) {
		CHECK_STR(row, l.word, parse_rows[i].word);
		CHECK_STR(row, l.subject, parse_rows[i].subject);
		value = line_get(&l, parse_rows[i].key);
		CHECK_STR(row, value ? value : "(none)",
			parse_rows[i].value ? parse_rows[i].value : "(none)");
	}
	free(text);
}

static void lines_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(parse_rows); i++)
		parse_row(i);
}

static void pairs_beyond_the_room_are_left_out(void **state)
{
	char text[LINE_MAX_LEN] = "UP w";
	struct line l;

	(void)state;
	for (int i = 0; i < LINE_KV_MAX + 3; i++)
		strcat(text, " k=v");
	assert_true(line_parse(&l, text));
	assert_int_equal(l.nkv, LINE_KV_MAX);
}

static const struct {
	const char *s;
	enum line_word want;
	bool up;
} word_rows[] = {
	{ "MASTER", WORD_MASTER, true },
	{ "UP", WORD_UP, true },
	{ "BACKUP", WORD_BACKUP, false },
	{ "FAULT", WORD_FAULT, false },
	{ "INIT", WORD_INIT, false },
	{ "DOWN", WORD_DOWN, false },
	{ "master", WORD_OTHER, false },
	{ "UPS", WORD_OTHER, false },
	{ "", WORD_OTHER, false },
};

static void words(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(word_rows); i++) {
		enum line_word w = line_word(word_rows[i].s);

		CHECK_NUM(word_rows[i].s, w, word_rows[i].want);
		CHECK_NUM(word_rows[i].s, line_word_is_up(w), word_rows[i].up);
	}
}

/* ---- Writing. */

static void a_line_as_text_and_as_json(void **state)
{
	struct line_out o;
	size_t n;

	(void)state;
	line_begin(&o, false, "MASTER", "vrrp.51@eth0");
	line_str(&o, "why", "a b%\n\"\xe9");
	line_num(&o, "epoch", 3);
	line_str(&o, "none", "");
	n = line_end(&o);
	assert_int_equal(n, strlen(o.buf));
	assert_string_equal(o.buf, "MASTER vrrp.51@eth0 "
				   "why=a%20b%25%0a\"%e9 epoch=3 none=\n");
	line_begin(&o, true, "MASTER", "v");
	line_str(&o, "why", "a b%\n\"\\\xe9\x7f");
	line_num(&o, "epoch", 3);
	n = line_end(&o);
	assert_int_equal(n, strlen(o.buf));
	assert_string_equal(o.buf,
		"{\"state\":\"MASTER\",\"subject\":\"v\","
		"\"why\":\"a b%\\u000a\\\"\\\\\\u00e9\\u007f\","
		"\"epoch\":3}\n");
}

static void every_byte_comes_back(void **state)
{
	char value[256];
	struct line_out o;
	struct line l;

	(void)state;
	for (int i = 0; i < 255; i++)
		value[i] = (char)(i + 1);
	value[255] = '\0';
	line_begin(&o, false, "UP", "a subject");
	assert_true(line_str(&o, "k", value));
	o.buf[line_end(&o) - 1] = '\0';
	for (const char *p = o.buf; *p; p++)
		assert_true(*p >= ' ' && *p < 0x7f);
	assert_true(line_parse(&l, o.buf));
	assert_string_equal(l.subject, "a%20subject");
	assert_string_equal(line_get(&l, "k"), value);
}

static void fits_or_not(bool json)
{
	char value[LINE_MAX_LEN + 1], before[LINE_MAX_LEN];

	for (size_t n = 0; n < sizeof value; n++) {
		struct line_out o;
		size_t len, end;
		bool ok;

		memset(value, 'v', n);
		value[n] = '\0';
		line_begin(&o, json, "UP", "w");
		line_num(&o, "first", 1);
		len = o.len;
		memcpy(before, o.buf, len);
		ok = line_str(&o, "k", value);
		assert_int_equal(o.len == len, !ok);
		assert_memory_equal(o.buf, before, len);
		end = line_end(&o);
		assert_true(end <= LINE_MAX_LEN);
		assert_int_equal(o.buf[end - 1], '\n');
		assert_int_equal(strlen(o.buf), end);
		if (!ok)
			assert_true(n + end > LINE_MAX_LEN - 10);
	}
}

static void a_pair_goes_in_whole_or_not_at_all(void **state)
{
	(void)state;
	fits_or_not(false);
	fits_or_not(true);
}

static void after_one_left_out_a_short_one_still_fits(void **state)
{
	char value[LINE_MAX_LEN];
	struct line_out o;

	(void)state;
	memset(value, ' ', sizeof value - 1); /* three bytes each */
	value[sizeof value - 1] = '\0';
	line_begin(&o, false, "UP", "w");
	assert_false(line_str(&o, "long", value));
	assert_true(line_num(&o, "n", 1));
	line_end(&o);
	assert_string_equal(o.buf, "UP w n=1\n");
}

static void random_values_come_back(void **state)
{
	uint64_t rng = t_seed();

	(void)state;
	for (int i = 0; i < 5000; i++) {
		size_t n = t_below(&rng, 300);
		char value[301];
		struct line_out o;
		struct line l;

		for (size_t k = 0; k < n; k++)
			value[k] = (char)(1 + t_below(&rng, 255));
		value[n] = '\0';
		line_begin(&o, false, "UP", "w");
		assert_true(line_str(&o, "k", value));
		o.buf[line_end(&o) - 1] = '\0';
		assert_true(line_parse(&l, o.buf));
		assert_string_equal(line_get(&l, "k"), value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_chunking_gives_the_same_lines),
		cmocka_unit_test(every_cut_in_two_gives_the_same_lines),
		cmocka_unit_test(too_long_a_line_is_dropped_whole),
		cmocka_unit_test(control_bytes_drop_a_line),
		cmocka_unit_test(lines_are_taken_apart),
		cmocka_unit_test(pairs_beyond_the_room_are_left_out),
		cmocka_unit_test(words),
		cmocka_unit_test(a_line_as_text_and_as_json),
		cmocka_unit_test(every_byte_comes_back),
		cmocka_unit_test(a_pair_goes_in_whole_or_not_at_all),
		cmocka_unit_test(after_one_left_out_a_short_one_still_fits),
		cmocka_unit_test(random_values_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
