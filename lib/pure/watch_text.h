/* What a watch knows, as text: findings as lines (DESIGN 2.1), the summary,
 * the table of --top, the picture of --timeline. */
#ifndef WATCH_TEXT_H
#define WATCH_TEXT_H

#include "json.h"
#include "line.h"
#include "txt.h"
#include "watch.h"

/* Room for what these functions write of one group. */
#define WATCH_TEXT_MAX (64 * 1024)

/* BEGIN or END, ready to be written. */
void finding_line(struct line_out *o, bool json, const struct watch_group *g,
	const struct watch_span *s);

void summary_text(
	struct txt *t, const struct watch *w, const struct watch_group *g);
void summary_json(
	struct json *j, const struct watch *w, const struct watch_group *g);

/* The head of the table, and a row of it; `width` columns are not exceeded. */
void top_head(struct txt *t, const struct watch *w, size_t width);
void top_row(struct txt *t, const struct watch *w, const struct watch_group *g,
	size_t width);

/* The picture: head, groups one below the other, end.  A group's height. */
void svg_head(struct txt *t, const struct watch *w);
unsigned svg_height(const struct watch_group *g);
void svg_group(struct txt *t, const struct watch *w,
	const struct watch_group *g, unsigned y);
void svg_end(struct txt *t);

#endif
