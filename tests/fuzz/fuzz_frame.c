/* Whole frames of every link type, as a stream: type, how many bytes are cut
 * off, milliseconds since the one before, length, frame.  Each is dissected,
 * shown as text and JSON, and watched. */
#include "cur.h"
#include "dump.h"
#include "fuzz.h"
#include "mono.h"
#include "watch_text.h"

#define FRAMES 24 /* enough for any finding, and soon over */

static struct watch w;

static void say(
	void *ctx, const struct watch_group *g, const struct watch_span *s)
{
	struct line_out l;
	struct line parsed;

	(void)ctx;
	finding_line(&l, false, g, s);
	CLAIM(l.len && l.buf[l.len - 1] == '\n');
	l.buf[l.len - 1] = '\0';
	CLAIM(line_parse(&parsed, l.buf));
	CLAIM(line_get(&parsed, "finding") && line_get(&parsed, "since"));
	CLAIM(!s->end == !line_get(&parsed, "until"));
}

/* One line, of printable characters alone. */
static void check_line(const char *s, size_t n)
{
	CLAIM(n && s[n - 1] == '\n');
	for (size_t i = 0; i + 1 < n; i++)
		CLAIM(s[i] >= ' ' && s[i] < 0x7f);
}

static void show(const struct dissect *d)
{
	static char buf[DUMP_MAX];
	struct dump_opts o = { .verbose = 1, .link = true, .show_auth = true };
	struct dump_packet p = { .d = d, .ns = w.now * 1000 };
	struct txt t = txt_init(buf, sizeof buf);
	struct json j;

	dump_text(&t, &o, &p);
	CLAIM(!t.full);
	check_line(buf, t.len);
	json_init(&j, buf, sizeof buf - 1);
	dump_json(&j, &o, &p);
	CLAIM(!j.full);
	buf[j.len] = '\n';
	check_line(buf, j.len + 1);
}

/* What is decoded lies in the frame. */
static void check(const struct dissect *d, const uint8_t *frame, size_t cap)
{
	const uint8_t *end = frame + cap;

	CLAIM(!d->l.payload ||
		(d->l.payload >= frame && d->l.payload + d->l.cap <= end));
	CLAIM(!d->shown || d->a.vips + d->shown * d->asize <= end);
	CLAIM(d->shown <= d->a.count);
	CLAIM(!d->auth_len || d->auth_data + d->auth_len <= end);
	CLAIM(!d->hmac.tag || d->hmac.tag + 16 <= end);
	CLAIM(d->l.cap <= d->l.len);
	if (d->kind == DIS_VRRP && d->l.cap < d->l.len)
		CLAIM(d->faults & DIS_DF(CUT));
	for (uint64_t set = d->faults; set;)
		CLAIM(dis_fault_str(dis_fault_next(&set)));
}

static void one(struct rd *r, int64_t *us)
{
	static struct dissect d;
	enum link_type t = rd_u8(r) % LINK_N;
	size_t cut = rd_u8(r);
	size_t n;
	uint8_t *frame;

	*us += rd_be16(r) * US_PER_MS;
	n = rd_be16(r);
	if (n > r->left)
		n = r->left;
	frame = fuzz_exact(rd_bytes(r, n), n);
	dissect(&d, t, frame, n, n + cut);
	check(&d, frame, n);
	show(&d);
	watch_packet(&w, &d, *us, d.l.ifindex, "eth0");
	free(frame);
}

static void sum_up(void)
{
	static char buf[WATCH_TEXT_MAX];

	for (unsigned i = 0; i < w.n && i < 2; i++) {
		struct txt t = txt_init(buf, sizeof buf);
		struct json j;

		summary_text(&t, &w, &w.group[i]);
		top_row(&t, &w, &w.group[i], 80);
		svg_group(&t, &w, &w.group[i], 0);
		CLAIM(!t.full);
		json_init(&j, buf, sizeof buf);
		summary_json(&j, &w, &w.group[i]);
		CLAIM(!j.full);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	int64_t us = INT64_C(1767225600) * US_PER_S;

	watch_init(&w, say, NULL);
	for (int i = 0; i < FRAMES && r.left && !r.bad; i++)
		one(&r, &us);
	watch_tick(&w, us + 100 * US_PER_S);
	CLAIM(w.n <= WATCH_GROUPS);
	sum_up();
	return 0;
}
