/* The routers of a process: who is there, who leaves, who waits to begin.
 * Memory is had when a file is read, and at no other time. */
#ifndef CREW_H
#define CREW_H

#include "lineup.h"
#include "router.h"

struct batch;

struct seat {
	struct router r; /* first: its timer is the seat's */
	struct batch *batch;
	struct seat *after; /* begins once that one is gone */
	struct mono asked;  /* since when it waits for its lock */
	bool warned;	    /* that it waits */
	bool leaves;	    /* its line is gone or another one */
};

struct crew {
	struct common common;
	struct seat **v;
	size_t n;
	unsigned born; /* how many there ever were */
	bool reads;    /* stdin */
};

struct crew_changes {
	size_t added, changed, gone;
};

/* What the file says now.  NULL, or what is wrong, in a static buffer; then
 * nothing changed. */
const char *crew_read(struct crew *c, struct options *o, bool privileged,
	struct mono now, struct crew_changes *what);
/* Sockets and locks of all, at the start; sigfd: an order to stop ends the
 * waiting.  Dies 111, or ends 0. */
void crew_open(struct crew *c, int sigfd);
/* Begins what is not begun and can be. */
void crew_start(struct crew *c, struct seat *s, struct mono now);
/* Lets go of those that are done and were to leave. */
void crew_sweep(struct crew *c, struct mono now);
void crew_close(struct crew *c);
bool crew_all_done(const struct crew *c);

#endif
