#include "t.h"
#include "ipvs_cmd.h"
#include "ipvs_diff.h"
#include "ipvs_follow.h"

#define S US_PER_S

static struct ipvs_table conf, kernel, want;
static struct follow f;
static struct mono now;

static void line_on(struct ipvs_table *t, const char *text)
{
	static char line[512];
	static char *words[IPVS_WORDS_MAX];
	const char *why;
	struct ipvs_cmd c;

	snprintf(line, sizeof line, "%s", text);
	CHECK_STR(text,
		ipvs_parse(&c, words, ipvs_split(line, words), NULL) ? "bad"
								     : "",
		"");
	CHECK_NUM(text, ipvs_cmd_model(t, &c, &why), 0);
}

#define VIP "-t 192.0.2.10:80"

/* Three servers of weights 1, 2, 3; the kernel has the same. */
static void begin(struct follow_cfg cfg, bool from_kernel)
{
	static const char *const lines[] = { "-A " VIP " -s rr",
		"-a " VIP " -r 10.0.0.1:80 -m -w 1",
		"-a " VIP " -r 10.0.0.2:80 -m -w 2",
		"-a " VIP " -r 10.0.0.3:80 -m -w 3" };

	ipvs_reset(&conf);
	ipvs_reset(&kernel);
	memset(&f, 0, sizeof f);
	follow_init(&f, &cfg, &conf);
	now = (struct mono){ 1000 * S };
	for (size_t i = 0; i < N_OF(lines); i++) {
		line_on(&kernel, lines[i]);
		if (!from_kernel)
			line_on(&conf, lines[i]);
	}
}

/* Looks at the kernel and mends it: the edits, as "add 1 5, ..." of the
 * servers' last octets and weights. */
static const char *act(bool from_kernel)
{
	static char text[1024];
	struct txt t = txt_init(text, sizeof text);
	struct ipvs_diff d;
	struct ipvs_cmd c;
	const char *why;

	if (from_kernel)
		assert_true(follow_refresh(&f, &kernel, NULL));
	assert_true(follow_want(&f, &want, now));
	ipvs_diff_start(&d, &kernel, &want, &conf);
	static struct ipvs_cmd edits[64];
	size_t n = 0;
	while (ipvs_diff_next(&d, &c)) {
		txt_str(&t, t.len ? "," : "");
		txt_str(&t, c.verb == IPVS_DEL_DEST    ? "del"
			    : c.verb == IPVS_ADD_DEST  ? "add"
			    : c.verb == IPVS_EDIT_DEST ? "set"
						       : "svc");
		txt_num(&t, c.dest.addr.b[3]);
		txt_str(&t, "=");
		txt_num(&t, c.dest.weight);
		edits[n++] = c;
	}
	for (size_t i = 0; i < n; i++)
		CHECK_NUM(text, ipvs_cmd_model(&kernel, &edits[i], &why), 0);
	return text;
}

static void tell_w(const char *subject, bool up, uint8_t last, uint16_t port,
	const uint32_t *weight)
{
	struct addr a = { AF_INET, { 10, 0, 0, last } };

	follow_line(&f, follow_subject(&f, subject), up, &a, port, port != 0,
		weight, now);
}

static void tell(const char *subject, bool up, uint8_t last)
{
	tell_w(subject, up, last, 80, NULL);
}

static void set_weight(uint8_t last, uint32_t weight)
{
	char line[128];

	snprintf(line, sizeof line, "-e " VIP " -r 10.0.0.%u:80 -w %u", last,
		weight);
	line_on(&kernel, line);
}

static void both_kinds(void (*test)(bool from_kernel))
{
	test(false);
	test(true);
}

static void down_and_up(bool from_kernel)
{
	begin((struct follow_cfg){ .quorum = 1 }, from_kernel);
	CHECK_STR("nothing told", act(from_kernel), "");
	tell("a", true, 1);
	CHECK_STR("up", act(from_kernel), "");
	tell("c", false, 3);
	CHECK_STR("down", act(from_kernel), "set3=0");
	CHECK_STR("again", act(from_kernel), "");
	set_weight(3, 7);
	CHECK_STR("healed", act(from_kernel), "set3=0");
	tell("c", true, 3);
	CHECK_STR("back", act(from_kernel), from_kernel ? "set3=7" : "set3=3");
	tell("x", false, 99);
	tell_w("y", false, 3, 81, NULL);
	CHECK_STR("not ours", act(from_kernel), "");
}

