/* What health lines and other elections do to a router's priority (DESIGN
 * 3.1).  Pure: no I/O, no clock.
 *
 * keepalived's arithmetic: a positive weight is added while UP, a negative
 * one while DOWN; without a weight DOWN means FAULT.  A line's own weight=
 * replaces this: it is added as it stands, whatever the word. */
#ifndef TRACKS_H
#define TRACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line.h"

#define TRACKS_MAX	 64
#define TRACK_NAME_LEN	 64
#define TRACK_WEIGHT_MAX 254

enum track_state { TRACK_UNKNOWN, TRACK_UP, TRACK_DOWN };

struct track {
	char name[TRACK_NAME_LEN];
	bool weighted; /* else DOWN means FAULT */
	int weight;
	enum track_state state;
	bool own; /* the line brought a weight of its own */
	int own_weight;
};

struct tracks {
	struct track *t; /* room for TRACKS_MAX, or for those named */
	size_t n;
	bool any; /* subjects that were not named are taken too */
	bool any_weighted;
	int any_weight;
};

/* Adds a subject by name.  False: no room, or named twice. */
bool tracks_add(struct tracks *ts, const char *name, bool weighted, int weight);
/* Takes a line, where `any` into room for TRACKS_MAX; false when nothing
 * changed. */
bool tracks_take(struct tracks *ts, const struct line *l);
/* What is known of the same subjects already. */
void tracks_inherit(struct tracks *ts, const struct tracks *from);
/* base plus weights, within 1..254; an owner (255) stays. */
uint8_t tracks_prio(const struct tracks *ts, int base, int extra);
/* A subject that means FAULT: DOWN, or not heard of yet (*unknown).  NULL:
 * none. */
const char *tracks_fault(const struct tracks *ts, bool *unknown);

#endif
