#include <string.h>

#include "dump.h"
#include "mono.h"
#include "num.h"
#include "watch_text.h"

#define SMALL 64

static const char *iso(int64_t us, char buf[SMALL])
{
	struct txt t = txt_init(buf, SMALL);

	dump_iso(&t, us * 1000, false);
	return txt_end(&t);
}

static const char *secs(int64_t us, char buf[SMALL])
{
	struct txt t = txt_init(buf, SMALL);

	txt_secs(&t, us, 6);
	return txt_end(&t);
}

/* ---- Findings */

static void add_addr(struct line_out *o, const char *key, const struct addr *a)
{
	char buf[ADDR_STRLEN];

	if (a->family)
		line_str(o, key, addr_str(a, buf));
}

static const struct watch_conf *conf_of(
	const struct watch_group *g, const struct addr *a)
{
	for (unsigned i = 0; i < g->routers; i++)
		if (addr_equal(&g->router[i].addr, a))
			return &g->router[i].conf;
	return NULL;
}

/* What two routers disagree on, as each has it. */
static void add_value(struct line_out *o, const char *key, enum watch_finding f,
	const struct watch_conf *c)
{
	char buf[DUR_STRLEN];

	if (!c)
		return;
	if (f == WF_INTERVAL)
		line_str(o, key, dur_str(c->cs * 10 * US_PER_MS, buf));
	else if (f == WF_VERSION)
		line_num(o, key, c->version);
	else if (f == WF_AUTH)
		line_str(o, key, dis_auth_str(c->auth));
	else if (f == WF_CHECKSUM)
		line_str(o, key, dis_sum_str(c->sum));
	else if (f == WF_ADDRESSES)
		line_num(o, key, c->count);
}

static void add_details(struct line_out *o, const struct watch_group *g,
	const struct watch_span *s)
{
	char mac[MAC_STRLEN];

	add_value(o, "is", s->what, conf_of(g, &s->who));
	add_value(o, "other-is", s->what, conf_of(g, &s->other));
	if (s->what == WF_REFUSED)
		line_str(o, "fault", dis_fault_str(s->fault));
	if (s->what != WF_ANNOUNCER)
		return;
	add_addr(o, "address", &s->address);
	line_str(o, "mac", mac_str(s->mac, mac));
}

void finding_line(struct line_out *o, bool json, const struct watch_group *g,
	const struct watch_span *s)
{
	char subject[WATCH_SUBJECT], buf[SMALL];

	line_begin(
		o, json, s->end ? "END" : "BEGIN", watch_subject(g, subject));
	line_str(o, "finding", watch_finding_str(s->what));
	line_str(o, "since", iso(s->begin, buf));
	add_addr(o, "who", &s->who);
	add_addr(o, "other", &s->other);
	add_details(o, g, s);
	if (s->end) {
		line_str(o, "until", iso(s->end, buf));
		line_str(o, "lasted", secs(s->end - s->begin, buf));
	}
	if (s->end && s->what == WF_MISSING)
		line_num(o, "missed", (uint64_t)s->missed);
	line_end(o);
}

/* ---- Summary */

static void put_addr_list(struct txt *t, const struct watch_group *g)
{
	for (unsigned i = 0; i < g->nvips; i++) {
		if (i)
			txt_ch(t, ',');
		txt_bytes(t, g->family,
			g->vips + i * (g->family == AF_INET ? 4u : 16u));
	}
}

static void put_counts(struct txt *t, const struct watch_group *g)
{
	txt_str(t, "\n  adverts ");
	txt_num(t, g->adverts);
	txt_str(t, ", missed ");
	txt_num(t, g->missed);
	txt_str(t, ", refused ");
	txt_num(t, g->refused);
	txt_str(t, ", takeovers ");
	txt_num(t, g->takeovers);
	if (!g->gaps.n)
		return;
	txt_str(t, "\n  gap p50 ");
	txt_secs(t, hist_at(&g->gaps, 500), 6);
	txt_str(t, " p99 ");
	txt_secs(t, hist_at(&g->gaps, 990), 6);
	txt_str(t, " max ");
	txt_secs(t, g->gaps.max, 6);
	txt_str(t, " s");
}

static void put_stint(
	struct txt *t, const struct watch *w, const struct watch_stint *s)
{
	char buf[SMALL];

