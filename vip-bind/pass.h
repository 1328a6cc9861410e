/* Lines in batches: taken from stdin, and passed on to stdout in order once
 * they were acted on.  While stdout has no room only the newest line of each
 * subject is kept. */
#ifndef PASS_H
#define PASS_H

#include "holder.h"
#include "in.h"
#include "out.h"

#define PASS_BYTES (80 * 1024) /* a full pipe of 64 kB fits */
#define PASS_LINES 8192
#define NO_SUBJECT (-1)

struct pass_line {
	uint32_t off;
	uint16_t len;	 /* with the newline */
	int16_t subject; /* in the holder; NO_SUBJECT: none of concern */
	bool up;
	bool drop; /* is not passed on */
	bool news; /* it made its subject go up or down */
};

struct pass {
	struct in in;
	struct out out;
	size_t len, n;
	char buf[PASS_BYTES];
	struct pass_line lines[PASS_LINES];
	size_t stale;	 /* bytes in the pipe that came before we woke */
	bool read_stale; /* the batch is of those */
	struct pass_last {
		uint16_t len;	/* 0: none yet */
		uint64_t order; /* of being kept back; 0: it is out */
		char text[LINE_MAX_LEN];
	} last[HOLD_SUBJECTS];
	uint64_t order;
	size_t nkept;
	uint64_t lost; /* lines of no subject for which there was no room */
};

/* In and out are stdin and stdout. */
void pass_open(struct pass *p);
/* What is in the pipe now is too old to be believed. */
void pass_mark_stale(struct pass *p);
/* Begins a batch: reads what is there, as far as it fits. */
void pass_read(struct pass *p, void (*take)(void *arg, struct pass_line *l),
	void *arg);
/* The text of a line of the batch, without newline, into buf of
 * LINE_MAX_LEN. */
char *pass_text(const struct pass *p, const struct pass_line *l, char *buf);
/* Passes the batch on and ends it. */
void pass_on(struct pass *p, struct mono now);
/* Writes the newest lines of the subjects once more. */
void pass_again(struct pass *p, const struct holder *h, struct mono now);
/* There may be room again. */
void pass_flush(struct pass *p, struct mono now);

#endif
