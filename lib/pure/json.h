/* JSON (RFC 8259) into a buffer of the caller.  Text need not be UTF-8: a byte
 * beyond printable ASCII goes as \u00XX. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_ESC_MAX 6

struct json {
	char *buf;
	size_t size, len;
	bool full;  /* something did not fit; nothing is written from then on */
	bool comma; /* goes before the next value */
};

/* The text of one byte inside a string; returns its length. */
size_t json_escape(char out[JSON_ESC_MAX], char c);

void json_init(struct json *j, char *buf, size_t size);
/* key is NULL inside an array and at the top.  what: '{' or '['. */
void json_open(struct json *j, const char *key, char what);
/* what: '}' or ']'. */
void json_close(struct json *j, char what);
void json_str(struct json *j, const char *key, const char *value);
void json_num(struct json *j, const char *key, uint64_t value);
void json_int(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
/* A value whose text the caller made: a number with a fraction, null. */
void json_raw(struct json *j, const char *key, const char *text);

#endif
