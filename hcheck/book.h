/* The checks and their names, made of targets.  Targets that are probed alike
 * share one check; a new list of targets keeps the state of what stays. */
#ifndef BOOK_H
#define BOOK_H

#include "engine.h"
#include "targets.h"

struct book {
	struct engine *engine;
	struct subject **subjects; /* in order of names */
	size_t n;
	uint32_t serial; /* of checks: where on the grid they lie */
	/* A subject is about to go. */
	void (*gone)(void *arg, const struct subject *s);
	void *arg;
};

/* Makes the book equal t, which is settled, and then emptied.  `window`: the
 * time within which new checks begin.  False without memory: all that is left
 * to do is to end. */
bool book_load(struct book *b, struct targets *t, int64_t window);
void book_free(struct book *b);

#endif
