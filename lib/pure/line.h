/* The line format that makes the tools compose (DESIGN 2.1):
 *
 *	WORD SUBJECT key=value key=value ...
 *
 * At most LINE_MAX_LEN bytes with the newline, so that one write(2) to a FIFO
 * is atomic.  In a value anything but printable ASCII, and '%', is percent-
 * encoded.  Reader and writer work on buffers of the caller. */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_MAX_LEN 1024
#define LINE_KV_MAX  64

/* ---- Reading: fed, never reads by itself. */

struct line_feed {
	char buf[LINE_MAX_LEN];
	size_t len;
	bool skipping;	  /* inside a line that was too long */
	uint64_t dropped; /* lines too long or with control bytes */
};

/* Takes bytes as they come.  Call with *data, *n until it returns NULL; each
 * other return is one whole line without its newline, NUL-terminated, valid
 * until the next call.  *data and *n advance. */
char *line_next(struct line_feed *f, const char **data, size_t *n);

struct line_kv {
	const char *key, *value;
};

struct line {
	const char *word, *subject;
	struct line_kv kv[LINE_KV_MAX]; /* further ones are left out */
	size_t nkv;
};

/* Takes a line apart in place: spaces become NUL, values are decoded.  False
 * when there is no word and subject. */
bool line_parse(struct line *l, char *text);
/* The value of a key, or NULL. */
const char *line_get(const struct line *l, const char *key);

/* What a word means to a follower (DESIGN 2.1, 3.1, 3.2). */
enum line_word {
	WORD_OTHER, /* skip */
	WORD_MASTER,
	WORD_BACKUP,
	WORD_FAULT,
	WORD_INIT,
	WORD_UP,
	WORD_DOWN,
};

enum line_word line_word(const char *word);
/* MASTER and UP. */
bool line_word_is_up(enum line_word w);

/* ---- Writing, as a line or as a JSON object. */

struct line_out {
	char buf[LINE_MAX_LEN];
	size_t len;
	bool json;
	bool full; /* a pair did not fit and was left out */
};

void line_begin(
	struct line_out *o, bool json, const char *word, const char *subject);
/* One more fact; false when it does not fit: the line stays as it was. */
bool line_str(struct line_out *o, const char *key, const char *value);
bool line_num(struct line_out *o, const char *key, uint64_t value);
/* A number whose text the caller made, such as -3 or 0.25. */
bool line_raw(struct line_out *o, const char *key, const char *text);
/* Ends the line with its newline; returns its length. */
size_t line_end(struct line_out *o);

#endif