	txt_str(t, "\n  Master ");
	txt_addr(t, &s->who);
	txt_str(t, " prio ");
	txt_num(t, s->prio);
	txt_str(t, " from ");
	txt_str(t, iso(s->begin, buf));
	txt_str(t, " for ");
	txt_secs(t, (s->end ? s->end : w->now) - s->begin, 6);
	txt_str(t, " s, ");
	txt_str(t, watch_why_str(s->why));
	if (!s->took)
		return;
	txt_str(t, " after ");
	txt_secs(t, s->took, 6);
	txt_str(t, " s (formula ");
	txt_secs(t, s->formula, 6);
	txt_ch(t, ')');
}

static void put_span(
	struct txt *t, const struct watch *w, const struct watch_span *s)
{
	char buf[SMALL];

	txt_str(t, "\n  finding ");
	txt_str(t, watch_finding_str(s->what));
	txt_str(t, " from ");
	txt_str(t, iso(s->begin, buf));
	txt_str(t, " for ");
	txt_secs(t, (s->end ? s->end : w->now) - s->begin, 6);
	txt_str(t, s->end ? " s" : " s, not over");
	if (s->who.family) {
		txt_str(t, ", ");
		txt_addr(t, &s->who);
	}
}

void summary_text(
	struct txt *t, const struct watch *w, const struct watch_group *g)
{
	char subject[WATCH_SUBJECT];
	const struct watch_stint *st;
	const struct watch_span *sp;

	txt_str(t, watch_subject(g, subject));
	txt_ch(t, ' ');
	put_addr_list(t, g);
	put_counts(t, g);
	for (unsigned i = 0; (st = watch_stint_at(g, i)) != NULL; i++)
		put_stint(t, w, st);
	for (unsigned i = 0; (sp = watch_span_at(g, i)) != NULL; i++)
		put_span(t, w, sp);
	for (unsigned f = 0; f < WF_N; f++)
		if (g->open[f].begin)
			put_span(t, w, &g->open[f]);
	txt_ch(t, '\n');
}

static void json_secs(struct json *j, const char *key, int64_t us)
{
	char buf[SMALL];

	json_raw(j, key, secs(us, buf));
}

static void json_addr(struct json *j, const char *key, const struct addr *a)
{
	char buf[ADDR_STRLEN];

	if (a->family)
		json_str(j, key, addr_str(a, buf));
}

static void json_stint(
	struct json *j, const struct watch *w, const struct watch_stint *s)
{
	char buf[SMALL];

	json_open(j, NULL, '{');
	json_addr(j, "who", &s->who);
	json_num(j, "priority", s->prio);
	json_str(j, "from", iso(s->begin, buf));
	json_secs(j, "seconds", (s->end ? s->end : w->now) - s->begin);
	json_bool(j, "over", s->end != 0);
	json_str(j, "why", watch_why_str(s->why));
	if (s->took) {
		json_secs(j, "took", s->took);
		json_secs(j, "formula", s->formula);
	}
	json_close(j, '}');
}

static void json_span(
	struct json *j, const struct watch *w, const struct watch_span *s)
{
	char buf[SMALL];

	json_open(j, NULL, '{');
	json_str(j, "finding", watch_finding_str(s->what));
	json_str(j, "from", iso(s->begin, buf));
	json_secs(j, "seconds", (s->end ? s->end : w->now) - s->begin);
	json_bool(j, "over", s->end != 0);
	json_addr(j, "who", &s->who);
	json_addr(j, "other", &s->other);
	json_close(j, '}');
}

static void json_counts(struct json *j, const struct watch_group *g)
{
	json_num(j, "adverts", g->adverts);
	json_num(j, "missed", g->missed);
	json_num(j, "refused", g->refused);
	json_num(j, "takeovers", g->takeovers);
	json_secs(j, "gap_p50", hist_at(&g->gaps, 500));
	json_secs(j, "gap_p99", hist_at(&g->gaps, 990));
	json_secs(j, "gap_max", g->gaps.max);
}

void summary_json(
	struct json *j, const struct watch *w, const struct watch_group *g)
{
	char subject[WATCH_SUBJECT];
	const struct watch_stint *st;
	const struct watch_span *sp;