static void down_puts_weight_0_up_the_old_one(void **state)
{
	(void)state;
	both_kinds(down_and_up);
}

static void removal(bool from_kernel)
{
	begin((struct follow_cfg){ .quorum = 1, .remove = true }, from_kernel);
	act(from_kernel);
	tell("b", false, 2);
	CHECK_STR("down", act(from_kernel), "del2=2");
	CHECK_STR("again", act(from_kernel), "");
	tell("b", true, 2);
	CHECK_STR("up", act(from_kernel), "add2=2");
	CHECK_STR("again", act(from_kernel), "");
	tell("b", false, 2);
	act(from_kernel);
	line_on(&kernel, "-a " VIP " -r 10.0.0.2:80 -m -w 9");
	CHECK_STR("by another", act(from_kernel), "del2=9");
	tell("b", true, 2);
	CHECK_STR("up", act(from_kernel), from_kernel ? "add2=9" : "add2=2");
}

static void down_may_mean_removal(void **state)
{
	(void)state;
	both_kinds(removal);
}

static void a_server_is_down_while_one_check_fails(void **state)
{
	(void)state;
	begin((struct follow_cfg){ .quorum = 1 }, false);
	tell("http", true, 1);
	tell_w("ping", false, 1, 0, NULL); /* all ports */
	CHECK_STR("one of two", act(false), "set1=0");
	tell("http", false, 1);
	tell_w("ping", true, 1, 0, NULL);
	CHECK_STR("the other", act(false), "");
	tell("http", true, 1);
	CHECK_STR("both", act(false), "set1=1");
	tell("http", false, 2); /* it checks another one now */
	CHECK_STR("moved", act(false), "set2=0");
}

static void the_weight_of_the_line_wins(void **state)
{
	const uint32_t nine = 9, four = 4, none = 0;

	(void)state;
	begin((struct follow_cfg){ .quorum = 1 }, false);
	tell_w("a", true, 1, 80, &nine);
	CHECK_STR("told", act(false), "set1=9");
	tell_w("a", false, 1, 80, NULL);
	CHECK_STR("down", act(false), "set1=0");
	tell_w("a", true, 1, 80, &none);
	CHECK_STR("weight 0", act(false), "");
	tell_w("a", true, 1, 80, NULL);
	CHECK_STR("configured", act(false), "set1=1");
	tell_w("all ports", true, 1, 0, &nine);
	CHECK_STR("of all ports", act(false), "set1=9");
	tell_w("a", true, 1, 80, &four);
	CHECK_STR("of this one", act(false), "set1=4");
}

static void quorum_and_sorry(bool from_kernel)
{
	struct follow_cfg cfg = { .quorum = 4,
		.hysteresis = 1,
		.sorry = { .addr = { AF_INET, { 10, 0, 0, 9 } }, .port = 80 } };

	begin(cfg, from_kernel);
	CHECK_STR("6", act(from_kernel), "");
	assert_true(f.svcs[0].up);
	tell("c", false, 3);
	CHECK_STR("3: within", act(from_kernel), "set3=0");
	assert_true(f.svcs[0].up);
	tell("a", false, 1);
	CHECK_STR("2: lost", act(from_kernel), "add9=1,set1=0,set2=0");
	assert_false(f.svcs[0].up);
	CHECK_STR("again", act(from_kernel), "");
	tell("a", true, 1);
	CHECK_STR("3: not yet", act(from_kernel), "");
	tell("c", true, 3);
	CHECK_STR("6: back", act(from_kernel), "set1=1,set2=2,set3=3,del9=1");
	assert_true(f.svcs[0].up);
	f.all_down = true;
	CHECK_STR("end", act(from_kernel), "add9=1,set1=0,set2=0,set3=0");
	assert_int_equal(f.svcs[0].up_servers, 0);
}

static void sorry_serves_while_the_quorum_is_lost(void **state)
{
	(void)state;
	both_kinds(quorum_and_sorry);
}

