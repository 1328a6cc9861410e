/* Lines from a file descriptor, usually stdin.  Reads only what is there. */
#ifndef IN_H
#define IN_H

#include <stdbool.h>

#include "line.h"

#define IN_CHUNK 4096

struct in {
	char chunk[IN_CHUNK];
	struct line_feed feed;
	const char *data;
	size_t left;
	int fd; /* for poll(2); -1 when closed */
	bool eof;
};

/* Writes to no buffer: it costs no memory as long as nothing comes. */
void in_open(struct in *in, int fd);
/* One read(2), after poll(2) said POLLIN or POLLHUP.  False at end of input
 * or on an error: in->eof is set, in->fd is -1. */
bool in_fill(struct in *in);
/* The next whole line of what was read, or NULL; text is good until the next
 * call. */
char *in_line(struct in *in);

#endif