	json_open(j, NULL, '{');
	json_str(j, "summary", watch_subject(g, subject));
	json_str(j, "family", g->family == AF_INET ? "inet" : "inet6");
	json_num(j, "vrid", g->vrid);
	json_counts(j, g);
	json_open(j, "masters", '[');
	for (unsigned i = 0; (st = watch_stint_at(g, i)) != NULL; i++)
		json_stint(j, w, st);
	json_close(j, ']');
	json_open(j, "findings", '[');
	for (unsigned i = 0; (sp = watch_span_at(g, i)) != NULL; i++)
		json_span(j, w, sp);
	for (unsigned f = 0; f < WF_N; f++)
		if (g->open[f].begin)
			json_span(j, w, &g->open[f]);
	json_close(j, ']');
	json_close(j, '}');
}

/* ---- The table */

enum {
	COL_GROUP,
	COL_MASTER,
	COL_PRIO,
	COL_INTERVAL,
	COL_AGE,
	COL_MISSED,
	COL_TAKEOVERS,
	COL_FINDINGS,
	COLS
};

static const struct {
	const char *head;
	size_t at;
} cols[COLS] = {
	[COL_GROUP] = { "GROUP", 0 },
	[COL_MASTER] = { "MASTER", 20 },
	[COL_PRIO] = { "PRIO", 46 },
	[COL_INTERVAL] = { "INTVL", 51 },
	[COL_AGE] = { "AGE", 59 },
	[COL_MISSED] = { "MISSED", 67 },
	[COL_TAKEOVERS] = { "TAKEN", 74 },
	[COL_FINDINGS] = { "FINDINGS", 80 },
};

/* The line so far is cut to the width, and ended. */
static void end_row(struct txt *t, size_t from, size_t width)
{
	if (t->len > from + width)
		t->len = from + width;
	txt_ch(t, '\n');
}

static void put_open(struct txt *t, const struct watch_group *g)
{
	bool any = false;

	for (unsigned f = 0; f < WF_N; f++) {
		if (!g->open[f].begin)
			continue;
		if (any)
			txt_ch(t, ',');
		any = true;
		txt_str(t, watch_finding_str((enum watch_finding)f));
	}
	if (!any)
		txt_ch(t, '-');
}

static void put_cell(struct txt *t, const struct watch *w,
	const struct watch_group *g, int col)
{
	const struct watch_router *m =
		g->master < 0 ? NULL : &g->router[g->master];
	char buf[WATCH_SUBJECT];

	switch (col) {
	case COL_GROUP:
		txt_str(t, watch_subject(g, buf));
		break;
	case COL_MASTER:
		txt_addr(t, m ? &m->addr : &(struct addr){ 0 });
		break;
	case COL_PRIO:
		if (m)
			txt_num(t, m->prio);
		else
			txt_ch(t, '-');
		break;
	case COL_INTERVAL:
		txt_str(t, dur_str(watch_interval(g), buf));
		break;
	case COL_AGE:
		txt_secs(t, w->now - (m ? m->last : g->last), 3);
		break;
	case COL_MISSED:
		txt_num(t, g->missed);
		break;
	case COL_TAKEOVERS:
		txt_num(t, g->takeovers);
		break;
	default:
		put_open(t, g);
	}
}

void top_head(struct txt *t, const struct watch *w, size_t width)
{
	size_t from = t->len;
	char buf[SMALL];

	txt_str(t, w->first ? iso(w->now, buf) : "-");
	txt_str(t, "  groups ");
	txt_num(t, w->n);
	txt_str(t, "  findings ");
	txt_num(t, w->findings);
	if (w->lost) {
		txt_str(t, "  not watched ");
		txt_num(t, w->lost);
	}
	end_row(t, from, width);
	from = t->len;
	for (int i = 0; i < COLS; i++) {
		if (i)
			txt_pad(t, from, cols[i].at);
		txt_str(t, cols[i].head);
	}
	end_row(t, from, width);
}

void top_row(struct txt *t, const struct watch *w, const struct watch_group *g,
	size_t width)
{
	size_t from = t->len;

	for (int i = 0; i < COLS; i++) {
		if (i)
			txt_pad(t, from, cols[i].at);
		put_cell(t, w, g, i);
	}
	end_row(t, from, width);
}
