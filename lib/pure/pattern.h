/* Bytes written as text: with the escapes \r \n \t \0 \\ \xHH, or as hex
 * digits; and hex patterns in which a ? stands for any digit. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_MAX 512

struct pattern {
	uint8_t byte[PATTERN_MAX], mask[PATTERN_MAX];
	size_t n;
};

/* False for a bad escape, or more than PATTERN_MAX bytes. */
bool pattern_text(struct pattern *p, const char *s);
/* Pairs of hex digits, blanks between pairs as one likes; ? is any digit. */
bool pattern_hex(struct pattern *p, const char *s);
/* No digit was left open: can be sent. */
bool pattern_is_exact(const struct pattern *p);
/* Does it occur in the data?  An empty one does. */
bool pattern_in(const struct pattern *p, const void *data, size_t n);

#endif
