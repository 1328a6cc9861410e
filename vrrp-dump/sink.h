/* stdout: lines gather in one buffer and leave in large writes. */
#ifndef SINK_H
#define SINK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "txt.h"

#define SINK_SIZE (256 * 1024)

struct sink {
	int fd;
	bool eager;			   /* each record at once */
	const volatile sig_atomic_t *stop; /* give up when nothing goes out */
	bool dead; /* the reader went, or the disk is full */
	int err;
	size_t len;
	char buf[SINK_SIZE];
};

void sink_init(
	struct sink *s, int fd, const volatile sig_atomic_t *stop, bool eager);
/* Room for a record of up to `room` bytes; to be given back to sink_put(). */
struct txt sink_room(struct sink *s, size_t room);
void sink_put(struct sink *s, const struct txt *t);
/* Ends a record, which may have been put in several parts. */
void sink_end(struct sink *s);
void sink_flush(struct sink *s);

#endif
