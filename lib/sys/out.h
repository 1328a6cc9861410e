/* The writer of lines: never blocks, knows when its reader is dead, and how
 * old the oldest unread byte is (DESIGN 2.2). */
#ifndef OUT_H
#define OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mono.h"

#define OUT_MARKS 64

struct out {
	int fd;	   /* for poll(2) with events 0: POLLERR is a dead reader */
	bool fifo; /* how much is unread can be asked */
	bool dead;
	bool read; /* the reader took something, as out_stuck_at() saw */
	uint64_t written;
	unsigned first, n;
	struct out_mark { /* a ring: written by then */
		uint64_t end;
		struct mono at;
	} marks[OUT_MARKS];
};

/* Makes fd non-blocking: for a pipe by opening it anew, so that others who
 * share the description do not notice. */
void out_open(struct out *o, int fd);
/* Writes one whole line or nothing.  False when there is no room now (try
 * again upon POLLOUT) or the reader is dead (o->dead). */
bool out_line(struct out *o, const char *line, size_t len, struct mono now);
/* To be called with the revents of poll(2) for o->fd. */
void out_poll(struct out *o, short revents);
/* When the oldest unread byte will be `stuck` microseconds old: a time not
 * after `now` means that the reader is stuck.  MONO_NEVER when all is read or
 * it cannot be told. */
struct mono out_stuck_at(struct out *o, int64_t stuck);
/* Counts what is unread as written now: after we slept ourselves its age says
 * nothing of the reader. */
void out_forgive(struct out *o, struct mono now);

#endif
