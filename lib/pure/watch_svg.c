#include "dump.h"
#include "mono.h"
#include "watch_text.h"

#define WIDTH 1000
#define LEFT  210 /* names of lanes and findings */
#define RIGHT 20
#define TITLE 26
#define LANE  24
#define ROW   18
#define AXIS  30
#define TICKS 8
#define PLOT  (WIDTH - LEFT - RIGHT)
#define TOP   34 /* of the picture, with what the colours mean */

/* The start of the picture is that of the capture. */
static int64_t start_of(const struct watch *w)
{
	return w->first ? w->first : w->now;
}

static unsigned x_of(const struct watch *w, int64_t us)
{
	int64_t from = start_of(w), all = w->now - from;

	if (us < from || all <= 0)
		return LEFT;
	if (us > w->now)
		us = w->now;
	return LEFT + (unsigned)((double)(us - from) * PLOT / (double)all);
}

static void put_attr(struct txt *t, const char *name, uint64_t v)
{
	txt_ch(t, ' ');
	txt_str(t, name);
	txt_str(t, "=\"");
	txt_num(t, v);
	txt_ch(t, '"');
}

/* Names of interfaces may hold anything. */
static void put_escaped(struct txt *t, const char *s)
{
	for (; *s; s++) {
		if (*s == '<' || *s == '&' || *s == '>')
			txt_ch(t, '?');
		else
			txt_ch(t, *s);
	}
}

static void text_at(struct txt *t, unsigned x, unsigned y, const char *class)
{
	txt_str(t, "<text");
	put_attr(t, "x", x);
	put_attr(t, "y", y);
	txt_str(t, " class=\"");
	txt_str(t, class);
	txt_str(t, "\">");
}

static void rect(struct txt *t, const struct watch *w, const char *class,
	int64_t begin, int64_t end, unsigned y, unsigned h)
{
	unsigned x = x_of(w, begin), to = x_of(w, end ? end : w->now);

	txt_str(t, "<rect class=\"");
	txt_str(t, class);
	txt_ch(t, '"');
	put_attr(t, "x", x);
	put_attr(t, "y", y);
	put_attr(t, "width", to > x + 1 ? to - x : 2);
	put_attr(t, "height", h);
	txt_str(t, "/>\n");
}

static void line(struct txt *t, const char *class, unsigned x1, unsigned y1,
	unsigned x2, unsigned y2)
{
	txt_str(t, "<line class=\"");
	txt_str(t, class);
	txt_ch(t, '"');
	put_attr(t, "x1", x1);
	put_attr(t, "y1", y1);
	put_attr(t, "x2", x2);
	put_attr(t, "y2", y2);
	txt_str(t, "/>\n");
}

/* ---- Rows of findings */

static bool had(const struct watch_group *g, enum watch_finding f)
{
	const struct watch_span *s;

	if (g->open[f].begin)
		return true;
	for (unsigned i = 0; (s = watch_span_at(g, i)) != NULL; i++)
		if (s->what == f)
			return true;
	return false;
}

static unsigned rows_of(const struct watch_group *g)
{
	unsigned n = 0;

	for (unsigned f = 0; f < WF_N; f++)
		n += had(g, (enum watch_finding)f);
	return n;
}

unsigned svg_height(const struct watch_group *g)
{
	return TITLE + g->routers * LANE + rows_of(g) * ROW + AXIS;
}

static void put_row(struct txt *t, const struct watch *w,
	const struct watch_group *g, enum watch_finding f, unsigned y)
{
	const struct watch_span *s;

	text_at(t, LEFT - 8, y + 13, "finding name");
	txt_str(t, watch_finding_str(f));
	txt_str(t, "</text>\n");
	for (unsigned i = 0; (s = watch_span_at(g, i)) != NULL; i++)
		if (s->what == f)
			rect(t, w, "finding", s->begin, s->end, y + 3, ROW - 6);
	if (g->open[f].begin)
		rect(t, w, "finding", g->open[f].begin, 0, y + 3, ROW - 6);
}

/* ---- Lanes */

/* The loser of two Masters is no stint, yet it was one. */
static void put_second(struct txt *t, const struct watch *w,
	const struct watch_span *s, const struct addr *a, unsigned y)
{
	if (s->begin && s->what == WF_TWO_MASTERS && addr_equal(&s->other, a))
		rect(t, w, "second", s->begin, s->end, y + 4, LANE - 8);
	if (s->begin && s->what == WF_MISSING && addr_equal(&s->who, a))
		rect(t, w, "gap", s->begin, s->end, y + 8, LANE - 16);
}

static void put_spans(struct txt *t, const struct watch *w,
	const struct watch_group *g, const struct addr *a, unsigned y)
{
	const struct watch_span *s;

	for (unsigned i = 0; (s = watch_span_at(g, i)) != NULL; i++)
		put_second(t, w, s, a, y);
	for (unsigned f = 0; f < WF_N; f++)
		put_second(t, w, &g->open[f], a, y);
}

