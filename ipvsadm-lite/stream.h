/* A filter of lines: stdin to stdout, with signals and a deadline.  A line is
 * passed on after it was acted on; while stdout has no room the newest of each
 * subject is kept. */
#ifndef STREAM_H
#define STREAM_H

#include <sys/types.h>

#include "in.h"
#include "line.h"
#include "options.h"
#include "out.h"

#define STREAM_BYTES	(80 * 1024) /* a full pipe of 64 kB fits */
#define STREAM_LINES	8192
#define STREAM_SUBJECTS 16384

struct stream {
	struct options *o;
	struct in in;
	struct out out;
	struct mono now; /* of this turn */
	int sigs;
	pid_t prog;
	bool stop, again, hup; /* TERM or INT, USR1, HUP came */
	/* the batch */
	size_t len, n;
	char buf[STREAM_BYTES];
	struct stream_line {
		uint32_t off;
		uint16_t len;	 /* with the newline */
		int32_t subject; /* the caller's number; -1: none */
	} lines[STREAM_LINES];
	/* kept back, by subject */
	size_t nkept;
	struct stream_kept {
		uint16_t len; /* 0: none */
		char text[LINE_MAX_LEN];
	} kept[STREAM_SUBJECTS];
	uint64_t lost;
};

/* Starts PROG, opens the signals; dies 111. */
void stream_open(struct stream *s, struct options *o);
/* Waits for input, a signal, or the deadline. */
void stream_wait(struct stream *s, struct mono deadline);
/* Reads what is there.  take() returns the number of the line's subject. */
void stream_read(
	struct stream *s, int (*take)(void *arg, struct line *l), void *arg);
/* Passes the batch on. */
void stream_pass(struct stream *s);
/* A line of our own; false: no room now. */
bool stream_say(struct stream *s, const char *line, size_t len);
/* Told to stop, end of input, or no reader left. */
bool stream_over(const struct stream *s);
/* Writes what was kept back, waits for PROG; an exit code. */
int stream_end(struct stream *s, int code);

#endif
