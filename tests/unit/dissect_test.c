#include <glob.h>

#include "t.h"
#include "dump.h"
#include "watch.h"

/* ---- The packets of tests/golden */

struct pcap {
	FILE *f;
	enum link_type link;
	uint8_t data[8192];
	uint32_t cap, wire, n;
	int64_t ns;
};

static void pcap_begin(struct pcap *p, const char *path)
{
	uint32_t head[6];

	p->n = 0;
	p->f = fopen(path, "r");
	assert_non_null(p->f);
	assert_int_equal(fread(head, 4, 6, p->f), 6);
	assert_true(link_type_of((int)head[5], &p->link));
}

static bool pcap_next(struct pcap *p)
{
	uint32_t head[4];

	if (fread(head, 4, 4, p->f) != 4) {
		fclose(p->f);
		return false;
	}
	p->ns = head[0] * NS_PER_S + head[1] * INT64_C(1000);
	p->cap = head[2];
	p->wire = head[3];
	p->n++;
	assert_true(p->cap <= sizeof p->data);
	assert_int_equal(fread(p->data, 1, p->cap, p->f), p->cap);
	return true;
}

static char text[DUMP_MAX];

static const char *text_of(const struct dissect *d)
{
	struct dump_opts o = { .verbose = 1, .link = true, .show_auth = true };
	struct dump_packet p = { .d = d };
	struct txt t = txt_init(text, sizeof text);

	dump_text(&t, &o, &p);
	assert_false(t.full);
	return txt_end(&t);
}

static const char *json_of(const struct dissect *d)
{
	struct dump_opts o = { .show_auth = true };
	struct dump_packet p = { .d = d };
	struct json j;

	json_init(&j, text, sizeof text - 1);
	dump_json(&j, &o, &p);
	assert_false(j.full);
	text[j.len] = '\0';
	return text;
}

/* As tests/golden/make has them written: -tttt -e -v --garp --show-auth. */
static const char *golden_text(const struct dump_packet *p)
{
	struct dump_opts o = {
		.time = TIME_DATE, .verbose = 1, .link = true, .show_auth = true
	};
	struct txt t = txt_init(text, sizeof text);

	dump_text(&t, &o, p);
	return txt_end(&t);
}

static const char *golden_json(const struct dump_packet *p)
{
	struct dump_opts o = { .show_auth = true };
	struct json j;

	json_init(&j, text, sizeof text - 2);
	dump_json(&j, &o, p);
	memcpy(text + j.len, "\n", 2);
	return text;
}

static FILE *beside(const char *pcap, const char *ending)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%.*s%s", (int)strlen(pcap) - 4, pcap,
		ending);
	f = fopen(path, "r");
	assert_non_null(f);
	return f;
}

static void check_line(FILE *f, const char *path, const char *got)
{
	static char want[DUMP_MAX];

	assert_non_null(fgets(want, sizeof want, f));
	CHECK_STR(path, got, want);
}

static void nothing_said(
	void *ctx, const struct watch_group *g, const struct watch_span *s)
{
	(void)ctx, (void)g, (void)s;
}

static void golden_file(struct pcap *p, const char *path)
{
	static struct watch w;
	static struct dissect d;
	FILE *txt = beside(path, "txt"), *json = beside(path, "json");

	watch_init(&w, nothing_said, NULL);
	pcap_begin(p, path);
	while (pcap_next(p)) {
		struct dump_packet out = { .d = &d, .ns = p->ns };

		dissect(&d, p->link, p->data, p->cap, p->wire);
		if (d.kind == DIS_OTHER)
			continue;
		watch_packet(&w, &d, p->ns / 1000, d.l.ifindex, "-");
		out.say_if = p->link == LINK_SLL2;
		out.ifname = out.say_if ? "if7" : NULL;
		if (d.kind == DIS_ARP || d.kind == DIS_NA)
			out.owner = watch_owner(&w, &d, d.l.ifindex);
		check_line(txt, path, golden_text(&out));
		check_line(json, path, golden_json(&out));
	}
	fclose(txt);
	fclose(json);
}