static void put_marks(struct txt *t, const struct watch *w,
	const struct watch_group *g, const struct addr *a, unsigned y)
{
	uint64_t from = g->marks > WATCH_MARKS ? g->marks - WATCH_MARKS : 0;

	for (uint64_t i = from; i < g->marks; i++) {
		unsigned x = x_of(w, g->mark[i % WATCH_MARKS]);

		if (addr_equal(&g->mark_who[i % WATCH_MARKS], a))
			line(t, "zero", x, y + 1, x, y + LANE - 1);
	}
}

static void put_lane(struct txt *t, const struct watch *w,
	const struct watch_group *g, const struct watch_router *r, unsigned y)
{
	const struct watch_stint *s;

	text_at(t, LEFT - 8, y + 16, "name");
	txt_addr(t, &r->addr);
	txt_str(t, "</text>\n");
	line(t, "lane", LEFT, y + LANE / 2, LEFT + PLOT, y + LANE / 2);
	for (unsigned i = 0; (s = watch_stint_at(g, i)) != NULL; i++)
		if (addr_equal(&s->who, &r->addr))
			rect(t, w, "master", s->begin, s->end, y + 4, LANE - 8);
	put_spans(t, w, g, &r->addr, y);
	put_marks(t, w, g, &r->addr, y);
}

/* ---- The axis: at most TICKS steps of 1, 2 or 5 times a power of ten. */

static int64_t step_of(int64_t all)
{
	static const int64_t in_ten[] = { 1, 2, 5 };

	for (int64_t ten = 1; ten < INT64_MAX / 10; ten *= 10)
		for (int i = 0; i < 3; i++)
			if (all / (in_ten[i] * ten) <= TICKS)
				return in_ten[i] * ten;
	return all;
}

static void put_axis(struct txt *t, const struct watch *w, unsigned y)
{
	int64_t from = start_of(w), all = w->now - from, step = step_of(all);

	line(t, "axis", LEFT, y, LEFT + PLOT, y);
	for (int64_t at = 0; at <= all; at += step) {
		unsigned x = x_of(w, from + at);

		line(t, "axis", x, y, x, y + 4);
		text_at(t, x, y + 17, "tick");
		if (step >= US_PER_S)
			txt_num(t, (uint64_t)(at / US_PER_S));
		else
			txt_secs(t, at, 3);
		txt_str(t, " s</text>\n");
		if (all <= 0)
			break;
	}
}

/* ---- The picture */

static const char style[] =
	"<style>text{font:13px sans-serif;fill:#222}"
	".name{text-anchor:end}.tick{text-anchor:middle;font-size:11px}"
	".title{font-weight:bold}.finding.name{fill:#b00020;font-size:12px}"
	".lane{stroke:#ddd}.axis{stroke:#888}.master{fill:#2e7d32}"
	".second{fill:#f9a825}.gap{fill:#b00020}"
	"rect.finding{fill:#b00020;opacity:.7}"
	".zero{stroke:#1565c0;stroke-width:3}</style>\n"
	"<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";

static void put_key(
	struct txt *t, unsigned x, const char *class, const char *text)
{
	txt_str(t, "<rect class=\"");
	txt_str(t, class);
	txt_ch(t, '"');
	put_attr(t, "x", x);
	txt_str(t, " y=\"10\" width=\"22\" height=\"12\"/>");
	text_at(t, x + 28, 21, "key");
	txt_str(t, text);
	txt_str(t, "</text>\n");
}

void svg_head(struct txt *t, const struct watch *w)
{
	unsigned height = TOP;

	for (unsigned i = 0; i < w->n; i++)
		height += svg_height(&w->group[i]);
	txt_str(t, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
	put_attr(t, "width", WIDTH);
	put_attr(t, "height", height);
	txt_str(t, ">\n");
	txt_str(t, style);
	put_key(t, LEFT, "master", "Master");
	put_key(t, LEFT + 110, "second", "a second Master");
	put_key(t, LEFT + 270, "gap", "adverts missing");
	line(t, "zero", LEFT + 432, 9, LEFT + 432, 23);
	text_at(t, LEFT + 442, 21, "key");
	txt_str(t, "priority 0</text>\n");
}

void svg_group(struct txt *t, const struct watch *w,
	const struct watch_group *g, unsigned y)
{
	char subject[WATCH_SUBJECT];

	y += TOP;
	text_at(t, LEFT, y + 17, "title");
	put_escaped(t, watch_subject(g, subject));
	txt_str(t, "</text>\n");
	y += TITLE;
	for (unsigned i = 0; i < g->routers; i++, y += LANE)
		put_lane(t, w, g, &g->router[i], y);
	for (unsigned f = 0; f < WF_N; f++) {
		if (!had(g, (enum watch_finding)f))
			continue;
		put_row(t, w, g, (enum watch_finding)f, y);
		y += ROW;
	}
	put_axis(t, w, y + 4);
}

void svg_end(struct txt *t)
{
	txt_str(t, "</svg>\n");
}
