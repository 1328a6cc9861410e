/* Timers by the time at which they are due: a binary heap.  A timer lies in
 * what it is for, so that setting one allocates nothing and cannot fail. */
#ifndef HEAP_H
#define HEAP_H

#include <stddef.h>

#include "mono.h"

struct timer {
	struct mono when;
	size_t at; /* its place, from 1; 0: in no heap */
};

/* The member `m` of a struct `type` is the timer t. */
#define TIMER_OF(t, type, m) ((type *)(void *)((char *)(t)-offsetof(type, m)))

struct heap {
	struct timer **v; /* room for all that will be in it */
	size_t n;
};

/* Adds a timer, or moves it, by its new time. */
void heap_set(struct heap *h, struct timer *t, struct mono when);
void heap_remove(struct heap *h, struct timer *t);
/* The first to be due; NULL when there is none. */
struct timer *heap_top(const struct heap *h);

#endif