static void a_state_is_to_be_told_when_it_changes(void **state)
{
	(void)state;
	begin((struct follow_cfg){ .quorum = 1 }, false);
	act(false);
	assert_true(f.svcs[0].known && f.svcs[0].up && !f.svcs[0].told);
	f.svcs[0].told = true;
	tell("a", false, 1);
	tell("b", false, 2);
	act(false);
	assert_true(f.svcs[0].told);
	tell("c", false, 3);
	act(false);
	assert_true(!f.svcs[0].told && !f.svcs[0].up);
	assert_int_equal(f.svcs[0].live, 0);
}

static void slow_start(bool from_kernel)
{
	begin((struct follow_cfg){ .quorum = 1, .slow_start = 20 * S },
		from_kernel);
	set_weight(3, 100);
	if (!from_kernel)
		line_on(&conf, "-e " VIP " -r 10.0.0.3:80 -w 100");
	tell("c", true, 3);
	CHECK_STR("first", act(from_kernel), "");
	tell("c", false, 3);
	CHECK_STR("down", act(from_kernel), "set3=0");
	tell("c", true, 3);
	CHECK_STR("0 s", act(from_kernel), "set3=5");
	assert_int_equal(mono_diff(f.next, now), S);
	assert_int_equal(f.svcs[0].live, 103);
	now = mono_add(now, 9 * S + 1);
	CHECK_STR("9 s", act(from_kernel), "set3=50");
	CHECK_STR("again", act(from_kernel), "");
	now = mono_add(now, 10 * S);
	CHECK_STR("19 s", act(from_kernel), "set3=100");
	assert_true(mono_is_never(f.next));
}

static void a_return_is_by_steps(void **state)
{
	(void)state;
	both_kinds(slow_start);
}

/* ---- The kernel's table is the configuration. */

static void others_may_change_it(void **state)
{
	(void)state;
	begin((struct follow_cfg){ .quorum = 1 }, true);
	act(true);
	tell("a", true, 1);
	set_weight(1, 0); /* an operator drains it */
	CHECK_STR("drained", act(true), "");
	line_on(&kernel, "-d " VIP " -r 10.0.0.2:80");
	line_on(&kernel, "-a " VIP " -r 10.0.0.4:80 -m -w 8");
	tell("d", false, 4);
	CHECK_STR("replaced", act(true), "set4=0");
	tell("d", true, 4);
	CHECK_STR("its own weight", act(true), "set4=8");
	line_on(&kernel, "-D " VIP);
	CHECK_STR("gone", act(true), "");
	line_on(&kernel, "-A " VIP " -s rr");
	line_on(&kernel, "-a " VIP " -r 10.0.0.4:80 -m -w 2");
	tell("d", false, 4);
	CHECK_STR("new", act(true), "set4=0");
	tell("d", true, 4);
	CHECK_STR("new", act(true), "set4=2");
}

static void weight_0_means_what_was_told(void **state)
{
	(void)state;
	begin((struct follow_cfg){ .quorum = 1, .weight = 4 }, true);
	set_weight(1, 0);
	CHECK_STR("restored", act(true), "set1=4");
}

static void random_lines_never_empty_the_table(void **state)
{
	uint64_t seed = t_seed();

	(void)state;
	begin((struct follow_cfg){ .quorum = 1 }, true);
	for (int i = 0; i < 20000; i++) {
		char name[8] = { (char)('a' + t_below(&seed, 9)) };
		uint32_t w = (uint32_t)t_below(&seed, 3);

		now = mono_add(now, (int64_t)t_below(&seed, 1000));
		tell_w(name, t_below(&seed, 2), (uint8_t)t_below(&seed, 5),
			(uint16_t)(80 * t_below(&seed, 2)),
			t_below(&seed, 2) ? &w : NULL);
		act(true);
		assert_int_equal(
			ipvs_sort_dests(&kernel, 0, (uint32_t[16]){ 0 }, NULL),
			3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(down_puts_weight_0_up_the_old_one),
		cmocka_unit_test(down_may_mean_removal),
		cmocka_unit_test(a_server_is_down_while_one_check_fails),
		cmocka_unit_test(the_weight_of_the_line_wins),
		cmocka_unit_test(sorry_serves_while_the_quorum_is_lost),
		cmocka_unit_test(a_state_is_to_be_told_when_it_changes),
		cmocka_unit_test(a_return_is_by_steps),
		cmocka_unit_test(others_may_change_it),
		cmocka_unit_test(weight_0_means_what_was_told),
		cmocka_unit_test(random_lines_never_empty_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
