#include "t.h"
#include "mono.h"
#include "vrrp.h"
#include "watch_text.h"

/* ---- A group as frames without link header, and what is said of it */

static struct watch w;
static char said[4096];

static void say(
	void *ctx, const struct watch_group *g, const struct watch_span *s)
{
	struct line_out l;
	char *end;

	(void)ctx;
	finding_line(&l, false, g, s);
	assert_true(l.len < LINE_MAX_LEN);
	end = said + strlen(said);
	snprintf(end, sizeof said - (size_t)(end - said), "%s %s",
		s->end ? "end" : "begin", watch_finding_str(s->what));
	if (s->who.family == AF_INET)
		snprintf(said + strlen(said), 32, " %d", s->who.b[3]);
	strcat(said, "\n");
}

static int fresh(void **state)
{
	(void)state;
	watch_init(&w, say, NULL);
	said[0] = '\0';
	return 0;
}

/* Router n, that is 10.0.0.n with MAC 02:00:00:00:00:n. */
struct who {
	int n, prio;
	int version, ms, ttl, auth, vip;
	bool plain;
};

static void put_ether(uint8_t *b, int n)
{
	static const uint8_t head[] = { 1, 0, 0x5e, 0, 0, 0x12, 2, 0, 0, 0, 0,
		0, 8, 0 };

	memcpy(b, head, sizeof head);
	b[11] = (uint8_t)n;
}