static void golden_pairs(void **state)
{
	static struct pcap p;
	glob_t g;

	(void)state;
	assert_int_equal(glob("tests/golden/*.pcap", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		golden_file(&p, g.gl_pathv[i]);
	globfree(&g);
}

/* Of exactly `cap` bytes, so that ASan sees one read too many. */
static void check_cut(const char *path, const struct pcap *p, size_t cap)
{
	static struct dissect d;
	uint8_t *exact = t_exact(p->data, cap);

	dissect(&d, p->link, exact, cap, p->wire);
	if (d.kind == DIS_OTHER) {
		print_error("%s: packet %u cut to %zu is not shown\n", path,
			p->n, cap);
		fail();
	}
	if (!strstr(text_of(&d), "truncated: ") ||
		!strstr(json_of(&d), "\"truncated\":true")) {
		print_error("%s: packet %u cut to %zu: %s\n", path, p->n, cap,
			text_of(&d));
		fail();
	}
	free(exact);
}

/* The link header of loopback files has no room for doubt, nor has that of
 * ARP: what is cut to less than a family or type might have been ours. */
static bool is_shown(const struct pcap *p)
{
	static struct dissect d;

	dissect(&d, p->link, p->data, p->cap, p->wire);
	return d.kind != DIS_OTHER;
}

static void cut_at_every_byte(void **state)
{
	static struct pcap p;
	unsigned files = 0, packets = 0;
	glob_t g;

	(void)state;
	assert_int_equal(glob("tests/golden/*.pcap", 0, NULL, &g), 0);
	for (; files < g.gl_pathc; files++) {
		pcap_begin(&p, g.gl_pathv[files]);
		while (pcap_next(&p)) {
			if (!is_shown(&p))
				continue;
			packets++;
			for (size_t cap = 0; cap < p.cap; cap++)
				check_cut(g.gl_pathv[files], &p, cap);
		}
	}
	globfree(&g);
	print_message("           %u packets of %u files\n", packets, files);
	assert_true(files >= 12 && packets >= 150);
}

/* ---- Single frames */

#define ETH4                                                                   \
	"01005e000012"                                                         \
	"027700000001"                                                         \
	"0800"
#define IP4                                                                    \
	"45c0002400010000ff70"                                                 \
	"c573"                                                                 \
	"0a4d0001"                                                             \
	"e0000012"

#define MSG                                                                    \
	"3133640200646"                                                        \
	"7ef0a4d00fe0a4d01fe"

static const struct {
	const char *name;
	enum link_type link;
	const char *hex;
	enum dis_kind kind;
	uint64_t faults;
} rows[] = {
	{ "nothing", LINK_ETHER, "", DIS_OTHER, DIS_DF(LINK) },
	{ "Ethernet", LINK_ETHER, ETH4 IP4 MSG, DIS_VRRP, DIS_DF(REAL_MAC) },
	{ "padding is not looked at", LINK_ETHER,
		ETH4 IP4 MSG "ffffffffffffffffffff", DIS_VRRP,
		DIS_DF(REAL_MAC) },
	{ "802.3 length", LINK_ETHER,
		"01005e000012"
		"027700000001"
		"0026" IP4 MSG,
		DIS_OTHER, 0 },
	{ "raw", LINK_RAW, IP4 MSG, DIS_VRRP, 0 },
	{ "raw, neither IP", LINK_RAW, "00", DIS_OTHER, DIS_DF(IP_VERSION) },
	{ "null, little-endian", LINK_NULL, "02000000" IP4 MSG, DIS_VRRP, 0 },
	{ "null, big-endian", LINK_NULL, "00000002" IP4 MSG, DIS_VRRP, 0 },
	{ "null, no IP", LINK_NULL, "00000009" IP4 MSG, DIS_OTHER, 0 },
	{ "loopback", LINK_LOOP, "00000002" IP4 MSG, DIS_VRRP, 0 },
	{ "cooked", LINK_SLL,
		"0000"
		"0001"
		"0006"
		"0277000000010000"
		"0800" IP4 MSG,
		DIS_VRRP, DIS_DF(REAL_MAC) },
	{ "cooked 2", LINK_SLL2,
		"0800"
		"0000"
		"00000003"
		"0001"
		"04"
		"06"
		"00005e0001330000" IP4 MSG,
		DIS_VRRP, 0 },
	{ "cooked, no MAC", LINK_SLL,
		"0000"
		"0304"
		"0000"
		"0000000000000000"
		"0800" IP4 MSG,
		DIS_VRRP, 0 },
	{ "TCP", LINK_RAW,
		"4500002800010000ff06"
		"0000"
		"0a4d0001"
		"0a4d0002"
		"0000000000000000000000000000000000000000",
		DIS_OTHER, DIS_DF(IP_SUM) },
};

static void frames(void **state)
{
	static struct dissect d;
	uint8_t b[256];

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		size_t n = t_unhex(b, sizeof b, rows[i].hex);
		uint8_t *exact = t_exact(b, n);

		dissect(&d, rows[i].link, exact, n, n);
		CHECK_NUM(rows[i].name, d.kind, rows[i].kind);
		CHECK_NUM(rows[i].name, d.faults & ~DIS_DF(IP_SUM),
			rows[i].faults & ~DIS_DF(IP_SUM));
		free(exact);
	}
}

static void virtual_macs(void **state)
{
	(void)state;
	assert_int_equal(
		vmac_vrid((const uint8_t *)"\0\0\x5e\0\1\x33", AF_INET), 0x33);
	assert_int_equal(
		vmac_vrid((const uint8_t *)"\0\0\x5e\0\1\x33", AF_INET6), 0);
	assert_int_equal(
		vmac_vrid((const uint8_t *)"\0\0\x5e\0\2\x33", AF_INET6), 0x33);
}

/* ---- What options leave out */

static const char *words_of(const char *frame, const struct dump_opts *o)
{
	static struct dissect d;
	struct dump_packet p = { .d = &d };
	static uint8_t b[256];
	size_t n = t_unhex(b, sizeof b, frame);
	struct txt t = txt_init(text, sizeof text);

	dissect(&d, LINK_ETHER, b, n, n);
	dump_text(&t, o, &p);
	return txt_end(&t);
}

#define PASS4 "45c0002c00010000ff70c56b0a4d0001e0000012"
#define PASS  "21336401010103e60a4d00fe70617373000000000000000000000000"

static void fewer_words(void **state)
{
	struct dump_opts quiet = { .time = TIME_NONE, .quiet = true };
	struct dump_opts usual = { .time = TIME_NONE };
	struct dump_opts nano = { .nano = true };

	(void)state;
	CHECK_STR("-q", words_of(ETH4 IP4 MSG, &quiet),
		"IP 10.77.0.1 > 224.0.0.18: VRRPv3, Advertisement, vrid 51, "
		"prio 100, intvl 100cs, length 16 -- WRONG: IP header checksum "
		"0xc573 is wrong\n");
	assert_non_null(strstr(words_of(ETH4 IP4 MSG, &usual),
		"length 16, cksum pseudo-header, addrs(2): 10.77.0.254,"));
	assert_non_null(strstr(words_of(ETH4 PASS4 PASS, &usual),
		"addrs: 10.77.0.254 auth \"********\""));
	assert_non_null(strstr(
		words_of(ETH4 IP4 MSG, &nano), "00:00:00.000000000 IP "));
}

static void hex(void **state)
{
	static const uint8_t b[] = { 'a', 0, ' ', 0x7f, '~' };
	struct txt t = txt_init(text, sizeof text);

	(void)state;
	dump_hex(&t, b, sizeof b, 0x20, false);
	dump_hex(&t, b, sizeof b, 0, true);
	CHECK_STR("hex", txt_end(&t),
		"\t0x0020:  6100 207f 7e\n"
		"\t0x0000:  6100 207f 7e                             a...~\n");
}

/* ---- Times */

static const char *iso(int64_t ns, bool nano)
{
	struct txt t = txt_init(text, sizeof text);

	dump_iso(&t, ns, nano);
	return txt_end(&t);
}

static void dates(void **state)
{
	(void)state;
	CHECK_STR("epoch", iso(0, false), "1970-01-01T00:00:00.000000Z");
	CHECK_STR("nano", iso(1, true), "1970-01-01T00:00:00.000000001Z");
	CHECK_STR("before", iso(-1, true), "1969-12-31T23:59:59.999999999Z");
	CHECK_STR("leap day", iso(INT64_C(1709164800) * NS_PER_S, false),
		"2024-02-29T00:00:00.000000Z");
	CHECK_STR("day after", iso(INT64_C(1709251200) * NS_PER_S, false),
		"2024-03-01T00:00:00.000000Z");
	CHECK_STR("2100 has none", iso(INT64_C(4107542400) * NS_PER_S, false),
		"2100-03-01T00:00:00.000000Z");
	CHECK_STR("last of a year", iso(INT64_C(1767225599) * NS_PER_S, false),
		"2025-12-31T23:59:59.000000Z");
}

static const char *time_of(enum dump_time how, int64_t since)
{
	static struct dissect d;
	struct dump_opts o = { .time = how };
	struct dump_packet p = { .d = &d,
		.ns = INT64_C(1767225600) * NS_PER_S + 1234000,
		.since = since,
		.utc_offset = -3600 };
	struct txt t = txt_init(text, sizeof text);

	d.kind = DIS_UNREADABLE;
	dump_text(&t, &o, &p);
	return txt_end(&t);
}

static void forms_of_time(void **state)
{
	(void)state;
	CHECK_STR("-t", time_of(TIME_NONE, 0), "[|link]\n");
	CHECK_STR("", time_of(TIME_CLOCK, 0), "23:00:00.001234 [|link]\n");
	CHECK_STR("-tt", time_of(TIME_EPOCH, 0), "1767225600.001234 [|link]\n");
	CHECK_STR("-ttt", time_of(TIME_DELTA, 61 * NS_PER_S + 5000),
		"00:01:01.000005 [|link]\n");
	CHECK_STR("-ttt back", time_of(TIME_DELTA, -5000),
		"-00:00:00.000005 [|link]\n");
	CHECK_STR("-tttt", time_of(TIME_DATE, 0),
		"2025-12-31 23:00:00.001234 [|link]\n");
	CHECK_STR("-ttttt", time_of(TIME_SINCE, 90000 * NS_PER_S),
		"1d 01:00:00.000000 [|link]\n");
}

/* ---- The longest line */

static void the_longest_packet_fits(void **state)
{
	static struct dissect d;
	static uint8_t b[40 + VRRP_LEN_MAX];
	static const uint8_t head[] = { 0x6c, 0, 0, 0, 0x0f, 0xf8, 112, 1 };

	(void)state;
	memset(b, 0xfe, sizeof b);
	memcpy(b, head, sizeof head);
	b[40] = 0x31;
	b[43] = 255;
	dissect(&d, LINK_RAW, b, sizeof b, sizeof b);
	assert_int_equal(d.kind, DIS_VRRP);
	assert_int_equal(d.shown, 255);
	assert_true(strlen(text_of(&d)) > 255 * 30);
	assert_true(strlen(json_of(&d)) > 255 * 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_pairs),
		cmocka_unit_test(fewer_words),
		cmocka_unit_test(hex),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(frames),
		cmocka_unit_test(virtual_macs),
		cmocka_unit_test(dates),
		cmocka_unit_test(forms_of_time),
		cmocka_unit_test(the_longest_packet_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
