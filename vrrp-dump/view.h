/* What is shown of the watch: findings as they come, the table, and at the end
 * summary and picture. */
#ifndef VIEW_H
#define VIEW_H

#include "mono.h"
#include "sink.h"
#include "vrrp-dump.h"
#include "watch.h"

struct view {
	const struct options *o;
	struct sink *out;
	struct watch watch;
	bool screen; /* --top on a terminal */
	unsigned rows, width;
	int64_t every; /* us */
	int64_t drawn; /* when, us */
	int svg;       /* fd of --timeline; -1: none */
};

/* Opens the picture and looks at the terminal.  Dies where it cannot. */
void view_open(struct view *v, const struct options *o, struct sink *out);
/* Does anything need the watch? */
bool view_watches(const struct options *o);
/* To be called as time goes on, us of the capture; `tick` of the wall. */
void view_tick(struct view *v, int64_t us, struct mono now);
void view_summary(struct view *v);
/* Summary, table and picture; false when the picture could not be written. */
bool view_end(struct view *v);

#endif