static size_t put_ip(uint8_t *b, const struct who *r, size_t len)
{
	static const uint8_t head[] = { 0x45, 0xc0, 0, 0, 0, 1, 0, 0, 255, 112,
		0, 0, 10, 0, 0, 0, 224, 0, 0, 18 };
	uint32_t sum = 0;

	memcpy(b, head, sizeof head);
	b[3] = (uint8_t)(20 + len);
	b[8] = (uint8_t)(r->ttl ? r->ttl : 255);
	b[15] = (uint8_t)r->n;
	for (size_t i = 0; i < 20; i += 2)
		sum += (uint32_t)(b[i] << 8 | b[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	b[10] = (uint8_t)(~sum >> 8);
	b[11] = (uint8_t)~sum;
	return 20 + len;
}

static void advert_of(int64_t ms, struct who r)
{
	static struct dissect d;
	uint8_t b[128];
	struct prefix vips[2] = { { .addr = { AF_INET, { 10, 0, 0, 254 } } },
		{ .addr = { AF_INET, { 10, 0, 1, 254 } } } };
	struct vrrp_out o = { .version = (uint8_t)(r.version ? r.version : 3),
		.vrid = 51,
		.prio = (uint8_t)r.prio,
		.cs = (uint16_t)((r.ms ? r.ms : 1000) / 10),
		.auth_type = (uint8_t)r.auth,
		.sum = r.plain ? VRRP_SUM_PLAIN : VRRP_SUM_PSEUDO,
		.src = { AF_INET, { 10, 0, 0, (uint8_t)r.n } },
		.dst = vrrp_group(AF_INET),
		.vips = vips + r.vip,
		.nvips = 1 };
	size_t len;

	put_ether(b, r.n);
	len = vrrp_encode(b + 34, sizeof b - 34, &o);
	len = 14 + put_ip(b + 14, &r, len);
	dissect(&d, LINK_ETHER, b, len, len);
	assert_int_equal(d.kind, DIS_VRRP);
	watch_packet(&w, &d, ms * US_PER_MS + 1, 0, "-");
}

static void advert(int64_t ms, int n, int prio)
{
	advert_of(ms, (struct who){ .n = n, .prio = prio });
}

static void announce(int64_t ms, int n)
{
	static struct dissect d;
	struct addr ip = { AF_INET, { 10, 0, 0, 254 } };
	uint8_t mac[] = { 2, 0, 0, 0, 0, (uint8_t)n };
	struct frame f;

	arp_announce(&f, &ip, mac, false);
	dissect(&d, LINK_ETHER, f.b, f.len, f.len);
	watch_packet(&w, &d, ms * US_PER_MS + 1, 0, "-");
}

static void tick(int64_t ms)
{
	watch_tick(&w, ms * US_PER_MS + 1);
}

static void seconds(int from, int to, int n, int prio)
{
	for (int s = from; s < to; s++)
		advert(s * 1000, n, prio);
}

static const struct watch_stint *stint(unsigned i)
{
	const struct watch_stint *s = watch_stint_at(&w.group[0], i);

	assert_non_null(s);
	return s;
}

#define SAID(want) CHECK_STR(__func__, said, want)

/* ---- Health */

static void a_quiet_group_has_no_findings(void **state)
{
	(void)state;
	seconds(0, 100, 1, 200);
	announce(50, 1);
	SAID("");
	assert_int_equal(w.n, 1);
	assert_int_equal(w.group[0].gaps.n, 99);
	assert_null(watch_stint_at(&w.group[0], 1));
}

static void a_planned_switch(void **state)
{
	(void)state;
	seconds(0, 10, 1, 200);
	advert(9500, 1, 0);
	advert(9914, 2, 150);
	announce(9915, 2);
	advert(10914, 2, 150);
	tick(11000);
	SAID("");
	assert_int_equal(stint(1)->who.b[3], 2);
	assert_int_equal(stint(1)->why, WHY_RESIGNED);
	assert_int_equal(stint(1)->took, 414000);
	assert_int_equal(stint(1)->formula, 414062);
	assert_int_equal(w.group[0].takeovers, 1);
}

static void skew_of_version_2(void **state)
{
	struct who a = { 1, 200, .version = 2, .ms = 5000 };
	struct who b = { 2, 150, .version = 2, .ms = 5000 };

	(void)state;
	advert_of(0, a);
	a.prio = 0;
	advert_of(1000, a);
	advert_of(1414, b);
	assert_int_equal(stint(1)->formula, 414062);
	SAID("");
}

static void a_better_one_comes(void **state)
{
	(void)state;
	seconds(0, 10, 1, 100);
	advert(9300, 2, 200);
	advert(9302, 1, 100); /* crossed */
	for (int s = 10; s < 20; s++)
		advert(s * 1000 + 300, 2, 200);
	SAID("");
	assert_int_equal(stint(1)->why, WHY_BETTER);
}

static void announced_before_the_first_advert(void **state)
{
	(void)state;
	seconds(0, 10, 1, 200);
	tick(12000);
	said[0] = '\0';
	announce(12609, 2);
	advert(12610, 2, 150);
	tick(14000);
	SAID("end adverts-missing 1\n");
}

/* ---- Findings */

static void a_master_that_dies(void **state)
{
	(void)state;
	seconds(0, 10, 1, 200);
	tick(10400);
	SAID("");
	tick(10600);
	SAID("begin adverts-missing 1\n");
	advert(12414, 2, 150);
	SAID("begin adverts-missing 1\nend adverts-missing 1\n");
	assert_int_equal(stint(1)->why, WHY_SILENCE);
	assert_int_equal(stint(1)->took, 3414000);
	assert_int_equal(stint(1)->formula, 3414062);
	assert_int_equal(w.group[0].missed, 3);
}

static void a_late_advert(void **state)
{
	(void)state;
	seconds(0, 10, 1, 200);
	advert(10700, 1, 200);
	SAID("begin adverts-missing 1\nend adverts-missing 1\n");
	assert_int_equal(w.group[0].missed, 1);
	assert_int_equal(w.group[0].gaps.max, 1700000);
}

static void nobody_comes(void **state)
{
	(void)state;
	seconds(0, 10, 1, 200);
	advert(9500, 1, 0);
	tick(10900);
	SAID("");
	tick(11100);
	SAID("begin no-successor 1\n");
	tick(20000);
	SAID("begin no-successor 1\n");
	advert(20000, 1, 200);
	SAID("begin no-successor 1\nend no-successor 1\n");
}

static void two_masters(void **state)
{
	(void)state;
	seconds(0, 10, 1, 200);
	for (int s = 10; s < 20; s++) {
		advert(s * 1000, 1, 200);
		advert(s * 1000 + 400, 2, 150);
	}
	SAID("begin two-masters 1\nbegin no-yield 2\n");
	for (int s = 20; s < 30; s++)
		advert(s * 1000, 1, 200);
	SAID("begin two-masters 1\nbegin no-yield 2\n"
	     "end no-yield 2\nend two-masters 1\n");
	assert_int_equal(w.group[0].takeovers, 0);
}

static void one_extra_interval_is_two_masters_alone(void **state)
{
	(void)state;
	seconds(0, 10, 1, 200);
	advert(9400, 2, 150);
	advert(10000, 1, 200);
	advert(10400, 2, 150);
	advert(11000, 1, 200);
	SAID("begin two-masters 1\n");
	seconds(12, 20, 1, 200);
	SAID("begin two-masters 1\nend two-masters 1\n");
}

static void flapping(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		seconds(2 * i, 2 * i + 2, 1 + i % 2, 200);
		advert(2000 * i + 1500, 1 + i % 2, 0);
	}
	SAID("");
	seconds(8, 80, 1, 200);
	SAID("begin flapping 1\nend flapping 1\n");
}

static void disagreement(void **state)
{
	static const struct {
		const char *want;
		struct who r;
	} rows[] = {
		{ "interval-differs", { 2, 150, .ms = 2000 } },
		{ "addresses-differ", { 2, 150, .vip = 1 } },
		{ "checksum-differs", { 2, 150, .plain = true } },
		{ "version-differs", { 2, 150, .version = 2 } },
	};
	char want[128];

	for (size_t i = 0; i < N_OF(rows); i++) {
		fresh(state);
		seconds(0, 3, 1, 200);
		advert(2500, 1, 0);
		advert_of(2900, rows[i].r);
		advert_of(3900, rows[i].r);
		snprintf(want, sizeof want, "begin %s 2\n", rows[i].want);
		CHECK_STR(rows[i].want, said, want);
		advert(4400, 2, 150);
		snprintf(want, sizeof want, "begin %s 2\nend %s 2\n",
			rows[i].want, rows[i].want);
		CHECK_STR(rows[i].want, said, want);
	}
}

static void passwords_here_and_none_there(void **state)
{
	struct who a = { 1, 200, .version = 2 }, b = { 2, 150, .version = 2 };

	(void)state;
	advert_of(0, a);
	a.prio = 0;
	advert_of(500, a);
	b.auth = VRRP_AUTH_PASS;
	advert_of(900, b);
	SAID("begin auth-differs 2\n");
}

static void a_foreign_announcement(void **state)
{
	(void)state;
	seconds(0, 10, 1, 200);
	announce(9100, 3);
	advert(10000, 1, 200);
	SAID("");
	advert(11000, 1, 200);
	SAID("begin not-master-announces\n");
	announce(11100, 1);
	SAID("begin not-master-announces\nend not-master-announces\n");
}

static void refused_adverts_change_nothing(void **state)
{
	(void)state;
	seconds(0, 3, 1, 200);
	advert_of(2500, (struct who){ 2, 255, .ttl = 64 });
	advert_of(2600, (struct who){ 2, 0, .ttl = 64 });
	SAID("begin advert-refused 2\n");
	assert_int_equal(w.group[0].refused, 2);
	seconds(3, 10, 1, 200);
	assert_null(watch_stint_at(&w.group[0], 1));
	advert(9500, 2, 100);
	SAID("begin advert-refused 2\nend advert-refused 2\n");
}

/* ---- As text */

static char text[WATCH_TEXT_MAX];

static void a_bad_minute(void)
{
	seconds(0, 10, 1, 200);
	advert(9500, 1, 0);
	advert(9914, 2, 150);
	for (int s = 10; s < 20; s++)
		advert(s * 1000 + 914, 2, 150);
	announce(19950, 3);
	advert(24000, 1, 200);
	for (int s = 25; s < 32; s++) {
		advert(s * 1000, 1, 200);
		advert_of(
			s * 1000 + 400, (struct who){ 2, 150, .plain = true });
	}
	seconds(32, 38, 1, 200);
	advert_of(38000, (struct who){ 3, 100, .ttl = 7 });
	advert(38500, 1, 200);
}

static bool has(const char *part)
{
	if (strstr(text, part))
		return true;
	print_error("no \"%s\" in:\n%s\n", part, text);
	return false;
}

static void the_summary(void **state)
{
	struct txt t = txt_init(text, sizeof text);
	struct json j;

	(void)state;
	a_bad_minute();
	summary_text(&t, &w, &w.group[0]);
	txt_end(&t);
	assert_true(has("vrrp.51@- 10.0.0.254\n  adverts "));
	assert_true(has(", missed 4, refused 1, takeovers 2\n  gap p50 1.0"));
	assert_true(has("Master 10.0.0.2 prio 150 from "
			"1970-01-01T00:00:09.914001Z for 14.086000 s, resigned "
			"after 0.414000 s (formula 0.414062)"));
	assert_true(has(" silence after 4.086000 s (formula 3.218750)"));
	assert_true(has("finding advert-refused from "
			"1970-01-01T00:00:38.000001Z for 0.500000 s, not over, "
			"10.0.0.3"));
	json_init(&j, text, sizeof text - 1);
	summary_json(&j, &w, &w.group[0]);
	text[j.len] = '\0';
	assert_true(has("\"took\":0.414000,\"formula\":0.414062}"));
	assert_true(has("\"finding\":\"two-masters\""));
	assert_true(has("\"over\":false"));
}

static void the_table(void **state)
{
	struct txt t = txt_init(text, sizeof text);

	(void)state;
	top_head(&t, &w, 200);
	a_bad_minute();
	w.lost = 3;
	top_head(&t, &w, 200);
	top_row(&t, &w, &w.group[0], 200);
	advert(39000, 1, 0);
	top_row(&t, &w, &w.group[0], 200);
	top_row(&t, &w, &w.group[0], 30);
	txt_end(&t);
	assert_true(has("-  groups 0  findings 0\n"));
	assert_true(has("findings 6  not watched 3\n"));
	assert_true(has("vrrp.51@-           10.0.0.1                  200  1s "
			"     0.000   4      2     checksum-differs,"
			"not-master-announces,advert-refused\n"));
	assert_true(
		has("vrrp.51@-           -                         -    1s "));
	assert_true(has("\nvrrp.51@-           -         \n"));
}

static void the_picture(void **state)
{
	struct txt t = txt_init(text, sizeof text);

	(void)state;
	svg_head(&t, &w);
	svg_end(&t);
	a_bad_minute();
	advert(39000, 1, 0);
	w.group[0].vlan = 7 * 4096 + 8;
	memcpy(w.group[0].ifname, "<&>", 4);
	svg_head(&t, &w);
	svg_group(&t, &w, &w.group[0], 0);
	svg_end(&t);
	txt_end(&t);
	assert_true(has("class=\"title\">vrrp.51@???.7.8</text>"));
	assert_true(has(">two-masters</text>"));
	assert_true(has("<rect class=\"second\""));
	assert_true(has("<rect class=\"gap\""));
	assert_true(has("<line class=\"zero\""));
	assert_true(has(">30 s</text>"));
	assert_false(t.full);
}

static void a_picture_of_milliseconds(void **state)
{
	struct txt t = txt_init(text, sizeof text);

	(void)state;
	advert(0, 1, 200);
	advert(40, 1, 200);
	svg_group(&t, &w, &w.group[0], 0);
	txt_end(&t);
	assert_true(has(">0.040 s</text>"));
}

static void details_of_findings(void **state)
{
	struct line_out l;
	struct watch_span s = { .what = WF_ANNOUNCER,
		.begin = 1,
		.end = 1500001,
		.address = { AF_INET, { 10, 0, 0, 254 } },
		.mac = { 2, 0, 0, 0, 0, 9 } };

	(void)state;
	advert(0, 1, 200);
	finding_line(&l, false, &w.group[0], &s);
	CHECK_STR("announcer", l.buf,
		"END vrrp.51@- finding=not-master-announces "
		"since=1970-01-01T00:00:00.000001Z address=10.0.0.254 "
		"mac=02:00:00:00:00:09 until=1970-01-01T00:00:01.500001Z "
		"lasted=1.500000\n");
	for (enum watch_finding f = WF_INTERVAL; f <= WF_CHECKSUM; f++) {
		s = (struct watch_span){ .what = f,
			.begin = 1,
			.who = { AF_INET, { 10, 0, 0, 1 } } };
		finding_line(&l, true, &w.group[0], &s);
		assert_non_null(strstr(l.buf, "\"is\":"));
		assert_null(strstr(l.buf, "\"other-is\":"));
	}
}

static void subjects(void **state)
{
	char buf[WATCH_SUBJECT];

	(void)state;
	advert(0, 1, 200);
	w.group[0].family = AF_INET6;
	w.group[0].vlan = 9;
	memcpy(w.group[0].ifname, "eth0", 5);
	CHECK_STR(
		"subject", watch_subject(&w.group[0], buf), "vrrp6.51@eth0.9");
}

static void more_groups_than_watched(void **state)
{
	static struct dissect d;
	struct prefix vip = { .addr = { AF_INET, { 10, 0, 0, 254 } } };

	(void)state;
	for (uint32_t i = 0; i < WATCH_GROUPS + 5; i++) {
		struct vrrp_out o = { .version = 3,
			.vrid = 51,
			.prio = 100,
			.cs = 100,
			.sum = VRRP_SUM_PSEUDO,
			.src = { AF_INET, { 10, 0, 0, 1 } },
			.dst = vrrp_group(AF_INET),
			.vips = &vip,
			.nvips = 1 };
		uint8_t b[64];
		struct who r = { .n = 1 };
		size_t n = vrrp_encode(b + 20, sizeof b - 20, &o);

		n = put_ip(b, &r, n);
		dissect(&d, LINK_RAW, b, n, n);
		watch_packet(&w, &d, 1000, i, "an-interface-with-a-long-name");
	}
	assert_int_equal(w.n, WATCH_GROUPS);
	assert_int_equal(w.lost, 5);
	CHECK_STR("name", w.group[0].ifname, "an-interface-wi");
}

/* ---- Bounds */

static void more_routers_than_remembered(void **state)
{
	(void)state;
	for (int i = 1; i < 100; i++)
		advert(i * 10, i, i);
	assert_int_equal(w.group[0].routers, WATCH_ROUTERS);
	assert_int_equal(w.group[0].stints, 99);
	assert_int_equal(stint(0)->prio, 99 - WATCH_STINTS + 1);
	assert_null(watch_stint_at(&w.group[0], WATCH_STINTS));
}

static void time_does_not_go_back(void **state)
{
	(void)state;
	seconds(100, 110, 1, 200);
	advert(5, 1, 200);
	advert(110000, 1, 200);
	SAID("");
	assert_true(w.group[0].gaps.max <= US_PER_S);
}

static void random_groups_stay_in_bounds(void **state)
{
	uint64_t seed = t_seed();
	int64_t ms = 0;

	for (int i = 0; i < 20000; i++) {
		struct who r = { (int)(1 + t_below(&seed, 12)),
			(int)t_below(&seed, 256),
			.version = 2 + (int)t_below(&seed, 2),
			.ms = 1000 * (int)(1 + t_below(&seed, 3)),
			.vip = (int)t_below(&seed, 2),
			.ttl = t_below(&seed, 30) ? 255 : 7,
			.plain = t_below(&seed, 2) };

		ms += (int64_t)t_below(&seed, t_below(&seed, 50) ? 700 : 9000);
		if (t_below(&seed, 10))
			advert_of(ms, r);
		else
			announce(ms, r.n);
		said[0] = '\0';
	}
	for (unsigned i = 0; i < w.n; i++) {
		struct txt t = txt_init(text, sizeof text);
		struct json j;

		summary_text(&t, &w, &w.group[i]);
		svg_group(&t, &w, &w.group[i], 0);
		assert_false(t.full);
		json_init(&j, text, sizeof text);
		summary_json(&j, &w, &w.group[i]);
		assert_false(j.full);
	}
	(void)state;
}

/* ---- The histogram */

static void quantiles(void **state)
{
	static struct hist h;

	(void)state;
	h = (struct hist){ 0 };
	assert_int_equal(hist_at(&h, 500), 0);
	for (int i = 1; i <= 1000; i++)
		hist_add(&h, i * 1000);
	assert_in_range(hist_at(&h, 500), 498000, 502000);
	assert_in_range(hist_at(&h, 990), 986000, 994000);
	assert_int_equal(hist_at(&h, 1000), 1000000);
	hist_add(&h, INT64_MAX);
	hist_add(&h, -5);
	assert_int_equal(h.n, 1002);
	assert_int_equal(h.max, INT64_MAX);
}

#define TEST(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_quiet_group_has_no_findings),
		TEST(a_planned_switch),
		TEST(skew_of_version_2),
		TEST(a_better_one_comes),
		TEST(announced_before_the_first_advert),
		TEST(a_master_that_dies),
		TEST(a_late_advert),
		TEST(nobody_comes),
		TEST(two_masters),
		TEST(one_extra_interval_is_two_masters_alone),
		TEST(flapping),
		TEST(disagreement),
		TEST(passwords_here_and_none_there),
		TEST(a_foreign_announcement),
		TEST(refused_adverts_change_nothing),
		TEST(the_summary),
		TEST(the_table),
		TEST(the_picture),
		TEST(a_picture_of_milliseconds),
		TEST(details_of_findings),
		TEST(subjects),
		TEST(more_groups_than_watched),
		TEST(more_routers_than_remembered),
		TEST(time_does_not_go_back),
		TEST(random_groups_stay_in_bounds),
		TEST(quantiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
