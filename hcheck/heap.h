/* Checks by the time at which they want attention: a binary heap. */
#ifndef HEAP_H
#define HEAP_H

#include "check.h"

struct heap {
	struct check **v;
	size_t n, room;
};

/* Room for n checks; false without memory. */
bool heap_reserve(struct heap *h, size_t n);
/* Adds a check, or moves it, by its new time. */
void heap_set(struct heap *h, struct check *c, struct mono when);
void heap_remove(struct heap *h, struct check *c);
/* The first to be due; NULL when there is none. */
struct check *heap_top(const struct heap *h);

#endif
